"""How far a job reaches, and what that means for what an earlier process found: decided again when it is another reach."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from msgspec.structs import replace

from linkhaul.config import CrawlSettings, settings
from linkhaul.decide.scope import Scope
from linkhaul.decide.traps import Traps, pattern_of
from linkhaul.store.journal import Journal
from linkhaul.store.reader import value

REACH = ("scope", "include", "skip", "depth", "obey_nofollow", "allow_pattern")
"""The settings that say which URLs are followed: with others of them, what is known is decided again."""
NO_CLICKS = 1_000_000
LOT = 5_000
FIRST_ID = -(1 << 63)

_KNOWN = """
SELECT id, url, depth, found_via, state, reason FROM url
WHERE id > ? AND state IN ('queued', 'recorded', 'withheld') AND found_via NOT IN ('seed', 'probe') AND reason <> 'redirect'
ORDER BY id LIMIT ?
"""
_SET = "UPDATE url SET state = ?, reason = ? WHERE id = ?"


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return in sentences which settings differ from those that an earlier process ran with, and what that means for what it found."""
    told = []
    for name, setting in settings().items():
        old = tuple(before[name]) if isinstance(before.get(name), list) else before.get(name)
        if name in before and old != now.get(name) and not setting.is_output_only:
            meaning = "what was found before is decided again" if name in REACH else "pages that were visited before stay as they are"
            told.append(f"{name} is {now[name]!r} now and was {old!r}: {meaning}")
    return told


def scope_for(verb: str, crawl: CrawlSettings, connection: sqlite3.Connection, urls: Iterable[str]) -> Scope:
    """Return the scope of a job around its sources and those of earlier processes; a list follows nothing.

    Cost: a pass over all URLs known, where the scope depends on the sources.
    """
    if verb == "check":  # around what was named now: the pages of a list are beginnings of nothing
        return Scope.of(crawl if (named := list(urls)) else replace(crawl, scope="any", depth=0), named)
    if verb == "links":
        return Scope.of(CrawlSettings(scope="any", depth=0), ())
    before = (url for (url,) in connection.execute("SELECT url FROM url WHERE found_via = 'seed' ORDER BY seq"))
    return Scope.of(crawl, (url for url in chain(before, urls) if url.startswith("http")))


def identity(scope: Scope, crawl: CrawlSettings) -> list[Any]:
    """Return what differs, as it is stored in the run file, between two jobs that follow different URLs."""
    settings = [getattr(crawl, name) for name in REACH]
    listed = [list(value) if isinstance(value, tuple) else value for value in settings]
    return [sorted(scope.hosts), sorted(scope.domains), sorted(scope.prefixes), *listed]


def decide_again(journal: Journal, connection: sqlite3.Connection, scope: Scope, traps: Traps, reach: list[Any]) -> None:
    """Decide again on what earlier processes found, if they reached otherwise than `reach`, the identity of this job.

    It is one transaction with the note of the new reach, so it is done once, whole. Cost: a pass over all URLs known.
    """
    before = value(connection, "reach")
    if before is not None and before != reach:
        _decide_all(journal, connection, scope, traps)
    journal.set_values({"reach": reach})
    journal.commit()


def _decide_all(journal: Journal, connection: sqlite3.Connection, scope: Scope, traps: Traps) -> None:
    allowed = frozenset(scope.settings.allow_pattern)
    last = FIRST_ID
    while lot := connection.execute(_KNOWN, (last, LOT)).fetchall():
        changed = []
        for id, url, depth, via, state, reason in lot:
            new = _decided(scope, traps, allowed, (url, 0 if depth == NO_CLICKS else depth, via, state, reason or ""))
            if new is not None:
                changed.append((*new, id))
        journal.put(_SET, changed)
        last = lot[-1][0]
    journal.put("DELETE FROM withheld WHERE pattern = ?", [(pattern,) for pattern in allowed])


def _decided(scope: Scope, traps: Traps, allowed: frozenset[str], known: tuple[str, int, Any, str, str]) -> tuple[str, str] | None:
    """Return the new state and reason of a URL, or None when it stays as it is.

    Whether its links were under nofollow is not kept for each: what was recorded for that reason stays while it is obeyed.
    """
    url, depth, via, state, reason = known
    decision = scope.decide(url, depth, via, follow=reason != "nofollow")
    if decision.verdict != "follow":
        return None if (state, reason) == ("recorded", decision.rule) else ("recorded", decision.rule)
    if state == "queued":
        return None
    if state == "withheld":
        trap: Any = reason.removeprefix("trap:")
        return ("queued", decision.rule) if pattern_of(url, trap) in allowed else None
    found = traps.admit(url)
    return ("queued", decision.rule) if found is None else ("withheld", f"trap:{found}")
