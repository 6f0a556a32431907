"""What is read of a reply for each use that an asker may have for it, and what becomes of the rest."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from typing import Any

import brotli
import pytest

from linkhaul.config import FetchSettings
from linkhaul.fetch.budget import ByteBudget
from linkhaul.fetch.credentials import Credentials
from linkhaul.fetch.http import HttpFetcher
from linkhaul.model.fetcher import GLANCE_BYTES
from linkhaul.model.records import Target

LONG = b"<html>" + b"glance " * 30_000


def reply(body: bytes, status: str = "200 OK", media: str = "text/html", *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in (f"Content-Type: {media}", f"Content-Length: {len(body)}", *headers))
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "403 Forbidden", "404 Not Found", "503 Busy"])
@pytest.mark.parametrize("media", ["text/html", "text/plain; charset=utf-8", "application/xhtml+xml"])
async def test_a_glance_reads_a_little_of_any_status(status: str, media: str, serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """Of HTML and text the beginning is read, whatever the status; a body larger than a page may be is no failure."""
    web = await serve({"/short": reply(b"<p>gone", status, media), "/long": reply(LONG, status, media)})
    short, long = [await ask(web.url(path), accept="glance", max_body=100_000) for path in ("/short", "/long")]
    assert (short.failure, short.body) == (None, b"<p>gone")
    assert (long.failure, long.body, long.status) == (None, LONG[:GLANCE_BYTES], int(status[:3]))


@pytest.mark.parametrize("media", ["image/png", "application/pdf", "application/octet-stream", ""])
async def test_a_glance_reads_nothing_else(media: str, serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """What is neither HTML nor text, by its type or by its first bytes, is only recorded."""
    got = await ask((await serve(reply(b"\x89PNG" * 1000, media=media))).url(), accept="glance")
    assert (got.failure, got.status, got.body) == (None, 200, b"")


async def test_what_names_no_type_shows_itself(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """HTML without a type is glanced at as HTML."""
    got = await ask((await serve(reply(LONG, media=""))).url(), accept="glance")
    assert (got.failure, got.body) == (None, LONG[:GLANCE_BYTES])


async def test_whole_is_a_page_or_a_glance(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """A success that is HTML is read to its end and fails like a page; of all else there is a glance."""
    web = await serve(
        {"/": reply(LONG), "/404": reply(LONG, "404 Not Found"), "/text": reply(LONG, media="text/plain"), "/bare": reply(LONG, media="")}
    )
    got = {path: await ask(web.url(path), accept="whole") for path in web.pages}
    assert {path: len(reply.body) for path, reply in got.items()} == {
        "/": len(LONG), "/404": GLANCE_BYTES, "/text": GLANCE_BYTES, "/bare": len(LONG),
    }  # fmt: skip
    assert (await ask(web.url("/"), accept="whole", max_body=1000)).failure.kind == "too-large"


@pytest.mark.parametrize(("label", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
async def test_a_glance_is_unpacked_and_no_further(
    label: str, pack: Callable[[bytes], bytes], serve: Callable[..., Any], ask: Callable[..., Any]
) -> None:
    """What is packed is unpacked up to the cut; a stream that would not end is not waited for."""
    web = await serve(reply(pack(LONG), "200 OK", "text/html", f"Content-Encoding: {label}"))
    got = await ask(web.url(), accept="glance")
    assert (got.failure, got.body) == (None, LONG[:GLANCE_BYTES])


async def test_a_bomb_has_no_time_to_swell(serve: Callable[..., Any]) -> None:
    """A glance at a bomb is a failure that says so, and leaves no room taken."""
    web = await serve(reply(brotli.compress(bytes(30_000_000), quality=3), "200 OK", "text/html", "Content-Encoding: br"))
    settings, budget = FetchSettings(), ByteBudget(100_000)
    async with HttpFetcher(settings, concurrency=1, credentials=Credentials.parse(settings, []), budget=budget) as http:
        got = await http.get(Target(1, web.url(), web.host, typed=True), "glance")
    assert got.failure is None or got.failure.kind == "too-large"
    budget.give_back(len(got.body))
    assert budget.used == 0


async def test_a_small_rest_keeps_the_connection(serve: Callable[..., Any], fetcher: Callable[..., Awaitable[HttpFetcher]]) -> None:
    """What is cut off is read away when it is small, so that the next request needs no new connection; else the connection is closed."""
    web = await serve(
        {"/small": reply(b"x" * 60_000, media="text/plain"), "/large": reply(b"x" * 3_000_000, media="text/plain"), "*": reply(b"")}
    )
    web.is_closing = False
    http = await fetcher()
    for path in ("/small", "/"):
        await http.get(Target(1, web.url(path), web.host, typed=True), "glance")
    assert web.connections == 1
    for path in ("/large", "/"):
        await http.get(Target(1, web.url(path), web.host, typed=True), "glance")
    assert web.connections == 2


async def test_reading_waits_for_room(serve: Callable[..., Any]) -> None:
    """While there is no room for a body its server is held up, however long; when there is, the body comes whole."""
    sent = 0

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x" * 20_000)
            sent += 20_000
            await writer.drain()

    web = await serve({"/": flood, "/first": reply(b"y" * 900)})
    settings, budget = FetchSettings(max_body=50_000_000), ByteBudget(1000)
    async with HttpFetcher(settings, concurrency=2, credentials=Credentials.parse(settings, []), budget=budget) as http:
        first = await http.get(Target(1, web.url("/first"), web.host, typed=True))
        waiting = asyncio.ensure_future(http.get(Target(2, web.url("/"), web.host, typed=True)))
        async with asyncio.timeout(5):
            while not (held := [wire for wire in http._open.all if wire.is_held]):  # noqa: ASYNC110 -- nobody is told of it
                await asyncio.sleep(0)
        http._sweep._judge(held[0], held[0].heard_at + settings.read_timeout + 1)  # the silence is ours
        assert (waiting.done(), sent < 19_000_000) == (False, True)
        budget.give_back(len(first.body))
        got = await waiting
        assert (got.failure, len(got.body)) == (None, 20_000_000)
        budget.give_back(len(got.body))
    assert budget.used == 0
