"""A run after the fact: its tables, its explanations, and going on with it, with the same settings and with others."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import Reply, Site, moved, page

from linkhaul.api.doors import crawl, links, open_run
from linkhaul.api.sources import UrlList
from linkhaul.api.writing import write_rows
from linkhaul.errors import OutputError, RunFileError
from linkhaul.export.outputs import spec_for
from linkhaul.model.columns import HOPS, HOSTS, URLS

Serve = Callable[[dict[str, Any]], Site]


def tree(leaves: int = 15) -> dict[str, Reply]:
    """Return a binary tree of pages: / leads to /1 and /2, and so on."""
    inner = {f"/{n or ''}": page(f"/{2 * n + 1}", f"/{2 * n + 2}") for n in range(leaves)}
    return inner | {f"/{n}": page() for n in range(leaves, 2 * leaves + 1)}


def done(run: Any) -> set[str]:
    """Return the paths that were taken to their end."""
    return {"/" + url.split("/", 3)[3] for url, _, state, *_ in run.urls if state == "done"}


def written(path: str) -> list[str]:
    """Return the pages that the rows of a CSV file are of, with the links' numbers, sorted."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        return sorted(f"{row['page_url']} {row['n']}" for row in csv.DictReader(file))


def test_the_other_tables(serve: Serve) -> None:
    """urls, hops and hosts are tables like links and pages, and explain, status and withheld answer."""
    site = serve({"/": page("/old", "/x/x/x/"), "/old": moved("/new"), "/new": page()})
    run = crawl(site.url(), run="x.run")
    assert (run.urls.columns, run.hops.columns, run.hosts.columns) == (URLS, HOPS, HOSTS)
    assert [str(row[0]).removeprefix(site.url("")) for row in run.urls] == ["/", "/old", "/x/x/x/", "/new"]
    assert [row[:3] for row in run.hops] == [(site.url("/old"), 1, site.url("/old"))]
    assert len(run.hosts) == 1
    assert [entry.reason for entry in run.withheld] == ["repeats"]
    assert run.explain(site.url("/new")).redirected_from == [site.url("/old")]
    assert run.status().verb == "crawl"
    assert open_run("x.run").explain("/old").state == "done"


def test_resume_goes_on_as_it_was(serve: Serve) -> None:
    """Settings, sources and outputs are those of before; what is there at the end is what an undisturbed run gives."""
    site = serve(tree())
    crawl(site.url(), "whole.csv", run="whole.run", depth=3)
    first = crawl(site.url(), "links.csv", pages="pages.csv", run="x.run", depth=3, max_pages=4)
    assert (first.state, len(done(first))) == ("stopped", 4)
    again = open_run("x.run").resume(max_pages=None)
    assert again.state == "finished"
    assert len(done(again)) == 15
    assert written("links.csv") == written("whole.csv")
    assert len(Path("pages.csv").read_text().splitlines()) == 16
    assert site.asked["/"] == 2
    assert any("max_pages" in notice for notice in again.progress.notices)


def test_resume_keeps_what_selects_rows(serve: Serve) -> None:
    """Columns and filters of an output are kept, in every format that one goes on with."""
    site = serve(tree(3))
    choices: dict[str, Any] = {"columns": "url,n", "match": "/1$", "unique": True}
    crawl(site.url(), ["a.csv", "a.sqlite", "a.jsonl.gz"], run="x.run", max_pages=1, **choices)
    run = open_run("x.run").resume(max_pages=None)
    assert run.state == "finished"
    assert Path("a.csv").read_text().splitlines() == ["url,n", f"{site.url('/1')},1"]
    with closing(sqlite3.connect("a.sqlite")) as database:
        assert database.execute("SELECT url, n FROM links").fetchall() == [(site.url("/1"), 1)]


def test_resume_without_its_sources(serve: Serve) -> None:
    """Sources that cannot be read again are told; what was read of them is gone on with, within the scope around them."""
    site = serve(tree())
    crawl((url for url in [site.url()]), run="x.run", max_pages=2)
    again = open_run("x.run").resume(max_pages=None)
    assert len(done(again)) == 31
    assert "came from a program" in again.progress.notices[0]
    Path("list.txt").write_text(site.url() + "\n")
    crawl(UrlList("list.txt"), run="y.run", max_pages=2)
    Path("list.txt").unlink()
    again = open_run("y.run").resume(max_pages=None)
    assert len(done(again)) == 31
    assert "list.txt: cannot be read again" in again.progress.notices[0]


def test_resume_reads_lists_and_folders_again(serve: Serve) -> None:
    """A list, its column, and a folder with its place on the web are sources of a run that is gone on with."""
    site = serve({"/a": page("/1"), "/b": page("/2")})
    Path("list.csv").write_text(f"name,page\nA,{site.url('/a')}\nB,{site.url('/b')}\n")
    Path("docs").mkdir()
    Path("docs/index.html").write_text("<a href=/3>three</a>")
    links([UrlList("list.csv", "page"), Path("docs")], run="x.run", base_url="https://docs.example/", max_pages=1)
    again = open_run("x.run").resume(max_pages=None)
    assert {link.url for link in again.links} == {site.url("/1"), site.url("/2"), "https://docs.example/3"}


def test_a_finished_run_has_nothing_to_go_on_with(serve: Serve) -> None:
    """Resuming what has come to its end asks for nothing."""
    site = serve(tree(3))
    crawl(site.url(), run="x.run")
    before = site.total
    assert open_run("x.run").resume().progress.done == 0
    assert site.total == before


def test_what_is_no_run_cannot_be_asked(tmp_path: Path) -> None:
    """A missing file and one of somebody else's are errors, and stay as they are."""
    with pytest.raises(RunFileError, match="no run file"):
        open_run("none.run")
    Path("mine.txt").write_text("mine" * 100)
    with pytest.raises(RunFileError, match="not a run file"):
        open_run("mine.txt")
    assert Path("mine.txt").read_text() == "mine" * 100


def test_a_widened_scope_outlives_the_process(serve: Serve) -> None:
    """A seed that redirected to another host widens the scope of the run, also for the process that goes on with it."""
    there = serve(tree())
    here = serve({"/": moved(there.url())})
    crawl(here.url(), run="x.run", max_pages=3, allow_private=True)
    again = crawl(here.url(), run="x.run", allow_private=True)
    assert again.state == "finished"
    assert len([row for row in again.pages if row[4] == "ok"]) == 31


@pytest.mark.parametrize("kind", ["generator", "list"])
def test_the_scope_is_around_every_source(serve: Serve, kind: str) -> None:
    """Sources that are read from a file or a program bound the crawl as those that are named one by one."""
    site = serve(tree(3))
    Path("list.txt").write_text(site.url() + "\n")
    run = crawl((url for url in [site.url()]) if kind == "generator" else UrlList("list.txt"), run="x.run")
    assert len(done(run)) == 7


@pytest.mark.parametrize(
    ("before", "now", "paths"),
    [
        ({"depth": 1}, {"depth": 2}, {"/", "/1", "/2", "/3", "/4", "/5", "/6"}),
        ({"skip": "/1"}, {}, {"/", *(f"/{n}" for n in range(1, 7))}),
        ({"include": "/2"}, {"include": "/[12]$"}, {"/", "/1", "/2"}),
        ({"scope": "page"}, {"scope": "host"}, {"/", *(f"/{n}" for n in range(1, 7))}),
    ],
)
def test_what_was_found_is_decided_again(serve: Serve, before: dict[str, Any], now: dict[str, Any], paths: set[str]) -> None:
    """A run that goes on with a wider reach fetches what it had only recorded, and says so."""
    site = serve(tree(3))
    first = crawl(site.url(), run="x.run", **before)
    assert done(first) < paths
    again = crawl(site.url(), run="x.run", **now)
    assert done(again) == paths
    assert again.state == "finished"


def test_a_narrower_reach_leaves_out_what_waits(serve: Serve) -> None:
    """What is still queued and lies outside a narrower reach is recorded with the rule; what was fetched stays."""
    site = serve(tree(3))
    crawl(site.url(), run="x.run", max_pages=1)
    again = crawl(site.url(), run="x.run", skip="/1$")
    assert done(again) == {"/", "/2", "/5", "/6"}
    assert again.explain("/1").reason == "skip"


def test_links_under_nofollow_are_decided_again(serve: Serve) -> None:
    """What was recorded for nofollow is fetched once that is not obeyed any more, and stays while it is."""
    site = serve({"/": Reply("<a href=/a rel=nofollow>a</a>"), "/a": page()})
    crawl(site.url(), run="x.run", obey_nofollow=True)
    assert done(crawl(site.url(), run="x.run", obey_nofollow=True, depth=5)) == {"/"}
    assert done(crawl(site.url(), run="x.run")) == {"/", "/a"}


def test_a_pattern_is_let_through_as_the_report_says(serve: Serve) -> None:
    """Given the pattern that the report names, the same run fetches what it had withheld; the rest stays withheld."""
    site = serve({"/": page("/x/x/x/1", "/x/x/x/2", "/y/y/y/"), "/x/x/x/1": page(), "/x/x/x/2": page(), "/y/y/y/": page()})
    first = crawl(site.url(), run="x.run")
    (pattern,) = [entry.pattern for entry in first.withheld if entry.count == 2]
    again = crawl(site.url(), run="x.run", allow_pattern=pattern)
    assert done(again) == {"/", "/x/x/x/1", "/x/x/x/2"}
    assert [(entry.example, entry.count) for entry in again.withheld] == [(site.url("/y/y/y/"), 1)]


def test_the_same_reach_decides_nothing_again(serve: Serve) -> None:
    """Going on with the same command leaves what is recorded as it is, whatever the order of sources."""
    site = serve(tree(3))
    first = crawl([site.url("/1"), site.url("/2")], run="x.run", depth=0)
    with closing(sqlite3.connect("x.run")) as database:
        database.execute("UPDATE url SET reason = 'kept' WHERE reason = 'depth'")
        database.commit()
    again = crawl([site.url("/2"), site.url("/1")], run="x.run", depth=0)
    assert done(first) == done(again)
    assert [row[3] for row in again.urls if row[2] == "recorded"] == ["kept"] * 4


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl.gz", "x.sqlite", "x.parquet"])
def test_a_table_is_written_once(serve: Serve, name: str) -> None:
    """An export replaces nothing and adds to nothing unless asked to; then it holds the table once."""
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    site = serve(tree(3))
    run = crawl(site.url(), run="x.run")

    def write(*, overwrite: bool = False) -> int:
        return write_rows(spec_for(name, columns=URLS, table="urls", overwrite=overwrite), run.urls)

    assert write() == 7
    before = Path(name).read_bytes()
    with pytest.raises(OutputError, match="--overwrite"):
        write()
    assert Path(name).read_bytes() == before
    assert write(overwrite=True) == 7
    if name.endswith("csv"):
        assert len(Path(name).read_text().splitlines()) == 8


def test_a_database_may_take_a_second_table(serve: Serve) -> None:
    """A table is added to a database that holds others; an empty file is nobody's."""
    site = serve(tree(3))
    run = crawl(site.url(), run="x.run")
    Path("x.csv").touch()
    assert write_rows(spec_for("x.csv", columns=HOSTS, table="hosts"), run.hosts) == 1
    for table in (run.urls, run.hosts):
        write_rows(spec_for("x.sqlite", columns=table.columns, table=table.name), table)
    with closing(sqlite3.connect("x.sqlite")) as database:
        assert database.execute("SELECT (SELECT count(*) FROM urls), (SELECT count(*) FROM hosts)").fetchone() == (7, 1)


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl.gz"])
def test_a_replacement_that_breaks_off_leaves_what_was_there(serve: Serve, name: str) -> None:
    """A table that is to be replaced stays until the new one is whole, and nothing stands beside it afterwards."""
    site = serve(tree(3))
    run = crawl(site.url(), run="x.run")
    write_rows(spec_for(name, columns=URLS, table="urls"), run.urls)
    before = Path(name).read_bytes()

    def broken() -> Iterator[Any]:
        yield from run.urls
        raise OutputError("no space left")

    with pytest.raises(OutputError, match="no space left"):
        write_rows(spec_for(name, columns=URLS, table="urls", overwrite=True), broken())
    assert Path(name).read_bytes() == before
    assert not list(Path().glob("*.part")) + list(Path().glob(".*.part"))


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl.gz", "x.sqlite"])
@pytest.mark.parametrize("before", ["nothing", "empty", "a table"])
def test_an_export_that_breaks_off_leaves_nothing(serve: Serve, name: str, before: str) -> None:
    """What was begun is taken back, and no more than that: the same call finds nothing in its way."""
    site = serve(tree(3))
    run = crawl(site.url(), run="x.run")
    if before == "empty":
        Path(name).touch()
    elif before == "a table" and name.endswith("sqlite"):
        write_rows(spec_for(name, columns=HOSTS, table="hosts"), run.hosts)
    spec = spec_for(name, columns=URLS, table="urls")

    def broken() -> Iterator[Any]:
        yield from run.urls
        raise OutputError("no space left")

    with pytest.raises(OutputError, match="no space left"):
        write_rows(spec, broken())
    assert Path(name).exists() == (before == "empty" or (before == "a table" and name.endswith("sqlite")))
    assert write_rows(spec, run.urls) == 7
    if before == "a table" and name.endswith("sqlite"):
        with closing(sqlite3.connect(name)) as database:
            assert database.execute("SELECT (SELECT count(*) FROM urls), (SELECT count(*) FROM hosts)").fetchone() == (7, 1)


def test_unique_of_a_run_that_was_made_without(serve: Serve) -> None:
    """Opened with `unique`, a run shows each URL once among the links chosen, where it is found first, as one made with it."""
    pages = {"/": page("/a", "/a#b", "/b", "mailto:ann@example.org", "http://["), "/a": page("/b", "/", "/c"), "/b": page("/a")}
    site = serve(pages)
    made_with = crawl(site.url(), run="x.run", unique=True, match="/[abc]", concurrency=1)
    crawl(site.url(), run="y.run", unique=True, match="/[b]", concurrency=1)
    expected = [link.url for link in made_with.links]
    assert sorted(url.rpartition("/")[2] for url in expected) == ["a", "b", "c"]
    assert [link.url for link in open_run("y.run", unique=True, match="/[abc]").links] == expected
    assert len(open_run("y.run", unique=True, kinds="all").links) == 5
