"""Many kills: `kill -9` at random moments, gone on with by the same call, every row compared with an undisturbed run's at the end.

The site (redirects, loops, retries, refusals, dropped connections), the killing and the comparing are those of the tests; here they go
on for longer, over lists and crawls by turns, with another seed for each lot.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from tests.api.killing import LINK_OUTPUTS, PAGE_OUTPUTS, kill_and_compare, made_site
from tests.api.site import served

from bench.rounds import fresh_folder

LOT = 50
PAGES = 300


def run_kills(count: int, seed: int = 1) -> int:
    """Kill jobs so many times and compare what they end with; return 0 when nothing was lost or doubled, else 1.

    Args:
        seed: of the first lot; the others count on from it. A lot that fails says its own.
    """
    print(
        f"{count:,} kills on a site of {PAGES} pages; compared: the run file's tables, {', '.join((*LINK_OUTPUTS, *PAGE_OUTPUTS))}",
        flush=True,
    )
    folder = fresh_folder()
    began = time.monotonic()
    kills = runs = 0
    try:
        with served(made_site(PAGES)) as site:
            while kills < count:
                place = folder / f"lot-{seed}"
                tally = kill_and_compare(site, place, min(LOT, count - kills), seed=seed, verbs=["links", "crawl"])
                kills, runs, seed = kills + tally.kills, runs + tally.runs, seed + 1
                shutil.rmtree(place)
                print(f"  {kills:>6,} kills, {runs:,} runs, {time.monotonic() - began:,.0f} s: nothing lost, nothing doubled", flush=True)
    except AssertionError as fault:
        print(f"lot with seed {seed}, after {kills:,} kills: {fault}\nwhat was written is kept in {_kept(folder, seed)}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def _kept(folder: Path, seed: int) -> Path:
    return folder / f"lot-{seed}"
