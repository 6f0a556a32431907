"""The main job on the demo site gives the table: every visit's end and the links of every page."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import linkhaul
from linkhaul.demo import pages
from linkhaul.model.columns import PAGES, names


@pytest.fixture(scope="module")
def run(site_url: str, tmp_path_factory: pytest.TempPathFactory) -> linkhaul.Run:
    folder = tmp_path_factory.mktemp("demo")
    return linkhaul.links([site_url + path for path in pages()], out=folder / "links.csv", run=folder / "demo.run")


@pytest.fixture
def visits(run: linkhaul.Run, site_url: str) -> dict[str, dict[str, Any]]:
    """Return the rows of `pages` by the path that was asked for."""
    rows = [dict(zip(names(PAGES), row, strict=True)) for row in run.pages]
    return {str(row["url"]).removeprefix(site_url): row for row in rows}


def test_each_visit_ends_as_the_table_says(visits: dict[str, dict[str, Any]], expected: dict[str, Any]) -> None:
    """Status, outcome, redirects and encoding of all pages, each visited once."""
    assert sorted(visits) == sorted(pages())
    for path, want in expected.items():
        row = visits[path]
        charset = row["charset"] and row["charset"].lower()
        assert (path, row["outcome"], row["status"], row["hops"]) == (path, want.outcome, want.status, want.hops)
        if want.outcome != "http-error":
            assert (path, charset, row["charset_from"]) == (path, want.charset, want.charset_from)


def test_every_link_is_a_row(run: linkhaul.Run, visits: dict[str, dict[str, Any]], expected: dict[str, Any], site_url: str) -> None:
    """Each page that was read has as many rows as a person can follow links; pages that were not have none."""
    found = Counter(link.page_url for link in run.links)
    assert {path: found[visits[path]["final_url"]] for path in pages()} == {
        path: want.links if want.outcome == "ok" else 0 for path, want in expected.items()
    }
    assert found.total() == len(run.links)


def test_the_refused_page_says_why(visits: dict[str, dict[str, Any]]) -> None:
    """The basket is a row with the reason, and how to ask for it anyway."""
    row = visits["/shop/basket/"]
    assert row["failure"] == "robots"
    assert "--ignore-robots" in row["detail"]


def test_the_csv_holds_the_rows_of_the_run(run: linkhaul.Run) -> None:
    """What is in the run is in the file, once each."""
    with run.path.with_name("links.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["page_url"], int(row["n"]), row["url"], row["text"]) for row in csv.DictReader(file)]
    assert sorted(rows) == sorted((link.page_url, link.n, link.url, link.text) for link in run.links)


def test_unread_kinds_come_when_asked_for(site_url: str, tmp_path: Path) -> None:
    """All kinds of link there are come out of the job, from every origin."""
    everything = linkhaul.links([site_url + path for path in pages()], run=tmp_path / "all.run", kinds="all")
    assert {link.origin for link in everything.links} == {"html", "header", "css", "json-ld"}
    assert len({link.kind for link in everything.links}) == 15
