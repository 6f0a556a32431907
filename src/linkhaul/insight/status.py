"""How a run stands: where it is, who works on it, what is done and left, what stands in its way."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from linkhaul.config import settings
from linkhaul.decide.traps import Withheld
from linkhaul.insight.queries import reach_of, state_counts, withheld
from linkhaul.model.times import iso
from linkhaul.store.lock import holder
from linkhaul.store.reader import failures, last_visit, outcomes, value

RECENT = 500
"""Over how many visits the latest speed is measured."""
SHORTEST_S = 1.0
"""In less time than that a latest speed says nothing: visits are numbered as they end, in lots."""
MOST_HOSTS = 20
MOST_FAULTS = 5
# Redirects that lead to no robots.txt (`read.robots.NOWHERE`) leave a host without rules, not out of reach.
_UNREACHABLE = """
SELECT host, robots_failure FROM host WHERE parked IS NULL
    AND substr(robots_failure, 1, instr(robots_failure, ':') - 1) NOT IN ('bad-redirect', 'redirect-loop', 'too-many-redirects') ORDER BY id
"""


class HostTrouble(Struct, frozen=True):
    """A host that is not asked, and why."""

    host: str
    why: str


class SitemapState(Struct, frozen=True):
    """The sitemaps of a run in numbers.

    Attributes:
        found: how many URLs those that were read have named.
        faults: pairs (URL, what was wrong with it), the first few.
    """

    done: int
    queued: int
    found: int
    faults: list[tuple[str, str]]


class OutputState(Struct, frozen=True):
    """An output, and how far it is.

    Attributes:
        upto: the number of the latest visit whose rows are in it.
        mark: what tells where our rows end in it; None before the first, "whole" where it is written at the end.
    """

    path: str
    format: str
    table: str
    upto: int
    mark: str | None


class Status(Struct, frozen=True, kw_only=True):
    """How a run stands.

    Attributes:
        state: running, stopped (in order, before its end), finished, or broken-off (nobody works on it, nobody said so).
        stopped_by: what stopped it: interrupt, or the setting; None unless stopped.
        worked_on_by: the process that works on it now.
        scope: how far it reaches, in a sentence.
        settings: those that differ from their defaults, by name; secrets are not kept.
        urls: how many URLs are in which state for which reason: (state, reason, count).
        outcomes: how many visits ended how.
        failures: what failed: (kind or status, how many, an example's URL, its sentence).
        parked, unreachable: hosts that are not asked: at most MOST_HOSTS of each; `_count` says how many there are.
        held: hosts that asked us to stay away, with the time until when.
        pages_per_s: of the latest process on the whole; `recent_pages_per_s` of its last 500 visits.
    """

    path: str
    verb: str
    state: str
    stopped_by: str | None
    worked_on_by: str | None
    began_at: str | None
    last_visit_at: str | None
    scope: str
    settings: dict[str, Any]
    visits: int
    urls: list[tuple[str, str, int]]
    outcomes: dict[str, int]
    failures: list[tuple[str, int, str, str]]
    parked: list[HostTrouble]
    parked_count: int
    unreachable: list[HostTrouble]
    unreachable_count: int
    held: list[HostTrouble]
    withheld: list[Withheld]
    sitemaps: SitemapState
    pages_per_s: float | None
    recent_pages_per_s: float | None
    outputs: list[OutputState]
    bytes: int

    @property
    def queued(self) -> int:
        """How many URLs are still to be fetched."""
        return sum(count for state, _, count in self.urls if state == "queued")


def status(connection: sqlite3.Connection, path: Path, now: float) -> Status:
    """Return how a run stands; it may be worked on meanwhile. Cost: a pass over its URLs and visits.

    Args:
        connection: the run file, opened to read.
        now: wall clock, seconds since 1970.
    """
    worker = holder(path)
    state = value(connection, "state", "running")
    state = "finished" if state == "ended" else state  # only that its end was told is not noted
    if state == "running" and worker is None:
        state = "broken-off"
    elif worker is not None:
        state = "running"
    visits = last_visit(connection)
    last_at = _visited_at(connection, visits)
    speed, recent = _speeds(connection, visits, last_at, now if state == "running" else None)
    process = value(connection, "process", {})
    return Status(
        path=str(path),
        verb=value(connection, "verb", "links"),
        state=state,
        stopped_by=value(connection, "stopped_by") if state == "stopped" else None,
        worked_on_by=worker,
        began_at=iso(process["at"]) if "at" in process else None,
        last_visit_at=iso(last_at) if last_at is not None else None,
        scope=reach_of(connection),
        settings=_changed(connection),
        visits=visits,
        urls=state_counts(connection),
        outcomes=outcomes(connection),
        failures=failures(connection),
        parked=_troubles(connection, "SELECT host, parked FROM host WHERE parked IS NOT NULL ORDER BY id LIMIT ?"),
        parked_count=_count(connection, "SELECT count(*) FROM host WHERE parked IS NOT NULL"),
        unreachable=_troubles(connection, _UNREACHABLE + "LIMIT ?"),
        unreachable_count=sum(1 for _ in connection.execute(_UNREACHABLE)),
        held=_held(connection, now),
        withheld=withheld(connection),
        sitemaps=sitemaps(connection),
        pages_per_s=speed,
        recent_pages_per_s=recent,
        outputs=_outputs(connection),
        bytes=_size(path),
    )


def sitemaps(connection: sqlite3.Connection) -> SitemapState:
    """Return the sitemaps in numbers; one that was only looked for, and is not there, does not count."""
    # /sitemap.xml is asked for on the chance that there is one: that there is none is no fault.
    sql = """
        SELECT count(*) FILTER (WHERE state = 'done' AND fault IS NULL), count(*) FILTER (WHERE state = 'queued'), coalesce(sum(found), 0)
        FROM sitemap
    """
    done, queued, found = connection.execute(sql).fetchone()
    faults = connection.execute(
        "SELECT url, fault FROM sitemap WHERE fault IS NOT NULL AND fault NOT LIKE 'the server answered 4__' ORDER BY rowid LIMIT ?",
        (MOST_FAULTS,),
    )
    return SitemapState(done, queued, found, list(faults))


def _changed(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return the stored settings that differ from their defaults."""
    kept = value(connection, "settings", {})
    defaults = {name: list(s.default) if isinstance(s.default, tuple) else s.default for name, s in settings().items()}
    return {name: kept[name] for name in defaults if name in kept and kept[name] != defaults[name]}


def _visited_at(connection: sqlite3.Connection, number: int) -> float | None:
    row = connection.execute("SELECT visited_at FROM visit WHERE id = ?", (number,)).fetchone()
    return datetime.fromisoformat(row[0]).timestamp() if row else None


def _speeds(connection: sqlite3.Connection, visits: int, last_at: float | None, now: float | None) -> tuple[float | None, float | None]:
    """Return the pages per second of the latest process, and those of its last visits; None where nothing can be said.

    Args:
        now: wall clock while somebody works on it.
    """
    process = value(connection, "process")
    if process is None or last_at is None or visits <= process["visits"]:
        return None, None
    seconds = value(connection, "seconds") if now is None else now - process["at"]
    if seconds is None:  # it was killed
        seconds = last_at - process["at"]
    since = max(process["visits"] + 1, visits - RECENT)
    since_at = _visited_at(connection, since)
    took = last_at - since_at if since_at is not None else 0.0
    whole = (visits - process["visits"]) / seconds if seconds > 0 else None
    return whole, (visits - since) / took if took >= SHORTEST_S else None


def _count(connection: sqlite3.Connection, sql: str) -> int:
    (count,) = connection.execute(sql).fetchone()
    return int(count)


def _troubles(connection: sqlite3.Connection, sql: str) -> list[HostTrouble]:
    return [HostTrouble(host, why) for host, why in connection.execute(sql, (MOST_HOSTS,))]


def _held(connection: sqlite3.Connection, now: float) -> list[HostTrouble]:
    sql = "SELECT host, hold_until FROM host WHERE hold_until > ? ORDER BY hold_until DESC LIMIT ?"
    return [HostTrouble(host, iso(until)) for host, until in connection.execute(sql, (now, MOST_HOSTS))]


def _outputs(connection: sqlite3.Connection) -> list[OutputState]:
    """Return the outputs; a database holds each table under its own mark, behind a # in the path."""
    found = []
    for path, spec, mark, upto in connection.execute("SELECT path, spec, mark, upto FROM output ORDER BY rowid"):
        kind, _, _, table, *_ = json.loads(spec)
        found.append(OutputState(path.removesuffix(f"#{table}") if kind == "sqlite" else path, kind, table, upto, mark))
    return found


def _size(path: Path) -> int:
    """Return the size of the run file with what SQLite keeps beside it, in bytes."""
    beside = [path.with_name(path.name + suffix) for suffix in ("", "-wal")]
    return sum(part.stat().st_size for part in beside if part.exists())
