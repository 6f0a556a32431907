"""The link graph of a large run: time and memory of each thing that is computed from it, over a generated run file.

The run file is generated, not crawled: a seeded site of which every page links to its section, to a few popular pages and to
random others, written with the schema of `linkhaul.store`. What is measured runs in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench.measure import ROOT, clean_environment
from bench.rounds import fresh_folder

SEED = 20_260_101
MEASURED = """
import json, resource, sys, time
from pathlib import Path
from linkhaul.api.doors import open_run
began = time.perf_counter(); graph = open_run(sys.argv[1]).graph(); seconds = {}
def took(name, what):
    start = time.perf_counter(); what(); seconds[name] = round(time.perf_counter() - start, 2)
standing = graph.standing
took("load", lambda: standing.graph); took("pairs", lambda: standing.edges); took("score", lambda: standing.score)
took("clicks", lambda: standing.ways); took("templates", lambda: list(standing.templates()))
took("pages as CSV rows", lambda: sum(1 for _ in standing.pages()))
if standing.graph.size <= 200_000: took("bottlenecks", lambda: list(standing.bottlenecks()))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "all_s": round(time.perf_counter() - began, 2), "peak_mb": round(peak), "pages": standing.graph.size,
                  "links": len(standing.graph.source)}))
"""


def run_graph(pages: int, links: int) -> None:
    """Generate a run file and print what its graph costs."""
    import shutil

    home = fresh_folder()
    try:
        path = home / "site.run"
        began = time.perf_counter()
        make_run(path, pages, links)
        print(f"{pages:,} pages with {links:,} links generated in {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1e6:,.0f} MB")
        words = [sys.executable, "-c", MEASURED, str(path)]
        done = subprocess.run(words, capture_output=True, text=True, check=True, env=clean_environment(), cwd=ROOT, timeout=3_600)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    found = json.loads(done.stdout)
    for name, seconds in found["seconds"].items():
        print(f"{name:<20} {seconds:>8.2f} s")
    print(
        f"{'all':<20} {found['all_s']:>8.2f} s   peak memory {found['peak_mb']:,} MiB, {found['pages']:,} pages, {found['links']:,} links"
    )


def make_run(path: Path, pages: int, links: int) -> None:
    """Write a run file of so many pages and links; the same for the same numbers."""
    from linkhaul.store.opening import create

    with closing(create(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO host (id, host) VALUES (1, 'https://site.example')")
        for form, region in enumerate(("nav", "main", "footer"), 1):
            connection.execute(
                "INSERT INTO form (id, kind, tag, attr, download, region, internal, follow, origin)"
                " VALUES (?, 'page', 'a', 'href', 0, ?, 1, ?, 'html')",
                (form, region, int(region != "footer")),
            )
        connection.executemany(
            "INSERT INTO url (id, url, host_id, depth, seq, state, reason, found_via, visit) VALUES (?, ?, 1, 1, ?, 'done', 'ok', ?, ?)",
            ((_id(n), _url(n), n, "link" if n else "seed", n + 1) for n in range(pages)),
        )
        connection.executemany(
            "INSERT INTO visit (id, url_id, page_id, url, final_url, hops, status, outcome, bytes, total_s, links, found_via, attempts,"
            " visited_at, title) VALUES (?, ?, ?, ?, ?, 0, 200, 'ok', 9000, 0.01, ?, 'link', 1, '2026-01-01T00:00:00Z', 'A page')",
            ((n + 1, _id(n), _id(n), _url(n), _url(n), links // pages) for n in range(pages)),
        )
        connection.executemany(
            "INSERT INTO link (id, url_id, url, raw, text, title, form) VALUES (?, ?, ?, ?, 'A link', '', ?)", _links(pages, links)
        )
        connection.execute("COMMIT")


def _links(pages: int, links: int) -> Iterator[tuple[int, int, str, str, int]]:
    import numpy as np

    random = np.random.default_rng(SEED)
    a_page = links // pages
    for n in range(pages):
        near = (n * a_page + np.arange(1, 4)) % pages  # a tree below each page, so that all can be reached
        popular = (random.pareto(1.2, 2) * 10).astype(np.int64) % pages
        others = random.integers(0, pages, max(0, a_page - 5))
        for k, to in enumerate([*near.tolist(), *popular.tolist(), *others.tolist()][:a_page], 1):
            yield (n + 1) << 20 | k, _id(to), _url(to), _url(to)[20:], 1 + k % 3


def _id(n: int) -> int:
    return (n * 0x9E3779B97F4A7C15 + 0x1234567) % (1 << 63) - (1 << 62)


def _url(n: int) -> str:
    return f"https://site.example/section-{n % 997}/page-{n}.html"
