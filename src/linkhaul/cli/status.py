"""`linkhaul status`: how a run stands, also while it goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from linkhaul.cli.answers import answer, answer_json, json_option, run_argument
from linkhaul.cli.flags import Verb

EPILOG = """\b
Examples:
  linkhaul status site.run
  linkhaul status site.run --json"""

STATES = ("done", "queued", "recorded", "withheld")
MEANINGS = {
    "running": "it is being worked on",
    "stopped": "it was stopped in order",
    "finished": "it has come to its end",
    "broken-off": "whoever worked on it has gone without a word; nothing that was committed is lost",
}
MOST = 12


@click.command("status", cls=Verb, epilog=EPILOG)
@run_argument
@json_option
def status(*, run_file: str, as_json: bool) -> int:
    """Say how a run stands.

    What is done and left, what stands in its way, who works on it: asked of the run file RUN, where the run may go on
    meanwhile. Nothing is changed.
    """
    from linkhaul.api.doors import open_run

    found = open_run(run_file).status()
    if as_json:
        answer_json(found)
    else:
        answer(_lines(found))
    return 0


def _lines(found: Any) -> Iterator[str]:
    from linkhaul.cli.summary import beside_lines, sitemap_lines, withheld_lines

    yield f"{found.path}: {found.verb}, {found.state}: {_standing(found)}"
    yield found.scope
    if found.settings:
        yield "settings: " + ", ".join(f"{name} {_shown(value)}" for name, value in found.settings.items())
    yield ""
    for state in STATES:
        reasons = [(reason, count) for its, reason, count in found.urls if its == state]
        if reasons:
            yield f"{sum(count for _, count in reasons):>9,} {state:<8}  {_listed(reasons)}"
    if found.outcomes:
        yield "pages: " + ", ".join(f"{count:,} {outcome}" for outcome, count in found.outcomes.items())
    yield from _speed(found)
    yield from sitemap_lines(found.sitemaps)
    yield from _failures(found)
    yield from _hosts(found)
    yield from withheld_lines(found.withheld)
    yield from _outputs(found)
    yield from _next(found, bool(list(beside_lines(found.urls))))


def _standing(found: Any) -> str:
    if found.worked_on_by:
        return f"{found.worked_on_by} works on it"
    if found.stopped_by:
        how = "an interrupt" if found.stopped_by == "interrupt" else found.stopped_by.replace("_", "-")
        return f"{MEANINGS[found.state]}, by {how}"
    return MEANINGS[found.state]


def _shown(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _listed(counts: Sequence[tuple[str, int]]) -> str:
    shown = [f"{reason or 'no reason'} {count:,}" for reason, count in counts[:MOST]]
    rest = counts[MOST:]
    return ", ".join([*shown, f"others {sum(count for _, count in rest):,}"] if rest else shown)


def _speed(found: Any) -> Iterator[str]:
    if found.pages_per_s is not None:
        recent = f", {found.recent_pages_per_s:,.1f} of late" if found.recent_pages_per_s is not None else ""
        yield f"speed: {found.pages_per_s:,.1f} pages/s{recent}; the last page began at {found.last_visit_at}"


def _failures(found: Any) -> Iterator[str]:
    from linkhaul.cli.remedies import remedy

    if found.failures:
        yield "failed:"
    for kind, count, url, _ in found.failures[:MOST]:
        yield f"{count:>9,} {kind}: {remedy(kind)}; such as {url}"
    if len(found.failures) > MOST:
        yield f"          and {len(found.failures) - MOST:,} other kinds; --json has them all"


def _hosts(found: Any) -> Iterator[str]:
    for name, hosts, count in (
        ("parked", found.parked, found.parked_count),
        ("unreachable", found.unreachable, found.unreachable_count),
        ("asked us to stay away until", found.held, len(found.held)),
    ):
        for entry in hosts[:MOST]:
            yield f"host {name}: {entry.host}: {entry.why}"
        if count > MOST:
            yield f"  and {count - MOST:,} more; 'linkhaul export {found.path} --table hosts -o hosts.csv' has them all"


def _outputs(found: Any) -> Iterator[str]:
    for output in found.outputs:
        if output.mark == "whole":
            far = "written whole"
        elif output.mark is None:
            far = "not written yet: its format is written at the end"
        else:
            far = "up to date" if output.upto == found.visits else f"up to visit {output.upto:,} of {found.visits:,}"
        yield f"output {output.path} ({output.table}, {output.format}): {far}"


def _next(found: Any, has_more: bool) -> Iterator[str]:
    yield f"run file: {found.bytes / 1e6:,.1f} MB"
    if found.worked_on_by is None and (found.queued or found.state == "broken-off"):
        yield "to go on, give the same command again"
    if has_more:
        yield f"why a URL was not fetched: linkhaul explain {Path(found.path)} URL"
