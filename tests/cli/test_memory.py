"""When Python looks for cycles."""

from __future__ import annotations

import gc

import pytest

from linkhaul.cli import memory


@pytest.mark.parametrize(
    ("now", "then"),
    [
        pytest.param(memory.STARTING, [memory.THRESHOLDS], id="three-thresholds"),
        pytest.param((*memory.STARTING[:2], 0), [memory.THRESHOLDS], id="two-as-in-3.14"),
        pytest.param((700, 10, 10), [], id="a-process-that-is-not-ours"),
    ],
)
def test_only_what_was_relaxed_settles(monkeypatch: pytest.MonkeyPatch, now: tuple[int, ...], then: list[tuple[int, ...]]) -> None:
    """Once modules are loaded cycles are looked for again, now and then; a program that calls us keeps its own thresholds."""
    came: list[tuple[int, ...]] = []
    monkeypatch.setattr(gc, "get_threshold", lambda: now)
    monkeypatch.setattr(gc, "set_threshold", lambda *thresholds: came.append(thresholds))
    monkeypatch.setattr(gc, "freeze", lambda: None)
    memory.settle()
    assert came == then
