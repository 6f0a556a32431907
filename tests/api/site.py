"""A small web on loopback: a dictionary of paths, served by a thread, with every request counted."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple


class Reply(NamedTuple):
    """What a path answers.

    Attributes:
        drops: the connection is closed instead.
        delay_s: how long it takes.
    """

    body: str = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)
    delay_s: float = 0.0
    drops: bool = False


def page(*links: str, title: str = "A page", delay_s: float = 0.0) -> Reply:
    """Return a page with these links, each under its own address as text."""
    anchors = "\n".join(f'<p><a href="{link}">to {link}</a></p>' for link in links)
    return Reply(f"<!DOCTYPE html><html lang=en><title>{title}</title>{anchors}</html>", delay_s=delay_s)


def moved(to: str, status: int = 302) -> Reply:
    """Return a redirect."""
    return Reply(status=status, headers=(("Location", to),))


class Site:
    """The server.

    Attributes:
        pages: answers by path: one, or the first, second, ... and the last for ever. What is not there answers 404.
        asked: how often each path was asked for; `total` in all.
    """

    def __init__(self, pages: Mapping[str, Reply | Sequence[Reply]]) -> None:
        self.pages = dict(pages)
        self.asked: Counter[str] = Counter()
        self.total = 0
        self.port = 0

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def forget(self) -> None:
        """Answer as if nobody had asked before."""
        self.asked.clear()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode("latin-1")
                reply = self._reply(path)
                if reply.delay_s:
                    await asyncio.sleep(reply.delay_s)
                if reply.drops:
                    break
                body = reply.body.encode()
                headers = "".join(f"{name}: {value}\r\n" for name, value in reply.headers)
                writer.write(f"HTTP/1.1 {reply.status} X\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        writer.close()

    def _reply(self, path: str) -> Reply:
        times = self.asked[path]
        self.asked[path] += 1
        self.total += 1
        found = self.pages.get(path, Reply("not here", 404))
        return found if isinstance(found, Reply) else found[min(times, len(found) - 1)]


@contextmanager
def served(pages: Mapping[str, Reply | Sequence[Reply]]) -> Iterator[Site]:
    """Serve pages on a thread of their own until the block is left."""
    site = Site(pages)
    ready = threading.Event()
    stop: list[asyncio.AbstractEventLoop | asyncio.Event] = []

    async def serve() -> None:
        server = await asyncio.start_server(site.answer, "127.0.0.1", 0)
        site.port = server.sockets[0].getsockname()[1]
        ended = asyncio.Event()
        stop.extend([asyncio.get_running_loop(), ended])
        ready.set()
        await ended.wait()
        server.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield site
    finally:
        loop, ended = stop
        assert isinstance(loop, asyncio.AbstractEventLoop)
        assert isinstance(ended, asyncio.Event)
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
