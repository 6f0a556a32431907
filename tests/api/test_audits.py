"""The audit of a run from Python: a table of findings, with what came of each rule."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.api.site import Reply, Site, page

import linkhaul
from linkhaul.api.runs import Run
from linkhaul.errors import SettingError
from linkhaul.model.audit import AUDIT, Finding

PACKED = "x" * 2_000


@pytest.fixture
def run(serve: Callable[..., Site]) -> Run:
    """Crawl a small site with facts."""
    site = serve({"/": page("/a", "/gone"), "/a": page("/", title=""), "/long": Reply(f"<!DOCTYPE html><p>{PACKED}")})
    return linkhaul.crawl(site.url(), facts=True)


def test_an_audit_is_a_table(run: Run) -> None:
    """Rows with names, counted, converted like every table of a run."""
    audit = run.audit()
    rows = list(audit)
    assert isinstance(rows[0], Finding)
    assert len(audit) == len(rows)
    assert audit.columns == AUDIT
    assert audit.to_arrow().num_rows == len(rows)
    assert "audit:" in repr(audit)
    assert "errors" in audit._repr_html_()


def test_its_rules_can_be_asked_one_by_one(run: Run) -> None:
    """The findings of a rule, what came of all, what cannot be told, and whether it fails."""
    audit = run.audit()
    assert [finding.url for finding in audit.of("title-missing")] == [run.pages.head()[0].final_url + "a"]
    assert {summary.rule.id for summary in audit.summaries if summary.rule.severity == "error" and summary.count} == {
        "title-missing",
        "link-broken",
    }
    assert audit.unknown["orphan"] == "no sitemap was read"
    assert audit.pages == (2, 2)
    assert audit.has_failed("error")
    assert audit.has_failed(["title-missing", "orphan"])
    assert not audit.has_failed("orphan,none")


def test_rules_and_severities_are_chosen(run: Run) -> None:
    """As text or as a list; a name that is none is an error at once."""
    assert {finding.rule for finding in run.audit("title-missing, link-broken")} == {"title-missing", "link-broken"}
    assert {finding.severity for finding in run.audit(severity="error") if finding.state == "found"} == {"error"}
    with pytest.raises(SettingError, match="no rule"):
        run.audit(["nothing-*"])
    with pytest.raises(SettingError, match="no severity"):
        run.audit(severity="fatal")


def test_the_size_on_the_wire_is_kept(serve: Callable[..., Site]) -> None:
    """What came is told apart from what it was unpacked to; here it came as it is."""
    site = serve({"/": Reply(f"<!DOCTYPE html><title>A</title><p>{PACKED}")})
    run = linkhaul.links(site.url(), facts=True)
    assert [finding.evidence for finding in run.audit("uncompressed")] == [f"{len(PACKED) + 34:,} bytes came as they are"]
