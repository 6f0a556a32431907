""".pre-commit-hooks.yaml: the hook as pre-commit reads it, and its command as it is started."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.repository.conftest import ROOT


@pytest.fixture(scope="module")
def hook() -> dict[str, Any]:
    """Return the hook's description."""
    (read,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    found: dict[str, Any] = read
    return found


def run(hook: dict[str, Any], workspace: Path, environment: dict[str, str], *files: str, args: list[str] | None = None) -> tuple[int, str]:
    """Start the hook as pre-commit does: the entry's words, its args or the user's, and the files of the commit; return its code and what it said."""
    words = [*shlex.split(hook["entry"]), *(hook["args"] if args is None else args), *files]
    done = subprocess.run(words, cwd=workspace, env=environment, capture_output=True, text=True, timeout=50, check=False)
    return done.returncode, done.stdout + done.stderr


def test_it_is_a_hook(hook: dict[str, Any]) -> None:
    """It has what pre-commit asks for, and runs once for all files, since files lead to one another."""
    assert hook["id"] == "linkhaul-check"
    assert hook["language"] == "python"
    assert hook["types_or"] == ["markdown", "html"]
    assert hook["require_serial"] is True
    assert hook["args"] == ["--offline"]
    assert hook.keys() <= {
        "id",
        "name",
        "description",
        "entry",
        "args",
        "language",
        "types_or",
        "require_serial",
        "minimum_pre_commit_version",
    }


def test_a_broken_link_stops_the_commit(hook: dict[str, Any], workspace: Path, environment: dict[str, str]) -> None:
    """The files named are read, what they lead to is looked up also where it is no part of the commit, and a broken link ends with 1."""
    code, said = run(hook, workspace, environment, "docs/guide.md", "READ ME.md")
    assert code == 1, said
    assert said.splitlines()[0] == "docs/guide.md"
    assert "broken file  docs/gone.md" in said
    assert said.count("broken file") == 1


def test_a_good_commit_passes(hook: dict[str, Any], workspace: Path, environment: dict[str, str]) -> None:
    """Where all is well it ends with 0, and the second time too."""
    assert [run(hook, workspace, environment, "READ ME.md", "docs/sizes.md")[0] for _ in range(2)] == [0, 0]


def test_nothing_of_the_web_is_asked(hook: dict[str, Any], workspace: Path, environment: dict[str, str]) -> None:
    """A link to a port where nobody listens is not broken by default, and is once the user's args let it be asked."""
    (workspace / "web.md").write_text("[web](http://127.0.0.1:9/)\n")
    assert run(hook, workspace, environment, "web.md")[0] == 0
    code, said = run(
        hook,
        workspace,
        environment,
        "web.md",
        args=["--confirm-after", "0", "--retries", "0", "--fail-on", "broken,unreachable", "--allow-private"],
    )
    assert code == 1, said
