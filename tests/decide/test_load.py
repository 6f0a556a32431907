"""Telling from answer times whether a host slows under our load."""

from __future__ import annotations

from linkhaul.decide.load import FRESH, PROBE, ROUND, SLACK_S, Load


def crowd(load: Load, latency_s: float, answers: int = 24, window: float = 8.0) -> float | None:
    """Feed a round of answers that came while others were under way; return the last word on it."""
    word = None
    for _ in range(answers):
        word = load.feed(latency_s, window, alone=False) or word
    return word


def lonely(load: Load, latency_s: float) -> float | None:
    word = None
    for _ in range(PROBE):
        word = load.feed(latency_s, 1.0, alone=True) or word
    return word


def test_a_fast_host_is_never_probed() -> None:
    """Answers within the slack of the best one are a clean round, and nothing is measured."""
    load = Load()
    load.feed(0.001, 8.0, alone=False)
    assert crowd(load, 0.9 * SLACK_S) == 1.0
    assert not load.is_probing


def test_a_slower_round_is_probed_before_it_is_judged() -> None:
    """The first suspicion asks for lonely answers; they decide, and say how far the window has to shrink."""
    load = Load()
    load.feed(0.1, 8.0, alone=False)
    assert crowd(load, 0.8) is None
    assert load.is_probing
    factor = lonely(load, 0.1)
    assert factor is not None
    assert 0.1 < factor < 0.2
    assert not load.is_probing


def test_a_host_that_is_slow_by_nature_is_left_alone() -> None:
    """One quick answer among slow ones raises the suspicion; the probe clears it, and it is not raised again soon."""
    load = Load()
    load.feed(0.01, 8.0, alone=False)
    crowd(load, 0.5)
    assert lonely(load, 0.5) == 1.0
    for _ in range(FRESH // 24 - 1):
        assert crowd(load, 0.5) == 1.0
    assert not load.is_probing


def test_an_idle_number_grows_old() -> None:
    """After many answers under load the idle answer time is measured again."""
    load = Load()
    load.feed(0.01, 8.0, alone=False)
    crowd(load, 0.5)
    lonely(load, 0.5)
    crowd(load, 0.5, answers=FRESH + 24)
    assert load.is_probing


def test_a_round_is_three_windows_and_never_less_than_eight() -> None:
    """A small window is not judged by two or three answers, a large one not by what was under way at one moment."""
    load = Load()
    load.feed(0.001, 1.0, alone=False)
    assert crowd(load, 0.001, answers=ROUND - 2, window=2.0) is None
    assert crowd(load, 0.001, answers=1, window=2.0) == 1.0
    assert crowd(load, 0.001, answers=29, window=10.0) is None
    assert crowd(load, 0.001, answers=1, window=10.0) == 1.0
