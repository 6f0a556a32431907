"""Rows back from a file that was written: the same values, in the same order, for every format.

Empty text and an absent value are one in CSV and TSV: an empty cell is an absent value in a nullable column, else an
empty text. What `--excel` and xlsx lose is said in `export.excel`.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from linkhaul.errors import SourceError
from linkhaul.export import parquet, xlsx
from linkhaul.export.compression import open_plain, torn_errors
from linkhaul.export.spec import TEXT_FORMATS, format_of
from linkhaul.export.sqlite import quoted
from linkhaul.model.columns import Column, Row, Value, names

_LONGEST_CELL = 2**31 - 1


def read_rows(path: str | Path, columns: tuple[Column, ...], format: str | None = None, table: str | None = None) -> Iterator[Row]:
    """Yield the rows of an output, these columns in this order, typed as the columns say.

    Args:
        path: the file.
        columns: what is wanted; the file may hold more, in any order.
        format: as in `spec_for`; by default the suffix tells.
        table: in SQLite, which table; by default the one with exactly these columns, else the first that has them all.

    Raises:
        SourceError: no such file, no such column, or not of this format.
    """
    place = Path(path)
    kind, compression = format_of(str(path), format)
    if not place.is_file():
        raise SourceError(f"{path}: there is no such file")
    try:
        if kind in TEXT_FORMATS:
            yield from _read_text(place, columns, (kind, compression))
        elif kind == "sqlite":
            yield from _read_sqlite(place, columns, table)
        elif kind == "parquet":
            yield from parquet.read_parquet(place, columns)
        else:
            yield from xlsx.read_xlsx(place, columns)
    except KeyError as error:
        raise SourceError(f"{path}: has no column {error.args[0]!r}") from error
    except _unreadable() as error:
        raise SourceError(f"{path}: cannot be read as {kind}: {error}") from error


def _unreadable() -> tuple[type[Exception], ...]:
    """Return what reading a file raises that is damaged, or not what its suffix says."""
    return (ValueError, TypeError, OSError, csv.Error, sqlite3.Error, zipfile.BadZipFile, msgspec.DecodeError, *torn_errors())


def _read_text(path: Path, columns: tuple[Column, ...], shape: tuple[str, str | None]) -> Iterator[Row]:
    kind, compression = shape
    with open_plain(path, compression) as file:
        if kind == "jsonl":
            yield from _read_json(file, columns)
            return
        with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
            yield from _read_delimited(text, columns, "\t" if kind == "tsv" else ",")


def _read_delimited(lines: Iterator[str], columns: tuple[Column, ...], delimiter: str) -> Iterator[Row]:
    records = _records(lines, delimiter)
    titles = next(records, [])
    places = _places(titles, columns)
    read = [_from_cell(column) for column in columns]
    for cells in records:
        if cells:
            yield tuple(convert(cells[at]) if at < len(cells) else convert("") for convert, at in zip(read, places, strict=True))


def _records(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the records, cells of any length among them.

    The library's limit is one for the whole process, and others rely on it (a quote that is never closed ends there): it is
    raised for each record and put back.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        before = csv.field_size_limit(_LONGEST_CELL)
        try:
            cells = next(reader, None)
        finally:
            csv.field_size_limit(before)
        if cells is None:
            return
        yield cells


def _places(titles: list[str], columns: tuple[Column, ...]) -> list[int]:
    numbers = {title: at for at, title in enumerate(titles)}
    return [numbers[name] for name in names(columns)]


def _from_cell(column: Column) -> Callable[[str], Value]:
    """Return what makes a value of a cell of this column."""
    if column.type == "text":
        return (lambda cell: cell or None) if column.nullable else str
    if column.type == "boolean":
        return lambda cell: None if cell == "" else cell == "true"
    number: type[int | float] = int if column.type == "integer" else float
    return lambda cell: None if cell == "" else number(cell)


def _read_json(lines: Any, columns: tuple[Column, ...]) -> Iterator[Row]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    wanted = names(columns)
    reals = {column.name for column in columns if column.type == "real"}
    for number, line in enumerate(lines):
        row = decode(line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line)
        yield tuple(float(row[name]) if name in reals and row[name] is not None else row[name] for name in wanted)


def _read_sqlite(path: Path, columns: tuple[Column, ...], table: str | None) -> Iterator[Row]:
    booleans = [at for at, column in enumerate(columns) if column.type == "boolean"]
    with closing(sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)) as database:
        name = table or _table_with(database, columns)
        held = [row[1] for row in database.execute(f"PRAGMA table_info({quoted(name)})")]
        _places(held, columns)
        wanted = ", ".join(quoted(column) for column in names(columns))
        for row in database.execute(f"SELECT {wanted} FROM {quoted(name)} ORDER BY rowid"):  # noqa: S608 - quoted names
            cells = list(row)
            for at in booleans:
                cells[at] = None if cells[at] is None else bool(cells[at])
            yield tuple(cells)


def _table_with(database: sqlite3.Connection, columns: tuple[Column, ...]) -> str:
    wanted = set(names(columns))
    tables = [str(row[0]) for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
    held = {table: {row[1] for row in database.execute(f"PRAGMA table_info({quoted(table)})")} for table in tables}
    fitting = [table for table in tables if held[table] == wanted] or [table for table in tables if held[table] >= wanted]
    if not fitting:
        missing = min((wanted - theirs for theirs in held.values()), key=len, default=wanted)
        raise KeyError(next(name for name in names(columns) if name in missing))
    return fitting[0]
