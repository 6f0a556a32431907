"""A run after the fact: its tables and what became of it, read from the run file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Unpack

from linkhaul.api.selection import Selection
from linkhaul.api.signature import Settings
from linkhaul.api.tables import Table
from linkhaul.api.unique import first_of_each
from linkhaul.config import RowSettings
from linkhaul.decide.traps import Withheld
from linkhaul.insight import queries
from linkhaul.insight.explain import Explanation, explain
from linkhaul.insight.status import Status, status
from linkhaul.model.columns import HOPS, HOSTS, PAGES, URLS, Row
from linkhaul.model.records import Link
from linkhaul.motion.progress import Progress
from linkhaul.store.opening import open_to_read, sound
from linkhaul.store.reader import failures, last_visit, links_between, outcomes, pages_between, value

_LOT = 2_000


class Run:
    """What a job has gathered. It stays readable while the job goes on, and for as long as the run file is there.

    Attributes:
        path: the run file.
        links: rows of `links`, those that the settings select; each is a `Link`.
        pages: rows of `pages`, one per visit.
        urls: rows of `urls`, one per URL ever met, with its state and reason.
        hops: rows of `hops`, one per redirect.
        hosts: rows of `hosts`.
        progress: what the job that made this value has done.
    """

    def __init__(self, path: Path, rows: RowSettings, progress: Progress | None = None) -> None:
        self.path = path
        self.progress = progress or Progress()
        self._selection = Selection(rows)
        self._kept: sqlite3.Connection | None = None
        self.links: Table[Any] = Table("links", self._selection.columns, self._link_rows)
        self.pages: Table[Row] = Table("pages", PAGES, self._page_rows)
        self.urls: Table[Row] = Table("urls", URLS, lambda: self._sound_rows(queries.urls))
        self.hops: Table[Row] = Table("hops", HOPS, lambda: self._sound_rows(queries.hops))
        self.hosts: Table[Row] = Table("hosts", HOSTS, lambda: self._sound_rows(queries.hosts))

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
        """Where it stands: running (also after a process was killed; `status` tells the two apart), stopped or finished."""
        return str(value(self._db, "state", "running"))

    @property
    def withheld(self) -> list[Withheld]:
        """What was kept out as a trap, by URL pattern, the most frequent first."""
        with sound(self.path):
            return queries.withheld(self._db)

    def status(self) -> Status:
        """Return how it stands: counts by state and reason, hosts that are not asked, speed, outputs, who works on it."""
        with sound(self.path):
            return status(self._db, self.path, time.time())

    def explain(self, url: str) -> Explanation:
        """Return what the run knows of a URL: its state and the rule behind it, the shortest way to it, who links to it.

        It reads through all links: seconds for ten millions.

        Raises:
            SourceError: it cannot be meant as a URL.
        """
        with sound(self.path):
            return explain(self._db, url)

    def resume(self, **settings: Unpack[Settings]) -> Run:
        """Go on with it, with its settings, sources and outputs as they were, and return it. Blocks like `linkhaul.crawl`.

        Standard input and the iterables of a program cannot be read again: then only what is known is gone on with.

        Args:
            settings: those that are to be others now; secrets (auth, cookie, header, proxy) are not kept and are given again.

        Raises:
            RunFileError, OutputError: the run file or an output cannot be used.
            KeyboardInterrupt: it was interrupted; what it had done is kept.
        """
        from linkhaul.api.job import Job
        from linkhaul.api.resuming import request_to_go_on
        from linkhaul.api.session import acknowledge

        request, notices = request_to_go_on(self.path, dict(settings))
        job = Job(request)
        progress = job.wait()
        acknowledge(self.path)
        progress.notices[:0] = [*notices, *job.session.notices]
        return Run(self.path, request.config.rows, progress)

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
        selection = self._selection
        is_kept = selection.is_unique and value(self._db, "first_of") == selection.identity
        links = links_between(self._db, 0, last_visit(self._db), first_only=is_kept)
        if selection.is_unique and not is_kept:
            links = first_of_each(links, selection.passes)
        with sound(self.path):
            while lot := list(islice(links, _LOT)):
                yield from selection.rows(lot)

    def _sound_rows(self, rows: Callable[[sqlite3.Connection], Iterator[Row]]) -> Iterator[Row]:
        with sound(self.path):
            yield from rows(self._db)

    def _page_rows(self) -> Iterator[Row]:
        return pages_between(self._db, 0, last_visit(self._db))
