"""Ten thousand fast hosts beside ten dead ones, and how near the latency limit one process comes.

The hosts answer from memory after 200 ms; the dead ones never, so that each request to them holds its place until its time
is up. The engine, its schedule, paces and the durable run file are the real ones. The limit is worked out on paper:
so many places, each busy for one latency, give places / latency requests a second.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from msgspec.structs import replace

from bench.rounds import fresh_folder
from bench.table import write
from bench.unreal import Web, run_parts
from linkhaul.api.job import loop_factory
from linkhaul.config import config_from
from linkhaul.model.records import Visit
from linkhaul.motion.engine import Engine

HOSTS = 10_000
DEAD = 10
DEAD_PAGES = 40
LATENCY_S = 0.2
TIMEOUT_S = 10.0
PER_HOST = 2
PAGES_AT = {500: 2, 1_000: 4, 2_000: 10}
"""How many pages a host has, by the requests that may be in flight in all: each run then takes ten seconds or more."""
FEWEST = min(PAGES_AT)
"""The dead hosts are tried where the latency is the limit, and not the processor, which others use too."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One run: pages/s and requests/s of the fast hosts, from the first request to the last page, and the CPU of a page."""

    pages_s: float
    requests_s: float
    cpu_us: float


def run_deadhosts(repeats: int, result: str) -> bool:
    """Print the runs by turns, the ratio and the parts of the limit, and write them down; return whether all targets were kept."""
    print(f"{HOSTS:,} hosts, {LATENCY_S * 1000:.0f} ms each, {PER_HOST} at once a host")
    passes: dict[tuple[int, int], list[Pass]] = {}
    for _ in range(repeats):
        for places, dead in ((FEWEST, 0), (FEWEST, DEAD), *((places, 0) for places in PAGES_AT if places > FEWEST)):
            one = _run(places, dead)
            passes.setdefault((places, dead), []).append(one)
            speeds = f"{one.pages_s:7,.0f} pages/s   {one.requests_s:7,.0f} requests/s   {one.cpu_us:4.0f} µs CPU a page"
            print(f"  {places:>5,} in flight, {dead:>2} dead   {speeds}", flush=True)
    ratio = statistics.median(one.pages_s for one in passes[FEWEST, DEAD]) / statistics.median(one.pages_s for one in passes[FEWEST, 0])
    is_kept = _told(f"of the speed without, beside {DEAD} dead hosts", ratio, 0.98)
    for places in PAGES_AT:
        limit = places / LATENCY_S
        part = statistics.median(one.requests_s for one in passes[places, 0]) / limit
        is_kept = _told(f"of the {limit:,.0f} requests/s that the latency allows {places:,} in flight", part, 0.9) and is_kept
    listed = [
        {"in_flight": places, "dead": dead, "limit": places / LATENCY_S, "passes": [asdict(one) for one in taken]}
        for (places, dead), taken in passes.items()
    ]
    print(f"all of it: {write(result, {'rounds': repeats, 'hosts': HOSTS, 'latency_s': LATENCY_S, 'per_host': PER_HOST, 'runs': listed})}")
    return is_kept


def _told(what: str, part: float, target: float) -> bool:
    print(f"{part:.3f} {what}   target {target}: {'kept' if part >= target else 'MISSED'}")
    return part >= target


def _run(places: int, dead: int) -> Pass:
    folder = fresh_folder()
    try:
        names = [f"http://dead-{number}.example" for number in range(dead)]
        web = Web(LATENCY_S, names, TIMEOUT_S)
        config = config_from({"concurrency": places, "per_host": PER_HOST, "retries": 0})
        parts = run_parts(folder, config, _urls(names, PAGES_AT[places]), web)
        ended: list[float] = []
        all_fast = asyncio.Event()

        def note(visit: Visit) -> None:
            if visit.outcome == "ok":
                ended.append(time.monotonic())
                if len(ended) == HOSTS * PAGES_AT[places]:
                    all_fast.set()

        began, cpu = time.monotonic(), time.process_time()
        engine = Engine(replace(parts, on_visit=note))

        async def until_the_fast_are_done() -> None:
            work = asyncio.ensure_future(engine.run())
            work.add_done_callback(lambda _: all_fast.set())
            await all_fast.wait()
            engine.stop("enough", grace_s=0.0)
            await work

        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(until_the_fast_are_done())
        cpu = time.process_time() - cpu
        seconds = ended[-1] - began
        return Pass(len(ended) / seconds, web.answered / seconds, cpu / len(ended) * 1e6)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _urls(dead: list[str], pages: int) -> Iterator[str]:
    """Yield the list: a page of each host by turns; the dead ones' first of all, where they would hold up the most."""
    for page in range(DEAD_PAGES):
        yield from (f"{host}/{page}.html" for host in dead)
    for page in range(pages):
        yield from (f"http://fast-{number}.example/a/page-{page}.html" for number in range(HOSTS))
