"""Findings as Markdown, for a comment on a change or the summary of a GitHub job.

Whatever comes from the web stands in code spans, where nothing is markup, nobody is mentioned and no issue is referred to.

Source: GitHub takes a step's summary of at most 1 MiB, and drops a larger one as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TextIO

from linkhaul.export.clean import clean, shortened
from linkhaul.export.findings.context import Context
from linkhaul.export.findings.wording import (
    NO_PAGE,
    TEXT_SHOWN,
    counted,
    coverage_line,
    file_of,
    headline,
    is_moved,
    link_name,
    page_name,
    pages_of,
    rules_line,
    sorted_out,
    spot,
    verdicts_line,
    what,
)
from linkhaul.model.check import Checked, Coverage, Place

MOST_BYTES = 1_000_000
SPARE_BYTES = 4_000
"""What the last lines may take: who is cut short is told so."""
PLACES_SHOWN = 5
LONGEST_LINK = 2_000
HEAD = "| verdict | link | where | what to do |\n| --- | --- | --- | --- |\n"
_NOT_IN_A_TARGET = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~]")


def write(checked: Iterable[Checked], coverage: Coverage, context: Context, stream: TextIO) -> None:
    """Write the findings, and no more of them than GitHub takes."""
    levels = sorted_out(checked, context.rules)
    sheet = Sheet(stream)
    sheet.put(f"## {code(context.title)}: {headline(levels)}\n\n")
    sheet.put(f"{coverage_line(coverage)}.\n\n")
    if levels["failure"]:
        sheet.table(HEAD, (_row(each, context) for each in levels["failure"]))
    moved = [each for each in levels["warning"] if is_moved(each)]
    others = [each for each in levels["warning"] if not is_moved(each)]
    for title, found in (("moved for good", moved), ("to be looked at", others), ("known, in the baseline", levels["known"])):
        if found:
            sheet.put(f"<details><summary>{counted(len(found), 'link URL')} {title}</summary>\n\n")
            sheet.table(HEAD, (_row(each, context) for each in found))
            sheet.put("</details>\n\n")
    if sheet.left_out:
        sheet.put(f"**{sheet.left_out:,} more did not fit here; `--format csv` writes them all.**\n\n")
    sheet.put(f"<sub>{verdicts_line(coverage)}. {rules_line(context.rules)}. linkhaul {context.version}, {context.started}</sub>\n")


class Sheet:
    """A page that holds so much and not more.

    Attributes:
        left_out: rows for which there was no room.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._room = MOST_BYTES - SPARE_BYTES
        self.left_out = 0

    def put(self, text: str) -> None:
        """Write what is short and must be there."""
        self._room -= len(text.encode("utf-8", "replace"))
        self._stream.write(text)

    def table(self, head: str, rows: Iterator[str]) -> None:
        """Write as many rows as there is room for, and count the rest."""
        self.put(head)
        for row in rows:
            if len(row.encode("utf-8", "replace")) > self._room:
                self.left_out += 1 + sum(1 for _ in rows)
                break
            self.put(row)
        self.put("\n")


def code(text: str) -> str:
    r"""Return text as a code span that may stand in a table; it is harmless whatever it holds.

    >>> code("a|b`c"), code("@all")
    ('``a\\\\|b`c``', '`@all`')
    """
    text = clean(text).replace("|", "\\|").strip() or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    room = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{room}{text}{room}{fence}"


def _row(checked: Checked, context: Context) -> str:
    cells = (f"**{what(checked).replace('|', ' ')}**", _link(checked.url, context), _where(checked, context), _todo(checked, context))
    return f"| {' | '.join(cells)} |\n"


def _link(url: str, context: Context) -> str:
    """Return a URL that can be followed, when it leads to the web and is of a length that one follows."""
    shown = code(link_name(url, context))
    if not url.startswith(("http://", "https://")) or len(url) > LONGEST_LINK:
        return shown
    target = _NOT_IN_A_TARGET.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")), url)
    return f"[{shown}](<{target}>)"


def _where(checked: Checked, context: Context) -> str:
    if not checked.places:
        return NO_PAGE
    shown = [_place(place, context) for place in islice(checked.places, PLACES_SHOWN)]
    left = len(checked.places) - len(shown)
    if left:
        shown.append(f"and {left:,} more ({counted(len(pages_of(checked)), 'page')} in all)")
    return "<br>".join(shown)


def _place(place: Place, context: Context) -> str:
    where = f":{spot(place)}" if spot(place) else ""
    page = place.page_url
    shown = code(shortened(page_name(page, context), 200) + where) if file_of(page, context.root) else _link(page, context)
    return f"{shown} {code(shortened(clean(place.text), TEXT_SHOWN))}" if place.text else shown


def _todo(checked: Checked, context: Context) -> str:
    if checked.verdict.instead is not None:
        return f"write {_link(checked.verdict.instead, context)}"
    if checked.suggestion is not None:
        return f"perhaps {_link(checked.suggestion.url, context)}: {code(checked.suggestion.why)}"
    return code(shortened(clean(checked.verdict.detail), 300))
