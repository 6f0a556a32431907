"""Look-ups: once for each name, remembered for a while, and never without number."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from linkhaul.fetch import resolve
from linkhaul.fetch.resolve import Address, Resolver


class Dns:
    """A DNS of which each name has one address; counts what it is asked, and can be slow."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = False

    def look_up(self, host: str, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        if self.fails:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 0, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0)),
        ]


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Dns:
    made = Dns()
    monkeypatch.setattr(socket, "getaddrinfo", made.look_up)
    return made


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def resolver(now: list[float]) -> Iterator[Resolver]:
    made = Resolver(4, clock=lambda: now[0])
    yield made
    made.close()


async def test_addresses_have_the_port(dns: Dns, resolver: Resolver) -> None:
    """Each address comes once, in the order given, as a socket can be connected to it."""
    assert await resolver.addresses("shop.example", 81) == [
        Address(socket.AF_INET6, ("2001:db8::1", 81, 0, 0)),
        Address(socket.AF_INET, ("192.0.2.1", 81)),
    ]


@pytest.mark.parametrize("literal", ["192.0.2.7", "2001:db8::7"])
async def test_an_address_is_not_looked_up(literal: str, dns: Dns, resolver: Resolver) -> None:
    """An address is its own answer."""
    assert [address.ip for address in await resolver.addresses(literal, 80)] == [literal]
    assert dns.asked == []


async def test_a_name_is_asked_once_in_a_while(dns: Dns, resolver: Resolver, now: list[float]) -> None:
    """All who want a name at once, and all who want it soon after, share one look-up; later it is asked anew."""
    await asyncio.gather(*(resolver.addresses("shop.example", port) for port in range(9)))
    await resolver.addresses("shop.example", 80)
    assert dns.asked == ["shop.example"]
    now[0] = resolve.KEPT_S + 1
    await resolver.addresses("shop.example", 80)
    assert len(dns.asked) == 2
    resolver.forget("shop.example")
    await resolver.addresses("shop.example", 80)
    assert len(dns.asked) == 3


async def test_a_failure_is_not_remembered(dns: Dns, resolver: Resolver) -> None:
    """A name that cannot be found is asked for again the next time."""
    dns.fails = True
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            await resolver.addresses("shop.example", 80)
    assert len(dns.asked) == 2


async def test_who_leaves_does_not_take_the_answer_along(dns: Dns, resolver: Resolver) -> None:
    """Cancelling one of those who wait for a name leaves it to the others."""
    leaving = asyncio.ensure_future(resolver.addresses("shop.example", 80))
    staying = asyncio.ensure_future(resolver.addresses("shop.example", 81))
    await asyncio.sleep(0)
    leaving.cancel()
    assert len(await staying) == 2
    assert dns.asked == ["shop.example"]


async def test_the_memory_of_names_is_bounded(monkeypatch: pytest.MonkeyPatch, dns: Dns, resolver: Resolver) -> None:
    """However many names there are, only so many are remembered; the oldest go."""
    monkeypatch.setattr(resolve, "_NAMES_KEPT", 3)
    for n in range(5):
        await resolver.addresses(f"h{n}.example", 80)
    assert list(resolver._kept) == ["h2.example", "h3.example", "h4.example"]
