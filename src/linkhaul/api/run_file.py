"""The run file that a job works on: made, gone on with or begun anew; taken back, and noted as told at its end."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import NamedTuple

from linkhaul.api.beforehand import is_finished, was_run_file
from linkhaul.api.places import tidy
from linkhaul.api.reach import differences
from linkhaul.api.rechecking import clear
from linkhaul.api.request import Request
from linkhaul.config import stored
from linkhaul.errors import RunFileError
from linkhaul.export.outputs import check
from linkhaul.store.opening import create, open_to_write
from linkhaul.store.reader import value


class Beginning(NamedTuple):
    """A run file that was opened for a job, and how the job stands to what was there.

    Attributes:
        connection: may write.
        is_made: the file is of this call, and may be taken back.
        before: how the run stood that was there: its state; None where there was none, or nothing to go on with.
        is_gone_on_with: that run is gone on with; else it made room.
        notices: what the user should know of it.
    """

    connection: sqlite3.Connection
    is_made: bool
    before: str | None = None
    is_gone_on_with: bool = False
    notices: tuple[str, ...] = ()


def begin(request: Request, path: Path) -> Beginning:
    """Return the run file of a job. Call it with the lock held.

    Raises:
        RunFileError, OutputError, UsageError: it cannot be worked on, or the outputs of one that would make room; nothing was changed.
    """
    if not path.exists() or path.stat().st_size == 0:
        is_made = not path.exists()  # an empty file is somebody's, who made it beforehand
        tidy(is_finished)
        return Beginning(create(path), is_made)
    if request.fresh:
        _check_fresh(request, path)
        return _anew(request, path, None)
    with ExitStack() as unless_used:
        connection = unless_used.enter_context(closing(open_to_write(path)))
        state = value(connection, "state")
        is_named = request.run is not None
        if not is_named and connection.execute("SELECT 1 FROM url LIMIT 1").fetchone() is None:
            state = None  # an attempt that came to nothing: there is nothing to go on with
        if state not in (None, "finished") or is_named or request.is_recheck:
            notices = _differences(request, path, connection)
            unless_used.pop_all()
            return Beginning(connection, is_made=False, before=state, is_gone_on_with=True, notices=notices)
    return _anew(request, path, state)


def take_back(path: Path) -> None:
    """Take a run file away that was made for a job which did not begin; what a check keeps aside of the run before it stays."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink()


def acknowledge(path: Path) -> None:
    """Note that the end of a run was told: only now does the same command begin anew.

    Until then it would go on, and find nothing left to do: who kills a process between its last row and its last word
    does not get every row twice.
    """
    with suppress(RunFileError, sqlite3.Error), closing(open_to_write(path)) as connection:
        connection.execute("UPDATE run SET value = '\"finished\"' WHERE name = 'state' AND value = '\"ended\"'")


def _anew(request: Request, path: Path, before: str | None) -> Beginning:
    for spec in (*request.links, *request.pages):
        check(spec, ours=False)
    clear(path, request.config)
    return Beginning(create(path), is_made=True, before=before)


def _check_fresh(request: Request, path: Path) -> None:
    if not was_run_file(path):
        raise RunFileError(f"{path}: is not a run file; it is left untouched. Name another file with --run")
    if not request.may_destroy(path):
        raise RunFileError(f"{path}: its rows were not destroyed; leave --fresh away to go on with it")


def _differences(request: Request, path: Path, connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return which settings differ from those that an earlier process ran with."""
    verb = value(connection, "verb", request.verb)
    if request.verb == "check" and verb != "check":
        return ()  # the finished run of another verb is checked as it is
    if verb != request.verb:
        raise RunFileError(f"{path}: is the run of 'linkhaul {verb}', not of '{request.verb}'; name another file with --run")
    return tuple(differences(value(connection, "settings", {}), stored(request.config)))
