"""Rows → a table of an SQLite database, which may be the user's own: other tables are never touched.

How it works. The database counts for itself what was written, in the transaction that writes it: a small table,
`linkhaul_parts`, has one row per run and table: how many rows of ours there are and the rowids they lie between. The
mark in the run file says the same of an earlier moment. After a crash the rows between the two are deleted and fed
again. If rows of somebody else lie among them, their number does not match and nothing is deleted.

A transaction is never left open between two calls, so two tables of one database can be written in turn, and other
programs can read and write meanwhile.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec import Struct

from linkhaul.errors import OutputError
from linkhaul.export.disk import Behind
from linkhaul.export.existing import different_columns
from linkhaul.export.spec import OutputSpec
from linkhaul.model.columns import Row, names

_TYPES = {"text": "TEXT", "integer": "INTEGER", "real": "REAL", "boolean": "BOOLEAN"}
_WAIT_S = 10.0
_MOST_WAITING = 20_000
_PARTS = (
    "CREATE TABLE IF NOT EXISTS linkhaul_parts "
    "(part TEXT PRIMARY KEY, table_name TEXT NOT NULL, begin INTEGER NOT NULL, last INTEGER NOT NULL, rows INTEGER NOT NULL)"
)


class Part(Struct, frozen=True):
    """What one run wrote into one table: `rows` rows, their rowids above `begin` and at most `last`."""

    part: str
    begin: int
    last: int
    rows: int = 0


def quoted(name: str) -> str:
    """Return a name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def check_table(spec: OutputSpec) -> None:
    """Raise OutputError if the file is no database, or its table of this name has other columns."""
    try:
        with closing(_opened(spec)) as database:
            _has_table(database, spec)
    except sqlite3.Error as error:
        raise _refusal(spec, error) from error


def holds_rows(spec: OutputSpec) -> bool:
    """Return whether there is a table of this name with rows in it."""
    if not Path(spec.path).exists():
        return False
    try:
        with closing(_opened(spec)) as database:
            return _has_table(database, spec) and _largest_rowid(database, spec) > 0
    except sqlite3.Error as error:
        raise _refusal(spec, error) from error


def drop_table(spec: OutputSpec) -> None:
    """Take away a table, and what is known of its parts."""
    try:
        with closing(_opened(spec)) as database, database:
            database.execute(f"DROP TABLE IF EXISTS {quoted(spec.table)}")
            database.execute("DELETE FROM linkhaul_parts WHERE table_name = ?", (spec.table,))
    except sqlite3.Error as error:
        raise _refusal(spec, error) from error


def open_table(spec: OutputSpec, mark: str | None) -> TableWriter:
    """Open a table for adding rows: fresh, behind what is there, or at a mark; whoever opens it closes it.

    Raises:
        OutputError: the table may not be added to or cut; it was not changed.
        Behind: rows are missing from it.
    """
    try:
        database = sqlite3.connect(spec.path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise _refusal(spec, error) from error
    try:
        database.execute("BEGIN IMMEDIATE")
        part = _first(database, spec) if mark is None else _again(database, spec, msgspec.json.decode(mark, type=Part))
        database.execute("COMMIT")
    except sqlite3.Error as error:
        database.close()
        raise _refusal(spec, error) from error
    except BaseException:
        database.close()
        raise
    return TableWriter(spec, database, part)


def _opened(spec: OutputSpec) -> sqlite3.Connection:
    """Return a connection to a database that is there."""
    return sqlite3.connect(Path(spec.path).absolute().as_uri() + "?mode=rw", uri=True, timeout=_WAIT_S)


def _has_table(database: sqlite3.Connection, spec: OutputSpec) -> bool:
    """Return whether the table is there, after comparing its columns; with --overwrite any table will do."""
    found = database.execute("SELECT type FROM sqlite_master WHERE name = ? COLLATE NOCASE", (spec.table,)).fetchone()
    if found is None:
        return False
    if found[0] != "table":
        raise OutputError(f"{spec.path}: {spec.table} is a {found[0]} there, rows cannot be added; name another file")
    theirs = [row[1] for row in database.execute(f"PRAGMA table_info({quoted(spec.table)})")]
    if not spec.overwrite:
        if sorted(theirs) != sorted(names(spec.columns)):
            raise different_columns(f"{spec.path}, table {spec.table}", theirs, names(spec.columns))
        _largest_rowid(database, spec)
    return True


def _largest_rowid(database: sqlite3.Connection, spec: OutputSpec) -> int:
    row = database.execute(f"SELECT max(rowid) FROM {quoted(spec.table)}").fetchone()  # noqa: S608 - a quoted name
    return row[0] or 0


def _first(database: sqlite3.Connection, spec: OutputSpec) -> Part:
    if _has_table(database, spec) and spec.overwrite:
        database.execute(f"DROP TABLE {quoted(spec.table)}")
    database.execute(_PARTS)
    if not _has_table(database, spec):
        database.execute("DELETE FROM linkhaul_parts WHERE table_name = ?", (spec.table,))
        columns = ", ".join(f"{quoted(c.name)} {_TYPES[c.type]}{'' if c.nullable else ' NOT NULL'}" for c in spec.columns)
        database.execute(f"CREATE TABLE {quoted(spec.table)} ({columns})")
    end = _largest_rowid(database, spec)
    part = Part(secrets.token_hex(8), end, end)  # chance, so that two databases never know each other's parts
    database.execute("INSERT INTO linkhaul_parts VALUES (?, ?, ?, ?, 0)", (part.part, spec.table, part.begin, part.last))
    return part


def _again(database: sqlite3.Connection, spec: OutputSpec, mark: Part) -> Part:
    if not _has_table(database, spec):
        raise Behind(spec.path, None)
    database.execute(_PARTS)
    query = "SELECT part, begin, last, rows FROM linkhaul_parts WHERE part = ? AND table_name = ?"
    found = database.execute(query, (mark.part, spec.table)).fetchone()
    if found is None:
        if spec.overwrite:
            raise Behind(spec.path, None)
        raise OutputError(f"{spec.path}: table {spec.table} is not the one this run wrote; move the file away or use --overwrite")
    known = Part(*found)
    if known.rows < mark.rows:
        raise Behind(spec.path, msgspec.json.encode(Part(mark.part, known.begin, known.begin)).decode())
    where = f"FROM {quoted(spec.table)} WHERE rowid > ? AND rowid <= ?"
    ahead = database.execute(f"SELECT count(*) {where}", (mark.last, known.last)).fetchone()[0]
    if ahead != known.rows - mark.rows:
        raise OutputError(
            f"{spec.path}: rows were added to or deleted from table {spec.table} among those of this run; move the file away or use --overwrite"
        )
    database.execute(f"DELETE {where}", (mark.last, known.last))
    database.execute("UPDATE linkhaul_parts SET last = ?, rows = ? WHERE part = ?", (mark.last, mark.rows, mark.part))
    return mark


class TableWriter:
    """Adds rows to one table. Not for several threads at once."""

    def __init__(self, spec: OutputSpec, database: sqlite3.Connection, part: Part) -> None:
        self._spec = spec
        self._database = database
        self._part = part
        columns = ", ".join(quoted(name) for name in names(spec.columns))
        self._insert = f"INSERT INTO {quoted(spec.table)} ({columns}) VALUES ({', '.join('?' * len(spec.columns))})"  # noqa: S608 - quoted names
        self._waiting: list[Row] = []
        self._is_broken = False

    def write(self, rows: Iterable[Row]) -> None:
        """Take rows; they are committed at the next flush, or in between when they are many.

        Raises:
            OutputError: the disk is full, or another program holds the database.
        """
        for row in rows:
            self._waiting.append(row)
            if len(self._waiting) >= _MOST_WAITING:
                self._commit()

    def flush(self, *, durable: bool = False, last: bool = False) -> str:  # noqa: ARG002 - a commit is durable; a part has its name
        """Commit and return the mark to store.

        Raises:
            OutputError: the disk is full, or another program holds the database.
        """
        self._commit()
        return msgspec.json.encode(self._part).decode()

    def close(self) -> None:
        """Commit what is left and close the database; after a failure only close it."""
        try:
            if not self._is_broken:
                self._commit()
        finally:
            self._database.close()

    def _commit(self) -> None:
        if not self._waiting:
            return
        database, part = self._database, self._part
        try:
            database.execute("BEGIN IMMEDIATE")
            database.executemany(self._insert, self._waiting)
            end = _largest_rowid(database, self._spec)
            rows = part.rows + len(self._waiting)
            changed = database.execute("UPDATE linkhaul_parts SET last = ?, rows = ? WHERE part = ?", (end, rows, part.part)).rowcount
            if changed != 1:
                self._is_broken = True
                database.execute("ROLLBACK")
                raise OutputError(
                    f"{self._spec.path}: another program replaced table {self._spec.table} meanwhile; give each its own output"
                )
            database.execute("COMMIT")
        except sqlite3.Error as error:
            self._is_broken = True
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise _refusal(self._spec, error) from error
        self._part = Part(part.part, part.begin, end, rows)
        self._waiting.clear()


def _refusal(spec: OutputSpec, error: sqlite3.Error) -> OutputError:
    """Return the exception to raise for what SQLite said, with the remedy."""
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith("SQLITE_FULL"):
        return OutputError(f"{spec.path}: no space left; make room and run the same command again, nothing committed is lost")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return OutputError(f"{spec.path}: another program holds the database; close it and run the same command again")
    if name.startswith("SQLITE_NOTADB"):
        return OutputError(f"{spec.path}: exists and is not an SQLite database; name another file, it was not changed")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return OutputError(f"{spec.path}: may not be written ({error}); change its permissions or choose another place")
    return OutputError(f"{spec.path}: SQLite says: {error}; name another file, or run the same command again")
