"""A world made of a dictionary: pages, hosts and clocks, so that a run of hours is over in a moment and never sleeps.

How this works. The event loop's selector never waits: where it would, it moves the loop's clock to the next timer
instead. The engine's one thread (which pulls the sources) is given real time, because what it does cannot be foreseen.
A run that would go on for ever ends with `Stuck`, because the clock has an end.
"""

from __future__ import annotations

import asyncio
import random
import selectors
import sqlite3
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from linkhaul.config import Config, CrawlSettings, config_from
from linkhaul.decide.scope import Scope
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Failure, FailureKind, Page, Reply, Target
from linkhaul.model.url import host_of, join, target_url
from linkhaul.motion.clocks import Clocks
from linkhaul.motion.engine import Engine
from linkhaul.motion.parts import Parts, Sink
from linkhaul.motion.progress import Progress
from linkhaul.motion.seeds import Seed
from linkhaul.read.html import read_page
from linkhaul.read.options import ReadOptions
from linkhaul.store.checks import Checks
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal
from linkhaul.store.known import Known
from linkhaul.store.notes import Notes
from linkhaul.store.opening import create, open_to_read, open_to_write
from linkhaul.store.reader import latest_time

BEGINNING = 1_700_000_000.0
"""Wall clock when a world begins."""
PATIENT_LOOKS = 20
A_MOMENT_S = 0.002


class Stuck(AssertionError):
    """The run did not come to its end in the time that the test gave it."""


class _NeverWaits(selectors.DefaultSelector):
    """Moves the clock where a selector would wait."""

    now = 0.0
    end = float("inf")
    looks = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or timeout == 0:
            return found
        if self.looks < PATIENT_LOOKS and any(thread.name == "linkhaul-seeds" for thread in threading.enumerate()):
            self.looks += 1
            return super().select(A_MOMENT_S)
        self.looks = 0
        if timeout is None or self.now > self.end:
            raise Stuck(f"nothing happens any more at {self.now:,.1f} s")
        self.now += timeout
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time is the world's."""

    def __init__(self, begin: float, end: float) -> None:
        self.clock = _NeverWaits()
        self.clock.now, self.clock.end = begin, end
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


class Answer(NamedTuple):
    """What a URL answers.

    Attributes:
        links: what the page links to, as written in its href attributes.
        to: where it redirects; the status then is 302 unless another is given.
        delay_s: how long the answer takes; None for the world's.
    """

    links: Sequence[str] = ()
    status: int = 200
    to: str | None = None
    body: bytes | None = None
    type: str = "text/html"
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float | None = None
    failure: FailureKind | None = None
    may_pass: bool = False
    retry_after_s: float | None = None


Answers = Answer | Sequence[Answer] | Callable[[int], Answer]
"""One answer for ever; or the first, second, ... and the last for ever; or told by how often it was asked before."""


class Asked(NamedTuple):
    """One request as the servers saw it; seconds since the world began."""

    url: str
    host: str
    accept: Accept
    at: float
    in_flight: int


class World:
    """The web and its clocks.

    Attributes:
        pages: answers by URL; what is not there answers 404, and so does robots.txt.
        asked: every request, in order.
        most: the most requests in flight at once, by host; in all under "".
        shift_s: by how much the wall clock has been moved since the beginning.
    """

    def __init__(self, pages: Mapping[str, Answers], delay_s: float = 0.01) -> None:
        self.pages = dict(pages)
        self.delay_s = delay_s
        self.asked: list[Asked] = []
        self.most: Counter[str] = Counter()
        self.shift_s = 0.0
        self.now = 0.0
        self._times: Counter[str] = Counter()
        self._in_flight: Counter[str] = Counter()
        self._loop: Loop | None = None

    def monotonic(self) -> float:
        return self._loop.time() if self._loop is not None else self.now

    def wall(self) -> float:
        return BEGINNING + self.monotonic() + self.shift_s

    async def get(self, target: Target, accept: Accept = "page") -> Reply:
        """Answer as `Fetcher.get` does."""
        host = host_of(target.url)
        started = self.monotonic()
        for who in (host, ""):
            self._in_flight[who] += 1
            self.most[who] = max(self.most[who], self._in_flight[who])
        self.asked.append(Asked(target.url, host, accept, started, self._in_flight[host]))
        answer = self._answer(target.url)
        wall = self.wall()
        try:
            await asyncio.sleep(self.delay_s if answer.delay_s is None else answer.delay_s)
        finally:
            for who in (host, ""):
                self._in_flight[who] -= 1
        return _reply(target.url, answer, wall, self.monotonic() - started)

    def asked_for(self, url: str) -> list[float]:
        """Return when a URL was asked for."""
        return [one.at for one in self.asked if one.url == url]

    def starts(self, host: str) -> list[float]:
        """Return when the requests to a host began, robots.txt included."""
        return [one.at for one in self.asked if one.host == host]

    def _answer(self, url: str) -> Answer:
        answers = self.pages.get(url, Answer(status=404))
        times = self._times[url]
        self._times[url] += 1
        if isinstance(answers, Answer):
            return answers
        if callable(answers):
            return answers(times)
        return answers[min(times, len(answers) - 1)]


def _reply(url: str, answer: Answer, wall: float, took_s: float) -> Reply:
    if answer.failure is not None:
        failure = Failure(answer.failure, f"{answer.failure} in this world", answer.may_pass)
        return Reply(url, failure=failure, started_at=wall, total_s=took_s)
    status = 302 if answer.to is not None and answer.status == 200 else answer.status
    body = answer.body
    if body is None:
        anchors = "".join(f'<a href="{link}">to {link}</a>' for link in answer.links)
        body = b"" if answer.to is not None or status >= 400 else f"<!DOCTYPE html><title>{url}</title>{anchors}".encode()
    headers = (("content-type", answer.type), *answer.headers, *((("location", answer.to),) if answer.to is not None else ()))
    return Reply(url, status, headers, body, len(body), started_at=wall, total_s=took_s, retry_after_s=answer.retry_after_s)


def read(reply: Reply, url: str, found_at: str) -> Page:
    """Read a page as a job does."""
    return read_page(reply.body, url, reply.headers, options=ReadOptions(kinds=frozenset({"page"})), found_at=found_at)


class Ended(NamedTuple):
    """What became of a run; `error` is what `Engine.run` raised."""

    path: Path
    progress: Progress
    error: BaseException | None

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query to the run file."""
        with closing(open_to_read(self.path)) as connection:
            return [tuple(row) for row in connection.execute(sql)]

    def outcomes(self) -> dict[str, str]:
        """Return how each visit ended, by its URL."""
        return dict(self.rows("SELECT url, outcome FROM pages"))

    def depths(self) -> dict[str, int]:
        """Return the depth of each URL that the run knows."""
        return dict(self.rows("SELECT url, depth FROM urls"))


Beside = Callable[[Engine, "asyncio.Task[Progress]"], Awaitable[None]]


class Trial(msgspec.Struct, kw_only=True):
    """A run to be made in a world.

    Attributes:
        path: the run file; gone on with when it is there.
        verb: links, crawl or check.
        during: awaited beside the run, with its engine and its task: for what happens to it meanwhile.
        end_s: when the test takes it for stuck, in seconds of the world.
        parts: further fields of `Parts`, which replace what stands there.
    """

    path: Path
    verb: str = "links"
    settings: dict[str, Any] = {}
    sinks: Sequence[Sink] = ()
    during: Beside | None = None
    end_s: float = 3_600.0
    parts: dict[str, Any] = {}

    def run(self, world: World, seeds: Iterable[str | Seed]) -> Ended:
        """Make the run from these sources and return what became of it."""
        config = config_from(self.settings)
        connection = open_to_write(self.path) if self.path.exists() else create(self.path)
        loop = Loop(world.now, world.now + self.end_s)
        world._loop = loop
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                progress, error = runner.run(self._conduct(world, list(seeds), config, connection))
        finally:
            connection.close()
            world.now, world._loop = loop.time(), None
        return Ended(self.path, progress, error)

    async def _conduct(
        self, world: World, seeds: list[str | Seed], config: Config, connection: sqlite3.Connection
    ) -> tuple[Progress, BaseException | None]:
        journal = Journal(connection)
        urls = [seed for seed in seeds if isinstance(seed, str)]
        reach = CrawlSettings(scope="any", depth=0) if self.verb == "links" else config.crawl
        parts = Parts(
            config=config, fetcher=world, read=read, journal=journal, frontier=Frontier(connection, journal), scope=Scope.of(reach, urls),
            seeds=(Seed(seed) if isinstance(seed, str) else seed for seed in seeds), sinks=self.sinks,
            known=Known(connection), notes=Notes(connection, journal), checks=Checks(connection, journal) if self.verb == "check" else None,
            clocks=Clocks(monotonic=world.monotonic, wall=world.wall, random=random.Random(0).random, latest=latest_time(connection)),
        )  # fmt: skip
        engine = Engine(msgspec.structs.replace(parts, **self.parts))
        work = asyncio.ensure_future(engine.run())
        beside = asyncio.ensure_future(self.during(engine, work)) if self.during is not None else None
        try:
            return await work, None
        except Stuck:
            raise
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - what a run raises is what is tested
            return engine.progress, error
        finally:
            if beside is not None:
                beside.cancel()
                with suppress(asyncio.CancelledError):
                    await beside


def stop_when(is_so: Callable[[], bool]) -> Beside:
    """Return a `during` that stops the run when something is so."""

    async def watch(engine: Engine, _: asyncio.Task[Progress]) -> None:
        while not is_so():  # noqa: ASYNC110 - what is waited for knows of no event, and the clock costs nothing
            await asyncio.sleep(0.001)
        engine.stop("interrupt")

    return watch


def nearest(graph: Mapping[str, Sequence[str]], seeds: Iterable[str]) -> dict[str, int]:
    """Return the least number of clicks from a seed to each URL of a graph: a second, plain walk, breadth first."""
    depths = dict.fromkeys(seeds, 0)
    wave = list(depths)
    while wave:
        following = []
        for url in wave:
            for link in graph.get(url, ()):
                joined = join(url, link)
                found = target_url(joined) if joined else None
                if found is not None and found not in depths:
                    depths[found] = depths[url] + 1
                    following.append(found)
        wave = following
    return depths
