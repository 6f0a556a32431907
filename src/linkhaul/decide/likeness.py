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
from hashlib import blake2b
from itertools import compress

MOST_CHARACTERS = 20_000
"""How much of a text counts: two pages that agree so far are the same for our purpose."""
MOST_REMEMBERED = 20_000
"""Words whose bytes are remembered: some 6 MB."""
LONGEST_WORD = 100

_WORD = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]|[^\W\u2e80-\u9fff\uf900-\ufaff]+")
_DIGIT = re.compile(r"\d")
_OTHER = "?"
"""Stands for a letter beyond ASCII while the others are looked at."""
_IN_ASCII = (
    "".join(letter.lower() if letter.isalnum() or letter in {"_", _OTHER} else " " for letter in map(chr, range(128))).encode().ljust(256)
)
"""What each letter of ASCII is in a word, and a space for what is in none."""
_LANES = struct.Struct("<64I")
_COUNTED = 1 << 2048
"""Stands above the 64 sums, and counts the words that were added up."""
_BITS = tuple(1 << n for n in range(64))


def simhash(text: str, without: Iterable[str] = ()) -> int:
    """Return a text's SimHash as a signed integer of 64 bits; 0 for a text without words.

    Words with a digit do not count: they are dates, request ids and counters, which differ between two answers that are the same.

    Args:
        without: words that do not count either, lower case: those of the page's own address, which error pages echo.
    """
    words = _words(text[:MOST_CHARACTERS])
    words.difference_update(without)
    count, total = divmod(sum(map(_SPREADS.__getitem__, words)), _COUNTED)  # 64 sums at once, each in 32 bits
    if not count:
        return 0
    half_mean = count * 255 // 2
    bits = sum(compress(_BITS, map(half_mean.__lt__, _LANES.unpack(total.to_bytes(256, "little")))))
    return bits - (1 << 64) if bits >> 63 else bits


def _words(text: str) -> set[str]:
    """Return the distinct words of a text, lower case: what `_WORD` finds, in a third of the time where most of it is ASCII."""
    words = set(text.replace(_OTHER, " ").encode("ascii", "replace").translate(_IN_ASCII).decode("ascii").split())
    if not text.isascii():
        words.difference_update([word for word in words if _OTHER in word])
        words.update(_WORD.findall(" ".join([part for part in text.split(" ") if not part.isascii()]).lower()))
    return words


def distance(one: int, other: int) -> int:
    """Return in how many of their 64 bits two SimHashes differ."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def address_words(url: str) -> frozenset[str]:
    """Return the words of a URL that an error page may echo: those of its path and query, lower case."""
    rest = url.partition("://")[2].partition("/")[2]
    return frozenset(re.findall(r"[^\W_]+", rest.lower()))


class _Spreads(dict[str, int]):
    """The 64 bytes of each word's hash as one number, with room to add them up side by side, and a 1 above them; 0 for a word with a digit."""

    def __missing__(self, word: str) -> int:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        number = 0
        if _DIGIT.search(word) is None:
            spread = bytearray(256)
            spread[::4] = blake2b(word[:LONGEST_WORD].encode("utf-8", "replace"), digest_size=64).digest()
            number = _COUNTED | int.from_bytes(spread, "little")
        self[word] = number
        return number


_SPREADS = _Spreads()
