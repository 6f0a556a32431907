"""The clocks and the chance of a run, as values: a test hands in its own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable


class Clocks:
    """What a run knows of time and chance.

    Attributes:
        monotonic: seconds; only differences count. Every wait is measured with it.
        wall: seconds since 1970, UTC. Only such times are stored.
        random: gives numbers in [0, 1).
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        random: Callable[[], float] = random.random,
    ) -> None:
        self.monotonic = monotonic
        self.wall = wall
        self.random = random
        self._offset = wall() - monotonic()

    def steady(self) -> float:
        """Return the wall clock as it would be had nobody set it since the process began: for waits that are stored."""
        return self.monotonic() + self._offset
