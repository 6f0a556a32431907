"""The door of this layer: what an output is, whether it may be written, and the writers.

Order of use: `spec_for` → `check` (before anything is fetched) → for a live format `open_live`, store its first
`flush()`, then write, flush, store the mark, ...; for the others `write_whole` at the end.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from linkhaul.errors import OutputError, UsageError
from linkhaul.export import parquet, xlsx
from linkhaul.export.delimited import Dialect
from linkhaul.export.disk import Behind, ClosedPipe, refusal, sync_folder
from linkhaul.export.existing import already_there, is_empty, survey
from linkhaul.export.spec import COMPRESSIONS, FORMATS, LIVE_FORMATS, STDOUT, OutputSpec, format_of, spec_for
from linkhaul.export.sqlite import check_table, holds_rows, open_table
from linkhaul.export.stream import StreamText
from linkhaul.export.textfile import open_text_file
from linkhaul.model.columns import Row

__all__ = [
    "COMPRESSIONS",
    "FORMATS",
    "STDOUT",
    "Behind",
    "ClosedPipe",
    "OutputSpec",
    "TextWriter",
    "Writer",
    "check",
    "format_of",
    "has_content",
    "is_live",
    "open_live",
    "spec_for",
    "write_whole",
]


class Writer(Protocol):
    """A live output: rows appear in it while the run goes on. After any exception it can only be closed."""

    def write(self, rows: Iterable[Row]) -> None:
        """Take rows, in the order of the columns."""

    def flush(self, *, durable: bool = False, last: bool = False) -> str:
        """Hand over everything and return the mark to store in the run file.

        The order is: write → `flush(durable=True)` → store the mark. A mark that is stored before its rows are on the
        disk would, after a power cut, stand for rows that nobody has. `export.textfile` says more.

        Args:
            durable: wait until the rows are on the disk.
            last: nothing will be written after this; what comes behind will be somebody else's.
        """

    def close(self) -> None:
        """Flush what is left and let go; after an exception only let go."""


class TextWriter(Writer, Protocol):
    """A live output of text."""

    @property
    def dialect(self) -> Dialect | None:
        """How the file that is added to writes its lines; None for our own way."""

    def write_text(self, text: bytes) -> None:
        """Take rows that are text already, made in its dialect."""


def is_live(spec: OutputSpec) -> bool:
    """Return whether rows can appear in it while the run goes on, and be added to what is there."""
    return spec.format in LIVE_FORMATS


def check(spec: OutputSpec, ours: bool) -> None:
    """Raise what would stop this output later, before anything is fetched. Changes nothing.

    Args:
        spec: the output.
        ours: this run has written it before (it has a mark, or was written whole).

    Raises:
        OutputError: no such folder, no permission, or an existing file that cannot be added to.
        MissingExtra: the package for this format is not installed.
        UsageError: a format that cannot go into a pipe or device.
    """
    if spec.format == "parquet":
        parquet.require()
    elif spec.format == "xlsx":
        xlsx.require()
    if spec.path == STDOUT:
        return
    if spec.is_stream:
        if spec.format in ("sqlite", "parquet", "xlsx"):
            raise UsageError(f"{spec.path}: is no file on disk; {spec.format} needs one")
        return
    path = Path(spec.path)
    _check_place(path)
    if path.exists():
        _check_existing(spec, path, ours)


def _check_existing(spec: OutputSpec, path: Path, ours: bool) -> None:
    if spec.format == "sqlite":
        if path.stat().st_size:
            check_table(spec)
    elif not spec.overwrite and not ours:
        if not is_live(spec):
            raise already_there(spec.path, spec.format)
        if not is_empty(spec):
            survey(spec)


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file in it")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}; make it first")
    held = path if path.exists() else path.parent
    if not os.access(held, os.W_OK):
        raise OutputError(f"{path}: may not be written; change the permissions of {held} or choose another place")


def has_content(spec: OutputSpec) -> bool:
    """Return whether there is a live output that something stands in already; in a database, rows in its table."""
    return holds_rows(spec) if spec.format == "sqlite" else not is_empty(spec)


def open_live(spec: OutputSpec, mark: str | None) -> Writer:
    """Open a live output; whoever opens it closes it, and stores its first `flush()` before writing a row.

    Args:
        spec: an output for which `is_live` is true.
        mark: None the first time in a run: an existing file is compared and added to. Else what is ahead of the mark
            is cut off. A stream begins anew each time, with its header.

    Raises:
        OutputError: it cannot be added to or cut back; nothing was changed.
        Behind: rows that the mark stands for are missing; open it again with the exception's `begin` and feed all rows.
    """
    if spec.is_stream:
        return StreamText(spec)
    return open_table(spec, mark) if spec.format == "sqlite" else open_text_file(spec, mark)


def write_whole(spec: OutputSpec, batches: Iterable[Iterable[Row]], may_replace: bool) -> int:
    """Write a Parquet file or a workbook and return its number of rows.

    It is written beside its place and then put there, so the place holds the old file or the whole new one.

    Args:
        spec: an output for which `is_live` is false.
        batches: all rows, in order; held in memory up to 50,000.
        may_replace: the existing file is ours.

    Raises:
        OutputError: a file exists that is not ours, or it cannot be written; nothing was changed.
        MissingExtra: the package for this format is not installed.
    """
    path = Path(spec.path)
    if path.exists() and not may_replace and not spec.overwrite:
        raise already_there(spec.path, spec.format)
    beside = path.with_name(f".{path.name}.part")
    write = parquet.write_parquet if spec.format == "parquet" else xlsx.write_xlsx
    try:
        written = write(spec, beside, batches)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise refusal(spec.path, error) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return written
