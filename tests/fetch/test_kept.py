"""Kept connections: used again, asked anew when nobody can have heard, and never without number."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest

from linkhaul.config import FetchSettings
from linkhaul.fetch import pool as pools
from linkhaul.fetch.credentials import Credentials
from linkhaul.fetch.http import HttpFetcher
from linkhaul.fetch.pool import Pool, most_idle
from linkhaul.fetch.wire import Wire
from linkhaul.model.records import Target

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"


class Thread:
    """A server on a thread of its own that answers one request on a connection, and closes it when it is told.

    Attributes:
        heads: of the requests that it has read.
        is_closed: set when the first connection was closed.
    """

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.host = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.heads: list[bytes] = []
        self.may_close = threading.Event()
        self.is_closed = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def target(self) -> Target:
        return Target(1, f"{self.host}/", self.host, typed=True)

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                with closing(connection):
                    self.heads.append(connection.recv(65_536))
                    connection.sendall(PAGE)
                    self.may_close.wait(5)
                self.is_closed.set()


@pytest.fixture
def thread() -> Iterator[Thread]:
    server = Thread()
    yield server
    server.may_close.set()
    server.socket.shutdown(socket.SHUT_RDWR)
    server.socket.close()
    server.thread.join(5)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say whether a server can have seen a request")
async def test_a_connection_that_was_closed_meanwhile_costs_nothing(thread: Thread, fetcher: Callable[..., Awaitable[HttpFetcher]]) -> None:
    """A request on a kept connection that its server had closed before is made once more, on a fresh one: the server never saw it."""
    http = await fetcher()
    assert (await http.get(thread.target())).body == b"hi"
    thread.may_close.set()
    thread.is_closed.wait(5)
    again = await http.get(thread.target())
    assert (again.failure, again.body, len(thread.heads)) == (None, b"hi", 2)
    assert again.timings.connect_s is not None
    assert again.address == "127.0.0.1"


async def test_what_a_server_may_have_seen_is_not_asked_again(serve: Callable[..., Any], fetcher: Callable[..., Any]) -> None:
    """A server that takes a request and hangs up has had it: only the host's pace decides when to ask again."""
    web = await serve({"/": PAGE, "/x": b""})
    web.is_closing = False

    async def hang_up(writer: asyncio.StreamWriter) -> None:
        web.is_closing = True

    web.pages["/x"] = hang_up
    http = await fetcher()
    await http.get(Target(1, web.url("/"), web.host, typed=True))
    broken = await http.get(Target(2, web.url("/x"), web.host, typed=True))
    assert (broken.failure.kind, broken.failure.may_pass, len(web.asked)) == ("reset", True, 2)


@pytest.mark.parametrize("surplus", [b"x", b"\r\n\r\n<html>", PAGE, b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_what_comes_behind_a_reply_answers_nobody(surplus: bytes, serve: Callable[..., Any], fetcher: Callable[..., Any]) -> None:
    """Whatever stands behind a reply is no fault of it, and its connection is not used again."""
    web = await serve(PAGE + surplus)
    web.is_closing = False
    http = await fetcher()
    first, second = [await http.get(Target(1, web.url(), web.host, typed=True)) for _ in range(2)]
    assert (first.failure, first.body, second.failure, second.body) == (None, b"hi", None, b"hi")
    assert web.connections == 2


async def test_unused_connections_are_closed_in_time(
    monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Any], fetcher: Callable[..., Any]
) -> None:
    """A connection that nobody uses is closed by us, before common servers close theirs."""
    monkeypatch.setattr("linkhaul.fetch.sweep.IDLE_S", 0.05)
    gone = asyncio.Event()
    web = await serve(PAGE)
    web.is_closing = False
    original = web._answer

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await original(reader, writer)
        gone.set()

    monkeypatch.setattr(web, "_answer", answer)
    http = await fetcher(read_timeout=0.1)  # the sweep comes as often as the shortest limit needs it
    await http.get(Target(1, web.url(), web.host, typed=True))
    async with asyncio.timeout(2):
        await gone.wait()
    assert pools.IDLE_S < 5


class Line(asyncio.Transport):
    """A transport that only knows whether it is open."""

    def __init__(self) -> None:
        super().__init__()
        self.is_aborted = False

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True


def connected(pool: Pool, key: str) -> tuple[Wire, Line]:
    wire, line = pool.new_wire(key), Line()
    wire.connection_made(line)
    pool.adopt(wire)
    return wire, line


def test_a_pool_is_bounded() -> None:
    """Of more unused connections than may be kept, those that have been unused longest are closed."""
    pool = Pool(3)
    made = [connected(pool, f"http://h{n}.example") for n in range(5)]
    for wire, _ in made:
        pool._keep(wire)
    assert [line.is_aborted for _, line in made] == [True, True, False, False, False]
    assert pool.idle_count == 3
    assert pool.take("http://h0.example") is None
    assert pool.take("http://h4.example") is made[4][0]
    assert pool.take("http://h4.example") is None


def test_the_connection_used_last_is_lent_first() -> None:
    """So that the others grow old and are closed; one that has ended meanwhile is passed over."""
    pool = Pool(10)
    made = [connected(pool, "http://h.example") for _ in range(3)]
    for wire, _ in made:
        pool._keep(wire)
    made[2][1].abort()
    assert pool.take("http://h.example") is made[1][0]
    made[0][0].connection_lost(None)
    assert (pool.take("http://h.example"), pool.idle_count) == (None, 0)


def test_the_limit_of_open_files_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where few files may be open, few connections are kept unused."""
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    assert most_idle() == 8
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
    assert most_idle() == pools.MOST_IDLE


async def test_unused_connections_make_room_for_new_ones(monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Any]) -> None:
    """When no more files can be opened, what is kept for later is closed, and the request goes on."""
    web, other = await serve(PAGE), await serve(PAGE)
    web.is_closing = other.is_closing = False
    settings = FetchSettings()
    async with HttpFetcher(settings, concurrency=2, credentials=Credentials.parse(settings, [])) as http:
        await http.get(Target(1, web.url(), web.host, typed=True))
        assert http._open.idle_count == 1
        failures = [OSError(24, "Too many open files")]
        original = http._dialler.connect

        async def connect(*words: Any, **named: Any) -> None:
            if failures:
                raise failures.pop()
            await original(*words, **named)

        monkeypatch.setattr(http._dialler, "connect", connect)
        got = await http.get(Target(2, other.url(), other.host, typed=True))
        assert (got.failure, got.body) == (None, b"hi")
        assert [wire.key for wire in http._open.all] == [other.host]


async def test_leaving_closes_everything(serve: Callable[..., Any]) -> None:
    """When the fetcher is left, no connection is open, in use or not."""
    started = asyncio.Event()

    async def silent(writer: asyncio.StreamWriter) -> None:
        started.set()
        await asyncio.Event().wait()

    web = await serve({"/": PAGE, "/x": silent})
    web.is_closing = False
    settings = FetchSettings()
    async with HttpFetcher(settings, concurrency=2, credentials=Credentials.parse(settings, [])) as http:
        await http.get(Target(1, web.url("/"), web.host, typed=True))
        task = asyncio.ensure_future(http.get(Target(2, web.url("/x"), web.host, typed=True)))
        await started.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert http._open.all == set()
