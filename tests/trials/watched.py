"""Many hosts on loopback addresses, on a thread of their own, that write down when each request came and when it was answered.

An answer counts as given right before it is written, and a request as come when its head has been read. So what is counted here
as under way is under way for the client too, and never the other way round.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from tests.trials.thread import serving


class Asked(NamedTuple):
    """One request: its path, when it came and when it was answered (or dropped), by `time.monotonic`; and the answer's status, 0 for none."""

    path: str
    came_at: float
    answered_at: float
    status: int


class Answer(NamedTuple):
    """What is sent back, after so many seconds; a status of 0 closes the connection instead."""

    body: str = ""
    status: int = 200
    headers: tuple[str, ...] = ()
    delay_s: float = 0.0


Respond = Callable[[str, str], Awaitable[Answer] | Answer]
"""Gives the answer to (host like 127.0.0.2:8000, path)."""


class Watched:
    """The hosts.

    Attributes:
        hosts: their names with port, in order.
        log: what each was asked, in the order of the answers.
    """

    def __init__(self, respond: Respond) -> None:
        self.hosts: list[str] = []
        self.log: dict[str, list[Asked]] = defaultdict(list)
        self._respond = respond

    def urls(self, path: str = "/") -> list[str]:
        return [f"http://{host}{path}" for host in self.hosts]

    def requests(self, host: str) -> list[Asked]:
        """Return what a host was asked, in the order in which the requests came."""
        return sorted(self.log[host], key=lambda asked: asked.came_at)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        address, port = writer.get_extra_info("sockname")[:2]
        host = f"{address}:{port}"
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._answer_one(host, reader, writer):
                pass
        writer.close()

    async def _answer_one(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode("latin-1")
        came_at = time.monotonic()
        given = self._respond(host, path)
        answer = given if isinstance(given, Answer) else await given
        if answer.delay_s:
            await asyncio.sleep(answer.delay_s)
        self.log[host].append(Asked(path, came_at, time.monotonic(), answer.status))
        if not answer.status:
            return False
        body = answer.body.encode()
        headers = "".join(f"{line}\r\n" for line in ("Content-Type: text/html", *answer.headers))
        writer.write(f"HTTP/1.1 {answer.status} X\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        return True


@contextmanager
def watched(respond: Respond, addresses: Sequence[str], ports_each: int = 1) -> Iterator[Watched]:
    """Serve so many ports of each address until the block is left; the first port is the same on all of them."""
    hosts = Watched(respond)

    async def start() -> list[asyncio.Server]:
        first = await asyncio.start_server(hosts.serve, addresses[0], 0, backlog=512)
        port = first.sockets[0].getsockname()[1]
        others = [await asyncio.start_server(hosts.serve, address, port, backlog=512) for address in addresses[1:]]
        return [
            first,
            *others,
            *[await asyncio.start_server(hosts.serve, address, 0) for address in addresses for _ in range(ports_each - 1)],
        ]

    with serving(start) as sockets:
        hosts.hosts = [f"{address}:{port}" for address, port in sockets]
        yield hosts


def most_at_once(asked: Sequence[Asked]) -> int:
    """Return how many requests were under way at the same time, at most."""
    events = sorted([(one.came_at, 1) for one in asked] + [(one.answered_at, -1) for one in asked])
    most = now = 0
    for _, step in events:
        now += step
        most = max(most, now)
    return most


def soonest_excess(asked: Sequence[Asked], gap_s: float) -> float:
    """Return by how much the requests came sooner than a gap from start to start allows, in seconds; at most 0 when they kept it.

    Every pair of requests is compared, so that a fault which is small from one request to the next adds up.
    """
    starts = [one.came_at - i * gap_s for i, one in enumerate(asked)]
    earliest_later = float("inf")
    excess = 0.0
    for start in reversed(starts):
        excess = max(excess, start - earliest_later)
        earliest_later = min(earliest_later, start)
    return excess
