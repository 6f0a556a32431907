"""How many requests one address gets at a time, where many hosts share it.

A host's address is known from its first reply on; until then its requests (robots.txt comes first, and alone) count for
no address. A host that has to wait for its address stands in a queue here, and is looked at again when a place is free.
"""

from __future__ import annotations

from collections import Counter, deque

from linkhaul.motion.hosts import HostState

MOST_REMEMBERED = 200_000


class Addresses:
    """Counts what is in flight per address.

    Args:
        limit: the most; 0 is no limit.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._of: dict[int, str] = {}
        self._in_flight: Counter[str] = Counter()
        self._waiting: dict[str, deque[HostState]] = {}

    def may_start(self, host: HostState) -> bool:
        """Return whether a request may start; when not, the host waits here."""
        address = self._of.get(host.row.id) if self._limit else None
        if address is None or self._in_flight[address] < self._limit:
            return True
        self._waiting.setdefault(address, deque()).append(host)
        return False

    def started(self, host: HostState) -> None:
        """Count a request that begins."""
        if host.row.id in self._of:
            self._in_flight[self._of[host.row.id]] += 1

    def finished(self, host: HostState, address: str | None) -> HostState | None:
        """Count a request that ended; return a host that may go on now.

        Args:
            address: what was connected to; None when a connection was used again.
        """
        known = self._of.get(host.row.id)
        if self._limit and known is None and address is not None and len(self._of) < MOST_REMEMBERED:
            known = self._of[host.row.id] = address
            self._in_flight[known] += host.in_flight  # those on their way count from now on
        if known is None:
            return None
        self._in_flight[known] -= 1
        waiting = self._waiting.get(known)
        if not waiting:
            return None
        freed = waiting.popleft()
        if not waiting:
            del self._waiting[known]
        return freed
