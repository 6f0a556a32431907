"""Which host is due: waiting is scheduled, not slept.

How this works. A host is in one of four places: *ready* (may be asked now; a queue that is walked round and round, so that
no host waits behind another's backlog), *timed* (due later; a heap by time), *busy* (its window is full; it comes back when
a reply arrives) or *idle* (nothing to ask). `take` gives a place to a host only when its request can start at once, so
nobody ever holds a place while waiting. Times are monotonic seconds handed in by the caller.

Hosts beyond `most_hosts` stay on disk and are loaded as others are done with. A host that is done with leaves its pace
behind in a bounded memory, so that coming back a moment later does not make us forget our manners.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import count

from linkhaul.decide.pace import Pace
from linkhaul.motion.hosts import HostState

MOST_HOSTS = 10_000
MOST_PACES = 50_000


class Scheduler:
    """Decides which host is asked next.

    Args:
        load: makes the state of a host by its number; called when it becomes active.
        more: the numbers of hosts with work on disk, above a number, at most so many, in order.
    """

    def __init__(
        self, load: Callable[[int, Pace | None], HostState], more: Callable[[int, int], list[int]], most_hosts: int = MOST_HOSTS
    ) -> None:
        self._load = load
        self._more = more
        self._most_hosts = most_hosts
        self.hosts: dict[int, HostState] = {}
        self._ready: deque[HostState] = deque()
        self._timed: list[tuple[float, int, HostState]] = []
        self._tick = count()
        self._paces: OrderedDict[int, Pace] = OrderedDict()
        self._cursor = 0
        self._may_be_more_on_disk = True
        self._was_missed = False

    def found_work(self, host_id: int, now: float) -> None:
        """Note that the frontier holds targets of this host."""
        host = self.hosts.get(host_id)
        if host is None:
            if len(self.hosts) >= self._most_hosts:
                self._may_be_more_on_disk = self._was_missed = True
                return
            host = self.activate(host_id)
        host.has_more = True
        self.touch(host, now)

    def activate(self, host_id: int) -> HostState:
        """Return the state of a host, loading it when it is not in memory."""
        host = self.hosts.get(host_id)
        if host is None:
            host = self.hosts[host_id] = self._load(host_id, self._paces.pop(host_id, None))
        return host

    def touch(self, host: HostState, now: float, again_at: float | None = None) -> None:
        """Put a host where it belongs after something about it changed.

        Args:
            again_at: when it is to be touched again, whatever happens until then.
        """
        if self.hosts.get(host.row.id) is not host:
            return  # it was retired, and what stands in its place now is another value: that one must not go in its stead
        if again_at is not None:
            self._wake_at(host, again_at)
        if host.is_ready:
            return
        if not host.has_work:
            if host.is_idle and host.timer_at is None and not host.held:
                self._retire(host)
            return
        due = host.pace.due_at(now)
        if due is None:
            return
        if due <= now:
            host.is_ready = True
            self._ready.append(host)
        else:
            self._wake_at(host, due)

    def _wake_at(self, host: HostState, due: float) -> None:
        """Have a host touched again at a time."""
        if host.timer_at is None or due < host.timer_at:
            host.timer_at = due
            heapq.heappush(self._timed, (due, next(self._tick), host))

    def take(self, now: float) -> HostState | None:
        """Return a host that may be asked now, or None. Its place is not taken before `Pace.started` is called."""
        self._wake(now)
        if not self._ready and self._may_be_more_on_disk:
            self._fill(now)
        while self._ready:
            host = self._ready.popleft()
            host.is_ready = False
            if host.pace.may_start(now):
                return host
            self.touch(host, now)
        return None

    def next_wake(self) -> float | None:
        """Return when the next timed host is due; None when no host is timed."""
        while self._timed and self._timed[0][2].timer_at != self._timed[0][0]:
            heapq.heappop(self._timed)
        return self._timed[0][0] if self._timed else None

    @property
    def has_ready(self) -> bool:
        """Whether a host may be asked at once."""
        return bool(self._ready)

    @property
    def is_exhausted(self) -> bool:
        """Whether no host has anything left to do, in memory or on disk."""
        return not self.hosts and not self._may_be_more_on_disk

    def _wake(self, now: float) -> None:
        while self._timed and self._timed[0][0] <= now:
            due, _, host = heapq.heappop(self._timed)
            if host.timer_at == due:
                host.timer_at = None
                host.has_more = True
                self.touch(host, now)

    def _fill(self, now: float) -> None:
        room = min(self._most_hosts - len(self.hosts), 500)
        if room <= 0:
            return
        found = self._more(self._cursor, room)
        if not found:
            # What got work below the cursor meanwhile was activated at once, unless memory was full: then walk once more.
            self._may_be_more_on_disk, self._was_missed, self._cursor = self._was_missed, False, 0
            return
        self._cursor = found[-1]
        for host_id in found:
            if host_id not in self.hosts:
                self.touch(self.activate(host_id), now)

    def _retire(self, host: HostState) -> None:
        self.hosts.pop(host.row.id, None)
        self._paces[host.row.id] = host.pace
        if len(self._paces) > MOST_PACES:
            self._paces.popitem(last=False)
