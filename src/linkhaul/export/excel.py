"""What spreadsheets do to text, and what is done about it: the rule of `--excel` and of xlsx.

Both lose something, by this rule and no other: control characters become U+FFFD, a cell is cut at 32,767 UTF-16 units
with "…" at its end, and in a CSV a cell that would be taken for a formula gets an apostrophe in front. (An xlsx cell
says itself that it is text, so nothing is put in front of it.)

Source: Excel's specifications and limits (characters in a cell); OWASP, CSV Injection (the characters, of which line
feed and the full-width forms are the less known).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

CELL_LIMIT = 32_767
CUT = "…"
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 - the full-width forms are meant
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def scrubbed(text: str) -> str:
    """Return text that XML and a spreadsheet take: control characters other than tab and line ends are U+FFFD."""
    return _CONTROL.sub("\ufffd", text)


def cut(text: str) -> str:
    """Return at most 32,767 UTF-16 units of text, the last of them "…" if there were more; no character is halved."""
    if len(text) <= CELL_LIMIT // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL_LIMIT:
        return text
    return units[: 2 * (CELL_LIMIT - 1)].decode("utf-16-le", "ignore") + CUT


def guarded(text: str) -> str:
    """Return the text of a CSV cell that no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("1-1")
    ("'=1+1", '1-1')
    """
    return "'" + text if text.startswith(tuple(FORMULA_STARTS)) else text


def csv_cell(text: str) -> str:
    """Return what `--excel` writes for a text: scrubbed, guarded, cut."""
    return cut(guarded(scrubbed(text)))


def csv_cells(texts: Sequence[str]) -> Sequence[str]:
    """Return `csv_cell` of each text; quick where, as nearly always, nothing is to be done."""
    if _CONTROL.search("".join(texts)):
        return [csv_cell(text) for text in texts]
    return [csv_cell(text) if text and (text[0] in FORMULA_STARTS or len(text) > CELL_LIMIT // 2) else text for text in texts]
