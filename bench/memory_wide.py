"""Peak memory over pages with very many links each, all of them at once: is what waits to be written counted too?

Each job runs in a process of its own, which says at its end how large it ever was.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

from tests.trials.hostile import hostile, page

from bench.measure import clean_environment
from bench.rounds import fresh_folder
from bench.server import MissingPart

WORK = """
import json, pathlib, re, sys, linkhaul
verb, folder, memory, *urls = sys.argv[1:]
most = {"max_pages": 2 * len(urls)} if verb == "crawl" else {}
outputs = [f"{folder}/{name}" for name in ("links.csv", "links.jsonl", "links.sqlite")]
run = getattr(linkhaul, verb)(urls, outputs, run=f"{folder}/run", memory=memory, concurrency=len(urls), timeout=600, contact="bench@example.org", **most)
peak = int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) * 1024
print(json.dumps([peak, len(run.links)]))
"""


def run_wide(python: str, pages: int, links: int, memory: int) -> bool:
    """Read so many pages of so many links at once, as a list and as a crawl, print the peaks; return whether they are under the ceiling.

    Raises:
        MissingPart: a job failed.
    """
    folder = fresh_folder()
    site = {f"h{number}": {"/": page(_wide(number, links))} for number in range(pages)}
    is_kept = True
    try:
        with hostile(site) as web:
            urls = list(web.origins.values())
            for verb in ("links", "crawl"):
                began = time.perf_counter()
                peak, rows = _peak([python, "-c", WORK, verb, str(_made(folder / verb)), str(memory), *urls])
                told = f"{verb}: {pages} pages of {links:,} links at once, {rows:,} rows, {time.perf_counter() - began:.0f} s"
                print(f"{told}; peak {peak / 1e6:.0f} MB of {memory / 1e6:.0f}", flush=True)
                is_kept = is_kept and peak <= memory
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return is_kept


def _wide(number: int, links: int) -> bytes:
    return b"".join(b'<p><a href="/page-%d/item/%d/slug">Item number %d of %d</a></p>\n' % (number, n, n, number) for n in range(links))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _peak(command: list[str]) -> tuple[int, int]:
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingPart(f"the job ended with {done.returncode}: {done.stderr[-2000:]}")
    peak, rows = json.loads(done.stdout)
    return peak, rows
