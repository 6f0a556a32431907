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

    def patterns(self) -> list[tuple[str, int]]:
        """Return how many URLs there were of each pattern when the last process ended."""
        return list(self._db.execute("SELECT pattern, count FROM pattern"))

    def withheld(self) -> list[tuple[str, str, int, str]]:
        """Return what was withheld: (pattern, reason, how many, an example)."""
        return list(self._db.execute("SELECT pattern, reason, count, example FROM withheld ORDER BY count DESC, pattern"))

    def set_traps(self, patterns: Iterable[tuple[str, int]], withheld: Iterable[tuple[str, str, int, str]]) -> None:
        """Replace both."""
        self._journal.put("INSERT OR REPLACE INTO pattern VALUES (?, ?)", patterns)
        self._journal.put("INSERT OR REPLACE INTO withheld VALUES (?, ?, ?, ?)", withheld)
