"""One crawl of a small site that holds a case of each kind, for all tests that only ask."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.api.site import Reply, Site, moved, page, served

from linkhaul.api.doors import crawl
from linkhaul.store.opening import open_to_read

ROBOTS = "User-agent: *\nAllow: /\nDisallow: /secret\n\nUser-agent: other\nDisallow: /\n"
XML = (("Content-Type", "application/xml"),)
HOSTILE = 'a\x1b[31m "b"\u202e'


def web() -> dict[str, Reply]:
    """Return the pages: three clicks deep, with redirects, a refused and a missing page, a loop of paths, another site."""
    return {
        "/robots.txt": Reply(ROBOTS, headers=(("Content-Type", "text/plain"),)),
        "/": page("/a", "/a", "/old", "/secret/page", "/gone", "/x/x/x/1", "/x/x/x/2", "https://other.example/", "/skipped/", "/"),
        "/a": page("/a2", "/new", "/"),
        "/a2": page("/a3", "/a"),
        "/old": moved("/older", 301),
        "/older": moved("/new"),
        "/new": page("/a"),
        "/alone": page(),
        "/sitemap.xml": Reply("", headers=XML),
    }


class Asked(NamedTuple):
    """The crawl's run file, opened to read, and the site that was crawled."""

    connection: sqlite3.Connection
    path: Path
    site: Site


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Crawl the site once, two clicks deep."""
    path = tmp_path_factory.mktemp("insight") / "site.run"
    with served(web()) as site:
        entries = f"<urlset><url><loc>{site.url('/alone')}</loc></url><url><loc>{site.url('/a')}</loc></url></urlset>"
        site.pages["/sitemap.xml"] = Reply(entries, headers=XML)
        crawl(site.url(), path.with_name("links.csv"), run=path, depth=2, skip="/skipped")
        with closing(open_to_read(path)) as connection:
            yield Asked(connection, path, site)
