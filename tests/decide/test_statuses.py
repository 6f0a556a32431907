"""The list of statuses that count as an answer."""

from __future__ import annotations

import pytest

from linkhaul.decide.statuses import ranges_of, within
from linkhaul.errors import SettingError


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("200..=299", [200, 299], [199, 300]),
        ("200..300", [200, 299], [300]),
        ("200-299,403", [204, 403], [402, 404]),
        ("..=299", [100, 299], [300]),
        ("500..", [500, 999], [499]),
        (" 200 , 404 ", [200, 404], [201]),
        ("200,", [200], [201]),
    ],
)
def test_ranges_are_read(text: str, inside: list[int], outside: list[int]) -> None:
    """A list of numbers and ranges, with either end open, says which statuses are within."""
    ranges = ranges_of(text)
    assert all(within(ranges, status) for status in inside)
    assert not any(within(ranges, status) for status in outside)


@pytest.mark.parametrize("text", ["", " , ", "20", "2000", "ok", "299..=200", "200..200", "..", "200..=", "200;300", "-"])
def test_what_is_no_list_is_refused(text: str) -> None:
    """Text that names no status is an error that says how to write it."""
    with pytest.raises(SettingError, match="accept"):
        ranges_of(text)
