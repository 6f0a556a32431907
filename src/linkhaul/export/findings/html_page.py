"""Findings as one HTML file: readable without a network, in the dark, on paper and by a screen reader.

Whatever comes from the web is made harmless and escaped, and stands apart from the direction of the text around it. The policy in the head
lets nothing be loaded and nothing run but the page's own style and script, which it names by their digests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import islice
from typing import TextIO

from linkhaul.export.clean import clean, shortened
from linkhaul.export.findings.context import Context
from linkhaul.export.findings.page_style import SCRIPT, STYLE
from linkhaul.export.findings.wording import (
    NO_PAGE,
    Occurrence,
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
from linkhaul.export.html_head import html_head
from linkhaul.model.check import VERDICTS, Checked, Coverage, Place

MANY_PAGES = 6
PLACES_SHOWN = 100
LONGEST_LINK = 2_000
COLUMNS = ("Verdict", "Link", "Where", "What was seen", "What to do")


def write(checked: Iterable[Checked], coverage: Coverage, context: Context, stream: TextIO) -> None:
    """Write the page."""
    levels = sorted_out(checked, context.rules)
    failures = levels["failure"]
    moved = [each for each in levels["warning"] if is_moved(each)]
    others = [each for each in levels["warning"] if not is_moved(each)]
    everywhere = sorted((each for each in failures if len(pages_of(each)) >= MANY_PAGES), key=lambda one: -len(pages_of(one)))
    sections = (
        ("everywhere", "Fails, on many pages", everywhere),
        ("moved", "Moved for good", moved),
        ("look", "To be looked at", others),
        ("known", "Known, in the baseline", levels["known"]),
    )
    pages = by_page(each for each in failures if len(pages_of(each)) < MANY_PAGES)
    stream.write(_head(context, headline(levels), is_bad=bool(failures)))
    stream.writelines(_summary(coverage, [("pages", "Fails, by page", len(pages)), *((i, t, len(f)) for i, t, f in sections)]))
    stream.writelines(_table(*sections[0], context))
    stream.writelines(_pages(pages, context))
    for section in sections[1:]:
        stream.writelines(_table(*section, context))
    stream.write(
        f"</main>\n<footer><p>{escape(rules_line(context.rules))}. linkhaul {escape(context.version)}, {escape(context.started)}.</p></footer>\n"
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _head(context: Context, result: str, *, is_bad: bool) -> str:
    title = escape(clean(context.title))
    said = f'<p class="{"bad" if is_bad else "good"}"><strong>{escape(result)}</strong></p>'
    return html_head(f"Links of {title}", STYLE, SCRIPT) + f"<header><h1>Links of <bdi>{title}</bdi></h1>\n{said}</header>\n<main>\n"


def _summary(coverage: Coverage, sections: list[tuple[str, str, int]]) -> Iterator[str]:
    yield f"<p>{escape(coverage_line(coverage))}.</p>\n"
    yield '<table class="counts">\n<caption>Link URLs by verdict</caption>\n<thead><tr><th scope="col">Verdict</th><th scope="col">URLs</th></tr></thead>\n<tbody>\n'
    for name in VERDICTS:
        if count := coverage.by_verdict.get(name, 0):
            yield f'<tr><th scope="row">{name}</th><td>{count:,}</td></tr>\n'
    yield "</tbody>\n</table>\n"
    there = [(anchor, title, count) for anchor, title, count in sections if count]
    if there:
        listed = "".join(f'<li><a href="#{anchor}">{title} ({count:,})</a></li>' for anchor, title, count in there)
        yield f'<nav aria-label="Sections"><ul>{listed}</ul></nav>\n'
        yield '<p id="filter" hidden><label>Show rows that hold <input type="search" autocomplete="off"></label> <output></output></p>\n'


def _pages(pages: list[tuple[str, list[Occurrence]]], context: Context) -> Iterator[str]:
    """Yield what fails, a group of rows for each page."""
    if not pages:
        return
    yield from _begin("pages", "Fails, by page", counted(len(pages), "page"))
    for url, found in pages:
        name = _link(url, page_name(url, context)) if url else NO_PAGE
        yield f'<tbody>\n<tr><th scope="rowgroup" colspan="{len(COLUMNS)}">{name}</th></tr>\n'
        for checked, place in found:
            yield _row(checked, _spot(place) if place else "", context)
        yield "</tbody>\n"
    yield "</table></div>\n</section>\n"


def _table(anchor: str, title: str, found: list[Checked], context: Context) -> Iterator[str]:
    """Yield findings, a row for each with all its places."""
    if not found:
        return
    yield from _begin(anchor, title, counted(len(found), "link URL"))
    yield "<tbody>\n"
    for each in found:
        yield _row(each, _places(each, context), context)
    yield "</tbody>\n</table></div>\n</section>\n"


def _begin(anchor: str, title: str, caption: str) -> Iterator[str]:
    heads = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    yield f'<section aria-labelledby="{anchor}">\n<h2 id="{anchor}">{title}</h2>\n<div class="wide" role="region" aria-label="{title}" tabindex="0">'
    yield f'<table class="found">\n<caption>{title}: {caption}</caption>\n<thead><tr>{heads}</tr></thead>\n'


def _row(checked: Checked, where: str, context: Context) -> str:
    verdict = checked.verdict
    link = _link(checked.url, link_name(checked.url, context))
    advice = remedy(checked, context)
    return (
        f'<tr><td class="{verdict.name}">{escape(what(checked))}</td><td>{link}</td><td>{where}</td>'
        f"<td><bdi>{escape(clean(verdict.detail))}</bdi></td><td>{f'<bdi>{escape(advice)}</bdi>' if advice else ''}</td></tr>\n"
    )


def _places(checked: Checked, context: Context) -> str:
    if not checked.places:
        return NO_PAGE
    listed = "".join(
        f"<li>{_link(place.page_url, page_name(place.page_url, context))} {_spot(place)}</li>"
        for place in islice(checked.places, PLACES_SHOWN)
    )
    left = len(checked.places) - PLACES_SHOWN
    more = f"<li>and {left:,} more; --format csv lists them all</li>" if left > 0 else ""
    if len(checked.places) == 1:
        return f"<ul>{listed}</ul>"
    summary = f"{counted(len(checked.places), 'place')} on {counted(len(pages_of(checked)), 'page')}"
    return f"<details><summary>{summary}</summary><ul>{listed}{more}</ul></details>"


def _spot(place: Place) -> str:
    shown = " ".join(filter(None, (spot(place), quoted(place))))
    return f"<bdi>{escape(shown)}</bdi>" if shown else ""


def _link(url: str, name: str) -> str:
    """Return a name that leads there, when that is an address of the web that one follows; else the name alone."""
    shown = f"<bdi>{escape(shortened(name, 200))}</bdi>"
    if not url.startswith(("http://", "https://")) or len(url) > LONGEST_LINK:
        return shown
    return f'<a href="{escape(clean(url))}" rel="noreferrer noopener nofollow">{shown}</a>'
