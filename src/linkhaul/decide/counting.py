"""Counting in bounded memory: different values, the URLs of a pattern, repeated bodies."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar
from zlib import crc32

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

T = TypeVar("T")


class Recent(Generic[T]):
    """A table of the keys used last; the one least recently used is forgotten when there is no room."""

    __slots__ = ("_make", "_room", "table")

    def __init__(self, make: Callable[[], T], room: int) -> None:
        self.table: OrderedDict[str, T] = OrderedDict()
        self._make = make
        self._room = room

    def __getitem__(self, key: str) -> T:
        value = self.table.get(key)
        if value is None:
            value = self.table[key] = self._make()
            if len(self.table) > self._room:
                self.table.popitem(last=False)
        else:
            self.table.move_to_end(key)
        return value


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


class Slots:
    """What was seen of one pattern: how many URLs, and of each slot how many values; no slots once one is an id.

    Attributes:
        total: URLs of this pattern, those of earlier processes included.
        seen: URLs whose values were counted; what the values are compared with.
    """

    __slots__ = ("_is_few", "_is_open", "_sketches", "seen", "total")

    def __init__(self) -> None:
        self.total = self.seen = 0
        self._is_open = self._is_few = False
        self._sketches: list[Sketch] = []

    def add(self, values: tuple[str, ...], budget: int) -> bool:
        """Count one URL by the values of its slots; return whether there are more URLs than the budget, of few values."""
        self.total += 1
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
