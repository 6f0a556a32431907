"""Rows → the bytes of a text file, compressed or not, gathered so that each step does a good deal at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from linkhaul.export.compression import packer_for
from linkhaul.export.delimited import DelimitedText, Dialect, fresh_dialect
from linkhaul.export.jsonl import JsonLines
from linkhaul.export.spec import OutputSpec, chunks
from linkhaul.model.columns import Column, Row

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


def encoder_of(format: str, columns: tuple[Column, ...], dialect: Dialect | None = None, *, excel: bool = False) -> Encoder:
    """Return what turns rows into the bytes of a text format, in the file's dialect or our own."""
    if format == "jsonl":
        return JsonLines(columns)
    return DelimitedText(columns, dialect or fresh_dialect(format, columns), excel=excel)


class PackedRows:
    """Takes rows and gives bytes; what it still holds comes with `finish`.

    Attributes:
        dialect: of the file that is added to; None for our own.
    """

    def __init__(self, spec: OutputSpec, dialect: Dialect | None = None) -> None:
        self.dialect = dialect
        self._encoder = encoder_of(spec.format, spec.columns, dialect, excel=spec.excel)
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

    def add_text(self, text: bytes) -> bytes:
        """Take rows that are text already, made by the same encoder, and return what can be written so far."""
        return self._encoded() + self._packer.add(text)

    def finish(self) -> bytes:
        """Return the rest, so that everything returned since the last `finish` can be read on its own."""
        return self._encoded() + self._packer.finish()

    def _encoded(self) -> bytes:
        if not self._rows:
            return b""
        plain = self._encoder.encode(self._rows)
        self._rows.clear()
        return self._packer.add(plain)
