"""What has changed between two runs of the same site: pages and links that came, went, moved or say something else.

How this works. The visits of both run files are sorted by the pages' ids, which are the same in every run, and read side by side. The
links of each file are read once from the first to the last (`insight.links_of_pages`), and of each page's a hash is kept. Only pages
whose hashes differ are looked at again, in the order in which they were visited, and what is found there is sorted by the pages' ids.
So both files are read in their own order, and what is in between is on disk where it is much: it does not matter how large they
are. What is not told:

* **A page that was not reached this time is unknown, not gone.** It is gone when it was asked for and is not there any more (404 or
  410). When the new run came to its end and no link leads to it any more, it is unlinked, which is a fact about the site's links.
* Links are compared on pages that both runs have read. A link is the same when its URL is; links to one URL are paired with those
  that differ least. One that has the same text and place as before but leads elsewhere has changed its target.

Both files are only read. Cost: linear in the links of both.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Literal, NamedTuple, get_args

from linkhaul.insight.links_of_pages import Fields, Links, PageLink
from linkhaul.model.columns import Column, Row
from linkhaul.store.reader import value

Change = Literal["came", "went", "changed", "moved", "unlinked", "unknown"]
CHANGES: tuple[Change, ...] = get_args(Change)

DIFF: tuple[Column, ...] = (
    Column("what", "text", False, "page or link"),
    Column("change", "text", False, "came, went, changed, moved (to another address, or for a link to another part of the page), unlinked (no link leads to the page any more) or unknown (the page was not reached this time)"),
    Column("page_url", "text", False, "the page"),
    Column("url", "text", True, "of a link: what it leads to, now or before"),
    Column("field", "text", True, "what has changed: status, outcome, title, lang, canonical, robots, redirect, content_type; of a link text, rel, title, target, hreflang, type, region, follow or url"),
    Column("old", "text", True, "its value in the older run"),
    Column("new", "text", True, "its value in the newer run"),
    Column("text", "text", True, "of a link: its text"),
)  # fmt: skip

PAGE_FIELDS = ("status", "outcome", "redirect", "title", "lang", "canonical", "robots", "content_type")
LINK_FIELDS = ("text", "rel", "title", "target", "hreflang", "type", "region", "follow")
GONE = (404, 410)
_VISITS = """
SELECT url_id, url, status, outcome, CASE WHEN final_url <> url THEN final_url END, title, lang, canonical, robots, content_type, id, failure
FROM visit ORDER BY url_id
"""
_ASKED = "SELECT id, visit FROM url WHERE purpose = 'page' AND visit IS NOT NULL ORDER BY id"
_READ = "SELECT page_id, min(id), final_url FROM visit WHERE outcome = 'ok' GROUP BY page_id ORDER BY page_id"
_STATE = "SELECT state, reason FROM url WHERE id = ?"


_VISIT = 10
"""Where in a row of _VISITS the visit's number stands, which differs from run to run."""
_SCRATCH = """
CREATE TABLE unequal (visit INTEGER, earlier INTEGER, page_id INTEGER, url TEXT);
CREATE TABLE told (page_id INTEGER, n INTEGER, what TEXT, change TEXT, page_url TEXT, url TEXT, field TEXT, old TEXT, new TEXT, text TEXT);
"""
_TOLD = "INSERT INTO told VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class DiffRow(NamedTuple):
    """One change: a row of DIFF."""

    what: str
    change: Change
    page_url: str
    url: str | None = None
    field: str | None = None
    old: str | None = None
    new: str | None = None
    text: str | None = None


class _Page(NamedTuple):
    id: int
    url: str
    facts: tuple[object, ...]
    failure: str | None

    @property
    def status(self) -> object:
        return self.facts[0]

    @property
    def is_unreached(self) -> bool:
        """Nothing is known of it: no answer, or it was not asked."""
        return self.facts[1] in ("failed", "refused")


def differences(old: sqlite3.Connection, new: sqlite3.Connection) -> Iterator[DiffRow]:
    """Yield what has changed from an older run to a newer one: first the pages, then the links, each in the order of the pages' ids."""
    yield from _pages_changed(old, new)
    known: dict[Fields, int] = {}
    before, after = Links(old, known), Links(new, known)
    with closing(sqlite3.connect("", check_same_thread=False)) as scratch:  # a file without a name, which goes when it is closed
        scratch.executescript(_SCRATCH)
        scratch.executemany("INSERT INTO unequal VALUES (?, ?, ?, ?)", _unequal((old, before), (new, after)))
        for visit, earlier, page_id, url in scratch.execute("SELECT visit, earlier, page_id, url FROM unequal ORDER BY visit"):
            rows = links_changed(url, before.of(earlier), after.of(visit))
            scratch.executemany(_TOLD, [(page_id, n, *row) for n, row in enumerate(rows)])
        for cells in scratch.execute("SELECT what, change, page_url, url, field, old, new, text FROM told ORDER BY page_id, n"):
            yield DiffRow(*cells)


def _unequal(old: tuple[sqlite3.Connection, Links], new: tuple[sqlite3.Connection, Links]) -> Iterator[tuple[int, int, int, str]]:
    """Yield the pages that both have read and whose links are not the same in the same order: visit, earlier visit, id and URL."""
    earlier, later = old[1].hashes(), new[1].hashes()
    for before, after in _side_by_side(_rows(old[0], _READ), _rows(new[0], _READ)):
        if before is not None and after is not None:
            was, now = int(before[1] or 0), int(after[1] or 0)
            if was < len(earlier) and now < len(later) and earlier[was] != later[now]:  # what came while we read is not compared
                yield now, was, int(after[0] or 0), str(after[2])


def _pages_changed(old: sqlite3.Connection, new: sqlite3.Connection) -> Iterator[DiffRow]:
    is_old_whole, is_new_whole = _is_whole(old), _is_whole(new)
    for earlier, later in _side_by_side(_pages(old), _pages(new)):
        if earlier is None:
            assert later is not None
            after = _page(later)
            if not after.is_unreached and not _is_met(old, after.id):
                before = None if is_old_whole else "not met by a run that did not come to its end"
                yield DiffRow("page", "came", after.url, field="status", old=before, new=_text(after.status))
        elif later is None:
            yield _missing(new, _page(earlier), is_whole=is_new_whole)
        elif earlier[:_VISIT] != later[:_VISIT] or earlier[_VISIT + 1 :] != later[_VISIT + 1 :]:
            yield from _of_page(_page(earlier), _page(later))


def links_changed(page_url: str, old: Sequence[PageLink], new: Sequence[PageLink]) -> Iterator[DiffRow]:
    """Yield what has changed in the links of one page; nothing for pages whose links are the same, in whatever order."""
    if old == new:
        return
    gone, come = Counter(old), Counter(new)
    both = gone & come
    left, right = [*(gone - both).elements()], [*(come - both).elements()]
    by_url: dict[tuple[object, ...], list[PageLink]] = defaultdict(list)
    for link in left:
        by_url[link.url, link.kind].append(link)
    unpaired = []
    for link in right:
        partners = by_url[link.url, link.kind]
        if not partners:
            unpaired.append(link)
            continue
        partner = min(partners, key=partial(_distance, link))
        partners.remove(partner)
        yield from _fields(page_url, partner, link)
    yield from _retargeted(page_url, [link for links in by_url.values() for link in links], unpaired)


def _retargeted(page_url: str, left: list[PageLink], right: list[PageLink]) -> Iterator[DiffRow]:
    """Yield what is left: the same text in the same place leads elsewhere, or a link came or went."""
    places: dict[tuple[object, ...], list[PageLink]] = defaultdict(list)
    for link in left:
        places[link.text, link.region, link.kind].append(link)
    for link in right:
        partners = places[link.text, link.region, link.kind]
        if link.text and partners:
            partner = partners.pop(0)
            yield DiffRow("link", "changed", page_url, link.url, "url", partner.url, link.url, link.text)
        else:
            yield DiffRow("link", "came", page_url, link.url, text=link.text)
    for links in places.values():
        for link in links:
            yield DiffRow("link", "went", page_url, link.url, text=link.text)


def _fields(page_url: str, old: PageLink, new: PageLink) -> Iterator[DiffRow]:
    for name, before, after in zip(LINK_FIELDS, old.fields, new.fields, strict=True):
        if before != after:
            change: Change = "moved" if name == "region" else "changed"
            yield DiffRow("link", change, page_url, new.url, name, _text(before), _text(after), new.text)


def _distance(old: PageLink, new: PageLink) -> int:
    return sum(before != after for before, after in zip(old.fields, new.fields, strict=True))


def _of_page(before: _Page, after: _Page) -> Iterator[DiffRow]:
    if after.is_unreached and not before.is_unreached:
        yield DiffRow("page", "unknown", after.url, field="outcome", old=_text(before.status), new=after.failure or _text(after.facts[1]))
        return
    if before.is_unreached:
        if not after.is_unreached:
            yield DiffRow(
                "page", "changed", after.url, field="outcome", old=before.failure or _text(before.facts[1]), new=_text(after.status)
            )
        return
    if before.status not in GONE and after.status in GONE:
        yield DiffRow("page", "went", after.url, field="status", old=_text(before.status), new=_text(after.status))
        return
    if _is_moved(before, after):
        yield DiffRow("page", "moved", after.url, field="redirect", old=_text(before.facts[2]), new=_text(after.facts[2]))
        return
    for name, old, new in zip(PAGE_FIELDS, before.facts, after.facts, strict=True):
        if old != new and not (name == "outcome" and before.status != after.status):  # the status says it already
            yield DiffRow("page", "changed", after.url, field=name, old=_text(old), new=_text(new))


def _is_moved(before: _Page, after: _Page) -> bool:
    return before.facts[2] != after.facts[2] and after.facts[2] is not None


def _missing(new: sqlite3.Connection, before: _Page, *, is_whole: bool) -> DiffRow:
    """Return what is to be said of a page that the newer run has not visited."""
    row = new.execute(_STATE, (before.id,)).fetchone()
    if row is None and is_whole:
        return DiffRow("page", "unlinked", before.url, field="state", old=_text(before.status), new="no link leads to it")
    why = "the run did not come to its end" if row is None else f"{row[0]}: {row[1]}" if row[1] else str(row[0])
    return DiffRow("page", "unknown", before.url, field="state", old=_text(before.status), new=why)


def _is_met(connection: sqlite3.Connection, id: int) -> bool:
    """Whether a run knew a URL, visited or not: then it is not new."""
    return connection.execute(_STATE, (id,)).fetchone() is not None


def _is_whole(connection: sqlite3.Connection) -> bool:
    """Whether a run came to its end with nothing left to ask for."""
    if value(connection, "state", "running") != "finished":
        return False
    return connection.execute("SELECT 1 FROM url WHERE state = 'queued' LIMIT 1").fetchone() is None


def _pages(connection: sqlite3.Connection) -> Iterator[Row]:
    """Yield the visits of the pages that were asked for, in the order of their URLs' ids."""
    asked = _rows(connection, _ASKED)
    its = next(asked, None)
    for row in _rows(connection, _VISITS):
        while its is not None and _id(its) < _id(row):
            its = next(asked, None)
        if its == (row[0], row[_VISIT]):
            yield row


def _page(row: Row) -> _Page:
    id, url, *facts, _, failure = row
    return _Page(int(id or 0), str(url), tuple(facts), None if failure is None else str(failure))


def _rows(connection: sqlite3.Connection, sql: str) -> Iterator[Row]:
    cursor = connection.execute(sql)
    while rows := cursor.fetchmany(1_000):
        yield from rows


def _side_by_side(old: Iterator[Row], new: Iterator[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Yield the rows of both, those with the same id (their first column) together; both are in the order of ids."""
    before, after = next(old, None), next(new, None)
    while before is not None or after is not None:
        if after is None or (before is not None and _id(before) < _id(after)):
            yield before, None
            before = next(old, None)
        elif before is None or _id(after) < _id(before):
            yield None, after
            after = next(new, None)
        else:
            yield before, after
            before, after = next(old, None), next(new, None)


def _id(row: Row) -> int:
    return int(row[0] or 0)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
