"""One target, one request, one reply: what is sent, what is read, and what is kept."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from linkhaul.config import FetchSettings
from linkhaul.errors import SettingError
from linkhaul.fetch.agent import user_agent
from linkhaul.fetch.body import ROBOTS_BYTES
from linkhaul.fetch.budget import ByteBudget
from linkhaul.fetch.credentials import Credentials
from linkhaul.fetch.http import HttpFetcher
from linkhaul.fetch.waiting import retry_after
from linkhaul.model.records import Target

PAGE = b"<html><a href=x>x</a></html>"


def reply(body: bytes = PAGE, status: str = "200 OK", **headers: str) -> bytes:
    lines = {
        "Content-Type": "text/html",
        "Content-Length": str(len(body)),
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    head = "".join(f"{name}: {text}\r\n" for name, text in lines.items() if text)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body


async def test_what_is_sent(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """The URL is sent byte for byte, with who we are and what we can read; nothing else is added."""
    web = await serve(reply())
    await ask(web.url("/a%2fb%7E;c?q=%20a+b&%C3%BC='"), contact="me@x.example", header=("X-Mine: 1",))
    lines = web.asked[0].split("\r\n")
    assert lines[0] == "GET /a%2fb%7E;c?q=%20a+b&%C3%BC=' HTTP/1.1"
    assert {line.partition(":")[0] for line in lines[1:-2]} == {"Host", "User-Agent", "Accept", "Accept-Encoding", "X-Mine"}
    assert any(line.startswith("User-Agent: linkhaul/") and line.endswith("(+mailto:me@x.example)") for line in lines)
    assert "Accept-Encoding: gzip, deflate, br, zstd" in lines


async def test_what_comes_back(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """Headers come lower case, in order, repeated ones kept, bytes beyond ASCII as latin-1; the body unpacked, both sizes known."""
    packed = gzip.compress(PAGE, mtime=0)
    web = await serve(reply(packed, Content_Encoding="gzip", X_Name="caf\xe9").replace(b"X-Name", b"Link: <a>\r\nLink: <b>\r\nX-Name"))
    got = await ask(web.url())
    assert [text for name, text in got.headers if name == "link"] == ["<a>", "<b>"]
    assert got.header("x-name") == "caf\xe9"
    assert [name for name, _ in got.headers][:2] == ["content-type", "content-length"]
    assert (got.body, got.wire_bytes) == (PAGE, len(packed))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int, serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """A redirect is a reply with its Location; its body is not kept, and nothing more is asked."""
    web = await serve({"/": reply(b"moved", f"{status} Moved", Location="/next"), "/next": reply()})
    got = await ask(web.url("/"))
    assert (got.status, got.header("location"), got.body, got.failure) == (status, "/next", b"", None)
    assert len(web.asked) == 1


async def test_credentials_stay_when_a_redirect_leaves(serve: Callable[..., Any], fetcher: Callable[..., Awaitable[HttpFetcher]]) -> None:
    """Asking the host that a redirect leads to sends none of what was given for the first; a Set-Cookie goes nowhere."""
    there = await serve(reply())
    here = await serve(reply(b"", "302 Found", Location=there.url(), Set_Cookie="server=1; Domain=127.0.0.1"))
    settings = {"auth": ("u:p",), "cookie": ("s=1",), "header": ("Authorization: t", "X-All: 1")}
    http = await fetcher(Credentials.parse(FetchSettings(**settings), [here.host]), **settings)  # type: ignore[arg-type]
    first = await http.get(Target(1, here.url(), here.host, typed=True))
    await http.get(Target(2, str(first.header("location")), there.host, typed=True))
    await http.get(Target(1, here.url(), here.host, typed=True))
    assert "Authorization: Basic dTpw" in here.asked[0]
    assert "Cookie: s=1\r\n" in here.asked[1]
    assert "server=1" not in here.asked[1]
    assert "X-All: 1" in there.asked[0]
    assert not [word for word in ("Authorization", "Cookie", "Basic", "s=1") if word in there.asked[0]]


@pytest.mark.parametrize(
    "case",
    [
        ("200 OK", "text/html; charset=x", "page", True),
        ("200 OK", "APPLICATION/XHTML+XML", "page", True),
        ("206 Partial", "text/html", "page", True),
        ("200 OK", "application/pdf", "page", False),
        ("200 OK", "text/plain", "page", False),
        ("404 Not Found", "text/html", "page", False),
        ("503 Busy", "text/html", "page", False),
        ("200 OK", "text/plain", "any", True),
        ("200 OK", "text/plain", "robots", True),
        ("404 Not Found", "text/plain", "robots", False),
        ("200 OK", "", "page", True),
        ("200 OK", "*/*", "page", True),
    ],
)
async def test_only_what_is_of_use_is_read(case: tuple[str, str, str, bool], serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """A page is read when it succeeded and is HTML, or shows itself to be; the rest is recorded with its size."""
    status, media, accept, is_read = case
    web = await serve(reply(status=status, Content_Type=media))
    got = await ask(web.url(), accept=accept)
    assert (got.failure, got.body, got.wire_bytes) == (None, PAGE if is_read else b"", len(PAGE))


async def test_a_small_unread_body_keeps_the_connection(serve: Callable[..., Any], fetcher: Callable[..., Awaitable[HttpFetcher]]) -> None:
    """Redirects, errors and small files are read away, so that the next request needs no new connection; large ones are not."""
    big = reply(b"x" * 3_000_000, Content_Type="video/mp4")
    web = await serve({"/r": reply(b"moved", "302 Found"), "/e": reply(b"x" * 60_000, "404 Not Found"), "/v": big, "*": reply()})
    web.is_closing = False
    http = await fetcher()
    for path in ("/r", "/e", "/", "/"):
        await http.get(Target(1, web.url(path), web.host, typed=True))
    assert web.connections == 1
    got = await http.get(Target(1, web.url("/v"), web.host, typed=True))
    assert (got.status, got.body, got.wire_bytes) == (200, b"", 3_000_000)
    await http.get(Target(1, web.url("/"), web.host, typed=True))
    assert web.connections == 2


async def test_phases_are_timed(serve: Callable[..., Any], fetcher: Callable[..., Awaitable[HttpFetcher]]) -> None:
    """A new connection has all four phases, a kept one neither look-up nor connect; together they are the total."""
    web = await serve(reply())
    web.is_closing = False
    http = await fetcher()
    target = Target(1, web.url(), web.host, typed=True)
    new, kept = (await http.get(target)), (await http.get(target))
    assert None not in (new.timings.dns_s, new.timings.connect_s, new.timings.wait_s, new.timings.read_s)
    assert (kept.timings.dns_s, kept.timings.connect_s) == (None, None)
    phases = [seconds for seconds in (getattr(new.timings, name) for name in new.timings.__struct_fields__) if seconds is not None]
    assert all(seconds >= 0 for seconds in phases)
    assert sum(phases) <= new.total_s


async def test_a_kept_connection_that_breaks_is_not_asked_twice(
    serve: Callable[..., Any], fetcher: Callable[..., Awaitable[HttpFetcher]]
) -> None:
    """The host's pace decides when to ask again, so a broken connection is a failure that may pass."""
    answers = iter([reply()])

    async def once(writer: asyncio.StreamWriter) -> None:
        writer.write(next(answers, b""))
        web.is_closing = web.asked != web.asked[:1]

    web = await serve(once)
    http = await fetcher()
    target = Target(1, web.url(), web.host, typed=True)
    assert (await http.get(target)).body == PAGE
    broken = await http.get(target)
    assert broken.failure is not None
    assert (broken.failure.kind, broken.failure.may_pass, len(web.asked)) == ("reset", True, 2)


async def test_robots_are_cut_and_not_refused(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """Of a robots.txt without end what must be read is read, and the rest is left."""

    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            writer.write(b"Disallow: /\n" * 5000)
            await writer.drain()

    got = await ask((await serve(flood)).url("/robots.txt"), accept="robots", max_body=1000)
    assert (got.failure, got.status, len(got.body)) == (None, 200, ROBOTS_BYTES)


async def test_a_sitemap_may_be_larger_than_a_page(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """The cap on pages does not cut sitemaps short."""
    web = await serve(reply(b"x" * 50_000, Content_Type="application/xml"))
    assert len((await ask(web.url(), accept="any", max_body=1000)).body) == 50_000


async def test_bodies_are_counted_until_they_are_given_back(serve: Callable[..., Any]) -> None:
    """With a budget, a body is counted while the reply lives; a failed one gives everything back by itself."""
    web = await serve({"/": reply(), "/bad": reply(gzip.compress(PAGE * 99, mtime=0)[:-9], Content_Encoding="gzip")})
    settings, budget = FetchSettings(), ByteBudget(1000)
    async with HttpFetcher(settings, concurrency=2, credentials=Credentials.parse(settings, []), budget=budget) as http:
        got = await http.get(Target(1, web.url("/"), web.host, typed=True))
        assert budget.used == len(got.body) == len(PAGE)
        budget.give_back(len(got.body))
        assert (await http.get(Target(1, web.url("/bad"), web.host, typed=True))).failure is not None
        assert budget.used == 0


@pytest.mark.parametrize(
    ("text", "date", "seconds"),
    [
        ("120", None, 120.0),
        ("0", None, 0.0),
        ("-5", None, 0.0),
        ("1.5", None, 1.5),
        ("Thu, 01 Jan 1970 00:01:40 GMT", None, 90.0),
        ("Thu, 01 Jan 1970 00:00:05 GMT", None, 0.0),
        ("Thu, 01 Jan 2099 00:01:00 GMT", "Thu, 01 Jan 2099 00:00:00 GMT", 60.0),
        ("Thursday, 01-Jan-70 00:01:40 GMT", None, 90.0),
        ("soon", None, None),
        ("", None, None),
        ("nan", None, None),
        ("inf", None, None),
        ("Thu, 99 Foo 1970 99:99:99 GMT", None, None),
    ],
)
def test_retry_after(text: str, date: str | None, seconds: float | None) -> None:
    """Seconds and dates are understood, a date by the server's own clock; nonsense is none."""
    assert retry_after(text, date, 10.0) == seconds


async def test_retry_after_is_in_the_reply(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """An answer that asks us to wait says how long."""
    web = await serve(reply(b"", "429 Too Many Requests", Retry_After="7"))
    got = await ask(web.url())
    assert (got.status, got.retry_after_s) == (429, 7.0)


@pytest.mark.parametrize(
    ("settings", "begins", "ends"),
    [
        ({}, "linkhaul/", "no contact)"),
        ({"contact": "me@x.example"}, "linkhaul/", "(+mailto:me@x.example)"),
        ({"contact": "https://x.example/bot"}, "linkhaul/", "(+https://x.example/bot)"),
        ({"user_agent": "mybot/2.0", "contact": "x.example"}, "mybot/2.0 ", "(+x.example)"),
    ],
)
def test_the_agent_says_who_we_are(settings: dict[str, str], begins: str, ends: str) -> None:
    """The User-Agent names the product, its version and whom to write to."""
    agent = user_agent(FetchSettings(**settings))  # type: ignore[arg-type]
    assert agent.startswith(begins)
    assert agent.endswith(ends)


@pytest.mark.parametrize("settings", [{"contact": "a\r\nX: b"}, {"user_agent": "ünique"}])
def test_an_agent_that_cannot_stand_in_a_header(settings: dict[str, str]) -> None:
    """Text that would break the header is a wrong setting."""
    with pytest.raises(SettingError, match="printable ASCII"):
        user_agent(FetchSettings(**settings))  # type: ignore[arg-type]
