"""One process, measured: wall clock, CPU of it and its children, peak memory; never longer than it may take."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.family import watched

ROOT = Path(__file__).resolve().parent.parent
LOG = "log.txt"


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process took.

    Attributes:
        wall_s: seconds from its start to its end.
        cpu_s: user and system seconds of it and of every descendant that was waited for.
        peak_mb: the largest resident set of any one of these processes, in MiB. Never below that of the benchmark
            itself, which the kernel counts until the new program is loaded: some 20 MiB.
        code: how it ended; negative for a signal.
        is_late: it was killed because its time was up.
        sum_mb: the largest resident memory of all of them at one moment, looked at every 0.2 s: see `family.Peaks`.
        each_mb: the largest of each process that was seen, the largest first.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    code: int
    is_late: bool
    sum_mb: float = 0.0
    each_mb: tuple[float, ...] = ()


def clean_environment() -> dict[str, str]:
    """Return our environment without settings of linkhaul, and with a PYTHONPATH that holds in every folder.

    Python may keep what it compiled, as it does for everybody who has not said otherwise.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINKHAUL_") and name != "PYTHONDONTWRITEBYTECODE"}
    if path := kept.get("PYTHONPATH"):
        kept["PYTHONPATH"] = os.pathsep.join(str(Path(part).resolve()) for part in path.split(os.pathsep) if part)
    return kept | {"NO_COLOR": "1"}


def run_measured(command: Sequence[str], folder: Path, timeout_s: float) -> Usage:
    """Run a command in a folder and return what it took; what it prints goes to log.txt there.

    The command is the leader of a process group of its own, which is killed as a whole when the time is up.
    """
    with (folder / LOG).open("wb") as log:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True, env=clean_environment(),
        )  # fmt: skip
        late = threading.Event()

        def stop() -> None:
            late.set()
            kill_group(process.pid)

        timer = threading.Timer(timeout_s, stop)
        timer.start()
        try:
            with watched(process.pid) as peaks:
                _, status, used = os.wait4(process.pid, 0)
                wall_s = time.perf_counter() - start
        except BaseException:  # an interrupt: the child is in a group of its own and would go on
            kill_group(process.pid)
            process.wait()
            raise
        finally:
            timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    peak_mb, each_mb = used.ru_maxrss / 1024, tuple(sorted(peaks.each_mb.values(), reverse=True))
    cpu_s = used.ru_utime + used.ru_stime
    return Usage(wall_s, cpu_s, peak_mb, process.returncode, late.is_set(), max(peak_mb, peaks.sum_mb), each_mb)


def kill_group(leader: int) -> None:
    """End a process group that we started, by its leader's id; one that is gone already is left alone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def last_lines(folder: Path, count: int = 5) -> str:
    """Return the end of what the command in this folder printed."""
    text = (folder / LOG).read_text(encoding="utf-8", errors="replace")
    return "\n".join(text.strip().splitlines()[-count:])
