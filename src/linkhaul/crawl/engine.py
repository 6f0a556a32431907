"""The engine: takes targets from the frontier to their end on one event loop.

How this works. A fixed number of workers each repeat: take a host that may be asked *now* (`schedule`), take its next
request, make it, hand the reply on (`arrivals`). A worker without work is parked on a future; whatever may change that (a
reply, a new target, a timer, a seed) calls `pump`, which hands work to parked workers. Nothing else waits anywhere: a
retry is a row in the frontier, a redirect is a request at another host, a held host is a timer.

What was finished is collected by the `ledger`; a slow tick commits it. The run is at its end when no worker is busy, no
host has work in memory or on disk, and no seed can come any more.

Everything from outside is handed in: a fetcher, a reader, the run file, clocks and sinks. So a dictionary can be the web.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence

from msgspec import Struct

from linkhaul.config import Config
from linkhaul.crawl.admit import Admission
from linkhaul.crawl.arrivals import Arrivals, Read
from linkhaul.crawl.chain import Chain
from linkhaul.crawl.clocks import Clocks
from linkhaul.crawl.hosts import HostState, Job
from linkhaul.crawl.ledger import Ledger, Sink
from linkhaul.crawl.permission import Permission
from linkhaul.crawl.progress import Progress
from linkhaul.crawl.schedule import Scheduler
from linkhaul.crawl.seeds import Seed, Seeds
from linkhaul.decide.pace import Pace, signal_of
from linkhaul.decide.scope import Scope
from linkhaul.model.fetcher import Fetcher
from linkhaul.model.records import Reply, Target, Visit
from linkhaul.model.url import host_of, url_id
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal, NewUrl
from linkhaul.store.known import Known

GRACE_S = 5.0
"""How long what is in flight may take after the run is asked to stop."""
TICK_S = 0.25
HEAD = 32
MOST_QUEUED_SEEDS = 20_000


class Parts(Struct, frozen=True, kw_only=True):
    """What an engine is made of.

    Attributes:
        on_disk: hosts whose pages are read from disk.
        on_visit: called with each visit that has come to its end, before it is committed.
        settled: awaited after each reply; a slow consumer holds the engine up with it.
    """

    config: Config
    fetcher: Fetcher
    read: Read
    journal: Journal
    frontier: Frontier
    known: Known
    scope: Scope
    seeds: Iterable[Seed]
    sinks: Sequence[Sink]
    clocks: Clocks = Clocks()
    on_disk: frozenset[str] = frozenset()
    on_visit: Callable[[Visit], None] | None = None
    settled: Callable[[], Awaitable[None]] | None = None


class Engine:
    """One run in motion. Make it and run it on one loop; `stop` may be called from that loop.

    Attributes:
        progress: what has been done so far.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._config = parts.config
        self._clocks = parts.clocks
        self.progress = Progress(done_before=parts.journal.last_visit, waiting=parts.frontier.count_queued())
        self._admission = Admission(parts.frontier, parts.scope, obey_nofollow=parts.config.crawl.obey_nofollow)
        self._ledger = Ledger(parts.journal, parts.known, self._admission, parts.sinks, self.progress)
        self._scheduler = Scheduler(self._load, parts.frontier.hosts_with_work)
        self._permission = Permission(parts.config, parts.journal, self._ask, parts.clocks, self.progress, parts.on_disk)
        self._arrivals = Arrivals(
            parts.config, self._ledger, parts.known, parts.read, ask=self._ask, may_follow=self._may_follow,
            clocks=parts.clocks, on_visit=parts.on_visit,
        )  # fmt: skip
        self._seeds = Seeds(parts.seeds, self._pump)
        self._parked: deque[asyncio.Future[tuple[HostState, Job] | None]] = deque()
        self._busy = 0
        self._stopping = False
        self._finished = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._error: BaseException | None = None

    async def run(self) -> Progress:
        """Run to the end, or until stopped; everything that was finished is committed and echoed.

        Raises:
            RunFileError, OutputError: the run file or an output cannot be written; what was committed stays.
        """
        started = self._clocks.monotonic()
        self.progress.started_at = self._clocks.wall()
        self._seeds.start()
        workers = [asyncio.create_task(self._work()) for _ in range(self._config.pace.concurrency)]
        ticker = asyncio.create_task(self._tick())
        try:
            self._pump()
            await self._finished.wait()
        finally:
            self._seeds.stop()
            for task in (*workers, ticker):
                task.cancel()
            await asyncio.gather(*workers, ticker, return_exceptions=True)
            self._cancel_timer()
            self.progress.seconds = self._clocks.monotonic() - started
        if self._error is not None:
            self._ledger.save()
            raise self._error
        self._ledger.commit(self._clocks.monotonic())
        self._ledger.commit(self._clocks.monotonic())  # the marks of the last echo
        return self.progress

    def stop(self, why: str, grace_s: float = GRACE_S) -> None:
        """Take no new targets; end when what is in flight has arrived, or after the grace."""
        if self._stopping:
            return
        self._stopping = True
        self.progress.stopped_by = why
        self._seeds.stop()
        loop = asyncio.get_running_loop()
        loop.call_later(grace_s, self._finished.set)
        self._end_if_done()

    async def _work(self) -> None:
        while True:
            work = self._next()
            if work is None:
                self._end_if_done()
                future: asyncio.Future[tuple[HostState, Job] | None] = asyncio.get_running_loop().create_future()
                self._parked.append(future)
                work = await future
                if work is None:
                    continue
            host, job = work
            await self._make(host, job)

    async def _make(self, host: HostState, job: Job) -> None:
        """Make one request; its place was taken by `_next`."""
        started = self._clocks.monotonic()
        try:
            reply = await self._parts.fetcher.get(job.target, job.accept)
            now = self._clocks.monotonic()
            self._give_back(host)
            host.pace.finished(now, signal_of(reply, started))
            self.progress.bytes += reply.wire_bytes
            job.arrived(host, reply)
            self._scheduler.touch(host, now)
            if self._parked:
                self._pump()
            if self._parts.settled is not None:
                await self._parts.settled()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - the border: ends the run in order, raised again by `run`
            self._fail(error)

    def _give_back(self, host: HostState) -> None:
        host.in_flight -= 1
        self._busy -= 1
        self.progress.in_flight -= 1

    def _next(self) -> tuple[HostState, Job] | None:
        """Return the next request that may start now, its place taken; None when there is none."""
        if self._stopping or self._error is not None:
            return None
        now = self._clocks.monotonic()
        while (host := self._scheduler.take(now)) is not None:
            job = self._job(host, now)
            if job is None:
                self._scheduler.touch(host, now)
                continue
            host.pace.started(now)
            host.in_flight += 1
            self._busy += 1
            self.progress.in_flight += 1
            self._scheduler.touch(host, now)
            return host, job
        return None

    def _job(self, host: HostState, now: float) -> Job | None:
        """Return a host's next request, refusing on the way what robots.txt does not allow."""
        known = self._permission.is_known(host)
        if not known and not host.is_asking_robots and (host.jobs or host.head or self._refill(host, now)):
            if not (host.jobs and not host.jobs[0].needs_robots):
                return self._permission.request(host)
        for index, job in enumerate(host.jobs):
            if known or not job.needs_robots:
                del host.jobs[index]
                refusal = self._permission.refusal(host, job.target.url) if job.needs_robots else None
                if refusal is None:
                    return job
                job.arrived(host, Reply(job.target.url, failure=refusal, started_at=self._clocks.wall()))
                return self._job(host, now)
        while known and (host.head or self._refill(host, now)):
            target = host.head.popleft()
            refusal = self._permission.refusal(host, target.url)
            if refusal is not None:
                self._arrivals.refuse(host, target, refusal)
            elif not self._is_copied(host, target):
                return self._arrivals.begin(host, target)
        return None

    def _is_copied(self, host: HostState, target: Target) -> bool:
        """End a target whose page was read already at the end of another URL's redirects."""
        if target.attempt or not self._ledger.has_redirects:
            return False
        visit = self._parts.known.visit_that_was_redirected_to(target.id)
        if visit is not None:
            self._ledger.copy(host, target, (), visit)
        return visit is not None

    def _refill(self, host: HostState, now: float) -> bool:
        """Fill a host's head from the frontier; when nothing is due, have it woken for its next retry."""
        if not host.has_more:
            return False
        self._ledger.write()
        wall = self._clocks.wall()
        targets = self._parts.frontier.next_targets(host.row, HEAD, host.held, wall)
        host.head.extend(targets)
        host.held.update(target.id for target in targets)
        if len(targets) < HEAD:
            host.has_more = False
            retry_at = self._parts.frontier.next_retry_at(host.row.id, wall)
            if retry_at is not None:
                self._scheduler.wake_at(host, now + retry_at - wall)
        self._take_found(now)
        return bool(targets)

    def _pump(self) -> None:
        """Take in seeds, and hand work to parked workers."""
        try:
            self._take_seeds()
            while self._parked:
                work = self._next()
                if work is None:
                    break
                self._hand(work)
            self._end_if_done()
            self._set_timer()
        except BaseException as error:  # noqa: BLE001 - the border, as in `_make`
            self._fail(error)

    def _hand(self, work: tuple[HostState, Job] | None) -> None:
        future = self._parked.popleft()
        if not future.done():
            future.set_result(work)

    def _take_seeds(self) -> None:
        self.progress.sources_open = self._seeds.is_open or self._seeds.has_some
        while self._seeds.has_some and self.progress.waiting < MOST_QUEUED_SEEDS:
            now = self._clocks.monotonic()
            new = []
            for seed in self._seeds.take(1_000):
                if seed.url is None:
                    self.progress.fault_count += 1
                    if len(self.progress.faults) < 100:
                        self.progress.faults.append(seed.fault or "")
                    continue
                host_id = self._parts.frontier.typed_host_id(host_of(seed.url))
                new.append(NewUrl(url_id(seed.url), seed.url, host_id, 0, "queued", "seed", "seed"))
            self.progress.duplicates += len(new) - self._ledger.add(new)
            self._take_found(now)
        if self._seeds.error is not None:
            raise self._seeds.error

    def _take_found(self, now: float) -> None:
        found = self._ledger.found_hosts
        while found:
            self._scheduler.found_work(found.pop(), now)
        released = self._ledger.released
        while released:
            self._scheduler.touch(released.popitem()[1], now)

    async def _tick(self) -> None:
        """Commit when it is due; look at the limits of the run."""
        started = self._clocks.monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            now = self._clocks.monotonic()
            try:
                self._ledger.commit(now, if_due=True)
            except BaseException as error:  # noqa: BLE001 - the border, as in `_make`
                self._fail(error)
            limit = self._config.crawl
            if limit.max_time is not None and now - started >= limit.max_time:
                self.stop("max_time")
            if limit.max_pages is not None and self.progress.done + self.progress.done_before >= limit.max_pages:
                self.stop("max_pages")
            self._pump()

    def _end_if_done(self) -> None:
        if self._finished.is_set() or self._busy:
            return
        if self._stopping:
            self._finished.set()
            return
        if self._seeds.is_open or self._seeds.has_some:
            return
        if self._ledger.write():
            self._take_found(self._clocks.monotonic())
        if self._scheduler.is_exhausted:
            self._finished.set()

    def _set_timer(self) -> None:
        due = self._scheduler.next_wake()
        self._cancel_timer()
        if due is not None and self._parked and not self._finished.is_set():
            delay = max(0.0, due - self._clocks.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._pump)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fail(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
        self._finished.set()

    def _ask(self, host_name: str, job: Job) -> None:
        """Have a request made at a host, before its other targets."""
        host = self._scheduler.activate(self._parts.frontier.host_id(host_name))
        host.jobs.append(job)
        self._scheduler.touch(host, self._clocks.monotonic())

    def _load(self, host_id: int, pace: Pace | None) -> HostState:
        row = self._parts.frontier.host(host_id)
        return HostState(row, pace or Pace(self._config.pace.per_host, self._config.pace.gap))

    def _may_follow(self, chain: Chain, url: str) -> bool:
        """Whether a redirect stays in scope; a seed's redirect to another host widens it."""
        if chain.target.found_via == "seed" and chain.target.depth == 0:
            wider = self._admission.scope.widened(host_of(url))
            if wider is not self._admission.scope:
                self._admission.scope = wider
                self.progress.notices.append(f"{chain.target.url} redirects to {url}: the scope now is {wider.describe()}")
            return True
        return self._admission.scope.decide(url, chain.target.depth, "redirect").verdict == "follow"
