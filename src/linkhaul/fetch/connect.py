"""Connections: which address they go to, whether it may be reached, and how long each phase took.

aiohttp asks the socket factory for each socket right before it connects it to that very address: that is where the guard
stands. What one request learns on its way is written into its `Journey`, which travels in a context variable because
a connection may be raced for by several tasks (happy eyeballs), each with a copy of the context.
"""

from __future__ import annotations

import socket
from contextvars import ContextVar
from functools import partial
from time import perf_counter
from typing import Any

from aiohttp import ClientPayloadError, ClientRequest, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import AddrInfoType, Connection
from aiohttp.http_exceptions import HttpProcessingError

from linkhaul.fetch.guard import forbidden_address
from linkhaul.model.records import Timings

IDLE_S = 4.0
"""How long an unused connection is kept. Common servers close theirs after 5 s; one that closes just when we ask again costs a retry."""

DNS_TTL_S = 300


class Journey:
    """What happened on the way to one reply; times by `perf_counter`, None for what did not happen.

    Attributes:
        began_at: when the connection was asked for; set by `Connector`.
        socket_at: when the first socket was made, the name being known; None when a connection was reused.
        connected_at: when the request could be sent.
        address: the address that a socket was made for last.
        refused: the address that the guard refused last, and why.
        is_allowed: whether any address was tried.
    """

    __slots__ = ("address", "began_at", "connected_at", "is_allowed", "refused", "socket_at")

    def __init__(self) -> None:
        self.began_at: float | None = None
        self.socket_at: float | None = None
        self.connected_at: float | None = None
        self.address: str | None = None
        self.refused: tuple[str, str] | None = None
        self.is_allowed = False

    def timings(self, answered_at: float | None, ended_at: float) -> Timings:
        """Return the seconds of each phase that happened.

        Args:
            answered_at: when the status line and headers were there.
            ended_at: when the body was read, or the request failed.
        """
        dns_s = connect_s = wait_s = read_s = None
        if self.socket_at is not None and self.began_at is not None:
            dns_s = self.socket_at - self.began_at
            connect_s = (self.connected_at or ended_at) - self.socket_at
        if self.connected_at is not None:
            wait_s = (answered_at or ended_at) - self.connected_at
        if answered_at is not None:
            read_s = ended_at - answered_at
        return Timings(dns_s, connect_s, wait_s, read_s)


JOURNEY: ContextVar[Journey] = ContextVar("journey")
"""The journey of the request that this task is making."""


class GuardRefusal(OSError):
    """The guard forbids an address; an OSError so that aiohttp goes on to the host's next address."""


class Receiver(ResponseHandler):
    """aiohttp's reader of replies, which also tells who waits for a body that the rest of it breaks HTTP.

    Without this, a fault that comes after the headers (a chunk size that is no number) is noted on the connection only,
    and the reader of the body waits for the whole timeout. Seen in aiohttp 3.14.5.
    """

    def is_connected(self) -> bool:
        """Whether another request may be sent: not after bytes came that nobody had asked for, which would be its answer."""
        return super().is_connected() and not self.should_close

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """Note a fault for the next reader, and for the one that reads a body now."""
        body = self._payload
        super().set_exception(exc, exc if exc_cause is None else exc_cause)
        if isinstance(exc, HttpProcessingError) and body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(ClientPayloadError(exc.message), exc)


class Connector(TCPConnector):
    """aiohttp's pool of connections with our clock and guard.

    Args:
        resolver: closed by who made it.
        is_guarded: whether only addresses of the public internet may be reached. A pool is either guarded or not, so
            that a connection to a private address that was allowed is never borrowed by a request that may not.
        is_verified: whether certificates are verified.
    """

    def __init__(self, resolver: AbstractResolver, *, is_guarded: bool, is_verified: bool) -> None:
        super().__init__(
            ssl=is_verified,
            limit=0,  # how many at once is decided by the pace of each host
            ttl_dns_cache=DNS_TTL_S,
            resolver=resolver,
            keepalive_timeout=IDLE_S,
            socket_factory=_guarded_socket if is_guarded else _open_socket,
        )
        receiver: type[ResponseHandler] = Receiver
        self._factory = partial(receiver, loop=self._loop)  # there is no public way

    async def connect(self, req: ClientRequest, traces: list[Any], timeout: ClientTimeout) -> Connection:
        """Return a connection for a request, from the pool or a new one, and note when."""
        journey = JOURNEY.get()
        journey.began_at = perf_counter()
        connection = await super().connect(req, traces, timeout)
        journey.connected_at = perf_counter()
        return connection


def _guarded_socket(address: AddrInfoType) -> socket.socket:
    host = str(address[4][0])
    reason = forbidden_address(host)
    if reason is not None:
        JOURNEY.get().refused = (host, reason)
        raise GuardRefusal(f"{host} is {reason}")
    return _open_socket(address)


def _open_socket(address: AddrInfoType) -> socket.socket:
    journey = JOURNEY.get()
    if journey.socket_at is None:
        journey.socket_at = perf_counter()
    journey.is_allowed = True
    journey.address = str(address[4][0])
    return socket.socket(family=address[0], type=address[1], proto=address[2])
