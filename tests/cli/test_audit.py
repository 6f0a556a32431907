"""`linkhaul audit`: what is told, in which form, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.insight.audit.faults_of_pages import TITLE
from tests.insight.audit.site import Fault, crawled, page
from tests.motion.world import Answer

from linkhaul.api.doors import open_run
from linkhaul.insight.audit.rules import RULES

Command = Callable[..., tuple[int, str, str]]
GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "<title>Bad \x1b[31m | <b>bold</b> [link](https://evil.example) `x` \u202e</title>"


@pytest.fixture
def run(folder: Path) -> str:
    """Crawl a site with several faults, and return the name of its run file."""
    pages = {f"/p{n}": page(f"/p{n}", links=["/gone"]) for n in range(5)}
    fault = Fault(
        rule="", at=(), linked=(*pages, "/x", "/gone"), listed=(*pages, "/x"), settings={"depth": 1},
        pages={**pages, "/x": page("/x", (TITLE, HOSTILE), (TITLE, rf"\g<0>{HOSTILE}"), ('<html lang="en">', "<html>"), links=["/gone", "/deep"]),
               "/gone": Answer(status=404), "/deep": page("/deep")},
    )  # fmt: skip
    crawled(fault, folder / "site.run")
    return "site.run"


@pytest.mark.parametrize("format", ["text", "markdown", "json"])
def test_it_reads_as_it_should(linkhaul: Command, run: str, format: str) -> None:
    """The words stand in tests/cli/golden; UPDATE_GOLDEN=1 writes them anew. What pages say can harm no terminal and is no markup."""
    code, out, _ = linkhaul("audit", run, "--format", format)
    assert code == 0
    assert "\x1b" not in out
    assert "\u202e" not in out
    path = GOLDEN / f"audit.{format}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(out, encoding="utf-8")
    assert out == path.read_text(encoding="utf-8")


def test_where_the_rest_is(linkhaul: Command, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words only the first findings of a rule are told, and then how to have them all; JSON holds them all."""
    monkeypatch.setattr("linkhaul.insight.audit.audit.EXAMPLES", 0)
    assert "'-o audit.csv' writes all of them" in linkhaul("audit", run)[2]
    assert "writes all of them" not in linkhaul("audit", run, "--format", "json")[2]


def test_a_table_has_a_row_for_each_finding(linkhaul: Command, run: str) -> None:
    """As CSV on standard output, equal to what Python gives."""
    code, out, _ = linkhaul("audit", run, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    found = open_run(run).audit()
    assert code == 0
    assert [row["rule"] for row in rows] == [finding.rule for finding in found]
    assert {row["state"] for row in rows} == {"found", "unknown"}
    assert list(rows[0]) == [column.name for column in found.columns]


def test_json_is_whole(linkhaul: Command, run: str) -> None:
    """What came of every rule, and every finding."""
    told = json.loads(linkhaul("audit", run, "--format", "json")[1])
    assert (told["pages"], told["pages_with_facts"]) == (9, 9)
    assert {rule["id"] for rule in told["rules"]} == {rule.id for rule in RULES}
    assert len(told["findings"]) == len(open_run(run).audit())
    nothing = json.loads(linkhaul("audit", run, "--rules", "mixed-scripts", "--format", "json")[1])
    assert nothing["findings"] == []


@pytest.mark.parametrize("name", ["a.md", "a.json", "a.txt", "a.csv", "a.jsonl"])
def test_a_file_is_written_by_its_suffix(linkhaul: Command, run: str, folder: Path, name: str) -> None:
    """And not over one that is there, unless asked."""
    assert linkhaul("audit", run, "-o", name)[:2] == (0, "")
    assert (folder / name).stat().st_size
    code, _, err = linkhaul("audit", run, "-o", name)
    assert code == 3
    assert "--overwrite" in err
    assert linkhaul("audit", run, "-o", name, "--overwrite")[0] == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 0), (("--fail-on", "error"), 1), (("--fail-on", "notice"), 1), (("--fail-on", "title-many"), 1), (("--fail-on", "orphan,soft-404"), 0),
        (("--fail-on", "orphan", "--fail-on", "title-*"), 1), (("--rules", "mixed-*", "--fail-on", "notice"), 0),
        (("--rules", "-link-broken", "--fail-on", "error"), 0), (("--fail-on", "none"), 0), (("--severity", "error", "--fail-on", "title-many"), 0),
    ],
)  # fmt: skip
def test_it_fails_on_what_it_is_told(linkhaul: Command, run: str, words: tuple[str, ...], code: int) -> None:
    """Severities with the worse ones, rules by id; only what was asked and found."""
    assert linkhaul("audit", run, *words)[0] == code


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rules", "titel-missing"), "did you mean 'title-missing'"),
        (("--fail-on", "warnings"), "there is no rule 'warnings'"),
        (("--severity", "bad"), "'bad' is not one of"),
        (("--format", "xml"), "xml"),
    ],
)
def test_what_cannot_be_meant(linkhaul: Command, run: str, words: tuple[str, ...], said: str) -> None:
    """Exit 2 and a sentence, before anything is done."""
    code, _, err = linkhaul("audit", run, *words)
    assert code == 2
    assert said in err


def test_the_rules_are_listed(linkhaul: Command) -> None:
    """A line each, without a run."""
    code, out, _ = linkhaul("audit", "--list")
    assert code == 0
    assert len(out.splitlines()) == len(RULES)
    assert "title-missing" in out


def test_a_site_is_crawled_first(linkhaul: Command, site: str) -> None:
    """A URL in place of a run file: crawled with facts, then audited; progress on stderr, the audit on stdout."""
    code, out, err = linkhaul("audit", f"{site}/", "--rules", "link-broken,lang-missing,orphan", "--fail-on", "error")
    assert code == 1
    assert "error  link-broken" in out
    assert "warning  lang-missing" in out
    assert "scope host" in err


def test_flags_keep_facts(linkhaul: Command, site: str) -> None:
    """`--facts` in a list and in a crawl; the setting stands in the run file."""
    assert linkhaul("links", "-q", f"{site}/", "--facts", "--run", "a.run", "-o", "a.csv")[0] == 0
    audit = open_run("a.run").audit("title-*")
    assert audit.pages == (1, 1)
    assert {summary.rule.id for summary in audit.summaries if summary.unknown is None} == {
        "title-missing", "title-many", "title-too-long", "title-says-nothing",
    }  # fmt: skip


def test_a_run_file_that_is_none(linkhaul: Command, folder: Path) -> None:
    """Exit 3, as for every verb that asks a run."""
    (folder / "x.run").write_text("no")
    assert linkhaul("audit", "x.run")[0] == 3
