"""Addresses that do not work or lead elsewhere, each with how many pages link to it and how much of the site's link score they have."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from msgspec import Struct

from linkhaul.insight.report.asked import Asked

Share = Callable[[Sequence[int]], float]
"""Gives how much of the link score some pages, named by their ids, have together: 0 to 1."""

REFUSING = (401, 403, 407, 429, 451, 999)
"""Statuses that say that programs, or strangers, are not wanted; a person may well see the page."""

# The troubled ones are looked up by an index that SQLite makes in memory, so all links are read once, in their order.
_LINKED = """
WITH troubled AS MATERIALIZED (
    SELECT u.id FROM visit v JOIN url u ON u.visit = v.id AND u.id = v.url_id
    WHERE u.purpose <> 'probe' AND (v.outcome IN ('http-error', 'failed') OR v.hops > 0)
)
SELECT l.url_id, v.page_id, count(*), v.final_url FROM link l JOIN troubled t ON t.id = l.url_id JOIN visit v ON v.id = l.id >> 20
GROUP BY l.url_id, v.page_id ORDER BY l.url_id
"""
_TROUBLED = """
SELECT u.id, v.url, v.outcome, v.status, coalesce(v.failure, ''), coalesce(v.detail, ''), v.final_url, v.hops,
    coalesce((SELECT min(hop.status IN (301, 308)) FROM hop WHERE hop.visit = v.id), 0)
FROM visit v JOIN url u ON u.visit = v.id AND u.id = v.url_id
WHERE u.purpose <> 'probe' AND (v.outcome IN ('http-error', 'failed') OR v.hops > 0) ORDER BY u.id
"""

_TABLE = """
CREATE TEMP TABLE troubled (
    url TEXT, outcome TEXT, status INTEGER, failure TEXT, detail TEXT, final_url TEXT, hops INTEGER, is_permanent INTEGER,
    pages INTEGER, links INTEGER, score REAL, example TEXT
)
"""

_INSERT = "INSERT INTO troubled VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SORTED = "SELECT * FROM temp.troubled ORDER BY pages DESC, url"


class Touched(Struct, frozen=True):
    """An address that does not work or leads elsewhere.

    Attributes:
        is_permanent: every redirect on the way says that it is for good.
        pages, links: how many link to it; `example` is one of the pages.
        score: the share of the site's link score that these pages have together; None where it is not known.
    """

    url: str
    outcome: str
    status: int | None
    failure: str
    detail: str
    final_url: str
    hops: int
    is_permanent: bool
    pages: int = 0
    links: int = 0
    score: float | None = None
    example: str | None = None

    @property
    def is_broken(self) -> bool:
        """Nothing is there, for a person either."""
        return self.outcome == "failed" or (self.outcome == "http-error" and self.status not in REFUSING)

    @property
    def why(self) -> str:
        """Why it does not work, in a word."""
        return str(self.status) if self.outcome == "http-error" else self.failure


class Troubled:
    """These addresses, the one that the most pages link to first; they are kept in a temporary table of the run's connection.

    Cost: a pass over all links; iterating, a sort of what was found.
    """

    def __init__(self, asked: Asked, share: Share | None) -> None:
        self._asked = asked
        asked.connection.execute("PRAGMA query_only = 0")  # the file is opened to read only; our own table is temporary
        asked.connection.execute("DROP TABLE IF EXISTS temp.troubled")
        asked.connection.execute(_TABLE)
        asked.connection.executemany(_INSERT, _rows(asked, share))
        asked.connection.commit()

    def __iter__(self) -> Iterator[Touched]:
        for url, outcome, status, failure, detail, final_url, hops, is_permanent, *links in self._asked.rows(_SORTED):
            yield Touched(url, outcome, status, failure, detail, final_url, hops, bool(is_permanent), *links)


def _rows(asked: Asked, share: Share | None) -> Iterator[tuple[object, ...]]:
    """Yield the cells of each address; what links to it is read beside it, in the same order."""
    linked = _linked(asked, share)
    unlinked = (0, 0, None if share is None else 0.0, None)
    its = next(linked, None)
    for id, *cells in asked.rows(_TROUBLED):
        while its is not None and its[0] < id:
            its = next(linked, None)
        yield (*cells, *(its[1:] if its is not None and its[0] == id else unlinked))


def _linked(asked: Asked, share: Share | None) -> Iterator[tuple[int, int, int, float | None, str | None]]:
    """Yield for each of the addresses that is linked at all: its id, pages, links, their share of the score, one of the pages."""
    for id, group in groupby(asked.rows(_LINKED), key=itemgetter(0)):
        pages, links, example = array("q"), 0, None
        for _, page_id, count, url in group:
            pages.append(page_id)
            links += count
            example = url if example is None else min(example, url)
        yield id, len(pages), links, share(pages) if share else None, example
