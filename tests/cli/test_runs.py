"""`linkhaul runs`, and what a verb that asks a run says when none is named."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import page, served

from linkhaul.api.places import run_files

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def three(linkhaul: Command, site: str) -> list[Path]:
    """Make a finished and a stopped run in linkhaul's own folder, and what is no run file; return them, the one used last first."""
    assert linkhaul("links", "-q", f"{site}/contact/", "-o", "a.csv")[0] == 0
    with served({"/": page("/a"), "/a": page()}) as other:
        assert linkhaul("crawl", "-q", other.url(), "-o", "b.csv", "--max-pages", "1")[0] == 0
    stopped, finished = sorted((path for path, _, _ in run_files()), key=lambda path: path.name)
    foreign = stopped.with_name("x.run")
    foreign.write_text("no run")
    for age, path in enumerate((stopped, finished, foreign)):
        os.utime(path, (2_000_000_000 - age, 2_000_000_000 - age))
    return [stopped, finished, foreign]


def test_runs_lists_them(linkhaul: Command, three: list[Path], site: str, folder: Path) -> None:
    """The one used last comes first, with its state, its pages and what it was asked to do; a file that is none is said to be so."""
    code, out, err = linkhaul("runs")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0:6:2] == [str(path) for path in three]
    assert "UTC  stopped, 1 page: crawl http://" in lines[1]
    assert lines[3].endswith(f"UTC  finished, 1 page: links {site}/contact/ -o {folder / 'a.csv'}")
    assert "unreadable, 0 pages: it cannot be read" in lines[5]
    assert lines[6].startswith("3 runs, ")
    assert lines[6].endswith(str(three[0].parent))
    assert [run["state"] for run in json.loads(linkhaul("runs", "--json")[1])] == ["stopped", "finished", "unreadable"]


def test_finished_runs_are_deleted(linkhaul: Command, three: list[Path]) -> None:
    """--delete-finished takes away what has come to its end and nothing else, and says what."""
    code, out, _ = linkhaul("runs", "--delete-finished")
    assert code == 0
    assert out.splitlines()[0] == str(three[1])
    assert "1 run, " in out
    assert "deleted" in out
    assert [path.exists() for path in three] == [True, False, True]
    assert linkhaul("runs", "--delete-finished")[1] == "0 runs, 0.0 MB, deleted\n"


@pytest.mark.parametrize("words", [["status"], ["explain"], ["explain", "https://example.org/"], ["urls"], ["export"]], ids=" ".join)
def test_without_a_run_the_recent_ones_are_listed(linkhaul: Command, three: list[Path], words: list[str]) -> None:
    """One sentence says how to name a run, the runs used last stand below it, and it is a usage error."""
    code, out, err = linkhaul(*words)
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert lines[0].startswith(f"linkhaul: which run? Name its file: linkhaul {words[0]} RUN")
    assert lines[1:7:2] == [str(path) for path in three]


def test_without_any_run_it_is_said_how_to_make_one(linkhaul: Command) -> None:
    """Where there is none the sentence says so and stands alone."""
    code, _, err = linkhaul("status")
    assert code == 2
    assert err.count("\n") == 1
    assert "no run is known here, and 'linkhaul crawl https://example.org/ --run site.run' makes one" in err


def test_explain_with_a_run_alone_asks_for_the_url(linkhaul: Command, three: list[Path]) -> None:
    """A run without a URL is told apart from a URL without a run."""
    code, _, err = linkhaul("explain", str(three[0]))
    assert code == 2
    assert err == f"linkhaul: which URL? For example: linkhaul explain {three[0]} https://example.org/\n"


def test_a_list_says_its_reach_as_a_list(linkhaul: Command, site: str) -> None:
    """The status of a list does not speak of scopes and clicks; nor does explaining a link that was not followed."""
    linkhaul("links", "-q", f"{site}/contact/", "--run", "list.run", "-o", "a.csv")
    assert (
        linkhaul("status", "list.run")[1].splitlines()[1]
        == "the pages named, and where they redirect; their links are recorded, not followed"
    )
    told = linkhaul("explain", "list.run", "/guide/")[1]
    assert "more clicks from the nearest source than the run goes: a crawl as far as --depth allows, a list none" in told


def test_the_reader_may_go(start: Callable[..., Any], three: list[Path]) -> None:
    """Who reads our answer and goes away ends the command as it ends other tools, without a word."""
    read, write = os.pipe()
    os.close(read)
    process = start("runs", stdout=write)
    os.close(write)
    assert process.wait(20) == 141
    assert process.stderr.read() == b""
