"""The sources of a run, streamed: a list of millions is never held in memory, a slow pipe never holds up the loop.

A thread of its own pulls from the caller's iterator, because that may block (a pipe, a generator of the user's), into a
short queue, from which the engine takes what is there.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable

from msgspec import Struct

MOST_WAITING = 4_000
ROOM_POLL_S = 0.2


class Seed(Struct, frozen=True, gc=False):
    """One source: a URL to begin with, or the sentence that says why a line of a list is none."""

    url: str | None
    fault: str | None = None


class Seeds:
    """Pulls seeds from an iterable in a thread.

    Args:
        wake: called on the loop when something has arrived or the end was reached.

    Attributes:
        is_open: more may come.
        is_exhausted: everything was pulled.
        error: what the iterable raised; for the engine to raise on its own thread.
    """

    def __init__(self, source: Iterable[Seed], wake: Callable[[], None]) -> None:
        self._source = source
        self._wake = wake
        self._ready: deque[Seed] = deque()
        self._room = threading.Event()
        self._stopped = False
        self.is_open = True
        self.is_exhausted = False
        self.error: BaseException | None = None

    def start(self) -> None:
        """Begin to pull. Call it on the loop."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._pull, args=(loop,), name="linkhaul-seeds", daemon=True).start()

    def stop(self) -> None:
        """Pull no more; a pull that blocks is left behind in its daemon thread."""
        self._stopped = True
        self.is_open = False
        self._room.set()

    def take(self, most: int) -> list[Seed]:
        """Return what has arrived, at most so many."""
        taken = [self._ready.popleft() for _ in range(min(most, len(self._ready)))]
        self._room.set()
        return taken

    @property
    def has_some(self) -> bool:
        """Whether `take` would return something."""
        return bool(self._ready)

    def _pull(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            for seed in self._source:
                while len(self._ready) >= MOST_WAITING and not self._stopped:
                    self._room.clear()
                    self._room.wait(ROOM_POLL_S)  # bounded, because room may come between the look and the clear
                if self._stopped:
                    return
                self._ready.append(seed)
                if len(self._ready) == 1:
                    self._tell(loop)
            self.is_exhausted = True
        except BaseException as error:  # noqa: BLE001 - raised again by the engine, on its own thread
            self.error = error
        finally:
            self.is_open = False
            self._tell(loop)

    def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.call_soon_threadsafe(self._wake)
        except RuntimeError:  # the loop has been closed meanwhile: nobody waits any more
            self._stopped = True
