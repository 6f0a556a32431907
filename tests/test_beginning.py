"""The very beginning of the command."""

from __future__ import annotations

import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from linkhaul.__main__ import main

ROOT = Path(__file__).parents[1]


class Interrupting:
    """A finder of modules that is interrupted while it looks for the command's."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "linkhaul.cli.main":
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_while_modules_are_loaded_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence and exit 130 instead of a traceback."""
    monkeypatch.delitem(sys.modules, "linkhaul.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    assert main() == 130
    assert capsys.readouterr().err == "\nstopped while starting; nothing was begun\n"


def test_the_command_begins_there() -> None:
    """The installed command listens from its first line on, as `python -m linkhaul` does."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["scripts"] == {"linkhaul": f"{main.__module__}:main"}


def test_it_listens_almost_at_once() -> None:
    """What is loaded before the command listens is next to nothing: none of what takes milliseconds."""
    script = "import sys; before = {*sys.modules}; import linkhaul.__main__; print(*sorted({*sys.modules} - before))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", script], env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "linkhaul.__main__" in loaded
    assert len(loaded) < 12, loaded
    assert loaded.isdisjoint({"typing", "re", "click", "enum", "pathlib", "asyncio"})
