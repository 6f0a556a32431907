"""Name look-ups on threads of our own.

The system's resolver blocks for seconds on a dead name. On the loop's default threads (six on two cores; four in uvloop)
a handful of dead names would hold up the look-ups of every other host, and leaving would wait for them. These threads
are daemons, as many as are needed at once up to a limit, and end when the resolver is closed.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from queue import SimpleQueue
from typing import NamedTuple

from aiohttp.abc import AbstractResolver, ResolveResult


class _Question(NamedTuple):
    host: str
    port: int
    family: socket.AddressFamily
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[list[ResolveResult]]


class ThreadResolver(AbstractResolver):
    """Asks the system's resolver; to be closed by who made it.

    Args:
        limit: most look-ups at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._threads = 0
        self._busy = 0
        self._questions: SimpleQueue[_Question | None] = SimpleQueue()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """Return the addresses of a host.

        Raises:
            OSError: there are none; a socket.gaierror says why.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[ResolveResult]] = loop.create_future()
        self._busy += 1
        if self._busy > self._threads and self._threads < self._limit:
            self._threads += 1
            threading.Thread(target=_answer, args=(self._questions,), name="linkhaul-names", daemon=True).start()
        self._questions.put(_Question(host, port, family, loop, answer))
        try:
            return await answer
        finally:
            self._busy -= 1

    async def close(self) -> None:
        """Let the threads end; nobody waits for one that is still asking."""
        for _ in range(self._threads):
            self._questions.put(None)
        self._threads = 0


def _answer(questions: SimpleQueue[_Question | None]) -> None:
    """Answer questions until there is a None: the body of a thread."""
    while (question := questions.get()) is not None:
        found: list[ResolveResult] = []
        error: OSError | None = None
        try:
            found = _look_up(question.host, question.port, question.family)
        except OSError as caught:
            error = caught
        try:
            question.loop.call_soon_threadsafe(_deliver, question.answer, found, error)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return


def _deliver(answer: asyncio.Future[list[ResolveResult]], found: list[ResolveResult], error: OSError | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(found)
    else:
        answer.set_exception(error)


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG)
    except UnicodeError:  # the idna codec, for an empty label or one of more than 63 letters
        raise socket.gaierror(socket.EAI_NONAME, "not a name that the DNS can hold") from None
    results: list[ResolveResult] = []
    for kind, _, proto, _, address in found:
        if kind in (socket.AF_INET, socket.AF_INET6):
            zone = f"%{address[3]}" if kind == socket.AF_INET6 and len(address) > 3 and address[3] else ""
            flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
            results.append(
                ResolveResult(hostname=host, host=f"{address[0]}{zone}", port=port, family=kind, proto=proto, flags=flags),
            )
    if not results:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    return results
