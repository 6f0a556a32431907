"""What is written to a run file, when it is there, and what a full disk leaves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.store.records import FOUND_AT, WALL, ids, new, target, visit

from linkhaul.errors import RunFileError
from linkhaul.model.records import Failure, Hop
from linkhaul.model.sheaf import Binder, Sheaf
from linkhaul.model.url import url_id
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Again, Journal
from linkhaul.store.opening import open_to_read, open_to_write
from linkhaul.store.reader import last_visit, links_between, value

A = "https://a.example"


@pytest.mark.parametrize("lot", [1, 3, 10, 1000])
def test_rows_are_made_in_lots(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, lot: int) -> None:
    """However many rows are made at once, every link of every visit is stored, in order, with the first of each URL."""
    monkeypatch.setattr("linkhaul.store.journal.LOT", lot)
    journal = Journal(connection, first_of=lambda _: True)
    seen = [visit(target(f"{A}/{n}"), [f"{A}/{n}/{m % 4}" for m in range(n)]) for n in (0, 7, 2, 10)]
    journal.add_urls([new(Frontier(connection, journal), one.url) for one in seen])
    journal.add_visits([(one, True) for one in seen], ids(*seen))
    assert [link[:3] for link in links_between(connection, 0, 9)] == [link[:3] for one in seen for link in one.links]
    assert len(list(links_between(connection, 0, 9, first_only=True))) == 4 + 2 + 4


@pytest.mark.parametrize("count", [1, 63, 64, 65, 130])
def test_links_come_back_whatever_their_number_and_forms(connection: sqlite3.Connection, count: int) -> None:
    """A statement takes many links and the rest go one by one; what links have in common comes back with each of them."""
    journal = Journal(connection)
    seen = visit(target(f"{A}/1"), [f"{A}/{n}" if n % 7 else None for n in range(count)])
    assert seen.page is not None
    kinds, rels = ("page", "image", "other"), (None, "nofollow", "a b")
    seen.page.links = [
        link._replace(
            kind=kinds[n % 3], rel=rels[n // 3 % 3], region="nav" if n % 5 else "main", download=n % 11 == 0, title="t" if n % 2 else None
        )
        for n, link in enumerate(seen.links)
    ]
    journal.add_visits([(seen, True)], ids(seen))
    assert list(links_between(connection, 0, 1)) == seen.links
    assert connection.execute("SELECT count(*) FROM form").fetchone()[0] == len(
        {(*link[5:8], link[9], *link[11:19]) for link in seen.links}
    )


@pytest.mark.parametrize("lot", [3, 1000])
def test_a_sheaf_is_stored_as_its_links_are(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, lot: int) -> None:
    """Pages whose links came bound stand beside others, with the same forms; afterwards the sheaf still gives its links."""
    monkeypatch.setattr("linkhaul.store.journal.LOT", lot)
    journal = Journal(connection, first_of=lambda link: link.n > 1)
    seen = [visit(target(f"{A}/{n}"), [f"{A}/{m}" if m else None for m in range(n)]) for n in (4, 0, 70, 7, 5)]
    expected = [link for one in seen for link in one.links]
    url_ids = ids(*seen)
    for one in seen[1::2] + seen[4:]:
        assert one.page is not None
        one.page.links = Sheaf(one.page.url, FOUND_AT, *Binder().bind(one.links))
    journal.add_visits([(one, True) for one in seen], url_ids)
    assert list(links_between(connection, 0, 9)) == expected == [link for one in seen for link in one.links]
    stored = connection.execute("SELECT id & 1048575, url_id, url FROM link ORDER BY id").fetchall()
    assert stored == [(link.n, url_ids[link.url] if link.url is not None else None, link.url) for link in expected]
    assert connection.execute("SELECT count(*) FROM form").fetchone()[0] == len({(*link[5:8], link[9], *link[11:19]) for link in expected})
    firsts = connection.execute("SELECT count(*), min(link_id & 1048575) FROM first_link").fetchone()
    assert firsts == (len({link.url for link in expected if link.n > 1}), 2)


def test_nothing_counts_before_the_commit(path: Path, connection: sqlite3.Connection) -> None:
    """Others see a batch when it is committed, whole; the writer sees it at once."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    journal.add_urls([new(frontier, f"{A}/1")])
    seen = visit(target(f"{A}/1"), [f"{A}/2"])
    journal.add_visits([(seen, True)], ids(seen))
    with closing(open_to_read(path)) as reader:
        assert last_visit(reader) == 0
        assert last_visit(connection) == 1
        journal.commit()
        assert last_visit(reader) == 1
        assert list(links_between(reader, 0, 1)) == seen.links


def test_what_is_not_committed_is_gone(path: Path, connection: sqlite3.Connection) -> None:
    """A connection that ends without a commit leaves the run as the last commit left it."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    journal.add_urls([new(frontier, f"{A}/1")])
    journal.commit()
    seen = visit(target(f"{A}/1"), [f"{A}/2"])
    journal.add_visits([(seen, True)], ids(seen))
    connection.close()
    with closing(open_to_write(path)) as again:
        assert Journal(again).last_visit == 0
        assert Frontier(again, Journal(again)).count_queued() == 1


def test_a_visit_is_one_row_with_its_links_and_hops(connection: sqlite3.Connection) -> None:
    """A visit, its hops, its links and the end of its target are stored together."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    journal.add_urls([new(frontier, f"{A}/1")])
    hops = (Hop(f"{A}/1", 301, f"{A}/2"), Hop(f"{A}/2", 307, f"{A}/3"))
    seen = visit(target(f"{A}/1", attempt=2), [f"{A}/x#f", None, f"{A}/y"], hops=hops)
    journal.add_visits([(seen, True)], ids(seen))
    row = connection.execute(
        "SELECT url, final_url, hops, status, outcome, links, attempts, visited_at, visit, url_id, page_id FROM pages"
    ).fetchone()
    assert row == (f"{A}/1", f"{A}/3", 2, 200, "ok", 3, 3, FOUND_AT, 1, url_id(f"{A}/1"), url_id(f"{A}/3"))
    assert connection.execute("SELECT asked, n, url, status, location FROM hops").fetchall() == [
        (f"{A}/1", 1, f"{A}/1", 301, f"{A}/2"), (f"{A}/1", 2, f"{A}/2", 307, f"{A}/3"),
    ]  # fmt: skip
    assert list(links_between(connection, 0, 1)) == seen.links
    assert connection.execute("SELECT n, url_id FROM links").fetchall() == [(1, url_id(f"{A}/x")), (2, None), (3, url_id(f"{A}/y"))]
    assert connection.execute("SELECT state, reason, attempts FROM urls").fetchall() == [("done", "redirect", 3)]


def test_a_failure_is_a_row(connection: sqlite3.Connection) -> None:
    """A visit that failed keeps its kind and sentence, and ends its target."""
    journal = Journal(connection)
    journal.add_urls([new(Frontier(connection, journal), f"{A}/1")])
    journal.add_visits([(visit(target(f"{A}/1"), failure=Failure("dns", "no such name")), False)], {})
    assert connection.execute("SELECT outcome, failure, detail, status, links FROM pages").fetchall() == [
        ("failed", "dns", "no such name", None, 0)
    ]
    assert connection.execute("SELECT state, reason FROM urls").fetchall() == [("done", "dns")]


def test_a_copy_differs_in_what_was_asked(connection: sqlite3.Connection) -> None:
    """A visit that ends at a page read before has that page's row with its own URL and hops, and no links of its own."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    journal.add_urls([new(frontier, f"{A}/page"), new(frontier, f"{A}/from")])
    seen = visit(target(f"{A}/page"), [f"{A}/x"])
    journal.add_visits([(seen, True)], ids(seen))
    journal.add_copy(target(f"{A}/from"), (Hop(f"{A}/from", 302, f"{A}/page"),), 1)
    assert connection.execute("SELECT url, final_url, hops, status, outcome, title, links FROM pages ORDER BY visit").fetchall() == [
        (f"{A}/page", f"{A}/page", 0, 200, "ok", "A title", 1), (f"{A}/from", f"{A}/page", 1, 200, "ok", "A title", 1),
    ]  # fmt: skip
    assert connection.execute("SELECT count(*) FROM links").fetchone() == (1,)
    assert journal.last_visit == 2


def test_a_url_is_new_once(connection: sqlite3.Connection) -> None:
    """Of URLs added again only the new ones count; a recorded one that is found within the scope is queued."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    one, two, three = (new(frontier, f"{A}/{n}") for n in (1, 2, 3))
    assert journal.add_urls([one, two, one]) == (2, [])
    assert journal.add_urls([one, three]) == (1, [])
    out = new(frontier, f"{A}/out", depth=3, state="recorded", parent=f"{A}/1")
    assert journal.add_urls([out]) == (1, [])
    assert journal.add_urls([new(frontier, f"{A}/out", depth=2, parent=f"{A}/2")])[0] == 1
    assert connection.execute("SELECT state, reason, depth, found_on FROM urls WHERE url LIKE '%out'").fetchone() == (
        "queued",
        "link",
        2,
        f"{A}/2",
    )


def test_a_nearer_way_is_kept_and_told_of_pages_that_are_done(connection: sqlite3.Connection) -> None:
    """A shorter way replaces a longer one, never the other way round; of pages that are done the ids are returned."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    journal.add_urls(
        [new(frontier, f"{A}/0"), new(frontier, f"{A}/1", depth=5, parent=f"{A}/0"), new(frontier, f"{A}/2", depth=5, parent=f"{A}/0")]
    )
    journal.add_visits([(visit(target(f"{A}/1", depth=5)), True)], {})
    nearer = [new(frontier, f"{A}/{n}", depth=2, parent=f"{A}/9") for n in (1, 2)]
    assert journal.add_urls(nearer) == (0, [url_id(f"{A}/1")])
    assert journal.add_urls(nearer) == (0, [])
    assert journal.add_urls([new(frontier, f"{A}/{n}", depth=7) for n in (1, 2)]) == (0, [])
    assert connection.execute("SELECT depth FROM urls ORDER BY url").fetchall() == [(0,), (2,), (2,)]


def test_numbers_go_on_after_a_restart(path: Path, connection: sqlite3.Connection) -> None:
    """The next process numbers visits behind those of the last, and queues new URLs behind the old ones."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    journal.add_urls([new(frontier, f"{A}/{n}") for n in range(3)])
    first = visit(target(f"{A}/0"), [f"{A}/x"])
    journal.add_visits([(first, True)], ids(first))
    journal.commit()
    connection.close()
    with closing(open_to_write(path)) as again:
        journal = Journal(again)
        frontier = Frontier(again, journal)
        journal.add_urls([new(frontier, f"{A}/3")])
        second = visit(target(f"{A}/1"), [f"{A}/y"])
        journal.add_visits([(second, True)], ids(second))
        journal.commit()
        assert list(links_between(again, 0, 2)) == [*first.links, *second.links]
        row = frontier.host(frontier.host_id(A))
        assert [found.url for found in frontier.next_targets(row, 9, (), WALL)] == [f"{A}/2", f"{A}/3"]


def test_values_come_back(connection: sqlite3.Connection) -> None:
    """Values of the run are stored by name and replaced."""
    journal = Journal(connection)
    journal.set_values({"state": "running", "settings": {"kinds": ["page"], "gap": 0.5}})
    journal.set_values({"state": "finished"})
    assert value(connection, "state") == "finished"
    assert value(connection, "settings") == {"kinds": ["page"], "gap": 0.5}
    assert value(connection, "nothing", 7) == 7


def test_text_of_every_kind_comes_back(connection: sqlite3.Connection) -> None:
    """NULs, control characters, astral characters and texts that look like numbers come back as they were."""
    journal = Journal(connection)
    journal.add_urls([new(Frontier(connection, journal), f"{A}/1")])
    seen = visit(target(f"{A}/1"), [f"{A}/{n}" for n in range(6)])
    assert seen.page is not None
    texts = ["a\0b", "\x1b[31m\x85\u2028", "😀 ﷽ e\u0301", "007", "1e5", ""]
    seen.page.links = [
        one._replace(text=text, title=text or None, raw=text, rel=text or None) for one, text in zip(seen.links, texts, strict=True)
    ]
    journal.add_visits([(seen, True)], ids(seen))
    assert list(links_between(connection, 0, 1)) == seen.links


def _fill(connection: sqlite3.Connection, upto: int) -> int:
    """Visit pages one by one, each in a transaction of its own; return how many were committed when the disk was full."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    for number in range(journal.last_visit, upto):
        url = f"{A}/{number}"
        journal.add_urls([new(frontier, url)])
        seen = visit(target(url), [f"{url}/{n}" for n in range(50)])
        journal.add_visits([(seen, True)], ids(seen))
        journal.commit()
    return journal.last_visit


def test_a_full_disk_loses_nothing_committed(path: Path, connection: sqlite3.Connection) -> None:
    """When there is no room the error says what to do; what was committed stays, the rest is undone, and it goes on with room."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(RunFileError, match=r"full.*nothing that was committed is lost.*make space"):
        _fill(connection, 1_000)
    connection.close()
    with closing(open_to_write(path)) as again:
        (visits, last) = again.execute("SELECT count(*), max(id) FROM visit").fetchone()
        assert 0 < visits == last < 1_000
        assert again.execute("SELECT count(*) FROM link").fetchone() == (50 * visits,)
        assert again.execute("SELECT count(*) FROM url WHERE state = 'done'").fetchone() == (visits,)
        assert again.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert _fill(again, visits + 10) == visits + 10
        assert again.execute("SELECT count(*) FROM link").fetchone() == (50 * (visits + 10),)


def test_what_follows_a_failure_is_not_written(connection: sqlite3.Connection) -> None:
    """After a batch that was taken back nothing is written, room or not: it would name numbers and forms that went with the batch."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    seen = visit(target(f"{A}/0"), [f"{A}/{n}" for n in range(9_000)])
    with pytest.raises(RunFileError, match="full"):
        journal.add_visits([(seen, True)], ids(seen))
    connection.execute("PRAGMA max_page_count = 1000000")
    small = visit(target(f"{A}/1"), [f"{A}/x"])
    writes = (
        lambda: journal.add_visits([(small, True)], ids(small)),
        lambda: journal.add_urls([new(frontier, f"{A}/2")]),
        lambda: journal.set_values({"state": "ended"}),
        journal.commit,
    )
    for write in writes:
        with pytest.raises(RunFileError, match="full"):
            write()
    assert journal.is_broken
    assert connection.execute("SELECT count(*) FROM visit").fetchone() == (0,)


def test_a_retry_goes_back_with_its_time(connection: sqlite3.Connection) -> None:
    """A retry stays queued, counts its attempt, and is not given out before its time."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    journal.add_urls([new(frontier, f"{A}/1")])
    journal.add_again([Again(target(f"{A}/1"), WALL + 10, "503")])
    row = frontier.host(frontier.host_id(A))
    assert frontier.next_targets(row, 5, (), WALL + 9.9) == []
    assert frontier.next_retry_at(row.id, WALL) == WALL + 10
    [found] = frontier.next_targets(row, 5, (), WALL + 10)
    assert (found.attempt, found.url) == (1, f"{A}/1")
    assert frontier.next_retry_at(row.id, WALL + 10) is None
