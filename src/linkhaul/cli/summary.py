"""What is said at the end: what came of the pages, where the rows are, what failed and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from linkhaul.api.runs import Run
from linkhaul.cli.clean import shortened
from linkhaul.cli.outputs import Outputs
from linkhaul.cli.remedies import remedy
from linkhaul.cli.talk import Talk
from linkhaul.crawl.progress import Progress

MOST_KINDS = 12
MOST_FAULTS = 5
URL_SHOWN = 200
BAD = ("failed", "refused", "http-error")

Line = tuple[str, str | None]


class Ended(Struct, frozen=True, kw_only=True):
    """A job at its end.

    Attributes:
        rows: the outputs with how many rows this process wrote to each, in the order they were named.
        resumed: it went on with an earlier, unfinished run.
    """

    progress: Progress
    run: Run
    outputs: Outputs
    rows: Sequence[tuple[str, int]] = ()
    resumed: bool = False


def tell(talk: Talk, ended: Ended) -> None:
    """Say the summary, line by line."""
    if talk.is_quiet:
        return
    for text, style in (*_pages(ended), *_sources(ended), *_failures(ended), *_places(ended, is_verbose=talk.is_verbose)):
        talk.say(text, style)


def _pages(ended: Ended) -> Iterator[Line]:
    progress, outcomes = ended.progress, ended.run.outcomes
    pages = sum(outcomes.values())
    if not pages:
        if progress.stopped_by is None:
            yield "no page was read: the sources name none", "yellow"
        return
    how = ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.items())
    before = f" ({progress.done_before:,} of them before)" if progress.done_before else ""
    speed = f" ({progress.done / progress.seconds:,.0f} pages/s)" if progress.seconds > 0 and progress.done else ""
    yield f"{plural(pages, 'page')}{before}: {how}", "bold"
    yield f"{plural(progress.links, 'link')} in {duration(progress.seconds)}{speed}", None
    if sum(outcomes.get(outcome, 0) for outcome in BAD) == pages:
        yield ("the one page failed" if pages == 1 else f"NOT ONE page could be read: all {pages:,} failed"), "red"


def _sources(ended: Ended) -> Iterator[Line]:
    progress = ended.progress
    if progress.duplicates and ended.resumed:
        yield f"{plural(progress.duplicates, 'source')} known from before: a page is fetched once", None
    elif progress.duplicates:
        yield f"{plural(progress.duplicates, 'source')} named again what was named before: a page is fetched once", None
    if progress.fault_count:
        yield f"{plural(progress.fault_count, 'line')} of the sources could not be used:", "yellow"
        for fault in progress.faults[:MOST_FAULTS]:
            yield f"  {shortened(fault, URL_SHOWN)}", None
        if progress.fault_count > MOST_FAULTS:
            yield f"  and {progress.fault_count - MOST_FAULTS:,} more", None


def _failures(ended: Ended) -> Iterator[Line]:
    failures = ended.run.failures
    if not failures:
        return
    yield f"{plural(sum(count for _, count, _, _ in failures), 'page')} failed:", "yellow"
    for kind, count, url, detail in failures[:MOST_KINDS]:
        yield f"{count:>7,}  {kind}: {remedy(kind)}", None
        yield f"         {'' if count == 1 else 'such as '}{shortened(url, URL_SHOWN)}", "dim"
        if detail:
            yield f"         {shortened(detail, 2 * URL_SHOWN)}", "dim"
    if len(failures) > MOST_KINDS:
        rest = failures[MOST_KINDS:]
        yield f"{sum(count for _, count, _, _ in rest):>7,}  of {len(rest)} other kinds; the column failure of --pages has them", None


def _places(ended: Ended, *, is_verbose: bool) -> Iterator[Line]:
    for path, count in ended.rows:
        yield f"{plural(count, 'row')} written to {'standard output' if path == '-' else path}", "green"
    if not ended.rows and ended.run.outcomes:
        yield "the rows are in the run file only; '-o links.csv' writes them to a file", None
    if is_verbose or (not ended.rows and ended.run.outcomes):
        yield f"run file: {ended.run.path}", None
    why = ended.progress.stopped_by
    if why == "interrupt":
        yield "to go on, give the same command again; --fresh starts over", "bold"
    elif why is not None:
        yield f"stopped by --{why.replace('_', '-')}; with a larger one the same command goes on", "bold"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: "1 page", "2 pages"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration(seconds: float) -> str:
    """Return a time as people say it: "0.4 s", "3 min 20 s", "2 h 5 min"."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"
