"""The runs of a folder: a new one beside those that are over, or the one that was broken off."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from linkhaul.api.monitoring import next_run
from linkhaul.errors import OutputError, RunFileError
from linkhaul.store.opening import create

NOW = 1_445_412_480.0
NEW = "2015-10-21T072800Z.run"


def _run(path: Path, state: str, stopped_by: str = "null") -> Path:
    with closing(create(path)) as connection:
        connection.execute("INSERT INTO run VALUES ('state', ?), ('stopped_by', ?)", (f'"{state}"', stopped_by))
    return path


def test_the_first_run(tmp_path: Path) -> None:
    """The folder is made, and there is nothing to compare with."""
    assert next_run(tmp_path / "a" / "b", NOW) == (tmp_path / "a" / "b" / NEW, None)
    assert (tmp_path / "a" / "b").is_dir()


def test_runs_that_are_over(tmp_path: Path) -> None:
    """The latest is compared with; so is one that reached a limit. What is no run file is left alone."""
    _run(tmp_path / "2001.run", "finished")
    latest = _run(tmp_path / "2002.run", "stopped", '"max_pages"')
    (tmp_path / "2003.run").write_text("notes")
    (tmp_path / "2004.run").touch()
    assert next_run(tmp_path, NOW) == (tmp_path / NEW, latest)


def test_a_run_that_was_broken_off_is_gone_on_with(tmp_path: Path) -> None:
    """And compared with the one before it."""
    before = _run(tmp_path / "2001.run", "ended")
    for state, why in (("running", "null"), ("stopped", '"interrupt"')):
        begun = _run(tmp_path / f"2002-{state}.run", state, why)
        assert next_run(tmp_path, NOW) == (begun, before)
        begun.unlink()
        begun.with_name(begun.name + "-wal").unlink(missing_ok=True)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    """A sentence says so; a damaged run is not passed over in silence."""
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be the folder of runs"):
        next_run(tmp_path / "file", NOW)
    path = _run(tmp_path / "2001.run", "finished")
    path.write_bytes(path.read_bytes()[:5_000])
    with pytest.raises(RunFileError, match="cut short"):
        next_run(tmp_path, NOW)
