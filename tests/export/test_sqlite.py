"""Rows in a table of a database that may be the user's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from linkhaul.errors import OutputError
from linkhaul.export.disk import Behind
from linkhaul.export.outputs import check, open_live
from linkhaul.export.reading import read_rows
from linkhaul.export.spec import OutputSpec, spec_for
from linkhaul.model.columns import Column, Row

Named = Callable[..., OutputSpec]


def sql(spec: OutputSpec, *statements: str) -> list[tuple[object, ...]]:
    """Run statements in the database and return the rows of the last."""
    with closing(sqlite3.connect(spec.path)) as database, database:
        return [database.execute(statement).fetchall() for statement in statements][-1]


def fed(spec: OutputSpec, mark: str | None, rows: list[Row]) -> str:
    writer = open_live(spec, mark)
    writer.write(rows)
    mark = writer.flush()
    writer.close()
    return mark


def test_what_is_ahead_of_the_mark_is_deleted_and_fed_again(output: Named, columns: tuple[Column, ...], rows: list[Row]) -> None:
    """Killed between commit and mark: each row is there once, in order."""
    spec = output("x.sqlite")
    mark = fed(spec, None, rows[:30])
    fed(spec, mark, rows[30:60])
    fed(spec, mark, rows[30:])
    assert list(read_rows(spec.path, columns)) == rows


def test_another_runs_rows_behind_ours_stay(output: Named, columns: tuple[Column, ...], rows: list[Row]) -> None:
    """A second run added to the same table after the first crashed: cutting the first back leaves the second's rows."""
    spec = output("x.sqlite")
    mark = fed(spec, None, rows[:30])
    fed(spec, mark, rows[30:40])
    fed(spec, None, rows[50:])
    fed(spec, mark, rows[30:50])
    assert sorted(read_rows(spec.path, columns), key=lambda row: row[0] or 0) == rows


def test_a_foreign_row_among_ours_is_never_deleted(output: Named, rows: list[Row]) -> None:
    """Where the count does not match, nothing is cut and the sentence says why."""
    spec = output("x.sqlite")
    mark = fed(spec, None, rows[:30])
    again = fed(spec, mark, rows[30:40])
    sql(spec, "INSERT INTO links (n, text, internal) VALUES (999, 'mine', 0)")
    fed(spec, again, rows[40:50])
    with pytest.raises(OutputError, match="rows were added to or deleted"):
        open_live(spec, mark)
    assert sql(spec, "SELECT count(*) FROM links") == [(51,)]


def test_other_tables_are_never_touched(output: Named, rows: list[Row]) -> None:
    """Not even by --overwrite, which replaces the one table."""
    spec = output("x.sqlite", overwrite=True)
    sql(spec, "CREATE TABLE mine (a)", "INSERT INTO mine VALUES (1)", "CREATE TABLE links (other)")
    fed(spec, None, rows)
    assert sql(spec, "SELECT * FROM mine") == [(1,)]
    assert sql(spec, "SELECT count(*) FROM links") == [(len(rows),)]


def test_two_tables_of_one_database_can_be_written_in_turn(tmp_path: Path, columns: tuple[Column, ...], rows: list[Row]) -> None:
    """Links and pages into one file: no writer keeps the database locked between two calls."""
    path = str(tmp_path / "x.sqlite")
    writers = [open_live(spec_for(path, columns=columns, table=table), None) for table in ("links", "pages")]
    for writer in writers:
        writer.write(rows)
    for writer in writers:
        writer.flush()
        writer.close()
    assert list(read_rows(path, columns, table="pages")) == list(read_rows(path, columns, table="links")) == rows


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE TABLE links (n, url, text, internal)", "column 5 is missing"),
        ("CREATE VIEW links AS SELECT 1", "is a view"),
        ("CREATE TABLE links (n PRIMARY KEY, url, text, internal, wait_s) WITHOUT ROWID", "rowid"),
    ],
)
def test_a_table_that_cannot_be_added_to_is_refused(output: Named, statement: str, words: str) -> None:
    """Before anything is fetched, and again at opening; the database stays as it is."""
    spec = output("x.sqlite")
    sql(spec, statement)
    before = Path(spec.path).read_bytes()
    with pytest.raises(OutputError, match=words):
        check(spec, ours=False)
    with pytest.raises(OutputError, match=words):
        open_live(spec, None)
    assert Path(spec.path).read_bytes() == before


def test_a_file_that_is_no_database_is_refused_unchanged(output: Named) -> None:
    """The sentence says what it is not."""
    spec = output("x.sqlite")
    Path(spec.path).write_bytes(b"notes, not a database\n" * 10)
    with pytest.raises(OutputError, match="is not an SQLite database"):
        check(spec, ours=False)
    with pytest.raises(OutputError, match="is not an SQLite database"):
        open_live(spec, None)
    assert Path(spec.path).read_bytes() == b"notes, not a database\n" * 10


def test_a_database_that_is_gone_or_older_is_behind(output: Named, columns: tuple[Column, ...], rows: list[Row]) -> None:
    """Deleted or restored from a copy: it is fed again from the first row, the rest stays."""
    spec = output("x.sqlite")
    fed(spec, None, rows[:10])
    mark = fed(spec, None, rows[10:40])
    old = Path(spec.path).read_bytes()
    mark = fed(spec, mark, rows[40:])
    Path(spec.path).write_bytes(old)
    with pytest.raises(Behind) as caught:
        open_live(spec, mark)
    fed(spec, caught.value.begin, rows[10:])
    assert list(read_rows(spec.path, columns)) == rows
    Path(spec.path).unlink()
    with pytest.raises(Behind) as caught:
        open_live(spec, mark)
    assert caught.value.begin is None


def test_another_database_in_its_place_is_refused(output: Named, tmp_path: Path, rows: list[Row]) -> None:
    """A mark belongs to one database: a table with the same name elsewhere is not cut."""
    mark = fed(output("a.sqlite"), None, rows)
    fed(output("b.sqlite"), None, rows)
    with pytest.raises(OutputError, match="not the one this run wrote"):
        open_live(output("b.sqlite"), mark)


def test_a_locked_database_says_so(output: Named, rows: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program's open transaction is named, and nothing of ours is half written."""
    monkeypatch.setattr("linkhaul.export.sqlite._WAIT_S", 0.01)
    spec = output("x.sqlite")
    writer = open_live(spec, None)
    writer.write(rows)
    with closing(sqlite3.connect(spec.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match="another program holds the database"):
            writer.flush()
    writer.close()
    assert sql(spec, "SELECT count(*) FROM links") == [(0,)]


def test_a_full_disk_rolls_back(output: Named, columns: tuple[Column, ...], rows: list[Row]) -> None:
    """The transaction that did not fit is gone as a whole; with room made, the run goes on at the mark."""
    spec = output("x.sqlite")
    writer = open_live(spec, None)
    mark = writer.flush()
    writer._database.execute("PRAGMA max_page_count = 4")  # type: ignore[attr-defined]
    writer.write(rows * 50)
    with pytest.raises(OutputError, match="no space left; make room"):
        writer.flush()
    writer.close()
    fed(spec, mark, rows)
    assert list(read_rows(spec.path, columns)) == rows


def test_the_mark_says_how_many_rows(output: Named, rows: list[Row]) -> None:
    """The database and the mark agree after a flush."""
    spec = output("x.sqlite")
    mark = msgspec.json.decode(fed(spec, None, rows))
    assert sql(spec, "SELECT part, begin, last, rows FROM linkhaul_parts") == [(mark["part"], 0, 100, 100)]
