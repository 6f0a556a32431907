"""A text output on disk that can be cut back: CSV, TSV, JSON Lines, plain or compressed.

How it works. The run file is the truth, the output its echo. The mark says how many bytes of the output stand for rows
that the run file counts as written. It is stored in the run file *after* those bytes are safe in the output:
write → `flush(durable=True)` (fsync) → store the mark. So after a crash or a power cut the output is at its mark or
ahead of it, never behind, and opening it at the mark cuts off what is ahead.

* A mark is stored once right after opening, before the first row. Without that, rows of a run that crashed before its
  first mark would be taken for the user's own.
* `flush(durable=False)` hands the bytes to the operating system only: enough against `kill -9`, not against a power
  cut. Use it to make rows appear, and do not store its mark where the run file itself would survive the power cut.
* Whoever ends in order says so with `flush(last=True)`. What then stands behind the mark was added by somebody else
  (another run with the same output): it is kept, and we go on behind it. Without it, what is ahead is taken for ours.
* A mark carries a checksum of the bytes before it: a file that was edited or replaced meanwhile is refused, not cut.
* The file's length is compared before each write, so that two programs that write at once are noticed.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct

from linkhaul.errors import OutputError
from linkhaul.export.delimited import Dialect
from linkhaul.export.disk import Behind, refusal, sync_folder
from linkhaul.export.existing import dialect_of, is_empty, survey
from linkhaul.export.packed import PackedRows
from linkhaul.export.spec import OutputSpec
from linkhaul.model.columns import Row

_SPILL_BYTES = 1 << 20
_TAIL_BYTES = 64
_HEAD_BYTES = 512
_REMEDY = "move it away or use --overwrite, then the same command writes every row afresh"


class Mark(Struct, frozen=True, omit_defaults=True):
    """A place in the file up to which every row is written.

    Attributes:
        at: the length of the file at the mark, in bytes.
        tail: checksum of the last 64 bytes before `at` (fewer in a shorter file).
        begin: where the part that this run wrote begins; None where rows of ours stand before it, too.
        head_bytes, head: the first bytes of our part, how many (at most 512) and their checksum.
        ended: the writer ended in order; what comes behind is not ours.
    """

    at: int
    tail: int | None = None
    begin: int | None = None
    head_bytes: int = 0
    head: int = 0
    ended: bool = False


def open_text_file(spec: OutputSpec, mark: str | None) -> TextFile:
    """Open a text output: fresh, behind what the user has, or at a mark; whoever opens it closes it.

    Raises:
        OutputError: the file may not be added to or cut; it was not changed.
        Behind: rows are missing from it.
    """
    path = Path(spec.path)
    try:
        if mark is None:
            return _open_first(spec, path)
        return _open_again(spec, path, msgspec.json.decode(mark, type=Mark))
    except OSError as error:
        raise refusal(spec.path, error) from error
    except Behind:
        raise
    except OutputError as error:
        if mark is None or not spec.overwrite:
            raise
        raise Behind(spec.path, None) from error  # the user asked for it to be replaced


def _open_first(spec: OutputSpec, path: Path) -> TextFile:
    if is_empty(spec) or spec.overwrite:
        return TextFile(spec, PackedRows(spec), path.open("wb", buffering=0), Mark(0, begin=0))
    dialect = survey(spec)
    size = path.stat().st_size
    return TextFile(spec, PackedRows(spec, dialect), path.open("r+b", buffering=0), Mark(size, begin=size))


def _open_again(spec: OutputSpec, path: Path, mark: Mark) -> TextFile:
    size = path.stat().st_size if path.exists() else 0
    if size < mark.at:
        raise _behind(spec, path, mark, size)
    file = path.open("r+b" if path.exists() else "wb", buffering=0)
    try:
        _check_tail(path, mark)
        dialect = dialect_of(spec, mark.at) if mark.at else None
        if size > mark.at and mark.ended:
            dialect, mark = survey(spec), Mark(size)
        else:
            file.truncate(mark.at)
        return TextFile(spec, PackedRows(spec, dialect), file, mark)
    except BaseException:
        file.close()
        raise


def _behind(spec: OutputSpec, path: Path, mark: Mark, size: int) -> OutputError:
    """Return what to raise for a file shorter than its mark: it is fed again only where nobody else's rows can suffer."""
    if size == 0:
        return Behind(spec.path, None)
    if mark.begin is not None and (size == mark.begin or (size > mark.begin and _is_our_part(path, mark))):
        return Behind(spec.path, msgspec.json.encode(Mark(mark.begin, begin=mark.begin)).decode())
    return OutputError(f"{path}: is shorter than linkhaul left it, and what is there is not what it wrote; {_REMEDY}")


def _check_tail(path: Path, mark: Mark) -> None:
    if mark.tail is not None and zlib.crc32(_tail(path, mark.at)) != mark.tail:
        raise OutputError(f"{path}: was changed since linkhaul wrote it, so it cannot go on; {_REMEDY}")


def _is_our_part(path: Path, mark: Mark) -> bool:
    start = _slice(path, mark.begin or 0, mark.head_bytes)
    return mark.head_bytes > 0 and len(start) == mark.head_bytes and zlib.crc32(start) == mark.head


def _tail(path: Path, at: int) -> bytes:
    return _slice(path, max(0, at - _TAIL_BYTES), min(at, _TAIL_BYTES))


def _slice(path: Path, start: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(length)


class TextFile:
    """Writes rows at the end of one file. Not for several threads at once."""

    def __init__(self, spec: OutputSpec, packed: PackedRows, file: IO[bytes], mark: Mark) -> None:
        self._spec = spec
        self._file = file
        self._packed = packed
        self._begin = mark.begin
        self._size = self._safe = mark.at
        path = Path(spec.path)
        self._tail = _tail(path, mark.at)
        self._head = b"" if mark.begin is None else _slice(path, mark.begin, min(mark.at - mark.begin, _HEAD_BYTES))
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._is_broken = False
        self._is_new = mark.at == 0
        file.seek(mark.at)
        if mark.at == 0:
            self._add(packed.header())
        elif spec.compression is None and not self._tail.endswith(b"\n"):
            self._add(packed.line_end())

    def write(self, rows: Iterable[Row]) -> None:
        """Take rows; they reach the file at the next flush, or in between when they are many.

        Raises:
            OutputError: the disk is full, or somebody else writes to the file.
        """
        for content in self._packed.add(rows):
            self._add(content)
            if self._waiting_bytes >= _SPILL_BYTES:
                self._push()

    @property
    def dialect(self) -> Dialect | None:
        """How the file writes its lines; None for our own way."""
        return self._packed.dialect

    def write_text(self, text: bytes) -> None:
        """Take rows that are text already, as they are to stand in the file.

        Raises:
            OutputError: as `write`.
        """
        self._add(self._packed.add_text(text))
        if self._waiting_bytes >= _SPILL_BYTES:
            self._push()

    def flush(self, *, durable: bool = False, last: bool = False) -> str:
        """Hand everything to the operating system and return the mark to store; see the module's first lines.

        Args:
            durable: wait until it is on the disk; needed for a mark that is stored.
            last: nothing will be written after this.

        Raises:
            OutputError: the disk is full, or somebody else writes to the file.
        """
        self._add(self._packed.finish())
        self._push()
        self._safe = self._size
        if durable:
            try:
                os.fsync(self._file.fileno())
                if self._is_new:
                    sync_folder(Path(self._spec.path).absolute().parent)
                    self._is_new = False
            except OSError as error:
                raise self._broken(error) from error
        return msgspec.json.encode(self._mark(last)).decode()

    def close(self) -> None:
        """Write what is left and close the file; after a failure only close it."""
        try:
            if not self._is_broken:
                self.flush()
        finally:
            self._file.close()

    def _mark(self, ended: bool) -> Mark:
        return Mark(self._size, zlib.crc32(self._tail), self._begin, len(self._head), zlib.crc32(self._head), ended)

    def _add(self, content: bytes) -> None:
        self._waiting.append(content)
        self._waiting_bytes += len(content)

    def _push(self) -> None:
        """Write what waits. On failure cut off what was written of it, so that the file ends at a row."""
        content = b"".join(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        if not content:
            return
        try:
            if os.fstat(self._file.fileno()).st_size != self._size:
                self._is_broken = True
                raise OutputError(f"{self._spec.path}: another program writes to it at the same time; give each its own output")
            left = memoryview(content)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise self._broken(error) from error
        self._size += len(content)
        self._tail = (self._tail + content[-_TAIL_BYTES:])[-_TAIL_BYTES:]
        if self._begin is not None and len(self._head) < _HEAD_BYTES:
            self._head = (self._head + content[:_HEAD_BYTES])[:_HEAD_BYTES]

    def _broken(self, error: OSError) -> OutputError:
        self._is_broken = True
        with suppress(OSError):
            self._file.truncate(self._safe)
        return refusal(self._spec.path, error)
