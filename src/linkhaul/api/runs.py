"""A run after the fact: its tables and what became of it, read from the run file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from linkhaul.api.selection import Selection
from linkhaul.api.tables import Table
from linkhaul.config import RowSettings
from linkhaul.crawl.progress import Progress
from linkhaul.model.columns import PAGES, Row
from linkhaul.model.records import Link
from linkhaul.store.opening import open_to_read
from linkhaul.store.reader import failures, last_visit, links_between, outcomes, pages_between, value

_LOT = 2_000


class Run:
    """What a job has gathered. It stays readable while the job goes on, and for as long as the run file is there.

    Attributes:
        path: the run file.
        links: rows of `links`, those that the settings select; each is a `Link`.
        pages: rows of `pages`, one per visit.
        progress: what the job that made this value has done.
    """

    def __init__(self, path: Path, rows: RowSettings, progress: Progress | None = None) -> None:
        self.path = path
        self.progress = progress or Progress()
        self._selection = Selection(rows)
        self._kept: sqlite3.Connection | None = None
        self.links: Table[Any] = Table("links", self._selection.columns, self._link_rows)
        self.pages: Table[Row] = Table("pages", PAGES, self._page_rows)

    @property
    def outcomes(self) -> dict[str, int]:
        """How many visits ended how, most frequent first."""
        return outcomes(self._db)

    @property
    def failures(self) -> list[tuple[str, int, str, str]]:
        """What failed: (kind or status, how many, an example's URL, its sentence), most frequent first."""
        return failures(self._db)

    @property
    def state(self) -> str:
        """Where it stands: running, stopped or finished."""
        return str(value(self._db, "state", "running"))

    def __repr__(self) -> str:
        ended = ", ".join(f"{count:,} {outcome}" for outcome, count in self.outcomes.items())
        return f"<Run {self.state}: {last_visit(self._db):,} pages ({ended or 'none yet'}), run file {self.path}>"

    def _repr_html_(self) -> str:
        import html

        return f"<p>{html.escape(repr(self)[1:-1])}</p>{self.links._repr_html_()}"

    @property
    def _db(self) -> sqlite3.Connection:
        if self._kept is None:
            self._kept = open_to_read(self.path)
        return self._kept

    def _link_rows(self) -> Iterator[Link | Row]:
        links = links_between(self._db, 0, last_visit(self._db), first_only=self._selection.is_unique)
        while lot := list(islice(links, _LOT)):
            yield from self._selection.rows(lot)

    def _page_rows(self) -> Iterator[Row]:
        return pages_between(self._db, 0, last_visit(self._db))


