"""What every telling says alike."""

from __future__ import annotations

from linkhaul.export.findings.wording import coverage_line
from linkhaul.model.check import Coverage


def test_what_was_not_asked_is_said_in_words() -> None:
    """The line about the coverage says what stood in the way, and the flag that takes it away."""
    coverage = Coverage(1, 3, 3, {"ok": 1, "not-checked": 2}, {"guard": 1, "robots": 1})
    assert "; 2 not (at a private address, without --allow-private 1, robots.txt says no 1);" in coverage_line(coverage)
