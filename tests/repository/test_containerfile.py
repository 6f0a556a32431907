"""The Containerfile, read without building it: what it copies is there, what it installs is locked, and it runs without rights."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from tests.repository.conftest import ROOT


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """Return the instructions in order, lines joined."""
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    parted = [line.partition(" ") for line in lines if line.strip() and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in parted]


def values(instructions: list[tuple[str, str]], name: str) -> list[str]:
    """Return what follows an instruction, each time it is there."""
    return [rest for instruction, rest in instructions if instruction == name]


def test_it_begins_from_a_slim_python(instructions: list[tuple[str, str]]) -> None:
    """Both stages begin from the same slim image, named with its registry and a version that we support."""
    images = [rest.split(" AS ")[0] for rest in values(instructions, "FROM")]
    assert images == ["docker.io/library/python:${PYTHON}-slim"] * 2
    (version,) = re.findall(r"PYTHON=3\.(\d+)", " ".join(values(instructions, "ARG")))
    assert 11 <= int(version) <= 14


def test_what_it_copies_is_there(instructions: list[tuple[str, str]]) -> None:
    """Every file that is copied from the checkout exists, and the package's build finds what pyproject.toml names."""
    copied = [word for rest in values(instructions, "COPY") if not rest.startswith("--from") for word in shlex.split(rest)[:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {"pyproject.toml", "README.md", "LICENSE", "src/", "requirements.txt"} == set(copied)


def test_it_installs_what_is_locked(instructions: list[tuple[str, str]]) -> None:
    """Dependencies come from the lock with their hashes; the package itself brings no other."""
    (run,) = [rest for rest in values(instructions, "RUN") if "requirements" in rest]
    assert "--require-hashes -r /tmp/requirements.txt" in run
    assert "--no-deps /tmp/wheels/*.whl" in run


def test_it_runs_without_rights(instructions: list[tuple[str, str]]) -> None:
    """The last user is not root and exists by number, and the command is started without a shell between."""
    names = [name for name, _ in instructions]
    assert values(instructions, "USER") == ["linkhaul"]
    assert any("useradd" in rest and "--uid 1000 linkhaul" in rest for rest in values(instructions, "RUN"))
    assert names.index("USER") > max(number for number, name in enumerate(names) if name in ("RUN", "COPY"))
    assert json.loads(values(instructions, "ENTRYPOINT")[0]) == ["linkhaul"]
    assert "ADD" not in names


def test_any_user_may_run_it(instructions: list[tuple[str, str]]) -> None:
    """A user who is given with --user has no home there; run files that nobody names have a place all the same."""
    assert "XDG_STATE_HOME=/tmp" in shlex.split(" ".join(values(instructions, "ENV")))
