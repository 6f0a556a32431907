"""The run files that linkhaul named itself: which there are, and taking finished ones away."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from linkhaul.api.places import remove_run, run_files, size_of
from linkhaul.errors import RunFileError
from linkhaul.model.times import iso
from linkhaul.store.lock import holder
from linkhaul.store.opening import open_to_read
from linkhaul.store.reader import last_visit, value

State = Literal["running", "stopped", "finished", "broken-off", "unreadable"]
SOURCES_SHOWN = 3


class KeptRun(Struct, frozen=True, kw_only=True):
    """A run file in linkhaul's own folder.

    Attributes:
        state: running, stopped, finished or broken-off as `linkhaul status` says it, or unreadable.
        sources: what it reads, the first few; `source_count` says how many were named, 0 when it cannot be told.
        outputs: the files it writes.
        pages: how many it has taken to their end.
        used_at: when it was last written to, UTC.
        bytes: its size with what SQLite keeps beside it.
    """

    path: str
    verb: str
    state: State
    sources: list[str]
    source_count: int
    outputs: list[str]
    pages: int
    used_at: str
    bytes: int


def kept_runs(most: int | None = None) -> list[KeptRun]:
    """Return the run files that linkhaul named itself, the one used last first; each is opened and read from.

    Args:
        most: no more than so many.
    """
    return [_described(path, used_at) for path, used_at, _ in run_files()[:most]]


def delete_finished(runs: Iterable[KeptRun]) -> list[KeptRun]:
    """Take those away that came to their end and that nobody works on; return them. Unfinished ones stay, and so do unreadable ones."""
    gone = [run for run in runs if run.state == "finished"]
    for run in gone:
        remove_run(Path(run.path))
    return gone


def _described(path: Path, used_at: float) -> KeptRun:
    found = KeptRun(
        path=str(path),
        used_at=iso(used_at),
        bytes=size_of(path),
        verb="",
        state="unreadable",
        sources=[],
        source_count=0,
        outputs=[],
        pages=0,
    )
    try:
        with closing(open_to_read(path)) as connection:
            described = value(connection, "sources", [])
            outputs = [output.partition("#")[0] for (output,) in connection.execute("SELECT path FROM output ORDER BY rowid")]
            return replace(
                found,
                verb=value(connection, "verb", "links"),
                state=_state(path, value(connection, "state", "running")),
                sources=[_source(words) for words in described[:SOURCES_SHOWN]],
                source_count=len(described),
                outputs=list(dict.fromkeys(outputs)),
                pages=last_visit(connection),
            )
    except (RunFileError, sqlite3.Error):
        return found


def _state(path: Path, stored: str) -> State:
    if holder(path) is not None:
        return "running"
    if stored in ("stopped", "finished"):
        return "stopped" if stored == "stopped" else "finished"
    return "finished" if stored == "ended" else "broken-off"  # ended: only its summary was not told


def _source(words: list[str]) -> str:
    kind, *rest = words
    return f"--from {rest[0]}" if kind == "list" else rest[0]
