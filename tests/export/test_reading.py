"""Rows read back equal the rows written, in every format, hostile text included; what is lossy says its rule."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linkhaul.errors import SourceError
from linkhaul.export.excel import csv_cell
from linkhaul.export.outputs import is_live, open_live, write_whole
from linkhaul.export.reading import read_rows
from linkhaul.export.spec import OutputSpec, spec_for
from linkhaul.export.xlsx import xlsx_cell
from linkhaul.model.columns import LINKS, PAGES, Column, Row, Value

EXACT = ["x.csv", "x.tsv", "x.jsonl", "x.csv.gz", "x.tsv.zst", "x.jsonl.gz", "x.parquet", "x.sqlite"]
HOSTILE = [
    '"', '""', ",", "\n", "\r", "\r\n", "\0", "\x1b[31m", "\u202eevil\u200f", "=cmd|' /C calc'!A0", "+1", "@x", "\tx", "😀", "\u2028", "\ufeff",
    "null", "None", "true", "1", " ", "'", "\\", "\\N", "_x0041_", "<r>&amp;</r>", "<r></is></c>", "NaN", "\x85", "\uffff", "a" * 200_000, "]]>", "&#0;",
]  # fmt: skip

texts = st.sampled_from(HOSTILE) | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)


def values_of(column: Column) -> st.SearchStrategy[Value]:
    """Return what may stand in a column: never an empty text where the column is nullable."""
    kinds: dict[str, st.SearchStrategy[Value]] = {
        "text": texts.filter(bool) if column.nullable else st.just("") | texts,
        "integer": st.integers(0, 2**53),
        "real": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
    }
    return st.none() | kinds[column.type] if column.nullable else kinds[column.type]


def tables() -> st.SearchStrategy[tuple[tuple[Column, ...], list[Row]]]:
    """Return tables with any choice of columns, in any order, and rows for them."""
    some = st.lists(
        st.sampled_from([*LINKS[:12], LINKS[14], *PAGES[2:4], *PAGES[11:13]]), min_size=1, max_size=6, unique_by=lambda column: column.name
    )
    return some.flatmap(lambda columns: st.tuples(st.just(tuple(columns)), st.lists(st.tuples(*map(values_of, columns)), max_size=8)))


def written(spec: OutputSpec, rows: list[Row]) -> None:
    if not is_live(spec):
        write_whole(spec, [rows[:3], rows[3:]], may_replace=False)
        return
    writer = open_live(spec, None)
    writer.write(rows[:3])
    writer.flush()
    writer.write(rows[3:])
    writer.close()


@pytest.mark.parametrize("name", EXACT)
@settings(max_examples=25, deadline=None)
@given(table=tables())
@example(table=(LINKS[8:10], [(text, text) for text in HOSTILE]))
@example(table=(LINKS[9:10], [(None,), ("x",), (None,)]))
def test_rows_read_back_are_the_rows_written(
    tmp_path_factory: pytest.TempPathFactory, name: str, table: tuple[tuple[Column, ...], list[Row]]
) -> None:
    """Exactly: values, types, order, absent and empty."""
    columns, rows = table
    path = str(tmp_path_factory.mktemp("rows") / name)
    written(spec_for(path, columns=columns, table="links"), rows)
    back = list(read_rows(path, columns))
    if back or not name.startswith("x.jsonl"):
        assert back == rows
        assert [[type(value) for value in row] for row in back] == [[type(value) for value in row] for row in rows]
    else:
        assert rows == []


@pytest.mark.parametrize(("name", "rule"), [("x.csv", csv_cell), ("x.xlsx", xlsx_cell)])
@settings(max_examples=20, deadline=None)
@given(table=tables())
@example(table=(LINKS[8:10], [(text, text) for text in HOSTILE]))
def test_spreadsheets_lose_only_what_the_rule_says(
    tmp_path_factory: pytest.TempPathFactory, name: str, rule: Callable[[str], str], table: tuple[tuple[Column, ...], list[Row]]
) -> None:
    """A text comes back as the rule makes it, a number in xlsx with 16 digits; booleans and absent values come back exactly."""
    columns, rows = table
    path = str(tmp_path_factory.mktemp("rows") / name)
    written(spec_for(path, columns=columns, table="links", excel=name == "x.csv"), rows)
    digits = 17 if name == "x.csv" else 16

    def expected(value: Value) -> Value:
        return rule(value) if isinstance(value, str) else float(f"{value:.{digits}G}") if isinstance(value, float) else value

    assert list(read_rows(path, columns)) == [tuple(map(expected, row)) for row in rows]


@pytest.mark.parametrize("name", [*EXACT, "x.xlsx"])
def test_some_columns_in_another_order(tmp_path: Path, columns: tuple[Column, ...], rows: list[Row], name: str) -> None:
    """A reader takes the columns it names, wherever the file has them."""
    path = str(tmp_path / name)
    written(spec_for(path, columns=columns, table="links"), rows)
    assert list(read_rows(path, (columns[3], columns[0]))) == [(row[3], row[0]) for row in rows]


@pytest.mark.parametrize("name", [*EXACT, "x.xlsx"])
def test_a_column_that_is_not_there_is_named(tmp_path: Path, columns: tuple[Column, ...], rows: list[Row], name: str) -> None:
    """The message names the file and the column."""
    path = str(tmp_path / name)
    written(spec_for(path, columns=columns, table="links"), rows)
    with pytest.raises(SourceError, match=f"{name}: has no column 'nothing'"):
        list(read_rows(path, (*columns, Column("nothing", "text", False, ""))))


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv.gz", "x.jsonl.zst", "x.parquet", "x.sqlite", "x.xlsx"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, columns: tuple[Column, ...], name: str) -> None:
    """Not what the suffix says, or not there: one sentence, no traceback of a library."""
    path = tmp_path / name
    with pytest.raises(SourceError, match="there is no such file"):
        list(read_rows(path, columns))
    path.write_bytes(b"something else\n" * 20)
    with pytest.raises(SourceError, match=f"{name}: cannot be read as"):
        list(read_rows(path, columns))


def test_the_limit_of_the_csv_library_stays_as_it_was(tmp_path: Path) -> None:
    """Reading an output changes nothing for others in the process, even while it is being read."""
    path = tmp_path / "x.csv"
    path.write_text("url\n" + "x" * 200_000 + "\nshort\n", encoding="utf-8")
    before = csv.field_size_limit()
    rows = read_rows(path, (Column("url", "text", False, ""),))
    assert len(str(next(rows)[0])) == 200_000
    assert csv.field_size_limit() == before
    assert [row[0] for row in rows] == ["short"]
