"""The outputs of a run: what each is fed with, how it goes on after an interruption, and those written at the end."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from pathlib import Path
from typing import TypeVar, cast

from linkhaul.errors import OutputError, UsageError
from linkhaul.export.outputs import STDOUT, Behind, OutputSpec, TextWriter, Writer, check, has_content, is_live, open_live, write_whole
from linkhaul.export.recipe import Recipe
from linkhaul.export.selection import Selection
from linkhaul.export.spec import TEXT_FORMATS
from linkhaul.export.stream import MARK as STREAM_MARK
from linkhaul.model.columns import Row, names
from linkhaul.model.records import Page
from linkhaul.store.journal import Journal
from linkhaul.store.reader import last_visit, links_between, pages_between

FEED = 2_000
Some = TypeVar("Some")


def check_places(links: Sequence[str], pages: Sequence[str]) -> None:
    """Check that no two outputs are one place; a database holds both tables.

    Raises:
        UsageError: two of them are.
    """
    if STDOUT in links and STDOUT in pages:
        raise UsageError("links and pages cannot both go to standard output: name a file for one of them")
    seen: set[tuple[str, str]] = set()
    for table, path in [*(("links", path) for path in links), *(("pages", path) for path in pages)]:
        place = path if path == STDOUT else str(Path(path).resolve())
        own = table if path.lower().endswith(".sqlite") else ""  # a database holds both tables
        if (place, own) in seen:
            what = "standard output" if path == STDOUT else path
            raise UsageError(f"{what}: is named for two outputs; give each its own file")
        seen.add((place, own))


class Output:
    """One output of a run, fed with the rows of its table.

    Args:
        connection: the run file, for rows that are not in memory any more.
        selection: which links become rows; None for the table of pages.

    Attributes:
        path: what it is known by in the run file: its absolute path, and in a database, which may hold both tables, the table's name.
        is_live: rows appear in it while the run goes on.
        rows: how many rows this process has written to it.
        has_others: rows that are not of this run stand in the file, before its own.
        text: which of a page's `texts` is its own; None when they hold nothing for it.
    """

    def __init__(self, spec: OutputSpec, connection: sqlite3.Connection, selection: Selection | None) -> None:
        self.spec = spec
        self.path = spec.path if spec.path == "-" else str(Path(spec.path).absolute())
        if spec.format == "sqlite":
            self.path += f"#{spec.table}"
        self.rows = 0
        self.is_live = is_live(spec)
        self.has_others = False
        self.text: int | None = None
        self._is_ours = False
        self._kept: tuple[str, str | None, int] | None = None
        self._db = connection
        self._selection = selection
        self._writer: Writer | None = None
        self._upto = 0

    def examine(self) -> None:
        """Look whether it can be written; nothing is changed.

        Raises:
            OutputError: it cannot.
        """
        kept = self._db.execute("SELECT spec, mark, upto FROM output WHERE path = ?", (self.path,)).fetchone()
        if kept is not None and kept[1] == STREAM_MARK:
            kept = (kept[0], None, 0)  # it was a pipe or a device: whatever is there now has none of our rows
        wanted = self._identity()
        if kept is not None and kept[0] != wanted and not self.spec.is_stream:
            raise OutputError(
                f"{self.spec.path}: this run writes it with other columns or another selection of rows;"
                " name another file, or start over with --fresh"
            )
        self._is_ours = bool(kept is not None and kept[1]) and (self.is_live or kept[1] in ("whole", self._stamp()))
        check(self.spec, ours=self._is_ours)
        self._kept = kept

    def prepare(self, journal: Journal) -> int:
        """Open it, once it was examined, bring it up to what the run file holds, and store its mark; return how many rows were written.

        Raises:
            OutputError: it cannot be written; it is unchanged.
        """
        kept = self._kept
        if kept is None:
            journal.put("INSERT INTO output (path, spec) VALUES (?, ?)", [(self.path, self._identity())])
        if not self.is_live:
            return 0
        self.has_others = kept is None and not (self.spec.is_stream or self.spec.overwrite) and has_content(self.spec)
        mark, self._upto = (kept[1], kept[2]) if kept is not None and not self.spec.is_stream else (None, 0)
        try:
            self._writer = open_live(self.spec, mark)
        except Behind as behind:
            self._writer, self._upto = open_live(self.spec, behind.begin), 0
        self._store(journal)
        upto = last_visit(self._db)
        written = 0
        if self._upto < upto:
            written = self._feed(self._between(self._upto, upto))
            self._upto = upto
            self._store(journal)
        self.rows += written
        return written

    @property
    def recipe(self) -> Recipe | None:
        """How its rows become text, for others to do it; None where only the run's own process can, or before `prepare`."""
        if self._selection is None or self._selection.is_unique or self._writer is None or self.spec.format not in TEXT_FORMATS:
            return None
        assert self.spec.columns == self._selection.columns, "a recipe has the columns of the selection"
        dialect = cast("TextWriter", self._writer).dialect
        return Recipe(self.spec.format, self.spec.excel, dialect)

    def take(self, upto: int, pages: Sequence[Page]) -> tuple[str, int]:
        """Write what was committed up to a visit; return the mark to store and how many rows were written."""
        assert self._writer is not None, "only live outputs are fed while the run goes on"
        if self._selection is None or self._selection.is_unique:
            written = self._feed(self._between(self._upto, upto))
        else:
            written = self._echo(pages, self._selection)
        self._upto = upto
        self.rows += written
        return self._writer.flush(durable=True), written

    def finish(self, journal: Journal) -> int:
        """Write what is written at the end only, from the run file; return how many rows that were."""
        if self._writer is not None:
            self._store(journal, last=True)
            return 0
        check(self.spec, ours=self._is_ours)
        # Noted first: who dies between the two would take its own file for somebody else's.
        journal.put("UPDATE output SET mark = ? WHERE path = ?", [("whole", self.path)])
        journal.commit()
        rows = self._between(0, last_visit(self._db))
        written = write_whole(self.spec, _lots(rows), may_replace=self._is_ours)
        journal.put("UPDATE output SET mark = ? WHERE path = ?", [(self._stamp(), self.path)])
        self._is_ours = True
        self.rows += written
        return written

    def _stamp(self) -> str:
        """Return what tells the file we wrote from one that somebody put in its place: size and time."""
        try:
            found = Path(self.spec.path).stat()
        except OSError:
            return "whole"  # it is gone: nobody's file is replaced
        return f"whole {found.st_size} {found.st_mtime_ns}"

    def close(self) -> None:
        """Let go of the file."""
        if self._writer is not None:
            self._writer.close()

    def _echo(self, pages: Sequence[Page], selection: Selection) -> int:
        """Write the rows of pages: as they are where somebody has made text of them."""
        written = 0
        for is_text, some in groupby(pages, lambda page: self.text is not None and page.texts is not None):
            if not is_text:
                links = chain.from_iterable(page.links for page in some)
                written += self._feed(chain.from_iterable(selection.rows(lot) for lot in _lots(links)))
                continue
            writer = cast("TextWriter", self._writer)
            for page in some:
                rows, text = page.texts[self.text]  # type: ignore[index]
                writer.write_text(text)
                written += rows
        return written

    def _feed(self, rows: Iterable[Row]) -> int:
        written = 0
        for lot in _lots(rows):
            self._writer.write(lot)  # type: ignore[union-attr]
            written += len(lot)
        return written

    def _between(self, after: int, upto: int) -> Iterator[Row]:
        if self._selection is None:
            yield from pages_between(self._db, after, upto)
            return
        links = links_between(self._db, after, upto, first_only=self._selection.is_unique)
        while lot := list(islice(links, FEED)):
            yield from self._selection.rows(lot)

    def _store(self, journal: Journal, *, last: bool = False) -> None:
        mark = self._writer.flush(durable=True, last=last)  # type: ignore[union-attr]
        journal.put("UPDATE output SET mark = ?, upto = ? WHERE path = ?", [(mark, self._upto, self.path)])
        journal.commit()

    def _identity(self) -> str:
        kept = "" if self._selection is None else self._selection.identity
        return json.dumps([self.spec.format, self.spec.compression, names(self.spec.columns), self.spec.table, self.spec.excel, kept])


def _lots(rows: Iterable[Some]) -> Iterator[list[Some]]:
    left = iter(rows)
    while lot := list(islice(left, FEED)):
        yield lot
