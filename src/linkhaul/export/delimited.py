"""Rows → CSV and TSV, a column at a time.

`csv.writer` takes 3.3 µs for a row of 20 columns. Here the rows of a chunk are turned into columns; a column is looked
at once, as one joined text, for what must be quoted, and only the cells of a column that holds such a thing are looked
at one by one. What stands in every row of a chunk, as most of the columns of links do, is written out once. That makes 0.6 µs a
row when nothing is quoted, 0.9 µs when every tenth text holds a comma. (Tried and slower: making JSON of the rows and taking
the quotes away, a format string per row.)

Source: RFC 4180.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from linkhaul.export.excel import csv_cells
from linkhaul.model.columns import Column, Row, names

BOM = b"\xef\xbb\xbf"
_TRUE_FALSE = ("false", "true")
_COMPARABLE = ("text", "boolean")
"""Types whose equal values are written alike; 0 and 0.0 are not."""


class _Numbers(dict[int, str]):
    """Whole numbers as text, the small ones made once: most are a link's place on its page."""

    def __missing__(self, number: int) -> str:
        text = str(number)
        if 0 <= number < _SMALL:
            self[number] = text
        return text


_SMALL = 4096
_NUMBERS = _Numbers()


class Dialect(NamedTuple):
    """How a file separates its cells and lines, and which of our columns stands where.

    `order` holds, for each column of the file, its number in the rows.
    """

    delimiter: str
    newline: str
    order: tuple[int, ...]


def fresh_dialect(kind: str, columns: tuple[Column, ...]) -> Dialect:
    """Return the dialect of a file that we begin: RFC 4180 for csv; tabs and line feeds, quoted like CSV, for tsv."""
    order = tuple(range(len(columns)))
    return Dialect("\t", "\n", order) if kind == "tsv" else Dialect(",", "\r\n", order)


class DelimitedText:
    """Turns rows into the bytes of one CSV or TSV file. UTF-8; true, false; an absent value is an empty cell."""

    def __init__(self, columns: tuple[Column, ...], dialect: Dialect, *, excel: bool) -> None:
        self._columns = columns
        self._dialect = dialect
        self._excel = excel
        self._special = ('"', "\n", "\r", dialect.delimiter)
        self._ordered = [(number, columns[number], columns[number].type in _COMPARABLE) for number in dialect.order]

    @property
    def newline(self) -> bytes:
        """Return what ends a line."""
        return self._dialect.newline.encode()

    def header(self) -> bytes:
        """Return the first line of a file that we begin; for spreadsheets with a byte order mark in front."""
        line = self._dialect.delimiter.join(self._quoted(names(self._columns))) + self._dialect.newline
        return (BOM if self._excel else b"") + line.encode()

    def encode(self, rows: Sequence[Row]) -> bytes:
        """Return the lines of at least one row; a few hundred to a few thousand at a time are fastest."""
        values = list(zip(*rows, strict=True))
        delimiter, newline = self._dialect.delimiter, self._dialect.newline
        pieces: list[Iterable[str]] = []
        same: list[str] = []  # cells of neighbouring columns that say one thing in all these rows: they are put together once
        for number, column, is_comparable in self._ordered:
            told = values[number]
            first = told[0]
            if first is told[-1] and is_comparable and told.count(first) == len(told):
                same.append(self._cell(first))
                continue
            if same:
                pieces.append(repeat(delimiter.join(same)))
                same = []
            pieces.append(self._cells(column, told))
        if same:
            pieces.append(repeat(delimiter.join(same), len(rows)))
        if len(self._columns) == 1:  # a line that holds one empty cell would be an empty line, which readers skip
            pieces = [[cell or '""' for cell in pieces[0]]]
        # Encoded line by line: one letter beyond ASCII in a thousand rows would make all of them wider and slower to encode.
        ending = newline.encode()
        return ending.join(map(str.encode, map(delimiter.join, zip(*pieces, strict=False)))) + ending

    def _cell(self, value: str | bool | None) -> str:
        """Return what `_cells` makes of one value."""
        if value is None:
            return ""
        return self._quoted((value,))[0] if isinstance(value, str) else _TRUE_FALSE[value]

    def _cells(self, column: Column, values: tuple[Any, ...]) -> Sequence[str]:
        if column.type == "text":
            return self._quoted([value or "" for value in values] if column.nullable else values)
        if column.type == "boolean":
            return ["" if value is None else _TRUE_FALSE[value] for value in values]
        if column.nullable:
            return ["" if value is None else str(value) for value in values]
        return list(map(_NUMBERS.__getitem__ if column.type == "integer" else str, values))

    def _quoted(self, cells: Sequence[str]) -> Sequence[str]:
        """Return the cells as they stand in the file, between quotes where they must be."""
        if self._excel:
            cells = csv_cells(cells)
        joined = "".join(cells)
        quote, feed, carriage, delimiter = self._special
        if quote not in joined and feed not in joined and carriage not in joined:
            return [f'"{cell}"' if delimiter in cell else cell for cell in cells] if delimiter in joined else cells
        return [
            '"' + cell.replace('"', '""') + '"' if quote in cell or delimiter in cell or feed in cell or carriage in cell else cell
            for cell in cells
        ]
