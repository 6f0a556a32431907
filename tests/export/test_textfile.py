"""An output is cut back to its mark and fed again: whatever happens between two marks, each row is there once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhaul.errors import OutputError
from linkhaul.export.disk import Behind
from linkhaul.export.outputs import open_live
from linkhaul.export.reading import read_rows
from linkhaul.export.spec import OutputSpec, spec_for
from linkhaul.model.columns import Column, Row

Named = Callable[..., OutputSpec]
NUMBERS = (Column("n", "integer", False, ""), Column("text", "text", False, ""))
TEXT_NAMES = ["x.csv", "x.jsonl", "x.csv.gz", "x.jsonl.zst"]


def fed(spec: OutputSpec, mark: str | None, rows: list[Row]) -> str:
    """Open, write, close, and return the last mark."""
    writer = open_live(spec, mark)
    writer.write(rows)
    mark = writer.flush()
    writer.close()
    return mark


@pytest.mark.parametrize("name", TEXT_NAMES)
@pytest.mark.parametrize("kept", ["all", "most", "half", "none"])
def test_what_is_ahead_of_the_mark_is_cut_and_fed_again(
    output: Named, columns: tuple[Column, ...], rows: list[Row], name: str, kept: str
) -> None:
    """Killed between write and mark, with the last write whole, torn or lost: each row is there once."""
    spec = output(name)
    mark = fed(spec, None, rows[:30])
    at = os.path.getsize(spec.path)  # noqa: PTH202
    fed(spec, mark, rows[30:60])
    ahead = os.path.getsize(spec.path)  # noqa: PTH202
    os.truncate(spec.path, {"all": ahead, "most": ahead - 3, "half": (at + ahead) // 2, "none": at}[kept])
    fed(spec, mark, rows[30:])
    assert list(read_rows(spec.path, columns)) == rows


@pytest.mark.parametrize("name", TEXT_NAMES)
def test_a_mark_taken_at_opening_saves_the_rows_before_the_first_flush(
    output: Named, columns: tuple[Column, ...], rows: list[Row], name: str
) -> None:
    """With the mark of the opening, rows written before a crash are not taken for the user's."""
    spec = output(name)
    writer = open_live(spec, None)
    mark = writer.flush(durable=True)
    writer.write(rows[:50])
    writer.close()
    fed(spec, mark, rows)
    assert list(read_rows(spec.path, columns)) == rows


@pytest.mark.parametrize("name", TEXT_NAMES)
def test_an_output_that_lost_rows_is_fed_again_from_its_beginning(
    output: Named, columns: tuple[Column, ...], rows: list[Row], name: str
) -> None:
    """Behind its mark: the rows of the user before ours stay, ours are cut off, and all are fed again."""
    spec = output(name)
    fed(spec, None, rows[:10])
    mark = fed(spec, None, rows[10:])
    os.truncate(spec.path, os.path.getsize(spec.path) - 5)  # noqa: PTH202
    with pytest.raises(Behind, match="fed again") as caught:
        open_live(spec, mark)
    fed(spec, caught.value.begin, rows[10:])
    assert list(read_rows(spec.path, columns)) == rows


@pytest.mark.parametrize("name", TEXT_NAMES)
def test_a_table_without_rows_is_a_valid_file(output: Named, columns: tuple[Column, ...], name: str) -> None:
    """Compressed formats need a frame even around nothing; a run that goes on there adds its rows."""
    spec = output(name)
    mark = fed(spec, None, [])
    assert list(read_rows(spec.path, columns)) == []
    row = (1, None, "x", True, None)
    fed(spec, mark, [row])
    assert list(read_rows(spec.path, columns)) == [row]


def test_an_output_that_was_deleted_is_written_afresh(output: Named, columns: tuple[Column, ...], rows: list[Row]) -> None:
    """A missing file is behind: it begins anew, with its header."""
    spec = output("x.csv")
    mark = fed(spec, None, rows)
    Path(spec.path).unlink()
    with pytest.raises(Behind) as caught:
        open_live(spec, mark)
    fed(spec, caught.value.begin, rows)
    assert list(read_rows(spec.path, columns)) == rows


@pytest.mark.parametrize(
    "change", [lambda old: old.replace(b"y", b"z"), lambda old: b"my notes\n", lambda old: b"n,text\r\n" + b"5,mine\r\n" * 2000]
)
def test_a_file_that_was_changed_meanwhile_is_refused_and_unchanged(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    """Longer or shorter, what is not what we wrote is never cut."""
    spec = spec_for(str(tmp_path / "x.csv"), columns=NUMBERS, table="links")
    mark = fed(spec, None, [(n, "yes") for n in range(900)])
    changed = change(Path(spec.path).read_bytes())
    Path(spec.path).write_bytes(changed)
    with pytest.raises(OutputError, match=r"x\.csv: .*--overwrite") as caught:
        open_live(spec, mark)
    assert not isinstance(caught.value, Behind)
    assert Path(spec.path).read_bytes() == changed


def test_overwrite_lets_a_changed_file_be_fed_anew(output: Named, columns: tuple[Column, ...], rows: list[Row]) -> None:
    """With --overwrite a changed file is behind, and begins anew."""
    spec = output("x.csv", overwrite=True)
    mark = fed(spec, None, rows)
    Path(spec.path).write_bytes(b"?" * 90_000)
    with pytest.raises(Behind) as caught:
        open_live(spec, mark)
    fed(spec, caught.value.begin, rows)
    assert list(read_rows(spec.path, columns)) == rows


@pytest.mark.parametrize("name", TEXT_NAMES)
def test_rows_that_another_run_added_after_an_ordered_end_stay(
    output: Named, columns: tuple[Column, ...], rows: list[Row], name: str
) -> None:
    """A run that was interrupted in order goes on behind what a second run wrote to the same file meanwhile."""
    spec = output(name)
    writer = open_live(spec, None)
    writer.write(rows[:30])
    mark = writer.flush(last=True)
    writer.close()
    fed(spec, None, rows[30:60])
    first = fed(spec, mark, rows[60:80])
    fed(spec, first, rows[80:])
    assert list(read_rows(spec.path, columns)) == rows


def test_two_programs_at_once_are_noticed(output: Named, rows: list[Row]) -> None:
    """What another program writes meanwhile is neither overwritten nor mixed with ours."""
    spec = output("x.csv")
    writer = open_live(spec, None)
    writer.write(rows)
    writer.flush()
    with Path(spec.path).open("ab") as other:
        other.write(b"theirs\n")
    before = Path(spec.path).read_bytes()
    writer.write(rows)
    with pytest.raises(OutputError, match="another program"):
        writer.flush()
    writer.close()
    assert Path(spec.path).read_bytes() == before


def test_other_columns_cannot_go_on_at_a_mark(output: Named, tmp_path: Path, rows: list[Row]) -> None:
    """The columns are compared on every opening."""
    mark = fed(output("x.csv"), None, rows)
    with pytest.raises(OutputError, match="columns differ"):
        open_live(spec_for(str(tmp_path / "x.csv"), columns=NUMBERS, table="links"), mark)


def test_a_full_disk_leaves_the_file_at_its_last_flush(
    output: Named, columns: tuple[Column, ...], rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a write that fails is cut off again; when there is room, the run goes on at the mark."""
    spec = output("x.csv")
    writer = open_live(spec, None)
    writer.write(rows[:50])
    mark = writer.flush()
    at = Path(spec.path).stat().st_size
    file = writer._file  # type: ignore[attr-defined]
    monkeypatch.setattr(writer, "_file", FullDisk(file))
    writer.write(rows[50:])
    with pytest.raises(OutputError, match=r"x\.csv: no space left; make room"):
        writer.flush()
    writer.close()
    assert Path(spec.path).stat().st_size == at
    fed(spec, mark, rows[50:])
    assert list(read_rows(spec.path, columns)) == rows


class FullDisk:
    """A file whose disk takes ten more bytes."""

    def __init__(self, file: object) -> None:
        self._file = file
        self._left = 10

    def write(self, content: memoryview) -> int:
        if not self._left:
            raise OSError(28, "No space left on device")
        self._left = 0
        written: int = self._file.write(content[:10])  # type: ignore[attr-defined]
        return written

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from([*TEXT_NAMES, "x.sqlite"]),
    steps=st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from(["go on", "flush", "store", "crash", "end"]), st.floats(0, 1)), max_size=12
    ),
)
def test_any_crashes_leave_each_row_once(tmp_path_factory: pytest.TempPathFactory, name: str, steps: list[tuple[int, str, float]]) -> None:
    """A model of the run: write, flush, store the mark, crash with any share of the unmarked bytes on disk, open again."""
    spec = spec_for(str(tmp_path_factory.mktemp("crash") / name), columns=NUMBERS, table="links")
    rows: list[Row] = [(n, f"row {n}, " * (n % 5)) for n in range(400)]
    writer = open_live(spec, None)
    mark, marked, fed_to = writer.flush(durable=True), 0, 0
    size = Path(spec.path).stat().st_size
    for count, act, share in steps:
        writer.write(rows[fed_to : fed_to + count])
        fed_to += count
        if act in ("flush", "store", "end"):
            new = writer.flush(last=act == "end")
            if act != "flush":
                mark, marked, size = new, fed_to, Path(spec.path).stat().st_size
        if act in ("crash", "end"):
            writer._is_broken = act == "crash"  # type: ignore[attr-defined]
            writer.close()
            if act == "crash" and not name.endswith("sqlite"):
                ahead = Path(spec.path).stat().st_size
                os.truncate(spec.path, size + int((ahead - size) * share))
            writer, fed_to = open_live(spec, mark), marked
            mark = writer.flush()
    writer.close()
    assert list(read_rows(spec.path, NUMBERS)) == rows[:fed_to]


CHILD = """
import sys
from linkhaul.export.outputs import open_live, spec_for
from linkhaul.model.columns import Column
columns = (Column("n", "integer", False, ""), Column("text", "text", False, ""))
writer = open_live(spec_for(sys.argv[1], columns=columns, table="links"), None)
print(0, writer.flush(), flush=True)
for n in range(1, 10_000_000):
    writer.write([(n, "x" * 50)])
    if n % 50 == 0:
        mark = writer.flush()
        if n % 100 == 0:
            print(n, mark, flush=True)
"""


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.sqlite"])
def test_a_killed_process_loses_and_doubles_nothing(tmp_path: Path, name: str) -> None:
    """A real kill in the middle of writing; then the rest is fed from the last mark that was told."""
    path = tmp_path / name
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert child.stdout is not None
    told = [child.stdout.readline() for _ in range(4)]
    child.kill()
    told += child.stdout.read().splitlines(keepends=True)
    child.stdout.close()
    child.wait()
    number, mark = [line for line in told if line.endswith("\n")][-1].split(" ", 1)
    last = int(number) + 75
    fed(spec_for(str(path), columns=NUMBERS, table="links"), mark, [(n, "x" * 50) for n in range(int(number) + 1, last + 1)])
    assert [row[0] for row in read_rows(path, NUMBERS)] == list(range(1, last + 1))
