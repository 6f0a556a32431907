"""A run in a world of the test's own making."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.motion.world import Ended, Trial, World

from linkhaul.motion.seeds import Seed


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Ended]:
    """Make a run in a world: `run(world, seeds, verb="crawl", settings={...})`; the same run file each time, unless it gets a name."""

    def one(world: World, seeds: Iterable[str | Seed], name: str = "trial", **fields: Any) -> Ended:
        return Trial(path=tmp_path / f"{name}.run", **fields).run(world, seeds)

    return one
