"""Run files in a folder of the test's own, and visits to put into them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from linkhaul.store.opening import create


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a run file may be made."""
    return tmp_path / "trial.run"


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    """Return a new run file, opened to write."""
    made = create(path)
    yield made
    made.close()
