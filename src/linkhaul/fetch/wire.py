"""One connection: what is received goes to the intake of the request that is under way, and its end wakes who waits.

How this works: bytes are pushed. `data_received` feeds them to the intake there and then, however many pieces they come in,
and the one future that the requester waits on is resolved when the reply is whole or has failed: one task is woken once
for each request. Reading stops (TCP then holds the server up) while there is no room for the body in the budget. When no
request is under way, nothing may come: a connection that sends bytes nobody asked for is closed, for they would be taken
for the next answer.

A kept connection may be closed by the server just as a request is sent. Whether the server can have seen that request
decides whether it may be made again at once, and the system knows: it could not be sent; or the server's end came while
bytes of it were still not acknowledged; or the server's system answered that nobody reads there any more (EPIPE, after its end).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from time import perf_counter
from typing import cast

from linkhaul.fetch.budget import ByteBudget, Share
from linkhaul.fetch.intake import Intake
from linkhaul.model.records import Failure


def _counter() -> Callable[[int], bytes] | None:
    """Return what asks the system how many bytes of a socket are not acknowledged; only Linux is known to answer."""
    if sys.platform != "linux":
        return None
    from fcntl import ioctl
    from termios import TIOCOUTQ

    return lambda fileno: ioctl(fileno, TIOCOUTQ, bytes(4))


_COUNT_UNACKNOWLEDGED = _counter()


class Wire(asyncio.Protocol):
    """One connection to one host, or to a proxy.

    Args:
        key: what may be asked through it; see `pool`.
        on_free: called when a reply is whole and another request may be sent.
        on_lost: called when the connection has ended.

    Attributes:
        heard_at: `perf_counter` when the request was sent or the last bytes came.
        deadline_at: `perf_counter` when the reply has to be whole; does not count while it is held.
        is_held: reading is stopped until there is room for the body.
        is_unseen: the connection ended, and the server cannot have seen the request.
        intake: of the request under way; None when there is none.
    """

    __slots__ = (
        "_held_at",
        "_lost_by",
        "_on_free",
        "_on_lost",
        "_share",
        "_transport",
        "_waiter",
        "deadline_at",
        "heard_at",
        "intake",
        "is_held",
        "is_unseen",
        "key",
    )

    def __init__(self, key: str, on_free: Callable[[Wire], None], on_lost: Callable[[Wire], None]) -> None:
        self.key = key
        self._on_free = on_free
        self._on_lost = on_lost
        self._lost_by: Exception | None = None
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._share: Share | None = None
        self.intake: Intake | None = None
        self.heard_at = self.deadline_at = self._held_at = 0.0
        self.is_held = self.is_unseen = False

    @property
    def is_open(self) -> bool:
        """Whether a request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, request: bytes, intake: Intake, waiter: asyncio.Future[None], budget: ByteBudget | None) -> None:
        """Send a request; the waiter is resolved when the intake is done.

        Args:
            request: its head, complete.
            budget: where room for the body is taken, if memory is counted; who gets the reply gives `intake.size` back.
        """
        self.intake = intake
        self._waiter = waiter
        self._share = budget.share(self._go_on) if budget is not None else None
        self.heard_at = perf_counter()
        if self._transport is not None:
            self._transport.write(request)
            self.is_unseen = self._transport.is_closing()
        else:
            self.is_unseen = True
            intake.ended(self._lost_by)
            self._finish(intake)

    def end(self, failure: Failure | None = None) -> None:
        """End the connection at once, and the request that is under way, if any: with a failure, or with what is there."""
        intake = self.intake
        if intake is None:
            self._hang_up()
            return
        if failure is None:
            intake.settle()
        else:
            intake.fail(failure)
        self._finish(intake)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """Called by the loop with what came."""
        intake = self.intake
        if intake is None:
            self._hang_up()
            return
        self.heard_at = perf_counter()
        intake.feed(data)
        share = self._share
        if share is not None and intake.size > share.asked and not share.take(intake.size - share.asked):
            self._hold()
        elif intake.is_done and not self.is_held:
            self._finish(intake)

    def eof_received(self) -> None:
        """Called by the loop when the server has closed its side; ours is closed then, too."""
        if self.intake is not None and self._transport is not None:
            self.is_unseen = _has_unacknowledged(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop when the connection has ended."""
        self._lost_by = exc
        self._transport = None
        self.is_unseen = self.is_unseen or isinstance(exc, BrokenPipeError)
        self._on_lost(self)
        intake = self.intake
        if intake is not None:
            intake.ended(exc)
            if not self.is_held or intake.reply.failure is not None:
                self._finish(intake)

    def _go_on(self) -> None:
        """Read on: there is room for the body now."""
        if not self.is_held:
            return
        self.is_held = False
        self.heard_at = perf_counter()
        self.deadline_at += self.heard_at - self._held_at  # it was us who kept the server waiting
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
        if self.intake is not None and self.intake.is_done:
            self._finish(self.intake)

    def _hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _hold(self) -> None:
        if not self.is_held:
            self.is_held = True
            self._held_at = perf_counter()
            if self._transport is not None and not self._transport.is_closing():
                self._transport.pause_reading()

    def _finish(self, intake: Intake) -> None:
        waiter, share = self._waiter, self._share
        self.intake = self._waiter = self._share = None
        self.is_held = False
        if share is not None:
            share.keep(intake.size)
        if intake.may_stay and self.is_open:
            self._on_free(self)
        else:
            self._hang_up()
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


def _has_unacknowledged(transport: asyncio.Transport) -> bool:
    """Return whether bytes were sent whose receipt the other side's system has not confirmed; False where nobody can say."""
    sock = transport.get_extra_info("socket")
    if _COUNT_UNACKNOWLEDGED is None or sock is None:
        return False
    try:
        return int.from_bytes(_COUNT_UNACKNOWLEDGED(sock.fileno()), sys.byteorder) > 0
    except (OSError, ValueError):
        return False
