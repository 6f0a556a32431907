"""`python -m bench folder`: a folder of HTML read from disk, in one process and in two, beside what parsing its files takes alone.

The files are generated pages of 200 KB, all different. They were written just before, so that on a machine with memory enough no
disk is waited for: what is measured is the work.
"""

from __future__ import annotations

import shutil
import statistics

from bench.contestants import linkhaul
from bench.pages import ORIGIN, PAGES
from bench.parsing import Parsing
from bench.rounds import Course, Plan, choose, fresh_folder, run_rounds
from bench.table import print_table, write_rounds
from bench.tally import tally_rows
from bench.tree import write_tree

PAGE_BYTES = 200_000
READERS = {
    name: linkhaul(name, lambda job: ["links", str(job.urls), "--base-url", f"{ORIGIN}/"], workers)
    for name, workers in (("linkhaul", 1), ("linkhaul-2", 2))
}


def run_folder(plan: Plan, gigabytes: float) -> None:
    """Measure, print and write down.

    Raises:
        MissingPart: the interpreter has no turbohtml.
        ValueError: nobody is called so.
    """
    contestants = choose(READERS, plan.names, READERS)
    count = max(PAGES, round(gigabytes * 1e9 / PAGE_BYTES))
    home = fresh_folder()
    try:
        print(f"writing {count:,} pages", flush=True)
        tree = write_tree(home / "pages", count, ORIGIN, ".html")
        print(f"{count:,} files, {tree.size / 1e9:.2f} GB, {tree.links:,} links, {plan.repeats} rounds", flush=True)
        parsing = Parsing(plan.python, home / "pages")
        course = Course(home / "pages", lambda output: tally_rows(output, tree.links), after_round=parsing.measure)
        records = run_rounds(plan, contestants, course)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print_table(records, count)
    parsing_us = [seconds / count * 1e6 for seconds in parsing.cpu_s]
    print(f"parsing alone: {statistics.median(parsing_us):,.0f} µs of CPU a page")
    beside = {"parsing_us": parsing_us, "page_bytes": tree.size / count, "page_links": tree.links / count}
    print(f"all of it: {write_rounds(plan, records, count, beside)}")
