"""The engine: takes targets from the frontier to their end on one event loop.

How this works. A fixed number of workers each repeat: take a host that may be asked *now* (`schedule`), take its next
request, make it, hand the reply on (`arrivals`). A worker without work is parked on a future; whatever may change that (a
reply, a page that was read, a new target, a timer, a seed) calls `pump`, which hands work to parked workers. Nothing else waits anywhere: a
retry is a row in the frontier, a redirect is a request at another host, a held host is a timer.

What was finished is collected by the `ledger`; a slow tick commits it. The run is at its end when no worker is busy, no page is being read, no
host has work in memory or on disk, and no seed can come any more.

Everything from outside is handed in: a fetcher, a reader, the run file, clocks and sinks. So a dictionary can be the web.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from linkhaul.decide.pace import signal_of
from linkhaul.decide.retry import LONGEST_RETRY_AFTER_S
from linkhaul.model.records import Reply
from linkhaul.model.url import host_of, url_id
from linkhaul.motion.admit import BYTES_REMEMBERED, Admission
from linkhaul.motion.alarm import Alarm
from linkhaul.motion.arrivals import Arrivals
from linkhaul.motion.chain import Chain
from linkhaul.motion.dispatch import Dispatch
from linkhaul.motion.finds import Finds
from linkhaul.motion.hosts import HostState, Job
from linkhaul.motion.ledger import MEMORY_SHARE, Ledger
from linkhaul.motion.parts import Parts
from linkhaul.motion.permission import Permission
from linkhaul.motion.progress import Progress
from linkhaul.motion.reading import Reading
from linkhaul.motion.seeds import Seeds
from linkhaul.motion.sitemaps import Sitemaps
from linkhaul.store.journal import NewUrl

GRACE_S = 5.0
"""How long what is in flight may take after the run is asked to stop."""
TICK_S = 0.25
IDLE_TICK_S = 1.0
MOST_QUEUED_SEEDS = 20_000
SEEDS_AT_ONCE = 500
SEEDS_A_TICK = 4_000
MOST_FAULTS = 100
Work = tuple[HostState, Job]


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
        self._admission = Admission(parts.frontier, parts.scope, obey_nofollow=parts.config.crawl.obey_nofollow, traps=parts.traps)
        self._admission.room = min(self._admission.room, parts.config.run.memory // BYTES_REMEMBERED)
        self._ledger = Ledger(parts.journal, parts.known, self._admission, parts.sinks, self.progress)
        self._ledger.room = min(self._ledger.room, parts.config.run.memory // MEMORY_SHARE)
        if parts.checks is not None:
            self._ledger.finds = Finds(parts.config, parts.checks, self._admission, is_on_disk=parts.is_on_disk, is_source=parts.is_source)
        self._dispatch = Dispatch(parts, self._ledger)
        self._scheduler = self._dispatch.scheduler
        ask = self._dispatch.ask
        self._dispatch.permission = Permission(parts, self.progress, ask, self._dispatch.touch)
        self._reading = Reading(parts, self._was_read, self._safely)
        self._dispatch.arrivals = Arrivals(parts, self._ledger, self._reading, ask, self._may_follow)
        self._sitemaps = Sitemaps(parts, self._ledger, self._admission, ask=ask, is_wanted=self._is_in_scope, safely=self._safely)
        self._dispatch.permission.on_known = self._sitemaps.host_is_known if parts.traps is not None else None
        self._seeds = Seeds(parts.seeds, self._pump)
        self._parked: deque[asyncio.Future[Work | None]] = deque()
        self._busy = 0
        self._stopping = False
        self._is_tick = self._is_pump_due = False
        self._seed_count = 0
        self._seeds_before = parts.notes.seeds_read()
        self._finished = asyncio.Event()
        self._alarm = Alarm(self._pump)
        self._error: BaseException | None = None

    async def run(self) -> Progress:
        """Run to the end, or until stopped; everything that was finished is committed and echoed.

        Raises:
            RunFileError, OutputError: the run file or an output cannot be written; what was committed stays.
        """
        started = self._clocks.monotonic()
        self.progress.started_at = self._clocks.wall()
        self._seeds.start()
        self._sitemaps.begin()
        workers = [asyncio.create_task(self._work()) for _ in range(self._config.pace.concurrency)]
        ticker = asyncio.create_task(self._tick())
        try:
            self._pump()
            await self._finished.wait()
        except asyncio.CancelledError:
            self._ledger.save()
            raise
        finally:
            self._seeds.stop()
            for task in (*workers, ticker):
                task.cancel()
            await asyncio.gather(*workers, ticker, return_exceptions=True)
            self._alarm.cancel()
            self.progress.seconds = self._clocks.monotonic() - started
        if self._error is not None:
            self._ledger.save()
            raise self._error
        self._ledger.commit(self._clocks.monotonic())
        self._ledger.commit(self._clocks.monotonic())  # the marks of the last echo
        if self._seeds.is_exhausted and not self._seeds.has_some and not self.progress.waiting:
            self.progress.stopped_by = None  # who asks to stop when all is done interrupts nothing
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
        loop = asyncio.get_running_loop()
        while True:
            work = self._next()
            if work is None and self._dispatch.is_breathless:
                await self._breathe()
                continue
            work = work or await self._park(loop.create_future())
            if work is None:
                continue
            if self._parked and self._scheduler.has_ready:
                self._pump()
            host, job = work
            await self._make(host, job)

    async def _breathe(self) -> None:
        """Give others their turn, and a slow consumer its time."""
        if self._parts.settled is not None:
            await self._parts.settled()
        await asyncio.sleep(0)

    async def _park(self, place: asyncio.Future[Work | None]) -> Work | None:
        """Wait until `_pump` has work; None is a call to look for oneself."""
        self._parked.append(place)
        self._pump()
        return await place

    async def _make(self, host: HostState, job: Job) -> None:
        """Make one request; its place was taken by `_next`."""
        started = self._clocks.monotonic()
        try:
            reply = await self._parts.fetcher.get(job.target, job.accept)
            now = self._clocks.monotonic()
            self._dispatch.ended(host, reply)
            self._busy -= 1
            self.progress.in_flight -= 1
            host.pace.finished(now, signal_of(reply, started))
            self.progress.bytes += reply.wire_bytes
            job.arrived(host, reply)
            self.progress.being_read = self._reading.away
            if self._parts.give_back is not None:
                self._parts.give_back(reply)
            # What a host asked for is made durable at once: a process that goes on from here has to keep it.
            self._ledger.commit(now, if_due=not reply.retry_after_s)
            self._scheduler.touch(host, now)
            await self._reading.in_time()
            if self._parts.settled is not None:
                await self._parts.settled()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - the border: ends the run in order, raised again by `run`
            self._fail(error)

    def _was_read(self, take: Callable[[], None], host: HostState, reply: Reply) -> None:
        """Go on with a page that the crew has read: what `_make` does behind a reply that was read at once."""
        self.progress.being_read = self._reading.away
        if self._finished.is_set():
            return  # as with a reply that comes too late: its target waits in the frontier

        def step() -> None:
            take()
            if self._parts.give_back is not None:
                self._parts.give_back(reply)
            now = self._clocks.monotonic()
            self._ledger.commit(now, if_due=True)
            self._scheduler.touch(host, now)

        self._safely(step)
        if not self._is_pump_due:  # once for all pages that came back together
            self._is_pump_due = True
            asyncio.get_running_loop().call_soon(self._pump)

    @property
    def _under_way(self) -> int:
        """How many targets are in flight or being read."""
        return self._busy + self._reading.away

    def _next(self) -> Work | None:
        if self._stopping or self._error is not None or not self._has_budget():
            return None
        work = self._dispatch.next()
        if work is not None:
            self._busy += 1
            self.progress.in_flight += 1
        return work

    def _has_budget(self) -> bool:
        """Whether another page may be begun under `max_pages`."""
        most = self._config.crawl.max_pages
        if most is None:
            return True
        self._dispatch.most = most - self.progress.done - self.progress.done_before - self._under_way
        if self._dispatch.most > 0:
            return True
        if not self._under_way:
            self.stop("max_pages")
        return False

    def _pump(self) -> None:
        """Take in seeds, and hand work to parked workers; when there is none, write what waits, for that may be some."""
        self._is_pump_due = False
        if not self._finished.is_set():
            self._safely(self._hand_out)

    def _hand_out(self) -> None:
        self._dispatch.take_found()
        while True:
            self._take_seeds()
            while self._parked and (work := self._next()) is not None:
                self._parked.popleft().set_result(work)
            if self._dispatch.is_breathless and self._parked:
                self._parked.popleft().set_result(None)
                break
            if not self._parked or self._stopping or not self._ledger.write(if_finds=self._under_way > 0):
                break
            self._dispatch.take_found()
        self._end_if_done()
        if self._parked and not self._finished.is_set():
            self._alarm.set(self._scheduler.next_wake(), self._clocks.monotonic())

    def _safely(self, step: Callable[[], None]) -> None:
        """Do a step of which no fault may get lost in a callback: it ends the run, and is raised again by `run`."""
        try:
            step()
        except BaseException as error:  # noqa: BLE001 - the border, as said
            self._fail(error)

    def _take_seeds(self) -> None:
        """Put a lot of seeds into the frontier: at once as long as that is short, then only while somebody has nothing to do."""
        self.progress.sources_open = self._seeds.is_open or self._seeds.has_some
        if self._seeds.error is not None:
            raise self._seeds.error
        is_short = self.progress.waiting < MOST_QUEUED_SEEDS
        if not self._seeds.has_some or not (is_short or (self._parked and self._is_tick)):
            return
        self._is_tick = False
        new = []
        # What an earlier process had read is known, of course: only what comes after it can be a duplicate.
        again = max(0, self._seeds_before - self._seed_count)
        most = SEEDS_AT_ONCE if is_short else SEEDS_A_TICK
        for seed in self._seeds.take(min(most, again or most)):
            self._seed_count += 1
            if seed.url is None:
                self._count_fault(seed.fault or "")
                continue
            host_id = self._parts.frontier.typed_host_id(host_of(seed.url))
            new.append(NewUrl(url_id(seed.url), seed.url, host_id, 0, "queued", "seed", "seed"))
        fresh = self._ledger.add(new)
        if not again:
            self.progress.duplicates += max(0, len(new) - fresh)
            self._parts.journal.set_values({"seeds": self._seed_count})
        self._dispatch.take_found()
        if is_short:
            asyncio.get_running_loop().call_soon(self._pump)

    def _count_fault(self, fault: str) -> None:
        self.progress.fault_count += 1
        if len(self.progress.faults) < MOST_FAULTS:
            self.progress.faults.append(fault)

    async def _tick(self) -> None:
        """Commit when it is due; look at the limits of the run."""
        started = self._clocks.monotonic()
        while True:
            await asyncio.sleep(TICK_S if self._under_way or self._seeds.is_open else IDLE_TICK_S)
            now = self._clocks.monotonic()
            self._safely(self._commit_if_due)
            limit = self._config.crawl
            if limit.max_time is not None and now - started >= limit.max_time:
                self.stop("max_time")
            self._is_tick = True
            self._pump()

    def _commit_if_due(self) -> None:
        self._ledger.commit(self._clocks.monotonic(), if_due=True)

    def _end_if_done(self) -> None:
        if self._finished.is_set() or self._under_way:
            return
        if self._stopping:
            self._finished.set()
            return
        if self._seeds.is_open or self._seeds.has_some or self._sitemaps.reading:
            return
        if self._scheduler.is_exhausted:
            self._finished.set()
        elif self._only_waits_long():
            self.progress.note(
                f"all that is left waits for hosts that asked us to stay away for more than {LONGEST_RETRY_AFTER_S:.0f} s (Retry-After)"
            )
            self.stop("retry-after")

    def _only_waits_long(self) -> bool:
        due = self._scheduler.next_wake()
        return (
            due is not None
            and not self._scheduler.has_ready
            and due - self._clocks.monotonic() > max(LONGEST_RETRY_AFTER_S, self._config.pace.max_crawl_delay, self._config.pace.gap)
        )

    def _fail(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
        self._finished.set()

    def _is_in_scope(self, host_name: str) -> bool:
        """Whether a host's own sitemaps are to be read: pages at its top would be followed."""
        return self._admission.scope.decide(host_name + "/", 0, "sitemap").verdict == "follow"

    def _may_follow(self, chain: Chain, url: str) -> bool:
        """Whether a redirect stays in scope; a seed's redirect to another host widens it."""
        if chain.target.found_via == "seed" and chain.target.depth == 0:
            wider = self._admission.scope.widened(host_of(url))
            if wider is not self._admission.scope:
                self._admission.scope = wider
                self.progress.note(f"{chain.target.url} redirects to {url}: the scope now is {wider.describe()}")
            return True
        return self._admission.scope.decide(url, chain.target.depth, "redirect").verdict == "follow"
