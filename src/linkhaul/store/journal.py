"""The writing side of a run file: visits, links and new targets, in one transaction a batch.

One connection, used by the engine's thread alone; only the commit itself (which waits for the disk) may be handed to
another thread, because SQLite gives Python's lock up for the whole of it. Rows are inserted on the engine's thread: each
insert gives the lock up for a moment, and a writer thread would wait for a busy loop after every single row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count as counter
from typing import Any

import msgspec
from msgspec import Struct

from linkhaul.errors import RunFileError
from linkhaul.model.records import Hop, Link, Page, Target, Visit
from linkhaul.model.sheaf import CELLS, Form, Sheaf
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
_FACT = "INSERT INTO fact VALUES (?, ?)"
_VALIDATOR = "INSERT INTO validator VALUES (?, ?, ?)"
_HOP = "INSERT INTO hop VALUES (?, ?, ?, ?, ?)"
# A statement that stores many rows takes two thirds of the time: much of what one row costs is to step and reset its statement.
_LINKS_AT_ONCE = 64
_LINK = "INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?)"
_MANY_LINKS = _LINK + ", (?, ?, ?, ?, ?, ?, ?)" * (_LINKS_AT_ONCE - 1)
_FORM = f"INSERT INTO form VALUES ({', '.join('?' * 13)})"
MOST_FORMS = 50_000
LOT = 5_000
"""How many rows are made at once: a page of 100,000 links would be in memory twice."""
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
# A URL that was only recorded is queued, or withheld, when somebody finds it within the scope; a shorter way makes it nearer.
_DECIDE = "UPDATE url SET state = ?, reason = ? WHERE id = ? AND state = 'recorded'"
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
        seq: the numbers that URLs get, in the order in which they are found.
        before_commit: called with the transaction still open: for what belongs to it but is stored in one go.
        is_broken: something could not be written; the batch was taken back, and nothing more can be written.

    Raises:
        RunFileError: by whatever writes, when something cannot be written, or could not be before.
    """

    def __init__(self, connection: sqlite3.Connection, *, first_of: Callable[[Link], bool] | None = None) -> None:
        self._db = connection
        self._first_of = first_of
        (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM visit").fetchone()
        (seq,) = connection.execute("SELECT coalesce(max(seq), 0) FROM url").fetchone()
        self.last_visit: int = last
        self.seq = counter(seq + 1)
        self._last_form: int
        (self._last_form,) = connection.execute("SELECT coalesce(max(id), 0) FROM form").fetchone()
        self._forms: dict[Form, int] = {}
        self._is_open = False
        self.before_commit: Callable[[], None] | None = None
        self.is_broken = False
        self._fault: RunFileError | None = None
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS nearer (id INTEGER PRIMARY KEY)")
        connection.execute(
            "CREATE TEMP TRIGGER IF NOT EXISTS nearer AFTER UPDATE OF depth ON main.url WHEN NEW.depth < OLD.depth AND NEW.state <> 'queued'"
            " BEGIN INSERT OR IGNORE INTO nearer VALUES (NEW.id); END"
        )

    def _begin(self) -> None:
        """Open the transaction unless it is open."""
        self._refuse_if_broken()
        if not self._is_open:
            self._run("BEGIN IMMEDIATE")
            self._is_open = True

    def commit(self) -> None:
        """Make everything since the last commit durable. May be called from another thread, while nothing else is called."""
        self._refuse_if_broken()
        if self._is_open:
            if self.before_commit is not None:
                self.before_commit()
            self._run("COMMIT")
            self._is_open = False

    def add_visits(self, visits: Sequence[tuple[Visit, bool]], ids: Mapping[str, int]) -> None:
        """Store visits in order, each with its links unless the page was read by another visit before.

        Args:
            visits: pairs (visit, whether its links are to be stored).
            ids: the ids of link URLs (by `Link.url`), as far as they are known already.
        """
        self._begin()
        rows, hops, done = [], [], []
        beside: dict[str, list[tuple[Any, ...]]] = {_FACT: [], _VALIDATOR: []}
        cells: list[Any] = []
        stored: list[Link] = []
        for visit, with_links in visits:
            self.last_visit = number = self.last_visit + 1
            rows.append(_visit_row(number, visit))
            hops += [(number, n, hop.url, hop.status, hop.location) for n, hop in enumerate(visit.hops, 1)]
            if with_links and visit.page is not None:
                _put_beside(beside, number, visit.page)
                for lot in _lots(visit.page.links):
                    self._add_cells(cells, number, lot, ids)
                    if self._first_of is not None:
                        stored += lot
                    if len(cells) >= LOT * CELLS:
                        self._put_links(cells, stored)
                        cells, stored = [], []
            reason = visit.failure.kind if visit.failure else "redirect" if visit.hops else visit.outcome
            done.append((reason, visit.target.attempt + 1, number, visit.target.id))
        self._many(_VISIT, rows)
        if hops:
            self._many(_HOP, hops)
        for sql, some in beside.items():
            if some:
                self._many(sql, some)
        if cells:
            self._put_links(cells, stored)
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
        seq = self.seq
        new = self._many(
            _NEW, ((u.id, u.url, u.host_id, u.depth, next(seq), u.state, u.reason, u.found_via, u.parent_id or 0) for u in urls)
        )
        if new == len(urls):
            return new, []
        self._many(_NEARER, [(u.depth, u.parent_id, u.id) for u in urls])
        if urls[0].state != "recorded":
            new += self._many(_DECIDE, [(u.state, u.reason, u.id) for u in urls])
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

    def _put_links(self, cells: list[Any], links: list[Link]) -> None:
        lot = CELLS * _LINKS_AT_ONCE
        whole = len(cells) // lot * lot
        self._many(_MANY_LINKS, (cells[at : at + lot] for at in range(0, whole, lot)))
        self._many(_LINK, (cells[at : at + CELLS] for at in range(whole, len(cells), CELLS)))
        if self._first_of is not None:
            ids = zip(cells[1::CELLS], cells[::CELLS], links, strict=True)
            self._many(FIRST, [(url_id, id) for url_id, id, link in ids if url_id is not None and self._first_of(link)])

    def _add_cells(self, cells: list[Any], number: int, links: Sequence[Link], ids: Mapping[str, int]) -> None:
        """Add what is stored of each link, one after the other: id, url_id, url, raw, text, title, form."""
        first = number << LINK_BITS
        if isinstance(links, Sheaf):
            links.store(cells, first, self._form)
            return
        get, form = ids.get, 0
        seen: tuple[Any, ...] | None = None
        for link in links:
            n, url, raw, _, kind, tag, attr, text, rel, title = link[1:11]
            shared = (kind, tag, attr, rel, link[11:19])
            if shared != seen:  # links of one form mostly come together
                seen = shared
                form = self._form(shared)
            cells += (first | n, get(url) if url else None, url, raw, text, title or "", form)

    def _form(self, form: Form) -> int:
        """Return the number of what links share."""
        if (number := self._forms.get(form)) is not None:
            return number
        if len(self._forms) > MOST_FORMS:
            self._forms.clear()
        self._last_form = self._forms[form] = self._last_form + 1
        self._many(_FORM, [(self._last_form, *form[:4], *form[4])])
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
        self._fault = _unwritable(error)
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        return self._fault

    def _refuse_if_broken(self) -> None:
        """Raise what went wrong before: the numbers and forms given out meanwhile are of a batch that is gone, so what is written now would lie."""
        if self._fault is not None:
            raise self._fault


def _lots(links: Sequence[Link]) -> Iterator[Sequence[Link]]:
    """Yield links a lot at a time; those of a sheaf, whose cells are made, at once."""
    if isinstance(links, Sheaf):
        yield links
        return
    for at in range(0, len(links), LOT):
        yield links[at : at + LOT]


def _put_beside(beside: dict[str, list[tuple[Any, ...]]], number: int, page: Page) -> None:
    """Add the rows of what a run may keep of a page besides its links."""
    if page.facts is not None:
        beside[_FACT].append((number, msgspec.json.encode(page.facts).decode()))
    if page.validators is not None:
        beside[_VALIDATOR].append((number, *page.validators))


def _unwritable(error: sqlite3.Error) -> RunFileError:
    remedy = "make space and" if "full" in str(error) else "when that is mended,"
    return RunFileError(
        f"the run file cannot be written: {error}; nothing that was committed is lost: {remedy} give the same command again to go on"
    )


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
