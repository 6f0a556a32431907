"""An audit of a run: what cannot be told and why, which rules are asked, in which order findings come."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.insight.audit.faults_of_pages import TITLE
from tests.insight.audit.site import CLEAN, OTHER, SHOP, Fault, crawled, page
from tests.motion.world import Answer

from linkhaul.errors import RunFileError, SettingError
from linkhaul.insight.audit.audit import Audit, is_failed
from linkhaul.insight.audit.needs import NO_FACTS
from linkhaul.insight.audit.rules import RULES, chosen
from linkhaul.model.audit import SEVERITIES, Finding

WHOLE = {rule.id for rule in RULES if "whole" in rule.needs}
ORPHAN = Fault(rule="orphan", pages={"/x": page("/x")}, at=("/x",), linked=())


def unknown(path: Path) -> dict[str, str]:
    """Return why rules cannot tell."""
    return {summary.rule.id: summary.unknown for summary in Audit(path).summaries if summary.unknown is not None}


def found(path: Path, *rules: str) -> list[tuple[str, str | None]]:
    """Return what is found by some rules: (rule, URL)."""
    return [(finding.rule, finding.url) for finding in Audit(path, chosen(rules)).findings() if finding.state == "found"]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(rule="", pages={"/x": page("/x"), "/y": page("/y")}, at=(), settings={"max_pages": 3}), "2 URLs were not reached (2 still queued)"),
        (Fault(rule="", pages={"/x": page("/x", links=["/y"])}, at=(), listed=(), settings={"depth": 1}), "1 URL was not reached (1 deeper than --depth)"),
        (Fault(rule="", pages={"/x": Answer(failure="connect-timeout")}, at=()), "1 URL was not reached (1 without an answer)"),
        (Fault(rule="", pages={"/x": page("/x")}, at=(), listed=(), settings={"skip": ("/x",)}), "1 URL was not reached (1 excluded)"),
    ],
    ids=["stopped", "depth", "failed", "excluded"],
)  # fmt: skip
def test_the_whole_site_is_not_claimed_without_it(fault: Fault, why: str, tmp_path: Path) -> None:
    """Orphans, depth and duplicates are not told when a page of the site was not reached; how many there are is said, and why."""
    path = crawled(fault, tmp_path / "site.run")
    assert {rule: unknown(path)[rule] for rule in WHOLE} == dict.fromkeys(WHOLE, why)
    assert [rule for rule, _ in found(path) if rule in WHOLE] == []


def test_an_orphan_is_claimed_only_at_the_end(tmp_path: Path) -> None:
    """The same page: found when the run came to its end, and not while it goes on."""
    assert found(crawled(ORPHAN, tmp_path / "a.run"), "orphan") == [("orphan", f"{SHOP}/x")]
    running = crawled(ORPHAN, tmp_path / "b.run", state="running")
    assert found(running, "orphan") == []
    assert unknown(running)["orphan"] == "the run did not come to its end"


def test_a_list_of_pages_is_no_site(tmp_path: Path) -> None:
    """What was read by `links` says nothing of other pages."""
    path = crawled(CLEAN, tmp_path / "site.run", verb="links")
    assert unknown(path)["page-deep"].startswith("the run read a list of pages")


def test_a_run_without_facts_says_so_once(tmp_path: Path) -> None:
    """Every rule that needs them gives one row that says how to have them; the others are asked."""
    fault = Fault(rule="", pages={"/x": page("/x", (TITLE, ""), links=["/gone"])}, at=(), settings={"facts": False})
    path = crawled(fault, tmp_path / "site.run")
    rows = list(Audit(path, chosen(["title-missing", "link-broken"])).findings())
    assert rows == [
        Finding("link-broken", "error", "found", f"{SHOP}/gone", "it answers 404 (not found)", f"{SHOP}/x", 1),
        Finding("title-missing", "error", "unknown", None, NO_FACTS, None, 0),
    ]
    assert {unknown(path)[rule.id] for rule in RULES if "facts" in rule.needs} == {NO_FACTS}


def test_pages_without_facts_among_others_are_told(tmp_path: Path) -> None:
    """What is found on the others stands, and that it may not be all is said; what needs all of them is not claimed."""
    path = crawled(Fault(rule="", pages={"/x": page("/x", (TITLE, ""))}, at=()), tmp_path / "site.run")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM fact WHERE visit = (SELECT visit FROM pages WHERE url LIKE '%/moss')")
    said = "1 of 4 pages were read without facts; crawl anew with --facts"
    assert found(path, "title-missing") == [("title-missing", f"{SHOP}/x")]
    assert (unknown(path)["title-missing"], unknown(path)["title-duplicate"]) == (said, said)


def test_what_lies_outside_is_not_guessed(tmp_path: Path) -> None:
    """Links to other sites are judged when a check has asked them."""
    fault = Fault(rule="", pages={"/x": page("/x", links=[f"{OTHER}/gone", f"{OTHER}/there"])}, at=())
    assert unknown(crawled(fault, tmp_path / "site.run"))["link-broken-outside"].startswith("2 URLs outside were not asked for")


def test_without_sitemaps_there_are_no_orphans(tmp_path: Path) -> None:
    """Pages that nothing links to are met only through sitemaps."""
    path = crawled(Fault(rule="", pages={}, at=(), sitemap=Answer(status=404)), tmp_path / "a.run")
    assert unknown(path)["orphan"] == unknown(path)["sitemap-redirect"] == "no sitemap was read"
    path = crawled(Fault(rule="", pages={}, at=(), settings={"no_sitemaps": True}), tmp_path / "b.run")
    assert unknown(path)["sitemap-missing"] == "no sitemap was looked for"


def test_other_kinds_of_link_are_not_those_people_follow(tmp_path: Path) -> None:
    """A run that read no such links cannot tell which pages have none."""
    path = crawled(CLEAN, tmp_path / "site.run", settings={"kinds": ["image"]})
    assert unknown(path)["dead-end"] == "the run did not read the links that people follow (--kinds page)"


def test_the_graph_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without numpy the one rule that walks the graph says what to install."""
    path = crawled(CLEAN, tmp_path / "site.run")
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert unknown(path)["unreached"] == "it needs the extra 'graph': pip install 'linkhaul[graph]'"


def test_a_file_from_before_audits_can_be_asked(tmp_path: Path) -> None:
    """It has no facts and no lists of what sitemaps name: both are said."""
    path = crawled(CLEAN, tmp_path / "site.run")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE fact; DROP TABLE listed;")
    assert unknown(path)["title-missing"] == NO_FACTS
    assert unknown(path)["sitemap-redirect"].startswith("the run did not keep what its sitemaps name")


def test_an_empty_run_finds_nothing(tmp_path: Path) -> None:
    """A site that could not be read has no page to judge."""
    path = crawled(
        Fault(rule="", pages={"/": Answer(failure="dns")}, at=(), linked=(), listed=(), sitemap=Answer(status=404)), tmp_path / "site.run"
    )
    assert unknown(path)["title-missing"] == "the run has read no page"


def test_what_touches_most_pages_comes_first(tmp_path: Path) -> None:
    """By severity, then by pages; what cannot be told comes last."""
    pages = {f"/p{n}": page(f"/p{n}", links=["/gone"]) for n in range(3)} | {"/x": page("/x", (TITLE, ""), ('<html lang="en">', "<html>"))}
    rows = list(Audit(crawled(Fault(rule="", pages=pages, at=()), tmp_path / "site.run")).findings())
    assert [(row.rule, row.pages) for row in rows if row.state == "found"] == [
        ("link-broken", 3),
        ("title-missing", 1),
        ("lang-missing", 1),
    ]
    states = [row.state for row in rows]
    assert states == sorted(states)


def test_a_page_that_is_met_twice_is_judged_once(tmp_path: Path) -> None:
    """Whatever redirects lead to a page, it is one page."""
    fault = Fault(
        rule="", pages={"/a": Answer(to="/x", status=301), "/b": Answer(to="/x", status=301), "/x": page("/x", (TITLE, ""))}, at=()
    )
    assert found(crawled(fault, tmp_path / "site.run"), "title-*") == [("title-missing", f"{SHOP}/x")]


def test_the_run_file_is_left_as_it_is(tmp_path: Path) -> None:
    """An audit writes nothing to it, and can be let go and asked again."""
    path = crawled(ORPHAN, tmp_path / "site.run")
    before = hashlib.sha256(path.read_bytes()).digest()
    audit = Audit(path)
    first = list(audit.findings())
    audit.close()
    assert list(audit.findings()) == first
    audit.close()
    assert hashlib.sha256(path.read_bytes()).digest() == before
    with pytest.raises(RunFileError, match="no run file"):
        Audit(tmp_path / "none.run").summaries  # noqa: B018 - it is worked out when it is asked for


@pytest.mark.parametrize(
    ("names", "severity", "ids"),
    [
        (["title-missing"], None, {"title-missing"}),
        (["redirect-*"], None, {"redirect-chain", "redirect-loop", "redirect-broken", "redirect-temporary"}),
        (["redirect-*", "-redirect-loop"], "error", {"redirect-broken"}),
        (["redirect-*"], "warning", {"redirect-chain", "redirect-loop", "redirect-broken"}),
        ([], "error", {rule.id for rule in RULES if rule.severity == "error"}),
        (["-csp-missing"], None, {rule.id for rule in RULES} - {"csp-missing"}),
    ],
    ids=["one", "family", "less", "worse", "severity", "all-but"],
)
def test_rules_are_chosen(names: list[str], severity: Any, ids: set[str]) -> None:
    """By id, by the beginning of ids, without some, from a severity up."""
    assert {rule.id for rule in chosen(names, severity)} == ids


def test_a_rule_that_there_is_none_of() -> None:
    """The nearest is named."""
    with pytest.raises(SettingError, match="did you mean 'title-missing'"):
        chosen(["title-mising"])


def test_what_fails(tmp_path: Path) -> None:
    """A severity fails with the worse ones, a rule for itself; what cannot be told fails nothing."""
    audit = Audit(crawled(Fault(rule="", pages={"/x": page("/x", (TITLE, "<title>Index</title>"))}, at=()), tmp_path / "site.run"))
    assert audit.broken == {"title-says-nothing"}
    assert [severity for severity in SEVERITIES if is_failed(audit, {severity})] == ["notice"]
    assert is_failed(audit, {"title-says-nothing"})
    assert not is_failed(audit, {"title-missing", "error", "soft-404"})


def test_facts_stand_beside_their_visit(tmp_path: Path) -> None:
    """Anybody can read them with SQL: one row of JSON for each page."""
    path = crawled(CLEAN, tmp_path / "site.run")
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT p.url, f.facts FROM fact f JOIN pages p ON p.visit = f.visit ORDER BY p.url").fetchall()
    assert [url for url, _ in rows] == [f"{SHOP}/", f"{SHOP}/ferns", f"{SHOP}/moss"]
    assert all(json.loads(stored)["titles"][0].startswith("About") for _, stored in rows)
