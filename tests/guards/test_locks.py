"""The lock files: whole, and of no machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

LOCKS = ("requirements.txt", "requirements-dev.txt")
ENTRY = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?P<marker> ; [^\\]+)? \\(?P<hashes>(\n {4}--hash=sha256:[0-9a-f]{64}( \\)?)+)$",
    re.MULTILINE,
)


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]).lower()


def _locked(root: Path, lock: str) -> dict[str, str]:
    return {_name(entry["name"]): entry["version"] for entry in ENTRY.finditer((root / lock).read_text())}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(root: Path, lock: str) -> None:
    """A lock holds versions and hashes, no option, URL or path, so that it serves with any index."""
    text = (root / lock).read_text()
    lines = [line for line in ENTRY.sub("", text).splitlines() if line and not line.startswith("#")]
    assert lines == []
    assert re.search(r"://|@ |--(index|find|extra)|file:", text) is None


def test_every_requirement_is_locked(root: Path) -> None:
    """What pyproject.toml asks for is in the locks: the core in both, extras and development in the second, in one version."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    core = {_name(line) for line in project["project"]["dependencies"]}
    extras = {_name(line) for lines in project["project"]["optional-dependencies"].values() for line in lines} - {"linkhaul"}
    development = {_name(line) for line in project["dependency-groups"]["dev"]}
    small, large = (_locked(root, lock) for lock in LOCKS)
    assert core - small.keys() == set()
    assert (core | extras | development) - large.keys() == set()
    assert small.items() <= large.items()
