"""Rows → one xlsx workbook, in constant memory; and back again, for workbooks that we wrote.

Numbers keep 16 digits, as xlsxwriter writes them. Text stays text: no formula, no link, no number is made of it. What a cell cannot hold changes by the rule of
`export.excel` (without the apostrophe: the cell itself says that it is text), and a text that begins with `<r>` and ends
with `</r>` gains a space at its end, because xlsxwriter takes exactly that for markup of its own and would copy it
unescaped into the file.
"""

from __future__ import annotations

import re
import traceback
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any
from xml.parsers import expat

from linkhaul.errors import MissingExtra, SourceError
from linkhaul.export.excel import cut, scrubbed
from linkhaul.export.spec import OutputSpec
from linkhaul.model.columns import Column, Row, Value, names

SHEET_ROWS = 1_048_576
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_BLOCK_BYTES = 1 << 16


def require() -> Any:
    """Return xlsxwriter.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtra("Excel", "excel") from error
    return xlsxwriter


def xlsx_cell(text: str) -> str:
    """Return the text that stands in a cell of the workbook for a text of a row."""
    fitting = cut(scrubbed(text))
    return cut(fitting + " ") if fitting.startswith("<r>") and fitting.endswith("</r>") else fitting


def write_xlsx(spec: OutputSpec, path: Path, batches: Iterable[Iterable[Row]], sheet_rows: int = SHEET_ROWS) -> int:
    """Write a whole workbook to `path` and return the number of rows; what one sheet cannot hold goes to the next."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    rows = chain.from_iterable(batches)
    written = sheets = 0
    with _workbook(path, options) as book:
        bold = book.add_format({"bold": True})
        while True:
            sheets += 1
            sheet = book.add_worksheet(spec.table if sheets == 1 else f"{spec.table} {sheets}")
            count = _fill(sheet, spec.columns, rows, (sheet_rows, bold))
            written += count
            if count < sheet_rows - 1:
                return written


def write_sheets(path: Path, sheets: Iterable[tuple[str, tuple[Column, ...], Iterable[Row]]]) -> None:
    """Write a workbook of several small tables, each on a sheet of its own: (name, columns, rows); a name has at most 31 characters."""
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with _workbook(path, options) as book:
        bold = book.add_format({"bold": True})
        for name, columns, rows in sheets:
            _fill(book.add_worksheet(name), columns, iter(rows), (SHEET_ROWS, bold))


@contextmanager
def _workbook(path: Path, options: dict[str, Any]) -> Iterator[Any]:
    """Yield a workbook whose parts are put together at the end; what the disk refuses comes as OSError, which xlsxwriter wraps."""
    library = require()
    book = library.Workbook(str(path), options)
    try:
        try:
            yield book
        finally:
            book.close()
    except library.exceptions.FileCreateError as error:
        refused = error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error))
        _close_archives(refused)
        raise refused from None


def _close_archives(error: OSError) -> None:
    """Close the archive that xlsxwriter leaves open when a write fails: it would try once more when it goes, and complain on stderr."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        for value in list(frame.f_locals.values()):
            if isinstance(value, zipfile.ZipFile):
                with suppress(OSError):
                    value.close()


def _fill(sheet: Any, columns: tuple[Column, ...], rows: Iterator[Row], shape: tuple[int, Any]) -> int:
    """Write the header and as many rows as the sheet holds; return how many."""
    most, bold = shape
    for number, name in enumerate(names(columns)):
        sheet.write_string(0, number, name, bold)
    sheet.freeze_panes(1, 0)
    is_text = [column.type == "text" for column in columns]
    count = 0
    while count < most - 1 and (row := next(rows, None)) is not None:
        count += 1
        if not any(value is not None and value != "" for value in row):
            sheet.write_blank(count, 0, None, bold)  # else the sheet would not have the row
        for number, value in enumerate(row):
            if value is None or value == "":
                continue
            if is_text[number]:
                sheet.write_string(count, number, xlsx_cell(str(value)))
            elif isinstance(value, bool):
                sheet.write_boolean(count, number, value)
            else:
                sheet.write_number(count, number, value)
    sheet.autofilter(0, 0, count, len(columns) - 1)
    return count


def read_xlsx(path: Path, columns: tuple[Column, ...]) -> Iterator[Row]:
    """Yield the rows of every sheet of a workbook that we wrote; KeyError names a column it does not have.

    Raises:
        SourceError: another program saved it (it keeps its texts elsewhere in the file).
    """
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)]
        for name in sorted(sheets, key=lambda name: int(re.sub(r"\D", "", name))):
            rows = _sheet_rows(archive, name, path)
            titles = {title: at for at, title in next(rows, {}).items()}
            places = [titles[column] for column in names(columns)]
            for cells in rows:
                yield tuple(_value(cells.get(at), column) for at, column in zip(places, columns, strict=True))


def _value(cell: str | None, column: Column) -> Value:
    if cell is None:
        return None if column.nullable or column.type != "text" else ""
    if column.type == "text":
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell)
    if column.type == "boolean":
        return cell == "1"
    return int(cell) if column.type == "integer" else float(cell)


def _sheet_rows(archive: zipfile.ZipFile, name: str, path: Path) -> Iterator[dict[int, str]]:
    """Yield the cells of each row by column number, from 0; a row without cells too."""
    reader = _SheetReader(path)
    with archive.open(name) as sheet:
        while block := sheet.read(_BLOCK_BYTES):
            reader.feed(block)
            yield from reader.taken()
        reader.feed(b"", is_last=True)


class _SheetReader:
    """Follows one sheet's XML as it streams by."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[dict[int, str]] = []
        self._row: dict[int, str] = {}
        self._column = 0
        self._text: list[str] | None = None
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse

    def feed(self, block: bytes, *, is_last: bool = False) -> None:
        """Read on."""
        try:
            self._parser.Parse(block, is_last)
        except expat.ExpatError as error:
            raise SourceError(f"{self._path}: is damaged: {error}") from error

    def taken(self) -> list[dict[int, str]]:
        """Return the rows that are complete, once."""
        rows, self._rows = self._rows, []
        return rows

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            self._row = {}
        elif tag == "c":
            if attributes.get("t") == "s":
                raise SourceError(f"{self._path}: another program saved this workbook; save it as CSV and read that")
            self._column = _column_number(attributes["r"])
        elif tag in ("t", "v"):
            self._text = []

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        if tag in ("t", "v") and self._text is not None:
            self._row[self._column] = "".join(self._text)
            self._text = None
        elif tag == "row":
            self._rows.append(self._row)

    def _refuse(self, *_declaration: object) -> None:
        raise SourceError(f"{self._path}: declares a document type, which no workbook does")


def _column_number(cell: str) -> int:
    """Return the number, from 0, of the column in a name like AB12."""
    number = 0
    for letter in cell:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter) - 64
    return number - 1
