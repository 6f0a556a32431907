"""The run files that the measurement of large runs is made over: what is said of them is so."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

from bench.made_run import change, make

from linkhaul.insight.diff import differences
from linkhaul.store.opening import open_to_read

PAGES = 2_200


def test_the_later_run_differs_in_just_the_known_ways(tmp_path: Path) -> None:
    """Each sort of change as often as is told; a run made twice is the same run."""
    make(tmp_path / "old.run", PAGES)
    make(tmp_path / "twin.run", PAGES)
    told = change(tmp_path / "new.run", tmp_path / "old.run", PAGES)
    with closing(open_to_read(tmp_path / "old.run")) as old, closing(open_to_read(tmp_path / "new.run")) as new:
        assert Counter(f"{row.what} {row.change}" for row in differences(old, new)) == Counter(told)
        with closing(open_to_read(tmp_path / "twin.run")) as twin:
            assert not list(differences(old, twin))
        counts = {table: old.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("visit", "fact", "link")}
    odd = sum(n % 100 in (7, 14) for n in range(1_000, PAGES))
    assert counts == {"visit": PAGES, "fact": PAGES - odd, "link": 10 * (PAGES - odd)}
    assert all(told.values())
