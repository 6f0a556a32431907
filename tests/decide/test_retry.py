"""Whether and when a target is asked again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.config import PaceSettings
from linkhaul.decide.retry import LONGEST_RETRY_AFTER_S, LONGEST_WAIT_S, next_wait, why_final
from linkhaul.model.records import Failure, Reply

SETTINGS = PaceSettings(retries=3)


def answered(status: int, retry_after_s: float | None = None) -> Reply:
    return Reply("http://x/", status, retry_after_s=retry_after_s)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(status: int) -> None:
    """Overload and faults of a moment are asked again."""
    assert next_wait(answered(status), 0, SETTINGS, 0.5) == 1.0


@pytest.mark.parametrize("status", [200, 204, 301, 304, 400, 401, 403, 404, 410, 451, 501, 505, 999])
def test_what_will_not_change_is_final(status: int) -> None:
    """An answer is an answer, however unwelcome."""
    assert next_wait(answered(status), 0, SETTINGS, 0.5) is None
    assert why_final(answered(status), 0, SETTINGS) == "asking again would not change it"


@pytest.mark.parametrize("may_pass", [True, False])
def test_a_failure_says_itself_whether_it_may_pass(may_pass: bool) -> None:
    """The failure's own word goes before the status that stands beside it."""
    reply = Reply("http://x/", 503, failure=Failure("reset", "", may_pass=may_pass))
    assert (next_wait(reply, 0, SETTINGS, 0.5) is not None) == may_pass


def test_retries_are_counted() -> None:
    """`retries` attempts follow the first, and none with 0."""
    assert next_wait(answered(503), 2, SETTINGS, 0.5) is not None
    assert next_wait(answered(503), 3, SETTINGS, 0.5) is None
    assert next_wait(answered(503), 0, PaceSettings(retries=0), 0.5) is None


def test_retry_after_is_the_floor() -> None:
    """A host is never asked sooner than it said; who says an hour and more has answered for good."""
    assert next_wait(answered(429, 30.0), 0, SETTINGS, 0.5) == 30.0
    assert next_wait(answered(429, 0.1), 0, SETTINGS, 0.5) == 1.0
    assert next_wait(answered(503, LONGEST_RETRY_AFTER_S), 0, SETTINGS, 0.5) == LONGEST_RETRY_AFTER_S
    assert next_wait(answered(503, LONGEST_RETRY_AFTER_S + 1), 0, SETTINGS, 0.5) is None


@given(attempt=st.integers(0, 19), jitter=st.floats(0, 1, exclude_max=True))
def test_waits_grow_and_are_bounded(attempt: int, jitter: float) -> None:
    """With the same jitter no wait is shorter than the one before it, none is longer than the ceiling, none is nothing."""
    settings = PaceSettings(retries=20)
    first = next_wait(answered(503), attempt, settings, jitter)
    second = next_wait(answered(503), attempt + 1, settings, jitter) if attempt < 19 else LONGEST_WAIT_S
    assert first is not None
    assert second is not None
    assert 0.5 <= first <= second <= LONGEST_WAIT_S
