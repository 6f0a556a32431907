"""How alike two texts are, as one number for each: a SimHash of 64 bits over their words.

How this works. Each distinct word gives 64 bytes of a cryptographic hash, one a bit; a bit of the result is set where the bytes of all words
lie above their mean. Texts that share most words share most bits. The words of a site come again on every page, so their bytes are
remembered, and a page costs an addition a word; runs of several words would tell a little more and cost ten times as much. Nothing depends
on the machine, the process or the order in which a set is walked, so that numbers of different runs can be compared.

Source: Charikar, "Similarity estimation techniques from rounding algorithms" (2002), with uniform instead of binary weights.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

MOST_CHARACTERS = 20_000
"""How much of a text counts: two pages that agree so far are the same for our purpose."""
MOST_REMEMBERED = 20_000
"""Words whose bytes are remembered: some 6 MB."""
LONGEST_WORD = 100

_WORD = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]|[^\W\u2e80-\u9fff\uf900-\ufaff]+")
_DIGIT = re.compile(r"\d")
_LANES = struct.Struct("<64I")


def simhash(text: str, without: Iterable[str] = ()) -> int:
    """Return a text's SimHash as a signed integer of 64 bits; 0 for a text without words.

    Words with a digit do not count: they are dates, request ids and counters, which differ between two answers that are the same.

    Args:
        without: words that do not count either, lower case: those of the page's own address, which error pages echo.
    """
    words = set(_WORD.findall(text[:MOST_CHARACTERS].lower()))
    words.difference_update(without)
    counted = [word for word in words if not _DIGIT.search(word)]
    if not counted:
        return 0
    total = sum(map(_spread, counted))  # 64 sums at once, each in 32 bits
    mean = len(counted) * 255
    lanes = _LANES.unpack(total.to_bytes(256, "little"))
    bits = sum(1 << n for n, lane in enumerate(lanes) if 2 * lane > mean)
    return bits - (1 << 64) if bits >> 63 else bits


def distance(one: int, other: int) -> int:
    """Return in how many of their 64 bits two SimHashes differ."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def address_words(url: str) -> frozenset[str]:
    """Return the words of a URL that an error page may echo: those of its path and query, lower case."""
    rest = url.partition("://")[2].partition("/")[2]
    return frozenset(re.findall(r"[^\W_]+", rest.lower()))


@lru_cache(MOST_REMEMBERED)
def _spread(word: str) -> int:
    """Return the 64 bytes of a word's hash as one number, with room to add them up side by side."""
    spread = bytearray(256)
    spread[::4] = blake2b(word[:LONGEST_WORD].encode("utf-8", "replace"), digest_size=64).digest()
    return int.from_bytes(spread, "little")
