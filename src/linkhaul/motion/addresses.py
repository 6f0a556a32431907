"""How many requests one address gets at a time, where many hosts share it.

A host's address is known from its first reply on. Until then it counts for an address of its own kind, *unknown*, that all
such hosts share under the same limit: otherwise the robots.txt of a thousand hosts at one address would be asked for at
once. A host that has to wait for its address stands in a queue here, once, and is looked at again when a place is free.

What a request costs here does not grow with the hosts that wait: how many addresses have how many requests in flight is counted
along, so that the most of them is always known.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable

from linkhaul.motion.hosts import HostState

MOST_REMEMBERED = 200_000
UNKNOWN = ""


class Addresses:
    """Counts what is in flight per address.

    Args:
        limit: the most; 0 is no limit.
        touch: has a host looked at again; it is then ready, or waits for something else.
    """

    def __init__(self, limit: int, touch: Callable[[HostState], None]) -> None:
        self._limit = limit
        self._touch = touch
        self._of: dict[int, str] = {}
        self._in_flight: Counter[str] = Counter()
        self._with_so_many: Counter[int] = Counter()
        self._most = 0
        self._waiting: dict[str, OrderedDict[HostState, None]] = {}

    def may_start(self, host: HostState) -> bool:
        """Return whether a request may start; when not, the host waits here."""
        if not self._limit:
            return True
        address = self._address(host)
        # Those whose address is unknown may be at any: they count for all.
        unknown = self._in_flight[UNKNOWN]
        known = self._most if address == UNKNOWN else self._in_flight[address]
        if unknown + known < self._limit:
            return True
        self._waiting.setdefault(address, OrderedDict())[host] = None
        return False

    def started(self, host: HostState) -> None:
        """Count a request that begins; call it before the host counts it."""
        if self._limit:
            self._count(self._address(host), 1)

    def finished(self, host: HostState, address: str | None) -> None:
        """Count a request that ended, and wake who waited for its place; call it before the host counts it.

        Args:
            address: what was connected to; None when a connection was used again.
        """
        if not self._limit:
            return
        known = self._address(host)
        if known == UNKNOWN and address is not None and len(self._of) < MOST_REMEMBERED:
            self._of[host.row.id] = address
            self._count(UNKNOWN, -host.in_flight)
            self._count(address, host.in_flight)
            known = address
        self._count(known, -1)
        self._wake(known)
        self._wake(UNKNOWN)
        if known == UNKNOWN:
            for waiting in list(self._waiting):
                self._wake(waiting)

    def _address(self, host: HostState) -> str:
        return self._of.get(host.row.id, UNKNOWN)

    def _count(self, address: str, more: int) -> None:
        """Change what is in flight at an address."""
        before = self._in_flight[address]
        after = self._in_flight[address] = before + more
        if not after:
            del self._in_flight[address]
        if address == UNKNOWN:
            return
        self._with_so_many[before] -= 1
        self._with_so_many[after] += 1
        self._most = max(self._most, after)
        while self._most and self._with_so_many[self._most] <= 0:
            self._most -= 1

    def _wake(self, address: str) -> None:
        """Have waiting hosts looked at until one takes the place: the next may have nothing to ask just now."""
        waiting = self._waiting.get(address)
        while waiting:
            host = waiting.popitem(last=False)[0]
            self._touch(host)
            if host.is_ready:
                break
        if waiting is not None and not waiting:
            del self._waiting[address]
