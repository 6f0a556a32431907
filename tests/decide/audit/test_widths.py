"""How wide a text is where results show it."""

from __future__ import annotations

import pytest

from linkhaul.decide.audit.widths import width_px


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("", 0),
        ("iiii", 18),
        ("WWWW", 76),
        ("Size chart", 89),
        ("Übergröße", 96),
        ("e\u0301", 11),
        ("苔と羊歯", 80),
        ("a\u200db", 22),
        ("Привет", 67),
    ],
    ids=["empty", "narrow", "wide", "plain", "umlauts", "combining", "japanese", "joiner", "cyrillic"],
)
def test_a_text_has_its_width(text: str, wide: int) -> None:
    """Letters count by their own width, marks nothing, wide scripts a whole square; others as a typical letter."""
    assert width_px(text, 20) == wide


def test_a_smaller_font_is_narrower() -> None:
    """The width grows with the font."""
    assert width_px("Ferns and mosses", 10) * 2 == pytest.approx(width_px("Ferns and mosses", 20), abs=1)
