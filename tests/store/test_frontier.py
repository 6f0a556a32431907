"""The queue on disk: hosts with work, and a host's next targets."""

from __future__ import annotations

import sqlite3

import pytest
from tests.store.records import WALL, new, target, visit

from linkhaul.store import frontier as frontier_module
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Again, Journal

A = "https://a.example"
B = "https://b.example"


def test_targets_come_nearest_first(connection: sqlite3.Connection) -> None:
    """A host's targets come by depth, and within a depth in the order they were found; those held are left out."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    for path, depth in (("c", 2), ("a", 0), ("d", 1), ("b", 1), ("e", 0)):
        journal.add_urls([new(frontier, f"{A}/{path}", depth=depth)])
    row = frontier.host(frontier.host_id(A))
    found = frontier.next_targets(row, 9, (), WALL)
    assert [one.url.rpartition("/")[2] for one in found] == ["a", "e", "d", "b", "c"]
    assert frontier.next_targets(row, 2, {found[0].id, found[2].id}, WALL) == [found[1], found[3]]
    assert frontier.next_targets(row, 9, {one.id for one in found}, WALL) == []


def test_only_queued_targets_of_that_host_come(connection: sqlite3.Connection) -> None:
    """What is done or only recorded, and what belongs to another host, is not given out."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    journal.add_urls([new(frontier, f"{A}/done"), new(frontier, f"{A}/open"), new(frontier, f"{B}/x")])
    journal.add_urls([new(frontier, f"{A}/out", state="recorded")])
    journal.add_visits([(visit(target(f"{A}/done")), True)], {})
    row = frontier.host(frontier.host_id(A))
    assert [one.url for one in frontier.next_targets(row, 9, (), WALL)] == [f"{A}/open"]
    assert frontier.count_queued() == 2


def test_hosts_with_work_come_in_order(connection: sqlite3.Connection) -> None:
    """Hosts that have something queued are given by their numbers, in lots."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    hosts = [f"https://h{n}.example" for n in range(10)]
    journal.add_urls([new(frontier, f"{host}/") for host in hosts])
    for host in hosts[::3]:
        journal.add_visits([(visit(target(f"{host}/")), True)], {})
    numbers = [frontier.host_id(host) for n, host in enumerate(hosts) if n % 3]
    assert frontier.hosts_with_work(0, 4) == numbers[:4]
    assert frontier.hosts_with_work(numbers[3], 100) == numbers[4:]
    assert frontier.hosts_with_work(numbers[-1], 100) == []


def test_a_host_that_was_typed_stays_typed(connection: sqlite3.Connection) -> None:
    """A host that the user named is told from one that a page named, in whatever order they come."""
    frontier = Frontier(connection, Journal(connection))
    assert frontier.host_id(A) == frontier.typed_host_id(A) == frontier.host_id(A)
    frontier.host_id(B)
    assert [frontier.host(frontier.host_id(host)).typed for host in (A, B)] == [True, False]


def test_the_queue_uses_its_index(connection: sqlite3.Connection) -> None:
    """What the engine asks again and again never walks the whole table."""
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    frontier = Frontier(connection, Journal(connection))
    row = frontier.host(frontier.host_id(A))
    asked.clear()
    frontier.next_targets(row, 9, (), WALL)
    frontier.hosts_with_work(0, 5)
    frontier.next_retry_at(row.id, WALL)
    connection.set_trace_callback(None)
    for sql in asked:
        plan = " ".join(step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {sql}"))
        assert "SCAN url" not in plan, (sql, plan)
        assert "TEMP B-TREE" not in plan, (sql, plan)
    assert len(asked) == 4


def steps_of_a_refill(connection: sqlite3.Connection, host: str, waiting: int) -> int:
    """Return how many hundreds of SQLite's steps a host's next targets cost beside so many waiting retries."""
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    urls = [f"{host}/{number}" for number in range(waiting + 40)]
    journal.add_urls([new(frontier, url) for url in urls])
    journal.add_again([Again(target(url), WALL + 100 + n, "503") for n, url in enumerate(urls[:waiting])])
    row = frontier.host(frontier.host_id(host))
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(count, 100)
    assert [one.url for one in frontier.next_targets(row, 32, (), WALL)] == urls[waiting : waiting + 32]
    assert frontier.next_retry_at(row.id, WALL) == (WALL + 100 if waiting else None)
    connection.set_progress_handler(None, 0)
    journal.commit()
    return steps


def test_waiting_retries_are_not_looked_through(connection: sqlite3.Connection) -> None:
    """A host's next targets cost the same beside three thousand retries that wait as beside three."""
    few = steps_of_a_refill(connection, A, 3)
    assert steps_of_a_refill(connection, B, 3_000) <= few + 1


def test_retries_that_are_due_come_in_lots(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many retries that are due at once none is lost: the longest due come first, nearest to a seed first among them."""
    monkeypatch.setattr(frontier_module, "MOST_DUE", 2)
    journal = Journal(connection)
    frontier = Frontier(connection, journal)
    journal.add_urls([new(frontier, f"{A}/{depth}", depth=depth) for depth in range(5)])
    journal.add_again([Again(target(f"{A}/{depth}", depth=depth), WALL - depth, "503") for depth in range(4)])
    row = frontier.host(frontier.host_id(A))
    held: set[int] = set()
    came = []
    while found := frontier.next_targets(row, 1, held, WALL):
        held.update(one.id for one in found)
        came += [(one.depth, one.attempt) for one in found]
    assert came == [(2, 1), (0, 1), (1, 1), (3, 1), (4, 0)]
    assert frontier.next_retry_at(row.id, WALL) is None
