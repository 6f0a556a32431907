"""The report's numbers are those of the run file, and what a person looks for first stands first."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import Reply, Site, moved, page, served

from linkhaul.api.check import check as check_links
from linkhaul.api.doors import crawl
from linkhaul.insight.report.asked import Asked
from linkhaul.insight.report.whole import report
from linkhaul.model.report import Grid, Part, Report
from linkhaul.store.opening import open_to_read

HOSTILE = "<b>\x1b[31m</b>"
TEXT = (("Content-Type", "text/plain"),)
BEFORE = {
    "/robots.txt": Reply("", headers=TEXT),
    "/": page("/guide/a", "/guide/b", "/shop/a", "/gone", "/old", "https://other.example/"),
    "/guide/a": page("/", "/guide/b", "/gone"),
    "/guide/b": page("/", "/gone", "/temporary"),
    "/shop/a": page("/shop/b", "/gone"),
    "/shop/b": page("/old"),
    "/old": moved("/shop/b", 301),
    "/temporary": moved("/guide/a"),
    "/forbidden": Reply("no", 403),
}
AFTER = BEFORE | {"/guide/b": page("/", "/forbidden", title=HOSTILE), "/shop/b": Reply("", 410)}


def _of(path: Path, older: Path | None = None) -> Report:
    with closing(open_to_read(path)) as connection, closing(open_to_read(older or path)) as other:
        return report(Asked(connection, path, "site.run"), time.time(), older=(other, "old.run") if older else None)


def _part(found: Report, anchor: str) -> Part:
    (part,) = [part for part in found.parts if part.anchor == anchor]
    return part


def _grid(found: Report, name: str) -> Grid:
    (grid,) = [grid for part in found.parts for grid in part.grids if grid.name == name]
    return grid


def _bars(part: Part, n: int = 0) -> dict[str, int]:
    return {bar.label: bar.size for bar in part.plots[n].bars}


class Made:
    """The reports on a site before and after it was changed."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.old, self.new = folder / "old.run", folder / "new.run"
        self.site = site
        crawl(site.url(), run=self.old, no_sitemaps=True, retries=0, facts=True)
        site.pages = dict(AFTER)
        crawl(site.url(), run=self.new, no_sitemaps=True, retries=0, facts=True)
        self.before, self.after = _of(self.old), _of(self.new, self.old)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Crawl the site, change it, crawl it again, and report on both."""
    with served(BEFORE) as site:
        yield Made(tmp_path_factory.mktemp("report"), site)


def test_what_stands_first(made: Made) -> None:
    """Health, what to mend, what has changed; then the rest, each part under an anchor of its own."""
    anchors = [part.anchor for part in made.after.parts]
    assert anchors[:2] == ["mend", "changes"]
    assert len(anchors) == len(set(anchors))
    assert [part.anchor for part in made.before.parts] == [anchor for anchor in anchors if anchor != "changes"]
    assert made.before.title == made.site.url()
    names = [grid.name for part in made.after.parts for grid in part.grids]
    assert len(names) == len(set(names))
    assert all(len(name) <= 31 for name in names)


def test_health_is_judged_by_what_is_broken(made: Made, tmp_path: Path) -> None:
    """A dead link on most pages is worth repair; a site where everything works looks healthy; of nothing nothing can be said."""
    assert made.before.health.level == "bad"
    assert "5 pages were read, 1 address that pages link to does not work" in made.before.health.sentence
    with served({"/": page("/a"), "/a": page("/"), "/robots.txt": Reply("", headers=TEXT)}) as site:
        crawl(site.url(), run=tmp_path / "well.run", no_sitemaps=True)
        assert _of(tmp_path / "well.run").health.level == "good"
        crawl(site.url("/none"), run=tmp_path / "none.run", no_sitemaps=True)
    nothing = _of(tmp_path / "none.run")
    assert nothing.health.level == "unknown"
    assert "read no page" in _part(nothing, "links").said[0]


def test_health_knows_what_was_not_read(tmp_path: Path) -> None:
    """A stylesheet that is missing is no reason to doubt a site whose stylesheets nobody read; the report says that, and a check finds it."""
    start = Reply('<html><head><title>x</title><link rel=stylesheet href="/gone.css"></head><body><a href="/">x</a></body></html>')
    with served({"/": start, "/robots.txt": Reply("", headers=TEXT)}) as site:
        crawl(site.url(), run=tmp_path / "crawled.run", no_sitemaps=True, retries=0)
        check_links(site.url(), run=tmp_path / "checked.run", no_sitemaps=True, retries=0, confirm_after=0, allow_private=True)
    crawled, checked = (_of(tmp_path / name).health for name in ("crawled.run", "checked.run"))
    assert (crawled.level, checked.level) == ("good", "bad")
    assert crawled.sentence == "The site looks healthy: 1 page was read, no link that was followed is broken."
    assert any("(image, script, style, ...) were not read" in note for note in crawled.notes)
    assert not any("were not read" in note for note in checked.notes)
    assert "1 address that pages link to does not work" in checked.sentence


def test_what_to_mend_first_touches_most(made: Made) -> None:
    """Each broken address once, with the pages that link to it and their share of the link score; then what moved."""
    rows = [row for row in _grid(made.before, "mend").rows if str(row[1]).startswith("A link to an address")]
    url = made.site.url
    assert [(row[0], row[2], row[3]) for row in rows] == [("error", url("/gone"), 4), ("notice", url("/old"), 2)]
    assert rows[0][5] == "Take the link away, or lead it to the page that is there instead."
    assert rows[1][5] == f"Link to {url('/shop/b')}"
    score = dict(
        zip(
            (row[0] for row in _grid(made.before, "pages").rows),
            (float(str(row[7])) for row in _grid(made.before, "pages").rows),
            strict=True,
        )
    )
    pages = [url(path) for path in ("/", "/guide/a", "/guide/b", "/shop/a")]
    assert rows[0][4] == pytest.approx(100 * sum(score[each] for each in pages) / sum(score.values()), abs=0.06)


def test_many_of_a_kind_are_told_together(tmp_path: Path) -> None:
    """Twelve by name, the rest in a row, so that they leave room for other faults; how many there are is in the sentence."""
    pages = {"/": page(*(f"/gone/{n}" for n in range(20)), "/a"), "/a": page("/gone/19"), "/robots.txt": Reply("", headers=TEXT)}
    with served(pages) as site:
        crawl(site.url(), run=tmp_path / "many.run", no_sitemaps=True, retries=0)
    found = _of(tmp_path / "many.run")
    rows = [row for row in _grid(found, "mend").rows if row[0] == "error"]
    assert [row[2] for row in rows[:2]] == [site.url("/gone/19"), site.url("/gone/0")]
    assert [str(row[1])[:17] for row in rows] == ["A link to an addr"] * 12 + ["8 more addresses "]
    assert "20 addresses that pages link to do not work" in found.health.sentence


def test_severities_come_in_order(made: Made) -> None:
    """Errors, warnings, notices; rules that tell of the same addresses again are left out of this table, not of the findings."""
    severities = [str(row[0]) for row in _grid(made.before, "mend").rows]
    assert severities == sorted(severities, key=["error", "warning", "notice"].index)
    assert len(set(severities)) == 3
    rules = {row[1] for row in _grid(made.before, "findings").rows}
    assert {"link-broken", "link-to-redirect"} <= rules
    assert "A link within the site is broken" not in {row[1] for row in _grid(made.before, "mend").rows}


def test_the_counts_are_those_of_the_run(made: Made) -> None:
    """Outcomes, statuses, depth, redirects, hosts outside."""
    found, url = made.before, made.site.url
    assert _bars(_part(found, "outcomes")) == {"ok": 7, "http-error": 1}
    assert _bars(_part(found, "outcomes"), 1)["404"] == 1
    assert sum(_bars(_part(found, "depth")).values()) == _bars(_part(found, "outcomes"))["ok"]
    assert sum(_bars(_part(found, "times")).values()) == sum(_bars(_part(found, "outcomes")).values())
    redirects = {row[0]: (row[1], row[3], row[5]) for row in _grid(found, "redirects").rows}
    assert redirects == {url("/old"): (url("/shop/b"), True, 2), url("/temporary"): (url("/guide/a"), False, 1)}
    assert _grid(found, "outside").rows == (("https://other.example", 1, 1, 1),)
    assert _grid(found, "coverage").total == len(_grid(found, "coverage").rows) > 1


def test_the_sections_are_those_of_the_site(made: Made) -> None:
    """The first folders with their pages, and the links between them in both directions."""
    picture = _part(made.before, "links").picture
    assert picture is not None
    assert [tuple(node) for node in picture.nodes] == [("/guide/", 2), ("/shop/", 2), ("(pages at the top)", 1)]
    assert {tuple(edge) for edge in picture.edges} == {(0, 2, 4), (1, 2, 2)}
    assert picture.ties == 2


def test_changes_are_told(made: Made) -> None:
    """Counted, and the first of each sort as rows; a page's hostile title is text like any other here."""
    part = _part(made.after, "changes")
    assert part.said[0].startswith("Since old.run: ")
    assert _bars(part)["went"] == 2  # the page, and the address that redirects to it
    rows = _grid(made.after, "changed pages").rows
    assert ("changed", made.site.url("/guide/b"), "title", "A page", HOSTILE) in rows
    assert _grid(made.after, "changed links").rest == "linkhaul diff old.run site.run -o changes.csv"
    assert "Nothing has changed" in _part(_of(made.new, made.new), "changes").said[0]


def test_what_refuses_us_is_not_broken(made: Made) -> None:
    """A 403 may well be there for a person."""
    assert made.site.url("/forbidden") not in {row[2] for row in _grid(made.after, "mend").rows if row[0] == "error"}


def test_without_numpy_the_graph_is_left_out(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, with what to install, and what to mend is sorted by pages."""
    real = importlib.util.find_spec

    def find(name: str, *rest: Any) -> Any:
        return None if name == "numpy" else real(name, *rest)

    monkeypatch.setattr("linkhaul.insight.report.whole.find_spec", find)
    found = _of(made.old)
    assert "linkhaul[graph]" in _part(found, "links").said[0]
    assert "linkhaul[graph]" in _part(found, "mend").said[1]
    assert all(row[4] is None for row in _grid(found, "mend").rows)


def test_a_run_that_did_not_end_says_so(tmp_path: Path) -> None:
    """What was not reached is not told of as if it were."""
    with served(BEFORE) as site:
        crawl(site.url(), run=tmp_path / "part.run", no_sitemaps=True, retries=0, max_pages=2)
    found = _of(tmp_path / "part.run")
    assert "did not come to its end" in found.health.notes[0]
    assert any("What it has not reached" in each or "what it has not reached" in each for each in _part(found, "coverage").said)


def test_a_check_has_verdicts(tmp_path: Path) -> None:
    """Broken links first, by how many pages hold them; they are what is to be mended first."""
    with served(BEFORE | {"/shop/b": page("/once")}) as site:
        check_links(site.url(), run=tmp_path / "check.run", no_sitemaps=True, retries=0, confirm_after=0, only="internal")
    found = _of(tmp_path / "check.run")
    rows = _grid(found, "verdicts").rows
    assert [(row[0], row[2], row[3]) for row in rows if row[0] == "broken"] == [
        ("broken", site.url("/gone"), 4),
        ("broken", site.url("/once"), 1),
    ]
    assert _bars(_part(found, "verdicts"))["broken"] == 2
    assert [row[2] for row in _grid(found, "mend").rows if str(row[1]).startswith("A broken link")] == [
        site.url("/gone"),
        site.url("/once"),
    ]
    assert "2 addresses that pages link to do not work" in found.health.sentence
