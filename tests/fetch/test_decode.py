"""Content decoding: whole, in pieces, hostile."""

from __future__ import annotations

import gzip
import random
import sys
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.fetch.decode import RATIO, BodyFault, Decoder, encodings
from linkhaul.model.records import Failure

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}
TEXT = bytes(random.Random(1).choices(range(32, 127), k=5_000))


def unpack(label: str, packed: bytes, *, cap: int = 10_000_000, step: int | None = None) -> bytes | Failure:
    try:
        decoder = Decoder(encodings(label), cap)
        size = step or len(packed) or 1
        unpacked = b"".join(decoder.feed(packed[at : at + size]) for at in range(0, len(packed), size))
        decoder.finish()
    except BodyFault as fault:
        return fault.failure
    return unpacked


@pytest.mark.parametrize("step", [None, 1, 7, 1000])
@pytest.mark.parametrize("name", PACK)
def test_every_encoding_in_pieces_of_any_size(name: str, step: int | None) -> None:
    """The pieces in which a body comes do not matter, alone or one encoding on top of another."""
    assert unpack(name, PACK[name](TEXT), step=step) == TEXT
    for outer, pack in PACK.items():
        assert unpack(f"{name}, {outer}", pack(PACK[name](TEXT)), step=step) == TEXT


@pytest.mark.parametrize("step", [None, 1, 7])
def test_what_servers_do_at_the_edges(step: int | None) -> None:
    """Raw deflate, several streams in a row, skippable frames and trailing garbage are read as browsers read them."""
    raw = zlib.compress(TEXT)[2:-4]
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    assert unpack("deflate", raw, step=step) == TEXT
    assert unpack("gzip", gzip.compress(TEXT, mtime=0) * 3, step=step) == TEXT * 3
    assert unpack("zstd", skippable + zstd.compress(TEXT) * 2, step=step) == TEXT * 2
    for name in ("gzip", "deflate", "zstd"):
        assert unpack(name, PACK[name](TEXT) + b"trailing garbage", step=step) == TEXT


@pytest.mark.parametrize("name", PACK)
def test_a_body_cut_short_is_a_fault(name: str) -> None:
    """A stream that stops before its end says that links are missing; an empty body is just empty."""
    cut = unpack(name, PACK[name](TEXT)[:-9])
    assert isinstance(cut, Failure)
    assert (cut.kind, "links after that point are missing" in cut.detail) == ("bad-encoding", True)
    assert unpack(name, b"") == b""


@pytest.mark.parametrize("name", PACK)
def test_the_cap_counts_to_the_byte(name: str) -> None:
    """A body of exactly the cap is read; one byte more is too large."""
    packed = PACK[name](TEXT)
    assert unpack(name, packed, cap=len(TEXT)) == TEXT
    over = unpack(name, packed, cap=len(TEXT) - 1)
    assert isinstance(over, Failure)
    assert over.kind == "too-large"


@pytest.mark.parametrize("name", PACK)
def test_a_bomb_is_seen_long_before_the_cap(name: str) -> None:
    """What unpacks to more than RATIO times its size is ended after a few megabytes, whatever the cap allows."""
    bomb = brotli.compress(bytes(5_000_000), quality=3) if name == "br" else PACK[name](bytes(5_000_000))
    decoder = Decoder((name,), 10**12)
    with pytest.raises(BodyFault, match="a bomb"):
        decoder.feed(bomb)
    assert decoder.size < 2_200_000
    assert len(bomb) * RATIO < 5_000_000


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_many_empty_streams_are_ended(name: str) -> None:
    """A body of a hundred thousand empty streams costs a thousand, not the square."""
    found = unpack(name, PACK[name](b"") * 100_000)
    assert isinstance(found, Failure)
    assert (found.kind, "streams" in found.detail) == ("bad-encoding", True)


def test_a_window_beyond_the_webs_limit_is_refused() -> None:
    """A zstd frame may not ask for more than 8 MiB of memory (RFC 9659)."""
    wide = zstd.compress(TEXT * 4_000, options={zstd.CompressionParameter.window_log: 27})
    found = unpack("zstd", wide, cap=10**9)
    assert isinstance(found, Failure)
    assert (found.kind, "memory" in found.detail) == ("bad-encoding", True)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (None, ()),
        ("", ()),
        ("identity", ()),
        ("GZIP", ("gzip",)),
        ("x-gzip", ("gzip",)),
        ("utf-8", ()),
        (" gzip , br ", ("gzip", "br")),
        ("none,zstd", ("zstd",)),
    ],
)
def test_labels(header: str | None, names: tuple[str, ...]) -> None:
    """Labels are read in any case; what is no encoding is ignored as browsers do."""
    assert encodings(header) == names


@pytest.mark.parametrize("header", ["compress", "gzip, dcb", "gzip,gzip,gzip,gzip"])
def test_labels_that_cannot_be_read(header: str) -> None:
    """An encoding we did not offer, and one too many, are faults and not silence."""
    with pytest.raises(BodyFault) as caught:
        encodings(header)
    assert caught.value.failure.kind == "bad-encoding"


@given(st.sampled_from(sorted(PACK)), st.binary(max_size=300), st.integers(1, 50), st.booleans())
def test_no_bytes_raise_anything_else(name: str, noise: bytes, step: int, begins_well: bool) -> None:
    """Any bytes give a body or a fault, never another exception."""
    packed = PACK[name](TEXT)[:40] + noise if begins_well else noise
    found = unpack(name, packed, cap=100_000, step=step)
    assert isinstance(found, bytes) or found.kind in {"bad-encoding", "too-large"}
