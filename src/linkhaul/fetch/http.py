"""Pages from the web: one target, one request, one reply.

How this works: two pools of connections stand side by side. One may connect anywhere and serves the hosts that the user
typed; the other only reaches the public internet (`fetch.guard`) and serves what pages lead to. They share nothing, so a
connection that was made under one rule is never used under the other. Redirects are not followed here, cookies are not
kept, nothing is raised for what the web does, and nothing is asked twice: a connection that breaks is a failure that may
pass, because only the engine knows when the host may be asked again. One exception: a kept connection may have been closed by the
server just as it was used again. When the server cannot have seen the request (`wire`), it is made once more on a fresh one
(RFC 9112, section 9.3.1): that is no trouble of the host's, and not asking it twice.

The way through `get` is the hottest in the program. So nothing is looked up, parsed or built for a request that could have been for the host or the run
(`place`), one task is woken once (`wire`), and no request has a timer (`sweep`).
"""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Callable
from time import perf_counter
from types import TracebackType
from typing import NamedTuple, Self

from linkhaul.config import FetchSettings
from linkhaul.fetch.agent import user_agent
from linkhaul.fetch.body import Plans
from linkhaul.fetch.budget import ByteBudget
from linkhaul.fetch.credentials import Credentials
from linkhaul.fetch.decode import ACCEPTED
from linkhaul.fetch.dial import Dialler
from linkhaul.fetch.failures import bad_url, failure_of, guarded
from linkhaul.fetch.guard import forbidden_address, forbidden_host
from linkhaul.fetch.intake import Intake
from linkhaul.fetch.journey import Journey
from linkhaul.fetch.place import Place
from linkhaul.fetch.pool import Pool, most_idle
from linkhaul.fetch.proxy import Proxies
from linkhaul.fetch.resolve import Resolver
from linkhaul.fetch.sweep import Sweep
from linkhaul.fetch.waiting import retry_after
from linkhaul.fetch.wire import Wire
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Failure, Reply, Target

_PUBLIC_KEPT = 100_000
_PLACES_KEPT = 10_000
_NO_FILES = {errno.EMFILE, errno.ENFILE}


class _Errand(NamedTuple):
    """What is sent where: the host, the request as bytes, and the pool whose rule counts."""

    place: Place
    request: bytes
    pool: Pool


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
        self._credentials = credentials
        self._clock = clock
        self._budget = budget
        self._plans = Plans(settings.max_body)
        self._proxies = Proxies(settings.proxy)
        self._standing = {
            "User-Agent": user_agent(settings),
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Encoding": ACCEPTED,
            **credentials.for_all,
        }
        self._places: dict[str, Place] = {}
        self._public: set[str] = set()
        self._open = Pool(most_idle())
        self._guarded = self._open if settings.allow_private else Pool(most_idle())
        self._resolver = Resolver(min(concurrency, 64))
        self._dialler = Dialler(settings, self._resolver)
        self._sweep = Sweep(settings, (self._open,) if settings.allow_private else (self._open, self._guarded))

    async def __aenter__(self) -> Self:
        self._sweep.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._sweep.stop()
        self._resolver.close()
        for pool in (self._open, self._guarded):
            await pool.close()

    async def get(self, target: Target, accept: Accept = "page") -> Reply:
        """Return what came back for one request; see `model.fetcher.Fetcher`."""
        began_at = perf_counter()
        reply = Reply(target.url, started_at=self._clock())
        journey = Journey(began_at)
        errand = self._errand(target)
        answered_at = None
        if isinstance(errand, Failure):
            reply.failure = errand
        else:
            answered_at = await self._run(errand, Intake(reply, accept, self._plans, errand.place.where), journey)
        ended_at = perf_counter()
        reply.total_s = ended_at - began_at
        reply.timings = journey.timings(answered_at, ended_at)
        if reply.status is not None and reply.status >= 300:
            text = reply.header("retry-after")
            reply.retry_after_s = retry_after(text, reply.header("date"), self._clock()) if text is not None else None
        if journey.address is not None:
            reply.address = journey.address
            if target.typed and isinstance(errand, _Errand) and errand.place.proxy is None and forbidden_address(journey.address) is None:
                if len(self._public) >= _PUBLIC_KEPT:
                    self._public.clear()
                self._public.add(target.host)
        return reply

    def _errand(self, target: Target) -> _Errand | Failure:
        """Return what is to be sent where, or why nothing may be."""
        host = target.host
        place = self._places.get(host) or self._new_place(host)
        request = (
            place.request(target.url, self._credentials.headers_for(host, target.url), target.conditions) if place is not None else None
        )
        if place is None or request is None:
            return bad_url(target.url)
        # A name the user typed may be at a private address; one that was at a public address may not move there.
        if (target.typed and host not in self._public) or self._settings.allow_private:
            return _Errand(place, request, self._open)
        if place.proxy is None:
            return _Errand(place, request, self._guarded)
        reason = forbidden_host(place.hostname)
        return _Errand(place, request, self._open) if reason is None else guarded(place.hostname, place.hostname, reason)

    def _new_place(self, host: str) -> Place | None:
        try:
            place = Place(host, self._standing, self._proxies.for_host(host) if self._proxies.is_used else None)
        except ValueError:
            return None
        if len(self._places) >= _PLACES_KEPT:
            self._places.clear()
        self._places[host] = place
        return place

    async def _run(self, errand: _Errand, intake: Intake, journey: Journey) -> float | None:
        """Make the request, on a kept connection or a new one; return when it was answered."""
        wire = errand.pool.take(errand.place.key)
        if wire is not None:
            journey.connected_at = journey.began_at
            await self._ask(wire, errand.request, intake, journey)
            if not (intake.is_unheard and wire.is_unseen):
                return intake.answered_at
            journey.connected_at = None
            intake = intake.anew()
        wire = await self._connected(errand, intake.reply, journey)
        if wire is not None:
            await self._ask(wire, errand.request, intake, journey)
        return intake.answered_at

    async def _ask(self, wire: Wire, request: bytes, intake: Intake, journey: Journey) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        wire.deadline_at = journey.began_at + self._settings.timeout
        wire.ask(request, intake, waiter, self._budget)
        try:
            await waiter
        except asyncio.CancelledError:
            if wire.intake is intake:
                wire.end()
            if self._budget is not None:
                self._budget.give_back(intake.size)
            raise

    async def _connected(self, errand: _Errand, reply: Reply, journey: Journey) -> Wire | None:
        """Return a new connection, or None when there is none: then the reply says why."""
        place, pool = errand.place, errand.pool
        is_guarded = pool is not self._open
        for is_last in (False, True):
            wire = pool.new_wire(place.key)
            try:
                await self._dialler.connect(place, wire, journey, is_guarded=is_guarded)
            except OSError as error:
                if error.errno in _NO_FILES and not is_last:  # what is kept for later takes the place of what is needed now
                    self._open.close_idle()
                    self._guarded.close_idle()
                    await asyncio.sleep(0)
                    continue
                reply.failure = failure_of(error, place.where, journey, self._settings)
                return None
            pool.adopt(wire)
            return wire
        return None
