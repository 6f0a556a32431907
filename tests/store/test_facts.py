"""Facts of pages in the run file: with their visit or not at all, and only where a run keeps them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
from tests.store.records import new, target, visit

from linkhaul.model.facts import Heading, PageFacts
from linkhaul.model.records import Visit
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal
from linkhaul.store.notes import add_listed
from linkhaul.store.opening import open_to_read

A = "https://a.example"
FACTS = PageFacts(titles=("A title",), headings=(Heading(1, "One"),), words=7)


def read(url: str, facts: PageFacts | None = FACTS) -> Visit:
    """Return a visit that read a page."""
    seen = visit(target(url), [f"{A}/x"])
    assert seen.page is not None
    seen.page.facts = facts
    return seen


def stored(connection: sqlite3.Connection) -> list[int]:
    """Return the visits that have facts."""
    return [visit for (visit,) in connection.execute("SELECT visit FROM fact ORDER BY visit")]


def test_facts_come_with_their_visit(path: Path, connection: sqlite3.Connection) -> None:
    """One transaction: who looks before the commit sees neither, after it both; a process that dies meanwhile leaves neither."""
    journal = Journal(connection)
    journal.add_urls([new(Frontier(connection, journal), f"{A}/{n}") for n in range(3)])
    journal.commit()
    journal.add_visits([(read(f"{A}/0"), True), (read(f"{A}/1", None), True)], {})
    with closing(open_to_read(path)) as other:
        assert stored(other) == []
        journal.commit()
        assert stored(other) == [1]
        assert other.execute("SELECT count(*) FROM visit").fetchone() == (2,)
    journal.add_visits([(read(f"{A}/2"), True)], {})
    connection.rollback()
    assert stored(connection) == [1]
    assert connection.execute("SELECT max(id) FROM visit").fetchone() == (2,)


def test_facts_come_back_as_they_were(connection: sqlite3.Connection) -> None:
    """As JSON without what is not there; a page that another visit has read is not stored twice."""
    journal = Journal(connection)
    journal.add_visits([(read(f"{A}/0"), True), (read(f"{A}/1"), False)], {})
    assert stored(connection) == [1]
    (text,) = connection.execute("SELECT facts FROM fact").fetchone()
    assert text == '{"titles":["A title"],"headings":[[1,"One"]],"words":7}'
    assert msgspec.json.decode(text, type=PageFacts) == FACTS


def test_what_sitemaps_name_is_listed_once(connection: sqlite3.Connection) -> None:
    """A URL in two sitemaps has two rows, twice in one has one."""
    journal = Journal(connection)
    for sitemap, ids in (("a", [1, 2, 1]), ("b", [1]), ("a", [2])):
        add_listed(journal, sitemap, ids)
    assert connection.execute("SELECT url_id, sitemap FROM listed ORDER BY 1, 2").fetchall() == [(1, "a"), (1, "b"), (2, "a")]
