"""What a run says of one URL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import Reply, page, served

from linkhaul.api.doors import crawl, links
from linkhaul.errors import SourceError
from linkhaul.insight.explain import SHOWN, explain
from linkhaul.store.opening import open_to_read


@pytest.mark.parametrize(
    ("path", "state", "reason", "said"),
    [
        ("/a", "done", "ok", "ok, status 200"),
        ("/gone", "done", "http-error", "http-error, status 404"),
        ("/old", "done", "redirect", "after redirects"),
        ("/older", "recorded", "redirect", "a redirect led over it"),
        ("/a3", "recorded", "depth", "--depth"),
        ("/skipped/", "recorded", "skip", "--exclude"),
        ("/secret/page", "done", "robots", "line 3: Disallow: /secret"),
        ("/x/x/x/1", "withheld", "trap:repeats", "repeats a segment"),
    ],
)
def test_state_and_rule(asked: Any, path: str, state: str, reason: str, said: str) -> None:
    """Each state has a sentence that names the rule behind it."""
    found = explain(asked.connection, asked.site.url(path))
    assert (found.state, found.reason) == (state, reason)
    assert said in found.meaning


def test_out_of_scope(asked: Any) -> None:
    """A URL of another site names the scope, and says that its robots.txt was not asked for."""
    found = explain(asked.connection, "https://other.example")
    assert "outside the scope 'host'" in found.meaning
    assert found.robots == "robots.txt of https://other.example was not asked for"


def test_the_robots_line_is_read_again(asked: Any) -> None:
    """The line that decides is named for what is allowed, too; what no line speaks of is allowed."""
    assert explain(asked.connection, "/secret/page").robots.endswith("disallows it: line 3: Disallow: /secret")
    assert explain(asked.connection, "/a").robots.endswith("allows it: line 2: Allow: /")
    assert "disallows it: line 3" in explain(asked.connection, "/secret/never/met").robots


def test_the_shortest_way(asked: Any) -> None:
    """The way begins at a source and names the text of each link; a redirect is a step and no click."""
    url = asked.site.url
    way = [(step.url, step.via, step.text) for step in explain(asked.connection, url("/a2")).path]
    assert way == [(url("/"), "seed", None), (url("/a"), "link", "to /a"), (url("/a2"), "link", "to /a2")]
    older = explain(asked.connection, url("/older"))
    assert [(step.url, step.via) for step in older.path] == [(url("/"), "seed"), (url("/old"), "link"), (url("/older"), "redirect")]
    assert older.depth == 1


def test_a_sitemap_is_no_way(asked: Any) -> None:
    """A URL that only a sitemap names has no clicks and no way; one that links lead to as well has."""
    alone, both = explain(asked.connection, "/alone"), explain(asked.connection, "/a")
    assert (alone.depth, alone.path, alone.found_via) == (None, [], "sitemap")
    assert (both.depth, [step.via for step in both.path]) == (1, ["seed", "link"])


def test_who_links_to_it(asked: Any) -> None:
    """Every occurrence counts, pages are counted apart, and each is named with its number and text."""
    found = explain(asked.connection, "/a")
    assert (found.link_count, found.linking_pages) == (4, 3)
    assert [(link.page_url, link.n) for link in found.links[:2]] == [(asked.site.url(), 1), (asked.site.url(), 2)]
    assert {link.text for link in found.links} == {"to /a"}
    assert explain(asked.connection, "/alone").link_count == 0


def test_only_the_first_links_are_named(tmp_path: Path) -> None:
    """Of many links the first are shown and all are counted."""
    with served({"/": page(*["/a"] * (SHOWN + 7))}) as site:
        links(site.url(), run=tmp_path / "x.run")
        with closing(open_to_read(tmp_path / "x.run")) as connection:
            found = explain(connection, "/a")
    assert ([link.n for link in found.links], found.link_count) == (list(range(1, SHOWN + 1)), SHOWN + 7)


def test_redirects_and_the_visit(asked: Any) -> None:
    """The redirects of its visit stand in order, its end names where it came from, and the visit's row is there."""
    url = asked.site.url
    old, new = explain(asked.connection, "/old"), explain(asked.connection, "/new")
    assert [(hop.url, hop.status, hop.location) for hop in old.redirects] == [
        (url("/old"), 301, url("/older")),
        (url("/older"), 302, url("/new")),
    ]
    assert new.redirected_from == [url("/old")]
    assert new.visit is not None
    assert (new.visit["status"], new.visit["title"], new.visit["links"]) == (200, "A page", 1)
    assert explain(asked.connection, "/a3").visit is None


def test_a_url_never_met(asked: Any) -> None:
    """It says so, what a link to it would become, and which known URLs resemble it."""
    known = explain(asked.connection, asked.site.url("/a2/"))
    assert (known.state, known.verdict, known.near[0]) == ("unknown", "follow", asked.site.url("/a2"))
    assert "never met it" in known.meaning
    outside = explain(asked.connection, "https://elsewhere.example/a")
    assert (outside.verdict, outside.reason) == ("record", "scope:host")
    assert outside.near == [asked.site.url("/a")]
    skipped = explain(asked.connection, "/skipped/more")
    assert (skipped.verdict, skipped.reason) == ("record", "skip")
    trapped = explain(asked.connection, "/y/y/y/y")
    assert (trapped.verdict, trapped.reason) == ("withhold", "trap:repeats")


def test_what_was_typed(asked: Any, tmp_path: Path) -> None:
    """A fragment does not count, a path is one of the first source's host, and what is no URL is an error."""
    assert explain(asked.connection, asked.site.url("/a#top")).url == explain(asked.connection, "/a").url
    with pytest.raises(SourceError):
        explain(asked.connection, "mailto:ann@example.org")
    with served({}) as site:
        crawl(iter(()), run=tmp_path / "empty.run")
        assert site.total == 0
    with closing(open_to_read(tmp_path / "empty.run")) as connection, pytest.raises(SourceError, match="no source"):
        explain(connection, "/a")


@pytest.mark.parametrize(
    ("pages", "settings", "said"),
    [
        ({"/robots.txt": Reply("", 403)}, {}, "the server answered 403, which means that there are no rules"),
        ({"/robots.txt": Reply("", 503)}, {"retries": 0}, "robots.txt answered 503, so nothing may be fetched for now"),
        ({"/robots.txt": Reply("User-agent: *\nDisallow: /")}, {"ignore_robots": True}, "--ignore-robots was given"),
    ],
)
def test_answers_that_are_no_rules(tmp_path: Path, pages: Mapping[str, Reply], settings: dict[str, Any], said: str) -> None:
    """A robots.txt that is not there, that fails, or that does not count says so."""
    with served({"/": page(), **pages}) as site:
        links(site.url(), run=tmp_path / "x.run", **settings)
        with closing(open_to_read(tmp_path / "x.run")) as connection:
            assert said in explain(connection, site.url()).robots


def test_a_retry_that_waits(asked: Any, tmp_path: Path) -> None:
    """A URL that is to be asked again says what went wrong and when its time comes."""
    with closing(sqlite3.connect(tmp_path / "copy.run")) as copy:
        asked.connection.backup(copy)
        copy.execute("UPDATE url SET state = 'queued', reason = 'read-timeout', attempts = 2, not_before = 1e9 WHERE url LIKE '%/a2'")
        found = explain(copy, "/a2")
    assert (found.state, found.attempts, found.retry_at) == ("queued", 2, "2001-09-09T01:46:40.000Z")
    assert "the last try ended with read-timeout" in found.meaning


def test_a_circle_of_parents_ends(asked: Any, tmp_path: Path) -> None:
    """A run file in which two URLs name each other as their parent does not hang us."""
    with closing(sqlite3.connect(tmp_path / "copy.run")) as copy:
        asked.connection.backup(copy)
        copy.execute("UPDATE url SET parent_id = (SELECT id FROM url WHERE url LIKE '%/a2') WHERE url LIKE '%/a'")
        assert len(explain(copy, "/a2").path) == 2
