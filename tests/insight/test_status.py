"""How a run stands."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import Reply, page, served

from linkhaul.api.doors import crawl
from linkhaul.insight.status import status
from linkhaul.read.robots import NOWHERE
from linkhaul.store.lock import RunLock, holder

NOW = 2e9


@contextmanager
def changed(asked: Any, tmp_path: Path, *statements: str) -> Iterator[tuple[sqlite3.Connection, Path]]:
    """Give a copy of the run file in which something is otherwise."""
    path = tmp_path / "copy.run"
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        asked.connection.backup(copy)
        for statement in statements:
            copy.execute(statement)
        yield copy, path


def test_the_counts(asked: Any) -> None:
    """Every URL is counted once, by state and reason; visits are counted by how they ended."""
    found = status(asked.connection, asked.path, NOW)
    counts = {(state, reason): count for state, reason, count in found.urls}
    assert counts["done", "ok"] == 5
    assert counts["withheld", "trap:repeats"] == 2
    assert sum(counts.values()) == asked.connection.execute("SELECT count(*) FROM url").fetchone()[0]
    assert found.outcomes == {"ok": 6, "http-error": 1, "refused": 1}
    assert found.visits == sum(found.outcomes.values()) == 8
    assert {kind: count for kind, count, *_ in found.failures} == {"404": 1, "robots": 1}
    assert found.queued == 0


def test_what_it_was_asked_to_do(asked: Any) -> None:
    """Verb, scope, and the settings that differ from their defaults; those that do not are left out."""
    found = status(asked.connection, asked.path, NOW)
    assert (found.verb, found.settings) == ("crawl", {"depth": 2, "skip": ["/skipped"]})
    assert found.scope == f"scope host: pages of {asked.site.url('')}; at most 2 clicks away; not what matches /skipped"


def test_traps_sitemaps_and_outputs(asked: Any) -> None:
    """What was withheld, what the sitemap gave, and how far the output is."""
    found = status(asked.connection, asked.path, NOW)
    assert [(entry.reason, entry.count) for entry in found.withheld] == [("repeats", 2)]
    assert (found.sitemaps.done, found.sitemaps.queued, found.sitemaps.found, found.sitemaps.faults) == (1, 0, 2, [])
    (output,) = found.outputs
    assert (output.path, output.format, output.table, output.upto) == (str(asked.path.with_name("links.csv")), "csv", "links", 8)
    assert output.mark


def test_who_works_on_it(asked: Any, tmp_path: Path) -> None:
    """While the lock is held the run is running and its holder is named; a finished one has none."""
    found = status(asked.connection, asked.path, NOW)
    assert (found.state, found.worked_on_by, found.stopped_by) == ("finished", None, None)
    with changed(asked, tmp_path) as (copy, path):
        lock = RunLock(path)
        found = status(copy, path, NOW)
        lock.release()
        assert (found.state, (found.worked_on_by or "").split()[0]) == ("running", "process")
        assert status(copy, path, NOW).worked_on_by is None


def test_a_killed_run_is_told_apart(asked: Any, tmp_path: Path) -> None:
    """A run that says it is running, while nobody holds it, was broken off; the text that a killed process left is no holder."""
    with changed(asked, tmp_path, "UPDATE run SET value = '\"running\"' WHERE name = 'state'") as (copy, path):
        path.with_name("copy.run.lock").write_text("process 1 on nowhere")
        assert holder(path) is None
        assert status(copy, path, NOW).state == "broken-off"


def test_a_run_whose_end_was_not_told_is_finished(asked: Any, tmp_path: Path) -> None:
    """A process that is killed between its last row and its last word has done everything."""
    with changed(asked, tmp_path, "UPDATE run SET value = '\"ended\"' WHERE name = 'state'") as (copy, path):
        assert status(copy, path, NOW).state == "finished"


def test_hosts_without_rules_are_not_out_of_reach(asked: Any, tmp_path: Path) -> None:
    """Redirects that lead to no robots.txt leave a host without rules; only what cannot be asked is told as out of reach."""
    sql = "UPDATE host SET robots_failure = '{}: it broke', parked = NULL"
    for kind in NOWHERE:
        with changed(asked, tmp_path, sql.format(kind)) as (copy, path):
            assert (status(copy, path, NOW).unreachable, status(copy, path, NOW).unreachable_count) == ([], 0)
    with changed(asked, tmp_path, sql.format("dns")) as (copy, path):
        assert status(copy, path, NOW).unreachable_count == len(status(copy, path, NOW).unreachable) > 0


def test_what_stopped_it(tmp_path: Path) -> None:
    """A run that a limit ended says which, and what is left."""
    with served({"/": page("/a", "/b"), "/a": page(), "/b": page()}) as site:
        run = crawl(site.url(), run=tmp_path / "x.run", max_pages=1)
    found = run.status()
    assert (found.state, found.stopped_by, found.visits, found.queued) == ("stopped", "max_pages", 1, 2)


def test_speed(asked: Any, tmp_path: Path) -> None:
    """Pages per second are those of the latest process: by its own seconds, by the clock while it runs, else by its last visit."""
    stored = "UPDATE run SET value = '{\"at\": 1000000000, \"visits\": 3}' WHERE name = 'process'"
    times = "UPDATE visit SET visited_at = strftime('%Y-%m-%dT%H:%M:%S.000Z', 1000000000 + id * 10, 'unixepoch')"
    with changed(asked, tmp_path, stored, times, "UPDATE run SET value = '4' WHERE name = 'seconds'") as (copy, path):
        found = status(copy, path, 1e9 + 100)
        assert (found.pages_per_s, found.recent_pages_per_s) == (5 / 4, 1 / 10)
        lock = RunLock(path)
        assert status(copy, path, 1e9 + 100).pages_per_s == pytest.approx(5 / 100)
        lock.release()
        copy.execute("UPDATE run SET value = 'null' WHERE name = 'seconds'")
        assert status(copy, path, 1e9 + 100).pages_per_s == pytest.approx(5 / 80)


def test_hosts_that_are_not_asked(asked: Any, tmp_path: Path) -> None:
    """Parked, unreachable and held hosts are named with their reason; a hold that is over is none."""
    statements = (
        "UPDATE host SET parked = 'asks for 99 s', hold_until = 1 WHERE host LIKE 'http:%'",
        "UPDATE host SET robots_failure = 'dns: no such name', hold_until = 3e9 WHERE host LIKE 'https:%'",
    )
    with changed(asked, tmp_path, *statements) as (copy, path):
        found = status(copy, path, NOW)
    assert [(entry.host, entry.why) for entry in found.parked] == [(asked.site.url(""), "asks for 99 s")]
    assert [(entry.host, entry.why) for entry in found.unreachable] == [("https://other.example", "dns: no such name")]
    assert [(entry.host, entry.why) for entry in found.held] == [("https://other.example", "2065-01-24T05:20:00.000Z")]
    assert (found.parked_count, found.unreachable_count) == (1, 1)


def test_a_sitemap_that_was_only_looked_for_is_no_fault(tmp_path: Path) -> None:
    """There being no /sitemap.xml says nothing; one that is broken is named with its fault."""
    with served({"/": page()}) as site:
        found = crawl(site.url(), run=tmp_path / "x.run").status().sitemaps
        assert (found.done, found.found, found.faults) == (0, 0, [])
        site.pages["/sitemap.xml"] = Reply("<urlset><url>", headers=(("Content-Type", "application/xml"),))
        found = crawl(site.url(), run=tmp_path / "y.run").status().sitemaps
    assert [url for url, _ in found.faults] == [site.url("/sitemap.xml")]
