"""The writing side of a run file: visits, links and new targets, in one transaction a batch.

One connection, used by the engine's thread alone; only the commit itself (which waits for the disk) may be handed to
another thread, because SQLite gives Python's lock up for the whole of it. Rows are inserted on the engine's thread: each
insert gives the lock up for a moment, and a writer thread would wait for a busy loop after every single row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count as counter
from operator import itemgetter
from typing import Any

from msgspec import Struct

from linkhaul.errors import RunFileError
from linkhaul.model.records import Hop, Link, Target, Visit
from linkhaul.model.times import iso
from linkhaul.model.url import url_id
from linkhaul.store.schema import LINK_BITS

# Python's sqlite3 spends about two microseconds on each None it is handed, and a visit has a dozen: they travel as a value that
# cannot be, and become NULL in SQLite.
_TEXT, _NUMBER = "nullif(?, '')", "nullif(?, -1)"
_VISIT = f"""
INSERT INTO visit VALUES (
    ?, ?, ?, ?, ?, ?, {_NUMBER}, ?, {_TEXT}, {_TEXT}, {_TEXT}, {_TEXT}, {_TEXT}, ?, {_NUMBER}, {_NUMBER}, {_NUMBER}, {_NUMBER}, ?,
    {_TEXT}, {_TEXT}, ?, ?, ?, ?, {_TEXT}, {_TEXT}
)
"""
_HOP = "INSERT INTO hop VALUES (?, ?, ?, ?, ?)"
_LINK = "INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?)"
_FORM = f"INSERT INTO form VALUES ({', '.join('?' * 13)})"
_FORM_PLACES = (5, 6, 7, 9, 11, 12, 13, 14, 15, 16, 17, 18)
_form_of = itemgetter(*_FORM_PLACES)
MOST_FORMS = 50_000
FIRST = "INSERT OR IGNORE INTO first_link VALUES (?, ?)"
_DONE = "UPDATE url SET state = 'done', reason = ?, attempts = ?, visit = ?, not_before = NULL WHERE id = ?"
_AGAIN = "UPDATE url SET attempts = ?, not_before = ?, reason = ? WHERE id = ?"
_COPY = """
INSERT INTO visit SELECT ?1, ?2, page_id, ?3, final_url, ?4, status, outcome, failure, detail, content_type, charset, charset_from,
    bytes, dns_s, connect_s, wait_s, read_s, total_s, title, lang, links, ?5, ?6, visited_at, canonical, robots
FROM visit WHERE id = ?7
"""
_NEW = """
INSERT OR IGNORE INTO url (id, url, host_id, depth, seq, state, reason, found_via, parent_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0))
"""
# A URL that was only recorded is queued when somebody finds it within the scope; a shorter way makes it nearer.
_QUEUE = "UPDATE url SET state = 'queued', reason = ? WHERE id = ? AND state = 'recorded'"
_NEARER = "UPDATE url SET depth = ?1, parent_id = ?2 WHERE id = ?3 AND depth > ?1"


class NewUrl(Struct, frozen=True, gc=False):
    """A URL found on a page, or a seed, with what was decided about it.

    Attributes:
        state: queued (to be fetched) or recorded (known, not fetched) or withheld (a trap).
        reason: the rule that decided.
    """

    id: int
    url: str
    host_id: int
    depth: int
    state: str
    reason: str
    found_via: str
    parent_id: int | None = None


class Again(Struct, frozen=True, gc=False):
    """A target that goes back to the frontier: not before a wall-clock time."""

    target: Target
    not_before: float
    reason: str


class Journal:
    """Writes batches; nothing of a batch is visible or durable before `commit`.

    Args:
        connection: the run file, opened to write.
        first_of: keep for each URL the first link of those that pass (for outputs that name each URL once).

    Attributes:
        last_visit: the number of the latest visit.
        is_broken: something could not be written; the batch was taken back, and nothing more may be written.
    """

    def __init__(self, connection: sqlite3.Connection, *, first_of: Callable[[Link], bool] | None = None) -> None:
        self._db = connection
        self._first_of = first_of
        (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM visit").fetchone()
        (seq,) = connection.execute("SELECT coalesce(max(seq), 0) FROM url").fetchone()
        self.last_visit: int = last
        self._seq = counter(seq + 1)
        self._last_form: int
        (self._last_form,) = connection.execute("SELECT coalesce(max(id), 0) FROM form").fetchone()
        self._forms: dict[tuple[Any, ...], int] = {}
        self._is_open = False
        self.is_broken = False
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS nearer (id INTEGER PRIMARY KEY)")
        connection.execute(
            "CREATE TEMP TRIGGER IF NOT EXISTS nearer AFTER UPDATE OF depth ON main.url WHEN NEW.depth < OLD.depth AND NEW.state <> 'queued'"
            " BEGIN INSERT OR IGNORE INTO nearer VALUES (NEW.id); END"
        )

    def _begin(self) -> None:
        """Open the transaction unless it is open."""
        if not self._is_open:
            self._run("BEGIN IMMEDIATE")
            self._is_open = True

    def commit(self) -> None:
        """Make everything since the last commit durable. May be called from another thread, while nothing else is called."""
        if self._is_open:
            self._run("COMMIT")
            self._is_open = False

    def add_visits(self, visits: Sequence[tuple[Visit, bool]], ids: Mapping[str, int]) -> None:
        """Store visits in order, each with its links unless the page was read by another visit before.

        Args:
            visits: pairs (visit, whether its links are to be stored).
            ids: the ids of link URLs (by `Link.url`), as far as they are known already.
        """
        self._begin()
        rows, hops, links, done = [], [], [], []
        stored: list[Link] = []
        for visit, with_links in visits:
            self.last_visit = number = self.last_visit + 1
            rows.append(_visit_row(number, visit))
            hops += [(number, n, hop.url, hop.status, hop.location) for n, hop in enumerate(visit.hops, 1)]
            if with_links and visit.page is not None:
                links += self._link_rows(number, visit.page.links, ids)
                if self._first_of is not None:
                    stored += visit.page.links
            reason = visit.failure.kind if visit.failure else "redirect" if visit.hops else visit.outcome
            done.append((reason, visit.target.attempt + 1, number, visit.target.id))
        self._many(_VISIT, rows)
        if hops:
            self._many(_HOP, hops)
        if links:
            self._many(_LINK, links)
            if self._first_of is not None:
                self._many(
                    FIRST,
                    [(row[1], row[0]) for row, link in zip(links, stored, strict=True) if row[1] is not None and self._first_of(link)],
                )
        self._many(_DONE, done)

    def add_copy(self, target: Target, hops: Sequence[Hop], of_visit: int) -> None:
        """Store a visit that ends at a page which another visit has read: the same row but for what was asked."""
        self._begin()
        self.last_visit = number = self.last_visit + 1
        self._many(_COPY, [(number, target.id, target.url, len(hops), target.found_via, target.attempt + 1, of_visit)])
        self._many(_HOP, [(number, n, hop.url, hop.status, hop.location) for n, hop in enumerate(hops, 1)])
        self._many(_DONE, [("redirect" if hops else "ok", target.attempt + 1, number, target.id)])

    def add_urls(self, urls: Sequence[NewUrl]) -> tuple[int, list[int]]:
        """Store what is not known yet; all URLs of one call have the same state.

        Returns:
            how many were new or were only recorded before, and the ids of those that are not queued and turned out to be nearer.
        """
        self._begin()
        seq = self._seq
        new = self._many(
            _NEW, [(u.id, u.url, u.host_id, u.depth, next(seq), u.state, u.reason, u.found_via, u.parent_id or 0) for u in urls]
        )
        if new == len(urls):
            return new, []
        self._many(_NEARER, [(u.depth, u.parent_id, u.id) for u in urls])
        if urls[0].state == "queued":
            new += self._many(_QUEUE, [(u.reason, u.id) for u in urls])
        nearer = [id for (id,) in self._db.execute("SELECT id FROM nearer")]
        if nearer:
            self._run("DELETE FROM nearer")
        return new, nearer

    def add_again(self, retries: Iterable[Again]) -> None:
        """Put targets back into the frontier."""
        self._begin()
        self._many(_AGAIN, [(a.target.attempt + 1, a.not_before, a.reason, a.target.id) for a in retries])

    def put(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run another statement within the transaction; return how many rows it changed."""
        self._begin()
        return self._many(sql, rows)

    def _link_rows(self, number: int, links: list[Link], ids: Mapping[str, int]) -> list[tuple[Any, ...]]:
        first = number << LINK_BITS
        get, forms = ids.get, self._forms
        rows = []
        for link in links:
            form = forms.get(_form_of(link)) or self._new_form(_form_of(link))
            url = link[2]
            rows.append((first | link[1], get(url) if url else None, url, link[3], link[8], link[10] or "", form))
        return rows

    def _new_form(self, form: tuple[Any, ...]) -> int:
        if len(self._forms) > MOST_FORMS:
            self._forms.clear()
        self._last_form = self._forms[form] = self._last_form + 1
        self._many(_FORM, [(self._last_form, *form)])
        return self._last_form

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Store values of the run by name, as JSON."""
        self.put("INSERT OR REPLACE INTO run VALUES (?, ?)", [(name, json.dumps(value)) for name, value in values.items()])

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        try:
            return int(self._db.executemany(sql, rows).rowcount)
        except sqlite3.OperationalError as error:
            raise self._broken(error) from None

    def _run(self, sql: str) -> None:
        try:
            self._db.execute(sql)
        except sqlite3.OperationalError as error:
            raise self._broken(error) from None

    def _broken(self, error: sqlite3.Error) -> RunFileError:
        """Take back the batch that could not be written whole: half of one would be doubled when it is done again."""
        self._is_open = False
        self.is_broken = True
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        return _unwritable(error)


def _unwritable(error: sqlite3.Error) -> RunFileError:
    remedy = "make space and give the same command again to go on" if "full" in str(error) else "then give the same command again to go on"
    return RunFileError(f"the run file cannot be written: {error}; nothing that was committed is lost: {remedy}")


def _visit_row(number: int, visit: Visit) -> tuple[Any, ...]:
    """Return a visit as its row, with "" and -1 where there is nothing."""
    target, page, failure, times = visit.target, visit.page, visit.failure, visit.timings
    page_id = target.id if visit.final_url == target.url else url_id(visit.final_url)
    return (
        number, target.id, page_id, target.url, visit.final_url, len(visit.hops), _told(visit.status), visit.outcome,
        failure.kind if failure else "", failure.detail if failure else "", visit.content_type or "",
        (page.charset if page else None) or "", (page.charset_from if page else None) or "", visit.bytes,
        _told(times.dns_s), _told(times.connect_s), _told(times.wait_s), _told(times.read_s), visit.total_s,
        (page.title if page else None) or "", (page.lang if page else None) or "", visit.link_count, target.found_via, target.attempt + 1,
        iso(visit.visited_at), (page.canonical if page else None) or "", (page.robots if page else None) or "",
    )  # fmt: skip


def _told(number: float | None) -> float:
    return -1 if number is None else number
