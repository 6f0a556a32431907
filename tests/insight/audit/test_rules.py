"""Every rule finds its fault where it is, and nothing else is found: on a clean site with one fault, and on its clean twin."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from tests.insight.audit.faults_of_pages import FAULTS as OF_PAGES
from tests.insight.audit.faults_of_sites import FAULTS as OF_SITES
from tests.insight.audit.site import CLEAN, Fault, crawled

from linkhaul.decide.audit.rule import WHERES
from linkhaul.insight.audit.audit import Audit
from linkhaul.insight.audit.rules import RULES

FAULTS = (*OF_PAGES, *OF_SITES)


def found(path: Path) -> dict[str, set[str]]:
    """Return where what was found, by rule."""
    by_rule: dict[str, set[str]] = defaultdict(set)
    for finding in Audit(path).findings():
        if finding.state == "found":
            by_rule[finding.rule].add(finding.url or "")
    return dict(by_rule)


def test_every_rule_has_its_fault() -> None:
    """A rule without a case fails here, and so does a case without a rule."""
    assert sorted(fault.rule for fault in FAULTS) == sorted(rule.id for rule in RULES)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.rule)
def test_a_fault_is_found_where_it_is(fault: Fault, tmp_path: Path) -> None:
    """The rule finds its fault on its page; no rule finds anything that the fault does not bring."""
    assert found(crawled(fault, tmp_path / "site.run")) == fault.expected


@pytest.mark.parametrize("verb", ["crawl", "check"])
def test_a_clean_site_has_no_findings(verb: str, tmp_path: Path) -> None:
    """Its clean twin: no rule finds anything, and all that a crawl can tell is told."""
    audit = Audit(crawled(Fault(rule="", pages={}, at=(), verb=verb), tmp_path / "site.run"))
    unknown = {finding.rule for finding in audit.findings()}
    assert unknown == ({"soft-404"} if verb == "crawl" else set())
    assert audit.pages == (3, 3)
    assert CLEAN.expected == {"": set()}


def test_rules_say_all_that_people_need() -> None:
    """Each has one way to look, a place, a reason with its source, and a remedy; ids are words with hyphens, each once."""
    assert len(RULES) >= 60
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert sum(way is not None for way in (rule.look, rule.sql, rule.walk)) == 1, rule.id
        assert rule.where in WHERES
        assert (rule.where == "site") == (rule.look is None), rule.id
        assert rule.id == rule.id.lower().replace(" ", "-")
        assert rule.source[1].startswith("https://")
        for text in (rule.what, rule.why, rule.mend):
            assert text == text.strip()
            assert len(text) > 10, rule.id
        assert rule.why.endswith("."), rule.id
        assert not rule.what.endswith("."), rule.id
