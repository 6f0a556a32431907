"""A table of a run written to a place of its own, once and whole: no run goes on with it later."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from msgspec.structs import replace

from linkhaul.errors import OutputError
from linkhaul.export.disk import refusal, sync_folder
from linkhaul.export.existing import is_empty
from linkhaul.export.outputs import OutputSpec, check, is_live, open_live, write_whole
from linkhaul.export.spec import chunks
from linkhaul.export.sqlite import drop_table
from linkhaul.model.columns import Row

LOT = 2_000


def write_rows(spec: OutputSpec, rows: Iterable[Row]) -> int:
    """Write all rows to an output and return how many there were.

    What is there already is not added to, as a run's own outputs are: the same table exported twice would stand there twice.

    Raises:
        OutputError: something is there and may not be replaced, or it cannot be written.
        MissingExtra: the package for this format is not installed.
    """
    check(replace(spec, overwrite=True), ours=False)
    if not spec.is_stream and not spec.overwrite:
        _check_is_free(spec)
    if not is_live(spec):
        return write_whole(spec, chunks(rows, LOT), may_replace=False)
    path = Path(spec.path)
    if spec.is_stream or (path.exists() and not path.is_file()):
        return _write(spec, rows)
    if spec.format == "sqlite":
        with _taken_back(spec):
            return _write(spec, rows)
    return _write_beside(spec, path, rows)


def _write(spec: OutputSpec, rows: Iterable[Row]) -> int:
    written = 0
    with closing(open_live(spec, None)) as writer:
        writer.flush()
        for lot in chunks(rows, LOT):
            writer.write(lot)
            written += len(lot)
        writer.flush(durable=True, last=True)
    return written


def _write_beside(spec: OutputSpec, path: Path, rows: Iterable[Row]) -> int:
    """Write a text file beside its place and put it there when it is whole: until then the place holds what it held."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.unlink(missing_ok=True)
        written = _write(replace(spec, path=str(beside), overwrite=False), rows)
        beside.replace(path)
        sync_folder(path.parent)
    except OutputError as error:
        raise OutputError(str(error).replace(str(beside), spec.path)) from None
    except OSError as error:
        raise refusal(spec.path, error) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return written


@contextmanager
def _taken_back(spec: OutputSpec) -> Iterator[None]:
    """Take away what was begun of a database when it cannot be written to its end: the same command would find it in its way."""
    path = Path(spec.path)
    before = path.stat().st_size if path.exists() else None
    try:
        yield
    except BaseException:
        with suppress(OSError, OutputError):
            if before is None:
                path.unlink(missing_ok=True)
            elif not before:
                os.truncate(path, 0)
            elif not spec.overwrite:
                drop_table(spec)
        raise


def _check_is_free(spec: OutputSpec) -> None:
    path = Path(spec.path)
    if not path.exists() or path.stat().st_size == 0:
        return
    if spec.format == "sqlite":
        with closing(sqlite3.connect(path)) as database:
            taken = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (spec.table,)).fetchone() is not None
        where = f"{spec.path}: has a table {spec.table}"
    else:
        taken, where = not is_empty(spec), f"{spec.path}: exists"
    if taken:
        raise OutputError(f"{where}; use --overwrite to replace it, or name another file; it was not changed")
