"""A run after the fact: its tables."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.api.site import Site, page

import linkhaul
from linkhaul.errors import MissingExtra
from linkhaul.model.columns import LINKS, PAGES, names
from linkhaul.model.records import Link

Serve = Callable[[object], Site]
HOSTILE = "<script>alert('1')</script>&amp;\x1b[31m"
PAGES_SERVED = {"/": page("/a", "/b", title="<script>alert(1)</script>"), "/a": page(*(f"/{n}" for n in range(50)))}


@pytest.fixture
def run(serve: Serve) -> linkhaul.Run:
    site = serve(PAGES_SERVED)
    return linkhaul.links([site.url(), site.url("/a"), site.url("/gone")], concurrency=1, run="all.run")


def test_tables_iterate_and_count(run: linkhaul.Run) -> None:
    """Links and pages can be walked again and again, and counted."""
    assert [len(list(run.links)), len(run.links), len(run.pages)] == [52, 52, 3]
    assert all(isinstance(link, Link) for link in run.links)
    assert [row[names(PAGES).index("status")] for row in run.pages] == [200, 200, 404]
    assert run.links.head(3) == list(run.links)[:3]
    assert bool(run.links)


def test_only_the_columns_asked_for(serve: Serve) -> None:
    """With `columns` rows have those columns, in that order."""
    site = serve(PAGES_SERVED)
    run = linkhaul.links(site.url(), columns=["text", "url"], run="some.run")
    assert list(run.links) == [("to /a", site.url("/a")), ("to /b", site.url("/b"))]
    assert names(run.links.columns) == ["text", "url"]


def test_what_became_of_it(run: linkhaul.Run) -> None:
    """A run says its state, outcomes and failures, and where it is."""
    assert run.state == "finished"
    assert run.outcomes == {"ok": 2, "http-error": 1}
    assert [(kind, count) for kind, count, _, _ in run.failures] == [("404", 1)]
    assert "finished" in repr(run)
    assert "all.run" in repr(run)
    assert run.path == Path("all.run")


def test_what_a_notebook_shows_is_escaped(serve: Serve) -> None:
    """Nothing that a page says becomes markup in a notebook, and no cell is endless."""
    site = serve({"/": page("/?" + "x" * 500, title=HOSTILE), "/x": page("javascript:alert('<b>')", title=HOSTILE)})
    run = linkhaul.links([site.url(), site.url("/x")], kinds="all", run="hostile.run")
    for shown in (run._repr_html_(), run.links._repr_html_(), run.pages._repr_html_()):
        assert "<table" in shown
        assert "<script" not in shown
        assert "<b>" not in shown
        assert max(len(word) for word in re.split(r"[\s<>]", shown)) < 200


def test_a_table_shows_its_first_rows(run: linkhaul.Run) -> None:
    """A table in a notebook shows twenty rows under its columns."""
    shown = run.links._repr_html_()
    assert shown.count("<tr>") == 21
    assert all(f"<th>{name}</th>" in shown for name in names(LINKS))


def test_an_empty_run_can_be_shown(serve: Serve) -> None:
    """A run without rows shows empty tables."""
    run = linkhaul.links(serve({"/": page()}).url(), run="empty.run")
    assert (len(run.links), list(run.links)) == (0, [])
    assert "<table" in run._repr_html_()


def test_arrow_has_the_same_rows(run: linkhaul.Run) -> None:
    """The Arrow table has the columns, their types and the rows."""
    pa = pytest.importorskip("pyarrow")
    table = run.links.to_arrow()
    assert table.column_names == names(LINKS)
    assert table.schema.field("n").type == pa.int64()
    assert table.schema.field("internal").type == pa.bool_()
    assert [tuple(row.values()) for row in table.to_pylist()] == [tuple(link) for link in run.links]
    assert run.pages.to_arrow().num_rows == 3


@pytest.mark.parametrize(("name", "call"), [("pyarrow", "to_arrow"), ("pandas", "to_pandas"), ("polars", "to_polars")])
def test_a_package_that_is_missing_is_named(run: linkhaul.Run, monkeypatch: pytest.MonkeyPatch, name: str, call: str) -> None:
    """Without the package a conversion says what to install."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match="pip install"):
        getattr(run.links, call)()


def test_a_run_is_readable_while_another_goes_on(run: linkhaul.Run, serve: Serve) -> None:
    """Rows can be read while the same run file is written to, and are there afterwards."""
    walk = iter(run.links)
    next(walk)
    linkhaul.links(serve({"/": page("/n")}).url(), run="all.run")
    assert sum(1 for _ in walk) == 51
    assert len(run.links) == 53
