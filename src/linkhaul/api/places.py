"""Where a run file lives when the user does not say: one per command, so that the same command again goes on."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

KEPT_DAYS = 30


def run_path(verb: str, names: Sequence[str], outputs: Sequence[str]) -> Path:
    """Return where the run file of a command lives: told by what it reads and where it writes, not by its settings.

    Args:
        names: the identity of the sources; with none the run cannot be found again and gets a file of its own.
        outputs: absolute paths of the outputs.
    """
    if not names:
        folder = Path(tempfile.mkdtemp(prefix="linkhaul-"))
        return folder / f"{verb}.run"
    digest = blake2b("\n".join([verb, str(Path.cwd()), *names, "", *outputs]).encode("utf-8", "surrogateescape"), digest_size=6)
    folder = state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{verb}-{digest.hexdigest()}.run"


def state_folder() -> Path:
    """Return the folder of the run files that linkhaul names itself."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "linkhaul" / "runs"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "linkhaul" / "runs"


def remove_run(path: Path) -> None:
    """Take a run file away with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


def tidy(is_finished: Callable[[Path], bool], now: float | None = None) -> None:
    """Take away finished run files in our own folder that nobody has touched for thirty days.

    Args:
        is_finished: whether a run file is of a run that came to its end.
    """
    limit = (time.time() if now is None else now) - KEPT_DAYS * 86_400
    with suppress(OSError):
        for path in state_folder().glob("*.run"):
            with suppress(OSError):
                if path.stat().st_mtime < limit and is_finished(path):
                    remove_run(path)
