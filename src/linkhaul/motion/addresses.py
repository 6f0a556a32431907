"""How many requests one address gets at a time, where many hosts share it.

A host's address is known from its first reply on. Until then it counts for an address of its own kind, *unknown*, that all
such hosts share under the same limit: otherwise the robots.txt of a thousand hosts at one address would be asked for at
once. A host that has to wait for its address stands in a queue here, once, and is looked at again when a place is free.
"""

from __future__ import annotations

from collections import Counter
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
        self._waiting: dict[str, dict[HostState, None]] = {}

    def may_start(self, host: HostState) -> bool:
        """Return whether a request may start; when not, the host waits here."""
        if not self._limit:
            return True
        address = self._address(host)
        # Those whose address is unknown may be at any: they count for all.
        unknown = self._in_flight[UNKNOWN]
        known = max((n for a, n in self._in_flight.items() if a != UNKNOWN), default=0) if address == UNKNOWN else self._in_flight[address]
        if unknown + known < self._limit:
            return True
        self._waiting.setdefault(address, {})[host] = None
        return False

    def started(self, host: HostState) -> None:
        """Count a request that begins; call it before the host counts it."""
        if self._limit:
            self._in_flight[self._address(host)] += 1

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
            self._in_flight[UNKNOWN] -= host.in_flight
            self._in_flight[address] += host.in_flight
            known = address
        self._in_flight[known] -= 1
        if not self._in_flight[known]:
            del self._in_flight[known]
        self._wake(known)
        self._wake(UNKNOWN)
        if known == UNKNOWN:
            for waiting in list(self._waiting):
                self._wake(waiting)

    def _address(self, host: HostState) -> str:
        return self._of.get(host.row.id, UNKNOWN)

    def _wake(self, address: str) -> None:
        """Have waiting hosts looked at until one takes the place: the next may have nothing to ask just now."""
        waiting = self._waiting.pop(address, {})
        while waiting:
            host = next(iter(waiting))
            del waiting[host]
            self._touch(host)
            if host.is_ready:
                break
        if waiting:
            self._waiting[address] = {**waiting, **self._waiting.get(address, {})}
