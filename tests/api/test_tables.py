"""Every table that a run gives, as a notebook shows it and as Arrow, pandas and Polars have it."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

import linkhaul
from linkhaul.api.findings import CheckResult
from linkhaul.api.tables import Table
from linkhaul.demo.server import serve
from linkhaul.model.columns import FINDINGS, Column, names


class Runs(NamedTuple):
    """A crawl of the demo site from its front page only, one of all of it, and the check of that one."""

    small: linkhaul.Run
    whole: linkhaul.Run
    result: CheckResult


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Read the demo site, with everything that can be asked of it."""
    folder = tmp_path_factory.mktemp("tables")
    with pytest.MonkeyPatch.context() as patched, serve(slow_s=0.0) as site:
        patched.setenv("XDG_STATE_HOME", str(folder))
        patched.setenv("LOCALAPPDATA", str(folder))
        patched.setenv("no_proxy", "127.0.0.1")
        small = linkhaul.crawl(f"{site}/", run=folder / "small.run", depth=0)
        whole = linkhaul.crawl(f"{site}/", run=folder / "whole.run", facts=True, kinds="all", allow_private=True)
        result = linkhaul.check(whole.path, recheck=True, only="internal", confirm_after=0.0)
        yield Runs(small, whole, result)


Give = Callable[[Runs], "Table[Any]"]
TABLES: dict[str, Give] = {
    "links": lambda runs: runs.whole.links,
    "links of some columns": lambda runs: linkhaul.open_run(runs.whole.path, columns="url,n,internal,found_at").links,
    "pages": lambda runs: runs.whole.pages,
    "urls": lambda runs: runs.whole.urls,
    "hops": lambda runs: runs.whole.hops,
    "hosts": lambda runs: runs.whole.hosts,
    "diff": lambda runs: runs.small.diff(runs.whole),
    "audit": lambda runs: runs.whole.audit(),
    "graph pages": lambda runs: runs.whole.graph().pages,
    "graph unreached": lambda runs: runs.whole.graph().unreached,
    "graph bottlenecks": lambda runs: runs.whole.graph().bottlenecks,
    "graph templates": lambda runs: runs.whole.graph().templates,
    "graph outside": lambda runs: runs.whole.graph().outside,
    "graph anchors": lambda runs: runs.whole.graph().anchors("/guide/"),
    "nothing": lambda runs: linkhaul.open_run(runs.whole.path, match="nowhere").links,
}
of_every_table = pytest.mark.parametrize("give", [pytest.param(give, id=name.replace(" ", "-")) for name, give in TABLES.items()])
PYTHON = {"text": str, "integer": int, "real": float, "boolean": bool}


def rows_of(table: Table[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a table as plain tuples."""
    return [tuple(row) for row in table]


def faults(columns: tuple[Column, ...], rows: list[tuple[Any, ...]]) -> list[str]:
    """Return the values that are not of their column's type, or absent where none may be."""
    return [
        f"{column.name}: {value!r}"
        for row in rows
        for column, value in zip(columns, row, strict=True)
        if (value is None and not column.nullable) or (value is not None and type(value) is not PYTHON[column.type])
    ]


@of_every_table
def test_values_are_what_the_columns_say(runs: Runs, give: Give) -> None:
    """Each value has its column's type, and is there where it may not be absent; the table says how many rows it has."""
    pytest.importorskip("numpy", reason="the link graph needs the extra 'graph'")
    table = give(runs)
    rows = rows_of(table)
    assert faults(table.columns, rows) == []
    assert len(table) == len(rows)
    assert bool(rows) == (give is not TABLES["nothing"])


@of_every_table
def test_a_notebook_shows_it(runs: Runs, give: Give) -> None:
    """The first rows below the names of the columns, each a cell, nothing of them markup."""
    table = give(runs)
    shown = table._repr_html_()
    assert [f"<th>{name}</th>" in shown for name in names(table.columns)] == [True] * len(table.columns)
    assert shown.count("<td>") == len(table.head()) * len(table.columns)
    first = next((str(value) for row in table.head(1) for value in row if isinstance(value, str) and len(value) < 80), "")
    assert html.escape(first) in shown
    assert repr(table).startswith(f"<{table.name}: {len(table):,} rows of ")


@of_every_table
def test_arrow_has_it(runs: Runs, give: Give) -> None:
    """The same rows, in columns of the same types."""
    pa = pytest.importorskip("pyarrow")
    table = give(runs)
    arrow = table.to_arrow()
    arrow.validate(full=True)
    kinds = {"text": pa.string(), "integer": pa.int64(), "real": pa.float64(), "boolean": pa.bool_()}
    assert [(field.name, field.type) for field in arrow.schema] == [(column.name, kinds[column.type]) for column in table.columns]
    assert [tuple(row.values()) for row in arrow.to_pylist()] == rows_of(table)


@of_every_table
def test_polars_has_it(runs: Runs, give: Give) -> None:
    """The same rows, in columns of the same types."""
    pl = pytest.importorskip("polars", reason="Polars is not installed")
    table = give(runs)
    frame = table.to_polars()
    kinds = {"text": pl.String, "integer": pl.Int64, "real": pl.Float64, "boolean": pl.Boolean}
    assert list(frame.schema.items()) == [(column.name, kinds[column.type]) for column in table.columns]
    assert frame.rows() == rows_of(table)


@of_every_table
def test_pandas_has_it(runs: Runs, give: Give) -> None:
    """The same rows; a whole number stays one where others are absent, and an empty table has its types, too."""
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    table = give(runs)
    frame = table.to_pandas()
    assert list(frame.columns) == names(table.columns)
    kinds = {("integer", False): "int64", ("integer", True): "Int64", ("boolean", False): "bool", ("boolean", True): "boolean"}
    for column in table.columns:
        kind = frame[column.name].dtype
        if column.type == "text":
            assert pd.api.types.is_string_dtype(frame[column.name]) or str(kind) == "object"
        else:
            assert str(kind) == kinds.get((column.type, column.nullable), "float64")
    found = [tuple(None if pd.isna(value) else value for value in row) for row in frame.itertuples(index=False, name=None)]
    assert found == rows_of(table)


def test_the_findings_of_a_check_convert(runs: Runs) -> None:
    """A row for each occurrence of each link, in Arrow; a notebook shows the problems, worst first."""
    pytest.importorskip("pyarrow")
    arrow = runs.result.to_arrow()
    assert arrow.column_names == names(FINDINGS)
    assert arrow.num_rows == sum(max(1, len(each.places)) for each in runs.result)
    shown = runs.result._repr_html_()
    assert shown.count("<tr>") == 1 + len(runs.result.problems)
    assert "broken 410" in shown


@pytest.mark.parametrize(("package", "call"), [("pandas", "to_pandas"), ("polars", "to_polars")])
def test_the_findings_of_a_check_are_a_frame(runs: Runs, package: str, call: str) -> None:
    """The same rows as in Arrow."""
    pytest.importorskip(package, reason=f"{package} is not installed")
    frame = getattr(runs.result, call)()
    assert list(frame.columns) == names(FINDINGS)
    assert frame.shape == (sum(max(1, len(each.places)) for each in runs.result), len(FINDINGS))


def test_a_graph_and_an_audit_show_themselves(runs: Runs) -> None:
    """Above their table stands what it is about."""
    pytest.importorskip("numpy", reason="the link graph needs the extra 'graph'")
    graph, audit = runs.whole.graph(), runs.whole.audit()
    assert graph._repr_html_().startswith("<p>RunGraph: ")
    assert " errors" in audit._repr_html_().partition("</p>")[0]
    assert runs.whole._repr_html_().startswith("<p>Run finished: ")


@pytest.mark.parametrize(
    ("package", "call", "size"),
    [
        pytest.param("networkx", "to_networkx", lambda graph: (graph.number_of_nodes(), graph.number_of_edges()), id="networkx"),
        pytest.param("igraph", "to_igraph", lambda graph: (graph.vcount(), graph.ecount()), id="igraph"),
    ],
)
def test_other_libraries_have_the_graph(runs: Runs, package: str, call: str, size: Callable[[Any], tuple[int, int]]) -> None:
    """As many pages and pairs of linked pages as there are."""
    pytest.importorskip(package, reason=f"{package} is not installed")
    graph = runs.whole.graph()
    assert size(getattr(graph, call)()) == (len(graph.pages), len(graph.standing.edges.source))
