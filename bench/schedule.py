"""What it costs to find the request that may be made next, beside 100,000 known hosts: waiting is scheduled, not slept.

How this works. A run file is made in which all hosts are known; of them 10, 1,000 or 10,000 have work. Requests are then
taken from the engine's own dispatcher (which host is due, its next target, robots.txt, the pace) and ended, by a clock that jumps to the
next moment at which something is due. Each host waits a second from start to start, so every request goes through the heap
of waiting hosts. Only taking and ending is timed; that a page is taken to its end and written is not the scheduler's.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from bench.rounds import fresh_folder
from bench.table import write
from bench.unreal import Web, run_parts
from linkhaul.config import config_from
from linkhaul.decide.pace import signal_of
from linkhaul.model.records import Reply
from linkhaul.model.url import url_id
from linkhaul.motion.admit import Admission
from linkhaul.motion.arrivals import Arrivals
from linkhaul.motion.dispatch import HEAD, Dispatch
from linkhaul.motion.hosts import HostState, Job
from linkhaul.motion.ledger import Ledger
from linkhaul.motion.parts import Parts
from linkhaul.motion.permission import Permission
from linkhaul.motion.progress import Progress
from linkhaul.motion.reading import Reading
from linkhaul.store.journal import NewUrl

KNOWN = 100_000
ACTIVE = (10, 1_000, 10_000)
LEAST_REQUESTS = 40_000
AT_ONCE = 1_000
LOT = 20_000


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


def run_schedule(repeats: int, result: str) -> None:
    """Print what one request costs the scheduler at each number of active hosts, as a time and as a ratio to the fewest; write it down."""
    print(f"{KNOWN:,} hosts known; each active one is asked once a second of a clock that jumps; CPU time of taking and ending a request")
    each_us: dict[int, list[float]] = {active: [] for active in ACTIVE}
    for number in range(repeats):
        for active, taken in each_us.items():
            folder = fresh_folder()
            try:
                requests, seconds = _measure(folder, active)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            taken.append(seconds / requests * 1e6)
            print(f"  round {number + 1}  {active:>7,} active   {requests:>9,} requests   {taken[-1]:5.1f} µs each", flush=True)
    middles = {active: statistics.median(taken) for active, taken in each_us.items()}
    for active, middle in middles.items():
        print(f"{active:>7,} active   {middle:5.1f} µs each   {middle / middles[ACTIVE[0]]:4.2f} times the first")
    print(f"all of it: {write(result, {'rounds': repeats, 'known': KNOWN, 'each_us': each_us})}")


def _measure(folder: Path, active: int) -> tuple[int, float]:
    """Return how many requests were made, and the CPU seconds that the scheduler took for them."""
    clock = Clock()
    config = config_from({"gap": 1.0, "per_host": 2, "ignore_robots": True})
    parts = run_parts(folder, config, (), Web(0.0), clock)
    each = max(HEAD, LEAST_REQUESTS // active)
    _fill(parts, active, each)
    dispatch, ledger = _dispatch(parts)
    spent, requests = 0.0, 0
    while requests < active * each:
        began = time.process_time()
        taken = list(_taken(dispatch))
        spent += time.process_time() - began
        for host, job in taken:  # reading and writing, which are not the scheduler's
            job.arrived(host, _reply(job))
        ledger.write()
        began = time.process_time()
        dispatch.take_found()
        _end(dispatch, taken, clock)
        due = dispatch.scheduler.next_wake()
        spent += time.process_time() - began
        requests += len(taken)
        if not taken and due is None:
            raise RuntimeError(f"the scheduler gave {requests:,} of {active * each:,} requests")
        if not dispatch.scheduler.has_ready and due is not None:
            clock.now = max(clock.now, due)
    return requests, spent


def _taken(dispatch: Dispatch) -> Iterator[tuple[HostState, Job]]:
    for _ in range(AT_ONCE):
        work = dispatch.next()
        if work is None:
            return
        yield work


def _end(dispatch: Dispatch, taken: list[tuple[HostState, Job]], clock: Clock) -> None:
    for host, job in taken:
        reply = _reply(job)
        dispatch.ended(host, reply)
        host.pace.finished(clock.now, signal_of(reply, clock.now))
        dispatch.scheduler.touch(host, clock.now)


def _reply(job: Job) -> Reply:
    return Reply(job.target.url, 404, total_s=0.05)


def _dispatch(parts: Parts) -> tuple[Dispatch, Ledger]:
    """Return a dispatcher put together as the engine does it."""
    progress = Progress()
    ledger = Ledger(parts.journal, parts.known, Admission(parts.frontier, parts.scope, obey_nofollow=False), (), progress)
    dispatch = Dispatch(parts, ledger)
    dispatch.most = 1 << 60
    dispatch.permission = Permission(parts, progress, dispatch.ask, dispatch.touch)
    dispatch.arrivals = Arrivals(parts, ledger, Reading(parts, lambda *_: None, lambda step: step()), dispatch.ask, lambda _, __: False)
    return dispatch, ledger


def _fill(parts: Parts, active: int, each: int) -> None:
    """Put the hosts into the run file: the first have so many targets each, the others one URL that is only known."""
    names = [f"http://host-{number}.example" for number in range(KNOWN)]
    parts.journal.put("INSERT INTO host (host) VALUES (?)", [(name,) for name in names])
    lot: list[NewUrl] = []
    for number, name in enumerate(names, 1):
        state = "queued" if number <= active else "recorded"
        for page in range(each if number <= active else 1):
            url = f"{name}/a/page-{page}.html"
            lot.append(NewUrl(url_id(url), url, number, 0, state, "seed", "seed"))
        if len(lot) >= LOT or number in (active, KNOWN):
            parts.journal.add_urls(lot)
            lot = []
    parts.journal.commit()
