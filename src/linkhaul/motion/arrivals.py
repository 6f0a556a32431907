"""What happens to a reply: along a redirect, back to the frontier for a retry, or read and taken to its end."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from linkhaul.decide.outcome import outcome_of
from linkhaul.decide.retry import next_wait
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Failure, Hop, Outcome, Page, Reply, Target, Visit
from linkhaul.model.url import host_of, url_id
from linkhaul.motion.chain import Chain, redirect
from linkhaul.motion.checking import CONFIRM, Checking
from linkhaul.motion.hosts import HostState, Job
from linkhaul.motion.ledger import Ledger
from linkhaul.motion.parts import Parts
from linkhaul.motion.reading import Reading
from linkhaul.store.journal import Again

_FINE: frozenset[Outcome] = frozenset({"ok", "not-html"})


class Arrivals:
    """Takes chains on with each reply.

    Args:
        ask: has a request made at a host (its name), through its pace.
        may_follow: whether a redirect's target is within the scope; called with (chain, url).
    """

    def __init__(
        self, parts: Parts, ledger: Ledger, reading: Reading, ask: Callable[[str, Job], None], may_follow: Callable[[Chain, str], bool]
    ) -> None:
        self._config = parts.config
        self._known = parts.known
        self._frontier = parts.frontier
        self._checks = parts.checks
        self._reading = reading
        self._clocks = parts.clocks
        self._on_visit = parts.on_visit
        self._on_body = parts.on_body
        self._ledger = ledger
        self._ask = ask
        self._may_follow = may_follow
        self._checking = Checking(parts.config, parts.checks.known, parts.is_on_disk, self._sooner) if parts.checks is not None else None

    def begin(self, host: HostState, target: Target) -> Job:
        """Return the first request of a target."""
        if self._checking is not None:
            target = self._checking.current(target)
        chain = Chain(target, target.url)
        return Job(target, lambda _, reply: self.arrived(chain, host, reply), self._accept(chain))

    def refuse(self, host: HostState, target: Target, failure: Failure) -> None:
        """End a target that may not be asked for."""
        outcome: Outcome = "refused" if failure.kind in ("robots", "guard") else "failed"
        if outcome == "failed" and self._checking is not None:  # its host was asked twice for its robots.txt, and has no other answer
            target = replace(target, attempt=max(target.attempt, 1))
        self._end(host, Visit(target, target.url, outcome, self._clocks.wall(), failure=failure))

    def copy(self, host: HostState, target: Target, hops: tuple[Hop, ...], of_visit: int) -> None:
        """End a target whose page another visit has read."""
        self._ledger.copy(host, target, hops, of_visit)
        if self._on_visit is not None:
            self._on_visit(self._known.visit_again(of_visit, target, hops))

    def visit_that_saw(self, target: Target, id: int | None = None) -> int | None:
        """Return a visit that has seen what stands at a URL (the target's own when none is told), for a target that only looks at it."""
        return None if self._checking is None else self._checking.visit_that_saw(target, target.id if id is None else id)

    def arrived(self, chain: Chain, owner: HostState, reply: Reply) -> None:
        """Take a chain on after a reply.

        Args:
            owner: the host of the chain's target, which keeps the target from being given twice.
        """
        step = redirect(chain, reply, self._config.fetch.max_redirects)
        if isinstance(step, Chain):
            self._follow(step, owner, reply)
            return
        if step is None:
            wait_s = next_wait(reply, chain.target.attempt, self._config.pace, self._clocks.random())
            if wait_s is not None:
                reason = reply.failure.kind if reply.failure else str(reply.status)
                self._ledger.again(owner, Again(chain.target, self._clocks.steady() + wait_s, reason))
                return
        if self._checking is not None and (second := self._checking.second_try(chain, reply, step or reply.failure)) is not None:
            self._ledger.again(owner, Again(chain.target, self._clocks.steady() + second[0], second[1]))
            return
        self._last(chain, owner, reply, step)

    def _follow(self, step: Chain, owner: HostState, reply: Reply) -> None:
        is_only_seen = step.target.purpose != "page" or not step.is_read
        if not is_only_seen and not self._may_follow(step, step.url):
            if self._checking is None:
                self._end(owner, Visit(step.target, step.url, "redirected", reply.started_at, reply.status, None, step.hops))
                return
            step = replace(step, is_read=False)
        id = url_id(step.url)
        read = self.visit_that_saw(step.target, id) if is_only_seen or not step.is_read else self._known.visit_that_read(id)
        if read is not None:
            self.copy(owner, step.target, step.hops, read)
            return
        host = host_of(step.url)
        typed = owner.row.typed and host == owner.row.host
        self._ask(host, Job(step.at(typed=typed), lambda _, next_reply: self.arrived(step, owner, next_reply), self._accept(step)))

    def _last(self, chain: Chain, owner: HostState, reply: Reply, failure: Failure | None) -> None:
        """End a chain with its last reply, when that has been read if it is a page."""
        failure = failure or reply.failure
        outcome = "failed" if failure is not None and reply.failure is None else outcome_of(reply)
        if self._checking is not None and outcome in _FINE and (chain.target.purpose != "page" or not chain.is_read):
            outcome = "checked"
        if outcome != "ok":
            self._end(owner, self._visit(chain, reply, outcome, failure))
            return

        def read(page: Page | None, fault: Failure | None) -> None:
            self._end(owner, self._visit(chain, reply, "failed" if fault else "ok", fault, page))

        self._reading.page(owner, reply, chain.url, read, self._checking.wish(chain, reply) if self._checking is not None else None)

    def _visit(self, chain: Chain, reply: Reply, outcome: Outcome, failure: Failure | None, page: Page | None = None) -> Visit:
        seen = self._checking.seen(chain, reply, page) if self._checking is not None else None
        if page is not None and self._on_body is not None and reply.kept is None and not (seen is not None and seen.says_missing):
            self._on_body(chain.url, reply.body)  # pages of error are alike, and no trap: a check wants to know of each
        content_type = reply.header("content-type")
        return Visit(
            chain.target, chain.url, outcome, reply.started_at, reply.status, failure, chain.hops,
            content_type.partition(";")[0].strip().lower()[:200] or None if content_type else None,
            len(reply.body) or reply.wire_bytes, reply.timings, reply.total_s, page, len(page.links) if page else 0, seen,
        )  # fmt: skip

    def _sooner(self, host: str, within_s: float) -> None:
        """Have nothing wait longer than this for its second try at a host."""
        self._ledger.write()
        host_id = self._frontier.host_id(host)
        if self._checks is not None:
            self._checks.sooner(host_id, CONFIRM, self._clocks.steady() + within_s)
        self._ledger.found_hosts.add(host_id)

    def _accept(self, chain: Chain) -> Accept:
        return "page" if self._checking is None else self._checking.accept(chain)

    def _end(self, owner: HostState, visit: Visit) -> None:
        if self._checking is not None and self._checking.is_outdated(visit):
            self._ledger.again(owner, Again(visit.target, 0.0, "more"))
            return
        self._ledger.visit(owner, visit)
        if self._on_visit is not None and visit.target.purpose != "probe":
            self._on_visit(visit)
