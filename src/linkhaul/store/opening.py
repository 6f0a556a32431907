"""Making and opening run files: what may be opened, by whom, and what is refused untouched."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from linkhaul.errors import RunFileError
from linkhaul.store import schema

CACHE_KIB = 65_536
HEADER = b"SQLite format 3\x00"
_MAKE = (
    f"BEGIN; {schema.TABLES} {schema.VIEWS} PRAGMA application_id = {schema.APPLICATION_ID};PRAGMA user_version = {schema.VERSION}; COMMIT"
)


def create(path: Path) -> sqlite3.Connection:
    """Return a connection to a new, empty run file.

    Raises:
        RunFileError: the file exists, or its folder does not, or it cannot be written.
    """
    if not path.parent.is_dir():
        raise RunFileError(f"{path}: the folder {path.parent} does not exist; make it first or name another with --run")
    if path.exists() and path.stat().st_size:
        raise RunFileError(f"{path}: exists already")
    # Made beside its place and then put there: whoever is killed meanwhile leaves nothing that looks like a run file.
    beside = path.with_name(path.name + ".new")
    try:
        beside.unlink(missing_ok=True)
        with closing(_connect(beside)) as maker:
            maker.execute("PRAGMA page_size = 8192")
            maker.executescript(_MAKE)
        beside.replace(path)
        connection = _connect(path)
        connection.execute("PRAGMA journal_mode = WAL")
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise RunFileError(f"{path}: the run file cannot be made: {error}") from None
    return connection


def open_to_write(path: Path) -> sqlite3.Connection:
    """Return a connection that may write, the schema brought up to date. Call it with the lock held.

    Raises:
        RunFileError: the file is missing, foreign, of a newer schema, damaged or cannot be written; it is untouched.
    """
    found = inspect(path)
    connection = _connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        if found == 0:
            connection.executescript(_MAKE)
            return connection
        for version in range(found, schema.VERSION):
            connection.executescript(f"BEGIN; {schema.MIGRATIONS[version]}; PRAGMA user_version = {version + 1}; COMMIT")
    except sqlite3.Error as error:
        connection.close()
        raise RunFileError(f"{path}: the run file cannot be written: {error}") from None
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads; another process may be writing meanwhile.

    Raises:
        RunFileError: as `open_to_write`.
    """
    inspect(path)
    connection = sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True, check_same_thread=False)
    connection.execute("PRAGMA query_only = 1")
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


def limit_cache(connection: sqlite3.Connection, most_bytes: int) -> None:
    """Let SQLite's cache fill less than it would, where so many bytes are less."""
    connection.execute(f"PRAGMA cache_size = -{min(CACHE_KIB, most_bytes // 1024)}")


@contextmanager
def sound(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged or unreadable file into an error of the run file."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # our own fault
    except sqlite3.DatabaseError as error:
        raise RunFileError(
            f"{path}: the run file cannot be read on ({error}); start over with --fresh, or name another with --run"
        ) from error


def inspect(path: Path) -> int:
    """Return the schema version of a run file without changing it; 0 for one without any table yet.

    Raises:
        RunFileError: no run file is there, or one that this version cannot read.
    """
    if not path.is_file():
        if path.is_dir():
            raise RunFileError(f"{path}: is a folder; a run file is a file, such as {path / 'site.run'}")
        raise RunFileError(f"{path}: there is no run file here; 'linkhaul runs' lists those that were not named with --run")
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(100)
    if size < 100 or not head.startswith(HEADER):
        raise RunFileError(f"{path}: this is not a run file; it is left untouched; name another file")
    page = int.from_bytes(head[16:18], "big") or 1
    page = 65536 if page == 1 else page
    application = int.from_bytes(head[68:72], "big")
    if application not in (0, schema.APPLICATION_ID) and not _wal(path):
        raise RunFileError(f"{path}: this is an SQLite database, but not a run file; it is left untouched")
    # With a journal beside it a file may end anywhere: what a full disk kept out of it is still in the journal.
    if (size % page or size < int.from_bytes(head[28:32], "big") * page) and not _wal(path):
        raise RunFileError(f"{path}: the run file is cut short ({size:,} bytes); it is left untouched. Start over with --fresh")
    return _version(path)


def is_run_file(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is that of a run file, be it a damaged one; any other file is somebody's own."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - what is no path at all is none here
            head = file.read(72)
    except (OSError, ValueError):
        return False
    return head.startswith(HEADER) and int.from_bytes(head[68:], "big") == schema.APPLICATION_ID


def _version(path: Path) -> int:
    connection = sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True)
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise RunFileError(f"{path}: the run file is damaged ({error}); it is left untouched. Start over with --fresh") from None
    finally:
        connection.close()
    if application == 0 and tables == 0:
        return 0  # its maker was killed before the first table was there
    if application != schema.APPLICATION_ID:
        raise RunFileError(f"{path}: this is an SQLite database, but not a run file; it is left untouched")
    if version > schema.VERSION:
        raise RunFileError(
            f"{path}: was made by a newer linkhaul (schema {version}, this one knows {schema.VERSION}); upgrade linkhaul to read it"
        )
    return int(version)


def _wal(path: Path) -> bool:
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def _connect(path: Path) -> sqlite3.Connection:
    """Return the writer's connection: explicit transactions, durable commits, checkpoints made by us.

    `synchronous=FULL` makes a commit outlive a power cut; there are about two a second, so it costs little.
    """
    connection = None
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA busy_timeout = 10000")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise RunFileError(f"{path}: the run file cannot be opened: {error}; is the folder writable?") from None
    return connection
