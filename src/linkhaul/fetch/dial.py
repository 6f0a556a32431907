"""Connecting: from a host to a connection through which it can be asked.

The steps: its addresses (or its proxy's), those of them that the guard lets through, a socket to the first that answers
(happy eyeballs), a way through the proxy, TLS. The guard judges the very addresses that sockets are connected to: nothing is looked up between the two.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from time import perf_counter
from typing import cast

from aiohappyeyeballs import start_connection

from linkhaul.config import FetchSettings
from linkhaul.fetch.guard import forbidden_address
from linkhaul.fetch.journey import GuardRefusal, Journey, ProxyFault
from linkhaul.fetch.place import Place
from linkhaul.fetch.proxy import Proxy
from linkhaul.fetch.resolve import Address, Resolver
from linkhaul.fetch.wire import Wire

EYEBALLS_S = 0.25
"""How long one address is waited for before the next is tried beside it (RFC 8305, section 5)."""
_GATE_BYTES = 65_536


class Dialler:
    """Makes connections; for one event loop.

    Args:
        settings: their connect_timeout, timeout and insecure are kept.
        resolver: closed by who made it.
    """

    def __init__(self, settings: FetchSettings, resolver: Resolver) -> None:
        self._limit_s = min(settings.connect_timeout, settings.timeout)
        self._is_verified = not settings.insecure
        self._resolver = resolver
        self._context: ssl.SSLContext | None = None

    async def connect(self, place: Place, wire: Wire, journey: Journey, *, is_guarded: bool) -> None:
        """Connect a wire to a place.

        Args:
            journey: when and where to, written while it goes on.
            is_guarded: whether only addresses of the public internet may be reached.

        Raises:
            OSError: there is no connection; `failures.failure_of` says why.
        """
        async with asyncio.timeout(self._limit_s):
            if place.proxy is None:
                sock = await self._socket(place.hostname, place.port, journey, is_guarded=is_guarded)
                await self._open(sock, wire, place.hostname if place.is_secure else None)
            else:
                await self._by_proxy(place, place.proxy, wire, journey)
        journey.connected_at = perf_counter()

    async def _socket(self, hostname: str, port: int, journey: Journey, *, is_guarded: bool) -> socket.socket:
        """Return a socket that is connected to a host."""
        addresses = await self._resolver.addresses(hostname, port)
        if is_guarded:
            addresses = _allowed(addresses, journey)
        journey.is_allowed = True
        journey.socket_at = perf_counter()
        journey.address = addresses[0].ip
        infos = [(address.family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address.place) for address in addresses]
        try:
            connected = await start_connection(infos, happy_eyeballs_delay=EYEBALLS_S)
        except OSError:
            self._resolver.forget(hostname)
            raise
        except RuntimeError as error:  # uvloop, of an address that no socket can have
            raise OSError(str(error)) from None
        if len(addresses) > 1:
            journey.address = str(connected.getpeername()[0])
        return connected

    async def _by_proxy(self, place: Place, proxy: Proxy, wire: Wire, journey: Journey) -> None:
        loop = asyncio.get_running_loop()
        gate = _Gate()
        first: asyncio.Protocol = gate if place.is_tunnelled else wire
        try:
            sock = await self._socket(proxy.hostname, proxy.port, journey, is_guarded=False)
            transport = await self._open(sock, first, proxy.hostname if proxy.is_secure else None)
        except TimeoutError:
            raise
        except socket.gaierror:
            raise ProxyFault(unknown_name=proxy.hostname) from None
        except OSError:
            raise ProxyFault from None
        if not place.is_tunnelled:
            return
        try:
            await gate.open(_connect_request(place, proxy))
            secured = await loop.start_tls(transport, wire, self._tls(), server_hostname=_name(place.hostname))
        except BaseException:
            transport.abort()
            raise
        assert secured is not None
        wire.connection_made(secured)

    async def _open(self, sock: socket.socket, protocol: asyncio.Protocol, secure_name: str | None) -> asyncio.Transport:
        """Return a transport over a connected socket, with TLS for a name if there is one."""
        context = self._tls() if secure_name is not None else None
        name = _name(secure_name) if secure_name is not None else None
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.create_connection(lambda: protocol, sock=sock, ssl=context, server_hostname=name)
        except ssl.SSLError:  # a wrong certificate is a ValueError too
            raise
        except ValueError as error:  # a name that no certificate can have
            sock.close()
            raise OSError(str(error)) from None
        return transport

    def _tls(self) -> ssl.SSLContext:
        """Return how TLS is spoken; made when it is needed first, because reading the system's authorities takes a while."""
        if self._context is None:
            self._context = context = ssl.create_default_context()
            context.set_alpn_protocols(["http/1.1"])
            # Python 3.13 asks certificates for more than browsers do.
            context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
            if not self._is_verified:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
        return self._context


class _Gate(asyncio.Protocol):
    """Waits for a proxy's answer to CONNECT."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._received = b""

    async def open(self, request: bytes) -> None:
        """Wait until the way is open.

        Raises:
            ProxyFault: it is not, and will not be.
        """
        assert self._transport is not None
        self._transport.write(request)
        status = await self._answer
        if not 200 <= status < 300:
            raise ProxyFault(status)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._answer.done():
            return
        words = self._received.split(b"\r\n", 1)[0].split(b" ")
        if b"\r\n\r\n" in self._received and len(words) > 1 and words[0].startswith(b"HTTP/1.") and words[1].isdigit():
            self._answer.set_result(int(words[1]))
        elif b"\r\n\r\n" in self._received or len(self._received) > _GATE_BYTES:
            self._answer.set_exception(ProxyFault())

    def connection_lost(self, _: Exception | None) -> None:
        if not self._answer.done():
            self._answer.set_exception(ProxyFault())


def _allowed(addresses: list[Address], journey: Journey) -> list[Address]:
    """Return those addresses that are on the public internet."""
    allowed: list[Address] = []
    for address in addresses:
        reason = forbidden_address(address.ip)
        if reason is None:
            allowed.append(address)
        else:
            journey.refused = (address.ip, reason)
    if not allowed:
        raise GuardRefusal("no address of it may be reached")
    return allowed


def _connect_request(place: Place, proxy: Proxy) -> bytes:
    name = f"[{place.hostname}]" if ":" in place.hostname else place.hostname
    to = f"{name}:{place.port}"
    secret = f"Proxy-Authorization: {proxy.authorization}\r\n" if proxy.authorization else ""
    return f"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{secret}\r\n".encode()


def _name(hostname: str) -> str:
    """Return a host's name as certificates have it: without the dot that may stand at its end."""
    return hostname.rstrip(".")
