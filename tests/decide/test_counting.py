"""Counting in bounded memory."""

from __future__ import annotations

import random

import pytest

from linkhaul.decide.counting import LAST_BODIES, OPEN_VALUES, SAME_CONTENT, Contents, Marks, Recent, Sketch, Slots


@pytest.mark.parametrize("number", [0, 1, 10, 50, 200, 400])
def test_a_sketch_counts_within_a_sixth(number: int) -> None:
    """Different values count once each, nearly, however often they come."""
    sketch = Sketch()
    for turn in range(3):
        for value in range(number):
            sketch.add(f"value {value}")
        assert abs(sketch.count() - number) <= 1 + number / 6, turn


def test_a_table_forgets_what_was_not_used() -> None:
    """There are never more keys than room, and the one used last stays."""
    table = Recent(Sketch, room=3)
    for key in ("a", "b", "c", "a", "d", "e"):
        table[key].add("x")
    assert list(table.table) == ["a", "d", "e"]


def test_many_urls_of_few_values_are_told_from_many_of_many() -> None:
    """Three slots of ten values each are a combination above the budget; an id among them never is."""
    few, many = Slots(), Slots()
    told = [few.add((str(n % 10), str(n // 10 % 10), str(n // 100)), 500) for n in range(1000)]
    assert not any(told[:500])
    assert all(told[520:])
    assert not any(many.add((str(n % 10), str(n)), 500) for n in range(5 * OPEN_VALUES))


def test_the_same_body_again_and_again() -> None:
    """Repeated bodies close a pattern when they are many and at least half; a few among many others do not."""
    same = Contents()
    assert [same.add(b"x") for _ in range(SAME_CONTENT + 1)].index(True) == SAME_CONTENT
    mixed = Contents()
    assert not any(mixed.add(b"sold out" if n % 3 == 0 else b"%d" % n) for n in range(1000))


def test_bodies_are_remembered_for_a_while_only() -> None:
    """More bodies than are remembered, in turn, are not the same again and again."""
    contents = Contents()
    assert not any(contents.add(b"%d" % (n % (LAST_BODIES + 1))) for n in range(500))


def test_what_counts_can_be_packed() -> None:
    """Made again from what it was packed to, each goes on as if nothing had been."""
    chance = random.Random(7)
    contents, few, sketch, marks = Contents(), Slots(), Sketch(), Marks()
    copies = (Contents(), Slots(), Sketch(), Marks())
    for n in range(600):
        digit, word = str(chance.randrange(9)), f"v{n}"
        assert contents.add(digit.encode()) == copies[0].add(digit.encode())
        assert few.add((digit, str(n % 7)), 300) == copies[1].add((digit, str(n % 7)), 300)
        sketch.add(word)
        copies[2].add(word)
        marks.add(digit)
        copies[3].add(digit)
        if n % 100 == 50:
            copies = (
                Contents.unpacked(contents.pack()), Slots.unpacked(few.pack()), Sketch.unpacked(sketch.pack()), Marks.unpacked(list(marks.pack())),
            )  # fmt: skip
    assert copies[2].count() == sketch.count()
    assert copies[3].words == marks.words
