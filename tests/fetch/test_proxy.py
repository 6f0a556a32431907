"""Proxies: who goes through one, and what still may not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from linkhaul.errors import SettingError
from linkhaul.fetch.proxy import Proxies
from linkhaul.model.records import Target

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"


def test_the_setting_counts_for_everything() -> None:
    """A proxy in the settings wins over the environment, NO_PROXY included."""
    proxies = Proxies("http://p.example:3128", {"http": "http://q.example:1", "no": "a.example"})
    assert str(proxies.for_host("https://a.example")) == "http://p.example:3128"


def test_the_environment_by_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each scheme has its variable, ALL_PROXY the rest, and NO_PROXY the exceptions."""
    monkeypatch.setenv("http_proxy", "p.example:1")
    monkeypatch.setenv("all_proxy", "http://q.example:2")
    monkeypatch.setenv("no_proxy", ".intern.example,b.example:8080")
    proxies = Proxies(None)
    assert str(proxies.for_host("http://a.example")) == "http://p.example:1"
    assert str(proxies.for_host("https://a.example")) == "http://q.example:2"
    assert proxies.for_host("http://x.intern.example") is None
    assert proxies.for_host("http://b.example:8080") is None
    assert proxies.for_host("http://b.example:8081") is not None


def test_without_any() -> None:
    """Without a proxy nothing is asked for each host."""
    assert not Proxies(None, {}).is_used


@pytest.mark.parametrize("url", ["socks5://u:hidden@p.example:1080", "socks4://hidden", "ftp://u:hidden@p.example:1", "http://u:hidden@:x"])
def test_what_is_no_http_proxy(url: str) -> None:
    """A SOCKS proxy and nonsense are errors with the remedy and without the password."""
    with pytest.raises(SettingError, match="http://host:port") as caught:
        Proxies(url, {})
    assert "hidden" not in str(caught.value)


async def test_requests_go_to_the_proxy(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """The proxy, even at a private address, is asked for the whole URL, with its own password and without looking names up."""
    web = await serve(PAGE)
    got = await ask("http://far.example/a?b", typed=False, proxy=f"http://u:p@127.0.0.1:{web.port}")
    assert (got.failure, got.body) == (None, b"hi")
    assert web.asked[0].startswith("GET http://far.example/a?b HTTP/1.1\r\nHost: far.example\r\n")
    assert "Proxy-Authorization: Basic dTpw" in web.asked[0]


@pytest.mark.parametrize("host", ["http://127.0.0.1", "http://localhost", "http://169.254.169.254", "http://[::1]:8080"])
async def test_private_addresses_are_refused_before_the_proxy(host: str, serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """A page cannot make the proxy fetch an address that shows itself to be private."""
    web = await serve(PAGE)
    got = await ask(f"{host}/", typed=False, proxy=web.host)
    assert got.failure is not None
    assert (got.failure.kind, web.asked) == ("guard", [])


async def test_a_proxy_that_fails_is_not_the_hosts_fault(serve: Callable[..., Any], ask: Callable[..., Any], unused_tcp_port: int) -> None:
    """A proxy that cannot be reached, or that refuses, is `network`, and the sentence names the proxy without its password."""
    dead = await ask("http://far.example/", proxy=f"http://u:hidden@127.0.0.1:{unused_tcp_port}")
    web = await serve(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    refusing = await ask("https://far.example/", proxy=f"http://u:hidden@127.0.0.1:{web.port}")
    for got in (dead, refusing):
        assert got.failure is not None
        assert (got.failure.kind, "proxy" in got.failure.detail, "hidden" in got.failure.detail) == ("network", True, False)


async def test_a_proxy_without_an_address_is_named(ask: Callable[..., Any]) -> None:
    """A proxy that is not in the DNS is said to be that; the host that was asked for is not blamed."""
    reply = await ask("http://127.0.0.1/", proxy="http://no-proxy.invalid:3128")
    assert reply.failure.kind == "network"
    assert reply.failure.detail.startswith("the proxy no-proxy.invalid is not in the DNS; see the setting proxy")


async def piped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while received := await reader.read(65_536):
        writer.write(received)
    writer.close()


class Gate:
    """A proxy that opens a way to wherever it is asked, or answers with what it is told to.

    Attributes:
        asked: the heads that it was sent.
    """

    def __init__(self, answer: bytes = b"HTTP/1.1 200 Connection established\r\nVia: gate\r\n\r\n") -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head)
        writer.write(self.answer)
        if b" 200 " in self.answer:
            there = await asyncio.open_connection("127.0.0.1", int(head.split()[1].rpartition(":")[2]))
            await asyncio.gather(piped(reader, there[1]), piped(there[0], writer), return_exceptions=True)
        writer.close()


async def test_https_goes_through_a_tunnel(
    serve: Callable[..., Any], fetcher: Callable[..., Any], tls: Callable[[str], ssl.SSLContext]
) -> None:
    """For https the proxy opens a way and sees nothing else; the certificate is the host's, and the way is used again."""
    web, gate = await serve(PAGE, tls=tls("good")), Gate()
    web.is_closing = False
    server = await asyncio.start_server(gate.serve, "127.0.0.1", 0)
    http = await fetcher(proxy=f"http://u:p@127.0.0.1:{server.sockets[0].getsockname()[1]}", header=("X-Mine: 1",))
    got = [await http.get(Target(n, web.url(f"/{n}"), web.host, typed=True)) for n in range(2)]
    assert [(reply.failure, reply.body) for reply in got] == [(None, b"hi")] * 2
    assert gate.asked == [f"CONNECT 127.0.0.1:{web.port} HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nProxy-Authorization: Basic dTpw\r\n\r\n"]
    assert [head.split("\r\n")[0] for head in web.asked] == ["GET /0 HTTP/1.1", "GET /1 HTTP/1.1"]
    assert "Proxy-Authorization" not in web.asked[0]
    server.close()


async def test_a_wrong_certificate_behind_a_proxy_is_the_hosts(
    serve: Callable[..., Any], ask: Callable[..., Any], tls: Callable[[str], ssl.SSLContext]
) -> None:
    """A proxy changes nothing about what certificates are worth, and is not blamed for them."""
    web, gate = await serve(PAGE, tls=tls("expired")), Gate()
    server = await asyncio.start_server(gate.serve, "127.0.0.1", 0)
    got = await ask(web.url(), proxy=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert got.failure is not None
    assert (got.failure.kind, "has expired" in got.failure.detail, web.asked) == ("tls", True, [])
    server.close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "answered 403"),
        (b"HTTP/1.1 407 Who?\r\n\r\n", "its user and password"),
        (b"SSH-2.0\r\n\r\n", "cannot be reached"),
        (b"", "cannot be reached"),
        (b"x" * 100_000, "cannot be reached"),
    ],
)
async def test_a_way_that_is_not_opened(answer: bytes, words: str, ask: Callable[..., Any]) -> None:
    """Whatever a proxy answers instead of opening a way, the failure is the network's and names the proxy."""
    server = await asyncio.start_server(Gate(answer).serve, "127.0.0.1", 0)
    got = await ask("https://far.example/", proxy=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert got.failure is not None
    assert (got.failure.kind, words in got.failure.detail) == ("network", True), got.failure
    server.close()


async def test_connections_to_a_proxy_serve_all_hosts(serve: Callable[..., Any], fetcher: Callable[..., Any]) -> None:
    """A connection on which the proxy is asked for whole URLs is used for the next host, too."""
    web = await serve(PAGE)
    web.is_closing = False
    http = await fetcher(proxy=web.host)
    for name in ("a", "b"):
        assert (await http.get(Target(1, f"http://{name}.example/", f"http://{name}.example"))).body == b"hi"
    assert web.connections == 1
    assert [head.split("\r\n")[1] for head in web.asked] == ["Host: a.example", "Host: b.example"]


async def test_where_a_proxy_is_says_nothing_of_the_host(
    serve: Callable[..., Any], fetcher: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A private address that was typed stays allowed behind a proxy of the public internet, page after page."""
    web = await serve(PAGE)
    http = await fetcher(proxy=web.host)
    monkeypatch.setattr("linkhaul.fetch.http.forbidden_address", lambda _: None)  # the proxy's address counts as public
    got = [await http.get(Target(n, f"http://10.0.0.5/{n}", "http://10.0.0.5", typed=True)) for n in range(2)]
    assert [reply.failure for reply in got] == [None, None]
