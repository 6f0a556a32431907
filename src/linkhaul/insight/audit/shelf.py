"""What an audit puts beside the run file while it works: its pages with what site rules need of their facts, and the findings.

How this works. The run file is opened to read only; the tables here are temporary ones of the same connection, which SQLite keeps on
disk where they are much, so an audit's memory does not grow with the run. One pass over the pages decodes their facts, asks every
page rule, and fills `page` and `alternate`; one pass over the links fills `linked`. Each site rule then is a single query to these and
to the tables of the run file (visit, url, hop, host, listed, sitemap, link, form).

* page: visit, id (identity of its address), url, status, is_indexable, is_noindex, canonical, canonical_id (of another page; NULL for
  its own), title, description, body_hash, likeness, words, has_facts
* alternate: page_id, lang, url, url_id
* linked: url_id, pages (how many other pages link there), first (the visit of the first), is_internal, nofollow (how many of them say
  rel=nofollow), first_nofollow
* finding: rule (its place among those that are asked), n (in the order in which they were found), url, evidence, other, pages
* target, a view: id, url, what (page, redirect, broken, failed, blocked, file or unknown), status, final_url
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import msgspec

from linkhaul.decide.audit.pages import judged
from linkhaul.decide.audit.rule import Examined, Rule
from linkhaul.model.facts import PageFacts
from linkhaul.model.url import host_of, target_url, url_id

LOT = 500
CACHE_KIB = 49_152
"""For the run file, and as much for the tables beside it: pages are looked up by the identity of their address, which is anywhere."""

_TABLES = """
CREATE TEMP TABLE page (
    visit INTEGER PRIMARY KEY, id INTEGER NOT NULL, url TEXT NOT NULL, status INTEGER, is_indexable INTEGER NOT NULL,
    is_noindex INTEGER NOT NULL, canonical TEXT, canonical_id INTEGER, title TEXT, description TEXT, body_hash INTEGER, likeness INTEGER,
    words INTEGER, has_facts INTEGER NOT NULL
);
CREATE TEMP TABLE alternate (page_id INTEGER NOT NULL, lang TEXT NOT NULL, url TEXT NOT NULL, url_id INTEGER NOT NULL);
CREATE TEMP TABLE linked (
    url_id INTEGER PRIMARY KEY, pages INTEGER NOT NULL, first INTEGER NOT NULL, is_internal INTEGER NOT NULL,
    nofollow INTEGER NOT NULL, first_nofollow INTEGER
);
CREATE TEMP TABLE finding (
    rule INTEGER NOT NULL, n INTEGER NOT NULL, url TEXT, evidence TEXT NOT NULL, other TEXT, pages INTEGER NOT NULL, PRIMARY KEY (rule, n)
) WITHOUT ROWID;
CREATE TEMP VIEW target AS
SELECT u.id, u.url, v.status, v.final_url, CASE
    WHEN EXISTS (SELECT 1 FROM page p WHERE p.id = u.id) THEN 'page'
    WHEN v.id IS NULL AND EXISTS (
        SELECT 1 FROM visit w WHERE w.page_id = u.id AND w.page_id <> w.url_id AND w.outcome = 'http-error') THEN 'broken'
    WHEN v.id IS NULL AND u.reason = 'redirect' THEN 'redirect'
    WHEN v.id IS NULL THEN 'unknown'
    WHEN v.outcome = 'http-error' THEN 'broken'
    WHEN v.outcome = 'refused' THEN 'blocked'
    WHEN v.outcome = 'failed' THEN 'failed'
    WHEN v.hops > 0 OR v.outcome = 'redirected' THEN 'redirect'
    ELSE 'file' END AS what
FROM url u LEFT JOIN visit v ON v.id = u.visit;
"""
_READ = """
SELECT v.id, v.page_id, v.final_url, v.status, v.charset, v.charset_from, coalesce(v.wait_s, v.total_s), v.title, {facts}
FROM visit v {join} WHERE v.outcome = 'ok' AND (v.status IS NULL OR v.status BETWEEN 200 AND 299) ORDER BY v.id
"""
_LINKED = """
INSERT INTO linked
WITH shape AS MATERIALIZED (SELECT id, internal, ' ' || rel || ' ' LIKE '% nofollow %' AS nofollow FROM form WHERE kind = 'page')
SELECT l.url_id, count(DISTINCT v.page_id), min(v.id), max(f.internal), count(DISTINCT CASE WHEN f.nofollow THEN v.page_id END),
    min(CASE WHEN f.nofollow THEN v.id END)
FROM link l CROSS JOIN shape f ON f.id = l.form CROSS JOIN visit v ON v.id = l.id >> 20
WHERE l.url_id IS NOT NULL AND l.url_id <> v.page_id GROUP BY l.url_id
"""
_PAGE = f"INSERT INTO page VALUES ({', '.join('?' * 14)})"
_ALTERNATE = "INSERT INTO alternate VALUES (?, ?, ?, ?)"
FINDING = "INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?)"
_INDEXES = (
    "CREATE UNIQUE INDEX temp.page_id ON page (id)",
    "CREATE INDEX temp.page_title ON page (title) WHERE is_indexable",
    "CREATE INDEX temp.page_description ON page (description) WHERE is_indexable",
    "CREATE INDEX temp.page_body ON page (body_hash) WHERE is_indexable",
    "CREATE INDEX temp.alternate_page ON alternate (page_id, url_id)",
)


def fill(connection: sqlite3.Connection, rules: Sequence[Rule]) -> None:
    """Make the tables, and judge every page by the page rules among these.

    Args:
        connection: the run file, opened to read, allowed to make temporary tables.
    """
    connection.create_function("host_of", 1, host_of, deterministic=True)
    connection.execute(f"PRAGMA main.cache_size = -{CACHE_KIB}")
    connection.execute(f"PRAGMA temp.cache_size = -{CACHE_KIB}")
    connection.executescript(_TABLES)
    page_rules = [rule for rule in rules if rule.look is not None]
    place = {rule.id: number for number, rule in enumerate(rules)}
    numbers = count()
    connection.execute("BEGIN")  # all is read as it stands at one moment; whoever calls ends it
    for lot in _lots(_rows(connection)):
        pages: list[tuple[Any, ...]] = []
        alternates: list[tuple[Any, ...]] = []
        findings: list[tuple[Any, ...]] = []
        for row in lot:
            page, cells = _placed(row)
            pages.append(cells)
            if page is not None:
                alternates += [
                    (cells[1], each.lang.strip().lower(), each.url, url_id(target_url(each.url)))
                    for each in page.facts.alternates
                    if each.url
                ]
                findings += [(place[rule.id], next(numbers), page.url, evidence, None, 1) for rule, evidence in judged(page, page_rules)]
        connection.executemany(_PAGE, pages)
        connection.executemany(_ALTERNATE, alternates)
        connection.executemany(FINDING, sorted(findings))
    connection.execute(_LINKED)
    for sql in _INDEXES:
        connection.execute(sql)


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Return whether the run file has a table; one that was made before audits were lacks some."""
    return connection.execute("SELECT 1 FROM main.sqlite_master WHERE name = ?", (name,)).fetchone() is not None


def _rows(connection: sqlite3.Connection) -> Iterator[Any]:
    """Yield what is known of each page, each page once: the first visit that read it."""
    has_facts = has_table(connection, "fact")
    sql = _READ.format(facts="f.facts" if has_facts else "NULL", join="LEFT JOIN fact f ON f.visit = v.id" if has_facts else "")
    known: set[int] = set()
    moved = {id for (id,) in connection.execute("SELECT page_id FROM visit WHERE page_id <> url_id")}  # only these can come twice
    cursor = connection.execute(sql)
    while rows := cursor.fetchmany(LOT):
        for row in rows:
            if row[1] in moved:
                if row[1] in known:
                    continue
                known.add(row[1])
            yield row


def _lots(rows: Iterator[Any]) -> Iterator[list[Any]]:
    lot = []
    for row in rows:
        lot.append(row)
        if len(lot) == LOT:
            yield lot
            lot = []
    if lot:
        yield lot


_DECODER = msgspec.json.Decoder(PageFacts)


def _placed(row: Any) -> tuple[Examined | None, tuple[Any, ...]]:
    """Return a page for its rules (None without facts) and its row of `page`."""
    visit, id, url, status, charset, charset_from, wait_s, title, stored = row
    if stored is None:
        return None, (visit, id, url, status, 0, 0, None, None, title, None, None, None, None, 0)
    facts = _DECODER.decode(stored)
    page = Examined(url, facts, status, charset, charset_from, wait_s if url.startswith("http") else None)
    canonical = None if page.is_canonical else page.canonical
    description = next(iter(facts.descriptions), "") or None
    is_indexable = not page.is_noindex and page.is_canonical
    cells = (
        visit, id, url, status, is_indexable, page.is_noindex, page.canonical, url_id(canonical) if canonical else None,
        next(iter(facts.titles), "") or None, description, facts.body_hash, facts.likeness or None, facts.words, 1,
    )  # fmt: skip
    return page, cells
