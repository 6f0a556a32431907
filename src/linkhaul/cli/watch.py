"""A job as the person sees it: the line that moves, what is worth saying, and Ctrl-C.

How this works. The job runs on a thread of its own; the main thread wakes ten times a second, looks at its numbers and
draws. Signals reach the main thread only and do nothing but set a number that the next look sees; the second interrupt
says one sentence and leaves from inside the signal itself, so that nothing that hangs can hold it up. What is in the run
file is safe then.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType
from typing import NamedTuple

from linkhaul.api.job import Job
from linkhaul.cli import exits
from linkhaul.cli.clean import shortened
from linkhaul.cli.log import Log, failure_of
from linkhaul.cli.progress import Gauge
from linkhaul.cli.summary import plural
from linkhaul.cli.table import LinkTable
from linkhaul.cli.talk import Talk
from linkhaul.model.records import Visit
from linkhaul.motion.progress import Progress

POLL_S = 0.1
PLAIN_S = 10.0
TABLE_S = 0.5


class Interrupts:
    """Counts what asks us to stop.

    Args:
        last_word: what the second interrupt says before it leaves, in ASCII.
    """

    def __init__(self, last_word: str = "") -> None:
        self.count = 0
        self._last_word = last_word.encode("ascii")

    @contextmanager
    def listen(self) -> Iterator[Interrupts]:
        """Take the signals over for the block; where they cannot be taken (not the main thread) they stay as they are."""
        kept: dict[signal.Signals, object] = {}
        for name, action in (("SIGINT", self._interrupt), ("SIGTERM", self._end), ("SIGBREAK", self._interrupt)):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup and '&' mean it
                with suppress(ValueError):
                    kept[number] = signal.signal(number, action)
        try:
            yield self
        finally:
            for number, before in kept.items():
                signal.signal(number, before)  # type: ignore[arg-type]

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            with suppress(OSError, ValueError, AttributeError):
                os.write(sys.stderr.fileno(), self._last_word)  # past Python's buffers, which the signal may have come in the middle of
            os._exit(exits.INTERRUPTED)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.count = max(self.count, 1)


class Troubles:
    """Visits that failed, handed from the job's thread to the one that watches."""

    def __init__(self) -> None:
        self._visits: SimpleQueue[Visit] = SimpleQueue()

    def note(self, visit: Visit) -> None:
        """Keep a visit when it failed; called on the job's thread with every visit."""
        if visit.failure is not None or visit.outcome == "http-error":
            self._visits.put(visit)

    def take(self) -> Iterator[Visit]:
        """Yield what was kept since the last time."""
        with suppress(Empty):
            while True:
                yield self._visits.get_nowait()


class Eyes(NamedTuple):
    """What a job is watched with."""

    talk: Talk
    troubles: Troubles
    table: LinkTable | None = None
    log: Log | None = None


class Watch:
    """Looks at a job until it ends."""

    def __init__(self, job: Job, eyes: Eyes) -> None:
        self._job = job
        self._talk, self._troubles, self._table, self._log = eyes
        self._gauge = Gauge()
        self._told = 0
        self._is_stopping = False
        now = time.monotonic()
        self._next_plain, self._next_table = now + PLAIN_S, now + TABLE_S

    def until_end(self) -> Progress:
        """Return the numbers at the end; an interrupt only brings it nearer, and is told by `stopped_by`.

        Raises:
            LinkhaulError: what ended the job before its time.
        """
        try:
            with Interrupts(self._last_word()).listen() as interrupts:
                while not self._job.join(POLL_S):
                    if interrupts.count:
                        self._stop()
                    self._look(time.monotonic())
                self._last_look()
        finally:
            self._talk.clear()
            if self._table is not None:
                self._table.close()
        return self._job.result()

    def _last_word(self) -> str:
        """Return what is said by whoever leaves at once; on a terminal below the line that was drawn there."""
        return ("\n" if self._talk.is_terminal else "") + ("" if self._talk.is_quiet else f"{self._talk.if_left}\n")

    def _stop(self) -> None:
        self._job.stop()  # every time: a job that has not begun yet does not hear it
        if not self._is_stopping:
            self._is_stopping = True
            flying = self._job.progress.in_flight
            self._talk.say(
                f"stopping: five seconds for {plural(flying, 'request')} in flight; Ctrl-C again leaves at once" if flying else "stopping"
            )

    def _look(self, now: float) -> None:
        progress = self._job.progress
        self._tell_news(progress)
        if self._table is not None and now >= self._next_table:
            self._next_table = now + TABLE_S
            self._table.show_new()
        if self._talk.is_terminal and not self._talk.is_quiet:
            self._talk.draw(self._gauge.line(progress, now, self._talk.width - 1))
        if now < self._next_plain:
            return
        self._next_plain = now + PLAIN_S
        if not self._talk.is_terminal:
            self._talk.say(self._gauge.line(progress, now))
        if self._log is not None:
            self._log.progress(progress)

    def _last_look(self) -> None:
        self._tell_news(self._job.progress)
        if self._table is not None:
            self._table.show_new()

    def _tell_news(self, progress: Progress) -> None:
        """Say what happened since the last time: notices, and under -v and in the log what failed."""
        while self._told < len(progress.notices):
            self.notice(progress.notices[self._told])
            self._told += 1
        for visit in self._troubles.take():
            kind, detail = failure_of(visit)
            self._talk.detail(f"{kind}: {shortened(visit.url, 200)}: {shortened(detail, 300)}")
            if self._log is not None:
                self._log.failure(visit)

    def notice(self, text: str) -> None:
        """Say what the person should know, and put it into the log."""
        self._talk.say(text, "yellow")
        if self._log is not None:
            self._log.event("notice", text=text)
