"""Whole sites served by nginx: the crawl finds exactly what a second walk over the files finds, and every row of it."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from ada_url import join_url
from tests.trials.walking import anchors_in, walk

from linkhaul.api.doors import crawl, links

TREES = {
    "postgresql-doc-15": Path("/usr/share/doc/postgresql-doc-15/html"),
    "python3-doc": Path("/usr/share/doc/python3/html"),
}
PARTS = 3

pytestmark = [pytest.mark.nginx, pytest.mark.timeout(120)]


def tree(package: str) -> Path:
    folder = TREES[package]
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}: apt-get install {package}")
    return folder.resolve()


@pytest.mark.parametrize("package", TREES)
def test_a_crawl_finds_exactly_what_a_second_walk_finds(package: str, nginx: Callable[[Path], str]) -> None:
    """From the start page on, each URL of the site is visited once, ends as its file says, and is as deep as the fewest clicks."""
    root = tree(package)
    origin = nginx(root)
    run = crawl(f"{origin}/index.html", run="site.linkhaul", per_host=16)
    wanted = walk(root, origin, "index.html")
    with closing(sqlite3.connect(run.path)) as db:
        rows = db.execute("SELECT p.url, p.status, p.outcome = 'ok', u.depth FROM pages p JOIN urls u ON u.id = p.url_id").fetchall()
    got = {url: (status, bool(is_page), depth) for url, status, is_page, depth in rows}
    assert len(got) == len(rows)
    assert got == {url: tuple(found) for url, found in wanted.items()}
    assert sum(found.is_page for found in wanted.values()) > 200
    assert max(found.depth for found in wanted.values()) >= 2
    assert run.state == "finished"


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("package", TREES)
def test_every_row_is_what_a_second_parser_finds(package: str, part: int, nginx: Callable[[Path], str]) -> None:
    """List mode, through nginx and into a CSV file: page, number, URL, raw, text and rel of every link, none missing, none invented."""
    root = tree(package)
    origin = nginx(root)
    names = sorted(path.relative_to(root).as_posix() for path in root.glob("**/*.html"))[part::PARTS]
    links([f"{origin}/{name}" for name in names], "links.csv", per_host=16)
    with Path("links.csv").open(newline="", encoding="utf-8") as file:
        got = sorted((row["page_url"], int(row["n"]), row["url"], row["raw"], row["text"], row["rel"]) for row in csv.DictReader(file))
    wanted = []
    for name in names:
        page = f"{origin}/{name}"
        anchors = [(join_url(page, anchor.raw), *anchor) for anchor in anchors_in(root / name)]
        wanted += [(page, n, *anchor) for n, anchor in enumerate(anchors, 1) if anchor[0].startswith(("http://", "https://"))]
    assert got == sorted(wanted)
    assert len(got) > 10 * len(names)
