"""Unpacking piece by piece."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.read.gunzip import GZIP, PIECE_BYTES, PackingError, unpacked


@given(content=st.binary(max_size=300), cuts=st.integers(1, 50), is_packed=st.booleans())
def test_pieces_make_no_difference(content: bytes, cuts: int, is_packed: bool) -> None:
    """However a file is cut, what comes out is its content; bytes that are no gzip pass untouched."""
    file = gzip.compress(content, mtime=0) if is_packed else content
    pieces = [file[start : start + cuts] for start in range(0, len(file), cuts)]
    if is_packed or not content.startswith(GZIP):
        assert b"".join(unpacked(pieces, 10_000)) == content


def test_all_members_count() -> None:
    """Several gzip members after one another are one file, and what follows them is passed over."""
    file = gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0) + b"\0\0\0"
    assert b"".join(unpacked([file], 100)) == b"one two"
    assert b"".join(unpacked((bytes([byte]) for byte in file), 100)) == b"one two"


def test_a_bomb_is_cut_at_the_cap() -> None:
    """What fits is given, in small pieces, then the fault."""
    got: list[bytes] = []
    with pytest.raises(PackingError, match="larger than 200000 bytes"):
        got.extend(unpacked([gzip.compress(b"\0" * 5_000_000, mtime=0)], 200_000))
    assert sum(map(len, got)) == 200_000
    assert max(map(len, got)) <= PIECE_BYTES


@pytest.mark.parametrize(
    ("file", "fault"),
    [(gzip.compress(b"x" * 99, mtime=0)[:-9], "ends in the middle"), (GZIP + b"\0\0\0", "broken"), (GZIP, "ends in the middle")],
    ids=["cut", "header", "empty"],
)
def test_broken_gzip_is_told(file: bytes, fault: str) -> None:
    """A cut or a wrong byte is a fault in a sentence."""
    with pytest.raises(PackingError, match=fault):
        list(unpacked([file], 1000))
