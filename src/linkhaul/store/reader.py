"""The reading side of a run file: its tables as typed rows, its settings and its state."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from linkhaul.model.columns import LINKS, PAGES, Row, names
from linkhaul.model.records import Link
from linkhaul.store.schema import LINK_BITS, LINK_COLUMNS

_LINK_NAMES = ", ".join(f'"{name}"' for name in names(LINKS))
_PAGE_NAMES = ", ".join(f'"{name}"' for name in names(PAGES))
_BATCH = 2_000


def links_between(connection: sqlite3.Connection, after: int, upto: int, *, first_only: bool = False) -> Iterator[Link]:
    """Yield the links of the visits with numbers above `after` up to `upto`, in the order they were stored.

    Args:
        first_only: only the link that names its URL first in the run.
    """
    where = "v.id > ? AND v.id <= ?"
    first = " JOIN first_link f ON f.url_id = l.url_id AND f.link_id = l.id" if first_only else ""
    # Visit by visit, so that SQLite walks both tables in order and a run that is being written can be read.
    sql = (
        f"SELECT {LINK_COLUMNS} FROM visit v CROSS JOIN link l CROSS JOIN form f ON f.id = l.form{first}"
        f" WHERE {where} AND l.id > v.id << {LINK_BITS} AND l.id < (v.id + 1) << {LINK_BITS}"
        " ORDER BY l.id"
    )
    new = tuple.__new__
    for row in _rows(connection, sql, (after, upto)):
        yield new(Link, (*row[:14], bool(row[14]), row[15], bool(row[16]), bool(row[17]), *row[18:]))


def pages_between(connection: sqlite3.Connection, after: int, upto: int) -> Iterator[Row]:
    """Yield the rows of `pages` of the visits with numbers above `after` up to `upto`."""
    yield from _rows(connection, f"SELECT {_PAGE_NAMES} FROM pages WHERE visit > ? AND visit <= ?", (after, upto))


def last_visit(connection: sqlite3.Connection) -> int:
    """Return the number of the latest visit; 0 when there is none."""
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM visit").fetchone()
    return int(last)


def count(connection: sqlite3.Connection, table: str) -> int:
    """Return how many rows `links` or `pages` has."""
    (rows,) = connection.execute(f"SELECT count(*) FROM {'link' if table == 'links' else 'visit'}").fetchone()
    return int(rows)


def value(connection: sqlite3.Connection, name: str, default: Any = None) -> Any:
    """Return one of the run's stored values by name."""
    row = connection.execute("SELECT value FROM run WHERE name = ?", (name,)).fetchone()
    return json.loads(row[0]) if row else default


def latest_time(connection: sqlite3.Connection) -> float:
    """Return the latest time that the run knows of, seconds since 1970; 0 when it knows of none. Cost: a pass over its hosts."""
    (robots_at,) = connection.execute("SELECT coalesce(max(robots_at), 0) FROM host").fetchone()
    visited = connection.execute("SELECT visited_at FROM visit ORDER BY id DESC LIMIT 1").fetchone()
    return max(float(robots_at), datetime.fromisoformat(visited[0]).timestamp() if visited else 0.0)


def failures(connection: sqlite3.Connection) -> list[tuple[str, int, str, str]]:
    """Return what failed: rows (kind, how many, an example's URL, its sentence), most frequent first.

    An answer of 400 and above counts as its status, such as "404".
    """
    sql = """
        SELECT coalesce(failure, status) AS kind, count(*) AS n, url, coalesce(detail, '') FROM visit
        WHERE outcome IN ('failed', 'refused', 'http-error') AND found_via <> 'probe' GROUP BY kind ORDER BY n DESC, kind
    """
    return [(str(kind), n, url, detail) for kind, n, url, detail in connection.execute(sql)]


def outcomes(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many visits ended how."""
    return dict(
        connection.execute("SELECT outcome, count(*) FROM visit WHERE found_via <> 'probe' GROUP BY outcome ORDER BY count(*) DESC")
    )


def _rows(connection: sqlite3.Connection, sql: str, parameters: tuple[Any, ...]) -> Iterator[Any]:
    cursor = connection.execute(sql, parameters)
    while rows := cursor.fetchmany(_BATCH):
        yield from rows
