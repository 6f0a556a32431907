"""Where in the source of a file its links stand: lines and columns for people who are to mend them.

How this works. Reading loses places, and pages are read far more often than mended; so the places are looked up afterwards, for the few
pages with something to tell, by matching the links' texts in order with what the source holds. In HTML the parser says where each attribute
stands; in Markdown, where there are many ways to write a link, the text itself is looked
for. A text that the source holds in another form than it was read is not found, and that is said.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from urllib.parse import unquote

import turbohtml

from linkhaul.read.elements import HTML, SVG

Position = tuple[int, int]
"""(line, column), both from 1; a column counts characters."""

_NAMES = frozenset(name for _, name in (*HTML, *SVG))
_SELECTOR = ",".join(f"[{name}]".replace(":", "\\:") for name in sorted(_NAMES))
_BEGIN = re.compile(r"[^=\s]+\s*=\s*[\"']?")
_FAULTS = (ValueError, LookupError, ArithmeticError, MemoryError, RuntimeError, SystemError)
_CODE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)", re.DOTALL | re.MULTILINE)
_BEFORE, _AFTER = frozenset("(<\"'=: \t\n[,"), frozenset(")>\"' \t\n#],;?")


def positions(source: str, raws: Sequence[str], *, is_markdown: bool = False) -> list[Position | None]:
    """Return where links stand: for each its line and column, or None where it is not found.

    Args:
        source: the whole text of the file.
        raws: the links' own texts (`Link.raw`) in document order; some may be left out.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")  # as the parser counts; lines and columns stay
    places = _markdown_places(source, raws) if is_markdown else _html_places(source, raws)
    starts = [0, *(found.end() for found in re.finditer("\n", source))]
    return [None if place is None else _position(starts, place) for place in places]


def _position(starts: list[int], offset: int) -> Position:
    line = bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1


def _html_places(source: str, raws: Sequence[str]) -> list[int | None]:
    """Return the offset of each link's attribute value."""
    values = _values(source)
    by_text: dict[str, list[int]] = {}
    for offset, value in values:
        by_text.setdefault(value, []).append(offset)
    return _in_order(raws, lambda raw: by_text.get(raw) or by_text.get(raw.strip()) or _within(values, raw))


def _values(source: str) -> list[tuple[int, str]]:
    """Return the attribute values of a source: (offset, text with character references decoded), in order.

    The parser says where each attribute stands; a value begins behind the = and a quote.
    """
    try:
        document = turbohtml.parse(source, source_locations=True)
    except _FAULTS:
        return []
    found: list[tuple[int, str]] = []
    for element in document.select(_SELECTOR):
        location = element.source_location
        if location is None:
            continue
        for name, span in location.attrs.items():
            value = element.attr(name) if name in _NAMES else None
            if value is None:
                continue
            begin = _BEGIN.match(source, span.start_offset, span.end_offset)
            found.append((begin.end() if begin is not None else span.start_offset, value))
    return found


def _within(values: list[tuple[int, str]], raw: str) -> list[int]:
    """Return the offsets of values that hold a link among others: srcset, style, a refresh; a base64 picture is looked up by its start."""
    start = raw[:200]
    return [offset + value.index(start) for offset, value in values if start in value] if start else []


def _markdown_places(source: str, raws: Sequence[str]) -> list[int | None]:
    """Return the offset of each link's destination; what stands in code is passed over."""
    text = _CODE.sub(lambda found: re.sub(r"[^\r\n]", "\0", found[0]), source)
    return _in_order(raws, lambda raw: _occurrences(text, raw))


def _occurrences(text: str, raw: str) -> list[int]:
    """Return where a destination stands in Markdown, as it is written or with escapes, in brackets, quotes or between spaces."""
    if not raw:
        return [found.start() + 2 for found in re.finditer(r"\]\(\s*\)", text)]
    bracketed, underlined = raw.replace("(", r"\(").replace(")", r"\)"), raw.replace("_", r"\_")
    forms = dict.fromkeys((raw, html.escape(raw, quote=False), unquote(raw), bracketed, underlined))
    found: list[int] = []
    for form in filter(None, forms):
        start = text.find(form)
        while start >= 0:
            end = start + len(form)
            if (start == 0 or text[start - 1] in _BEFORE) and (end == len(text) or text[end] in _AFTER):
                found.append(start)
            start = text.find(form, end)
        if found:
            return found
    return found


def _in_order(raws: Sequence[str], offsets_of: Callable[[str], list[int]]) -> list[int | None]:
    """Return an offset for each link: the next one behind the link before it that is not taken, or else the first one that is not.

    A link that is written once and used often, as a reference in Markdown, has one place for all of them.
    """
    known: dict[str, list[int]] = {}
    taken: set[int] = set()
    places: list[int | None] = []
    cursor = 0
    for raw in raws:
        if raw not in known:
            known[raw] = sorted(offsets_of(raw))
        offsets = known[raw]
        behind = offsets[bisect_left(offsets, cursor) :]
        place = next((offset for offset in behind if offset not in taken), None)
        if place is not None:
            cursor = place
        elif offsets:
            place = next((offset for offset in offsets if offset not in taken), offsets[-1])
        if place is not None:
            taken.add(place)
        places.append(place)
    return places
