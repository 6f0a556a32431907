"""Sources that could not be had are findings, although no link leads to them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.api.site import page, served

from linkhaul.api.check import check
from linkhaul.decide.verdict import Rules
from linkhaul.insight.dead_sources import dead_sources, with_sources
from linkhaul.model.check import Checked, Coverage, Verdict
from linkhaul.store.opening import open_to_read


def test_a_dead_source_is_a_finding_without_a_place(tmp_path: Path) -> None:
    """A source that answers 404 fails the check and counts in the coverage; one that a link leads to is told there, once; a good one is none."""
    with served({"/": page("/linked"), "/fine": page()}) as site:
        sources = [site.url("/"), site.url("/fine"), site.url("/linked"), site.url("/typo")]
        result = check(sources, run=tmp_path / "a.run", scope="page", confirm_after=0, retries=0)
    found = {each.url: len(each.places) for each in result.problems}
    assert found == {site.url("/linked"): 1, site.url("/typo"): 0}
    assert result.failed
    assert [each.url for each in result] == sorted(each.url for each in result)
    assert [each.url for each in result].count(site.url("/typo")) == 1
    assert result.coverage.by_verdict["broken"] == 2
    assert result.coverage.urls == 2
    with closing(open_to_read(tmp_path / "a.run")) as connection:
        assert [(each.url, each.verdict.code, each.places) for each in dead_sources(connection, Rules())] == [
            (site.url("/linked"), "404", ()),
            (site.url("/typo"), "404", ()),
        ]


def test_sources_count_by_verdict_and_reason() -> None:
    """What could not be judged is counted by its code, what is broken only by its verdict."""
    before = Coverage(1, 5, 3, {"ok": 2, "unreachable": 1}, {"read-timeout": 1})
    sources = [Checked("a:", Verdict("unreachable", "read-timeout", ""), ()), Checked("b:", Verdict("broken", "404", ""), ())]
    assert with_sources(before, sources) == Coverage(1, 5, 5, {"ok": 2, "broken": 1, "unreachable": 2}, {"read-timeout": 2})
    assert with_sources(before, []) == before
