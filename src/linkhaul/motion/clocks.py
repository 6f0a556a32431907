"""The clocks and the chance of a run, as values: a test hands in its own.

How this works. Waits are measured with a clock that nobody can set, and that goes on while the machine sleeps. What has to outlive the
process (until when a host is left alone, how old its robots.txt is) is stored as a time of day, by the *steady* clock: the wall
clock at the beginning, moved on by the other one. So a wall clock that is set forward or back meanwhile changes nothing. One that was set back
between two processes would make waits longer than anybody asked for and rules young for ever: so the steady clock never begins before
the latest time that the run file knows of. One that was set forward cannot be told from time that has passed.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from functools import partial

_WAKEFUL = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}
"""On macOS `time.monotonic` is another clock than the system's of that name: it sleeps with the machine."""


def wakeful() -> Callable[[], float]:
    """Return a monotonic clock that also counts the time in which the machine was suspended, where the system has one."""
    name = _WAKEFUL.get(sys.platform)
    if name is not None and hasattr(time, name):
        return partial(time.clock_gettime, getattr(time, name))
    return time.monotonic


class Clocks:
    """What a run knows of time and chance.

    Args:
        latest: the latest time that earlier processes have stored, seconds since 1970.

    Attributes:
        monotonic: seconds; only differences count. Every wait is measured with it.
        wall: seconds since 1970, UTC: for people, and never compared.
        random: gives numbers in [0, 1).
    """

    def __init__(
        self,
        monotonic: Callable[[], float] | None = None,
        wall: Callable[[], float] = time.time,
        random: Callable[[], float] = random.random,
        latest: float = 0.0,
    ) -> None:
        self.monotonic = monotonic = monotonic or wakeful()
        self.wall = wall
        self.random = random
        self._offset = max(wall(), latest) - monotonic()

    def steady(self) -> float:
        """Return the wall clock as it would be had nobody set it: for times that are stored and compared."""
        return self.monotonic() + self._offset
