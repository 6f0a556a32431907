"""The lock of a run file: one process at a time works on it, and others are told who that is.

The lock is the operating system's, on a small file beside the run file, so it goes with the process that holds it:
after a kill -9 there is nothing to clean away. The file's text (who holds it) is for people only.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from linkhaul.errors import RunFileError, RunLocked

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # beyond the text, so that others can still read who holds it

    def _try_lock(file: IO[str]) -> bool:
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        file.seek(0)
        return True

else:
    import fcntl

    def _try_lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


class RunLock:
    """The right to write one run file, held until `release`.

    Raises:
        RunLocked: another process holds it; the message names the process.
        RunFileError: the lock file cannot be made.
    """

    def __init__(self, run_path: Path) -> None:
        if run_path.is_dir():
            raise RunFileError(f"{run_path}: is a folder; a run file is a file, such as {run_path / 'site.run'}")
        self._path = run_path.with_name(run_path.name + ".lock")
        self._file = self._opened()
        while not _try_lock(self._file) or not self._is_still_there():
            self._file.seek(0)
            holder = self._file.read(200).strip()
            gone = not self._is_still_there()
            self._file.close()
            if not gone:
                who = holder or "another process"
                raise RunLocked(f"{run_path}: is being worked on by {who}; wait for it, or name another file with --run")
            self._file = self._opened()
        self._file.seek(0)
        if (text := self._file.read(200)) and not text.startswith("process "):
            self._file.close()
            raise RunFileError(
                f"{self._path}: is a file of yours where the lock of the run file would be; name another run file with --run"
            )
        try:
            self._file.truncate(0)
            self._file.write(f"process {os.getpid()} on {socket.gethostname()}")
            self._file.flush()
        except OSError as error:
            with suppress(OSError):
                self._path.unlink()
            with suppress(OSError):  # what could not be written is tried once more
                self._file.close()
            raise self._refusal(error) from None

    def _opened(self) -> IO[str]:
        try:
            return self._path.open("a+", encoding="utf-8")
        except FileNotFoundError:
            folder = self._path.parent
            raise RunFileError(
                f"{self._path.with_suffix('')}: the folder {folder} does not exist; make it first or name another with --run"
            ) from None
        except OSError as error:
            raise self._refusal(error) from None

    def _refusal(self, error: OSError) -> RunFileError:
        return RunFileError(f"{self._path}: the lock of the run file cannot be made: {error.strerror}; name another run file with --run")

    def _is_still_there(self) -> bool:
        """Whether the path is still this file: its last holder may have taken it away after we opened it."""
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Give the lock back and take its file away; harmless when done twice."""
        if self._file.closed:
            return
        try:
            self._path.unlink(missing_ok=True)
        except OSError:  # Windows keeps an open file; what is left holds nobody up, it is not locked
            self._file.truncate(0)
        self._file.close()


def holder(run_path: Path) -> str | None:
    """Return who is working on a run file, as "process 7 on a-machine", or None when nobody is.

    The lock is tried and given back at once; what a killed process left behind is told apart by that.
    """
    try:
        with run_path.with_name(run_path.name + ".lock").open("r+", encoding="utf-8") as file:
            if _try_lock(file):
                return None
            file.seek(0)
            return file.read(200).strip() or "another process"
    except FileNotFoundError:
        return None
    except OSError:  # it may not be opened: somebody else's, so somebody's
        return "another process"
