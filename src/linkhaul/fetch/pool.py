"""Connections that are kept for the next request to the same host, for a few seconds and not without number.

A fetcher has two pools: what was connected under the guard is never lent to who may go anywhere, or the other way round.
"""

from __future__ import annotations

import asyncio
from time import perf_counter

from linkhaul.fetch.wire import Wire

IDLE_S = 4.0
"""How long an unused connection is kept. Common servers close theirs after 5 s: one that closes just when we ask again costs
another connection."""

MOST_IDLE = 1000
_TURNS = 100


def most_idle() -> int:
    """Return how many unused connections one pool may keep: a bounded number, and an eighth of the files that may be open."""
    try:
        import resource
    except ImportError:  # pragma: no cover: Windows has no such limit
        return MOST_IDLE
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_IDLE if soft == resource.RLIM_INFINITY else max(1, min(MOST_IDLE, soft // 8))


class Pool:
    """The connections that were made under one rule, by key; they are made elsewhere and adopted here.

    Args:
        limit: how many unused ones are kept; beyond that the oldest is closed.

    Attributes:
        all: every connection that is open, in use or not.
    """

    def __init__(self, limit: int) -> None:
        self.all: set[Wire] = set()
        self._limit = limit
        self._idle: dict[Wire, float] = {}  # since when; the oldest first
        self._by_key: dict[str, list[Wire]] = {}

    @property
    def idle_count(self) -> int:
        """How many connections are kept unused."""
        return len(self._idle)

    def new_wire(self, key: str) -> Wire:
        """Return a connection that belongs here once it is made (see `adopt`)."""
        return Wire(key, self._keep, self._forget)

    def adopt(self, wire: Wire) -> None:
        """Take in a connection that has just been made."""
        if wire.is_open:  # it may be gone already
            self.all.add(wire)

    def take(self, key: str) -> Wire | None:
        """Return the connection for a key that was used last, if one is open."""
        wires = self._by_key.get(key)
        while wires:
            wire = wires.pop()
            del self._idle[wire]
            if not wires:
                del self._by_key[key]
            if wire.is_open:
                return wire
        return None

    def close_idle(self, before: float | None = None) -> None:
        """Close what has been unused since before a time by `perf_counter`; all that is unused without one."""
        while self._idle:
            wire = next(iter(self._idle))
            if before is not None and self._idle[wire] >= before:
                return
            self._drop(wire)
            wire.end()

    async def close(self) -> None:
        """Close every connection, and wait until the loop has let go of them."""
        for wire in [*self.all]:
            wire.end()
        for _ in range(_TURNS):
            if not self.all:
                return
            await asyncio.sleep(0)

    def _keep(self, wire: Wire) -> None:
        self._idle[wire] = perf_counter()
        self._by_key.setdefault(wire.key, []).append(wire)
        if len(self._idle) > self._limit:
            oldest = next(iter(self._idle))
            self._drop(oldest)
            oldest.end()

    def _forget(self, wire: Wire) -> None:
        self.all.discard(wire)
        if wire in self._idle:
            self._drop(wire)

    def _drop(self, wire: Wire) -> None:
        del self._idle[wire]
        wires = self._by_key[wire.key]
        wires.remove(wire)
        if not wires:
            del self._by_key[wire.key]
