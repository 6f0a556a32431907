"""kill -9 at any moment: the same call goes on, and ends with the rows of an undisturbed run, everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.api.killing import CRAWLING, LISTING, SHARING, TRAPPED, Job, compare, kill_and_compare, made_site, trapped_site
from tests.api.site import served

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there is no kill -9 here")


@pytest.mark.timeout(100)
@pytest.mark.parametrize(
    ("job", "count", "seed"),
    [(LISTING, 12, 1), (CRAWLING, 8, 2), (SHARING, 6, 3)],
    ids=["links", "crawl", "workers"],
)
def test_kills_lose_nothing(tmp_path: Path, job: Job, count: int, seed: int) -> None:
    """Killed again and again, a job loses no row and doubles none, in the run file and in every output."""
    with served(made_site()) as site:
        tally = kill_and_compare(site, tmp_path / "kills", count, seed=seed, jobs=[job])
    assert tally.kills == count


@pytest.mark.timeout(100)
def test_budgets_are_the_same_after_kills(tmp_path: Path) -> None:
    """Where budgets bind, a killed crawl decides on every URL as an undisturbed one does, and has counted the same to the bit."""
    with served(trapped_site()) as site:
        tally = kill_and_compare(site, tmp_path / "kills", 5, seed=4, jobs=[TRAPPED])
    assert tally.kills == 5


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_three_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    """The same for a long time, lists and crawls by turns."""
    with served(made_site(400)) as site:
        assert kill_and_compare(site, tmp_path / "kills", 300, seed=3, jobs=[LISTING, CRAWLING]).kills == 300


def test_a_difference_is_noticed() -> None:
    """The comparison tells a row that is missing, doubled or different."""
    from collections import Counter

    rows = {"links.csv": Counter(["a", "b"])}
    assert compare(rows, {"links.csv": Counter(["a", "b"])}) == ""
    assert "1 of 2 rows missing" in compare(rows, {"links.csv": Counter(["a"])})
    assert "1 rows too many" in compare(rows, {"links.csv": Counter(["a", "b", "b"])})
    assert "missing" in compare(rows, {"links.csv": Counter(["a", "c"])})
