"""Rows made into text by a recipe: the same however many there are."""

from __future__ import annotations

import pytest

from linkhaul.config import RowSettings
from linkhaul.export import recipe
from linkhaul.export.recipe import Recipe, texts_of
from linkhaul.read.html import read_page


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_many_rows_become_the_text_that_few_at_a_time_do(monkeypatch: pytest.MonkeyPatch, format: str) -> None:
    """The rows of a large page are encoded in lots, so that they are never in memory as a whole in between; the text is the same."""
    body = "".join(f'<a href="/{n}" title="{"é" * (n % 3)}">{n}, "{n}"</a>' for n in range(11))
    links = read_page(body, "https://a.example/").links
    texts = texts_of(RowSettings(), [Recipe(format)])
    whole = texts(links)
    monkeypatch.setattr(recipe, "LOT", 4)
    assert texts(links) == whole
    assert (whole[0][0], whole[0][1].count(b"\n")) == (11, 11)
