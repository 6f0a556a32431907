"""Content decoding in pieces: gzip, deflate, brotli and zstd, under one cap on what comes out.

A few hundred bytes can unpack to gigabytes, so every call into a library is given the room that is left, and what comes
out is also compared with what went in: beyond `RATIO_FROM` bytes more than `RATIO` times the input is a bomb (HTML packs
3 to 15 times, generated tables up to 60 times, gzip at most 1,030 times, brotli and zstd without limit).

Libraries differ at the edges, and so do servers. Here: bytes after the end of a gzip, deflate or zstd stream are ignored,
unless they begin another gzip or zstd stream (brotli's library refuses them); deflate may come with or without its zlib wrapper; a label that is no encoding at all ("utf-8",
"none") is ignored as browsers do; an empty body is empty, whatever its label; a stream that stops before its end is a
fault, because the links after that point are missing.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import brotli

from linkhaul.model.records import Failure

if sys.version_info >= (3, 14):  # pragma: no cover: the backport is not installed there
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, deflate, br, zstd"
"""The Accept-Encoding header: what this module reads."""

RATIO = 200
RATIO_FROM = 1_000_000
STACKED = 3
"""How many encodings may lie on top of each other; real servers use one, broken ones two."""

_STREAMS = 1000
"""How many gzip members or zstd frames one body may have: each costs a copy of the rest of its piece."""

_ZSTD_WINDOW_LOG = 23
"""8 MiB, the largest window allowed on the web (RFC 9659)."""

_STEP = 1 << 20
"""What one call into a library may put out at once, in bytes: so a bomb is seen after a megabyte, not at the cap."""

_NAMES = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate", "br": "br", "zstd": "zstd"}
_FOREIGN = frozenset({"compress", "x-compress", "aes128gcm", "exi", "pack200-gzip", "dcb", "dcz", "bzip2", "x-bzip2", "xz", "lzma"})


class BodyFault(Exception):
    """A body that cannot be unpacked; caught where the body is read and turned into its failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class _Stream(Protocol):
    """One decompressor of a library, with one face for all four."""

    ended: bool

    def feed(self, piece: bytes, room: int) -> bytes:
        """Return what a piece unpacks to; at most `room` bytes and one library block more."""
        ...


def encodings(content_encoding: str | None) -> tuple[str, ...]:
    """Return the encodings of a Content-Encoding header in the order in which they were applied, by canonical name.

    >>> encodings("X-GZIP, br")
    ('gzip', 'br')

    Raises:
        BodyFault: an encoding that we did not ask for and cannot read, or too many.
    """
    if not content_encoding:
        return ()
    labels = [label.strip().lower() for label in content_encoding.split(",")]
    for label in labels:
        if label in _FOREIGN:
            raise BodyFault(Failure("bad-encoding", f"the body is packed with '{label}', which was not offered; we asked for {ACCEPTED}"))
    found = tuple(_NAMES[label] for label in labels if label in _NAMES)
    if len(found) > STACKED:
        raise BodyFault(Failure("bad-encoding", f"the body is packed {len(found)} times over; we unpack at most {STACKED}"))
    return found


class Decoder:
    """Unpacks one body, piece by piece.

    Attributes:
        wire_bytes: bytes fed so far.
        size: bytes that came out so far.
    """

    def __init__(self, names: tuple[str, ...], cap: int) -> None:
        self._names = names
        self._streams = [_OPENERS[name]() for name in reversed(names)]
        self._cap = cap
        self.wire_bytes = 0
        self.size = 0

    def feed(self, piece: bytes) -> bytes:
        """Return what the next piece unpacks to.

        Raises:
            BodyFault: it is not what its label says, or it is a bomb, or too large.
        """
        self.wire_bytes += len(piece)
        try:
            unpacked = b"".join(self._through(piece, 0))
        except _WRONG as error:
            raise BodyFault(self._wrong(error)) from None
        return unpacked

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            BodyFault: a stream stopped before its end.
        """
        if self.wire_bytes and not all(stream.ended for stream in self._streams):
            label = ", ".join(self._names)
            detail = (
                f"the body stops in the middle of its {label} stream after {self.wire_bytes:,} bytes: links after that point are missing"
            )
            raise BodyFault(Failure("bad-encoding", detail, may_pass=True))

    def _through(self, piece: bytes, level: int) -> Iterator[bytes]:
        if level == len(self._streams):
            self._count(len(piece))
            yield piece
            return
        stream = self._streams[level]
        while True:
            room = min(self._cap - self.size + 1, _STEP)
            unpacked = stream.feed(piece, room)
            if unpacked:
                yield from self._through(unpacked, level + 1)
            if len(unpacked) < room:
                return
            piece = b""

    def _count(self, size: int) -> None:
        self.size += size
        if self.size > self._cap:
            raise BodyFault(too_large(self._cap))
        if self.size > RATIO_FROM and self.size > RATIO * self.wire_bytes:
            detail = f"{self.wire_bytes:,} bytes unpack to more than {self.size:,}: this is a bomb, not a page"
            raise BodyFault(Failure("too-large", detail))

    def _wrong(self, error: Exception) -> Failure:
        label = ", ".join(self._names)
        return Failure("bad-encoding", f"the body is labelled {label} but cannot be unpacked as that ({str(error)[:120]})")


def too_large(cap: int, announced: int | None = None) -> Failure:
    """Return the failure for a body of more than `cap` bytes; `announced` is its Content-Length, if that was enough to know."""
    seen = f"the body is {announced:,} bytes, more than" if announced else "the body is larger than"
    return Failure("too-large", f"{seen} {cap:,}; --max-body sets how much is read")


def _fastest_inflate() -> tuple[Callable[[int], Any], type[Exception]]:
    """Return a maker of zlib decompressors and what they raise: isal's where it is installed (19 instead of 43 µs a page)."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.decompressobj, zlib.error
    error: Any = isal_zlib.error  # its stub calls the class an instance
    return isal_zlib.decompressobj, error


_inflater, _InflateError = _fastest_inflate()
_WRONG = (zlib.error, _InflateError, brotli.error, zstd.ZstdError, EOFError, ValueError)


class _Streams:
    """One stream of a format after the other, as gzip members and zstd frames come; what follows and is none is ignored."""

    def __init__(self, opener: Callable[[], Any], begins: Callable[[bytes], bool]) -> None:
        self.ended = False
        self._opener = opener
        self._begins = begins
        self._inside: Any = None
        self._rest = b""
        self._opened = 0
        self._is_over = False

    def feed(self, piece: bytes, room: int) -> bytes:
        if self._is_over:
            return b""
        self._rest = self._rest + piece if self._rest else piece
        unpacked = b""
        while len(unpacked) < room and (self._inside is not None or self._next()):
            given, self._rest = self._rest, b""
            unpacked += self._inside.decompress(given, room - len(unpacked))
            if not self._inside.eof:
                self._rest = getattr(self._inside, "unconsumed_tail", b"")
                break
            self._rest, self._inside, self.ended = self._inside.unused_data, None, True
        return unpacked

    def _next(self) -> bool:
        """Open the next stream if there is one; what begins the first is left for the library to judge."""
        if self.ended and len(self._rest) < 4:
            return False
        if not self._rest or (self.ended and not self._begins(self._rest)):
            self._is_over = self.ended
            return False
        if self._opened == _STREAMS:
            raise ValueError(f"more than {_STREAMS} streams in one body")
        self._opened += 1
        self._inside, self.ended = self._opener(), False
        return True


class _Deflate:
    """A zlib stream as the standard says, or a raw one as some servers send."""

    def __init__(self) -> None:
        self.ended = False
        self._inside: Any = None
        self._rest = b""

    def feed(self, piece: bytes, room: int) -> bytes:
        if self.ended:
            return b""
        piece = self._rest + piece
        if self._inside is None and len(piece) < 2:
            self._rest = piece
            return b""
        if self._inside is None:
            is_wrapped = piece[0] & 0x0F == 8 and int.from_bytes(piece[:2], "big") % 31 == 0
            self._inside = _inflater(15 if is_wrapped else -15)
        unpacked: bytes = self._inside.decompress(piece, room)
        self._rest = self._inside.unconsumed_tail
        self.ended = bool(self._inside.eof)
        return unpacked


class _Brotli:
    def __init__(self) -> None:
        self.ended = False
        self._inside = brotli.Decompressor()

    def feed(self, piece: bytes, room: int) -> bytes:
        if self.ended:
            return b""
        unpacked: bytes = self._inside.process(piece, output_buffer_limit=room)
        self.ended = self._inside.is_finished()
        return unpacked


def _gzip() -> _Streams:
    return _Streams(lambda: _inflater(31), lambda start: start[:2] == b"\x1f\x8b")


def _zstd() -> _Streams:
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
    return _Streams(lambda: zstd.ZstdDecompressor(options=options), _is_zstd)


def _is_zstd(start: bytes) -> bool:
    """Return whether bytes begin a frame or a skippable frame (RFC 8878, sections 3.1.1 and 3.1.2)."""
    return start[:4] == b"\x28\xb5\x2f\xfd" or (start[1:4] == b"\x2a\x4d\x18" and 0x50 <= start[0] <= 0x5F)


_OPENERS: dict[str, Callable[[], _Stream]] = {"gzip": _gzip, "deflate": _Deflate, "br": _Brotli, "zstd": _zstd}
