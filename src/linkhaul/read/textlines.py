"""The lines of a text that comes as bytes: unpacked, decoded and counted, one at a time and none without bound."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from typing import BinaryIO, Self

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError, ZstdFile
else:
    from backports.zstd import ZstdError, ZstdFile

LONGEST_LINE = 1 << 20
"""Characters of the longest line that is read; a longer one is passed over."""

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class LineTooLong(Exception):
    """A line longer than LONGEST_LINE, which was passed over; `args` is a sentence and how the line begins."""


class TextBreaksOff(Exception):
    """The stream is damaged or cannot be read further; there are no more lines."""


class TextLines:
    """Iterate the lines of a stream of bytes, each with its line end (LF, CRLF or CR).

    UTF-8 or, behind its byte order mark, UTF-16; a byte that is not UTF-8 becomes a lone surrogate (PEP 383), so that
    the reader of the line can tell. Gzip and zstd are known by their first bytes. Whoever iterates may go on after
    LineTooLong, and not after TextBreaksOff. The stream stays open.

    Attributes:
        number: how many lines were read.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.number = 0
        self._stream = stream
        self._text: io.TextIOWrapper | None = None
        self._peeked: str | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._read() if self._peeked is None else self._peeked
        self._peeked = None
        if not line:
            raise StopIteration
        self.number += 1
        return line

    def peek(self) -> str:
        """Return the next line without reading past it; an empty text at the end."""
        if self._peeked is None:
            self._peeked = self._read()
        return self._peeked

    def _read(self) -> str:
        try:
            if self._text is None:
                self._text = _decoded(_unpacked(self._stream))
            line = self._text.readline(LONGEST_LINE)
            if len(line) < LONGEST_LINE or line[-1] in "\r\n":
                return line
            beginning = line
            while line and line[-1] not in "\r\n":
                line = self._text.readline(LONGEST_LINE)
        except (OSError, EOFError, zlib.error, ZstdError, UnicodeError) as damage:
            raise TextBreaksOff(str(damage) or type(damage).__name__) from damage
        self.number += 1
        raise LineTooLong(f"this line is longer than {LONGEST_LINE:,} characters", beginning)


class _Joined(io.RawIOBase):
    """The bytes of `head`, then those of a stream as they come; closing it leaves the stream open."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._read = getattr(stream, "read1", stream.read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len()
        chunk = self._head[: len(buffer)] or self._read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _head_of(stream: BinaryIO) -> tuple[bytes, io.BufferedReader]:
    head = b""
    while len(head) < 4 and (more := stream.read(4 - len(head))):
        head += more
    return head, io.BufferedReader(_Joined(head, stream))


def _unpacked(stream: BinaryIO) -> BinaryIO:
    head, whole = _head_of(stream)
    if head.startswith(_GZIP):
        return gzip.GzipFile(fileobj=whole)  # type: ignore[return-value]  # a BinaryIO in all but name
    if head.startswith(_ZSTD):
        return ZstdFile(whole)  # type: ignore[return-value]  # as above
    return whole


def _decoded(stream: BinaryIO) -> io.TextIOWrapper:
    head, whole = _head_of(stream)
    if head.startswith(_UTF_16):
        return io.TextIOWrapper(whole, "utf-16", errors="surrogatepass", newline="")
    return io.TextIOWrapper(whole, "utf-8-sig", errors="surrogateescape", newline="")
