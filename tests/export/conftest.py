"""Small tables and a way to name outputs, for the tests of the writers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from linkhaul.export.spec import OutputSpec, spec_for
from linkhaul.model.columns import Column, Row

COLUMNS = (
    Column("n", "integer", False, "a number"),
    Column("url", "text", True, "may be absent"),
    Column("text", "text", False, "may be empty"),
    Column("internal", "boolean", False, "yes or no"),
    Column("wait_s", "real", True, "seconds"),
)


@pytest.fixture
def columns() -> tuple[Column, ...]:
    """One column of each type."""
    return COLUMNS


@pytest.fixture
def rows() -> list[Row]:
    """A hundred different rows; some must be quoted in CSV."""
    texts = ["plain", "", "a, b", 'say "x"', "two\nlines", "déjà vu"]
    return [(n, None if n % 3 else f"https://a.example/{n}", texts[n % 6], n % 2 == 0, None if n % 4 else n / 8) for n in range(1, 101)]


@pytest.fixture
def output(tmp_path: Path) -> Callable[..., OutputSpec]:
    """Return a function that names an output in an empty folder."""

    def named(name: str, *, overwrite: bool = False) -> OutputSpec:
        return spec_for(str(tmp_path / name), columns=COLUMNS, table="links", overwrite=overwrite)

    return named
