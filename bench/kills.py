"""Many kills: `kill -9` at random moments, gone on with by the same call, every row compared with an undisturbed run's at the end.

The site (redirects, loops, retries, refusals, dropped connections), the killing and the comparing are those of the tests; here they go
on for longer, over lists and crawls by turns, with another seed for each lot.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from tests.api.killing import CRAWLING, LINK_OUTPUTS, LISTING, PAGE_OUTPUTS, SHARING, TRAPPED, kill_and_compare, made_site, trapped_site
from tests.api.site import served

from bench.rounds import fresh_folder

LOT = 50
TURNS = 3
"""Each lot with a seed of so many is on a site where the budgets of the traps bind."""
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
        with served(made_site(PAGES)) as site, served(trapped_site()) as traps:
            while kills < count:
                place = folder / f"lot-{seed}"
                where, jobs = (traps, [TRAPPED]) if seed % TURNS == 0 else (site, [LISTING, CRAWLING, SHARING])
                tally = kill_and_compare(where, place, min(LOT, count - kills), seed=seed, jobs=jobs)
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
