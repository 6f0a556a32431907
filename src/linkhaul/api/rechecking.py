"""What a check takes up of what a run file holds already: a finished run of another verb, or its own under other settings."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from linkhaul.api.places import BEFORE, remove_run
from linkhaul.api.sources import Sources
from linkhaul.config import Config
from linkhaul.decide.scope import Scope
from linkhaul.errors import RunFileError
from linkhaul.fetch.files import FileFetcher
from linkhaul.model.times import iso
from linkhaul.motion.admit import Admission
from linkhaul.motion.finds import Finds
from linkhaul.store.checks import Checks
from linkhaul.store.earlier import Earlier
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal, NewUrl
from linkhaul.store.opening import inspect, open_to_write
from linkhaul.store.reader import last_visit, links_between, value

LOT = 200
"""Visits whose links are looked at in one go."""
_LOOKED_AT = "SELECT id, url, host_id, depth, found_via FROM url WHERE purpose = 'check' AND state IN ('queued', 'done') AND id > ? ORDER BY id LIMIT 5000"
FIRST_ID = -(1 << 63)


def is_of_another_verb(connection: sqlite3.Connection) -> bool:
    """Return whether a run file holds the run of another verb than check."""
    return bool(value(connection, "verb", "check") != "check")


def beginnings(sources: Sources, connection: sqlite3.Connection) -> list[str]:
    """Return the URLs that a check follows links from: those named one by one, or where the crawl began that is checked."""
    verb = value(connection, "verb", "check")
    if verb == "crawl":
        return [url for (url,) in connection.execute("SELECT url FROM url WHERE found_via = 'seed' ORDER BY seq")]
    return [] if verb == "links" else [words[1] for words in sources.described if words[0] == "url" and words[1] not in sources.sitemaps]


def clear(path: Path, config: Config) -> None:
    """Make room for a run file: the one that is there goes, or stands aside while a check takes over what it knows."""
    if config.check.max_age is None:
        remove_run(path)
        return
    with suppress(RunFileError, sqlite3.Error), closing(open_to_write(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.replace(_aside(path))
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def checks_of(connection: sqlite3.Connection, journal: Journal, path: Path, config: Config) -> Checks:
    """Return what a check is stored with, what it takes over from the run before it included. Call it with no transaction open."""
    checks = Checks(connection, journal)
    hours, aside = config.check.max_age, _aside(path)
    if hours is not None and aside.exists():
        with suppress(RunFileError, sqlite3.Error):
            inspect(aside)
            checks.earlier = Earlier(connection, journal, aside, iso(time.time() - hours * 3600))
    return checks


def let_go(checks: Checks, path: Path) -> None:
    """Take the run away that stood aside: it has told what it knows. Call it with no transaction open."""
    if checks.earlier is not None:
        checks.earlier.close()
        checks.earlier = None
    for suffix in ("", "-wal", "-shm"):
        aside = _aside(path)
        aside.with_name(aside.name + suffix).unlink(missing_ok=True)


def _aside(path: Path) -> Path:
    return path.with_name(path.name + BEFORE)


def look_again(journal: Journal, connection: sqlite3.Connection, scope: Scope, config: Config, sources: Sources) -> None:
    """Queue what the links of earlier processes lead to and was not looked at, unless they looked by the same rules.

    It is one transaction with the note of the rules. Cost: a pass over all links.
    """
    rules = [_reach(scope), config.rows.kinds, config.rows.only, config.rows.match, config.rows.exclude]
    told = json_like(rules)
    before = value(connection, "looked_by")
    if before == told:
        return
    checks = Checks(connection, journal)
    if last_visit(connection):
        if is_of_another_verb(connection):
            journal.put("UPDATE url SET purpose = 'check' WHERE state = 'queued' AND purpose = ?", [("page",)])
        else:
            _promote(connection, scope, checks)
        admission = Admission(Frontier(connection, journal), scope, obey_nofollow=config.crawl.obey_nofollow)
        covers = FileFetcher(sources.roots).covers if sources.roots else None
        _sweep(connection, Finds(config, checks, admission, is_on_disk=covers))
    journal.set_values({"looked_by": told})
    journal.commit()


def recheck(connection: sqlite3.Connection, journal: Journal) -> int:
    """Queue again what failed, whatever the failure, and have hosts asked for their robots.txt that gave none; return how many targets."""
    sql = "SELECT u.id, u.visit FROM url u JOIN visit v ON v.id = u.visit WHERE u.state = 'done' AND u.purpose <> 'probe' AND v.outcome IN ('http-error', 'failed', 'refused')"
    found = connection.execute(sql).fetchall()
    Checks(connection, journal).ask_again(found, "recheck")
    journal.put("UPDATE host SET robots_at = NULL, robots_failure = NULL, parked = NULL WHERE robots_failure IS NOT NULL OR ?", [(0,)])
    return len(found)


def json_like(rules: list[Any]) -> list[Any]:
    """Return rules as they come back from the run file: lists where there were tuples."""
    return [list(rule) if isinstance(rule, (tuple, list)) else rule for rule in rules]


def _reach(scope: Scope) -> str:
    return scope.describe() + repr((sorted(scope.hosts), scope.prefixes, scope.settings.include, scope.settings.skip))


def _promote(connection: sqlite3.Connection, scope: Scope, checks: Checks) -> None:
    """Make pages of what was only looked at and lies within the scope now."""
    last = FIRST_ID
    while lot := connection.execute(_LOOKED_AT, (last,)).fetchall():
        pages = []
        for id, url, host_id, depth, via in lot:
            decision = scope.decide(url, depth, via)
            if decision.verdict == "follow":
                pages.append(NewUrl(id, url, host_id, depth, "queued", decision.rule, via))
        checks.promote(pages)
        last = lot[-1][0]


def _sweep(connection: sqlite3.Connection, finds: Finds) -> None:
    """Look at the links of all pages that were read."""
    upto = last_visit(connection)
    for after in range(0, upto, LOT):
        sql = "SELECT v.final_url, v.page_id, u.depth FROM visit v JOIN url u ON u.id = v.url_id WHERE v.id > ? AND v.id <= ?"
        pages = {url: (page_id, depth + 1) for url, page_id, depth in connection.execute(sql, (after, after + LOT))}
        for link in links_between(connection, after, after + LOT):
            page_id, depth = pages.get(link.page_url, (0, 1))
            finds.take_link(link, page_id, depth)
        finds.write(set())
