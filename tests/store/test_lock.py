"""One process at a time works on a run file; the others are told who."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from linkhaul.errors import RunFileError, RunLocked
from linkhaul.store.lock import RunLock

HOLD = """
import sys, pathlib
from linkhaul.store.lock import RunLock
lock = RunLock(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
lock.release()
"""


def test_a_full_disk_is_told_of_the_lock(tmp_path: Path) -> None:
    """A lock that cannot be written for want of room is an error of the run file that names it, and nothing is left of it."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))  # as on a full disk, no file takes a byte more
    try:
        with pytest.raises(RunFileError, match=r"x\.run\.lock: the lock of the run file cannot be made: .* name another run file"):
            RunLock(tmp_path / "x.run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def held_elsewhere(path: Path) -> subprocess.Popen[str]:
    """Start a process that holds the lock until its input is closed."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def ended(process: subprocess.Popen[str]) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    code = process.wait(20)
    process.stdout.close()
    return code


def test_the_lock_names_its_holder(path: Path) -> None:
    """Who comes second is told the file, the process and the machine that work on it, and what to do."""
    process = held_elsewhere(path)
    try:
        with pytest.raises(RunLocked, match=rf"{path}.*process {process.pid} on {socket.gethostname()}.*--run"):
            RunLock(path)
    finally:
        assert ended(process) == 0
    RunLock(path).release()


@pytest.mark.skipif(os.name != "posix", reason="there is no kill -9 here")
def test_a_lock_goes_with_its_holder(path: Path) -> None:
    """After kill -9 the lock is free, although its file is still there."""
    process = held_elsewhere(path)
    process.send_signal(signal.SIGKILL)
    assert ended(process) == -signal.SIGKILL
    assert path.with_name("trial.run.lock").exists()
    RunLock(path).release()


def test_two_in_one_process_exclude_each_other(path: Path) -> None:
    """A second job on the same file within one process is refused, too; after the release it is not."""
    first = RunLock(path)
    with pytest.raises(RunLocked, match=f"process {os.getpid()}"):
        RunLock(path)
    first.release()
    first.release()
    RunLock(path).release()
    assert list(path.parent.iterdir()) == []


def test_another_file_has_another_lock(path: Path) -> None:
    """Locks of different run files do not meet."""
    one, other = RunLock(path), RunLock(path.with_name("other.run"))
    one.release()
    other.release()


def test_of_many_at_once_one_gets_it(path: Path) -> None:
    """However many ask at the same time, never two hold it."""
    start = threading.Barrier(8)
    holding = []
    most = []

    def contend() -> None:
        start.wait(10)
        for _ in range(50):
            try:
                lock = RunLock(path)
            except RunLocked:
                continue
            holding.append(1)
            most.append(len(holding))
            holding.pop()
            lock.release()

    threads = [threading.Thread(target=contend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert max(most) == 1
    RunLock(path).release()


def test_where_no_lock_can_be_made(path: Path) -> None:
    """A folder that is not there is an error of the run file, not a traceback."""
    with pytest.raises(RunFileError, match="nowhere"):
        RunLock(path.parent / "nowhere" / "a.run")
