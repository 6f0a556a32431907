"""How many bytes of bodies may be in memory at once, over all requests.

How this works: a request takes room for each piece of a body as it comes, and the engine gives the room of a whole body
back when it has read it. When there is no room, a request stands in line without reading on, so that the sender is held
up by TCP itself, and is told when its room is there. Two things must never happen:

* all requests wait for each other. So the one first in line may go beyond the limit, but only while no finished body is
  waiting to be read (its room will come back by itself), and only one at a time. The most that can ever be held is
  therefore the limit and one body more.
* a body's room is lost. So whoever took it gives it back: the fetcher for a body that failed, the engine for the rest.

Nothing here waits: bodies come in where there is nobody to wait, inside a connection's `data_received`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class ByteBudget:
    """The room for bodies, in bytes; for one event loop.

    Attributes:
        limit: what is meant to be enough.
        used: what is taken now, by bodies that are coming in and by bodies that wait to be read.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._finished = 0
        self._ahead: Share | None = None
        self._line: dict[Share, int] = {}

    @property
    def is_full(self) -> bool:
        """Whether a new request would have to wait: then it is better not to start one."""
        return self.used >= self.limit or bool(self._line)

    def share(self, on_room: Callable[[], None]) -> Share:
        """Return the account of one request; it takes nothing yet.

        Args:
            on_room: called by the loop, once for each time the share had to wait, when its room is there.
        """
        return Share(self, on_room)

    def give_back(self, size: int) -> None:
        """Return the room of a finished body of that size, once it is no longer needed."""
        self._finished -= size
        self.used -= size
        if self._line:
            self._wake()

    def _fits(self, share: Share, size: int) -> bool:
        if self.used + size <= self.limit or share is self._ahead:
            return True
        if self._ahead is None and self._finished == 0:
            self._ahead = share
            return True
        return False

    def _wake(self) -> None:
        """Let go on who is in line, in order, as long as there is room."""
        while self._line:
            share, size = next(iter(self._line.items()))
            if not self._fits(share, size):
                return
            del self._line[share]
            self._grant(share, size)
            # By way of the loop: a chain of requests that free each other's room would be as deep as it is long.
            asyncio.get_running_loop().call_soon(share.on_room)

    def _grant(self, share: Share, size: int) -> None:
        self.used += size
        share.size += size

    def _take(self, share: Share, size: int) -> bool:
        if share in self._line:
            self._line[share] += size
            return False
        if (not self._line or share is self._ahead) and self._fits(share, size):
            self._grant(share, size)
            return True
        self._line[share] = size
        return False

    def _close(self, share: Share, kept: int) -> None:
        self._line.pop(share, None)
        if share is self._ahead:
            self._ahead = None
        self.used -= share.size - kept
        self._finished += kept
        share.size = 0
        if self._line:
            self._wake()


class Share:
    """What one request has taken of a budget.

    Attributes:
        size: bytes taken so far.
        asked: bytes taken so far and those that it waits for.
        on_room: see `ByteBudget.share`.
    """

    __slots__ = ("_budget", "asked", "on_room", "size")

    def __init__(self, budget: ByteBudget, on_room: Callable[[], None]) -> None:
        self._budget = budget
        self.on_room = on_room
        self.size = self.asked = 0

    def take(self, size: int) -> bool:
        """Take room for so many bytes more; False when there is none: it is taken as soon as there is, and `on_room` called."""
        self.asked += size
        return self._budget._take(self, size)  # noqa: SLF001 -- two halves of one thing

    def keep(self, size: int) -> None:
        """End the request: its body of that size stays in memory until `ByteBudget.give_back`; the rest is free again."""
        self._budget._close(self, size)  # noqa: SLF001
