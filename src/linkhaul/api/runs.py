"""A run after the fact: its tables and what became of it, read from the run file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Unpack

from msgspec.structs import replace

from linkhaul.api.places import Hold
from linkhaul.api.questions import Questions
from linkhaul.api.rows import HopRow, HostRow, PageRow, UrlRow, row_of
from linkhaul.api.signature import Settings
from linkhaul.api.tables import Table
from linkhaul.api.unique import first_of_each
from linkhaul.config import RowSettings
from linkhaul.decide.traps import Withheld
from linkhaul.export.selection import Selection
from linkhaul.insight import queries
from linkhaul.model.columns import HOPS, HOSTS, PAGES, URLS, Row, names
from linkhaul.model.records import Link
from linkhaul.motion.progress import Progress
from linkhaul.store.opening import open_to_read, sound
from linkhaul.store.reader import failures, last_visit, links_between, outcomes, pages_between, value

_LOT = 2_000


def opened(path: Path, rows: RowSettings, *, are_kinds_chosen: bool = False) -> Run:
    """Return the run in a run file; unless kinds were chosen, its links are those of the kinds that it has read.

    Raises:
        RunFileError: there is none, or it cannot be read.
    """
    with closing(open_to_read(path)) as connection, sound(path):
        read = queries.config_of(connection).rows.kinds
    return Run(path, rows if are_kinds_chosen else replace(rows, kinds=read))


class Run(Questions):
    """What a job has gathered. It stays readable while the job goes on, and for as long as the run file is there.

    Attributes:
        path: the run file.
        links: rows of `links`, those that the settings select; each is a `Link`.
            With `columns` it is a row of these. Counting them reads through the table within SQLite; with match, exclude
            or unique it walks them.
        pages: rows of `pages`, one per visit: `row.status`, `row.title` and so on.
        urls: rows of `urls`, one per URL ever met, with its state and reason.
        hops: rows of `hops`, one per redirect.
        hosts: rows of `hosts`.
        progress: what the job that made this value has done.
    """

    def __init__(self, path: Path, rows: RowSettings, progress: Progress | None = None, hold: Hold | None = None) -> None:
        super().__init__(path, hold)
        self.progress = progress or Progress()
        self._settings = rows
        self._selection = Selection(rows)
        count = self._count
        self.links: Table[Any] = Table("links", self._selection.columns, self._link_rows, self._link_count)
        self.pages: Table[PageRow] = Table("pages", PAGES, lambda: map(PageRow._make, self._page_rows()), lambda: count("pages"))
        self.urls: Table[UrlRow] = Table("urls", URLS, lambda: map(UrlRow._make, self._sound_rows(queries.urls)), lambda: count("urls"))
        self.hops: Table[HopRow] = Table("hops", HOPS, lambda: map(HopRow._make, self._sound_rows(queries.hops)), lambda: count("hops"))
        self.hosts: Table[HostRow] = Table(
            "hosts", HOSTS, lambda: map(HostRow._make, self._sound_rows(queries.hosts)), lambda: count("hosts")
        )

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
        from linkhaul.api.run_file import acknowledge

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

    def _link_rows(self) -> Iterator[Link | Row]:
        selection = self._selection
        is_kept = selection.is_unique and value(self._db, "first_of") == selection.identity
        links = links_between(self._db, 0, last_visit(self._db), first_only=is_kept)
        if selection.is_unique and not is_kept:
            links = first_of_each(links, selection.passes)
        make = row_of(tuple(names(selection.columns)))._make if self._settings.columns else None
        with sound(self.path):
            while lot := list(islice(links, _LOT)):
                rows = selection.rows(lot)
                yield from rows if make is None else map(make, rows)

    def _link_count(self) -> int | None:
        with sound(self.path):
            return queries.link_count(self._db, self._settings)

    def _count(self, table: str) -> int:
        with sound(self.path):
            return queries.row_count(self._db, table)

    def _sound_rows(self, rows: Callable[[sqlite3.Connection], Iterator[Row]]) -> Iterator[Row]:
        with sound(self.path):
            yield from rows(self._db)

    def _page_rows(self) -> Iterator[Row]:
        with sound(self.path):
            yield from pages_between(self._db, 0, last_visit(self._db))
