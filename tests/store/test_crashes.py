"""A model with crashes: add, lease, finish, try again, commit and be killed, in any order."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.store.records import WALL, ids, new, visit

from linkhaul.model.records import Failure, Hop, Target
from linkhaul.model.url import host_of, url_id
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Again, Journal
from linkhaul.store.known import Known
from linkhaul.store.opening import create, open_to_write
from linkhaul.store.reader import last_visit, links_between

URLS = [f"https://h{n % 3}.example/{n}" for n in range(14)]
numbers = st.integers(0, len(URLS) - 1)


class State(NamedTuple):
    """What the model says that the run file holds."""

    queued: dict[str, tuple[int, int]]  # URL → depth, attempts
    done: dict[str, int]  # URL → links stored with its visit
    visits: int

    def copied(self) -> State:
        return State(dict(self.queued), dict(self.done), self.visits)


class Crashes(RuleBasedStateMachine):
    """One run file, a process that may die at any time, and a plain model of what must be there."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.life = 0
        self.path = Path(self.folder.name) / "0.run"
        self.now = State({}, {}, 0)
        self.committed = self.now.copied()
        self._open(create(self.path))

    def _open(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        connection.execute("PRAGMA synchronous = OFF")  # a kill is played here, not a power cut
        connection.execute("PRAGMA cache_size = 4")  # so that what is not committed reaches the files, too
        self.journal = Journal(connection)
        self.frontier = Frontier(connection, self.journal)
        self.leased: dict[str, Target] = {}

    @rule(picked=st.lists(numbers, min_size=1, max_size=5), depth=st.integers(0, 4))
    def add(self, picked: list[int], depth: int) -> None:
        """Find URLs."""
        urls = [URLS[number] for number in picked]
        self.journal.add_urls([new(self.frontier, url, depth=depth) for url in urls])
        for url in urls:
            if url not in self.now.done:
                known, attempts = self.now.queued.get(url, (depth, 0))
                self.now.queued[url] = (min(known, depth), attempts)

    @rule(host=st.integers(0, 2), most=st.integers(1, 4))
    def lease(self, host: int, most: int) -> None:
        """Take the next targets of a host: the nearest that nobody works on."""
        name = f"https://h{host}.example"
        row = self.frontier.host(self.frontier.host_id(name))
        found = self.frontier.next_targets(row, most, {one.id for one in self.leased.values()}, WALL)
        free = [self.now.queued[url][0] for url in self.now.queued if url not in self.leased and host_of(url) == name]
        assert [one.depth for one in found] == sorted(free)[:most]
        for one in found:
            assert one.url not in self.leased
            assert (one.depth, one.attempt) == self.now.queued[one.url]
            self.leased[one.url] = one

    @precondition(lambda self: self.leased)
    @rule(chosen=st.integers(0, 20), links=st.lists(numbers, max_size=4), fails=st.booleans())
    def finish(self, chosen: int, links: list[int], fails: bool) -> None:
        """Take a target to its end."""
        one = self._taken(chosen)
        seen = visit(one, [URLS[number] for number in links], failure=Failure("dns", "no such name") if fails else None)
        self.journal.add_visits([(seen, not fails)], ids(seen))
        self._done(one, 0 if fails else len(links))

    @precondition(lambda self: self.leased)
    @rule(chosen=st.integers(0, 20))
    def try_again(self, chosen: int) -> None:
        """Put a target back."""
        one = self._taken(chosen)
        self.journal.add_again([Again(one, WALL - 1, "503")])
        depth, attempts = self.now.queued[one.url]
        self.now.queued[one.url] = (depth, attempts + 1)

    @precondition(lambda self: self.leased)
    @rule(chosen=st.integers(0, 20), to=numbers)
    def redirected(self, chosen: int, to: int) -> None:
        """End at a page that another visit has read."""
        read = Known(self.connection).visit_that_read(url_id(URLS[to]))
        if read is None:
            return
        one = self._taken(chosen)
        self.journal.add_copy(one, (Hop(one.url, 302, URLS[to]),), read)
        self._done(one, 0)

    @rule()
    def commit(self) -> None:
        """Make it durable."""
        self.journal.commit()
        self.committed = self.now.copied()

    @rule()
    def kill(self) -> None:
        """Die: what the files hold at this moment is all that the next process has."""
        self.life += 1
        path = Path(self.folder.name) / f"{self.life}.run"
        for suffix in ("", "-wal"):
            if Path(f"{self.path}{suffix}").exists():
                shutil.copy(f"{self.path}{suffix}", f"{path}{suffix}")
        self.connection.close()
        self.path = path
        self.now = self.committed.copied()
        self._open(open_to_write(path))

    @invariant()
    def nothing_is_lost_and_nothing_doubled(self) -> None:
        """The run file holds what the model says."""
        rows = self.connection.execute("SELECT url, state, depth, attempts FROM urls").fetchall()
        assert {url: (depth, attempts) for url, state, depth, attempts in rows if state == "queued"} == self.now.queued
        assert {url for url, state, _, _ in rows if state == "done"} == set(self.now.done)
        assert self.frontier.count_queued() == len(self.now.queued)
        assert sorted(url for (url,) in self.connection.execute("SELECT url FROM pages")) == sorted(self.now.done)
        assert last_visit(self.connection) == self.now.visits == self.journal.last_visit
        assert sum(1 for _ in links_between(self.connection, 0, self.now.visits)) == sum(self.now.done.values())

    def teardown(self) -> None:
        self.connection.close()
        self.folder.cleanup()

    def _taken(self, chosen: int) -> Target:
        return self.leased.pop(sorted(self.leased)[chosen % len(self.leased)])

    def _done(self, one: Target, links: int) -> None:
        del self.now.queued[one.url]
        self.now.done[one.url] = links
        self.now = self.now._replace(visits=self.now.visits + 1)


TestCrashes = Crashes.TestCase
TestCrashes.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
