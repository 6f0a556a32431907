"""`linkhaul report`: a run as a document for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from linkhaul.api.doors import open_run
from linkhaul.export.report.writing import REPORT_FORMATS

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def crawled(linkhaul: Command, site: str) -> str:
    """Crawl the demo site and return its address."""
    assert linkhaul("crawl", "-q", f"{site}/", "--run", "site.run", "-o", "links.csv")[0] == 0
    return site


def test_each_format_by_its_suffix(linkhaul: Command, crawled: str, folder: Path) -> None:
    """One file, whole; how healthy the site is is said; what is there is not replaced unasked."""
    for suffix in REPORT_FORMATS:
        code, out, err = linkhaul("report", "site.run", "-o", f"report.{suffix}")
        assert (code, out) == (0, "")
        assert "pages were read" in err
        assert f"report written to report.{suffix}" in err
        assert linkhaul("report", "site.run", "-o", f"report.{suffix}")[0] == 3
        assert linkhaul("report", "site.run", "-o", f"report.{suffix}", "--overwrite")[0] == 0
    text = (folder / "report.html").read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert text.endswith("</html>\n")
    assert crawled in text


def test_standard_output_gets_markdown(linkhaul: Command, crawled: str) -> None:
    """Or HTML, when it is asked for; a workbook needs a file."""
    assert linkhaul("report", "site.run")[1].startswith("# Report on `")
    assert linkhaul("report", "site.run", "--format", "html")[1].startswith("<!DOCTYPE html>")
    code, _, err = linkhaul("report", "site.run", "--format", "xlsx")
    assert code == 2
    assert "-o report.xlsx" in err


def test_against_another_run(linkhaul: Command, crawled: str) -> None:
    """What has changed is told; another run that cannot be read is refused before anything is written."""
    assert "Nothing has changed since site.run" in linkhaul("report", "site.run", "--against", "site.run")[1]
    assert linkhaul("report", "site.run", "--against", "none.run", "-o", "x.html")[0] == 3
    assert not Path("x.html").exists()


def test_python_writes_the_same(linkhaul: Command, crawled: str, folder: Path) -> None:
    """`Run.report` takes a path, another run and a format."""
    run = open_run("site.run")
    run.report("a.md", against=run)
    run.report(folder / "b", format="html")
    assert "What has changed" in (folder / "a.md").read_text("utf-8")
    assert "<html" in (folder / "b").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("site.run", "-o", "report.pdf"), 2, ".html, .md or .xlsx"),
        (("none.run",), 3, "no run file"),
        (("site.run", "-o", "none/report.html"), 3, "make it first"),
        ((), 2, "which run?"),
    ],
)
def test_what_cannot_be_meant(linkhaul: Command, crawled: str, words: tuple[str, ...], code: int, said: str) -> None:
    """A sentence says what to do instead."""
    found, _, err = linkhaul("report", *words)
    assert found == code
    assert said in err


def test_a_report_leaves_the_run_as_it_is(linkhaul: Command, crawled: str) -> None:
    """Nothing is written to the run file."""
    before = json.loads(linkhaul("status", "site.run", "--json")[1])
    linkhaul("report", "site.run", "-o", "report.html")
    assert json.loads(linkhaul("status", "site.run", "--json")[1]) == before
