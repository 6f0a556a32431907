"""The fuzz target for the readers, for a minute; `make fuzz` takes other seeds each time."""

from __future__ import annotations

from typing import Any

import pytest
from tests.trials import fuzz_reader

from linkhaul.read.html import read_page


@pytest.mark.timeout(150)
def test_mutated_input_is_read_or_refused() -> None:
    """Many thousand mutated pages, sitemaps and robots files: nothing raises, hangs or breaks a column's promise."""
    tried = list(fuzz_reader.fuzz(60.0, seed=20_000))
    assert [fault for fault in tried if fault is not None] == []
    assert len(tried) > 3_000


@pytest.mark.parametrize(
    "change", [{"n": 7}, {"text": " x"}, {"rel": ""}, {"kind": "new"}, {"raw": "\ud800"}, {"url": "http://A/"}, {"download": 1}]
)
def test_the_target_notices(change: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that breaks a promise, or raises, is reported with the seed of the input."""

    def broken(*words: Any, **named: Any) -> Any:
        page = read_page(*words, **named)
        page.links = [link._replace(**change) for link in page.links[:1]]
        return page

    monkeypatch.setattr(fuzz_reader, "read_page", broken)
    found = [fault for fault in fuzz_reader.fuzz(20.0, seed=1, rounds=30) if fault is not None]
    assert found
    assert all("try_page, seed " in fault for fault in found)
