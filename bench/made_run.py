"""A run file of a generated site of many pages, and a later one that has changed in known ways: `python -m bench.made_run PAGES FILE LATER`.

Nothing is crawled: what a crawl would have found is written through `linkhaul.store`, as a crawl writes it. The site is a tree in which every page has ten
links: to six others, to its start page, to a random page, to another site and, with rel=nofollow, to its terms. Of a hundred pages one is a 404, one redirects
and one is known from the sitemap alone; one in fifty has a fault of its own. The same for the same number of pages. It needs linkhaul here.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from linkhaul.model.facts import Canonical, Heading, PageFacts, Some
from linkhaul.model.records import FoundVia, Hop, Link, Page, Target, Timings, Visit
from linkhaul.model.url import url_id
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal, NewUrl
from linkhaul.store.notes import Notes, add_listed
from linkhaul.store.opening import create, open_to_write
from linkhaul.store.schema import LINK_BITS

SITE = "https://site.example"
CHILDREN = 6
SECTIONS = 97
OUTSIDE = 5_000
LOT = 1_000
BEGAN = 1_767_225_600.0
FOUND_AT = "2026-01-01T00:00:00Z"
MISSING, MOVED, ISLAND = 7, 14, 77
"""Which of a hundred pages are so."""
FIRST_ODD = 1_000
"""The first pages are all well: everything hangs below them."""
EVERY = 1_000
"""In the later run one page of so many has changed in each way."""
LISTED = 50_000
"""How many pages one sitemap names."""
HEADERS = {
    "cache-control": "max-age=600", "content-encoding": "gzip", "content-security-policy": "default-src 'self'; frame-ancestors 'self'",
    "etag": '"1"', "referrer-policy": "no-referrer", "strict-transport-security": "max-age=31536000", "x-content-type-options": "nosniff",
}  # fmt: skip


def make(path: Path, pages: int) -> None:
    """Write the run of so many pages."""
    with closing(create(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        journal = Journal(connection)
        journal.set_values(
            {
                "verb": "crawl", "state": "finished", "settings": {"facts": True, "kinds": ["page"]}, "sources": [["url", f"{SITE}/"]],
                "process": {"at": BEGAN, "visits": 0}, "seconds": pages / 100,
            }
        )  # fmt: skip
        frontier = Frontier(connection, journal)
        hosts = [frontier.host_id(SITE), *(frontier.host_id(_outside(n)[:-1]) for n in range(OUTSIDE // 5))]
        journal.put("UPDATE host SET robots_status = 200, robots_body = '', robots_at = ?", [(BEGAN,)])
        journal.add_urls(
            [
                NewUrl(_id(_outside(n)), _outside(n), hosts[1 + n % (OUTSIDE // 5)], 9, "recorded", "scope:host", "link")
                for n in range(OUTSIDE)
            ]
        )
        for begin in range(0, pages, LOT):
            numbers = range(begin, min(pages, begin + LOT))
            journal.add_urls([NewUrl(_id(_url(n)), _url(n), hosts[0], _depth(n), "queued", "scope:host", _via(n)) for n in numbers])
        for begin in range(0, pages, LOT):
            _visit_all(journal, range(begin, min(pages, begin + LOT)), pages)
            journal.commit()
        _list_all(Notes(connection, journal), journal, pages)
        journal.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def change(path: Path, older: Path, pages: int) -> dict[str, int]:
    """Write a later run of the same site; return how many changes of each sort a difference has to tell of."""
    shutil.copyfile(older, path)

    def visits(after: int) -> list[int]:
        return [n + 1 for n in range(FIRST_ODD + after, pages, EVERY)]

    titled, gone, retold, led, taken = (visits(after) for after in (20, 30, 40, 50, 60))
    with closing(open_to_write(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        journal = Journal(connection)
        journal.put("UPDATE visit SET title = 'Another title' WHERE id = ?", [(visit,) for visit in titled])
        journal.put("UPDATE visit SET status = 410, outcome = 'http-error' WHERE id = ?", [(visit,) for visit in gone])
        journal.put("UPDATE link SET text = 'Another text' WHERE id = ?", [(_first_link(visit),) for visit in retold])
        journal.put("UPDATE link SET url = url || '?other' WHERE id = ?", [(_first_link(visit),) for visit in led])
        journal.put("DELETE FROM link WHERE id = ?", [(_first_link(visit),) for visit in taken])
        journal.add_urls([NewUrl(_id(_url(pages)), _url(pages), 1, 1_000_000, "queued", "sitemap", "sitemap")])
        _visit_all(journal, [pages], pages)
        journal.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return {
        "page changed": len(titled),
        "page went": len(gone),
        "page came": 1,
        "link changed": len(retold) + len(led),
        "link went": len(taken),
    }


def _first_link(visit: int) -> int:
    return visit << LINK_BITS | 1


def _visit_all(journal: Journal, numbers: Sequence[int], pages: int) -> None:
    """Store the visits of some pages, in order; a page's visit has the number after its own."""
    waiting: list[tuple[Visit, bool]] = []
    ids: dict[str, int] = {}
    for n in numbers:
        url = _url(n)
        target = Target(_id(url), url, SITE, _depth(n), _via(n))
        if _is(n, MOVED):
            journal.add_visits(waiting, ids)
            waiting, ids = [], {}
            journal.add_copy(target, [Hop(url, 301, _url(n - 1))], journal.last_visit)
            continue
        told = Visit(target, url, "http-error", BEGAN + n / 100, 404, bytes=300, timings=Timings(wait_s=0.02), total_s=0.03)
        if not _is(n, MISSING):
            told = _read(n, target, pages, ids)
        waiting.append((told, True))
    if waiting:
        journal.add_visits(waiting, ids)


def _read(n: int, target: Target, pages: int, ids: dict[str, int]) -> Visit:
    """Return the visit of a page that was read, with its links and facts."""
    chance = random.Random(n)
    url = target.url
    title = f"Page {n} of section {n % SECTIONS}" if n % 50 else f"Section {n % SECTIONS}"
    links = [_link(url, k, place) for k, place in enumerate(_places(n, pages, chance), 1)]
    ids |= {link.url: _id(link.url) for link in links if link.url is not None}
    size = 9_000 + chance.randrange(60_000)
    headers = HEADERS if n % 50 != 1 else {**HEADERS, "content-security-policy": ""}
    facts = PageFacts(
        titles=(title,), descriptions=(f"What there is to say of page {n}, and how to make the best of it.",) if n % 50 != 2 else (),
        headings=(Heading(1, title), Heading(2, "More")), canonicals=(Canonical(url, url, "head"),), image_count=3,
        images_without_alt=Some(1, (f"{url}/picture.png",)) if n % 50 == 3 else Some(), lang="en", charset_header="utf-8", charset_meta="utf-8",
        charset_at=60, has_doctype=True, viewport="width=device-width, initial-scale=1",
        open_graph={"og:title": title, "og:type": "article", "og:image": f"{SITE}/a.png", "og:url": url}, json_ld_count=1,
        words=200 + n % 300, likeness=_likeness(n), body_hash=url_id(f"body {n}"), anchors=10, bytes=size, wire_bytes=size // 4, headers=headers,
    )  # fmt: skip
    page = Page(url, url, "utf-8", "header", title, "en", url, links, facts=facts)
    times = Timings(wait_s=chance.expovariate(20), read_s=0.004)
    return Visit(
        target, url, "ok", BEGAN + n / 100, 200, content_type="text/html", bytes=size, timings=times, total_s=(times.wait_s or 0) + 0.01, page=page,
        link_count=len(links),
    )  # fmt: skip


def _places(n: int, pages: int, chance: random.Random) -> Iterator[tuple[str, str, str, str | None]]:
    """Yield where the links of a page lead, with their text, region and rel."""
    for child in range(CHILDREN * n + 1, CHILDREN * n + CHILDREN + 1):
        to = child if child < pages and not _is(child, ISLAND) else chance.randrange(min(pages, FIRST_ODD))
        yield _url(to), f"To page {to}", "main", None
    far = chance.randrange(min(pages, FIRST_ODD))
    yield _url(far), f"See page {far}", "main", None
    yield _outside(chance.randrange(OUTSIDE)), "Elsewhere", "main", None
    yield _url(0), "Start", "nav", None
    yield _url(1), "Terms", "footer", "nofollow"


def _link(page: str, n: int, place: tuple[str, str, str, str | None]) -> Link:
    url, text, region, rel = place
    raw = url.removeprefix(SITE)
    return Link(
        page,
        n,
        url,
        raw,
        None,
        "page",
        "a",
        "href",
        text,
        rel,
        None,
        None,
        None,
        None,
        False,
        region,
        url.startswith(SITE),
        rel is None,
        "html",
        FOUND_AT,
    )


def _list_all(notes: Notes, journal: Journal, pages: int) -> None:
    """Store sitemaps that name every page that answers."""
    for number, begin in enumerate(range(0, pages, LISTED), 1):
        sitemap = f"{SITE}/sitemap-{number}.xml"
        named = [_id(_url(n)) for n in range(begin, min(pages, begin + LISTED)) if not _is(n, MISSING) and not _is(n, MOVED)]
        notes.add_sitemap(sitemap, 0)
        add_listed(journal, sitemap, named)
        notes.end_sitemap(sitemap, len(named), None)


def _is(n: int, which: int) -> bool:
    return n >= FIRST_ODD and n % 100 == which


def _via(n: int) -> FoundVia:
    return "seed" if n == 0 else "sitemap" if _is(n, ISLAND) else "link"


def _depth(n: int) -> int:
    if _is(n, ISLAND):
        return 1_000_000
    depth = 0
    while n:
        n, depth = (n - 1) // CHILDREN, depth + 1
    return depth


def _likeness(n: int) -> int:
    """Return a SimHash; of 200 pages two have nearly the same."""
    return url_id(f"text {n - 1}") ^ 1 if n % 200 == 1 else url_id(f"text {n}")


@lru_cache(200_000)
def _id(url: str) -> int:
    return url_id(url)


def _url(n: int) -> str:
    return f"{SITE}/section-{n % SECTIONS}/page-{n}.html" if n else f"{SITE}/"


def _outside(n: int) -> str:
    return f"https://host-{n % (OUTSIDE // 5)}.example/{n if n >= OUTSIDE // 5 else ''}"


if __name__ == "__main__":
    count, first, later = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    make(first, count)
    print(json.dumps(change(later, first, count)))
