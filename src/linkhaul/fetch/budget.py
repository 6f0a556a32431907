"""How many bytes of bodies may be in memory at once, over all requests.

How this works: a request takes room for each piece of a body as it comes, and the engine gives the room of a whole body
back when it has read it. When there is no room, a request waits in line without reading on, so that the sender is held
up by TCP itself. Two things must never happen:

* all requests wait for each other. So the one first in line may go beyond the limit, but only while no finished body is
  waiting to be read (its room will come back by itself), and only one at a time. The most that can ever be held is
  therefore the limit and one body more.
* a body's room is lost. So whoever took it gives it back: the fetcher for a body that failed, the engine for the rest.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict


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
        self._line: OrderedDict[Share, tuple[int, asyncio.Future[None]]] = OrderedDict()

    @property
    def is_full(self) -> bool:
        """Whether a new request would have to wait: then it is better not to start one."""
        return self.used >= self.limit or bool(self._line)

    def share(self) -> Share:
        """Return the account of one request; it takes nothing yet."""
        return Share(self)

    def give_back(self, size: int) -> None:
        """Return the room of a finished body of that size, once it is no longer needed."""
        self._finished -= size
        self.used -= size
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
            share, (size, ready) = next(iter(self._line.items()))
            if not self._fits(share, size):
                return
            del self._line[share]
            self._grant(share, size)
            ready.set_result(None)

    def _grant(self, share: Share, size: int) -> None:
        self.used += size
        share.size += size

    async def take(self, share: Share, size: int) -> None:
        """Take room for so many bytes more on a request's account; waits while there is none."""
        if (not self._line or share is self._ahead) and self._fits(share, size):
            self._grant(share, size)
            return
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line[share] = (size, ready)
        try:
            await ready
        finally:
            self._line.pop(share, None)

    def close(self, share: Share, kept: int) -> None:
        """End a request's account: `kept` bytes stay taken until they are given back, the rest is free again."""
        if share is self._ahead:
            self._ahead = None
        self.used -= share.size - kept
        self._finished += kept
        share.size = 0
        self._wake()


class Share:
    """What one request has taken of a budget.

    Attributes:
        size: bytes taken so far.
    """

    __slots__ = ("_budget", "size")

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self.size = 0

    async def take(self, size: int) -> None:
        """Take room for so many bytes more; waits while there is none."""
        await self._budget.take(self, size)

    def keep(self, size: int) -> None:
        """End the request: its body of that size stays in memory until `ByteBudget.give_back`; the rest is free again."""
        self._budget.close(self, size)
