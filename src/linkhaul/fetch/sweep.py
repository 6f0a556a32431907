"""Time limits: a look at all that is under way, a few times a second.

A timer for each request costs as much as parsing its reply's head; a limit of seconds that is kept to a quarter of a
second serves as well.
"""

from __future__ import annotations

import asyncio
from time import perf_counter

from linkhaul.config import FetchSettings
from linkhaul.fetch.failures import silent, unfinished
from linkhaul.fetch.pool import IDLE_S, Pool
from linkhaul.fetch.wire import Wire

EVERY_S = 0.25
"""How often, unless a limit is shorter than a second."""
_OFTENEST_S = 0.01


class Sweep:
    """Ends what takes too long, and closes what is unused for too long.

    Args:
        settings: their timeout and read_timeout are kept.
        pools: whose connections are looked at.
    """

    def __init__(self, settings: FetchSettings, pools: tuple[Pool, ...]) -> None:
        self._settings = settings
        self._pools = pools
        self._every_s = max(_OFTENEST_S, min(EVERY_S, settings.timeout / 4, settings.read_timeout / 4))
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Look from now on, on the running loop, until `stop`."""
        self._timer = asyncio.get_running_loop().call_later(self._every_s, self._look)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        now = perf_counter()
        for pool in self._pools:
            pool.close_idle(now - IDLE_S)
            for wire in [*pool.all]:
                self._judge(wire, now)
        self.start()

    def _judge(self, wire: Wire, now: float) -> None:
        intake = wire.intake
        if intake is None:
            return
        if intake.drain_by is not None:
            if now >= intake.drain_by:
                wire.end()
        elif wire.is_held:  # it waits for us; who keeps us from reading on has limits of its own
            return
        elif now >= wire.deadline_at:
            wire.end(unfinished(intake.where, self._settings))
        elif now - wire.heard_at >= self._settings.read_timeout:
            wire.end(silent(intake.where, self._settings))
