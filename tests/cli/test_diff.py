"""`linkhaul diff`: what has changed between two runs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.api.site import Site, page, served

from linkhaul.api.doors import open_run

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def twice(linkhaul: Command) -> Iterator[Site]:
    """Crawl a site, take a page away, add another, and crawl it again."""
    with served({"/": page("/a", "/b"), "/a": page(), "/b": page()}) as site:
        assert linkhaul("crawl", "-q", site.url(), "--run", "old.run", "--no-sitemaps")[0] == 0
        site.pages |= {"/": page("/a", "/c", title='New | <b> "title"'), "/c": page("/\x1b[31m")}
        assert linkhaul("crawl", "-q", site.url(), "--run", "new.run", "--no-sitemaps")[0] == 0
        yield site


def test_it_is_told_in_words(linkhaul: Command, twice: Site) -> None:
    """Pages, then links under their page, then how many; nothing but text reaches a terminal."""
    code, out, err = linkhaul("diff", "old.run", "new.run")
    assert code == 0
    assert f"- {twice.url('/b')}  no link leads to it any more" in out
    assert f"+ {twice.url('/c')}  came (200)" in out
    assert f"on {twice.url('/')}" in out
    assert "pages: " in err
    assert "1 no longer linked" in err
    assert "\x1b" not in out


def test_nothing_has_changed(linkhaul: Command, twice: Site) -> None:
    """It is said in so many words."""
    code, out, err = linkhaul("diff", "new.run", "new.run", "--fail-on", "any")
    assert (code, out) == (0, "")
    assert "nothing has changed" in err


def test_a_table_of_changes(linkhaul: Command, twice: Site, folder: Path) -> None:
    """The same rows in a file, on a pipe and in Python; --only takes one sort."""
    assert linkhaul("diff", "old.run", "new.run", "-o", "changes.csv")[0] == 0
    rows = list(csv.DictReader(io.StringIO((folder / "changes.csv").read_text("utf-8"), newline="")))
    assert len(rows) == len(list(open_run("old.run").diff(open_run("new.run"))))
    only = list(csv.DictReader(io.StringIO(linkhaul("diff", "old.run", "new.run", "--format", "csv", "--only", "link")[1], newline="")))
    assert only == [row for row in rows if row["what"] == "link"] != []


def test_json_and_markdown(linkhaul: Command, twice: Site, folder: Path) -> None:
    """One object with changes and counts; a Markdown table in which no text of a page is markup."""
    found = json.loads(linkhaul("diff", "old.run", "new.run", "--format", "json")[1])
    assert sum(entry["count"] for entry in found["counts"]) == len(found["changes"]) > 3
    assert linkhaul("diff", "old.run", "new.run", "--format", "markdown", "-o", "changes.md")[0] == 0
    text = (folder / "changes.md").read_text("utf-8")
    assert "New \\| &lt;b>" in text
    assert linkhaul("diff", "old.run", "new.run", "--format", "markdown", "-o", "changes.md")[0] == 3


def test_a_job_can_fail_on_changes(linkhaul: Command, twice: Site) -> None:
    """Exit 1 when there is one of the sorts named; a sort that is none is refused."""
    assert linkhaul("diff", "old.run", "new.run", "--fail-on", "unlinked,went")[0] == 1
    assert linkhaul("diff", "old.run", "new.run", "--fail-on", "moved")[0] == 0
    code, _, err = linkhaul("diff", "old.run", "new.run", "--fail-on", "gone")
    assert code == 2
    assert "there are came, went" in err
