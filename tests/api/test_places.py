"""Where run files live that nobody named, and when they go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from linkhaul.api import places
from linkhaul.api.places import DAY_S, how_to_go_on, run_files, run_path, state_folder, tidy
from linkhaul.errors import RunFileError

NOW = 1_700_000_000.0


def made(name: str, days: float, size: int = 100) -> Path:
    """Make what stands for a run file that was used so many days ago, of so many bytes."""
    state_folder().mkdir(parents=True, exist_ok=True)
    path = state_folder() / f"{name}.run"
    path.write_bytes(bytes(size))
    os.utime(path, (NOW - days * DAY_S, NOW - days * DAY_S))
    return path


def left() -> list[str]:
    """Return the names of the run files that are there, the one used last first."""
    return [path.stem for path, _, _ in run_files()]


def test_the_same_command_has_the_same_place() -> None:
    """Verb, sources, outputs and working directory tell it; what cannot be found again gets a place of its own each time."""
    assert run_path("links", ["a"], ["o"]) == run_path("links", ["a"], ["o"])
    assert len({run_path("links", ["a"], ["o"]), run_path("crawl", ["a"], ["o"]), run_path("links", ["a", "o"], [])}) == 3
    assert run_path("links", [], []) != run_path("links", [], [])


@pytest.mark.parametrize("name", ["XDG_STATE_HOME", "LOCALAPPDATA"])
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """One sentence says where else the run file may be; nothing is kept there, and what is finished elsewhere is no fault."""
    monkeypatch.setattr("sys.platform", "win32" if name == "LOCALAPPDATA" else "linux")
    (tmp_path / "file").touch()
    monkeypatch.setenv(name, str(tmp_path / "file"))
    with pytest.raises(RunFileError, match=r"file/linkhaul/runs: .* cannot be made \(Not a directory\); name a run file with --run"):
        run_path("links", ["a"], [])
    assert run_files() == []


def test_a_folder_of_its_own_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no temporary folder can be made, the run file is told of, and how to name one."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(RunFileError, match=r"none.*: the folder for the run file cannot be made \(.*\); name a run file with --run"):
        run_path("links", [], [])


def test_a_user_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container a user may have neither a name nor a home; who names the run file needs none."""

    def nowhere(_: type[Path]) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("LOCALAPPDATA")
    monkeypatch.setattr(Path, "home", classmethod(nowhere))
    with pytest.raises(RunFileError, match="no home folder"):
        run_path("links", ["a"], [])
    tidy(lambda _: True, NOW)
    assert run_files() == []


def test_finished_runs_go_after_thirty_days() -> None:
    """Unfinished ones and younger ones stay."""
    made("old", 31)
    made("unfinished", 400)
    made("young", 29)
    tidy(lambda path: path.stem != "unfinished", NOW)
    assert left() == ["young", "unfinished"]


def test_the_sum_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the finished ones used longest ago go first; those of the last day and unfinished ones stay, whatever their size."""
    monkeypatch.setattr(places, "KEPT_BYTES", 1_000)
    for days, name in enumerate(("today", "one", "two", "three", "four")):
        made(name, days + 0.5, 400)
    tidy(lambda path: path.stem != "three", NOW)
    assert left() == ["today", "one", "three"]
    made("huge", 0.1, 5_000)
    tidy(lambda _: True, NOW)
    assert left() == ["huge", "today"]


def test_what_only_a_reader_left_is_no_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty journal, as whoever only reads leaves it, does not make a run file young; one with pages in it does, and it goes too."""
    path = made("old", 31)
    journal = path.with_name("old.run-wal")
    journal.touch()
    assert run_files()[0][1] < NOW - 30 * DAY_S
    journal.write_bytes(b"x")
    assert run_files()[0][1:] == (journal.stat().st_mtime, 101)
    os.utime(journal, (NOW - 31 * DAY_S, NOW - 31 * DAY_S))
    tidy(lambda _: True, NOW)
    assert list(state_folder().iterdir()) == []


def test_who_interrupts_is_told_how_to_go_on() -> None:
    """The place is named; the same call is recommended only where it finds the run again."""
    again, alone = (how_to_go_on(Path("x.run"), is_found_again=known) for known in (True, False))
    assert "x.run" in again
    assert "the same call goes on" in again
    assert "the same call" not in alone
    assert "linkhaul.open_run('x.run').resume()" in alone
