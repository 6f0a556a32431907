"""Counting in bounded memory: different values, the URLs of a pattern, repeated bodies.

Whatever counts here can be packed into a few bytes, and made again from them exactly: a process that goes on counts on.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, Protocol, Self, TypeVar
from zlib import crc32

from msgspec import msgpack

RICHNESS = 0.1
"""The share of values to URLs in its richest slot below which a pattern combines few values."""
OPEN_VALUES = 400
"""Values that make a slot an id."""
CHECK_EVERY = 16
"""URLs between two looks at the slots."""
SAME_CONTENT = 25
"""Pages with a body seen before that close a pattern, when they are at least half of its pages."""
LAST_BODIES = 8

_BITS = 1_024
_SKETCH_BYTES = _BITS // 8


class Packed(Protocol):
    """What can be packed, and made again by its class."""

    def pack(self) -> Any:
        """Return what it has counted, of numbers, bytes and lists."""

    @classmethod
    def unpacked(cls, packed: Any) -> Self:
        """Return one that has counted what was packed."""


T = TypeVar("T", bound=Packed)


class Recent(Generic[T]):
    """A table of the keys used last; the one least recently used is forgotten when there is no room.

    To look up a key is to use it, and whatever is in the table is changed by nobody else: so the keys that were used since the last
    `changes` are those that may have changed.
    """

    __slots__ = ("_make", "_room", "_used", "table")

    def __init__(self, make: Callable[[], T], room: int) -> None:
        self.table: OrderedDict[str, T] = OrderedDict()
        self._make = make
        self._room = room
        self._used: dict[str, None] = {}

    def __getitem__(self, key: str) -> T:
        value = self.table.get(key)
        if value is None:
            value = self.table[key] = self._make()
            if len(self.table) > self._room:
                self._used[self.table.popitem(last=False)[0]] = None
        else:
            self.table.move_to_end(key)
        self._used.pop(key, None)
        self._used[key] = None
        return value

    def changes(self) -> list[tuple[str, bytes | None]]:
        """Return the keys used since this was asked last, in the order of their last use, each packed; None for one that is forgotten."""
        used, self._used = self._used, {}
        return [(key, None if (value := self.table.get(key)) is None else msgpack.encode(value.pack())) for key in used]

    def restore(self, key: str, packed: bytes) -> None:
        """Take a key up as `changes` gave it; to be called in the order of their last use."""
        self.table[key] = type(self._make()).unpacked(msgpack.decode(packed))


class Sketch:
    """Counts different values in a fixed number of bits (linear counting), right within a sixth up to OPEN_VALUES."""

    __slots__ = ("bits",)

    def __init__(self) -> None:
        self.bits = 0

    def add(self, value: str) -> None:
        """Count a value."""
        self.bits |= 1 << (crc32(value.encode("utf-8", "surrogatepass")) % _BITS)

    def count(self) -> float:
        """Return how many different values there were, about."""
        empty = max(1, _BITS - self.bits.bit_count())
        return -_BITS * math.log(empty / _BITS)

    def pack(self) -> bytes:
        """Return what it has counted."""
        return self.bits.to_bytes(_SKETCH_BYTES, "little")

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        """Return one that has counted what was packed."""
        sketch = cls()
        sketch.bits = int.from_bytes(packed, "little")
        return sketch


class Slots:
    """What was seen of one pattern: how many URLs, and of each slot how many values; no slots once one is an id.

    Attributes:
        seen: URLs whose values were counted; what the values are compared with.
    """

    __slots__ = ("_is_few", "_is_open", "_sketches", "seen")

    def __init__(self) -> None:
        self.seen = 0
        self._is_open = self._is_few = False
        self._sketches: list[Sketch] = []

    def add(self, values: tuple[str, ...], budget: int) -> bool:
        """Count one URL by the values of its slots; return whether there are more URLs than the budget, of few values."""
        if self._is_open:
            return False
        self.seen += 1
        while len(self._sketches) < len(values):
            self._sketches.append(Sketch())
        for sketch, value in zip(self._sketches, values, strict=False):
            sketch.add(value)
        if self.seen <= budget:
            return False
        if (self.seen - budget) % CHECK_EVERY == 1:
            self._look()
        return self._is_few

    def _look(self) -> None:
        richest = max(sketch.count() for sketch in self._sketches)
        self._is_open = richest >= OPEN_VALUES
        self._is_few = not self._is_open and richest < RICHNESS * self.seen
        if self._is_open:
            self._sketches = []

    def pack(self) -> list[Any]:
        """Return what it has counted."""
        return [self.seen, self._is_open, self._is_few, [sketch.pack() for sketch in self._sketches]]

    @classmethod
    def unpacked(cls, packed: list[Any]) -> Self:
        """Return one that has counted what was packed."""
        slots = cls()
        slots.seen, slots._is_open, slots._is_few, sketches = packed
        slots._sketches = [Sketch.unpacked(sketch) for sketch in sketches]
        return slots


class Marks:
    """Words that were noted, each once, in order."""

    __slots__ = ("words",)

    def __init__(self) -> None:
        self.words: list[str] = []

    def add(self, word: str) -> None:
        """Note a word."""
        if word not in self.words:
            self.words.append(word)

    def pack(self) -> list[str]:
        """Return what it has counted."""
        return self.words

    @classmethod
    def unpacked(cls, packed: list[str]) -> Self:
        """Return one that has counted what was packed."""
        marks = cls()
        marks.words = packed
        return marks


class Contents:
    """The content of one pattern's pages: how many were read, how many had a body seen before, the last few bodies.

    A body is known again among the LAST_BODIES that came last: a trap repeats itself at once.
    """

    __slots__ = ("last", "pages", "same")

    def __init__(self) -> None:
        self.pages = self.same = 0
        self.last: dict[bytes, None] = {}

    def add(self, digest: bytes) -> bool:
        """Count one page by its body's digest; return whether there is mostly the same again and again."""
        self.pages += 1
        if digest in self.last:
            self.same += 1
        elif len(self.last) == LAST_BODIES:
            del self.last[next(iter(self.last))]
        self.last.pop(digest, None)
        self.last[digest] = None
        return self.same >= SAME_CONTENT and self.same * 2 >= self.pages

    def pack(self) -> list[Any]:
        """Return what it has counted."""
        return [self.pages, self.same, list(self.last)]

    @classmethod
    def unpacked(cls, packed: list[Any]) -> Self:
        """Return one that has counted what was packed."""
        contents = cls()
        contents.pages, contents.same, last = packed
        contents.last = dict.fromkeys(last)
        return contents
