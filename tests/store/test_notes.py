"""What a run keeps besides pages and URLs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.store.records import new, target, visit

from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal
from linkhaul.store.notes import Notes
from linkhaul.store.opening import open_to_read

A = "https://a.example"


def test_counts_come_back_in_the_order_of_their_last_change(connection: sqlite3.Connection) -> None:
    """The latest state of each kind and pattern, the one changed last at the end, and none of what was deleted."""
    notes = Notes(connection, Journal(connection))
    notes.add_counts([("slots", "p", b"1"), ("names", "p", b"2"), ("slots", "q", b"3"), ("slots", "r", b"4")], [])
    notes.add_counts([("slots", "p", b"5"), ("slots", "q", None), ("slots", "never", None)], [])
    assert notes.counted() == [("names", "p", b"2"), ("slots", "r", b"4"), ("slots", "p", b"5")]


def test_what_was_withheld_is_replaced(connection: sqlite3.Connection) -> None:
    """A pattern stands once for each reason, with its latest count."""
    notes = Notes(connection, Journal(connection))
    notes.add_counts([], [("p", "dates", 1, "u"), ("p", "names", 5, "v")])
    notes.add_counts([], [("p", "dates", 9, "u")])
    assert notes.withheld() == [("p", "dates", 9, "u"), ("p", "names", 5, "v")]


def test_what_belongs_to_a_batch_is_committed_with_it(path: Path, connection: sqlite3.Connection) -> None:
    """What is stored before each commit and the batch itself are durable together; without a batch nothing is asked for."""
    journal = Journal(connection)
    notes = Notes(connection, journal)
    state = [0]

    def keep() -> None:
        state[0] += 1
        notes.add_counts([("slots", "p", b"%d" % state[0])], [])

    journal.before_commit = keep
    journal.commit()
    assert state == [0]
    for n in range(3):
        journal.add_urls([new(Frontier(connection, journal), f"{A}/{n}")])
        with closing(open_to_read(path)) as reader:
            assert reader.execute("SELECT count(*), (SELECT max(state) FROM pattern) FROM url").fetchone() == (n, b"%d" % n if n else None)
        journal.commit()
        with closing(open_to_read(path)) as reader:
            assert reader.execute("SELECT count(*), (SELECT max(state) FROM pattern) FROM url").fetchone() == (n + 1, b"%d" % (n + 1))


def test_a_decision_is_known_as_soon_as_it_is_written(connection: sqlite3.Connection) -> None:
    """What was decided on a URL is there before the commit, and follows what becomes of it."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    asked = target(f"{A}/1")
    assert frontier.decision_on(asked.id) is None
    journal.add_urls([new(frontier, asked.url)])
    assert frontier.decision_on(asked.id) == ("queued", "seed")
    journal.add_visits([(visit(asked), True)], {})
    assert frontier.decision_on(asked.id) == ("done", "ok")


def test_what_was_only_recorded_can_be_withheld(connection: sqlite3.Connection) -> None:
    """A URL that was known and not fetched is withheld when a link within the scope leads to a trap; what is queued or done stays so."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    journal.add_urls([new(frontier, f"{A}/1", state="recorded")])
    journal.add_urls([new(frontier, f"{A}/2")])
    journal.add_urls([new(frontier, f"{A}/{n}", state="withheld") for n in (1, 2)])
    assert frontier.decision_on(target(f"{A}/1").id) == ("withheld", "seed")
    assert frontier.decision_on(target(f"{A}/2").id) == ("queued", "seed")


def test_a_sitemap_is_noted_once(connection: sqlite3.Connection) -> None:
    """The same sitemap is new once, open until it was read, in the order it was met."""
    notes = Notes(connection, Journal(connection))
    assert notes.add_sitemap(f"{A}/2.xml", 0)
    assert notes.add_sitemap(f"{A}/1.xml", 1)
    assert not notes.add_sitemap(f"{A}/2.xml", 1)
    assert notes.open_sitemaps() == [(f"{A}/2.xml", 0), (f"{A}/1.xml", 1)]
    notes.end_sitemap(f"{A}/2.xml", 3, None)
    assert notes.open_sitemaps() == [(f"{A}/1.xml", 1)]
