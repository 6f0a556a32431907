"""What an earlier check found out about targets that are only looked at, taken over while it is fresh enough."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from linkhaul.store.journal import Journal

_FOUND = """
SELECT v.id, u.host_id FROM earlier.url u JOIN earlier.visit v ON v.id = u.visit
WHERE u.id = ?1 AND u.state = 'done' AND u.purpose = ?3 AND v.visited_at >= ?2 AND (?3 = 'probe' OR (v.outcome = 'checked' AND v.status BETWEEN 200 AND 299))
    AND (?4 = 0 OR coalesce(v.content_type, 'text/html') NOT IN ('text/html', 'application/xhtml+xml')
        OR EXISTS (SELECT 1 FROM earlier.anchors a WHERE a.visit = v.id))
"""
_PROBE = "SELECT id, url FROM earlier.url WHERE purpose = 'probe' AND host_id = ?"
_ADD_PROBE = """
INSERT OR IGNORE INTO main.url (id, url, host_id, depth, seq, state, reason, found_via, purpose)
VALUES (?, ?, ?, -1, ?, 'queued', 'probe', 'probe', 'probe')
"""
_DONE = """
UPDATE main.url SET state = 'done', visit = ?1, attempts = v.attempts, reason = CASE WHEN v.hops THEN 'redirect' ELSE v.outcome END
FROM main.visit v WHERE v.id = ?1 AND main.url.id = ?2
"""
_PARTS = ("hop", "sign", "anchors")


class Earlier:
    """A run file beside the one that is being written.

    Only what was fine is taken over: what was broken may have been mended. With a target comes its host's answer to a made-up
    address, so that it is judged as it was.

    Args:
        connection: of the run that is being written, with no transaction open.
        path: the earlier run's file.
        since: UTC, ISO 8601: what is older counts no more.
    """

    def __init__(self, connection: sqlite3.Connection, journal: Journal, path: Path, since: str) -> None:
        self._db = connection
        self._journal = journal
        self._since = since
        connection.execute("ATTACH DATABASE ? AS earlier", (str(path),))
        self._columns = {table: self._names(table) for table in ("visit", *_PARTS)}

    def is_new(self, id: int) -> bool:
        """Return whether the run that is being written has not asked, and is not about to ask, for a URL."""
        row = self._db.execute("SELECT state FROM main.url WHERE id = ?", (id,)).fetchone()
        return row is None or row[0] == "recorded"

    def take_over(self, targets: Iterable[tuple[int, int, bool]]) -> int:
        """End targets that are queued with what the earlier run saw of them; return how many it could.

        Args:
            targets: the URL's identity, the number of its host, and whether its ids are wanted.
        """
        taken = 0
        for id, host_id, is_whole in targets:
            found = self._take(id, "check", is_whole=is_whole)
            if found is not None:
                taken += 1
                self._take_probe(found, host_id)
        return taken

    def close(self) -> None:
        """Let go of the earlier run's file; call it with no transaction open."""
        self._db.execute("DETACH DATABASE earlier")

    def _take(self, id: int, purpose: str, *, is_whole: bool) -> int | None:
        """Copy the visit of a URL; return the number that its host has in the earlier run, or None."""
        row = self._db.execute(_FOUND, (id, self._since, purpose, is_whole)).fetchone()
        if row is None:
            return None
        visit, host_id = row
        self._journal.last_visit = number = self._journal.last_visit + 1
        self._copy("visit", "id", visit, number)
        for table in _PARTS:
            self._copy(table, "visit", visit, number)
        self._journal.put(_DONE, [(number, id)])
        return int(host_id)

    def _take_probe(self, earlier_host: int, host_id: int) -> None:
        for row in self._db.execute(_PROBE, (earlier_host,)).fetchall():
            if self._journal.put(_ADD_PROBE, [(*row, host_id, next(self._journal.seq))]) == 1:
                self._take(row[0], "probe", is_whole=False)

    def _copy(self, table: str, key: str, old: int, new: int) -> None:
        names = ", ".join(self._columns[table])
        values = ", ".join("?1" if name == key else name for name in self._columns[table])
        self._journal.put(f"INSERT INTO main.{table} ({names}) SELECT {values} FROM earlier.{table} WHERE {key} = ?2", [(new, old)])

    def _names(self, table: str) -> list[str]:
        return [name for _, name, *_ in self._db.execute(f"PRAGMA main.table_info({table})")]
