"""What a run keeps besides pages and URLs: its sitemaps, what its traps withheld, how many sources were read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from linkhaul.store.journal import Journal
from linkhaul.store.reader import value


class Notes:
    """Reads and writes them, in the writer's own transaction."""

    def __init__(self, connection: sqlite3.Connection, journal: Journal) -> None:
        self._db = connection
        self._journal = journal

    def seeds_read(self) -> int:
        """Return how many sources earlier processes had taken in."""
        return int(value(self._db, "seeds", 0))

    def add_sitemap(self, url: str, level: int) -> bool:
        """Note a sitemap that is to be read; return whether it is new.

        Args:
            level: how many indexes lead to it.
        """
        sql = "INSERT OR IGNORE INTO sitemap (url, level, state) VALUES (?, ?, 'queued')"
        return self._journal.put(sql, [(url, level)]) == 1

    def end_sitemap(self, url: str, found: int, fault: str | None) -> None:
        """Note that a sitemap was read: how many URLs it named, and what was wrong with it."""
        self._journal.put("UPDATE sitemap SET state = 'done', found = ?, fault = ? WHERE url = ?", [(found, fault, url)])

    def open_sitemaps(self) -> list[tuple[str, int]]:
        """Return the sitemaps that are not done: pairs (URL, level)."""
        return list(self._db.execute("SELECT url, level FROM sitemap WHERE state = 'queued' ORDER BY rowid"))

    def counted(self) -> list[tuple[str, str, bytes]]:
        """Return what was counted of URL patterns, each with its kind, in the order in which it was stored last."""
        return list(self._db.execute("SELECT kind, pattern, state FROM pattern ORDER BY rowid"))

    def withheld(self) -> list[tuple[str, str, int, str]]:
        """Return what was withheld: (pattern, reason, how many, an example)."""
        return list(self._db.execute("SELECT pattern, reason, count, example FROM withheld ORDER BY count DESC, pattern"))

    def add_counts(self, counted: Iterable[tuple[str, str, bytes | None]], withheld: Iterable[tuple[str, str, int, str]]) -> None:
        """Store what has changed of both, each in place of what is there; None in place of a state deletes it.

        A row that is replaced becomes the last one: so the order of the table is that of the last changes.
        """
        kept, gone = [], []
        for kind, pattern, state in counted:
            if state is None:
                gone.append((kind, pattern))
            else:
                kept.append((kind, pattern, state))
        if gone:
            self._journal.put("DELETE FROM pattern WHERE kind = ? AND pattern = ?", gone)
        if kept:
            self._journal.put("INSERT OR REPLACE INTO pattern VALUES (?, ?, ?)", kept)
        self._journal.put("INSERT OR REPLACE INTO withheld VALUES (?, ?, ?, ?)", withheld)


def add_listed(journal: Journal, sitemap: str, url_ids: Iterable[int]) -> None:
    """Note which URLs a sitemap names, for an audit; within the writer's own transaction."""
    journal.put("INSERT OR IGNORE INTO listed VALUES (?, ?)", [(id, sitemap) for id in url_ids])
