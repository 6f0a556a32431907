"""A page that has not changed is taken from the earlier run, and the new run file is as whole as if it had been read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.api.dated import Dated, dated

from linkhaul.api.job import Job
from linkhaul.api.request import Request
from linkhaul.api.revisiting import Revisit
from linkhaul.api.run_file import acknowledge
from linkhaul.api.sources import gather
from linkhaul.config import config_from

PAGES = {
    "/": '<html lang=en><title>Home</title><a href="/a">A</a> <a href="/b" rel=nofollow>B</a> <a href="/old">old</a> <nav><a href="/c#x">C</a></nav>',
    "/a": '<title>A</title><link rel=canonical href="/a"><meta name=robots content="noarchive"><a href="/d">D</a>',
    "/b": '<a href="https://other.example/">out</a>',
    "/c": "<h1>C</h1>",
    "/d": '<a href="/">home</a><img src="/x.png">',
    "/old": ">/moved",
    "/moved": '<title>Moved</title><a href="/a">A</a>',
}
LINKS = "SELECT page_url, n, url, raw, fragment, kind, tag, attr, text, rel, title, target, hreflang, type, region, internal, follow, origin FROM links ORDER BY 1, 2"
SEEN = "SELECT url, final_url, hops, status, outcome, content_type, charset, charset_from, bytes, title, lang, links, found_via, canonical, robots FROM pages ORDER BY 1"
FACTS = "SELECT v.url, f.facts FROM fact f JOIN visit v ON v.id = f.visit ORDER BY 1"
URLS = "SELECT url, state, reason, depth FROM urls ORDER BY 1"


@pytest.fixture
def site() -> Iterator[Dated]:
    """Serve the pages, one with a date instead of a tag and one with neither."""
    with dated(PAGES) as found:
        found.by_date, found.undated = {"/b"}, {"/c"}
        yield found


def _crawl(site: Dated, path: Path, earlier: Path | None = None, **settings: Any) -> Revisit:
    revisit = Revisit(earlier)
    config = config_from({"no_sitemaps": True, "retries": 0, "facts": True, **settings})
    job = Job(
        Request(verb="crawl", sources=gather([site.url()], None, may_be_on_disk=False), config=config, run=str(path), revisit=revisit)
    )
    job.wait()
    acknowledge(path)
    return revisit


def _rows(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_the_new_run_is_as_whole_as_the_first(site: Dated, tmp_path: Path) -> None:
    """Links, pages, facts and URLs are those of a run that read everything; only what has no validator was read."""
    _crawl(site, tmp_path / "1.run")
    assert set(site.statuses().values()) == {200, 301}
    revisit = _crawl(site, tmp_path / "2.run", tmp_path / "1.run")
    assert site.statuses() == {"/": 304, "/a": 304, "/b": 304, "/c": 200, "/d": 304, "/old": 301, "/moved": 304}
    assert revisit.kept == 5
    for sql in (LINKS, SEEN, FACTS, URLS):
        assert _rows(tmp_path / "2.run", sql) == _rows(tmp_path / "1.run", sql) != []


def test_it_goes_on_from_run_to_run(site: Dated, tmp_path: Path) -> None:
    """The third needs the second only, which may have read nothing itself."""
    _crawl(site, tmp_path / "1.run")
    _crawl(site, tmp_path / "2.run", tmp_path / "1.run")
    (tmp_path / "1.run").unlink()
    assert _crawl(site, tmp_path / "3.run", tmp_path / "2.run").kept == 5
    assert _rows(tmp_path / "3.run", LINKS) == _rows(tmp_path / "2.run", LINKS)


def test_what_has_changed_is_read(site: Dated, tmp_path: Path) -> None:
    """And what has gone is gone."""
    _crawl(site, tmp_path / "1.run")
    site.pages["/a"] = '<title>New</title><a href="/e">E</a>'
    del site.pages["/b"]
    site.statuses()
    _crawl(site, tmp_path / "2.run", tmp_path / "1.run")
    assert site.statuses() == {"/": 304, "/a": 200, "/b": 404, "/c": 200, "/e": 404, "/old": 301, "/moved": 304}
    seen = {url: (status, title) for url, _, _, status, _, _, _, _, _, title, *_ in _rows(tmp_path / "2.run", SEEN)}
    assert seen[site.url("/a")] == (200, "New")
    assert seen[site.url("/b")] == (404, None)


def test_pages_that_would_be_read_otherwise_are_read(site: Dated, tmp_path: Path) -> None:
    """Other kinds of link, or facts that were not kept, are on no page that was taken over."""
    _crawl(site, tmp_path / "1.run")
    site.statuses()
    assert _crawl(site, tmp_path / "2.run", tmp_path / "1.run", kinds="page,image").kept == 0
    assert 304 not in site.statuses().values()
    assert any(row[5] == "image" for row in _rows(tmp_path / "2.run", LINKS))


def test_a_run_without_validators_helps_nobody(site: Dated, tmp_path: Path) -> None:
    """Such as one that was not made to be asked again; it is no fault."""
    _crawl(site, tmp_path / "1.run")
    with closing(sqlite3.connect(tmp_path / "1.run")) as connection:
        connection.execute("DROP TABLE validator")
    site.statuses()
    assert _crawl(site, tmp_path / "2.run", tmp_path / "1.run").kept == 0
    assert _rows(tmp_path / "2.run", LINKS) == _rows(tmp_path / "1.run", LINKS)


def test_what_cannot_be_sent_back_is_not(site: Dated, tmp_path: Path) -> None:
    """A tag that would end its header, or is endless, does not leave the run file."""
    _crawl(site, tmp_path / "1.run")
    with closing(sqlite3.connect(tmp_path / "1.run")) as connection:
        connection.execute("UPDATE validator SET etag = '\"a\"' || char(13) || char(10) || 'X-Evil: 1', modified = ''")
        connection.commit()
    site.statuses()
    assert _crawl(site, tmp_path / "2.run", tmp_path / "1.run").kept == 0
    assert 304 not in site.statuses().values()


def test_a_run_that_was_broken_off_goes_on(site: Dated, tmp_path: Path) -> None:
    """What it had taken over stays, what is left is asked for in the same way, and nothing is doubled."""
    _crawl(site, tmp_path / "1.run")
    _crawl(site, tmp_path / "2.run", tmp_path / "1.run", max_pages=3)
    assert _rows(tmp_path / "2.run", "SELECT count(*) FROM visit") == [(3,)]
    _crawl(site, tmp_path / "2.run", tmp_path / "1.run")
    for sql in (LINKS, SEEN, FACTS):
        assert _rows(tmp_path / "2.run", sql) == _rows(tmp_path / "1.run", sql)


def test_ordinary_runs_keep_nothing_of_it(site: Dated, tmp_path: Path) -> None:
    """Only who monitors pays for it."""
    job = Job(
        Request(verb="crawl", sources=gather([site.url()], None), config=config_from({"no_sitemaps": True}), run=str(tmp_path / "x.run"))
    )
    job.wait()
    assert _rows(tmp_path / "x.run", "SELECT count(*) FROM validator") == [(0,)]
