"""What happens to a reply: along a redirect, back to the frontier for a retry, or read and taken to its end."""

from __future__ import annotations

from collections.abc import Callable

from linkhaul.decide.outcome import outcome_of
from linkhaul.decide.retry import next_wait
from linkhaul.model.records import Failure, Hop, Outcome, Reply, Target, Visit
from linkhaul.model.times import iso
from linkhaul.model.url import host_of, url_id
from linkhaul.motion.chain import Chain, redirect
from linkhaul.motion.hosts import HostState, Job
from linkhaul.motion.ledger import Ledger
from linkhaul.motion.parts import Parts
from linkhaul.store.journal import Again


class Arrivals:
    """Takes chains on with each reply.

    Args:
        ask: has a request made at a host (its name), through its pace.
        may_follow: whether a redirect's target is within the scope; called with (chain, url).
    """

    def __init__(self, parts: Parts, ledger: Ledger, ask: Callable[[str, Job], None], may_follow: Callable[[Chain, str], bool]) -> None:
        self._config = parts.config
        self._known = parts.known
        self._read = parts.read
        self._clocks = parts.clocks
        self._on_visit = parts.on_visit
        self._on_body = parts.on_body
        self._ledger = ledger
        self._ask = ask
        self._may_follow = may_follow

    def begin(self, host: HostState, target: Target) -> Job:
        """Return the first request of a target."""
        chain = Chain(target, target.url)
        return Job(target, lambda _, reply: self.arrived(chain, host, reply))

    def refuse(self, host: HostState, target: Target, failure: Failure) -> None:
        """End a target that may not be asked for."""
        outcome: Outcome = "refused" if failure.kind in ("robots", "guard") else "failed"
        self._end(host, Visit(target, target.url, outcome, self._clocks.wall(), failure=failure))

    def copy(self, host: HostState, target: Target, hops: tuple[Hop, ...], of_visit: int) -> None:
        """End a target whose page another visit has read."""
        self._ledger.copy(host, target, hops, of_visit)
        if self._on_visit is not None:
            self._on_visit(self._known.visit_again(of_visit, target, hops))

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
        self._end(owner, self._visit(chain, reply, step))

    def _follow(self, step: Chain, owner: HostState, reply: Reply) -> None:
        if not self._may_follow(step, step.url):
            self._end(owner, Visit(step.target, step.url, "redirected", reply.started_at, reply.status, None, step.hops))
            return
        read = self._known.visit_that_read(url_id(step.url))
        if read is not None:
            self.copy(owner, step.target, step.hops, read)
            return
        host = host_of(step.url)
        typed = owner.row.typed and host == owner.row.host
        self._ask(host, Job(step.at(typed=typed), lambda _, next_reply: self.arrived(step, owner, next_reply)))

    def _visit(self, chain: Chain, reply: Reply, failure: Failure | None) -> Visit:
        failure = failure or reply.failure
        outcome = "failed" if failure is not None and reply.failure is None else outcome_of(reply)
        page = None
        if outcome == "ok":
            try:
                page = self._read(reply, chain.url, iso(reply.started_at))
                if self._on_body is not None:
                    self._on_body(chain.url, reply.body)
            except ValueError as error:
                outcome, failure = "failed", Failure("unreadable", f"the page cannot be read: {error}")
        content_type = reply.header("content-type")
        return Visit(
            chain.target, chain.url, outcome, reply.started_at, reply.status, failure, chain.hops,
            content_type.partition(";")[0].strip().lower()[:200] or None if content_type else None,
            len(reply.body) or reply.wire_bytes, reply.timings, reply.total_s, page, len(page.links) if page else 0,
        )  # fmt: skip

    def _end(self, owner: HostState, visit: Visit) -> None:
        self._ledger.visit(owner, visit)
        if self._on_visit is not None:
            self._on_visit(visit)
