"""What is still to be fetched, asked of the run file: hosts with work, a host's next targets, what is known of a URL.

All of it reads through the writer's own connection, so it sees the batch that is being written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from functools import lru_cache

from msgspec import Struct

from linkhaul.model.records import Target
from linkhaul.store.journal import Journal

# Both walk the index `frontier` and stop: what waits for later is never looked at.
_NEXT = """
SELECT id, url, depth, found_via, attempts, purpose, fragments FROM url
WHERE state = 'queued' AND host_id = ? AND not_before IS NULL ORDER BY depth, seq LIMIT ?
"""
_DUE = "SELECT id FROM url WHERE state = 'queued' AND host_id = ? AND not_before <= ? ORDER BY not_before LIMIT ?"
MOST_DUE = 500
"""How many retries that are due go back among the other targets in one call: a hundred thousand at once would hold the loop up."""


class HostRow(Struct, frozen=True):
    """A host as the run file knows it; `robots_at` and `hold_until` are wall clock, seconds since 1970."""

    id: int
    host: str
    typed: bool
    robots_status: int | None
    robots_body: bytes | None
    robots_failure: str | None
    robots_at: float | None
    hold_until: float | None


class Frontier:
    """The queue of a run, which is on disk; the caller holds in memory only what it is working on.

    Attributes:
        is_resumed: an earlier process has worked on this run.
        host_id, typed_host_id: give the number of a host by its name; the second notes that the user named it.
    """

    def __init__(self, connection: sqlite3.Connection, journal: Journal) -> None:
        self._db = connection
        self._journal = journal
        self.is_resumed = connection.execute("SELECT 1 FROM url LIMIT 1").fetchone() is not None
        self.host_id = lru_cache(maxsize=65_536)(self._host_id)
        self.typed_host_id = lru_cache(maxsize=65_536)(self._typed_host_id)

    def _host_id(self, host: str) -> int:
        """Return the number of a host, giving it one when it is new."""
        row = self._db.execute("SELECT id FROM host WHERE host = ?", (host,)).fetchone()
        if row is None:
            self._journal.put("INSERT INTO host (host) VALUES (?)", [(host,)])
            row = self._db.execute("SELECT id FROM host WHERE host = ?", (host,)).fetchone()
        return int(row[0])

    def _typed_host_id(self, host: str) -> int:
        """Return the number of a host that the user named: it may be at a private address."""
        host_id = self.host_id(host)
        self._journal.put("UPDATE host SET typed = 1 WHERE id = ?", [(host_id,)])
        return host_id

    def host(self, host_id: int) -> HostRow:
        """Return what is known of a host."""
        row = self._db.execute(
            "SELECT id, host, typed, robots_status, robots_body, robots_failure, robots_at, hold_until FROM host WHERE id = ?",
            (host_id,),
        ).fetchone()
        return HostRow(row[0], row[1], bool(row[2]), *row[3:])

    def hosts_with_work(self, after: int, limit: int) -> list[int]:
        """Return the next host numbers above `after` that have a queued target, in order; one index look-up each."""
        sql = "SELECT min(host_id) FROM url WHERE state = 'queued' AND host_id > ?"
        found: list[int] = []
        while len(found) < limit:
            (host_id,) = self._db.execute(sql, (found[-1] if found else after,)).fetchone()
            if host_id is None:
                break
            found.append(host_id)
        return found

    def next_targets(self, host: HostRow, limit: int, held: Collection[int], now: float | None) -> list[Target]:
        """Return a host's next targets, nearest to a seed first.

        Retries that are due are put back among the others first, which writes; of many thousands the longest due ones.

        Args:
            held: ids that are being worked on, or finished but not yet written: left out.
            now: wall clock; what waits for a later retry is left out. None spares the look for retries, where there are none.
        """
        if now is not None and (due := self._db.execute(_DUE, (host.id, now, MOST_DUE)).fetchall()):
            self._journal.put("UPDATE url SET not_before = NULL WHERE id = ?", due)
        rows = self._db.execute(_NEXT, (host.id, limit + len(held)))
        return [
            Target(id, url, host.host, depth, found_via, attempts, host.typed, purpose, bool(fragments))
            for id, url, depth, found_via, attempts, purpose, fragments in rows
            if id not in held
        ][:limit]

    def hold(self, host_id: int, until: float) -> None:
        """Note until when (wall clock) a host asked us to stay away."""
        self._journal.put("UPDATE host SET hold_until = ? WHERE id = ?", [(until, host_id)])

    def next_retry_at(self, host_id: int, now: float) -> float | None:
        """Return the wall-clock time at which a host's next waiting retry is due, or None."""
        (due,) = self._db.execute(
            "SELECT min(not_before) FROM url WHERE state = 'queued' AND host_id = ? AND not_before > ?", (host_id, now)
        ).fetchone()
        return due if due is None else float(due)

    def decision_on(self, url_id: int) -> tuple[str, str] | None:
        """Return the state and reason of a URL that the run knows, or None."""
        found: tuple[str, str] | None = self._db.execute("SELECT state, reason FROM url WHERE id = ?", (url_id,)).fetchone()
        return found

    def count_queued(self) -> int:
        """Return how many targets are queued; cost linear in that number."""
        (count,) = self._db.execute("SELECT count(*) FROM url WHERE state = 'queued'").fetchone()
        return int(count)
