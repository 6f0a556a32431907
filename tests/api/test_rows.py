"""The rows of a run's tables: a name for each column, and a count that agrees with walking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from tests.api.site import Site, moved, page

import linkhaul
from linkhaul.api.rows import HopRow, HostRow, PageRow, UrlRow, row_of
from linkhaul.model.columns import HOPS, HOSTS, PAGES, URLS, Column, names

Serve = Callable[[object], Site]
TYPES = {"text": str, "integer": int, "real": float, "boolean": bool}


@pytest.mark.parametrize(
    ("row", "columns"), [(PageRow, PAGES), (UrlRow, URLS), (HopRow, HOPS), (HostRow, HOSTS)], ids=["pages", "urls", "hops", "hosts"]
)
def test_rows_are_what_the_columns_say(row: type[Any], columns: tuple[Column, ...]) -> None:
    """Each class of rows has the columns of its table, in order, with their types, absent only where the column may be."""
    assert list(row._fields) == names(columns)
    hints = get_type_hints(row)
    for column in columns:
        kinds = set(get_args(hints[column.name])) or {hints[column.name]}
        assert kinds == {TYPES[column.type], *([NoneType] if column.nullable else [])}


@pytest.fixture
def run(serve: Serve) -> linkhaul.Run:
    site = serve({"/": page("/a", "mailto:ann@example.org", "https://other.example/", "/a"), "/old": moved("/"), "/a": page("/", "tel:1")})
    return linkhaul.crawl([site.url(), site.url("/old")], run="all.run", kinds="all")


def test_a_row_knows_its_columns_by_name(run: linkhaul.Run) -> None:
    """`row.status` and the like work in every table, also where columns were chosen; the rows stay tuples."""
    assert {row.status for row in run.pages} == {200}
    assert {row.state for row in run.urls} == {"done", "recorded"}
    assert [row.status for row in run.hops] == [302]
    assert next(iter(run.hosts)).urls > 1
    chosen = linkhaul.open_run("all.run", columns=("text", "url")).links.head(1)
    assert chosen[0].url == chosen[0][1]
    assert row_of(("text", "url")) is type(chosen[0])


@pytest.mark.parametrize(
    "choice", [{}, {"only": "internal"}, {"only": "external"}, {"match": "other"}, {"exclude": "/a$"}, {"unique": True}], ids=str
)
@pytest.mark.parametrize("kinds", ["page", "all"])
def test_the_count_is_what_walking_gives(serve: Serve, choice: dict[str, Any], kinds: str) -> None:
    """However the rows are chosen, len() of a table is the number of its rows, of the web and of files on disk."""
    site = serve({"/": page("/a", "mailto:ann@example.org", "https://other.example/", "/a", "file:///etc/passwd")})
    Path("site").mkdir()
    Path("site/index.html").write_text(
        "<a href=b.html>b</a><a href=mailto:x@example.org>m</a><a href=https://other.example/c>c</a><img src=d>"
    )
    run = linkhaul.links([site.url(), Path("site")], run="all.run", kinds=kinds, **choice)
    for table in (run.links, run.pages, run.urls, run.hops, run.hosts, linkhaul.open_run("all.run", **choice).links):
        assert len(table) == sum(1 for _ in table)
    assert len(run.links)


def test_an_opened_run_shows_the_kinds_it_has_read(run: linkhaul.Run) -> None:
    """A run of all kinds is not cut down to web links when it is opened again."""
    assert list(linkhaul.open_run("all.run").links) == list(run.links)
    assert any(link.url.startswith("mailto:") for link in linkhaul.open_run("all.run").links)
