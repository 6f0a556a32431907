"""Findings written to their place: standard output, a pipe, or a file that appears whole or not at all."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from linkhaul.errors import OutputError
from linkhaul.export.disk import refusal
from linkhaul.export.findings.context import Context
from linkhaul.export.findings.formats import Place, writer
from linkhaul.export.spec import STDOUT
from linkhaul.model.check import Checked, Coverage


def check_is_free(path: str, *, overwrite: bool) -> None:
    """Raise OutputError when findings may not be written there: before anything is asked for."""
    if path == STDOUT:
        return
    file = Path(path)
    if file.is_dir():
        raise OutputError(f"{path}: is a folder; name a file in it")
    if not file.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {file.parent}; make it first")
    if file.is_file() and file.stat().st_size and not overwrite:
        raise OutputError(f"{path}: exists; use --overwrite to replace it, or name another file; it was not changed")


def write_findings(place: Place, findings: Callable[[], Iterable[Checked]], coverage: Coverage, context: Context) -> None:
    """Write the findings to one place.

    Raises:
        ClosedPipe: whoever read it went away.
        OutputError: it cannot be written.
    """
    write = writer(place.format)
    put_text(place.path, lambda stream: write(findings(), coverage, context, stream))


def put_text(path: str, put: Callable[[TextIO], None]) -> None:
    """Let text be put into one place.

    Raises:
        ClosedPipe: whoever read it went away.
        OutputError: it cannot be written.
    """
    try:
        if path == STDOUT:
            _to_stdout(put)
        elif Path(path).exists() and (not Path(path).is_file() or not Path(path).stat().st_size):
            with open(path, "w", encoding="utf-8", errors="replace", newline="") as stream:  # noqa: PTH123 - a pipe or device, too
                put(stream)
        else:
            _whole(Path(path), put)
    except OSError as error:
        raise refusal(path, error) from error


def _to_stdout(put: Callable[[TextIO], None]) -> None:
    """Write as UTF-8, whatever the terminal's encoding, unless a person watches: then what it does not have is replaced."""
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:  # a notebook's or a test's stand-in
        put(sys.stdout)
        return
    sys.stdout.flush()
    encoding = (sys.stdout.encoding or "ascii") if sys.stdout.isatty() else "utf-8"
    stream = io.TextIOWrapper(binary, encoding=encoding, errors="replace", newline="", write_through=False)
    try:
        put(stream)
        stream.flush()
    finally:
        with suppress(OSError, ValueError):
            stream.detach()


def _whole(path: Path, put: Callable[[TextIO], None]) -> None:
    """Write a file beside the place and move it there."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", errors="replace", newline="") as stream:
            put(stream)
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
