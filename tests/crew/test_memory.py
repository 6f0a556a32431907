"""When Python looks for cycles, and what memory is kept."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys

import pytest

from linkhaul.crew import memory


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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries have rules of their own for what they keep")
def test_memory_of_one_page_serves_the_next() -> None:
    """What a page of some size took is not given back to the system and had again for each page."""
    source = """
import resource
from linkhaul.crew import memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

memory.relax()
for page in range(22):
    if page == 2:
        before = faults()
    tree = [bytes(600) for _ in range(5000)]
    del tree
print(faults() - before)
"""
    told = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=50)
    assert int(told.stdout) < 500  # 3,800 when each page is given back
