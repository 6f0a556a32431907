"""Compressed streams that can be cut: each flush ends a gzip member or a Zstandard frame.

Members and frames that follow each other are one valid file, so the file can be read at any time and be cut back at any
of the marks. The price is a few dozen bytes and a fresh dictionary per flush.
"""

from __future__ import annotations

import gzip
import sys
import zlib
from pathlib import Path
from typing import IO, Any, Protocol

GZIP_LEVEL = 6
ISAL_LEVEL = 2
ZSTD_LEVEL = 3
_GZIP_CONTAINER = 31


class Packer(Protocol):
    """Turns bytes into the bytes that go to the file."""

    def add(self, plain: bytes) -> bytes:
        """Return what can be written of what was added so far."""

    def finish(self) -> bytes:
        """Return the rest, so that what was written since the last `finish` stands on its own; empty if that is nothing."""


class PlainPacker:
    """No compression."""

    def add(self, plain: bytes) -> bytes:
        """Return it as it is."""
        return plain

    def finish(self) -> bytes:
        """Return nothing: there is no rest."""
        return b""


class GzipPacker:
    """One gzip member per flush; by isal, several times faster, where it is installed."""

    def __init__(self) -> None:
        self._member: Any = None

    def add(self, plain: bytes) -> bytes:
        """Compress into the open member; adding nothing opens one, too."""
        if self._member is None:
            self._member = _gzip_member()
        packed: bytes = self._member.compress(plain)
        return packed

    def finish(self) -> bytes:
        """End the member."""
        if self._member is None:
            return b""
        packed: bytes = self._member.flush()
        self._member = None
        return packed


class ZstdPacker:
    """One Zstandard frame per flush."""

    def __init__(self) -> None:
        self._zstd = zstd_library()
        self._compressor = self._zstd.ZstdCompressor(level=ZSTD_LEVEL)
        self._is_open = False

    def add(self, plain: bytes) -> bytes:
        """Compress into the open frame; adding nothing opens one, too."""
        self._is_open = True
        packed: bytes = self._compressor.compress(plain)
        return packed

    def finish(self) -> bytes:
        """End the frame."""
        if not self._is_open:
            return b""
        self._is_open = False
        packed: bytes = self._compressor.flush(self._compressor.FLUSH_FRAME)
        return packed


def packer_for(compression: str | None) -> Packer:
    """Return a new packer for gz, zst or None."""
    if compression == "gz":
        return GzipPacker()
    return ZstdPacker() if compression == "zst" else PlainPacker()


def open_plain(path: Path | IO[bytes], compression: str | None) -> IO[bytes]:
    """Open a file (or what was read of it) for reading its content, uncompressed; the caller closes it.

    Reading may raise what `torn_errors` names when the content is damaged or ends too early.
    """
    if compression == "gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    if compression == "zst":
        opened: IO[bytes] = zstd_library().open(path, "rb")
        return opened
    return path.open("rb") if isinstance(path, Path) else path


def torn_errors() -> tuple[type[Exception], ...]:
    """Return what reading a damaged compressed file raises, besides OSError."""
    return (EOFError, zlib.error, zstd_library().ZstdError)


def zstd_library() -> Any:
    """Return Zstandard's module: the standard library's from Python 3.14 on, before that its backport."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _gzip_member() -> Any:
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.compressobj(GZIP_LEVEL, wbits=_GZIP_CONTAINER)
    return isal_zlib.compressobj(ISAL_LEVEL, wbits=_GZIP_CONTAINER)
