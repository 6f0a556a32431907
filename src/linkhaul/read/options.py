"""What the reader of pages may be told."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from linkhaul.model.records import KINDS


class ReadOptions(Struct, frozen=True):
    """Which links to read from a page, and how many.

    Attributes:
        kinds: the kinds of link wanted, see `records.KINDS`; the fewer, the faster.
        max_links: most links read from one page; the rest is counted as withheld.
        agent: our product token, lower case: robots words addressed to it count for us.
        facts: also read what an audit needs of the page, see `model.facts`.
        document: hand the parsed document on with the page, unless facts are read: those use it up.
        likeness: with facts: makes the number of a page's text by which pages are found that are alike.
    """

    kinds: frozenset[str] = frozenset({"page"})
    max_links: int = 100_000
    agent: str = "linkhaul"
    facts: bool = False
    document: bool = False
    likeness: Callable[[str], int] | None = None


ALL_KINDS: frozenset[str] = frozenset(KINDS)
