"""What would stop an output is said before anything is fetched; whole formats appear whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linkhaul.errors import MissingExtra, OutputError, UsageError
from linkhaul.export.outputs import check, is_live, write_whole
from linkhaul.export.reading import read_rows
from linkhaul.export.spec import OutputSpec, spec_for
from linkhaul.model.columns import Column, Row

Named = Callable[..., OutputSpec]


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.jsonl", "x.sqlite", "x.parquet", "x.xlsx"])
def test_a_new_file_in_a_folder_is_fine_and_checking_makes_nothing(output: Named, name: str) -> None:
    """A check leaves no trace."""
    spec = output(name)
    check(spec, ours=False)
    assert not list(Path(spec.path).parent.iterdir())


def test_a_folder_that_is_missing_is_named(output: Named) -> None:
    """So is a path that is itself a folder."""
    with pytest.raises(OutputError, match=r"there is no folder .*nowhere; make it first"):
        check(output("nowhere/x.csv"), ours=False)
    Path(output("y.csv").path).mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        check(output("y.csv"), ours=False)


def test_a_place_that_may_not_be_written_is_named(output: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked of the system, so that it holds for every kind of permission."""
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(OutputError, match=r"x\.csv: may not be written; change the permissions"):
        check(output("x.csv"), ours=False)


@pytest.mark.parametrize("name", ["x.parquet", "x.xlsx"])
def test_a_whole_file_of_the_users_is_never_replaced_unasked(output: Named, rows: list[Row], name: str) -> None:
    """The error names --overwrite; ours or asked for, it is replaced."""
    spec = output(name)
    Path(spec.path).write_bytes(b"mine")
    with pytest.raises(OutputError, match=f"{name}: exists.*--overwrite"):
        check(spec, ours=False)
    with pytest.raises(OutputError, match=f"{name}: exists.*--overwrite"):
        write_whole(spec, [rows], may_replace=False)
    assert Path(spec.path).read_bytes() == b"mine"
    check(spec, ours=True)
    assert write_whole(spec, [rows], may_replace=True) == len(rows)
    assert write_whole(output(name, overwrite=True), [rows], may_replace=False) == len(rows)


@pytest.mark.parametrize("name", ["x.parquet", "x.xlsx"])
def test_a_whole_file_appears_whole_or_not_at_all(output: Named, columns: tuple[Column, ...], rows: list[Row], name: str) -> None:
    """A failure in the middle leaves the old file and no scraps beside it."""
    spec = output(name)
    write_whole(spec, [rows], may_replace=False)

    def failing() -> Iterator[list[Row]]:
        yield rows
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="no space left"):
        write_whole(spec, failing(), may_replace=True)
    assert list(read_rows(spec.path, columns)) == rows
    assert [path.name for path in Path(spec.path).parent.iterdir()] == [name]


@pytest.mark.parametrize(("name", "module", "extra"), [("x.parquet", "pyarrow.parquet", "parquet"), ("x.xlsx", "xlsxwriter", "excel")])
def test_a_missing_package_is_one_clear_line(output: Named, monkeypatch: pytest.MonkeyPatch, name: str, module: str, extra: str) -> None:
    """Before anything is fetched, with the command that installs it."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'linkhaul\[{extra}\]'"):
        check(output(name), ours=False)


def test_a_live_file_with_other_columns_is_refused_early(output: Named) -> None:
    """Unless it is ours already (then opening compares), or may be replaced."""
    Path(output("x.csv").path).write_bytes(b"a,b\r\n")
    with pytest.raises(OutputError, match="columns differ"):
        check(output("x.csv"), ours=False)
    check(output("x.csv", overwrite=True), ours=False)
    assert is_live(output("x.csv"))
    assert not is_live(output("x.parquet"))


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="needs a device file")
def test_a_format_that_needs_a_file_is_refused_on_a_device(columns: tuple[Column, ...]) -> None:
    """A database or workbook cannot go into a pipe."""
    with pytest.raises(UsageError, match="needs one"):
        check(spec_for("/dev/null", columns=columns, table="links", format="sqlite"), ours=False)
