"""The links as a person reads them: a table in the terminal that grows while the job runs."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from linkhaul.cli.clean import clean
from linkhaul.cli.stdout import stdout_may_fail
from linkhaul.cli.talk import Talk
from linkhaul.config import RowSettings
from linkhaul.export.selection import Selection
from linkhaul.model.columns import names
from linkhaul.model.records import Link
from linkhaul.store.opening import open_to_read
from linkhaul.store.reader import last_visit, links_between

MOST_ROWS = 400
NARROWEST = 8
TEXT_SHARE = 0.38
HYPERLINKED = ("http://", "https://")


class LinkTable:
    """Shows the rows of a run as they are committed: page, then each link's text and URL. After some hundred it stops.

    Args:
        path: the run file; it is read while the job writes it.
        rows: which links, and which columns.
    """

    def __init__(self, path: Path, rows: RowSettings, talk: Talk) -> None:
        self._path = path
        self._talk = talk
        self._selection = Selection(rows)
        self._columns = names(self._selection.columns) if rows.columns else []
        self._paper = Paper()
        self._db: sqlite3.Connection | None = None
        self._upto = 0
        self._page: str | None = None
        self.shown = 0
        self.is_full = False

    def show_new(self) -> None:
        """Show what was committed since the last call."""
        if self.is_full:
            return
        self._db = self._db or open_to_read(self._path)
        after, self._upto = self._upto, last_visit(self._db)
        if self._upto > after:
            self._show(links_between(self._db, after, self._upto, first_only=self._selection.is_unique))

    def close(self) -> None:
        """Let go of the run file."""
        if self._db is not None:
            self._db.close()

    def _show(self, links: Iterable[Link]) -> None:
        for link in links:
            if not self._selection.passes(link):
                continue
            if self.shown == 0:
                self._talk.clear()
                self._paper.headings(self._columns)
            if self.shown == MOST_ROWS:
                self.is_full = True
                self._talk.say(
                    f"more rows than the {MOST_ROWS} above are not shown here; '-o links.csv' writes all of them, '| less' pages through them"
                )
                return
            self._row(link)

    def _row(self, link: Link) -> None:
        self._talk.clear()
        if self._columns:
            self._paper.cells([_text(getattr(link, name)) for name in self._columns])
        else:
            if link.page_url != self._page:
                self._page = link.page_url
                self._paper.page(link.page_url)
            self._paper.link(link)
        self.shown += 1


def _text(value: Any) -> str:
    return "" if value is None else "yes" if value is True else "no" if value is False else str(value)


class Paper:
    """Puts rows on standard output, drawn by rich; what pages say is made harmless first."""

    def __init__(self, width: int | None = None) -> None:
        from rich.console import Console

        self._console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._width = width or shutil.get_terminal_size().columns

    def headings(self, columns: list[str]) -> None:
        """Show what stands in the columns that were asked for; the common layout needs none."""
        if columns:
            self.cells(columns, "bold")

    def page(self, url: str) -> None:
        """Begin the links of another page."""
        from rich.text import Text

        self._print(Text(self._known(url), "bold cyan"))

    def link(self, link: Link) -> None:
        """Show one link: its text, and where it leads, which a terminal may let one click."""
        from rich.text import Text

        room = max(NARROWEST, int((self._width - 4) * TEXT_SHARE))
        text = self._cell(link.text or "-", room)
        url = link.url if link.url is not None else link.raw
        style = f"link {link.url}" if link.url and link.url.startswith(HYPERLINKED) and link.url.isprintable() else ""
        line = Text("  ").append(text).append("  ")
        line.append(self._fitting(url, max(NARROWEST * 2, self._width - room - 4)), style or None)
        self._print(line)

    def cells(self, texts: Sequence[str], style: str = "", shares: Sequence[float] | None = None) -> None:
        """Show one row of columns.

        Args:
            shares: how much of the width each column gets, together 1; all the same when absent.
        """
        from rich.text import Text

        parts = shares or [1 / len(texts)] * len(texts)
        rooms = [max(NARROWEST, int(self._width * part) - 1) for part in parts]
        line = " ".join(self._cell(text, room) for text, room in zip(texts, rooms, strict=True))
        self._print(Text(line.rstrip(), style))

    def _print(self, line: Any) -> None:
        with stdout_may_fail():
            self._console.print(line)

    def _cell(self, text: str, room: int) -> str:
        """Return text that takes exactly so many columns of the terminal."""
        from rich.cells import set_cell_size

        return set_cell_size(self._fitting(text, room), room)

    def _fitting(self, text: str, room: int) -> str:
        from rich.cells import cell_len, set_cell_size

        text = self._known(text[: room * 4])
        return text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip() + "…"

    def _known(self, text: str) -> str:
        """Return text without anything that moves a cursor or that the terminal's encoding does not have."""
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        return clean(text).encode(encoding, "replace").decode(encoding)
