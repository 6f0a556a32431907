"""The memory of a process and of all that it started, looked at while they run (Linux; elsewhere nothing is seen)."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

EVERY_S = 0.2
_PROC = Path("/proc")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(slots=True)
class Peaks:
    """The largest resident sets seen so far, in MiB.

    Attributes:
        sum_mb: of all processes at one moment. What they share (the interpreter, libraries, pages that both have since a fork)
            counts once for each: it is never less than what they take.
        each_mb: of each process, by its id.
    """

    sum_mb: float = 0.0
    each_mb: dict[int, float] = field(default_factory=dict)

    def look(self, leader: int) -> None:
        """Look at a process and all that it started, once."""
        now = {process: size for process in family(leader) if (size := resident_mb(process))}
        self.sum_mb = max(self.sum_mb, sum(now.values()))
        for process, size in now.items():
            self.each_mb[process] = max(size, self.each_mb.get(process, 0.0))


@contextlib.contextmanager
def watched(leader: int) -> Iterator[Peaks]:
    """Look at a process and all that it started every 0.2 s, from a thread, until the block ends."""
    peaks, is_over = Peaks(), threading.Event()

    def look_again() -> None:
        while True:
            peaks.look(leader)
            if is_over.wait(EVERY_S):
                return

    thread = threading.Thread(target=look_again, daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        is_over.set()
        thread.join()


def family(leader: int) -> Iterator[int]:
    """Yield the id of a process and of every living descendant."""
    waiting = [leader]
    while waiting:
        process = waiting.pop()
        yield process
        with contextlib.suppress(OSError):  # it ended meanwhile
            for thread in (_PROC / str(process) / "task").iterdir():  # a child belongs to the thread that started it
                waiting += map(int, (thread / "children").read_text(encoding="ascii").split())


def resident_mb(process: int) -> float:
    """Return the resident memory of a process, in MiB; 0 when it is gone."""
    with contextlib.suppress(OSError, IndexError):
        return int((_PROC / str(process) / "statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES / 2**20
    return 0.0


def cpu_s(process: int) -> float:
    """Return the user and system seconds of a process so far, those of its children left out; 0 when it is gone."""
    with contextlib.suppress(OSError, IndexError):
        fields = (_PROC / str(process) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
