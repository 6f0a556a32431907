"""What a run file knows of a link's target: its visit with what was seen of the reply, and its host's answers to made-up addresses.

Works on every run, one that was made before checks existed too: what is not stored is not known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from functools import lru_cache

import msgspec

from linkhaul.decide.media import HTML_TYPES
from linkhaul.decide.verdict import Facts
from linkhaul.model.check import Signs
from linkhaul.model.records import Hop
from linkhaul.model.url import host_of

MOST_REMEMBERED = 4_096
"""Targets kept in memory: links come sorted by URL, so those to one target are near each other."""
MOST_PAGES = 16
"""Pages whose ids are kept in memory."""

_TARGET = """
SELECT u.url, u.state, u.reason, u.attempts, v.id, v.page_id, v.final_url, v.status, v.outcome, v.failure, v.detail, v.content_type, v.title,
    v.attempts, v.hops, {sign}
FROM url u LEFT JOIN visit v ON v.id = u.visit WHERE u.id = ?
"""
_SIGN = "(SELECT facts FROM sign WHERE visit = v.id)"
_ENDED_THERE = """
SELECT NULL, 'done', NULL, 0, v.id, v.page_id, v.final_url, v.status, v.outcome, v.failure, v.detail, v.content_type, v.title, v.attempts, 0, NULL
FROM visit v WHERE v.page_id = ? AND v.page_id <> v.url_id ORDER BY v.id LIMIT 1
"""
_STORED = {"sign": "SELECT facts FROM sign WHERE visit = ?", "anchors": "SELECT names FROM anchors WHERE visit = ?"}
_READ_ELSEWHERE = "SELECT id FROM visit WHERE page_id = ? AND page_id <> url_id ORDER BY id"


_signs_of = msgspec.json.Decoder(Signs).decode
_names_of = msgspec.json.Decoder(list[str]).decode


class Target(msgspec.Struct, frozen=True):
    """The facts of a target, and where what was seen of it is stored: its visit, and the identity of the page where it ended."""

    facts: Facts
    visit: int | None = None
    page_id: int | None = None


class Targets:
    """Answers from a run file; remembers a bounded number of answers.

    Args:
        connection: the run file, opened to read.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        self._target = _TARGET.format(sign=_SIGN if "sign" in self._tables else "NULL")
        self._probe_ids = self._made_up()
        self.of = lru_cache(MOST_REMEMBERED)(self._of)
        self.anchors = lru_cache(MOST_PAGES)(self._anchors)
        self.probes = lru_cache(MOST_REMEMBERED)(self._probes)

    def _of(self, id: int, url: str) -> Target:
        """Return what is known of the target of this identity; `url` names one that the run has not met."""
        row = self._db.execute(self._target, (id,)).fetchone()
        if row is None:
            return Target(Facts(url=url, state="unknown"))
        if row[4] is None and row[2] == "redirect":
            row = self._db.execute(_ENDED_THERE, (id,)).fetchone() or row
        state, reason, attempts, visit, page_id, final_url, status, outcome = row[1:9]
        failure, detail, content_type, title, tries, hops, sign = row[9:]
        signs: Signs | None = None
        if visit is not None:
            signs = _signs_of(sign) if sign is not None else self._signs(visit, page_id)
        facts = Facts(
            url=row[0] or url, state=state, reason=reason, tries=attempts if visit is None else tries, status=status, failure=failure,
            detail=detail, outcome=outcome, final_url=final_url, hops=self._hops(visit) if hops else (), content_type=content_type, title=title,
            signs=signs,
        )  # fmt: skip
        return Target(facts) if visit is None else Target(facts, visit, page_id)

    def _hops(self, visit: int) -> tuple[Hop, ...]:
        sql = "SELECT url, status, location FROM hop WHERE visit = ? ORDER BY n"
        return tuple(Hop(*hop) for hop in self._db.execute(sql, (visit,)))

    def _probes(self, host: str) -> tuple[Facts, ...]:
        """Return what is known of the made-up addresses of a host."""
        return tuple(self._of(id, "").facts for id in self._probe_ids.get(host, ()))

    def _anchors(self, visit: int | None, page_id: int | None) -> Collection[str] | None:
        """Return the ids and names on the page that a visit ended at; None where they are not known."""
        stored = self._stored("anchors", visit, page_id)
        return None if stored is None else frozenset(_names_of(stored))

    def is_html(self, facts: Facts) -> bool:
        """Tell whether ids can be meant by a fragment of this target: it is HTML, as far as is known."""
        return (facts.content_type or "text/html") in HTML_TYPES

    def _signs(self, visit: int, page_id: int) -> Signs | None:
        stored = self._stored("sign", visit, page_id)
        return None if stored is None else _signs_of(stored)

    def _stored(self, table: str, visit: int | None, page_id: int | None) -> str | None:
        """Return what a table keeps of a visit, or of the visit that read the page where it ended."""
        if table not in self._tables or visit is None:
            return None
        sql = _STORED[table]
        row = self._db.execute(sql, (visit,)).fetchone()
        if row is None and page_id is not None:
            own = self._db.execute("SELECT visit FROM url WHERE id = ? AND visit IS NOT NULL", (page_id,)).fetchall()
            for (other,) in (*own, *self._db.execute(_READ_ELSEWHERE, (page_id,)).fetchmany(10)):
                row = row or self._db.execute(sql, (other,)).fetchone()
        return None if row is None else str(row[0])

    def _made_up(self) -> dict[str, list[int]]:
        """Return the identities of the made-up addresses by host."""
        found: dict[str, list[int]] = {}
        if any(name == "purpose" for _, name, *_ in self._db.execute("PRAGMA table_info(url)")):
            for id, url in self._db.execute("SELECT id, url FROM url WHERE purpose = 'probe' ORDER BY url"):
                found.setdefault(host_of(url), []).append(id)
        return found
