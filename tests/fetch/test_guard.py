"""The guard: which addresses a page may lead to, checked on the address that is connected to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from linkhaul.fetch.guard import forbidden_address, forbidden_host
from linkhaul.fetch.http import HttpFetcher
from linkhaul.model.records import Target

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.0.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "169.254.0.1",
        "100.64.0.1", "100.127.255.255", "100.100.100.200", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "100::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "::ffff:0:7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::",
        "2002:c0a8:101::1", "2001:0:7f00:1::1", "2001:0:808:808:0:0:80ff:fffe", "5f00::1", "[::1]", "", "example.org", "1.2.3",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    """Every range that is not the public internet is refused with a reason, in whatever form it is wrapped."""
    assert forbidden_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "169.253.255.255", "223.255.255.255",
        "192.0.1.1", "198.17.0.1", "2001:4860:4860::8888", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8",
        "2a00:1450::1", "2001:200::1",
    ],
)  # fmt: skip
def test_addresses_that_are_public(address: str) -> None:
    """The public internet is open, to the very edges of what is not."""
    assert forbidden_address(address) is None


@pytest.mark.parametrize("hostname", ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "[::1]", "10.1.1.1", "2130706433"])
def test_names_that_show_what_they_are(hostname: str) -> None:
    """Behind a proxy, a name that is an address or this machine is refused by what it says."""
    assert forbidden_host(hostname)


@pytest.mark.parametrize("hostname", ["example.org", "8.8.8.8", "localhost.example.org", "10.example"])
def test_names_that_show_nothing(hostname: str) -> None:
    """Behind a proxy, any other name is the proxy's to judge."""
    assert forbidden_host(hostname) is None


def named(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Make the DNS answer the addresses in turn, the last one for ever; return the names that were looked up."""
    left, asked = list(answers), []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


async def test_a_page_cannot_lead_to_a_private_address(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """An address in a URL that nobody typed is refused before a connection is made; the sentence names the way out."""
    web = await serve(PAGE)
    got = await ask(web.url(), typed=False)
    assert got.failure is not None
    assert (got.failure.kind, got.failure.may_pass, "--allow-private" in got.failure.detail) == ("guard", False, True)
    assert web.connections == 0
    assert (await ask(web.url(), typed=True)).body == b"hi"
    assert (await ask(web.url(), typed=False, allow_private=True)).body == b"hi"


async def test_a_name_that_leads_to_a_private_address(
    monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Any], ask: Callable[..., Any]
) -> None:
    """What counts is the address, not the name; the sentence has both."""
    web = await serve(PAGE)
    named(monkeypatch, "127.0.0.1")
    got = await ask(f"http://inside.example:{web.port}/", typed=False)
    assert got.failure is not None
    assert (got.failure.kind, web.connections) == ("guard", 0)
    assert f"inside.example:{web.port} is at 127.0.0.1, which is this very machine" in got.failure.detail


async def test_an_answer_that_changes_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Any], ask: Callable[..., Any]
) -> None:
    """A name that is public when it is first looked up and private later is judged anew at each connection."""
    web = await serve(PAGE)
    asked = named(monkeypatch, "8.8.8.8", "127.0.0.1")

    async def unreachable(*_: object) -> None:
        raise OSError(101, "unreachable")

    with monkeypatch.context() as patch:
        patch.setattr(asyncio.get_running_loop(), "sock_connect", unreachable)
        first = await ask(f"http://turning.example:{web.port}/", typed=False)
    second = await ask(f"http://turning.example:{web.port}/", typed=False)
    assert (first.failure.kind, second.failure.kind) == ("network", "guard")
    assert (len(asked), web.connections) == (2, 0)


async def test_a_kept_connection_is_not_lent(serve: Callable[..., Any], fetcher: Callable[..., Awaitable[HttpFetcher]]) -> None:
    """A connection that was made for a typed host is not used by a request that may not go there."""
    web = await serve(PAGE)
    web.is_closing = False
    http = await fetcher()
    assert (await http.get(Target(1, web.url(), web.host, typed=True))).body == b"hi"
    refused = await http.get(Target(2, web.url(), web.host, typed=False))
    assert refused.failure is not None
    assert refused.failure.kind == "guard"
    assert (await http.get(Target(1, web.url(), web.host, typed=True))).body == b"hi"
    assert web.connections == 1


async def test_one_public_address_among_private_ones_is_used(
    monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Any], ask: Callable[..., Any]
) -> None:
    """A host with a private and a public address is asked at the public one only."""
    tried: list[str] = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("10.0.0.1", "8.8.8.8", "127.0.0.1")]

    async def note(sock: socket.socket, address: tuple[str, int]) -> None:
        tried.append(address[0])
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", note)
    got = await ask("http://mixed.example/", typed=False)
    assert got.failure is not None
    assert set(tried) == {"8.8.8.8"}
    assert (got.failure.kind, got.failure.may_pass) == ("network", True), got.failure
