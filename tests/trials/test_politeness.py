"""Politeness, counted at the server: what no host may ever see, whatever robots files, delays, errors and restarts come together.

Times are compared with a tolerance, because a request is counted when the server has read it, and that may be later after the
client began it for one request than for the next. What is compared adds up over all pairs of requests, so that a small fault
of each gap is still seen.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.trials.watched import Answer, Asked, Watched, most_at_once, soonest_excess, watched

from linkhaul.api.doors import crawl, links

TOLERANCE_S = 0.12
HOSTS = 14
PER_HOST = 5
PAGES = 9

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8")


class Manners(NamedTuple):
    """What one host asks for and how it behaves, drawn at random.

    Attributes:
        robots: its robots.txt; None for a 404, a status for one that fails.
        delay_s: the Crawl-delay that concerns us.
        forbidden: whether /no is disallowed.
        failing: which pages answer 503 with Retry-After: 1 at first, drop the connection at first, or are slow.
    """

    robots: str | int | None
    delay_s: float
    forbidden: bool
    failing: dict[str, str]


def drawn(chance: random.Random) -> Manners:
    delay_s = chance.choice([0.0, 0.0, 0.05, 0.08, 0.12])
    forbidden = chance.random() < 0.6
    rules = ["User-agent: other", "Disallow: /", "", chance.choice(["User-agent: *", "User-agent: LinkHaul"])]
    rules += [f"Crawl-delay: {delay_s}"] * (delay_s > 0) + ["Disallow: /no"] * forbidden + ["Allow: /"]
    robots: str | int | None = chance.choice(["\n", "\r\n"]).join(rules)
    if not delay_s and not forbidden:
        robots = chance.choice([None, 500, "", 401])
    numbers = chance.sample(range(1, PAGES), 4)
    return Manners(robots, delay_s, forbidden, {f"/{n}": kind for n, kind in zip(numbers, ("later", "drop", "slow", "slow"), strict=True)})


class World:
    """Hosts of random manners that link to each other, forbidden pages and redirects into them included."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.manners: dict[str, Manners] = {}
        self.hosts: Watched
        self._tried: set[tuple[str, str]] = set()

    def respond(self, host: str, path: str) -> Answer:
        manners = self.manners[host]
        if path == "/robots.txt":
            robots = manners.robots
            return Answer(robots) if isinstance(robots, str) else Answer(status=robots or 404)
        if path == "/sitemap.xml":
            return Answer(status=404)
        kind = manners.failing.get(path, "")
        if kind == "slow":
            return Answer(self._page(path), delay_s=0.15)
        if kind and (host, path) not in self._tried:
            self._tried.add((host, path))
            return Answer(status=0) if kind == "drop" else Answer(status=503, headers=("Retry-After: 1",))
        if path.startswith("/to"):
            return Answer(status=302, headers=(f"Location: http://{self.chance.choice(self.hosts.hosts)}/no/{path[3:]}",))
        return Answer(self._page(path), delay_s=self.chance.random() * 0.01)

    def _page(self, path: str) -> str:
        number = int(path.strip("/no").strip("/") or 0)
        other = self.chance.choice(self.hosts.hosts)
        places = [
            f"/{2 * number + 1}",
            f"/{2 * number + 2}",
            f"/no/{number}",
            f"/to{number}",
            f"http://{other}/{number % PAGES}",
            f"http://{other}/no/9",
        ]
        return "".join(f'<a href="{place}">x</a>' for place in places[: 2 if number * 2 >= PAGES else 6] if number < PAGES)


def faults_of(host: str, asked: list[Asked], manners: Manners) -> list[str]:
    """Return what a host may complain of."""
    found = []
    if asked[0].path != "/robots.txt":
        found.append(f"{asked[0].path} was asked before robots.txt")
    if manners.robots == 500 and {one.path for one in asked} != {"/robots.txt"}:
        found.append("pages were asked although robots.txt failed")
    if manners.forbidden and (paths := [one.path for one in asked if one.path.startswith("/no")]):
        found.append(f"{paths} are disallowed")
    limit = 1 if manners.delay_s else PER_HOST
    if (most := most_at_once(asked)) > limit:
        found.append(f"{most} requests at once, {limit} are allowed")
    rest = [one for one in asked if one.path != "/robots.txt"]
    if (excess := soonest_excess(rest, manners.delay_s)) > TOLERANCE_S and manners.delay_s:
        found.append(f"came {excess:.3f} s sooner than a Crawl-delay of {manners.delay_s} allows")
    for told in (one for one in asked if one.status == 503):
        early = [one for one in asked if told.answered_at + TOLERANCE_S < one.came_at < told.answered_at + 1.0 - TOLERANCE_S]
        if early:
            found.append(f"{early[0].path} came {early[0].came_at - told.answered_at:.3f} s after an answer with Retry-After: 1")
    return [f"{host}: {fault}" for fault in found]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_host_sees_more_or_sooner_than_its_pace_allows(seed: int) -> None:
    """robots.txt comes first, disallowed pages never, Crawl-delay, Retry-After and per_host are kept, across restarts in the middle."""
    world = World(seed)
    with watched(world.respond, [f"127.0.0.{n}" for n in range(1, HOSTS + 1)]) as hosts:
        world.hosts = hosts
        world.manners = {host: drawn(world.chance) for host in hosts.hosts}
        starts = 0
        while starts < 12:
            starts += 1
            run = crawl(hosts.urls(), run="polite.linkhaul", per_host=PER_HOST, retries=1, max_time=1.2 if starts < 4 else 60)
            if run.state == "finished":
                break
        assert starts > 1, "nothing was restarted"
        faults = [fault for host in hosts.hosts for fault in faults_of(host, hosts.requests(host), world.manners[host])]
        assert faults == []
        read = sum(len(asked) for asked in hosts.log.values())
    assert read > HOSTS * 8
    assert {one.status for asked in hosts.log.values() for one in asked} >= {0, 200, 302, 503}


def test_what_a_host_asked_for_outlives_a_kill(tmp_path: Path) -> None:
    """A Retry-After holds although the process that was told is killed a moment later, and another goes on at once."""
    told = threading.Event()

    def respond(host: str, path: str) -> Answer:
        if path != "/1" or told.is_set():
            return Answer(status=404 if path == "/robots.txt" else 200)
        told.set()
        return Answer(status=503, headers=("Retry-After: 3",))

    with watched(respond, ["127.0.0.2"]) as hosts:
        work = f"import linkhaul; linkhaul.links({[hosts.urls()[0] + str(n) for n in range(1, 4)]}, run='killed.linkhaul', per_host=1)"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with subprocess.Popen([sys.executable, "-c", work], env=environment, cwd=tmp_path) as first:
            assert told.wait(20)
            assert within(20, lambda: is_held(tmp_path / "killed.linkhaul"))
            first.kill()
        subprocess.run([sys.executable, "-c", work], env=environment, cwd=tmp_path, timeout=30, check=True)
        asked = hosts.requests(hosts.hosts[0])
        (at,) = [one.answered_at for one in asked if one.status == 503]
        later = [(one.path, round(one.came_at - at, 2)) for one in asked if one.came_at > at]
    assert {path for path, _ in later} >= {"/1", "/2", "/3"}
    assert [soon for soon in later if soon[1] < 3 - TOLERANCE_S] == []


def is_held(run: Path) -> bool:
    """Return whether a run file knows of a host that asked us to stay away."""
    with closing(sqlite3.connect(f"file:{run}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT 1 FROM host WHERE hold_until IS NOT NULL").fetchone() is not None


def within(seconds: float, is_so: Callable[[], bool]) -> bool:
    """Wait until something is so, and return whether it came to be."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


@pytest.mark.parametrize(
    ("settings", "limit", "gap_s"), [({"gap": 0.04}, PER_HOST, 0.04), ({"per_host": 1}, 1, 0.0), ({"concurrency": 2}, 2, 0.0)]
)
def test_our_own_limits_are_kept(settings: dict[str, Any], limit: int, gap_s: float) -> None:
    """gap, per_host and concurrency are what the servers see, whatever they answer."""
    chance = random.Random(5)

    def respond(host: str, path: str) -> Answer:
        return Answer(status=chance.choice([200, 200, 404]), delay_s=chance.random() * 0.02)

    with watched(respond, ["127.0.0.2", "127.0.0.3"]) as hosts:
        links([f"{url}{n}" for url in hosts.urls() for n in range(40)], **({"per_host": PER_HOST} | settings))
        for host in hosts.hosts:
            assert soonest_excess(hosts.requests(host), gap_s) <= TOLERANCE_S
            assert most_at_once(hosts.requests(host)) <= limit
        if "concurrency" in settings:
            assert most_at_once(hosts.requests(hosts.hosts[0]) + hosts.requests(hosts.hosts[1])) <= limit
        assert sum(len(asked) for asked in hosts.log.values()) == 82


def test_hosts_at_one_address_share_a_limit() -> None:
    """With per_address, all hosts of one address together see no more than that, their first requests included."""
    with watched(lambda host, path: Answer(delay_s=0.02), ["127.0.0.2", "127.0.0.3"], ports_each=6) as hosts:
        links([f"{url}{n}" for url in hosts.urls() for n in range(6)], per_address=3)
        by_address = {
            address: [one for host, asked in hosts.log.items() if host.startswith(address) for one in asked]
            for address in ("127.0.0.2:", "127.0.0.3:")
        }
    assert {address: len(asked) for address, asked in by_address.items()} == dict.fromkeys(by_address, 42)
    assert max(most_at_once(asked) for asked in by_address.values()) <= 3


class Weak:
    """A server of one worker that takes so long for each page; what waits in line waits longer."""

    def __init__(self, page_s: float) -> None:
        self._page_s = page_s
        self._worker = asyncio.Lock()

    async def respond(self, host: str, path: str) -> Answer:
        if path == "/robots.txt":
            return Answer(status=404)
        async with self._worker:
            await asyncio.sleep(self._page_s)
        return Answer("<p>slow")


def test_a_weak_server_is_not_pressed() -> None:
    """The median answer of a server of one worker stays within twice its idle one, where eight at once drive it to eight times."""
    idle_s = 0.02
    with watched(Weak(idle_s).respond, ["127.0.0.2"]) as hosts:
        links([f"{hosts.urls()[0]}{n}" for n in range(200)], per_host=16)
        asked = [one for one in hosts.requests(hosts.hosts[0]) if one.path != "/robots.txt"]
        assert len(asked) == 200
        assert statistics.median(one.answered_at - one.came_at for one in asked) < 2 * idle_s
        hosts.log.clear()
        asyncio.run(pressed(hosts.hosts[0], 64, 8))
        pressing = statistics.median(one.answered_at - one.came_at for one in hosts.requests(hosts.hosts[0]))
        assert pressing > 6 * idle_s, "this server does not suffer at all"


async def pressed(host: str, count: int, at_once: int) -> None:
    """Ask for so many pages with a fixed number at once, as others do."""
    address, port = host.split(":")

    async def ask(numbers: list[int]) -> None:
        reader, writer = await asyncio.open_connection(address, int(port))
        for number in numbers:
            writer.write(f"GET /{number} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            await reader.readuntil(b"<p>slow")
        writer.close()

    work: list[Awaitable[None]] = [ask(list(range(first, count, at_once))) for first in range(at_once)]
    await asyncio.gather(*work)


def test_dead_hosts_hold_nobody_up() -> None:
    """Hosts that do not answer keep their own places and no others: the rest is done before any of them has answered."""
    dead = {f"127.0.1.{n}" for n in range(1, 11)}
    alive = [f"127.0.2.{n}" for n in range(1, 151)]
    left = dict.fromkeys(alive, 3)
    all_done = asyncio.Event()

    async def respond(host: str, path: str) -> Answer:
        address = host.partition(":")[0]
        if address in dead:
            await all_done.wait()
            return Answer(status=0)
        left[address] -= 1
        if not any(left.values()):
            all_done.set()
        return Answer("<p>here")

    with watched(respond, [*sorted(dead), *alive]) as hosts:
        run = links([f"{url}{n}" for url in hosts.urls() for n in (1, 2)], concurrency=24, read_timeout=20, retries=0)
    assert run.outcomes == {"ok": 300, "failed": 20}
