"""The run's end of the connection to one reader: frames go out as its socket takes them, answers come in."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import cast

from linkhaul.crew.messages import HEAD, Frames


class Connection(asyncio.Protocol):
    """A protocol of asyncio's over one end of a pair of sockets.

    What the socket does not take waits here, but for some kilobytes, and not in the transport, which moves all that waits in memory with
    each piece that goes.

    Args:
        on_answer: called with each answer.
        on_lost: called once, when the other end has gone or `abort` was called.
    """

    def __init__(self, on_answer: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        self._on_answer = on_answer
        self._on_lost = on_lost
        self._frames = Frames()
        self._unsent: deque[tuple[bytes, bytes]] = deque()
        self._is_full = False
        self._transport: asyncio.WriteTransport | None = None

    def send(self, first: bytes, second: bytes = b"") -> None:
        """Send a frame of two parts, behind those that wait."""
        self._unsent.append((first, second))
        self._send_on()

    def abort(self) -> None:
        """Close at once; what waits is dropped."""
        if self._transport is not None:
            self._transport.abort()

    def _send_on(self) -> None:
        while self._unsent and not self._is_full and self._transport is not None:
            first, second = self._unsent.popleft()
            self._transport.writelines((HEAD.pack(len(first), len(second)) + first, second))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, and send what was there before it."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self._send_on()

    def pause_writing(self) -> None:
        """Send no more for now: too much of what was sent has not gone."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Send on: most of it has gone."""
        self._is_full = False
        self._send_on()

    def data_received(self, data: bytes) -> None:
        """Tell of each answer that has come whole."""
        for answer, _ in self._frames.feed(data):
            self._on_answer(answer)

    def connection_lost(self, _: Exception | None) -> None:
        """Tell that it is over."""
        self._on_lost()
