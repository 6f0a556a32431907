"""The tables of a run besides links and pages, and how far it reached."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import moved, page, served

from linkhaul.api.doors import crawl, links
from linkhaul.insight import queries
from linkhaul.model.columns import HOPS, HOSTS, TABLES, URLS, names
from linkhaul.store.opening import open_to_read


def by_path(asked: Any, **which: str) -> dict[str, dict[str, Any]]:
    """Return the rows of urls by path, or by the whole URL on other hosts."""
    rows = [dict(zip(names(URLS), row, strict=True)) for row in queries.urls(asked.connection, **which)]
    return {str(row["url"]).removeprefix(asked.site.url("")): row for row in rows}


def test_every_url_has_its_state_and_reason(asked: Any) -> None:
    """Each URL that was met stands once, with what became of it."""
    assert {path: (row["state"], row["reason"]) for path, row in by_path(asked).items()} == {
        "/": ("done", "ok"),
        "/a": ("done", "ok"),
        "/a2": ("done", "ok"),
        "/a3": ("recorded", "depth"),
        "/old": ("done", "redirect"),
        "/older": ("recorded", "redirect"),
        "/new": ("done", "ok"),
        "/alone": ("done", "ok"),
        "/secret/page": ("done", "robots"),
        "/gone": ("done", "http-error"),
        "/x/x/x/1": ("withheld", "trap:repeats"),
        "/x/x/x/2": ("withheld", "trap:repeats"),
        "https://other.example/": ("recorded", "scope:host"),
        "/skipped/": ("recorded", "skip"),
    }


def test_rows_are_what_their_columns_say(asked: Any) -> None:
    """Depth, how and where it was found, and attempts; a URL that only a sitemap names has no depth and no page."""
    rows = by_path(asked)
    top = asked.site.url()
    assert (rows["/a2"]["depth"], rows["/a2"]["found_via"], rows["/a2"]["found_on"]) == (2, "link", asked.site.url("/a"))
    assert (rows["/"]["depth"], rows["/"]["found_via"], rows["/"]["found_on"], rows["/"]["attempts"]) == (0, "seed", None, 1)
    assert (rows["/alone"]["depth"], rows["/alone"]["found_via"], rows["/alone"]["found_on"]) == (None, "sitemap", None)
    assert rows["/a3"]["attempts"] == 0
    assert rows["/gone"]["found_on"] == top
    assert {row["host"] for row in rows.values()} == {asked.site.url(""), "https://other.example"}


def test_urls_are_chosen_by_state_and_reason(asked: Any) -> None:
    """A reason is matched whole, or by what stands before its colon; never by a part of a word."""
    assert set(by_path(asked, state="withheld")) == {"/x/x/x/1", "/x/x/x/2"}
    assert by_path(asked, reason="trap") == by_path(asked, reason="trap:repeats") == by_path(asked, state="withheld")
    assert set(by_path(asked, state="recorded", reason="scope")) == {"https://other.example/"}
    assert by_path(asked, reason="dept") == by_path(asked, state="queued") == {}


def test_hops_and_hosts(asked: Any) -> None:
    """Redirects stand step by step; a host counts its URLs and says what came of its robots.txt."""
    url = asked.site.url
    hops = [dict(zip(names(HOPS), row, strict=True)) for row in queries.hops(asked.connection)]
    assert [(hop["asked"], hop["n"], hop["url"], hop["status"], hop["location"]) for hop in hops] == [
        (url("/old"), 1, url("/old"), 301, url("/older")),
        (url("/old"), 2, url("/older"), 302, url("/new")),
    ]
    hosts = {row[0]: dict(zip(names(HOSTS), row, strict=True)) for row in queries.hosts(asked.connection)}
    ours = hosts[url("")]
    assert (ours["urls"], ours["done"], ours["queued"], ours["robots_status"]) == (13, 8, 0, 200)
    assert (hosts["https://other.example"]["urls"], hosts["https://other.example"]["robots_status"]) == (1, None)


def test_a_hosts_time_is_text(tmp_path: Path) -> None:
    """The time until which a host is left alone is written as times are everywhere."""
    with served({"/": page()}) as site:
        links(site.url(), run=tmp_path / "x.run")
    with closing(sqlite3.connect(tmp_path / "x.run")) as database:
        database.execute("UPDATE host SET hold_until = 0.5")
        database.commit()
        assert [row[-1] for row in queries.hosts(database)] == ["1970-01-01T00:00:00.500Z"]


def test_the_views_hold_the_same_columns(asked: Any) -> None:
    """The tables that can be exported are those that the published views give, column by column."""
    for table in ("urls", "hops"):
        (description,) = (asked.connection.execute(f"SELECT * FROM {table} LIMIT 0").description,)
        assert [name for name, *_ in description][: len(TABLES[table])] == names(TABLES[table])


@pytest.mark.parametrize("was_killed", [False, True])
def test_what_traps_kept_out(asked: Any, tmp_path: Path, was_killed: bool) -> None:
    """It is told by pattern with its count and first example, also when no process lived to note it."""
    copy = tmp_path / "copy.run"
    with closing(sqlite3.connect(copy)) as database:
        asked.connection.backup(database)
        if was_killed:
            database.execute("DELETE FROM withheld")
            database.commit()
        (found,) = queries.withheld(database)
    assert (found.pattern, found.reason, found.count) == (f"{asked.site.url('')}/x/**", "repeats", 2)
    assert found.example == asked.site.url("/x/x/x/1")


def test_the_scope_is_made_again_from_the_run(asked: Any, tmp_path: Path) -> None:
    """The scope of a run file decides as the crawl did; where a seed was redirected belongs to it."""
    scope = queries.scope_of(asked.connection)
    decided = {row["url"]: scope.decide(row["url"], row["depth"], "link") for row in by_path(asked, reason="depth").values()}
    assert [(verdict, rule) for verdict, rule in decided.values()] == [("record", "depth")]
    with served({"/": page("/a")}) as there, served({"/": moved(there.url())}) as here:
        crawl(here.url(), run=tmp_path / "moved.run")
        with closing(open_to_read(tmp_path / "moved.run")) as connection:
            assert queries.scope_of(connection).hosts == {here.url(""), there.url("")}


def test_a_list_follows_nothing(tmp_path: Path) -> None:
    """The run of `links` has a scope that records what it finds."""
    with served({"/": page("/a")}) as site:
        links(site.url(), run=tmp_path / "x.run")
        with closing(open_to_read(tmp_path / "x.run")) as connection:
            assert queries.scope_of(connection).decide(site.url("/a"), 1) == ("record", "depth")
