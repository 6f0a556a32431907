"""Whether a target is asked again, and after how long.

A retry is a not-before time in the frontier: it holds no place while it waits, and survives a restart.
"""

from __future__ import annotations

from linkhaul.config import PaceSettings
from linkhaul.model.records import Reply

PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that another attempt may change."""
LONGEST_WAIT_S = 60.0
"""The longest wait we choose ourselves; a Retry-After may ask for more."""
LONGEST_RETRY_AFTER_S = 3600.0
"""Who asks us to stay away for longer has answered: the visit ends with what came back."""


def next_wait(reply: Reply, attempt: int, settings: PaceSettings, jitter: float) -> float | None:
    """Return the wait before the next attempt, in seconds; None when this reply is final.

    Args:
        reply: what came back, a redirect's end included.
        attempt: how often the target was tried before this reply, from 0.
        settings: `retries` is how many attempts may follow the first.
        jitter: a random number in [0, 1): so that what failed together does not come back together.
    """
    if why_final(reply, attempt, settings) is not None:
        return None
    chosen = min(LONGEST_WAIT_S, 2.0 ** min(attempt, 16) * (0.5 + jitter))
    return max(chosen, reply.retry_after_s or 0.0)


def why_final(reply: Reply, attempt: int, settings: PaceSettings) -> str | None:
    """Return in a sentence why a reply is not asked for again; None when it is."""
    if not (reply.failure.may_pass if reply.failure else reply.status in PASSING_STATUSES):
        return "asking again would not change it"
    if attempt >= settings.retries:
        return f"asked {attempt + 1} times, and retries = {settings.retries}"
    if reply.retry_after_s is not None and reply.retry_after_s > LONGEST_RETRY_AFTER_S:
        return f"the server asks us to stay away for {reply.retry_after_s:.0f} s, longer than {LONGEST_RETRY_AFTER_S:.0f} s"
    return None
