"""The golden files of the findings: what each format says of the same list."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Return what compares a text with its golden file, and writes the file instead when UPDATE_GOLDEN is set."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.write_text(text, encoding="utf-8", newline="")
        with path.open(encoding="utf-8", newline="") as file:
            assert text == file.read(), f"{path.name} differs; when that is meant: UPDATE_GOLDEN=1 python -m pytest tests/export/findings"

    return compare
