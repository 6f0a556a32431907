"""Names to addresses: look-ups on threads of our own, and a bounded memory of their answers.

The system's resolver blocks for seconds on a dead name. On the loop's default threads (six on two cores; four in uvloop)
a handful of dead names would hold up the look-ups of every other host, and leaving would wait for them. These threads
are daemons, as many as are needed at once up to a limit, and end when the resolver is closed.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from ipaddress import ip_address
from queue import SimpleQueue
from time import monotonic
from typing import NamedTuple, cast

KEPT_S = 300.0
"""How long an answer counts. The system's resolver does not tell how long the DNS would let it."""
_NAMES_KEPT = 10_000

SocketAddress = tuple[str, int] | tuple[str, int, int, int]


class Address(NamedTuple):
    """One address of a host, as a socket is connected to it: (ip, port) or, of IPv6, (ip, port, flow, zone)."""

    family: socket.AddressFamily
    place: SocketAddress

    @property
    def ip(self) -> str:
        """The address as text."""
        return self.place[0]


class _Question(NamedTuple):
    hostname: str
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[list[Address]]


class Resolver:
    """Asks the system's resolver, each name once in a while; to be closed by who made it.

    Args:
        limit: most look-ups at once.
        clock: seconds, of which only differences count.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._threads = 0
        self._busy = 0
        self._questions: SimpleQueue[_Question | None] = SimpleQueue()
        self._kept: dict[str, tuple[float, list[Address]]] = {}
        self._asked: dict[str, asyncio.Future[list[Address]]] = {}

    async def addresses(self, hostname: str, port: int) -> list[Address]:
        """Return the addresses of a host, in the resolver's order; of an address, itself.

        Raises:
            OSError: there are none; a socket.gaierror says why.
        """
        return [_at(address, port) for address in await self._found(hostname)]

    def forget(self, hostname: str) -> None:
        """Ask anew the next time: what was answered led nowhere."""
        self._kept.pop(hostname, None)

    def close(self) -> None:
        """Let the threads end; nobody waits for one that is still asking."""
        for _ in range(self._threads):
            self._questions.put(None)
        self._threads = 0

    async def _found(self, hostname: str) -> list[Address]:
        kept = self._kept.get(hostname)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        numeric = _numeric(hostname)
        if numeric is not None:
            return [numeric]
        answer = self._asked.get(hostname)
        if answer is None:
            answer = self._ask(hostname)
        # Others may wait for the same answer: who leaves must not take it with them.
        found = await asyncio.shield(answer)
        self._keep(hostname, found)
        return found

    def _ask(self, hostname: str) -> asyncio.Future[list[Address]]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Address]] = loop.create_future()
        self._asked[hostname] = answer
        answer.add_done_callback(lambda _: self._answered(hostname, answer))
        self._busy += 1
        if self._busy > self._threads and self._threads < self._limit:
            self._threads += 1
            threading.Thread(target=_answer, args=(self._questions,), name="linkhaul-names", daemon=True).start()
        self._questions.put(_Question(hostname, loop, answer))
        return answer

    def _answered(self, hostname: str, answer: asyncio.Future[list[Address]]) -> None:
        self._busy -= 1
        del self._asked[hostname]
        if not answer.cancelled():
            answer.exception()  # it may be that nobody waits any more, and then nobody else looks at it

    def _keep(self, hostname: str, found: list[Address]) -> None:
        self._kept.pop(hostname, None)
        if len(self._kept) >= _NAMES_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[hostname] = (self._clock() + KEPT_S, found)


def _answer(questions: SimpleQueue[_Question | None]) -> None:
    """Answer questions until there is a None: the body of a thread."""
    while (question := questions.get()) is not None:
        found: list[Address] = []
        error: OSError | None = None
        try:
            found = _look_up(question.hostname)
        except OSError as caught:
            error = caught
        try:
            question.loop.call_soon_threadsafe(_deliver, question.answer, found, error)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return


def _deliver(answer: asyncio.Future[list[Address]], found: list[Address], error: OSError | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(found)
    else:
        answer.set_exception(error)


def _look_up(hostname: str) -> list[Address]:
    try:
        found = socket.getaddrinfo(hostname, 0, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except UnicodeError:  # the idna codec, for an empty label or one of more than 63 letters
        raise socket.gaierror(socket.EAI_NONAME, "not a name that the DNS can hold") from None
    return list(dict.fromkeys(Address(family, cast(SocketAddress, place)) for family, _, _, _, place in found))


def _at(address: Address, port: int) -> Address:
    ip, _, *rest = address.place
    return Address(address.family, (ip, port, *rest))  # type: ignore[arg-type]


def _numeric(hostname: str) -> Address | None:
    """Return the address that a host name is, without brackets, or None."""
    if ":" not in hostname and not hostname[-1:].isdigit():
        return None
    try:
        version = ip_address(hostname).version
    except ValueError:
        return None
    return Address(socket.AF_INET, (hostname, 0)) if version == 4 else Address(socket.AF_INET6, (hostname, 0, 0, 0))
