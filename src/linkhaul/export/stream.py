"""A text output that cannot be cut back: standard output, a pipe, a device."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import IO

from linkhaul.errors import OutputError
from linkhaul.export.disk import refusal
from linkhaul.export.packed import PackedRows
from linkhaul.export.spec import STDOUT, OutputSpec
from linkhaul.model.columns import Row

MARK = "{}"


class StreamText:
    """Writes rows to a stream, the header first. Its mark says nothing: a stream begins anew in each process."""

    def __init__(self, spec: OutputSpec) -> None:
        self._path = spec.path
        self._packed = PackedRows(spec)
        self._file: IO[bytes] | None = None
        self._put = self._open(spec)
        self._is_broken = False
        try:
            self._send(self._packed.header())
        except OutputError:
            self.close()
            raise

    def _open(self, spec: OutputSpec) -> Callable[[bytes], object]:
        if spec.path != STDOUT:
            try:
                self._file = open(spec.path, "wb", buffering=0)  # noqa: PTH123, SIM115 - a pipe or device; closed by close()
            except OSError as error:
                raise refusal(spec.path, error) from error
            return self._write_all
        binary = getattr(sys.stdout, "buffer", None)
        if binary is None and spec.compression:
            raise OutputError(f"standard output takes text only here, not .{spec.compression}; name a file")
        if binary is None:  # a notebook's or a test's stand-in
            return lambda content: sys.stdout.write(content.decode())
        sys.stdout.flush()
        put: Callable[[bytes], object] = binary.write
        return put

    def _write_all(self, content: bytes) -> None:
        left = memoryview(content)
        while left and self._file is not None:
            left = left[self._file.write(left) :]

    def _send(self, content: bytes) -> None:
        if not content:
            return
        try:
            self._put(content)
        except OSError as error:
            self._is_broken = True
            raise refusal(self._path, error) from error

    def write(self, rows: Iterable[Row]) -> None:
        """Write rows.

        Raises:
            ClosedPipe: the reader went away.
            OutputError: the disk behind it is full.
        """
        for content in self._packed.add(rows):
            self._send(content)

    @property
    def dialect(self) -> None:
        """Return nothing: a stream begins in our own way."""
        return

    def write_text(self, text: bytes) -> None:
        """Write rows that are text already; raises what `write` raises."""
        self._send(self._packed.add_text(text))

    def flush(self, *, durable: bool = False, last: bool = False) -> str:  # noqa: ARG002 - a stream is never on a disk of ours
        """Hand everything to the reader.

        Raises:
            ClosedPipe: the reader went away.
        """
        self._send(self._packed.finish())
        if self._file is None:
            try:
                sys.stdout.flush()
            except OSError as error:
                self._is_broken = True
                raise refusal(self._path, error) from error
        return MARK

    def close(self) -> None:
        """Flush what is left; standard output itself stays open."""
        try:
            if not self._is_broken:
                self.flush()
        finally:
            if self._file is not None:
                self._file.close()
