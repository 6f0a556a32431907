"""What the tables of a run hold besides links and pages: its URLs, redirects and hosts, and how far it reached."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

from msgspec import convert

from linkhaul.config import Config, CrawlSettings, RowSettings, config_from, settings
from linkhaul.decide.rows import DEFAULT_KINDS
from linkhaul.decide.scope import Scope
from linkhaul.decide.traps import TrapReason, Withheld, pattern_of
from linkhaul.model.columns import Row
from linkhaul.model.times import iso
from linkhaul.model.url import host_of
from linkhaul.store.reader import value

BATCH = 2_000

_URLS = """
SELECT u.url, h.host, u.state, u.reason, nullif(u.depth, 1000000), u.found_via, p.url, u.attempts
FROM url u JOIN host h ON h.id = u.host_id LEFT JOIN url p ON p.id = u.parent_id
WHERE (?1 IS NULL OR u.state = ?1) AND (?2 IS NULL OR u.reason = ?2 OR substr(u.reason, 1, length(?2) + 1) = ?2 || ':')
    AND u.found_via <> 'probe'
ORDER BY u.seq
"""
_HOPS = "SELECT v.url, hop.n, hop.url, hop.status, hop.location FROM hop CROSS JOIN visit v ON v.id = hop.visit WHERE v.found_via <> 'probe' ORDER BY hop.visit, hop.n"
_HOSTS = """
SELECT h.host, coalesce(k.urls, 0), coalesce(k.done, 0), coalesce(k.queued, 0), h.robots_status, h.robots_failure, h.parked, h.hold_until
FROM host h LEFT JOIN (
    SELECT host_id, count(*) AS urls, sum(state = 'done') AS done, sum(state = 'queued') AS queued FROM url WHERE found_via <> 'probe'
    GROUP BY host_id
) k ON k.host_id = h.id ORDER BY h.id
"""
_ROWS = {"pages": "visit", "urls": "url", "hops": "hop", "hosts": "host"}
_MADE_UP = {
    "pages": "SELECT count(visit) FROM url WHERE purpose = 'probe'",
    "urls": "SELECT count(*) FROM url WHERE purpose = 'probe'",
    "hops": "SELECT count(*) FROM url u JOIN hop ON hop.visit = u.visit WHERE u.purpose = 'probe'",
}
"""How many of them a check made up: few, and found by their own index."""
_LINKS = "SELECT count(*) FROM link l"
_INTERNAL = " JOIN form f ON f.id = l.form AND f.internal = ?"
_WEB = """
    (l.url GLOB 'http://*' OR l.url GLOB 'https://*'
     OR (l.url GLOB 'file:*' AND EXISTS (SELECT 1 FROM visit v WHERE v.id = l.id >> 20 AND v.final_url GLOB 'file:*')))
"""
_COUNTS = "SELECT state, coalesce(reason, ''), count(*) FROM url WHERE found_via <> 'probe' GROUP BY state, reason ORDER BY state, count(*) DESC, reason"
_KEPT_OUT = "SELECT url, substr(reason, 6) FROM url WHERE state = 'withheld' ORDER BY seq"


def urls(connection: sqlite3.Connection, state: str | None = None, reason: str | None = None) -> Iterator[Row]:
    """Yield the rows of `urls` in the order in which they were found; the order costs a sort on disk.

    Args:
        state: only those in this state.
        reason: only those with this reason; what stands before its colon is enough ("trap" for "trap:dates").
    """
    yield from _rows(connection, _URLS, (state, reason))


def hops(connection: sqlite3.Connection) -> Iterator[Row]:
    """Yield the rows of `hops`, visit by visit."""
    yield from _rows(connection, _HOPS)


def hosts(connection: sqlite3.Connection) -> Iterator[Row]:
    """Yield the rows of `hosts` in the order in which they were met; counting their URLs costs a pass over all."""
    for *row, hold_until in _rows(connection, _HOSTS):
        yield (*row, iso(hold_until) if hold_until is not None else None)


def row_count(connection: sqlite3.Connection, table: str) -> int:
    """Return how many rows pages, urls, hops or hosts has; nothing is read but the table's own index."""
    (count,) = connection.execute(f"SELECT count(*) FROM {_ROWS[table]}").fetchone()  # noqa: S608 - a name of our own schema
    (made_up,) = connection.execute(_MADE_UP[table]).fetchone() if table in _MADE_UP else (0,)
    return int(count - made_up)


def link_count(connection: sqlite3.Connection, rows: RowSettings) -> int | None:
    """Return how many links become rows, as `decide.rows.row_filter` would tell; None where only walking them all can tell.

    Cost: a pass over the table within SQLite: 0.2 s for a million links, where walking their rows takes 8.
    """
    if rows.match or rows.exclude or rows.unique:
        return None
    sql, parameters = _LINKS, ()
    if rows.only is not None:
        sql, parameters = sql + _INTERNAL, (rows.only == "internal",)  # type: ignore[assignment]
    if rows.kinds == DEFAULT_KINDS:
        sql += " WHERE " + _WEB
    (count,) = connection.execute(sql, parameters).fetchone()
    return int(count)


def state_counts(connection: sqlite3.Connection) -> list[tuple[str, str, int]]:
    """Return how many URLs are in which state for which reason: (state, reason, count), the most frequent of a state first."""
    return list(connection.execute(_COUNTS))


def withheld(connection: sqlite3.Connection) -> list[Withheld]:
    """Return what the traps kept out, the most frequent pattern first.

    A process that ends in order notes it. Where one was killed, or is at work, the URLs themselves are told apart, at some
    microseconds each.
    """
    noted = connection.execute("SELECT pattern, reason, count, example FROM withheld ORDER BY count DESC, pattern").fetchall()
    (kept_out,) = connection.execute("SELECT count(*) FROM url WHERE state = 'withheld'").fetchone()
    if sum(count for _, _, count, _ in noted) >= kept_out:
        return [Withheld(pattern, convert(reason, TrapReason), count, example) for pattern, reason, count, example in noted]
    counts: Counter[tuple[str, TrapReason]] = Counter()
    examples: dict[tuple[str, TrapReason], str] = {}
    for url, name in _rows(connection, _KEPT_OUT):
        reason = convert(name, TrapReason)
        key = (pattern_of(url, reason), reason)
        counts[key] += 1
        examples.setdefault(key, url)
    found = [Withheld(*key, count, examples[key]) for key, count in counts.items()]
    return sorted(found, key=lambda entry: (-entry.count, entry.pattern))


def config_of(connection: sqlite3.Connection) -> Config:
    """Return the settings that the run was last worked on with; secrets are not kept, and names that are gone are passed over."""
    stored = value(connection, "settings", {})
    return config_from({name: stored[name] for name in settings() if name in stored}, "the run file")


def scope_of(connection: sqlite3.Connection) -> Scope:
    """Return how far the run reaches: its settings, around its seeds, and where they were redirected. Cost: a pass over all URLs."""
    verb = value(connection, "verb", "links")
    if verb == "check" and (named := [words[1] for words in value(connection, "sources", []) if words[0] == "url"]):
        return widened(Scope.of(config_of(connection).crawl, named), connection)
    if verb != "crawl":
        return Scope.of(CrawlSettings(scope="any", depth=0), ())
    seeds = (cast("str", url) for (url,) in _rows(connection, "SELECT url FROM url WHERE found_via = 'seed' ORDER BY seq"))
    return widened(Scope.of(config_of(connection).crawl, (url for url in seeds if url.startswith("http"))), connection)


def reach_of(connection: sqlite3.Connection) -> str:
    """Return how far the run reaches, in a sentence. Cost: as `scope_of`."""
    verb, sources = value(connection, "verb", "links"), value(connection, "sources", [])
    if verb == "check" and not any(words[0] == "url" for words in sources):
        return "the pages named; what their links lead to is looked at and not read"
    if verb == "links":
        return "the pages named, and where they redirect; their links are recorded, not followed"
    return scope_of(connection).describe()


def widened(scope: Scope, connection: sqlite3.Connection) -> Scope:
    """Return the scope that also reaches where seeds were redirected to in earlier processes. Cost: a pass over all redirects."""
    if scope.name in {"page", "any"}:
        return scope
    sql = "SELECT hop.location FROM hop CROSS JOIN visit v ON v.id = hop.visit WHERE v.found_via = 'seed' ORDER BY hop.visit, hop.n"
    for host in dict.fromkeys(host_of(location) for (location,) in _rows(connection, sql)):
        scope = scope.widened(host)
    return scope


def _rows(connection: sqlite3.Connection, sql: str, parameters: tuple[Any, ...] = ()) -> Iterator[Any]:
    cursor = connection.execute(sql, parameters)
    while rows := cursor.fetchmany(BATCH):
        yield from rows
