"""A job on a thread and loop of its own: the same in a script, a notebook cell and inside a running loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from linkhaul.api.request import Request
from linkhaul.api.session import Session
from linkhaul.motion.progress import Progress

POLL_S = 0.1
LEAVE_S = 8.0


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the fastest loop that is installed; None for the standard one."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


class Job:
    """A session in motion on its own thread.

    Attributes:
        session: what runs.

    Raises:
        LinkhaulError: from `__init__`, what can be told before it begins; from `wait`, what ended it.
    """

    def __init__(self, request: Request) -> None:
        self.session = Session(request)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._error: BaseException | None = None
        self._result: Progress | None = None
        # Not Thread.join: before Python 3.13 an interrupt inside it makes a thread look ended that is not.
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="linkhaul-job", daemon=True)
        self._thread.start()

    @property
    def progress(self) -> Progress:
        """What has been done so far."""
        engine = self.session.engine
        return self._result or (engine.progress if engine else Progress())

    @property
    def is_running(self) -> bool:
        """Whether it has not come to its end."""
        return not self._ended.is_set()

    def stop(self, why: str = "interrupt", grace_s: float | None = None) -> None:
        """Ask it to stop in order: nothing new is begun, what is in flight may arrive, everything is written."""
        arguments = (why,) if grace_s is None else (why, grace_s)
        self.session.stop_asked = arguments  # for an engine that is not there yet
        engine, loop = self.session.engine, self._loop
        if engine is not None and loop is not None and self.is_running:
            with suppress(RuntimeError):  # it has ended meanwhile
                loop.call_soon_threadsafe(engine.stop, *arguments)

    def join(self, seconds: float = POLL_S) -> bool:
        """Wait so long for its end; return whether it came."""
        return self._ended.wait(seconds)

    def wait(self) -> Progress:
        """Wait for the end and return what was done. An interrupt stops it in order; a second one leaves at once.

        Raises:
            KeyboardInterrupt: it was interrupted; what it had done is kept, and a note on the exception says where.
        """
        try:
            while not self.join():
                pass
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(self.session.how_to_go_on())
            self.stop()
            self.join(LEAVE_S)
            raise
        return self.result()

    def result(self) -> Progress:
        """Return what was done, after the end.

        Raises:
            LinkhaulError: what ended it before its time.
        """
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result

    def _run(self) -> None:
        try:
            try:
                with asyncio.Runner(loop_factory=loop_factory()) as runner:
                    self._loop = runner.get_loop()
                    self._result = runner.run(self.session.conduct())
            finally:
                self.session.close()
        except BaseException as error:  # noqa: BLE001 - the border between threads: `result` raises it again
            self._error = error
        finally:
            self._ended.set()
