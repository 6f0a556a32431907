"""The clocks and the chance of a run, as values: a test hands in its own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from msgspec import Struct


class Clocks(Struct, frozen=True):
    """What a run knows of time and chance.

    Attributes:
        monotonic: seconds; only differences count. Every wait is measured with it.
        wall: seconds since 1970, UTC. Only this is stored.
        random: gives numbers in [0, 1).
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    random: Callable[[], float] = random.random
