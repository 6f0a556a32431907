"""Pages from the web: one target, one request, one reply.

How this works: two sessions of aiohttp stand side by side. One may connect anywhere and serves the hosts that the user
typed; the other only reaches the public internet (`fetch.guard`) and serves what pages lead to. They share nothing, so a
connection that was made under one rule is never used under the other. Redirects are not followed here, cookies are not
kept, nothing is raised for what the web does, and nothing is asked twice: a connection that breaks is a failure that may
pass, because only the engine knows when the host may be asked again.

The way through `get` is the hottest in the program. Measured beside bare aiohttp, per page of 14 KB from nginx on loopback:
21 to 28 µs more than its 80 to 120, of which about 8 are the timer of the read timeout and 3 our request headers. So nothing
is looked up, parsed or built for a request that could have been for the host or the run, and phases are timed by two hooks
of the connector instead of aiohttp's TraceConfig.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from time import perf_counter
from types import TracebackType
from typing import Self

from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar
from yarl import URL

from linkhaul.config import FetchSettings
from linkhaul.fetch.agent import user_agent
from linkhaul.fetch.body import DRAIN_BYTES, Plan, drain, read_body
from linkhaul.fetch.budget import ByteBudget
from linkhaul.fetch.connect import JOURNEY, Connector, Journey
from linkhaul.fetch.credentials import Credentials
from linkhaul.fetch.decode import ACCEPTED, BodyFault, encodings, too_large
from linkhaul.fetch.failures import WEB_FAULTS, bad_reply, failure_of, guarded
from linkhaul.fetch.guard import forbidden_address, forbidden_host
from linkhaul.fetch.media import is_page, media_type
from linkhaul.fetch.proxy import Proxies
from linkhaul.fetch.resolve import ThreadResolver
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Reply, Target
from linkhaul.model.url import hostname_of

ANY_BYTES = 52_428_800
"""Size of the largest sitemap that its protocol allows; the cap for what is not a page is at least this."""

ROBOTS_BYTES = 512_000
"""What is read of a robots.txt (RFC 9309, section 2.5: at least 500 KiB)."""

_LINE_BYTES = 32_768
_HEADERS = 128
"""Bounds of aiohttp's parser: a header line and their number; together at most 4 MiB a reply."""

_NAMES: dict[bytes, str] = {}
LONGEST_RETRY_AFTER_S = 10 * 365 * 86_400.0
"""What is longer counts as this long: a number that people and databases can bear."""
_PUBLIC_KEPT = 100_000
_NAMES_KEPT = 2_000


class HttpFetcher:
    """Asks the web; an async context manager, for one event loop.

    Args:
        settings: how pages are asked for.
        concurrency: requests in flight at most; so many names may be looked up at once.
        credentials: who we are to whom.
        clock: wall clock, seconds since 1970.
        budget: the room for bodies; who gets a reply gives `len(reply.body)` back to it. None: memory is not counted.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        concurrency: int,
        credentials: Credentials,
        clock: Callable[[], float] = time.time,
        budget: ByteBudget | None = None,
    ) -> None:
        self._settings = settings
        self._concurrency = concurrency
        self._credentials = credentials
        self._clock = clock
        self._budget = budget
        self._proxies = Proxies(settings.proxy)
        self._agent = user_agent(settings)
        self._caps = {"page": settings.max_body, "any": max(settings.max_body, ANY_BYTES), "robots": max(settings.max_body, ANY_BYTES)}
        self._public: set[str] = set()
        self._resolver: ThreadResolver | None = None
        self._open: ClientSession | None = None
        self._guarded: ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._resolver = ThreadResolver(min(self._concurrency, 64))
        self._open = self._session(is_guarded=False)
        self._guarded = self._open if self._settings.allow_private else self._session(is_guarded=True)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for session in (self._open, self._guarded):
            if session is not None:
                await session.close()
        if self._resolver is not None:
            await self._resolver.close()

    async def get(self, target: Target, accept: Accept = "page") -> Reply:
        """Return what came back for one request; see `model.fetcher.Fetcher`."""
        reply = Reply(target.url, started_at=self._clock())
        began_at = perf_counter()
        answered_at: float | None = None
        journey = Journey()
        JOURNEY.set(journey)
        try:
            response = await self._ask(target)
            answered_at = perf_counter()
            try:
                await self._take(response, reply, accept)
            finally:
                if not response.closed:
                    response.close()
        except BodyFault as fault:
            reply.failure = fault.failure
        except WEB_FAULTS as error:
            reply.failure = failure_of(error, target.host, journey, self._settings)
        ended_at = perf_counter()
        reply.total_s = ended_at - began_at
        reply.timings = journey.timings(answered_at, ended_at)
        reply.address = journey.address
        if target.typed and journey.address is not None and forbidden_address(journey.address) is None:
            if len(self._public) >= _PUBLIC_KEPT:
                self._public.clear()
            self._public.add(target.host)
        return reply

    async def _ask(self, target: Target) -> ClientResponse:
        """Send the request and return the response when its headers are there."""
        host = target.host
        # A name the user typed may be at a private address; one that was at a public address may not move there.
        is_open = (target.typed and host not in self._public) or self._settings.allow_private
        proxy = self._proxies.for_host(host) if self._proxies.is_used else None
        if proxy is not None and not is_open:
            hostname = hostname_of(target.url)
            reason = forbidden_host(hostname)
            if reason is not None:
                raise BodyFault(guarded(hostname, hostname, reason))
        session = self._open if is_open or proxy is not None else self._guarded
        assert session is not None, "HttpFetcher is an async context manager: use it with `async with`"
        headers = self._credentials.headers_for(host, target.url)
        return await session.get(URL(target.url, encoded=True), headers=headers or None, allow_redirects=False, proxy=proxy)

    async def _take(self, response: ClientResponse, reply: Reply, accept: Accept) -> None:
        """Fill the reply from the response, body included if it is of use."""
        status = reply.status = response.status
        headers = response.headers
        reply.headers = tuple([(_NAMES.get(name) or _lower(name), value.decode("latin-1")) for name, value in response.raw_headers])
        if status >= 300 and "Retry-After" in headers:
            reply.retry_after_s = retry_after(headers["Retry-After"], headers.get("Date"), self._clock())
        if status < 200:
            reply.failure = bad_reply(f"the server answered {status}, which nobody asked for")
            return
        length = int(headers.get("Content-Length") or 0)
        media = media_type(headers.get("Content-Type"))
        if not (is_page(status, media) if accept == "page" else status < 300):
            reply.wire_bytes = length
            if length <= DRAIN_BYTES:
                await drain(response.content)
            return
        names = encodings(headers.get("Content-Encoding"))
        cap = self._caps[accept]
        cut_at = ROBOTS_BYTES if accept == "robots" else None
        if length > cap and cut_at is None:
            raise BodyFault(too_large(cap, length))
        plan = Plan(names, cap, cut_at, is_sniffed=media is None and accept == "page")
        await self._read(response, reply, plan)

    async def _read(self, response: ClientResponse, reply: Reply, plan: Plan) -> None:
        if self._budget is None:
            reply.body, reply.wire_bytes = await read_body(response.content, plan, None)
            return
        share = self._budget.share()
        try:
            reply.body, reply.wire_bytes = await read_body(response.content, plan, share)
        finally:
            share.keep(len(reply.body))

    def _session(self, *, is_guarded: bool) -> ClientSession:
        assert self._resolver is not None
        settings = self._settings
        session = ClientSession(
            connector=Connector(self._resolver, is_guarded=is_guarded, is_verified=not settings.insecure),
            timeout=ClientTimeout(total=settings.timeout, connect=settings.connect_timeout, sock_read=settings.read_timeout),
            headers={
                "User-Agent": self._agent,
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Encoding": ACCEPTED,
                **self._credentials.for_all,
            },
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            read_bufsize=65_536,
            max_line_size=_LINE_BYTES,
            max_field_size=_LINE_BYTES,
            max_headers=_HEADERS,
        )
        # aiohttp would ask again at once when a connection that was kept breaks. A host has a pace, and aiohttp does not know it.
        session._retry_connection = False  # noqa: SLF001 -- there is no public way
        return session


def retry_after(text: str, date: str | None, now: float) -> float | None:
    """Return how many seconds a server asks us to wait, at least 0; None when it cannot be understood.

    Args:
        text: the Retry-After header: seconds, or a date.
        date: the server's Date header; a date is taken relative to the server's own clock where it tells it.
        now: wall clock, seconds since 1970.

    Source: RFC 9110, section 10.2.3.
    """
    try:
        seconds = float(text)
    except ValueError:
        until = _timestamp(text)
        seconds = math.nan if until is None else until - (_timestamp(date) or now)
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER_S) if math.isfinite(seconds) else None


def _timestamp(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _lower(name: bytes) -> str:
    """Return a header's name in lower case, and remember it: the same few come with every reply."""
    lower = name.decode("latin-1").lower()
    if len(_NAMES) < _NAMES_KEPT:
        _NAMES[name] = lower
    return lower
