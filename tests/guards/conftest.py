"""The source as the guards see it: every file once, as text and as a tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("src", "tests", "docs", "examples", "bench", ".ci")
MADE_BY_MACHINES = {".venv", "__pycache__", ".ipynb_checkpoints", "work", "results"}
TEXT = {".py", ".md", ".toml", ".txt", ".ipynb", ".html", ".css", ".svg", ".cfg", ".conf", ".sh", ".yml", ".yaml", ".json", ""}


def _files() -> Iterator[Path]:
    yield from (path for path in ROOT.iterdir() if path.is_file())
    for part in PARTS:
        yield from (
            path for path in (ROOT / part).rglob("*") if path.is_file() and not MADE_BY_MACHINES & set(path.relative_to(ROOT).parts)
        )


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """Return every text file of the project by its path from the root."""
    kept = (path for path in _files() if path.suffix in TEXT)
    found = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8", errors="replace") for path in kept}
    assert "pyproject.toml" in found
    return found


@pytest.fixture(scope="session")
def modules() -> dict[str, ast.Module]:
    """Return the tree of every module of linkhaul by its path from src/linkhaul, such as read/html.py."""
    package = ROOT / "src" / "linkhaul"
    found = {path.relative_to(package).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in package.rglob("*.py")}
    assert "errors.py" in found
    return found


@pytest.fixture(scope="session")
def tests() -> dict[str, ast.Module]:
    """Return the tree of every test module by its path from the root."""
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("test_*.py")}
