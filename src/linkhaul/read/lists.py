"""Lists of URLs: a binary stream in, one entry for every URL out, in bounded memory however long the list is.

Understood are plain lines, CSV, TSV, JSON Lines and Parquet; the text forms as `read.textlines` reads them. What is
wrong with one line is said in its entry and does not stop the list; what makes the whole list unusable (no such column)
is an error at the call.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from linkhaul.errors import MissingExtra, SourceError
from linkhaul.read.textlines import LineTooLong, TextBreaksOff, TextLines

Form = Literal["lines", "csv", "tsv", "jsonl", "parquet"]

_FORMS: dict[str, Form] = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
_PACKED = (".gz", ".zst")

_SHOWN = 120
_ROWS_AT_ONCE = 8192
_NEVER = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\ufeff"
_WRAPPED = re.compile(r"""(?:"([^"]*)"|'([^']*)'|<([^<>]*)>)\s*[,;]?""")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_EXCEL_HINT = re.compile(r"sep=.\s*")

Row = TypeVar("Row")


class Entry(Struct, frozen=True, gc=False):
    """One URL of a list, as text, or what is wrong with the line where one should be.

    Attributes:
        line: the number of the line (for Parquet: of the row) where it begins, from 1.
        text: never empty, without white space around it, with no control character and no lone surrogate in it; beside
            a fault it is an excerpt for showing, and may be empty.
        fault: a sentence that says why there is no URL; None when there is one.
    """

    line: int
    text: str
    fault: str | None = None


class _Fault(Exception):
    """What is wrong with one row: `args` is a sentence and the text to show."""


def form_of(path: str | os.PathLike[str]) -> Form:
    """Return the form that a file's suffix stands for; the suffix of a packed file is looked through, any other means lines.

    >>> form_of("urls.csv.gz"), form_of("urls.txt")
    ('csv', 'lines')
    """
    file = Path(os.fspath(path).lower())
    if file.suffix in _PACKED:
        file = file.with_suffix("")
    return _FORMS.get(file.suffix, "lines")


def urls_in(stream: BinaryIO, form: Form, column: str = "url", name: str = "-") -> Iterator[Entry]:
    """Return the URLs of a list, read as they are asked for; blank lines, comments and empty cells are left out.

    What has columns is begun at the call, for its header; plain lines are not. A list that breaks off (a damaged file, a
    read error) ends with an entry that says so. The stream stays open.

    Args:
        column: the column, or the field of JSON objects, that holds the URLs; a table's may differ in case.
        name: what to call the list in messages.

    Raises:
        SourceError: there is no such column, or the file is not of this form.
        MissingExtra: Parquet is read with pyarrow, which is not installed.
    """
    if form == "parquet":
        return _from_parquet(stream, column, name)
    lines = TextLines(stream)
    if form == "lines":
        return _entries(lines, lines, _line_text)
    try:
        while (first := lines.peek()) and (not first.strip(_BLANK) or _EXCEL_HINT.fullmatch(first)):
            next(lines)
    except (LineTooLong, TextBreaksOff) as fault:
        raise SourceError(f"{name} cannot be read as {form}: {fault.args[0]}") from fault
    if form == "jsonl":
        return _from_json_lines(lines, column, name)
    return _from_table(lines, "\t" if form == "tsv" else ",;\t|", column, name)


def _entries(lines: TextLines, rows: Iterator[Row], text_of: Callable[[Row], str | None]) -> Iterator[Entry]:
    """Make an entry of each row that `rows` makes of `lines`; `rows` goes on after it has raised, so it is no generator."""
    while True:
        line = lines.number + 1
        try:
            text = text_of(next(rows))
        except StopIteration:
            return
        except TextBreaksOff as damage:
            yield Entry(line, "", f"the list breaks off here: {damage}")
            return
        except (_Fault, LineTooLong) as fault:
            yield Entry(line, _shown(fault.args[1]), fault.args[0])
        except csv.Error as fault:
            yield Entry(line, "", f"this row cannot be read as a table's: {fault}; is a quote opened and never closed?")
        else:
            if text and (entry := _checked(line, text)):
                yield entry


def _checked(line: int, text: str) -> Entry | None:
    text = text.strip(_BLANK)
    found = _NEVER.search(text)
    if found is None:
        return Entry(line, text) if text else None
    match found[0]:
        case "\n" | "\r":
            why = "there is a line break inside the cell; is a quote opened and never closed?"
        case "\t":
            why = "there is a tab inside; a table needs the suffix .tsv, and a list one URL a line"
        case surrogate if "\ud800" <= surrogate <= "\udfff":
            why = "there is something inside that is not UTF-8 text; save the list as UTF-8"
        case other:
            why = f"there is a control character inside (U+{ord(other):04X})"
    return Entry(line, _shown(text), why)


def _shown(text: str) -> str:
    return _NEVER.sub("\N{REPLACEMENT CHARACTER}", text.strip(_BLANK)[:_SHOWN])


def _line_text(line: str) -> str | None:
    """Return the URL of a plain line, without the quotes or angle brackets in which the whole line stands."""
    text = line.strip(_BLANK)
    if text.startswith("#"):
        return None
    wrapped = _WRAPPED.fullmatch(text)
    return wrapped[wrapped.lastindex or 0] if wrapped else text


def _from_table(lines: TextLines, delimiters: str, column: str, name: str) -> Iterator[Entry]:
    """Find the header, and the delimiter with it: the one by which the header has the column."""
    headers = {delimiter: _cells(lines.peek(), delimiter) for delimiter in delimiters}
    widest = max(headers.values(), key=len)
    for delimiter, header in headers.items():
        place = _place(header, column)
        if place is not None:
            next(lines)
            return _entries(lines, csv.reader(lines, delimiter=delimiter), _cell_at(place, len(header), column, delimiter))
    first_delimiter = delimiters[0]
    if not widest:
        return iter(())
    if len(headers[first_delimiter]) == 1 and _WEB.match(widest[0]):  # URLs alone, from the first line on
        return _entries(lines, csv.reader(lines, delimiter=first_delimiter), _cell_at(0, 1, column, first_delimiter))
    raise _no_column(name, column, widest)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip(_BLANK) for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _place(header: list[str], column: str) -> int | None:
    """Return where the column is: by its very name, else by its name in other case."""
    if column in header:
        return header.index(column)
    return next((place for place, cell in enumerate(header) if cell.casefold() == column.casefold()), None)


def _cell_at(place: int, width: int, column: str, delimiter: str) -> Callable[[list[str]], str | None]:
    def text_of(row: list[str]) -> str | None:
        if width == 1:  # one column only: a delimiter in it is the URL's own
            return delimiter.join(row)
        if place < len(row):
            return row[place]
        if any(row):
            raise _Fault(f"this row has {len(row)} cells and none for the column {column!r}", delimiter.join(row))
        return None

    return text_of


def _from_json_lines(lines: TextLines, column: str, name: str) -> Iterator[Entry]:
    """Read strings, and objects of which only the one field is decoded."""
    shape = msgspec.defstruct("Line", [("text", str | None | UnsetType, msgspec.field(name=column, default=UNSET))])
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(str | shape)

    def text_of(line: str) -> str | None:
        line = line.strip(_BLANK)
        if not line or line.startswith("#"):
            return None
        try:
            value = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as fault:
            raise _Fault(f"this line is not the JSON of a URL or of an object with {column!r}: {fault}", line) from None
        if isinstance(value, str):
            return value
        if value.text is UNSET:
            raise _Fault(f"this object has no {column!r}", line)
        return value.text  # type: ignore[no-any-return]  # str or None by its shape

    _check_first_json(lines.peek().strip(_BLANK), column, name)
    return _entries(lines, lines, text_of)


def _check_first_json(line: str, column: str, name: str) -> None:
    try:
        value = msgspec.json.decode(line) if line else ""
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        value = line[:1]
    if isinstance(value, dict) and column not in value:
        raise _no_column(name, column, list(value))
    if line.startswith("["):
        raise SourceError(f"{name} is one JSON array; JSON Lines has one URL or object a line: jq -c '.[]' makes it so")


def _no_column(name: str, column: str, columns: list[str]) -> SourceError:
    there = ", ".join(_shown(each) or "''" for each in columns[:20])
    return SourceError(f"{name} has no column {column!r}; it has: {there}; choose one with --column")


def _from_parquet(stream: BinaryIO, column: str, name: str) -> Iterator[Entry]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra("reading Parquet", "parquet") from None
    if not stream.seekable():
        raise SourceError(f"{name} is a stream, and Parquet is read from its end: give the path of a file")
    try:
        table = parquet.ParquetFile(stream)
    except (pa.ArrowException, OSError) as fault:
        raise SourceError(f"{name} cannot be read as parquet: {fault}") from fault
    place = _place(table.schema_arrow.names, column)
    if place is None:
        raise _no_column(name, column, table.schema_arrow.names)
    field = table.schema_arrow.field(place)
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if str(kind) not in {"string", "large_string", "string_view", "binary", "large_binary"}:
        raise SourceError(f"the column {field.name!r} of {name} holds {field.type}, not text; choose another with --column")
    return _parquet_entries(table, field.name, pa)


def _parquet_entries(table: Any, column: str, pa: Any) -> Iterator[Entry]:
    row = 0
    try:
        for batch in table.iter_batches(_ROWS_AT_ONCE, columns=[column]):
            cells = batch.column(0)
            if pa.types.is_dictionary(cells.type):
                cells = cells.dictionary_decode()
            # As bytes, because a file may hold text that is none, on which to_pylist() would stop.
            for cell in cells.cast(pa.large_binary()).to_pylist():
                row += 1
                if cell and (entry := _checked(row, cell.decode("utf-8", "surrogateescape"))):
                    yield entry
    except (pa.ArrowException, OSError) as damage:
        yield Entry(row + 1, "", f"the list breaks off here: {damage}")
