"""What has changed between two runs: a site changed in known ways gives those changes and nothing else."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.api.site import Reply, moved, served

from linkhaul.api.doors import crawl
from linkhaul.insight.diff import LINK_FIELDS, DiffRow, differences, links_changed
from linkhaul.insight.links_of_pages import Links, PageLink
from linkhaul.store.opening import create, open_to_read

HTML = (("Content-Type", "text/html"),)


def _doc(body: str, title: str = "A page", head: str = "", lang: str = "en") -> Reply:
    return Reply(f'<html lang="{lang}"><head><title>{title}</title>{head}</head><body>{body}</body></html>', headers=HTML)


BEFORE = {
    "/robots.txt": Reply("", headers=(("Content-Type", "text/plain"),)),
    "/": _doc("".join(f'<a href="/{name}">{name}</a> ' for name in ("same", "title", "meta", "links", "dies", "moves", "breaks", "heals", "alone", "type", "shut"))),
    "/same": _doc('<a href="/">home</a><a href="/same#a">a</a>'),
    "/title": _doc("", title="Old title"),
    "/meta": _doc("", head='<link rel=canonical href="/meta"><meta name=robots content="index">', lang="en"),
    "/links": _doc(
        '<nav><a href="/same">menu</a></nav>'
        '<a href="/a1">goes away</a><a href="/a2">old words</a><a href="/a3">rel</a><a href="/a4" target=_self>target</a><a href="/a5" title="was">title</a>'
        '<a href="/a6" hreflang=de>language</a><a href="/a7" type="text/html">type</a><a href="/a8">leads on</a><a href="/a9">twice</a><a href="/a9">twice</a>'
        '<a href="/same">order</a><a href="/title">matters not</a>'
    ),
    "/dies": _doc(""),
    "/moves": _doc('<a href="/same">x</a>'),
    "/breaks": _doc(""),
    "/heals": Reply("", 503, headers=HTML),
    "/alone": _doc('<a href="/behind">behind</a>'),
    "/behind": _doc(""),
    "/type": _doc(""),
    "/shut": _doc(""),
    **{f"/a{n}": _doc("") for n in range(1, 10)},
}  # fmt: skip
AFTER = BEFORE | {
    "/robots.txt": Reply("User-agent: *\nDisallow: /shut\n", headers=(("Content-Type", "text/plain"),)),
    "/": _doc("".join(f'<a href="/{name}">{name}</a> ' for name in ("same", "title", "meta", "links", "dies", "moves", "breaks", "heals", "type", "new", "shut"))),
    "/title": _doc("", title="New title"),
    "/meta": _doc("", head='<link rel=canonical href="/same"><meta name=robots content="noindex">', lang="de"),
    "/links": _doc(
        '<footer><a href="/same">menu</a></footer>'
        '<a href="/a2">new words</a><a href="/a3" rel=nofollow>rel</a><a href="/a4" target=_blank>target</a><a href="/a5" title="is">title</a>'
        '<a href="/a6" hreflang=fr>language</a><a href="/a7" type="text/plain">type</a><a href="/a8b">leads on</a><a href="/a9">twice</a>'
        '<a href="/title">matters not</a><a href="/same">order</a><a href="/a10">is new</a>'
    ),
    "/dies": Reply("", 410, headers=HTML),
    "/moves": moved("/moved", 301),
    "/moved": _doc('<a href="/same">x</a>'),
    "/breaks": Reply("", 500, headers=HTML),
    "/heals": _doc(""),
    "/type": Reply("text", headers=(("Content-Type", "text/plain"),)),
    "/new": _doc(""),
    "/a8b": _doc(""),
    "/a10": _doc(""),
}  # fmt: skip
EXPECTED = {
    ("page", "changed", "/title", None, "title", "Old title", "New title"),
    ("page", "changed", "/meta", None, "lang", "en", "de"),
    ("page", "changed", "/meta", None, "canonical", "*/meta", "*/same"),
    ("page", "changed", "/meta", None, "robots", "index", "noindex"),
    ("page", "went", "/dies", None, "status", "200", "410"),
    ("page", "moved", "/moves", None, "redirect", None, "*/moved"),
    ("page", "changed", "/breaks", None, "status", "200", "500"),
    ("page", "changed", "/breaks", None, "title", "A page", None),
    ("page", "changed", "/breaks", None, "lang", "en", None),
    ("page", "changed", "/heals", None, "status", "503", "200"),
    ("page", "changed", "/heals", None, "title", None, "A page"),
    ("page", "changed", "/heals", None, "lang", None, "en"),
    ("page", "changed", "/type", None, "outcome", "ok", "not-html"),
    ("page", "changed", "/type", None, "content_type", "text/html", "text/plain"),
    ("page", "changed", "/type", None, "title", "A page", None),
    ("page", "changed", "/type", None, "lang", "en", None),
    ("page", "unlinked", "/alone", None, "state", "200", "no link leads to it"),
    ("page", "unlinked", "/behind", None, "state", "200", "no link leads to it"),
    ("page", "unlinked", "/a1", None, "state", "200", "no link leads to it"),
    ("page", "unlinked", "/a8", None, "state", "200", "no link leads to it"),
    ("page", "unknown", "/shut", None, "outcome", "200", "robots"),
    ("page", "came", "/new", None, "status", None, "200"),
    ("page", "came", "/a8b", None, "status", None, "200"),
    ("page", "came", "/a10", None, "status", None, "200"),
    ("link", "went", "/", "/alone", None, None, None),
    ("link", "came", "/", "/new", None, None, None),
    ("link", "moved", "/links", "/same", "region", "nav", "footer"),
    ("link", "went", "/links", "/a1", None, None, None),
    ("link", "changed", "/links", "/a2", "text", "old words", "new words"),
    ("link", "changed", "/links", "/a3", "rel", None, "nofollow"),
    ("link", "changed", "/links", "/a3", "follow", "1", "0"),
    ("link", "changed", "/links", "/a4", "target", "_self", "_blank"),
    ("link", "changed", "/links", "/a5", "title", "was", "is"),
    ("link", "changed", "/links", "/a6", "hreflang", "de", "fr"),
    ("link", "changed", "/links", "/a7", "type", "text/html", "text/plain"),
    ("link", "changed", "/links", "/a8b", "url", "*/a8", "*/a8b"),
    ("link", "went", "/links", "/a9", None, None, None),
    ("link", "came", "/links", "/a10", None, None, None),
}


class Runs(NamedTuple):
    """The two runs, opened to read, and the site's address."""

    old: sqlite3.Connection
    new: sqlite3.Connection
    base: str


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Crawl the site, change it, and crawl it again."""
    folder = tmp_path_factory.mktemp("diff")
    with served(BEFORE) as site:
        crawl(site.url(), run=folder / "old.run", no_sitemaps=True, retries=0)
        site.pages = dict(AFTER)
        crawl(site.url(), run=folder / "new.run", no_sitemaps=True, retries=0)
        with closing(open_to_read(folder / "old.run")) as old, closing(open_to_read(folder / "new.run")) as new:
            yield Runs(old, new, site.url(""))


def _short(rows: Iterator[DiffRow], base: str) -> list[tuple[object, ...]]:
    return [
        (what, change, page.removeprefix(base), url and url.removeprefix(base), field, old and old.replace(base, "*"), new and new.replace(base, "*"))
        for what, change, page, url, field, old, new, _ in rows
    ]  # fmt: skip


def test_the_known_changes_and_nothing_else(runs: Runs) -> None:
    """Each once."""
    found = _short(differences(runs.old, runs.new), runs.base)
    assert set(found) == EXPECTED
    assert len(found) == len(EXPECTED)


def test_a_run_differs_in_nothing_from_itself(runs: Runs) -> None:
    """Whatever is in it."""
    assert list(differences(runs.new, runs.new)) == []


def test_changes_are_counted(runs: Runs) -> None:
    """By what and how."""
    found = Counter((row.what, row.change) for row in differences(runs.old, runs.new))
    assert found["page", "unlinked"] == 4
    assert found["link", "came"] == 2


def test_what_a_run_that_was_cut_short_did_not_reach_is_unknown(tmp_path: Path) -> None:
    """Neither gone nor unlinked; what only such a run had not met is not surely new."""
    with served(BEFORE) as site:
        crawl(site.url(), run=tmp_path / "whole.run", no_sitemaps=True, retries=0)
        crawl(site.url(), run=tmp_path / "part.run", no_sitemaps=True, retries=0, max_pages=1)
        with closing(open_to_read(tmp_path / "whole.run")) as whole, closing(open_to_read(tmp_path / "part.run")) as part:
            shrunk, grown = _short(differences(whole, part), site.url("")), _short(differences(part, whole), site.url(""))
    assert {(what, change) for what, change, *_ in shrunk} == {("page", "unknown")}
    assert ("page", "unknown", "/behind", None, "state", "200", "the run did not come to its end") in shrunk
    assert ("page", "unknown", "/same", None, "state", "200", "queued: scope:host") in [
        (*row[:6], row[6] if str(row[6]).startswith("the run") else "queued: scope:host") for row in shrunk
    ]
    assert all(row[5] == "not met by a run that did not come to its end" for row in grown if row[1] == "came")


def test_a_form_that_turns_up_while_links_are_read_is_known(tmp_path: Path) -> None:
    """Somebody may write to the newer run; what its links have in common is read again."""
    with closing(create(tmp_path / "live.run")) as live:
        links = Links(live, {})
        assert links.of(1) == []
        live.execute("INSERT INTO form VALUES (7, 'page', 'a', 'href', NULL, NULL, NULL, NULL, 0, 'nav', 1, 1, 'html')")
        live.execute("INSERT INTO link VALUES ((1 << 20) | 1, 5, 'https://a.example/', '/', 'Home', '', 7)")
        assert links.of(1) == [PageLink("https://a.example/", ("Home", None, None, None, None, None, "nav", 1), ("page", "a"))]


TEXTS = st.sampled_from(["", "a", "b"])
LINKS = st.lists(
    st.builds(
        lambda url, text, region: PageLink(url, (text, None, None, None, None, None, region, 1), ("page", "a")),
        st.sampled_from(["/1", "/2", "/3"]), TEXTS, st.sampled_from(["nav", "body"]),
    ),
    max_size=8,
)  # fmt: skip


@given(LINKS, LINKS)
def test_every_link_that_is_not_in_both_is_told_of(old: list[PageLink], new: list[PageLink]) -> None:
    """Came minus went is the difference in number; equal lists, in any order, differ in nothing; others differ in something."""
    rows = list(links_changed("/", old, new))
    came, went = (sum(row.change == change for row in rows) for change in ("came", "went"))
    assert came - went == len(new) - len(old)
    assert bool(rows) == (sorted(old) != sorted(new))
    assert all(row.field in (*LINK_FIELDS, "url", None) for row in rows)
    assert not list(links_changed("/", old, old[::-1]))
