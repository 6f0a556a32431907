"""A host that is being worked on: its pace, its robots rules and the few targets of it that are in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from msgspec import Struct

from linkhaul.decide.pace import Pace
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Failure, Reply, Target
from linkhaul.read.robots import Rules
from linkhaul.store.frontier import HostRow


class Job(Struct, frozen=True, gc=False):
    """One request that is to be made, and who gets its reply.

    Attributes:
        arrived: called on the engine's loop with the host and the reply.
        accept: what the body is wanted for, see `model.fetcher`.
        needs_robots: false for robots.txt itself.
    """

    target: Target
    arrived: Callable[[HostState, Reply], None]
    accept: Accept = "page"
    needs_robots: bool = True


class HostState:
    """What memory holds of one host while it has work.

    Attributes:
        jobs: requests that go before the targets of the head: redirects that lead here, robots.txt.
        head: the next targets, taken from the frontier in small lots.
        held: ids that the frontier must not give again: in the head, in flight, or finished and not yet written.
        rules: robots rules; None until robots.txt has been read, or when they had to make room.
        has_stored_rules: the run file has them.
        has_more: the frontier may hold more of its targets.
        has_retries: the frontier may hold retries of it, due or waiting.
        unreachable: why its robots.txt could not be asked for: the host cannot be reached, so its pages cannot either.
        parked: why nothing of it is asked, when that is so.
    """

    __slots__ = (
        "has_more",
        "has_retries",
        "has_stored_rules",
        "head",
        "held",
        "in_flight",
        "is_asking_robots",
        "is_ready",
        "jobs",
        "pace",
        "parked",
        "robots_attempts",
        "row",
        "rules",
        "rules_at",
        "timer_at",
        "unreachable",
    )

    def __init__(self, row: HostRow, pace: Pace) -> None:
        self.row = row
        self.pace = pace
        self.jobs: deque[Job] = deque()
        self.head: deque[Target] = deque()
        self.held: set[int] = set()
        self.in_flight = 0
        self.rules: Rules | None = None
        self.rules_at = 0.0
        self.is_asking_robots = False
        self.has_stored_rules = row.robots_at is not None and row.robots_failure is None
        self.robots_attempts = 0
        self.unreachable: Failure | None = None
        self.parked: str | None = None
        self.has_more = True
        self.has_retries = True
        self.is_ready = False
        self.timer_at: float | None = None

    @property
    def coming(self) -> str | None:
        """The URL that would be asked for next, as far as it is in memory."""
        return self.jobs[0].target.url if self.jobs else self.head[0].url if self.head else None

    @property
    def has_work(self) -> bool:
        """Whether there may be something to ask of it now."""
        if self.rules is None and self.is_asking_robots:
            return any(not job.needs_robots for job in self.jobs)
        return bool(self.jobs or self.head or self.has_more)

    @property
    def is_idle(self) -> bool:
        """Whether nothing of it is in memory or on its way."""
        return not (self.jobs or self.head or self.has_more or self.in_flight or self.is_asking_robots)
