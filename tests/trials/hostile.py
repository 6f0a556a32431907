"""Hosts that answer each path with exactly the bytes, or the behaviour, that a test decides; one loopback address for each fault."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from tests.trials.thread import serving

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


class Kept(bytes):
    """An answer after which the connection stays open; after any other it is closed."""


NOT_FOUND = Kept(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


class FairWriter(asyncio.StreamWriter):
    """A writer that gives others their turn: one that floods a client which reads on would keep the loop for itself."""

    async def drain(self) -> None:
        await super().drain()
        await asyncio.sleep(0)


class Hostile:
    """The hosts.

    Attributes:
        origins: of each host, by its name in the table, without a slash at the end.
        asked: the head of every request, by name.
    """

    def __init__(self, hosts: Mapping[str, Mapping[str, Answer]], *, is_first: bool = False) -> None:
        self._hosts = hosts
        self._names = {_address(0 if is_first else number + 2_500): name for number, name in enumerate(hosts)}
        self.origins: dict[str, str] = {}
        self.asked: dict[str, list[str]] = {name: [] for name in hosts}
        self.port = 0
        self._waiting: set[asyncio.Task[None] | None] = set()

    def url(self, name: str, path: str = "/") -> str:
        return self.origins[name] + path

    async def start(self, tls: ssl.SSLContext | None) -> list[asyncio.Server]:
        servers: list[asyncio.Server] = []
        for address in self._names:
            servers.append(await asyncio.start_server(self._serve, address, self.port, ssl=tls, backlog=64))
            self.port = servers[0].sockets[0].getsockname()[1]
        self.origins = {name: f"{'https' if tls else 'http'}://{address}:{self.port}" for address, name in self._names.items()}
        return servers

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._waiting.add(asyncio.current_task())  # nobody else knows of one that waits for ever after its client has gone
        name = self._names[writer.get_extra_info("sockname")[0]]
        writer.__class__ = FairWriter  # asyncio makes the writer itself
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            await self._answer(name, reader, writer)
        writer.close()

    async def _answer(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pages = self._hosts[name]
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked[name].append(head)
            answer = pages.get(head.split(" ")[1], NOT_FOUND)
            if not isinstance(answer, bytes):
                await answer(writer)
                return
            writer.write(answer)
            await writer.drain()
            if not isinstance(answer, Kept):
                return


def _address(number: int) -> str:
    return f"127.0.{number // 250}.{number % 250 + 1}"


@contextmanager
def hostile(hosts: Mapping[str, Mapping[str, Answer]], tls: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    """Serve a table name → path → answer until the block is left; a path that is not there gets 404.

    A host with TLS is at 127.0.0.1, for which the certificates are.
    """
    made = Hostile(hosts, is_first=tls is not None)
    with serving(lambda: made.start(tls)):
        yield made


def page(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> Kept:
    """Return a whole, correct reply with HTML."""
    lines = b"".join(header + b"\r\n" for header in (b"Content-Type: text/html", *headers))
    return Kept(b"HTTP/1.1 " + status + b"\r\n" + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def moved(to: bytes, status: bytes = b"302 Found") -> Kept:
    """Return a redirect."""
    return page(b"", b"Location: " + to, status=status)
