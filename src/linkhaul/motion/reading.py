"""Has pages read: at once, or by the crew, while the loop goes on with the next reply.

A page that is being read elsewhere is neither in flight nor at its end. It counts as work to come, and its body as memory in use,
until it is back; a process that dies before finds its target in the frontier, like everything else that was on its way.

Where readers have as much as they can hold, a page stands in line. In each turn of the loop the line gives them what they have room
for, and the run itself reads one page of what is left: so it helps, and still hands on in time what they need to have work. Whoever
made the request waits for the line to be short, so that it is never longer than there are requests at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from linkhaul.crew.looking import Wish
from linkhaul.crew.messages import Errand
from linkhaul.model.records import Failure, Page, Reply
from linkhaul.model.times import iso
from linkhaul.motion.hosts import HostState
from linkhaul.motion.parts import Parts

Then = Callable[[Page | None, Failure | None], None]
"""Told what a page says, or why it cannot be read."""


class _Away(NamedTuple):
    """A page that is not read at once."""

    owner: HostState
    reply: Reply
    errand: Errand
    body: bytes
    then: Then


class Reading:
    """Reads the pages of a run.

    Args:
        after: called with the host and the reply of a page that came back from the crew or stood in line, when all is done with it;
            its body was not needed in between by anybody else.
        safely: does a step of which no fault may get lost in a callback.

    Attributes:
        away: how many pages are being read by the crew, or stand in line.
    """

    def __init__(
        self, parts: Parts, after: Callable[[Callable[[], None], HostState, Reply], None], safely: Callable[[Callable[[], None]], None]
    ) -> None:
        self._read = parts.read
        self._crew = parts.crew
        self._after = after
        self._safely = safely
        self._line: deque[_Away] = deque()
        self._is_clear = asyncio.Event()
        self._is_clear.set()
        self.away = 0

    def page(self, owner: HostState, reply: Reply, url: str, then: Then, wish: Wish | None = None) -> None:
        """Have a reply read as a page; `then` is called once, from within here or later.

        A reply that is not read at once has no body until then.

        Args:
            owner: the host of its target.
            url: where the page is, after redirects.
            wish: what a check wants to know of it; a page that was read elsewhere comes back with that.
        """
        found_at = iso(reply.started_at)
        if self._crew is None or reply.kept is not None:
            self._here(reply, url, found_at, then)
            return
        page = _Away(owner, reply, Errand(url, found_at, reply.headers, reply.status, wish), reply.body, then)
        if self._line or not self._send(page):
            if not self._crew.may_take(len(page.body)):
                self._crew.refused(len(page.body))
                self._here(reply, url, found_at, then)
                return
            self._stand(page)
        self.away += 1
        reply.body = b""

    async def in_time(self) -> None:
        """Wait until no page stands in line."""
        await self._is_clear.wait()

    def _stand(self, page: _Away) -> None:
        if not self._line:
            self._is_clear.clear()
            asyncio.get_running_loop().call_soon(self._safely, self._turn)
        self._line.append(page)

    def _turn(self) -> None:
        """Give readers what stands in line, as far as they have room, and read one page here of what is left."""
        while self._line and self._send(self._line[0]):
            self._line.popleft()
        if self._line:
            page = self._line.popleft()
            if self._crew is not None:
                self._crew.refused(len(page.body))
            self._back(page, None)
        if self._line:
            asyncio.get_running_loop().call_soon(self._safely, self._turn)
        else:
            self._is_clear.set()

    def _send(self, page: _Away) -> bool:
        return self._crew is not None and self._crew.take(page.errand, page.body, lambda told: self._back(page, told))

    def _back(self, page: _Away, told: Page | str | None) -> None:
        """Go on with a page that was read, or is to be read here: nothing was told of it."""
        self.away -= 1
        page.reply.body = page.body
        self._after(lambda: self._take(told, page), page.owner, page.reply)

    def _take(self, told: Page | str | None, page: _Away) -> None:
        if told is None:
            self._here(page.reply, page.errand.url, page.errand.found_at, page.then)
        elif isinstance(told, str):
            page.then(None, Failure("unreadable", f"the page cannot be read: {told}"))
        else:
            page.then(_weighed(told, page.reply), None)

    def _here(self, reply: Reply, url: str, found_at: str, then: Then) -> None:
        try:
            page = self._read(reply, url, found_at)
        except ValueError as error:
            then(None, Failure("unreadable", f"the page cannot be read: {error}"))
        else:
            then(_weighed(page, reply), None)


def _weighed(page: Page, reply: Reply) -> Page:
    """Add what only the reply knows to what an audit needs."""
    if page.facts is not None:
        page.facts.wire_bytes = reply.wire_bytes
    return page
