"""The run that a report is about, and what several of its parts need: how it is opened, called and cut."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec import Struct

from linkhaul.model.columns import Column, ColumnType, Row
from linkhaul.model.report import Bar, Grid, Plot

MOST_ROWS = 100
"""Rows of a table that is not about every page."""
MOST_PAGES = 400
"""Rows of a table that is; with these two a report stays below 3 MB, however large the site."""
MOST_BARS = 16


class Asked(Struct, frozen=True):
    """A run that is reported on.

    Attributes:
        connection: its run file, opened to read.
        path: the run file.
        name: what the person called it, for the commands that give the rest.
    """

    connection: sqlite3.Connection
    path: Path
    name: str

    def command(self, words: str, output: str) -> str:
        """Return a command on this run that writes a file, ready to be pasted: words are the verb, a space and flags."""
        verb, _, flags = words.partition(" ")
        return " ".join(filter(None, ("linkhaul", verb, shlex.quote(self.name), flags, "-o", output)))

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Any]:
        """Return the rows of a query, a lot at a time."""
        cursor = self.connection.execute(sql, tuple(parameters))
        while rows := cursor.fetchmany(2_000):
            yield from rows

    def number(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Return the one number that a query gives."""
        (count,) = self.connection.execute(sql, tuple(parameters)).fetchone()
        return int(count or 0)


def column(name: str, type: ColumnType, meaning: str) -> Column:
    """Return a column of a report's table; what it holds may be absent."""
    return Column(name, type, True, meaning)


def grid(  # noqa: PLR0913 - a table has a name, a shape, and a place where it goes on
    words: tuple[str, str],
    columns: tuple[Column, ...],
    rows: Iterable[Row],
    *,
    most: int = MOST_ROWS,
    rest: str = "",
    total: int | None = None,
) -> Grid:
    """Return a table that is cut where it is long.

    Args:
        words: its name and its caption.
        total: how many rows there are; counted when absent, which walks them all.
    """
    walking = iter(rows)
    shown = tuple(tuple(row) for row in islice(walking, most))
    return Grid(words[0], words[1], columns, shown, len(shown) + sum(1 for _ in walking) if total is None else total, rest)


def plot(title: str, counted: Iterable[tuple[str, int]], unit: str = "pages") -> Plot:
    """Return a plot of named counts, the most frequent first; what is too much for one goes together."""
    found = sorted(((label, count) for label, count in counted if count), key=lambda pair: -pair[1])
    bars = [Bar(*pair) for pair in found[:MOST_BARS]]
    if len(found) > MOST_BARS:
        bars[-1:] = [Bar("others", sum(count for _, count in found[MOST_BARS - 1 :]))]
    return Plot(title, tuple(bars), unit)


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
