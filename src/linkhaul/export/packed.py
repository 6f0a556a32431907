"""Rows → the bytes of a text file, compressed or not, gathered so that each step does a good deal at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from linkhaul.export.compression import packer_for
from linkhaul.export.delimited import DelimitedText, Dialect, fresh_dialect
from linkhaul.export.jsonl import JsonLines
from linkhaul.export.spec import OutputSpec, chunks
from linkhaul.model.columns import Row

_CHUNK_ROWS = 1000


class Encoder(Protocol):
    """Turns rows into bytes; `newline` ends its lines."""

    @property
    def newline(self) -> bytes:
        """Return what ends a line."""

    def header(self) -> bytes:
        """Return what stands once, at the beginning of the file."""

    def encode(self, rows: list[Row]) -> bytes:
        """Return the bytes of at least one row."""


def encoder_for(spec: OutputSpec, dialect: Dialect | None = None) -> Encoder:
    """Return what turns rows into the bytes of a text format, in the file's dialect or our own."""
    if spec.format == "jsonl":
        return JsonLines(spec.columns)
    return DelimitedText(spec.columns, dialect or fresh_dialect(spec.format, spec.columns), excel=spec.excel)


class PackedRows:
    """Takes rows and gives bytes; what it still holds comes with `finish`."""

    def __init__(self, spec: OutputSpec, dialect: Dialect | None = None) -> None:
        self._encoder = encoder_for(spec, dialect)
        self._packer = packer_for(spec.compression)
        self._rows: list[Row] = []

    def header(self) -> bytes:
        """Return what a file or stream that we begin starts with; compressed, a table without rows is one empty frame, not no bytes."""
        return self._packer.add(self._encoder.header())

    def line_end(self) -> bytes:
        """Return what ends an open line."""
        return self._packer.add(self._encoder.newline)

    def add(self, rows: Iterable[Row]) -> Iterator[bytes]:
        """Take rows and yield what can be written so far, seldom and in good portions."""
        for chunk in chunks(rows, _CHUNK_ROWS):
            self._rows += chunk
            if len(self._rows) >= _CHUNK_ROWS:
                yield self._encoded()

    def finish(self) -> bytes:
        """Return the rest, so that everything returned since the last `finish` can be read on its own."""
        return self._encoded() + self._packer.finish()

    def _encoded(self) -> bytes:
        if not self._rows:
            return b""
        plain = self._encoder.encode(self._rows)
        self._rows.clear()
        return self._packer.add(plain)
