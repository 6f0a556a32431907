"""A run whose sources cannot be told again: its run file is there as long as somebody asks it, and then goes."""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import Reply, Site, page

import linkhaul
from linkhaul.api.places import Hold, run_path
from linkhaul.errors import LinkhaulError, OutputError

Serve = Callable[[dict[str, Reply]], Site]
Ask = Callable[[linkhaul.Run], Any]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a temporary folder of its own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def only(url: str) -> Iterator[str]:
    """Yield a source as a program may that cannot be told again."""
    yield url


def left(folder: Path) -> list[str]:
    """Return what is there once everything that nobody refers to has gone."""
    gc.collect()
    return [path.name for path in folder.iterdir()]


def one_page(serve: Serve) -> str:
    """Serve a page with two links, and return its address."""
    return serve({"/": page("/a", "/b")}).url()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """Keep every connection that is made, open or not."""
    connect = sqlite3.connect
    kept: list[sqlite3.Connection] = []

    def noted(*words: Any, **choices: Any) -> sqlite3.Connection:
        kept.append(connect(*words, **choices))
        return kept[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    return kept


def assert_closed(connections: list[sqlite3.Connection]) -> None:
    """Assert that there were connections, and that none is open."""
    assert connections
    for connection in connections:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_a_run_is_readable_while_it_is_held_and_then_goes(serve: Serve, temporary: Path) -> None:
    """Tables alone hold it, too; when the last of them has gone, so has the file with its folder."""
    run = linkhaul.links(only(one_page(serve)))
    table = run.links
    assert run.path.parent.parent == temporary
    del run
    assert len(left(temporary)) == 1
    assert len(table) == len(list(table)) == 2
    del table
    assert left(temporary) == []


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda run: run.links, id="links"),
        pytest.param(lambda run: run.pages, id="pages"),
        pytest.param(lambda run: run.urls, id="urls"),
        pytest.param(lambda run: run.audit(), id="audit"),
        pytest.param(lambda run: run.check(only="internal"), id="check"),
        pytest.param(lambda run: run.graph().pages, id="graph"),
        pytest.param(lambda run: run.diff(run), id="diff"),
    ],
)
def test_what_a_run_has_answered_can_be_walked_without_it(serve: Serve, temporary: Path, ask: Ask) -> None:
    """An answer, and whoever walks through one, keeps the file; it goes with the last of them."""
    site = serve({"/": page("/a", "/b")})
    walk = iter(ask(linkhaul.links(only(site.url()))))
    gc.collect()
    assert len(left(temporary)) == 1
    assert len(list(walk)) >= 0
    del walk
    assert left(temporary) == []


async def test_an_awaited_run_goes_too(serve: Serve, temporary: Path) -> None:
    """`alinks` and `acheck` leave nothing either."""
    url = one_page(serve)
    run = await linkhaul.alinks(only(url))
    assert len(run.links) == 2
    result = await linkhaul.acheck(only(url), only="internal")
    assert [each.verdict.name for each in result] == ["broken", "broken"]
    del run, result
    assert left(temporary) == []


def test_what_can_be_gone_on_with_stays(serve: Serve, temporary: Path) -> None:
    """A run that a limit has stopped is still there when its value has gone."""
    path = linkhaul.crawl(only(one_page(serve)), max_pages=1).path
    assert left(temporary) == [path.parent.name]
    assert linkhaul.open_run(path).resume(max_pages=None).state == "finished"


def test_a_run_that_was_named_or_is_found_again_stays(serve: Serve, temporary: Path) -> None:
    """What the user keeps, and what the same call finds, does not go with the value."""
    url = one_page(serve)
    paths = [linkhaul.links(only(url), run="mine.run").path, linkhaul.links([url]).path]
    assert left(temporary) == []
    assert all(path.exists() for path in paths)


def test_a_call_that_cannot_be_meant_leaves_no_folder(temporary: Path) -> None:
    """At the end of the process the folder of a run that was never begun goes."""
    script = """
import linkhaul, pathlib
pathlib.Path("links.parquet").write_text("mine")
try:
    linkhaul.links(iter(["x"]), "links.parquet")
except linkhaul.OutputError:
    print("refused")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | {"TMPDIR": str(temporary)}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "refused\n"
    assert left(temporary) == []


def test_an_output_that_fails_on_the_way_says_where_the_rows_are(serve: Serve, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run file of a generator has no name that the user knows, so the error tells it."""

    def full(*_: object) -> None:
        raise OutputError("links.csv: no space is left")

    monkeypatch.setattr("linkhaul.api.outputs.Output.finish", full)
    with pytest.raises(LinkhaulError) as failed:
        linkhaul.links(only(one_page(serve)), "links.csv")
    (folder,) = left(temporary)
    assert f"are kept in {temporary / folder / 'links.run'}; linkhaul.open_run(" in failed.value.__notes__[0]


def test_a_forked_process_takes_nothing_away(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends in a child that was forked meanwhile is still there for its parent."""
    path = run_path("links", [], [])
    path.touch()
    hold, process = Hold(path), os.getpid()
    monkeypatch.setattr("os.getpid", lambda: process + 1)
    del hold
    assert path.exists()


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda run: len(run.links), id="links"),
        pytest.param(lambda run: run.audit().summaries, id="audit"),
        pytest.param(lambda run: run.graph().pages.head(), id="graph"),
        pytest.param(lambda run: run.diff(run).head(), id="diff"),
        pytest.param(lambda run: run.check(only="internal").by_page(), id="check"),
    ],
)
def test_no_connection_is_only_forgotten(serve: Serve, made: list[sqlite3.Connection], ask: Ask) -> None:
    """Every connection to a run file is closed by the time that nobody refers to it: Python 3.13 warns of others."""
    ask(linkhaul.links(only(one_page(serve))))
    gc.collect()
    assert_closed(made)


def test_a_refused_run_is_let_go(serve: Serve, made: list[sqlite3.Connection]) -> None:
    """A run file of another verb is refused, and nothing is left open."""
    url = one_page(serve)
    linkhaul.links(url, run="x.run")
    with pytest.raises(LinkhaulError, match="is the run of 'linkhaul links'"):
        linkhaul.crawl(url, run="x.run")
    assert_closed(made)
