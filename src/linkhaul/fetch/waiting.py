"""How long a server asks us to wait: the Retry-After header."""

from __future__ import annotations

import math

LONGEST_RETRY_AFTER_S = 10 * 365 * 86_400.0
"""What is longer counts as this long: a number that people and databases can bear."""


def retry_after(text: str, date: str | None, now: float) -> float | None:
    """Return how many seconds a server asks us to wait, at least 0; None when it cannot be understood.

    Args:
        text: the Retry-After header: seconds, or a date.
        date: the server's Date header; a date is taken relative to the server's own clock where it tells it.
        now: wall clock, seconds since 1970.

    Source: RFC 9110, section 10.2.3.
    """
    try:
        seconds = float(text)
    except ValueError:
        until = _timestamp(text)
        seconds = math.nan if until is None else until - (_timestamp(date) or now)
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER_S) if math.isfinite(seconds) else None


def _timestamp(text: str | None) -> float | None:
    from email.utils import parsedate_to_datetime  # it is rarely needed, and slow to import

    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
