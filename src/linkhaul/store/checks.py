"""What a run file holds for a check: targets that are only looked at, and what was seen of their replies.

Works in the writer's own transaction, beside the journal: a run that checks nothing never calls it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from linkhaul.model.check import Purpose, Seen
from linkhaul.model.records import FoundVia
from linkhaul.store.earlier import Earlier
from linkhaul.store.journal import Journal, NewUrl

MOST_CHANGED = 200_000
"""URLs of which is remembered that they are wanted for more than before; beyond that each is looked up."""

_NEW = """
INSERT OR IGNORE INTO url (id, url, host_id, depth, seq, state, reason, found_via, parent_id, purpose, fragments)
VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, nullif(?, 0), ?, ?)
"""
# What was only recorded is looked at; it keeps its reason, which says why its links are not read. Not what the user keeps out.
_LOOK = "UPDATE url SET state = 'queued', purpose = ? WHERE id = ? AND state = 'recorded' AND reason NOT IN ('skip', 'excluded')"
_WHOLE = "UPDATE url SET fragments = 1 WHERE id = ? AND fragments = 0"
_HTML = "coalesce(v.content_type, 'text/html') IN ('text/html', 'application/xhtml+xml', 'application/vnd.wap.xhtml+xml')"
_IS_KNOWN = f"(NOT {_HTML} OR v.status NOT BETWEEN 200 AND 299 OR EXISTS (SELECT 1 FROM anchors a WHERE a.visit = v.id))"
_WITHOUT_ANCHORS = f"""
SELECT u.visit FROM url u JOIN visit v ON v.id = u.visit
WHERE u.id = ? AND u.state = 'done' AND u.purpose = 'check' AND v.outcome = 'checked' AND NOT {_IS_KNOWN}
"""
_AGAIN = "UPDATE url SET state = 'queued', reason = ?, attempts = 0, not_before = NULL, visit = NULL WHERE id = ?"
_PROMOTE = """
UPDATE url SET purpose = 'page', state = 'queued', reason = ?, found_via = ?, depth = min(depth, ?), not_before = NULL,
    attempts = CASE WHEN visit IS NULL THEN attempts ELSE 0 END, visit = NULL WHERE id = ?
"""
_FORGET = tuple(
    f"DELETE FROM {table} WHERE {column} = ?"
    for table, column in (("visit", "id"), ("hop", "visit"), ("sign", "visit"), ("anchors", "visit"), ("fact", "visit"))
)
_SOONER = """
UPDATE url SET not_before = ?1 WHERE state = 'queued' AND host_id = ?2 AND not_before > ?1 AND reason GLOB ?3 || '[1-9]*'
"""
_USABLE = f"v.outcome IN ('ok', 'checked', 'not-html') AND (?2 = 0 OR {_IS_KNOWN})"
_SEEN_THERE = (
    f"SELECT v.id FROM url u JOIN visit v ON v.id = u.visit WHERE u.id = ?1 AND u.state = 'done' AND v.page_id = u.id AND {_USABLE}"
)
_SEEN_FROM_ELSEWHERE = f"SELECT v.id FROM visit v WHERE v.page_id = ?1 AND v.page_id <> v.url_id AND {_USABLE} LIMIT 1"


class NewCheck(Struct, frozen=True, gc=False):
    """A URL that is to be looked at.

    Attributes:
        reason: why its links are not read, or why it is asked at all.
        is_whole: a fragment leads into it.
    """

    id: int
    url: str
    host_id: int
    depth: int
    reason: str
    found_via: FoundVia
    parent_id: int | None
    purpose: Purpose = "check"
    is_whole: bool = False


class Standing(NamedTuple):
    """What a URL is wanted for by now, and why it is still queued."""

    purpose: Purpose
    is_whole: bool
    reason: str


class Sights:
    """Answers what is known of the targets of a check, through the writer's own connection, so that the batch being written counts."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._changed: set[int] | None = set()

    def changed(self, ids: Iterable[int]) -> None:
        """Note that URLs may be wanted for more than before."""
        if self._changed is not None:
            self._changed.update(ids)
            if len(self._changed) > MOST_CHANGED:
                self._changed = None

    def may_have_changed(self, id: int) -> bool:
        """Return whether a URL may be wanted for more by now than when it was taken from the frontier: of most that is known without a look."""
        return self._changed is None or id in self._changed

    def standing(self, id: int) -> Standing:
        """Return what a URL that the run knows is wanted for."""
        purpose, fragments, reason = self._db.execute("SELECT purpose, fragments, reason FROM url WHERE id = ?", (id,)).fetchone()
        return Standing(purpose, bool(fragments), reason or "")

    def visit_that_saw(self, page_id: int, *, is_whole: bool) -> int | None:
        """Return a visit that ended well at the page of this identity, with its ids if they are wanted; or None."""
        for sql in (_SEEN_THERE, _SEEN_FROM_ELSEWHERE):
            row = self._db.execute(sql, (page_id, is_whole)).fetchone()
            if row is not None:
                return int(row[0])
        return None

    def is_refused(self, probe_id: int) -> bool | None:
        """Return whether a made-up address was answered as it should be; None while that is not known."""
        sql = "SELECT v.failure IS NOT NULL OR v.status >= 400 FROM url u JOIN visit v ON v.id = u.visit WHERE u.id = ?"
        row = self._db.execute(sql, (probe_id,)).fetchone()
        return None if row is None else bool(row[0])


class Checks:
    """Writes it, in the writer's own transaction.

    Attributes:
        known: what is known of the targets.
        earlier: an earlier run, of which is taken over what is fresh; None for none.
    """

    def __init__(self, connection: sqlite3.Connection, journal: Journal) -> None:
        self._db = connection
        self._journal = journal
        self.known = Sights(connection)
        self.earlier: Earlier | None = None
        self._encode = msgspec.json.Encoder().encode

    def add(self, found: Sequence[NewCheck]) -> int:
        """Queue what the run does not ask for yet; return how many targets that makes more.

        What has been looked at without its ids, and is wanted with them now, is asked once more.
        """
        seq, put = self._journal.seq, self._journal.put
        news = [] if self.earlier is None else [new for new in found if new.purpose == "check" and self.earlier.is_new(new.id)]
        fresh = put(
            _NEW,
            [
                (
                    new.id,
                    new.url,
                    new.host_id,
                    new.depth,
                    next(seq),
                    new.reason,
                    new.found_via,
                    new.parent_id or 0,
                    new.purpose,
                    new.is_whole,
                )
                for new in found
            ],
        )
        fresh += put(_LOOK, [(new.purpose, new.id) for new in found])
        if self.earlier is not None:
            fresh -= self.earlier.take_over((new.id, new.host_id, new.is_whole) for new in news)
        whole = [(new.id,) for new in found if new.is_whole]
        if whole and put(_WHOLE, whole):
            self.known.changed(new.id for new in found if new.is_whole)
            for row in whole:
                old = self._db.execute(_WITHOUT_ANCHORS, row).fetchone()
                if old is not None:
                    self.ask_again([(row[0], old[0])], "fragment")
                    fresh += 1
        return fresh

    def promote(self, pages: Iterable[NewUrl]) -> int:
        """Make pages of those that were only to be looked at; return how many of them had been, and are queued again."""
        again = 0
        for new in pages:
            row = self._db.execute("SELECT state, visit FROM url WHERE id = ? AND purpose = 'check'", (new.id,)).fetchone()
            if row is None:
                continue
            again += row[0] == "done"
            self.known.changed((new.id,))
            self._forget(row[1])
            self._journal.put(_PROMOTE, [(new.reason, new.found_via, new.depth, new.id)])
        return again

    def keep(self, seen: Iterable[tuple[int, Seen]]) -> None:
        """Store what was seen: pairs (the visit's number, what)."""
        signs, anchors = [], []
        for number, each in seen:
            signs.append((number, self._encode(each.signs).decode()))
            if each.anchors is not None:
                anchors.append((number, self._encode(each.anchors).decode()))
        if signs:
            self._journal.put("INSERT INTO sign VALUES (?, ?)", signs)
        if anchors:
            self._journal.put("INSERT INTO anchors VALUES (?, ?)", anchors)

    def copied(self, id: int, of_visit: int) -> None:
        """Note how the latest visit ended, a copy of another: one of what was only looked at is no page that was read."""
        self._journal.put(
            "UPDATE url SET reason = (SELECT outcome FROM visit WHERE id = ?) WHERE id = ? AND reason = 'ok'", [(of_visit, id)]
        )

    def ask_again(self, targets: Iterable[tuple[int, int | None]], reason: str) -> None:
        """Queue targets that were done: pairs (id, its visit), which is taken out of the run file."""
        for id, visit in targets:
            self._forget(visit)
            self._journal.put(_AGAIN, [(reason, id)])

    def sooner(self, host_id: int, reason: str, not_before: float) -> None:
        """Let what waits at a host for later than this be asked then, where its reason is this one and a status behind it."""
        self._journal.put(_SOONER, [(not_before, host_id, reason)])

    def _forget(self, visit: int | None) -> None:
        """Take a visit out of the run file, because another will stand in its place."""
        if visit is not None:
            for sql in _FORGET:
                self._journal.put(sql, [(visit,)])
