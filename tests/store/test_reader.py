"""The tables as readers see them, also while the run goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from tests.store.records import ids, new, target, visit

from linkhaul.model.columns import LINKS, PAGES, names
from linkhaul.model.records import Failure, Link
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal
from linkhaul.store.opening import open_to_read
from linkhaul.store.reader import count, failures, last_visit, links_between, outcomes, pages_between

A = "https://a.example"


def filled(connection: sqlite3.Connection, upto: int, *, links: int = 3) -> Journal:
    """Visit pages 1 to `upto`, each with links to its neighbours."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    for number in range(1, upto + 1):
        journal.add_urls([new(frontier, f"{A}/{number}")])
        seen = visit(target(f"{A}/{number}"), [f"{A}/{number + n}" for n in range(links)])
        journal.add_visits([(seen, True)], ids(seen))
    journal.commit()
    return journal


@pytest.mark.parametrize(("view", "columns"), [("links", LINKS), ("pages", PAGES)])
def test_the_views_have_the_columns_of_the_rows(connection: sqlite3.Connection, view: str, columns: tuple[object, ...]) -> None:
    """The published tables begin with the columns of the rows, in their order."""
    cursor = connection.execute(f"SELECT * FROM {view}")
    expected = names(LINKS if view == "links" else PAGES)
    assert [column[0] for column in cursor.description][: len(expected)] == expected


def test_the_published_tables_are_there(connection: sqlite3.Connection) -> None:
    """What the docs promise can be queried."""
    for view in ("links", "pages", "urls", "hops", "hosts"):
        assert connection.execute(f"SELECT count(*) FROM {view}").fetchone() == (0,)


def test_links_come_by_visits(connection: sqlite3.Connection) -> None:
    """Links come as `Link`s in the order they were stored, those of the visits asked for."""
    filled(connection, 5)
    every = list(links_between(connection, 0, 5))
    assert [(link.page_url, link.n) for link in every] == [(f"{A}/{number}", n) for number in range(1, 6) for n in (1, 2, 3)]
    assert {(type(link), type(link.internal), type(link.download)) for link in every} == {(Link, bool, bool)}
    assert list(links_between(connection, 2, 4)) == every[6:12]
    assert list(links_between(connection, 5, 5)) == []
    assert (count(connection, "links"), count(connection, "pages"), last_visit(connection)) == (15, 5, 5)


def test_each_url_once_where_it_is_found_first(connection: sqlite3.Connection) -> None:
    """With `first_only` a URL comes once, from the first link that names it, whatever range is asked for."""
    filled(connection, 4)
    connection.execute("INSERT INTO first_link SELECT url_id, min(id) FROM link GROUP BY url_id")
    first = list(links_between(connection, 0, 4, first_only=True))
    assert [(link.page_url, link.n) for link in first] == [
        (f"{A}/1", 1),
        (f"{A}/1", 2),
        (f"{A}/1", 3),
        (f"{A}/2", 3),
        (f"{A}/3", 3),
        (f"{A}/4", 3),
    ]
    assert list(links_between(connection, 2, 4, first_only=True)) == first[4:]
    assert {link.kind for link in first} == {"page"}


def test_pages_come_by_visits(connection: sqlite3.Connection) -> None:
    """Rows of pages come in order, those asked for."""
    filled(connection, 4)
    rows = list(pages_between(connection, 1, 3))
    assert [row[names(PAGES).index("url")] for row in rows] == [f"{A}/2", f"{A}/3"]
    assert {len(row) for row in rows} == {len(PAGES)}


def test_failures_are_counted_with_an_example(connection: sqlite3.Connection) -> None:
    """What failed is counted by kind, the most frequent first, with a sentence."""
    journal = filled(connection, 2)
    frontier = Frontier(connection, journal)
    for number, kind in enumerate(("dns", "tls", "dns")):
        journal.add_urls([new(frontier, f"{A}/bad{number}")])
        journal.add_visits([(visit(target(f"{A}/bad{number}"), failure=Failure(kind, f"why {number}")), False)], {})  # type: ignore[arg-type]
    assert [(kind, n) for kind, n, _, _ in failures(connection)] == [("dns", 2), ("tls", 1)]
    assert failures(connection)[1][2:] == (f"{A}/bad1", "why 1")
    assert outcomes(connection) == {"failed": 3, "ok": 2}


def test_a_reader_reads_while_a_writer_writes(path: Path, connection: sqlite3.Connection) -> None:
    """A reader neither waits for the writer nor holds it up, and what it reads is one moment of the run."""
    journal = filled(connection, 30, links=100)
    frontier = Frontier(connection, journal)
    with closing(open_to_read(path)) as reader:
        rows = links_between(reader, 0, 1_000)
        begun = list(islice(rows, 10))
        for number in range(31, 61):
            journal.add_urls([new(frontier, f"{A}/{number}")])
            seen = visit(target(f"{A}/{number}"), [f"{A}/{n}" for n in range(100)])
            journal.add_visits([(seen, True)], ids(seen))
            if number % 10 == 0:
                journal.commit()
        assert len(begun) + sum(1 for _ in rows) == 30 * 100
        assert last_visit(reader) == 60
