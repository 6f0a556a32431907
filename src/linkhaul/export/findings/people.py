"""Findings for people, in a terminal or a text file: what fails, by page; then, folded, what else there is; the coverage last.

What stands on many pages (a menu, a footer) is told once and first, with some of its pages, instead of once a page. In the log of a GitHub
job a line that holds `##[` anywhere may be taken for a command of the runner, so it is written with a space in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TextIO

from linkhaul.export.clean import clean
from linkhaul.export.findings.context import Context
from linkhaul.export.findings.wording import (
    NO_PAGE,
    Occurrence,
    by_case,
    by_page,
    counted,
    coverage_line,
    headline,
    is_moved,
    link_name,
    page_name,
    pages_of,
    quoted,
    remedy,
    rules_line,
    sorted_out,
    spot,
    what,
)
from linkhaul.model.check import Checked, Coverage

MANY_PAGES = 6
SOME = 3
MOST_REDIRECTS = 20
LONGEST_HYPERLINK = 2_000
HYPERLINKED = ("http://", "https://", "file://")


class Part(NamedTuple):
    """A piece of a line: its text, how it looks, and where it leads."""

    text: str
    style: str = ""
    url: str = ""


Line = list[Part]
_COMMAND = "##["


def write(checked: Iterable[Checked], coverage: Coverage, context: Context, stream: TextIO) -> None:
    """Write the findings as lines; on a terminal with colours, and with links that it may let one click."""
    if not context.is_terminal:
        stream.writelines(_plain(line) for line in _lines(checked, coverage, context))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, force_terminal=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in _lines(checked, coverage, context):
        text = Text()
        for part in line:
            text.append(
                part.text.replace(_COMMAND, "## ["),
                " ".join(filter(None, (part.style, f"link {part.url}" if _is_clickable(part.url) else ""))) or None,
            )
        console.print(text)


def _plain(line: Line) -> str:
    return "".join(part.text for part in line).rstrip().replace(_COMMAND, "## [") + "\n"


def _is_clickable(url: str) -> bool:
    return url.startswith(HYPERLINKED) and url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_HYPERLINK


def _lines(checked: Iterable[Checked], coverage: Coverage, context: Context) -> Iterator[Line]:
    levels = sorted_out(checked, context.rules)
    failures = levels["failure"]
    everywhere = [each for each in failures if len(pages_of(each)) >= MANY_PAGES]
    yield from _on_many_pages(everywhere, context)
    for url, found in by_page(each for each in failures if len(pages_of(each)) < MANY_PAGES):
        yield [Part(page_name(url, context) if url else NO_PAGE, "bold cyan", url)]
        for each in found:
            yield from _occurrence(each, context)
        yield []
    yield from _redirects([each for each in levels["warning"] if is_moved(each)], context)
    yield from _folded("to be looked at:", [each for each in levels["warning"] if not is_moved(each)], context)
    yield from _folded("known, in the baseline:", levels["known"], context)
    yield [Part(f"{clean(context.title)}: {headline(levels)}", "bold red" if failures else "bold green")]
    yield [Part(coverage_line(coverage))]
    moved = coverage.by_verdict.get("redirected", 0)
    if moved and context.rules.redirects == "allow":
        yield [Part(f"{counted(moved, 'link URL')} redirected; --redirects warn lists them", "dim")]
    yield [Part(f"{rules_line(context.rules)}; linkhaul {context.version}, {context.started}", "dim")]


def _on_many_pages(found: list[Checked], context: Context) -> Iterator[Line]:
    for each in sorted(found, key=lambda one: (-len(pages_of(one)), one.url)):
        pages = pages_of(each)
        yield [Part(f"on {counted(len(pages), 'page')}", "bold cyan")]
        yield from _occurrence(Occurrence(each, each.places[0]), context, with_spot=False)
        for page in pages[:SOME]:
            yield [Part("    on "), Part(page_name(page, context), "cyan", page)]
        yield [Part(f"    and {counted(len(pages) - SOME, 'more page')}; --format csv lists them all")]
        yield []


def _occurrence(found: Occurrence, context: Context, *, with_spot: bool = True) -> Iterator[Line]:
    checked, place = found
    where = spot(place) if with_spot and place is not None else ""
    yield [
        Part(f"  {where:<8}" if where else "  "),
        Part(what(checked), "red"),
        Part("  "),
        Part(link_name(checked.url, context), "", checked.url),
        Part(f"  {quoted(place)}" if quoted(place) else "", "dim"),
    ]
    yield [Part(f"    {clean(checked.verdict.detail)}", "dim")]
    if advice := remedy(checked, context):
        yield [Part(f"    {advice}", "green")]


def _redirects(found: list[Checked], context: Context) -> Iterator[Line]:
    if not found:
        return
    yield [Part(f"{counted(len(found), 'link URL')} moved for good:", "yellow")]
    for each in found[:MOST_REDIRECTS]:
        yield [Part("  "), Part(link_name(each.url, context), "", each.url), Part(f"  on {counted(len(pages_of(each)), 'page')}", "dim")]
        yield [Part(f"    {remedy(each, context)}", "green")]
    if len(found) > MOST_REDIRECTS:
        yield [Part(f"  and {len(found) - MOST_REDIRECTS:,} more; --format csv lists them all")]
    yield []


def _folded(title: str, found: list[Checked], context: Context) -> Iterator[Line]:
    if not found:
        return
    yield [Part(title, "yellow")]
    for case, alike in by_case(found):
        yield [Part(f"  {case}: {counted(len(alike), 'link URL')}", "yellow")]
        for each in alike[:SOME]:
            yield [Part("    "), Part(link_name(each.url, context), "", each.url), _first_page(each, context)]
            yield [Part(f"      {clean(each.verdict.detail)}", "dim")]
        if len(alike) > SOME:
            yield [Part(f"    and {len(alike) - SOME:,} more")]
    yield []


def _first_page(checked: Checked, context: Context) -> Part:
    pages = pages_of(checked)
    if not pages:
        return Part(f"  {NO_PAGE}", "dim")
    more = f" and {counted(len(pages) - 1, 'more page')}" if len(pages) > 1 else ""
    where = spot(checked.places[0])
    return Part(f"  on {page_name(pages[0], context)}{f':{where}' if where else ''}{more}", "dim")
