"""One timer of the loop that is moved about: for what is due next, of all that waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Alarm:
    """Calls something at a time, or not at all.

    Args:
        ring: what is called, by the loop.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self._at: float | None = None

    def set(self, due: float | None, now: float) -> None:
        """Ring at that time instead of at any other; None is never."""
        if due == self._at:
            return
        self.cancel()
        if due is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, due - now), self._rung)
            self._at = due

    def cancel(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = self._at = None

    def _rung(self) -> None:
        self._timer = self._at = None
        self._ring()
