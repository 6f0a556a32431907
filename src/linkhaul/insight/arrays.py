"""Steps of array work that the modules of the link graph share.

How this works. A large run has ten millions of links, and an array of eight bytes for each takes 80 MB. What has a number for each link
is kept in four bytes; everything in between is done a block at a time, so that no step needs as much memory as the links themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Floats = NDArray[np.float64]
AnyInts = NDArray[np.integer[Any]]
AnyFloats = NDArray[np.floating[Any]]

AT_ONCE = 1 << 20
"""How many links a block holds."""


def blocks(length: int) -> Iterator[slice]:
    """Yield slices that together cover so many places."""
    for begin in range(0, length, AT_ONCE):
        yield slice(begin, min(length, begin + AT_ONCE))


def ranges(counts: AnyInts) -> Iterator[tuple[int, int]]:
    """Yield ranges of nodes, the first and the one behind the last, with at most a block of links together, or a single node that has more."""
    upto = np.cumsum(counts, dtype=np.int64)
    low = 0
    while low < len(upto):
        before = int(upto[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(upto, before + AT_ONCE, side="right")))
        yield low, high
        low = high


def within(nodes: Small, low: int, high: int) -> Ints:
    """Return the places of the nodes of a range."""
    return np.flatnonzero((nodes >= low) & (nodes < high))


def counted(nodes: Small, size: int, is_counted: NDArray[np.bool_] | None = None) -> Small:
    """Return how often each of `size` nodes occurs, at places that count (all when absent)."""
    counts = np.zeros(size, dtype=np.int64)
    for block in blocks(len(nodes)):
        some = nodes[block] if is_counted is None else nodes[block][is_counted[block]]
        counts += np.bincount(some, minlength=size)
    return counts.astype(np.int32)


def summed(nodes: Small, size: int, weights: AnyFloats) -> Floats:
    """Return the sum of the weights of each of `size` nodes."""
    sums = np.zeros(size)
    for block in blocks(len(nodes)):
        sums += np.bincount(nodes[block], weights=weights[block], minlength=size)
    return sums


def runs(ordered: Ints) -> tuple[Ints, Ints]:
    """Return where each run of equal numbers begins in an ordered array, and how long it is."""
    begins = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    at = np.flatnonzero(begins)
    return at, np.diff(at, append=len(ordered))
