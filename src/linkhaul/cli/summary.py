"""What is said at the end: what came of the pages, where the rows are, what failed and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote

from msgspec import Struct

from linkhaul.api.runs import Run
from linkhaul.cli.clean import shortened
from linkhaul.cli.outputs import Outputs
from linkhaul.cli.remedies import remedy
from linkhaul.cli.talk import Talk
from linkhaul.config import RowSettings
from linkhaul.decide.traps import MEANINGS, Withheld
from linkhaul.insight.status import SitemapState
from linkhaul.motion.progress import Progress

MOST_KINDS = 12
MOST_FAULTS = 5
URL_SHOWN = 200
BAD = ("failed", "refused", "http-error")

Line = tuple[str, str | None]


class Ended(Struct, frozen=True, kw_only=True):
    """A job at its end.

    Attributes:
        rows: the outputs with how many rows this process wrote to each, in the order they were named.
        added_to: those of them in which other rows stood before.
        resumed: it went on with an earlier run.
        was_complete: the run of before had come to its end: it was gone on with all the same, or begun anew.
        is_crawl: it followed links.
        settings: what chose the rows.
    """

    progress: Progress
    run: Run
    outputs: Outputs
    rows: Sequence[tuple[str, int]] = ()
    added_to: frozenset[str] = frozenset()
    resumed: bool = False
    was_complete: bool = False
    is_crawl: bool = False
    settings: RowSettings = RowSettings()


def tell(talk: Talk, ended: Ended) -> None:
    """Say the summary, line by line."""
    if talk.is_quiet:
        return
    lines = (*_pages(ended), *_sources(ended), *_reached(ended), *_failures(ended), *_places(ended, talk))
    for text, style in lines:
        talk.say(text, style)


def _pages(ended: Ended) -> Iterator[Line]:
    progress, outcomes = ended.progress, ended.run.outcomes
    pages = sum(outcomes.values())
    if not pages:
        if progress.stopped_by is None:
            yield (
                "no page was read: the sources name none (in a folder .html, .htm and .xhtml files count, in a list lines with a URL)",
                "yellow",
            )
        return
    how = ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.items())
    before = f" ({progress.done_before:,} of them before)" if progress.done_before else ""
    speed = f" ({progress.done / progress.seconds:,.0f} pages/s)" if progress.seconds > 0 and progress.done else ""
    yield f"{plural(pages, 'page')}{before}: {how}", "bold"
    if _had_nothing_to_do(ended):
        yield "nothing was left to do: the run is complete", None
    else:
        yield f"{plural(progress.links, 'link')} in {duration(progress.seconds)}{speed}", None
    if sum(outcomes.get(outcome, 0) for outcome in BAD) == pages:
        yield ("the one page failed" if pages == 1 else f"NOT ONE page could be read: all {pages:,} failed"), "red"


def _had_nothing_to_do(ended: Ended) -> bool:
    return ended.resumed and ended.was_complete and not ended.progress.done and ended.progress.stopped_by is None


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


def _reached(ended: Ended) -> Iterator[Line]:
    """What a crawl came upon besides its pages: sitemaps, what it did not follow, what it withheld."""
    if not ended.is_crawl:
        return
    status = ended.run.status()
    yield from ((line, None) for line in sitemap_lines(status.sitemaps))
    yield from ((line, None) for line in beside_lines(status.urls))
    yield from ((line, "yellow" if number == 0 else None) for number, line in enumerate(withheld_lines(status.withheld)))


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


def _places(ended: Ended, talk: Talk) -> Iterator[Line]:
    for path, count in ended.rows:
        if not count and _had_nothing_to_do(ended):
            yield f"no row was missing in {path}", None
            continue
        how = "added behind the rows that were in" if path in ended.added_to else "written to"
        yield f"{plural(count, 'row')} {how} {'standard output' if path == '-' else path}", "green"
    if ended.was_complete and not ended.resumed and ended.added_to:
        yield (
            "this command had come to its end before, so it read all anew and added the rows once more; --overwrite replaces them",
            "yellow",
        )
    yield from _left_out(ended)
    if not ended.rows and ended.run.outcomes:
        yield "the rows are in the run file only; '-o links.csv' writes them to a file", None
    if ended.is_crawl:
        yield f"run file: {ended.run.path} ('linkhaul status' and 'linkhaul explain' ask it)", None
    elif talk.is_verbose or (not ended.rows and ended.run.outcomes):
        yield f"run file: {ended.run.path}", None
    why = ended.progress.stopped_by
    if why == "interrupt":
        yield talk.if_stopped, "bold"
    elif why == "retry-after":
        yield "hosts asked us to stay away for long; to go on, give the same command again later", "bold"
    elif why is not None:
        yield f"stopped by --{why.replace('_', '-')}; with a larger one the same command goes on", "bold"


def _left_out(ended: Ended) -> Iterator[Line]:
    """Why there are fewer rows than links. A run that is gone on with may also write rows of before, so nothing is told of it."""
    written = [count for _, count in ended.rows[: len(ended.outputs.links)]]
    left_out = ended.progress.links - min(written, default=ended.progress.links)
    if ended.resumed or left_out <= 0:
        return
    settings = ended.settings
    chosen = [f"--{settings.only}"] if settings.only else []
    chosen += ["--match"] if settings.match else []
    chosen += ["the setting exclude" if ended.is_crawl else "--exclude"] if settings.exclude else []
    why = [f"{' and '.join(chosen)} chose the rows"] if chosen else []
    why += ["--unique writes each URL once"] if settings.unique else []
    why = why or ["rows are what leads to http or https; --kinds all has the rest, such as mailto:"]
    yield f"{plural(left_out, 'link')} not written: {', '.join(why)}", None


def sitemap_lines(state: SitemapState) -> Iterator[str]:
    """Say what the sitemaps gave; nothing where there was none."""
    if state.done or state.queued:
        waiting = f", {state.queued:,} more not read yet" if state.queued else ""
        yield f"{plural(state.done, 'sitemap')} read, with {plural(state.found, 'URL')}{waiting}"
    for url, fault in state.faults:
        yield f"sitemap {shortened(url, URL_SHOWN)}: {shortened(fault, 2 * URL_SHOWN)}"


def beside_lines(urls: Sequence[tuple[str, str, int]]) -> Iterator[str]:
    """Say how many URLs are known and not followed, by the rule that said so."""
    counts = [(reason, count) for state, reason, count in urls if state == "recorded" and reason != "redirect"]
    if counts:
        rules = ", ".join(f"{reason} {count:,}" for reason, count in counts)
        yield f"{plural(sum(count for _, count in counts), 'URL')} known and not followed: {rules}"


def withheld_lines(withheld: Sequence[Withheld]) -> Iterator[str]:
    """Say what the traps kept out: each pattern, why, an example, and how to let it through."""
    if not withheld:
        return
    yield f"{plural(sum(entry.count for entry in withheld), 'URL')} withheld, as they look like a space without an end:"
    for entry in withheld[:MOST_KINDS]:
        yield f"{entry.count:>7,}  {shortened(entry.pattern, URL_SHOWN)}: {MEANINGS[entry.reason]}"
        yield f"         such as {shortened(entry.example, URL_SHOWN)}"
        if "/" in entry.pattern:  # what was counted together has no pattern that could be named
            yield f"         let it through with --allow-pattern {quote(entry.pattern)}"
    if len(withheld) > MOST_KINDS:
        rest = withheld[MOST_KINDS:]
        yield f"{sum(entry.count for entry in rest):>7,}  of {len(rest)} other patterns; 'linkhaul status RUN --json' has them all"


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
