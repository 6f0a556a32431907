"""Bytes as they were before gzip, piece by piece, under a cap."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

PIECE_BYTES = 65_536
GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib's number for 'gzip, the largest window'


class PackingError(ValueError):
    """The bytes are too many, or no gzip after all; the message is a sentence for people."""


def unpacked(pieces: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Yield a file's bytes, unpacked when it begins as gzip does, in pieces of at most PIECE_BYTES, none of them empty.

    All members of a gzip file count; what follows them and is none is passed over, as gunzip does.

    Raises:
        PackingError: after the bytes before the fault: the file is broken, cut off, or larger than `max_bytes`.
    """
    total = 0
    for piece in _gunzipped(_from_two_bytes(pieces)):
        total += len(piece)
        if total > max_bytes:
            if kept := piece[: max_bytes - total]:
                yield kept
            raise PackingError(f"it is larger than {max_bytes} bytes after unpacking; the rest is left out")
        yield piece


def _from_two_bytes(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces in small ones, the first of at least two bytes if there are so many."""
    rest = b""
    for piece in pieces:
        rest += piece
        if len(rest) >= 2:
            for start in range(0, len(rest), PIECE_BYTES):
                yield rest[start : start + PIECE_BYTES]
            rest = b""
    if rest:
        yield rest


def _gunzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    head = next(pieces, b"")
    if not head.startswith(GZIP):
        if head:
            yield head
        yield from pieces
        return
    member = zlib.decompressobj(_GZIP_WINDOW)
    rest = head
    while True:
        try:
            piece = member.decompress(rest, PIECE_BYTES)
        except zlib.error as error:
            raise PackingError(f"its gzip is broken: {error}") from None
        if piece:
            yield piece
        rest = member.unconsumed_tail
        if member.eof:
            rest = member.unused_data
            while len(rest) < 2 and (more := next(pieces, b"")):
                rest += more
            if not rest.startswith(GZIP):
                return
            member = zlib.decompressobj(_GZIP_WINDOW)
        elif not rest and not (rest := next(pieces, b"")):
            raise PackingError("its gzip ends in the middle")
