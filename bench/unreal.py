"""A run without network and without reading: what is left is linkhaul's own engine, its run file and the event loop."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path

try:
    from msgspec.structs import replace

    from linkhaul.config import Config, CrawlSettings
    from linkhaul.decide.scope import Scope
    from linkhaul.model.fetcher import Accept
    from linkhaul.model.records import Failure, Page, Reply, Target, Timings
    from linkhaul.motion.clocks import Clocks
    from linkhaul.motion.parts import Parts
    from linkhaul.motion.seeds import Seed
    from linkhaul.store.frontier import Frontier
    from linkhaul.store.journal import Journal
    from linkhaul.store.known import Known
    from linkhaul.store.notes import Notes
    from linkhaul.store.opening import create
except ImportError as error:
    from bench.server import MissingPart

    raise MissingPart(f"linkhaul is not importable here ({error}); run this with the interpreter that has it") from error

BODY = b"<!doctype html><title>A page</title>" + b"<p>Nothing that anybody reads.</p>" * 300
HEADERS = (
    ("server", "none"),
    ("content-type", "text/html; charset=utf-8"),
    ("content-length", str(len(BODY))),
    ("connection", "keep-alive"),
)
READ_S = 0.001


class Web:
    """Answers every page from memory after a latency; a dead host never does, and fails when its time is up.

    Args:
        latency_s: from the request to the whole answer; 0 gives the loop one turn.
        dead: the hosts (as `Target.host`) that never answer.
        timeout_s: after how long they are given up.

    Attributes:
        answered: how many requests were answered, robots.txt included.
    """

    def __init__(self, latency_s: float, dead: Iterable[str] = (), timeout_s: float = 10.0) -> None:
        self._latency_s = latency_s
        self._dead = frozenset(dead)
        self._timeout_s = timeout_s
        self.answered = 0

    async def get(self, target: Target, accept: Accept = "page") -> Reply:
        """Answer as `Fetcher.get` does."""
        at = time.time()
        if target.host in self._dead:
            await asyncio.sleep(self._timeout_s)
            failure = Failure("connect-timeout", f"no connection within {self._timeout_s:g} s", may_pass=True)
            return Reply(target.url, failure=failure, started_at=at, total_s=self._timeout_s)
        await asyncio.sleep(self._latency_s)
        self.answered += 1
        if accept == "robots":
            return Reply(target.url, 404, HEADERS, started_at=at, total_s=self._latency_s)
        times = Timings(wait_s=self._latency_s, read_s=READ_S)
        return Reply(target.url, 200, HEADERS, BODY, len(BODY), timings=times, started_at=at, total_s=self._latency_s + READ_S)


def read_nothing(reply: Reply, url: str, found_at: str) -> Page:  # noqa: ARG001 - the shape of a reader
    """Return a page without links, whatever the body says."""
    return Page(url, url, "utf-8", "header", "A page", "en")


def run_parts(folder: Path, config: Config, urls: Iterable[str], web: Web, now: Callable[[], float] = time.monotonic) -> Parts:
    """Return the parts of a run of a list with a real, new run file in a folder; its connection goes with the process.

    Args:
        now: the clock that waits are measured with.
    """
    connection = create(folder / "unreal.run")
    journal = Journal(connection)
    config = replace(config, crawl=CrawlSettings(scope="any", depth=0))
    return Parts(
        config=config, fetcher=web, read=read_nothing, journal=journal, frontier=Frontier(connection, journal),
        known=Known(connection), notes=Notes(connection, journal), scope=Scope.of(config.crawl, ()), seeds=map(Seed, urls), sinks=(),
        clocks=Clocks(now, random=random.Random(0).random),
    )  # fmt: skip
