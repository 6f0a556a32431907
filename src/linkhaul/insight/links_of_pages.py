"""The links of a run page by page, to be compared with those of another run: a hash of each page's, and the links themselves.

How this works. What links have in common is a number in a run file (see `store.schema`), and the same number may mean something else in
another. Both runs share one numbering here, so that links are the same when their rows are.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from linkhaul.store.reader import last_visit
from linkhaul.store.schema import LINK_BITS

LOT = 5_000
_EVERY = "SELECT id >> 20, coalesce(url, raw), text, title, form FROM link ORDER BY id"
_LINKS = "SELECT id >> 20, coalesce(url, raw), text, title, form FROM link WHERE id > ? AND id < ? ORDER BY id"
_FORMS = "SELECT id, rel, target, hreflang, type, region, follow, kind, tag FROM form ORDER BY id"

Fields = tuple[object, ...]
"""What links have in common: rel, target, hreflang, type, region, follow, kind and tag."""


class PageLink(NamedTuple):
    """A link as it is compared.

    Attributes:
        fields: text, rel, title, target, hreflang, type, region and follow.
        kind: kind and element.
    """

    url: str
    fields: tuple[object, ...]
    kind: tuple[object, object]

    @property
    def text(self) -> str:
        """Its text."""
        return str(self.fields[0])

    @property
    def region(self) -> object:
        """The part of the page that it stands in."""
        return self.fields[6]


class Links:
    """The links of a run's pages.

    Args:
        connection: the run file.
        known: the numbers that both runs share; what this run has besides is added.
    """

    def __init__(self, connection: sqlite3.Connection, known: dict[Fields, int]) -> None:
        self._db = connection
        self._known = known
        self._number: dict[int, int] = {}
        self._fields: dict[int, Fields] = {}

    def hashes(self) -> array[int]:
        """Return by the number of each visit a hash of its links, the same for the same links within this process. Cost: a pass over all links."""
        found = array("q", bytes(8 * (last_visit(self._db) + 1)))
        for visit, links in groupby(self._rows(self._db.execute(_EVERY)), key=itemgetter(0)):
            number = self._number
            told = tuple((url, text, title, number[form]) for _, url, text, title, form in links)
            if visit < len(found):
                found[visit] = hash(told)
        return found

    def of(self, visit: int) -> list[PageLink]:
        """Return the links of a page."""
        first = visit << LINK_BITS
        found = []
        for _, url, text, title, form in self._rows(self._db.execute(_LINKS, (first, first + (1 << LINK_BITS)))):
            rel, target, hreflang, type, region, follow, kind, tag = self._fields[self._number[form]]
            found.append(PageLink(url, (text, rel, title or None, target, hreflang, type, region, follow), (kind, tag)))
        return found

    def _rows(self, cursor: sqlite3.Cursor) -> Iterator[tuple[int, str, str, str, int]]:
        """Yield rows whose forms are known: somebody may write to the run meanwhile."""
        while rows := cursor.fetchmany(LOT):
            if not self._number.keys() >= {row[4] for row in rows}:
                self._learn()
            yield from rows

    def _learn(self) -> None:
        """Read what the numbers of forms mean."""
        for id, *fields in self._db.execute(_FORMS):
            self._number[id] = number = self._known.setdefault(tuple(fields), len(self._known))
            self._fields[number] = tuple(fields)
