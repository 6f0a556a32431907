"""A generated site of any size: `python -m bench.site --pages 1000000 --hosts 1000` serves it until it is ended.

Nothing is stored, unless --stored asks for it. What a page says is made from its number and the seed, so that every run over it must find the same. Page
`n` lives at `/p/n` of host `n % hosts`; hosts are loopback addresses (127.1.0.1, 127.1.0.2, ...) on one port, so that each is a
host of its own to a crawler. A page has 30 links: ten to the next level of a tree, which makes every page reachable from
page 0 within log10(pages) + 1 clicks; twelve to pages of its own host and eight to pages anywhere, both random. So the frontier
swells to nearly all pages while a tenth of them has been read: the worst case for whoever holds it in memory.

Linux only: other systems answer on 127.0.0.1 alone.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import socket
import sys
from collections.abc import Callable
from typing import NamedTuple, cast

LINKS = 30
CHILDREN = 10
NEIGHBOURS = 12
_MASK = 2**64 - 1
_WORDS = (
    "harbour", "lantern", "gravel", "meadow", "timber", "copper", "orchard", "velvet",
    "saddle", "marble", "pepper", "anchor", "willow", "ribbon", "candle", "thunder",
)  # fmt: skip
_HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page %d of %d</title></head><body><header><h1>Page %d</h1></header>'
    "<main><p>"
)
_TAIL = "</main><footer><p>%s</p></footer></body></html>"
_FILLER = "Every page of this site is made from its number; nothing of it is stored anywhere. "
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nnot found\n"


class Site(NamedTuple):
    """A generated site.

    Attributes:
        filler: how often a sentence is repeated on each page: 83 bytes each.
    """

    pages: int
    hosts: int
    port: int
    seed: int = 1
    filler: int = 20

    def url(self, page: int) -> str:
        """Return where a page lives."""
        return f"http://{self.address(page % self.hosts)}:{self.port}/p/{page}"

    @staticmethod
    def address(host: int) -> str:
        """Return the loopback address of a host, counted from 0."""
        return f"127.1.{host // 250}.{host % 250 + 1}"

    def links(self, page: int) -> list[int]:
        """Return the pages that a page links to, in order; fewer than 30 on the leaves of a small site, some of them twice."""
        pages, hosts = self.pages, self.hosts
        first = CHILDREN * page + 1
        found = list(range(first, min(first + CHILDREN, pages)))
        state = (page * 0x9E3779B97F4A7C15 + self.seed * 0xD1342543DE82EF95) & _MASK
        own = page % hosts
        on_a_host = pages // hosts
        while len(found) < LINKS:
            state = (state * 6364136223846793005 + 1442695040888963407) & _MASK
            drawn = state >> 33
            is_near = len(found) < LINKS - (LINKS - CHILDREN - NEIGHBOURS)
            found.append(drawn % on_a_host * hosts + own if is_near and on_a_host else drawn % pages)
        return found

    def page(self, page: int) -> bytes:
        """Return a whole reply."""
        own = page % self.hosts
        address, hosts, port = self.address, self.hosts, self.port
        parts = [_HEAD % (page, self.pages, page)]
        for n in self.links(page):
            word = _WORDS[n % len(_WORDS)]
            place = f"/p/{n}" if n % hosts == own else f"http://{address(n % hosts)}:{port}/p/{n}"
            parts.append(f'<a href="{place}">{word} {n}</a> and ')
        parts.append(f"</p><p>{_FILLER * self.filler}</p>")
        parts.append(_TAIL % _WORDS[page % len(_WORDS)])
        body = "".join(parts).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class Connection(asyncio.Protocol):
    """One connection, kept: GET requests without bodies, answered one after the other as they come."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._rest = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """Answer each request whose head is complete."""
        heads = (self._rest + data).split(b"\r\n\r\n")
        self._rest = heads.pop()
        for head in heads:
            self._transport.write(self._answer(head[4 : head.find(b" ", 4)]))


def made_now(site: Site) -> Callable[[bytes], bytes]:
    """Return what answers a path with a page that is made for it and forgotten."""

    def answer(path: bytes) -> bytes:
        if path == b"/":
            return site.page(0)
        number = path[3:]
        if path[:3] == b"/p/" and number.isdigit() and int(number) < site.pages:
            return site.page(int(number))
        return _NOT_FOUND

    return answer


def made_before(site: Site) -> Callable[[bytes], bytes]:
    """Return what answers a path with a page that was made now: it takes 4 KB of memory a page, and half of the time."""
    pages = {b"/p/%d" % number: site.page(number) for number in range(site.pages)}
    pages[b"/"] = pages[b"/p/0"]
    return lambda path: pages.get(path, _NOT_FOUND)


def listening() -> socket.socket:
    """Return a socket on a free port of every loopback address, and of no other.

    Raises:
        OSError: the system cannot bind a socket to the loopback device.
    """
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    opened.bind(("0.0.0.0", 0))
    opened.listen(4096)
    return opened


async def serve(answer: Callable[[bytes], bytes], opened: socket.socket) -> None:
    """Serve a site until cancelled."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(answer), sock=opened, backlog=4096)
    async with server:
        await server.serve_forever()


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes uvloop's loop where it is installed, so that the server takes as little of the machine as it can."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def main() -> int:
    """Serve; the first line printed is the URL of page 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.site", description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stored", action="store_true", help="make all pages before the first is asked for")
    given = parser.parse_args()
    try:
        opened = listening()
    except (AttributeError, OSError) as error:
        print(f"this needs Linux 5.7 or newer: {error}", file=sys.stderr)
        return 2
    site = Site(given.pages, given.hosts, opened.getsockname()[1], given.seed)
    gc.disable()  # nothing here makes cycles
    answer = made_before(site) if given.stored else made_now(site)
    print(site.url(0), flush=True)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(answer, opened))
    return 0


if __name__ == "__main__":
    sys.exit(main())
