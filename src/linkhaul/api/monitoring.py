"""The runs of one site in one folder: which file the next run goes to, and which one it is compared with."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from linkhaul.errors import OutputError
from linkhaul.store.opening import is_run_file, open_to_read, sound
from linkhaul.store.reader import value

LIMITS = ("max_pages", "max_time")
"""A run that one of these stopped is over, too: the next one begins anew."""


def next_run(folder: Path, now: float) -> tuple[Path, Path | None]:
    """Return the file of the next run and the latest one that came to its end, or None; a run that was broken off is gone on with.

    Args:
        folder: made where it is missing.
        now: wall clock, seconds since 1970: a new file is named for it.

    Raises:
        OutputError: the folder cannot be made.
        RunFileError: one of the latest files cannot be read.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = sorted(path for path in folder.glob("*.run") if path.stat().st_size)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be the folder of runs: {error.strerror or error}") from None
    new = folder / time.strftime("%Y-%m-%dT%H%M%SZ.run", time.gmtime(now))
    begun = None
    for path in reversed(files):
        if not is_run_file(path):
            continue
        if _is_over(path):
            return begun or new, path
        begun = begun or path
    return begun or new, None


def _is_over(path: Path) -> bool:
    with closing(open_to_read(path)) as connection, sound(path):
        return value(connection, "state") in ("ended", "finished") or value(connection, "stopped_by") in LIMITS
