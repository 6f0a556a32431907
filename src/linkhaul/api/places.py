"""Where a run file lives when the user does not say: one per command, so that the same command again goes on; and when it goes."""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from weakref import finalize

from linkhaul.errors import RunFileError
from linkhaul.store.opening import open_to_read

KEPT_DAYS = 30
KEPT_BYTES = 5_000_000_000
"""How much the run files that linkhaul names itself may take together, as far as finished ones can be spared."""
DAY_S = 86_400
_ELSEWHERE = (
    f"name a run file with --run (in Python run=), or a folder with {'LOCALAPPDATA' if sys.platform == 'win32' else 'XDG_STATE_HOME'}"
)
OWN_FOLDER = "linkhaul-"
"""How the folder begins that a run file has to itself when its sources cannot be told."""

BEFORE = "-before"
"""What stands behind the name of a run file that made room for the next, which takes over some of what it knows."""


def run_path(verb: str, names: Sequence[str], outputs: Sequence[str]) -> Path:
    """Return where the run file of a command lives: told by what it reads and where it writes, not by its settings.

    Args:
        names: the identity of the sources; with none the run cannot be found again and gets a file in a folder of its own, which goes
            at the end of the process when nothing has come into it; see `Hold`, too.
        outputs: absolute paths of the outputs.

    Raises:
        RunFileError: there is no folder for it and none can be made.
    """
    if not names:
        try:
            path = Path(tempfile.mkdtemp(prefix=OWN_FOLDER)) / f"{verb}.run"
        except OSError as error:
            where = error.filename or tempfile.gettempdir()
            raise RunFileError(
                f"{where}: the folder for the run file cannot be made ({error.strerror}); name a run file with --run"
            ) from None
        atexit.register(_take_away, path, os.getpid(), only_if_unused=True)
        return path
    digest = blake2b("\n".join([verb, str(Path.cwd()), *names, "", *outputs]).encode("utf-8", "surrogateescape"), digest_size=6)
    folder = state_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFileError(f"{folder}: the folder for run files cannot be made ({error.strerror}); {_ELSEWHERE}") from None
    return folder / f"{verb}-{digest.hexdigest()}.run"


class Hold:
    """Keeps a run file that nobody can find again where it is: when nothing refers to this value any more, or the process ends, it goes.

    Args:
        path: what `run_path` gave for sources without names.
    """

    def __init__(self, path: Path) -> None:
        assert path.parent.name.startswith(OWN_FOLDER)
        finalize(self, _take_away, path, os.getpid())


def _take_away(path: Path, process: int, *, only_if_unused: bool = False) -> None:
    """Remove a run file with the folder that is its own, in the process that made it and not in one forked from it.

    Args:
        only_if_unused: leave it when a run has begun in it.
    """
    if os.getpid() != process or (only_if_unused and not _is_unused(path)):
        return
    shutil.rmtree(path.parent, ignore_errors=True)
    if path.exists():  # Windows keeps what somebody has open: once more at the end
        atexit.register(shutil.rmtree, path.parent, ignore_errors=True)


def _is_unused(path: Path) -> bool:
    """Return whether nothing can be gone on with: there is no run file, or no URL in it."""
    if not path.exists():
        return True
    try:
        with closing(open_to_read(path)) as connection:
            return connection.execute("SELECT 1 FROM url LIMIT 1").fetchone() is None
    except (RunFileError, sqlite3.Error):
        return False


def state_folder() -> Path:
    """Return the folder of the run files that linkhaul names itself.

    Raises:
        RunFileError: the user has no home, and no folder is named instead.
    """
    name, below = ("LOCALAPPDATA", "AppData/Local") if sys.platform == "win32" else ("XDG_STATE_HOME", ".local/state")
    try:
        return Path(os.environ.get(name) or Path.home() / below) / "linkhaul" / "runs"
    except RuntimeError:  # a user without a name, as in a container
        raise RunFileError(f"there is no home folder to keep run files in; {_ELSEWHERE}") from None


def how_to_go_on(path: Path, *, is_found_again: bool) -> str:
    """Return what to tell a program that was interrupted: what is kept, and how to go on.

    Args:
        is_found_again: the same call finds the run file again.
    """
    resume = f"linkhaul.open_run({str(path)!r}).resume()"
    how = (
        f"the same call goes on (fresh=True starts over), and so does {resume}"
        if is_found_again
        else f"{resume} goes on with what was known"
    )
    return f"linkhaul: every page read until then, and its links, are kept in {path}; {how}"


def remove_run(path: Path) -> None:
    """Take a run file away with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm", BEFORE, f"{BEFORE}-wal", f"{BEFORE}-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


def run_files() -> list[tuple[Path, float, int]]:
    """Return the run files in our own folder with when each was used last and its size, the one used last first."""
    there: dict[str, os.DirEntry[str]] = {}
    with suppress(OSError, RunFileError), os.scandir(state_folder()) as entries:
        there = {entry.name: entry for entry in entries}
    found = []
    for name, entry in there.items():
        if name.endswith(".run"):
            with suppress(OSError):  # it has gone meanwhile
                found.append((Path(entry.path), *_used(entry, there.get(f"{name}-wal"))))
    return sorted(found, key=lambda entry: (-entry[1], entry[0].name))


def _used(run: os.DirEntry[str], journal: os.DirEntry[str] | None) -> tuple[float, int]:
    """Return when a run file was used last, and its size with its journal; an empty one is left by whoever only reads."""
    kept = run.stat()
    written = journal.stat() if journal is not None else None
    if written is None or not written.st_size:
        return kept.st_mtime, kept.st_size
    return max(kept.st_mtime, written.st_mtime), kept.st_size + written.st_size


def size_of(path: Path) -> int:
    """Return the size of a run file with what SQLite keeps beside it, in bytes."""
    journal = path.with_name(f"{path.name}-wal")
    return path.stat().st_size + (journal.stat().st_size if journal.exists() else 0)


def tidy(is_finished: Callable[[Path], bool], now: float | None = None) -> None:
    """Take away finished run files in our own folder: those that nobody has used for thirty days, and the oldest beyond KEPT_BYTES.

    What was used within the last day stays, whatever its size; an unfinished run is never taken away.

    Args:
        is_finished: whether a run file is of a run that came to its end.
    """
    today = time.time() if now is None else now
    total = 0
    for path, used_at, size in run_files():
        total += size
        age_s = today - used_at
        is_spare = age_s > KEPT_DAYS * DAY_S or (total > KEPT_BYTES and age_s > DAY_S)
        if is_spare and is_finished(path):
            with suppress(OSError):
                remove_run(path)
                total -= size
