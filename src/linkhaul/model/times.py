"""Times as the run file and the rows hold them: UTC, ISO 8601, milliseconds."""

from __future__ import annotations

import time
from functools import lru_cache


def iso(at: float) -> str:
    """Return a wall-clock time in seconds since 1970 as text.

    >>> iso(0.25)
    '1970-01-01T00:00:00.250Z'
    """
    whole, part = divmod(round(at * 1000), 1000)
    return f"{_second(whole)}.{part:03d}Z"


@lru_cache(maxsize=64)
def _second(whole: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
