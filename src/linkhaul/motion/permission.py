"""May a host be asked for a URL? robots.txt, read before a host's first page and kept at most a day.

Source: RFC 9309.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import convert

from linkhaul.decide.retry import next_wait
from linkhaul.decide.verdict import is_suspect
from linkhaul.model.records import Failure, FailureKind, Reply, Target
from linkhaul.model.url import host_of, url_id
from linkhaul.motion.chain import Chain, redirect
from linkhaul.motion.hosts import HostState, Job
from linkhaul.motion.parts import Parts
from linkhaul.motion.progress import Progress
from linkhaul.read.robots import MAX_AGE_S, MAX_REDIRECTS, NOWHERE, rules_for
from linkhaul.store.frontier import HostRow

UNREACHABLE: frozenset[FailureKind] = frozenset({"dns", "refused", "reset", "tls", "connect-timeout", "read-timeout", "network", "guard"})
"""Failures of a host, not of its robots.txt: its pages get the same failure, without being asked for."""


MOST_RULES_BYTES = 48_000_000
"""How much memory the rules of all hosts may take, roughly."""


class Permission:
    """Asks for robots.txt, and answers from it.

    Args:
        ask: has a request made at a host (its name), through the host's pace like any other.
        touch: has a host looked at again after something about it changed.

    Attributes:
        on_known: called with a host when its robots.txt has been read.
    """

    def __init__(self, parts: Parts, progress: Progress, ask: Callable[[str, Job], None], touch: Callable[[HostState], None]) -> None:
        self._pace = parts.config.pace
        self._token = parts.config.fetch.user_agent
        self._is_on_disk = parts.is_on_disk
        self._confirm_after_s = parts.config.check.confirm_after if parts.checks is not None else None
        # A host that is asked once in two days would be asked for nothing but its robots.txt.
        self._age_s = max(MAX_AGE_S, 2 * max(self._pace.gap, self._pace.max_crawl_delay))
        self._journal = parts.journal
        self._frontier = parts.frontier
        self._clocks = parts.clocks
        self._progress = progress
        self._ask = ask
        self._touch = touch
        self._kept: dict[HostState, int] = {}
        self._kept_bytes = 0
        self._told: set[int] = set()
        self.on_known: Callable[[HostState], None] | None = None

    def is_known(self, host: HostState) -> bool:
        """Whether a host's rules are in memory and fresh; those of an earlier process are taken up when they are."""
        if self._pace.ignore_robots or not host.row.host.startswith("http"):
            return True
        if self._is_on_disk is not None and (coming := host.coming) is not None and self._is_on_disk(coming):
            return True
        if host.rules is None and not host.is_asking_robots and host.has_stored_rules:
            row = self._frontier.host(host.row.id)
            self._use(host, row, row.robots_at or 0.0)
        return host.rules is not None and 0 <= self._clocks.steady() - host.rules_at < self._age_s

    def request(self, host: HostState) -> Job:
        """Return the request for a host's robots.txt."""
        host.is_asking_robots = True
        host.rules = host.unreachable = None
        host.has_stored_rules = False
        url = host.row.host + "/robots.txt"
        target = Target(url_id(url), url, host.row.host, typed=host.row.typed)
        return self._job(Chain(target, url), host)

    def refusal(self, host: HostState, url: str) -> Failure | None:
        """Return why a URL of this host may not be asked for, or None."""
        if self._is_on_disk is not None and self._is_on_disk(url):
            return None
        if host.unreachable is not None:
            return host.unreachable
        if host.parked is not None:
            return Failure("robots", host.parked)
        if host.rules is None or host.rules.allows(url, self._token):
            return None
        why = host.rules.deciding(url, self._token)
        rule = f"robots.txt of {host.row.host} disallows it" + (f" ({why})" if why else "")
        return Failure("robots", f"{rule}; --ignore-robots asks anyway")

    def _job(self, chain: Chain, owner: HostState) -> Job:
        return Job(
            chain.at(typed=owner.row.typed and host_of(chain.url) == owner.row.host),
            lambda _, reply: self._arrived(chain, owner, reply),
            accept="robots",
            needs_robots=False,
        )

    def _arrived(self, chain: Chain, owner: HostState, reply: Reply) -> None:
        step = redirect(chain, reply, MAX_REDIRECTS)
        if isinstance(step, Chain):
            self._ask(host_of(step.url), self._job(step, owner))
            return
        failure = _failure(chain, step or reply.failure, owner)
        owner.is_asking_robots = False
        wait_s = next_wait(reply, owner.robots_attempts, self._pace, self._clocks.random())
        if wait_s is None and owner.robots_attempts == 0 and failure is not None and is_suspect(None, failure):
            wait_s = self._confirm_after_s  # a check calls no host broken that it has asked once
        if wait_s is not None:
            owner.robots_attempts += 1
            owner.pace.hold_until(self._clocks.monotonic() + wait_s)
            self._touch(owner)
            return
        owner.robots_attempts = 0
        now = self._clocks.steady()
        told = f"{failure.kind}: {failure.detail}" if failure else None
        row = HostRow(owner.row.id, owner.row.host, owner.row.typed, reply.status, reply.body, told, now, None)
        self._journal.put(
            "UPDATE host SET robots_status = ?, robots_body = ?, robots_failure = ?, robots_at = ? WHERE id = ?",
            [(row.robots_status, row.robots_body, told, now, row.id)],
        )
        self._use(owner, row, now)
        if self.on_known is not None:
            self.on_known(owner)
        self._touch(owner)

    def _keep(self, host: HostState, size: int) -> None:
        """Remember who has rules in memory, and drop the oldest when they are too much: they are in the run file."""
        self._kept[host] = size
        self._kept_bytes += size
        while self._kept_bytes > MOST_RULES_BYTES and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            self._kept_bytes -= self._kept.pop(oldest)
            if oldest.unreachable is None:
                oldest.rules = None

    def _use(self, host: HostState, row: HostRow, at: float) -> None:
        failure = None
        if row.robots_failure is not None:
            kind, _, detail = row.robots_failure.partition(": ")
            failure = Failure(convert(kind, FailureKind), detail)
            if failure.kind in UNREACHABLE:
                host.unreachable = failure
        host.rules = rules = rules_for(row.robots_status, row.robots_body or b"", failure)
        host.rules_at = at
        host.has_stored_rules = True
        self._keep(host, rules.size)
        delay = rules.crawl_delay(self._token)
        if delay is not None and delay > self._pace.max_crawl_delay:
            host.parked = (
                f"{host.row.host} asks for {delay:g} s between requests (Crawl-delay), more than --max-crawl-delay"
                f" {self._pace.max_crawl_delay:g}; raise it, or --ignore-robots"
            )
            if host.row.id not in self._told:
                self._told.add(host.row.id)
                self._progress.note(host.parked)
            self._journal.put("UPDATE host SET parked = ? WHERE id = ?", [(host.parked, host.row.id)])
        elif delay:
            host.pace.set_gap(delay)


def _failure(chain: Chain, failure: Failure | None, owner: HostState) -> Failure | None:
    """Return what stands in the way of a host's rules; where a redirect led to another host, it is no failure of this one."""
    if failure is None or failure.kind in NOWHERE:
        return failure and Failure(failure.kind, failure.detail.partition("; --")[0])
    if not chain.hops or host_of(chain.url) == owner.row.host:
        return failure
    return Failure("robots", f"{owner.row.host}/robots.txt redirects to {chain.url}, and that could not be fetched: {failure.detail}")
