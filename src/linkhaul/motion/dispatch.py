"""Which request is made next: a host that is due, its next target, and whether robots.txt allows it."""

from __future__ import annotations

from linkhaul.decide.pace import Pace
from linkhaul.model.records import Reply, Target
from linkhaul.motion.addresses import Addresses
from linkhaul.motion.arrivals import Arrivals
from linkhaul.motion.hosts import HostState, Job
from linkhaul.motion.ledger import Ledger
from linkhaul.motion.parts import Parts
from linkhaul.motion.permission import Permission
from linkhaul.motion.schedule import Scheduler

HEAD = 32
"""How many targets of a host are taken from the frontier at once."""

LONG_HEAD, FEW_HOSTS = 4 * HEAD, 64
"""The same while only so few hosts have work: then what is in memory stays little, and each look at the frontier reads past less."""

MOST_HELD = 4 * HEAD
"""How many targets of a host may be finished or in memory before what was finished is written: each refill reads past them."""

REFUSALS = 200
"""How many targets may end without a request before the loop gets its turn."""


class Dispatch:
    """Gives out requests, each with its place already taken.

    Attributes:
        scheduler: which hosts are due.
        most: how many more targets may be ended at all.
        is_breathless: `next` gave up because it had ended so many targets without a request; call it again soon.
        permission, arrivals: who says no, and who gets the replies; set by the engine before the first `next`.
    """

    def __init__(self, parts: Parts, ledger: Ledger) -> None:
        self._pace = parts.config.pace
        self._frontier = parts.frontier
        self._known = parts.known
        self._clocks = clocks = parts.clocks
        self._ledger = ledger
        self._ended = 0
        self._addresses = Addresses(self._pace.per_address, self.touch)
        self.is_breathless = False
        self.most = REFUSALS
        self._resumed_at = clocks.monotonic() if parts.frontier.is_resumed else None
        self.scheduler = Scheduler(self._load, parts.frontier.hosts_with_work)
        self.permission: Permission
        self.arrivals: Arrivals

    def next(self) -> tuple[HostState, Job] | None:
        """Return the next request that may start now, its place taken; None when there is none."""
        now = self._clocks.monotonic()
        self.is_breathless = False
        left = min(REFUSALS, self.most)
        while (host := self.scheduler.take(now)) is not None:
            if not self._addresses.may_start(host):
                continue
            done = self._ended
            job = self._job(host, now, left)
            left -= self._ended - done
            if job is None:
                self.scheduler.touch(host, now)
                if left <= 0:
                    self.is_breathless = True
                    return None
                continue
            host.pace.started(now)
            self._addresses.started(host)
            host.in_flight += 1
            self.scheduler.touch(host, now)
            return host, job
        return None

    def ended(self, host: HostState, reply: Reply) -> None:
        """Count a request that has ended; one that waited for its address is looked at again."""
        self._addresses.finished(host, reply.address)
        host.in_flight -= 1
        if reply.retry_after_s:
            self._frontier.hold(host.row.id, self._clocks.steady() + reply.retry_after_s)

    def ask(self, host_name: str, job: Job) -> None:
        """Have a request made at a host, before its other targets."""
        host = self.scheduler.activate(self._frontier.host_id(host_name))
        host.jobs.append(job)
        self.scheduler.touch(host, self._clocks.monotonic())

    def touch(self, host: HostState) -> None:
        """Have a host looked at again after something about it changed."""
        self.scheduler.touch(host, self._clocks.monotonic())

    def take_found(self) -> None:
        """Have the hosts looked at that got new targets, or of which something was written."""
        now = self._clocks.monotonic()
        found, released = self._ledger.found_hosts, self._ledger.released
        while found:
            self.scheduler.found_work(found.pop(), now)
        while released:
            self.scheduler.touch(released.popitem()[1], now)

    def _job(self, host: HostState, now: float, most: int) -> Job | None:
        """Return a host's next request, ending on the way (at most so many) what robots.txt does not allow."""
        if not host.jobs and not host.head:
            self._refill(host, now)
        is_known = self.permission.is_known(host)
        if not is_known and not host.is_asking_robots and self._wants_robots(host, now):
            return self.permission.request(host)
        while (job := _next_job(host, is_known=is_known)) is not None:
            refusal = self.permission.refusal(host, job.target.url) if job.needs_robots else None
            if refusal is None:
                return job
            job.arrived(host, Reply(job.target.url, failure=refusal, started_at=self._clocks.wall()))
        upto = self._ended + most
        while is_known and self._ended < upto and (host.head or self._refill(host, now)):
            target = host.head.popleft()
            refusal = self.permission.refusal(host, target.url)
            self._ended += 1
            if refusal is not None:
                self.arrivals.refuse(host, target, refusal)
            elif not self._is_copied(host, target):
                return self.arrivals.begin(host, target)
        return None

    def _wants_robots(self, host: HostState, now: float) -> bool:
        """Whether something is to be asked of the host that needs its robots.txt."""
        if host.jobs:
            return all(job.needs_robots for job in host.jobs)
        return bool(host.head) or self._refill(host, now)

    def _is_copied(self, host: HostState, target: Target) -> bool:
        """End a target whose page was read already at the end of another URL's redirects."""
        if target.attempt or (not self._ledger.has_redirects and target.purpose == "page"):
            return False
        visit = self._known.visit_that_was_redirected_to(target.id) if target.purpose == "page" else self.arrivals.visit_that_saw(target)
        if visit is not None:
            self.arrivals.copy(host, target, (), visit)
        return visit is not None

    def _refill(self, host: HostState, now: float) -> bool:
        """Fill a host's head from the frontier; when nothing is due, have it woken for its next retry."""
        if not host.has_more:
            return False
        # What was finished is left out because it is held; it is written where that would be much, or where it may bring new work.
        self._ledger.write(if_finds=len(host.held) < MOST_HELD)
        wall = self._clocks.steady()
        most = LONG_HEAD if len(self.scheduler.hosts) <= FEW_HOSTS else HEAD
        targets = self._frontier.next_targets(host.row, most, host.held, wall if host.has_retries else None)
        host.head.extend(targets)
        host.held.update(target.id for target in targets)
        if len(targets) < most:
            host.has_more = False
            retry_at = self._frontier.next_retry_at(host.row.id, wall) if host.has_retries else None
            host.has_retries = retry_at is not None
            if retry_at is not None:
                self.scheduler.touch(host, now, now + retry_at - wall)
        self.take_found()
        return bool(targets)

    def _load(self, host_id: int, pace: Pace | None) -> HostState:
        row = self._frontier.host(host_id)
        is_met = pace is not None or self._resumed_at is not None
        if pace is None:
            # An earlier process may have asked just before it ended: its last request counts as made when we began.
            saved: dict[str, float] | None = {} if self._resumed_at is not None else None
            pace = Pace(self._pace.per_host, self._pace.gap, saved, self._resumed_at or 0.0)
        if row.hold_until is not None:
            pace.hold_until(self._clocks.monotonic() + row.hold_until - self._clocks.steady())
        host = HostState(row, pace)
        host.has_retries = is_met
        self.permission.is_known(host)  # takes up stored rules, whose Crawl-delay counts from the first request on
        return host


def _next_job(host: HostState, *, is_known: bool) -> Job | None:
    """Take a host's first job that may be made before (or after) its robots.txt is known."""
    for index, job in enumerate(host.jobs):
        if is_known or not job.needs_robots:
            del host.jobs[index]
            return job
    return None
