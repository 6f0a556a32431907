"""The schema of the run file, its version and how an older one is brought up to it.

How this works. Rows are append-only where it matters for speed: a visit gets the next number, and a link's id is
``visit * 2**20 + n``, so links are stored in order without an index and a visit's links are one range. A URL's id is the
hash of its key (`model.url.url_id`), the same in every run, so links need no look-up. ``url`` is frontier and seen-set
in one: the partial index ``frontier`` holds only what is still queued, for each host first what may be asked now (in its
order), then what waits for a retry (by time). Nothing is written when a target is leased; what was in flight when a process
died is simply still queued.

What links have in common is stored once: `form` holds each combination of kind, element, rel, region and so on that occurs.
That halves a link's size and takes two thirds off the cost of storing it (Python's sqlite3 spends half a microsecond on
each NULL or boolean it is handed, so a link's row has only texts and integers).

A check asks for more than pages: `purpose` tells page, check (only to see whether it is there) and probe (an address that was made up,
to see what its host answers to it; in no published table), and `fragments` that a target is wanted whole, for its ids. What
was seen of a reply beyond its visit stands in ``sign`` and ``anchors``, as JSON; runs that check nothing leave them empty.

A run with the setting `facts` keeps in ``fact`` what an audit needs of each page that was read (`model.facts.PageFacts` as JSON), and in
``listed`` which URLs which sitemap names. One that `linkhaul monitor` made keeps in ``validator`` what each page can be asked for again by:
its ETag and Last-Modified.

The views (links, pages, urls, hops) are the published tables; the base tables (link, form, visit, url, hop, host) may change
with the version.
"""

from __future__ import annotations

APPLICATION_ID = 0x4C4E4B48
"""'LNKH': what tells a run file from any other SQLite database."""

VERSION = 1
LINK_BITS = 20
"""A link's id is ``visit << LINK_BITS | n``."""

TABLES = """
CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE host (
    id INTEGER PRIMARY KEY, host TEXT NOT NULL UNIQUE, typed INTEGER NOT NULL DEFAULT 0,
    robots_status INTEGER, robots_body BLOB, robots_failure TEXT, robots_at REAL,
    hold_until REAL, parked TEXT
);
CREATE TABLE url (
    id INTEGER PRIMARY KEY, url TEXT NOT NULL, host_id INTEGER NOT NULL, depth INTEGER NOT NULL, seq INTEGER NOT NULL,
    state TEXT NOT NULL, reason TEXT, found_via TEXT NOT NULL, parent_id INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0, not_before REAL, visit INTEGER,
    purpose TEXT NOT NULL DEFAULT 'page', fragments INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX probes ON url (id) WHERE purpose = 'probe';
CREATE INDEX frontier ON url (host_id, not_before, depth, seq) WHERE state = 'queued';
CREATE TABLE visit (
    id INTEGER PRIMARY KEY, url_id INTEGER NOT NULL, page_id INTEGER NOT NULL,
    url TEXT NOT NULL, final_url TEXT NOT NULL, hops INTEGER NOT NULL, status INTEGER, outcome TEXT NOT NULL,
    failure TEXT, detail TEXT, content_type TEXT, charset TEXT, charset_from TEXT, bytes INTEGER NOT NULL,
    dns_s REAL, connect_s REAL, wait_s REAL, read_s REAL, total_s REAL NOT NULL,
    title TEXT, lang TEXT, links INTEGER NOT NULL, found_via TEXT NOT NULL, attempts INTEGER NOT NULL,
    visited_at TEXT NOT NULL, canonical TEXT, robots TEXT
);
CREATE INDEX read_elsewhere ON visit (page_id) WHERE page_id <> url_id;
CREATE TABLE hop (
    visit INTEGER NOT NULL, n INTEGER NOT NULL, url TEXT NOT NULL, status INTEGER NOT NULL, location TEXT NOT NULL,
    PRIMARY KEY (visit, n)
) WITHOUT ROWID;
CREATE TABLE sign (visit INTEGER PRIMARY KEY, facts TEXT NOT NULL);
CREATE TABLE anchors (visit INTEGER PRIMARY KEY, names TEXT NOT NULL);
CREATE TABLE fact (visit INTEGER PRIMARY KEY, facts TEXT NOT NULL);
CREATE TABLE validator (visit INTEGER PRIMARY KEY, etag TEXT NOT NULL, modified TEXT NOT NULL);
CREATE TABLE listed (url_id INTEGER NOT NULL, sitemap TEXT NOT NULL, PRIMARY KEY (url_id, sitemap)) WITHOUT ROWID;
CREATE TABLE link (
    id INTEGER PRIMARY KEY, url_id INTEGER, url TEXT, raw TEXT NOT NULL, text TEXT NOT NULL, title TEXT NOT NULL,
    form INTEGER NOT NULL
);
CREATE TABLE form (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, tag TEXT NOT NULL, attr TEXT NOT NULL, rel TEXT, target TEXT, hreflang TEXT,
    type TEXT, download INTEGER NOT NULL, region TEXT NOT NULL, internal INTEGER NOT NULL, follow INTEGER NOT NULL,
    origin TEXT NOT NULL
);
CREATE TABLE first_link (url_id INTEGER PRIMARY KEY, link_id INTEGER NOT NULL);
CREATE TABLE output (path TEXT PRIMARY KEY, spec TEXT NOT NULL, mark TEXT, upto INTEGER NOT NULL DEFAULT 0);
CREATE TABLE withheld (
    pattern TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, example TEXT NOT NULL, PRIMARY KEY (pattern, reason)
);
CREATE TABLE pattern (kind TEXT NOT NULL, pattern TEXT NOT NULL, state BLOB NOT NULL, PRIMARY KEY (kind, pattern));
CREATE TABLE sitemap (url TEXT PRIMARY KEY, level INTEGER NOT NULL, state TEXT NOT NULL, found INTEGER, fault TEXT);
"""

LINK_COLUMNS = """
    v.final_url AS page_url, l.id & 1048575 AS n, l.url, l.raw,
    CASE WHEN instr(l.url, '#') THEN nullif(substr(l.url, instr(l.url, '#') + 1), '') END AS fragment,
    f.kind, f.tag, f.attr, l.text, f.rel, nullif(l.title, '') AS title, f.target, f.hreflang, f.type, f.download, f.region,
    f.internal, f.follow, f.origin, v.visited_at AS found_at
"""
"""The columns of `links` in the order of model.columns.LINKS."""

PAGE_COLUMNS = """
    v.url, v.final_url, v.hops, v.status, v.outcome, v.failure, v.detail, v.content_type, v.charset, v.charset_from, v.bytes,
    v.dns_s, v.connect_s, v.wait_s, v.read_s, v.total_s, v.title, v.lang, v.links, v.found_via,
    v.attempts, v.visited_at
"""
"""The columns of `pages` in the order of model.columns.PAGES."""

URL_COLUMNS = """
    u.url, h.host, u.state, u.reason, nullif(u.depth, 1000000) AS depth, u.found_via, (SELECT p.url FROM url p WHERE p.id = u.parent_id) AS found_on,
    u.attempts
"""

VIEWS = f"""
CREATE VIEW links AS SELECT {LINK_COLUMNS}, l.url_id, v.page_id, l.id >> 20 AS visit
    FROM link l JOIN visit v ON v.id = l.id >> 20 JOIN form f ON f.id = l.form;
CREATE VIEW pages AS SELECT {PAGE_COLUMNS}, v.url_id, v.page_id, v.id AS visit, v.canonical, v.robots FROM visit v
    WHERE v.found_via <> 'probe';
CREATE VIEW urls AS SELECT {URL_COLUMNS}, u.id, u.parent_id, u.purpose FROM url u JOIN host h ON h.id = u.host_id
    WHERE u.found_via <> 'probe';
CREATE VIEW hops AS SELECT v.url AS asked, hop.n, hop.url, hop.status, hop.location, v.id AS visit FROM hop JOIN visit v ON v.id = hop.visit
    WHERE v.found_via <> 'probe';
CREATE VIEW hosts AS SELECT host, typed, robots_status, robots_failure, hold_until, parked, id FROM host;
"""

MIGRATIONS: dict[int, str] = {}
"""SQL that brings a file of version N to N + 1, by N."""
