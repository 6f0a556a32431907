"""action.yml: a composite action as GitHub reads it, and its shell as the runner starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from tests.repository.conftest import ROOT

from linkhaul.demo.server import serve

EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the steps are run by bash")


class Done(NamedTuple):
    """What the step that checks left behind."""

    code: int
    out: str
    err: str
    summary: str
    outputs: str


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    """Return the action's description."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return read


def step(action: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a step by name."""
    found: dict[str, Any] = next(each for each in action["runs"]["steps"] if each["name"] == name)
    return found


def given(entry: dict[str, Any], inputs: dict[str, str]) -> dict[str, str]:
    """Return a step's environment as the runner fills it in."""
    return {name: EXPRESSION.sub(lambda found: inputs[found[1].removeprefix("inputs.")], value) for name, value in entry["env"].items()}


def check(action: dict[str, Any], workspace: Path, environment: dict[str, str], **inputs: str) -> Done:
    """Run the step that checks, with a runner's folders and files."""
    temp = workspace.parent / "runner temp"
    (temp / "linkhaul").mkdir(parents=True)
    (temp / "linkhaul" / "bin").symlink_to(Path(sys.executable).parent)
    summary, outputs = temp / "summary", temp / "outputs"
    summary.touch()
    outputs.touch()
    entry = step(action, "Check links")
    defaults = {name: each["default"] for name, each in action["inputs"].items()}
    runner = {"RUNNER_TEMP": str(temp), "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs), "GITHUB_ACTIONS": "true"}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", entry["run"]], cwd=workspace, env=environment | runner | given(entry, defaults | inputs),
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr, summary.read_text(), outputs.read_text())


def test_it_is_a_composite_action(action: dict[str, Any]) -> None:
    """It has the keys that GitHub asks for, each step of a composite action names its shell, and every input has a description and a default."""
    assert {"name", "description", "inputs", "runs"} <= action.keys()
    assert action["runs"]["using"] == "composite"
    assert all(each["shell"] == "bash" for each in action["runs"]["steps"])
    assert all({"description", "default", "required"} <= each.keys() for each in action["inputs"].values())
    assert set(action["inputs"]) == {"sources", "args", "version"}


def test_no_input_becomes_shell(action: dict[str, Any]) -> None:
    """Inputs reach the shell as variables of the environment only: text of a pull request cannot become a command. None is taken for a setting."""
    assert not any(EXPRESSION.search(each["run"]) for each in action["runs"]["steps"])
    assert not any(name.startswith("LINKHAUL_") for each in action["runs"]["steps"] for name in each["env"])
    named = {found[1] for each in action["runs"]["steps"] for value in each["env"].values() for found in EXPRESSION.finditer(value)}
    assert named == {f"inputs.{name}" for name in action["inputs"]}


def test_it_annotates_and_fails(action: dict[str, Any], workspace: Path, environment: dict[str, str]) -> None:
    """What is broken is an annotation at its line, the summary has the table, and the step ends with the exit code of the check."""
    done = check(action, workspace, environment, sources="docs\r\n\nREAD ME.md\n", args="--offline")
    assert done.code == 1, done.err
    assert re.search(r"^::error title=broken file,file=docs/guide\.md,line=3,col=\d+::docs/gone\.md", done.out, re.MULTILINE)
    assert done.summary.startswith("## ")
    assert "`docs/gone.md`" in done.summary
    assert done.outputs == "exit-code=1\n"


def test_what_is_fine_passes(action: dict[str, Any], workspace: Path, environment: dict[str, str]) -> None:
    """Arguments are split as a shell splits them, and nothing in them is run."""
    done = check(
        action, workspace, environment, sources="docs", args="--offline --exclude 'gone\\.md$' --exclude '$(touch no); `touch no`'"
    )
    assert (done.code, done.outputs) == (0, "exit-code=0\n"), done.err
    assert not (workspace / "no").exists()


def test_a_site_is_checked(action: dict[str, Any], workspace: Path, environment: dict[str, str]) -> None:
    """A source may be a site."""
    with serve(slow_s=0.0) as url:
        done = check(action, workspace, environment, sources=f"{url}/", args="--only internal --confirm-after 0")
    assert done.code == 1, done.err
    assert "::error title=broken 404::" in done.out


def test_bad_use_is_told(action: dict[str, Any], workspace: Path, environment: dict[str, str]) -> None:
    """A flag that does not exist ends the step with 2, and says so on stderr."""
    done = check(action, workspace, environment, sources="docs", args="--no-such-flag")
    assert (done.code, done.outputs) == (2, "exit-code=2\n")
    assert "no-such-flag" in done.err


@pytest.mark.parametrize(("version", "wanted"), [("", "ACTION"), ("0.1.0", "linkhaul==0.1.0")], ids=["own", "named"])
def test_it_installs_itself_or_the_version_named(action: dict[str, Any], tmp_path: Path, version: str, wanted: str) -> None:
    """Without a version the action's own checkout is installed, else that version; in an environment of its own."""
    told = tmp_path / "told"
    fake = tmp_path / "bin" / "python3"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\necho "$@" >> "{told}"\nif [ "$1 $2" = "-m venv" ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi\n',
        encoding="utf-8",
    )
    fake.chmod(0o755)
    entry = step(action, "Install linkhaul")
    runner = {
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_ACTION_PATH": "ACTION",
        "PATH": f"{fake.parent}:{os.environ['PATH']}",
        "CHECK_VERSION": version,
    }
    subprocess.run(["bash", "-eo", "pipefail", "-c", entry["run"]], env=runner, timeout=20, check=True)
    assert told.read_text().splitlines()[1:] == [
        f"-m venv {tmp_path}/linkhaul",
        f"-m pip install --quiet --disable-pip-version-check {wanted}",
    ]
