"""What a spreadsheet would change or run is changed by us, by one stated rule."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linkhaul.export.excel import CELL_LIMIT, csv_cell, csv_cells, cut, guarded, scrubbed


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_cell_that_begins_like_a_formula_is_guarded(start: str) -> None:
    """An apostrophe stands in front; the rest is untouched."""
    assert guarded(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


def test_other_cells_are_left_alone() -> None:
    """Only the first character counts."""
    assert [guarded(text) for text in ("", "a=1", "1-1", "'=1")] == ["", "a=1", "1-1", "'=1"]


def test_control_characters_are_replaced() -> None:
    """NUL, ESC and DEL become U+FFFD; tab, line ends and right-to-left marks are text."""
    assert scrubbed("a\0b\x1b[31m\x7f\uffff") == "a\ufffdb\ufffd[31m\ufffd\ufffd"
    assert scrubbed("a\tb\r\nc\u202e") == "a\tb\r\nc\u202e"


@pytest.mark.parametrize(
    ("text", "units"), [("x" * CELL_LIMIT, CELL_LIMIT), ("x" * 40_000, CELL_LIMIT), ("😀" * 16_383, 32_766), ("😀" * 16_384, CELL_LIMIT)]
)
def test_a_cell_is_cut_visibly_at_the_limit(text: str, units: int) -> None:
    """The limit counts UTF-16 units; what is longer ends with an ellipsis, and no emoji is halved."""
    short = cut(text)
    assert len(short.encode("utf-16-le")) // 2 == units
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)))
@example(["", "=x", "\0=x", "y" * 40_000, "-" * 40_000])
@example(["", "=x", "y" * 40_000, "😀" * 20_000])
def test_the_quick_way_is_the_rule(texts: list[str]) -> None:
    """Treating a column at once gives what treating each cell gives."""
    assert list(csv_cells(texts)) == [csv_cell(text) for text in texts]
