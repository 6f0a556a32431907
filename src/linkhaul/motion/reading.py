"""Has pages read: at once, or by the crew, while the loop goes on with the next reply.

A page that is being read elsewhere is neither in flight nor at its end. It counts as work to come, and its body as memory in use,
until it is back; a process that dies before finds its target in the frontier, like everything else that was on its way.
"""

from __future__ import annotations

from collections.abc import Callable

from linkhaul.crew.looking import Wish
from linkhaul.crew.messages import Errand
from linkhaul.model.records import Failure, Page, Reply
from linkhaul.model.times import iso
from linkhaul.motion.hosts import HostState
from linkhaul.motion.parts import Parts

Then = Callable[[Page | None, Failure | None], None]
"""Told what a page says, or why it cannot be read."""


class Reading:
    """Reads the pages of a run.

    Args:
        after: called with the host and the reply of a page that came back from the crew, when all is done with it; its body was not
            needed in between by anybody else.

    Attributes:
        away: how many pages are being read by the crew.
    """

    def __init__(self, parts: Parts, after: Callable[[Callable[[], None], HostState, Reply], None]) -> None:
        self._read = parts.read
        self._crew = parts.crew
        self._after = after
        self.away = 0

    def page(self, owner: HostState, reply: Reply, url: str, then: Then, wish: Wish | None = None) -> None:
        """Have a reply read as a page; `then` is called once, from within here or later.

        A reply that is read elsewhere has no body until then.

        Args:
            owner: the host of its target.
            url: where the page is, after redirects.
            wish: what a check wants to know of it; a page that was read elsewhere comes back with that.
        """
        found_at = iso(reply.started_at)
        if self._crew is None or reply.kept is not None:
            self._here(reply, url, found_at, then)
            return
        body = reply.body

        def back(told: Page | str | None) -> None:
            self.away -= 1
            reply.body = body
            self._after(lambda: self._take(told, reply, (url, found_at), then), owner, reply)

        if self._crew.take(Errand(url, found_at, reply.headers, reply.status, wish), body, back):
            self.away += 1
            reply.body = b""
        else:
            self._here(reply, url, found_at, then)

    def _take(self, told: Page | str | None, reply: Reply, place: tuple[str, str], then: Then) -> None:
        if told is None:
            self._here(reply, *place, then)
        elif isinstance(told, str):
            then(None, Failure("unreadable", f"the page cannot be read: {told}"))
        else:
            then(_weighed(told, reply), None)

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
