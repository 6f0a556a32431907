"""`linkhaul urls`: the URLs that a run knows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from linkhaul.model.columns import URLS, names

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def crawled(linkhaul: Command, site: str) -> str:
    """Crawl the demo site and return its address."""
    assert linkhaul("crawl", "-q", f"{site}/", "--run", "site.run", "-o", "links.csv")[0] == 0
    return site


def test_a_pipe_gets_csv(linkhaul: Command, crawled: str) -> None:
    """All URLs with all columns; --state and --reason choose among them."""
    code, out, err = linkhaul("urls", "site.run")
    every = list(csv.DictReader(io.StringIO(out, newline="")))
    assert code == 0
    assert list(every[0]) == names(URLS)
    assert f"{len(every)} rows of urls written to standard output" in err
    recorded = list(csv.DictReader(io.StringIO(linkhaul("urls", "site.run", "--state", "recorded")[1], newline="")))
    assert 0 < len(recorded) < len(every)
    assert {row["state"] for row in recorded} == {"recorded"}
    robots = list(csv.DictReader(io.StringIO(linkhaul("urls", "site.run", "--reason", "robots")[1], newline="")))
    assert f"{crawled}/shop/basket/" in {row["url"] for row in robots}


def test_a_file_and_a_format(linkhaul: Command, crawled: str) -> None:
    """-o writes to a file by its suffix, --format to standard output; a file that is there is not touched."""
    assert linkhaul("urls", "site.run", "--reason", "scope", "-o", "out.jsonl")[0] == 0
    before = Path("out.jsonl").read_text()
    assert {json.loads(line)["reason"] for line in before.splitlines()} == {"scope:host"}
    code, _, err = linkhaul("urls", "site.run", "-o", "out.jsonl")
    assert (code, Path("out.jsonl").read_text()) == (3, before)
    assert "--overwrite" in err
    assert linkhaul("urls", "site.run", "-o", "out.jsonl", "--overwrite")[0] == 0
    assert len(Path("out.jsonl").read_text().splitlines()) > len(before.splitlines())
    assert linkhaul("urls", "site.run", "--reason", "scope", "--format", "jsonl")[1] == before


def test_a_terminal_gets_a_table(linkhaul: Command, crawled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """State, reason, depth and URL stand in columns; after so many rows it says where the others are."""
    monkeypatch.setattr("linkhaul.cli.urls.is_terminal", lambda _: True)
    code, out, _ = linkhaul("urls", "site.run", "--state", "recorded")
    assert code == 0
    assert out.split()[:4] == ["state", "reason", "depth", "url"]
    assert "recorded   scope:host" in out
    monkeypatch.setattr("linkhaul.cli.urls.MOST_ROWS", 3)
    code, out, err = linkhaul("urls", "site.run")
    assert len(out.splitlines()) == 4
    assert "more than the 3 above are not shown" in err


def test_a_reason_that_nothing_has(linkhaul: Command, crawled: str) -> None:
    """No row is no error, but the reasons that there are are named."""
    code, out, err = linkhaul("urls", "site.run", "--reason", "robot", "--state", "done")
    assert (code, len(out.splitlines())) == (0, 1)
    assert "no URL of the run has the reason 'robot'; there are: " in err
    assert "robots" in err.split("there are: ")[1]
    assert "scope:host" not in err
    assert linkhaul("urls", "site.run", "--state", "lost")[0] == 2
