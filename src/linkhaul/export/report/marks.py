"""Text and links of a report in HTML: everything from the web made harmless, and apart from the direction of the text around it."""

from __future__ import annotations

import re
from html import escape

from linkhaul.export.clean import clean, shortened
from linkhaul.model.columns import Column, Value

MOST_TEXT = 160
"""Characters of a cell that are shown."""
LONGEST_LINK = 500
"""An address that is longer, as markup, is shown, cut, and leads nowhere: a report stays small whatever the web holds."""
_FAILING = frozenset({"http-error", "failed", "broken", "soft-404", "error", "went"})
_DOUBTFUL = frozenset(
    {"refused", "redirected", "blocked", "rate-limited", "needs-login", "unreachable", "unverifiable", "warning", "unknown", "unlinked"}
)


def text(value: str, most: int = MOST_TEXT) -> str:
    """Return text that is harmless, cut, and turns no neighbour around."""
    return f"<bdi>{escape(shortened(clean(value), most))}</bdi>"


def link(value: str, most: int = MOST_TEXT) -> str:
    """Return text that leads where it says, when it is an address of the web that one follows; else the text alone."""
    shown = text(value, most)
    target = escape(clean(value[: LONGEST_LINK + 1]))
    if not value.startswith(("http://", "https://")) or len(target) > LONGEST_LINK:
        return shown
    return f'<a href="{target}" rel="noreferrer noopener nofollow">{shown}</a>'


def number(value: float) -> str:
    """Return a number for a person: thousands apart, no more digits than say something."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")


def heading(column: Column) -> str:
    """Return what a column is called.

    >>> heading(Column("score_percent", "real", True, ""))
    'score %'
    """
    return column.name.replace("_percent", " %").replace("_", " ")


def plain(value: Value) -> str:
    """Return a cell as text without markup."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else number(value)


def tone(word: str) -> str:
    """Return the class of a word by which things are judged: bad, look or nothing.

    >>> tone("404"), tone("broken"), tone("blocked"), tone("ok")
    ('bad', 'bad', 'look', '')
    """
    if word in _FAILING or re.fullmatch("[45][0-9]{2}", word):
        return "bad"
    return "look" if word in _DOUBTFUL or re.fullmatch("3[0-9]{2}", word) else ""
