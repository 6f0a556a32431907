"""What stands in a text file that is there already, and whether rows may be added to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import IO

import msgspec

from linkhaul.errors import OutputError
from linkhaul.export.compression import open_plain, torn_errors
from linkhaul.export.delimited import BOM, Dialect, fresh_dialect
from linkhaul.export.disk import refusal
from linkhaul.export.spec import OutputSpec
from linkhaul.model.columns import names

_LONGEST_FIRST_LINE = 1 << 20
_LONGEST_START = 4 << 20  # more than a reader takes ahead of the first line, so that a cut here is never seen
_BLOCK_BYTES = 1 << 20
_REMEDY = "use --overwrite to replace it, or name another file; it was not changed"


def is_empty(spec: OutputSpec) -> bool:
    """Return whether there is no file, or one without content (a lone byte order mark is none)."""
    path = Path(spec.path)
    if not path.exists() or path.stat().st_size == 0:
        return True
    try:
        with open_plain(path, spec.compression) as file:
            return file.read(len(BOM) + 1) in (b"", BOM)
    except torn_errors():
        return False
    except OSError as error:
        raise _unreadable(spec, error) from error


def dialect_of(spec: OutputSpec, length: int) -> Dialect:
    """Return how the file on disk separates cells and lines, and where our columns stand in it.

    The order of the columns, the delimiter and the line ending are the file's: rows are written as it has them.

    Args:
        spec: the output.
        length: how many bytes of the file count, > 0; what is behind may be torn.

    Raises:
        OutputError: its columns are not ours, or it cannot be read.
    """
    try:
        with Path(spec.path).open("rb") as file:
            start = io.BytesIO(file.read(min(length, _LONGEST_START)))
        with open_plain(start, spec.compression) as plain:
            return _dialect(spec, plain.readline(_LONGEST_FIRST_LINE))
    except torn_errors() as error:
        raise _torn(spec, error) from error
    except OSError as error:
        raise _unreadable(spec, error) from error


def survey(spec: OutputSpec) -> Dialect:
    """Return `dialect_of` the file after reading it whole: it must also end where a row ends.

    A header without a line ending, as editors leave it, is fine in an uncompressed file. Cost: one pass over the file.

    Raises:
        OutputError: also when its last row is cut off.
    """
    try:
        with open_plain(Path(spec.path), spec.compression) as file:
            first = file.readline(_LONGEST_FIRST_LINE)
            dialect = _dialect(spec, first)
            _check_end(spec, first, file)
    except torn_errors() as error:
        raise _torn(spec, error) from error
    except OSError as error:
        raise _unreadable(spec, error) from error
    return dialect


def _check_end(spec: OutputSpec, first: bytes, rest: IO[bytes]) -> None:
    """Read to the end and refuse a file whose last row is cut off: ours would become part of it."""
    last, quotes, is_header_alone = first, first.count(b'"'), True
    while block := rest.read(_BLOCK_BYTES):
        last, is_header_alone = block, False
        quotes += block.count(b'"')
    if spec.format != "jsonl" and quotes % 2:
        raise OutputError(f"{spec.path}: ends inside a quoted cell, as if writing it was interrupted; mend its last row or {_REMEDY}")
    may_end_open = is_header_alone and spec.format != "jsonl" and spec.compression is None
    if not last.endswith(b"\n") and not may_end_open:
        raise OutputError(
            f"{spec.path}: its last line has no line ending, as if writing it was interrupted; end or delete that line, or {_REMEDY}"
        )


def _dialect(spec: OutputSpec, first_line: bytes) -> Dialect:
    if not first_line:
        return fresh_dialect(spec.format, spec.columns)
    if first_line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise OutputError(f"{spec.path}: is UTF-16, rows are added in UTF-8 only; {_REMEDY}")
    try:
        text = first_line.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        raise OutputError(f"{spec.path}: is not UTF-8, rows cannot be added; {_REMEDY}") from error
    return _json_dialect(spec, text) if spec.format == "jsonl" else _delimited_dialect(spec, text)


def _delimited_dialect(spec: OutputSpec, line: str) -> Dialect:
    """Find the delimiter under which the first line holds our columns; the format's own is tried first."""
    fresh = fresh_dialect(spec.format, spec.columns)
    ours = names(spec.columns)
    newline = "\r\n" if line.endswith("\r\n") else "\n" if line.endswith("\n") else fresh.newline
    bare = line.rstrip("\r\n")
    for delimiter in dict.fromkeys((fresh.delimiter, ",", ";", "\t", "|")):
        theirs = _cells(bare, delimiter)
        if sorted(theirs) == sorted(ours):
            return Dialect(delimiter, newline, tuple(ours.index(name) for name in theirs))
    raise different_columns(spec.path, _cells(bare, fresh.delimiter), ours)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def _json_dialect(spec: OutputSpec, line: str) -> Dialect:
    ours = names(spec.columns)
    try:
        row = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        raise OutputError(f"{spec.path}: its first line is not JSON, so its columns cannot be compared; {_REMEDY}") from error
    if not isinstance(row, dict):
        raise OutputError(f"{spec.path}: its first line is not a JSON object, so its columns cannot be compared; {_REMEDY}")
    if set(row) != set(ours):
        raise different_columns(spec.path, list(row), ours)
    return fresh_dialect("jsonl", spec.columns)


def different_columns(path: str, theirs: Sequence[str], ours: Sequence[str]) -> OutputError:
    """Return the exception for a file whose columns are not ours, naming the first that differs."""
    pairs = zip_longest(theirs, ours)
    number, (their, our) = next((at, pair) for at, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    seen = "is missing" if their is None else f"is {_short(their)}"
    wanted = "should not be there" if our is None else f"should be {our!r}"
    return OutputError(f"{path}: its columns differ: column {number} {seen}, {wanted}; {_REMEDY}")


def already_there(path: str, kind: str) -> OutputError:
    """Return the exception for an existing file of a format that nothing can be added to."""
    return OutputError(f"{path}: exists, and rows cannot be added to a {kind} file; {_REMEDY}")


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _torn(spec: OutputSpec, error: Exception) -> OutputError:
    return OutputError(f"{spec.path}: is damaged or cut off, rows cannot be added ({error}); {_REMEDY}")


def _unreadable(spec: OutputSpec, error: OSError) -> OutputError:
    return refusal(spec.path, error) if error.errno else _torn(spec, error)
