"""Which statuses count as an answer: a list of numbers and ranges, as in `200..=299,403`."""

from __future__ import annotations

import re

from linkhaul.errors import SettingError

Ranges = tuple[tuple[int, int], ...]
"""Pairs (first, last), both within."""

_PART = re.compile(r"(\d{3})?(?:(\.\.=?|-)(\d{3})?)?")
LOWEST, HIGHEST = 100, 999


def ranges_of(text: str) -> Ranges:
    """Return the ranges that a text names.

    `200` is one status; `200..=299` and `200-299` end with 299, `200..300` before 300; a side left out is the lowest or highest status.

    >>> ranges_of("200..=299, 403, 500..")
    ((200, 299), (403, 403), (500, 999))

    Raises:
        SettingError: it cannot be read so.
    """
    ranges = tuple(_range(part.strip(), text) for part in text.split(",") if part.strip())
    if not ranges:
        raise SettingError(f"accept: {text!r} names no status; write it like 200..=299,403")
    return ranges


def within(ranges: Ranges, status: int) -> bool:
    """Tell whether a status lies in one of the ranges."""
    return any(first <= status <= last for first, last in ranges)


def _range(part: str, text: str) -> tuple[int, int]:
    found = _PART.fullmatch(part)
    if found is None or not (found[1] or found[3]) or (found[2] == "..=" and not found[3]):
        raise SettingError(f"accept: {part!r} in {text!r} is no status; write it like 200..=299,403")
    first = int(found[1] or LOWEST)
    if found[2] is None:
        return first, first
    last = int(found[3] or HIGHEST)
    if found[2] == ".." and found[3]:
        last -= 1
    if last < first:
        raise SettingError(f"accept: {part!r} in {text!r} holds no status: it ends before it begins")
    return first, last
