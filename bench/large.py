"""`python -m bench large`: a list of pages of 200 KB with 170 links each, to CSV, beside what parsing the same bytes takes alone."""

from __future__ import annotations

import shutil
import statistics

from bench.contestants import LISTERS
from bench.pages import PAGES
from bench.parsing import Parsing
from bench.rounds import Course, Plan, choose, fresh_folder, run_rounds
from bench.server import serve
from bench.table import print_table, write_rounds
from bench.tally import tally
from bench.tree import write_tree

FASTEST = ("linkhaul", "linkhaul-2", "lychee")
TYPELESS = "default_type 'text/html; charset=utf-8';"
"""The addresses of the generated site have no suffix that nginx could know the type by."""
PARSED_TIMES = 5


def run_large(plan: Plan) -> None:
    """Measure, print and write down.

    Raises:
        MissingPart: nginx is not installed, or the interpreter has no turbohtml.
        ValueError: nobody is called so.
    """
    contestants = choose(LISTERS, plan.names, FASTEST)
    home = fresh_folder()
    try:
        site, own = home / "site", home / "nginx"
        own.mkdir()
        with serve(site, own, locations=TYPELESS) as server:
            tree = write_tree(site, PAGES, server.origins[0])
            lines = [f"{server.origins[0]}/{name}?r={i}" for i in range(plan.times) for name in tree.names]
            urls = home / "urls.txt"
            urls.write_text("\n".join(lines) + "\n", encoding="utf-8")
            print(
                f"{len(lines):,} pages of {tree.size / PAGES / 1000:,.0f} KB with {tree.links / PAGES:,.0f} links each, {plan.repeats} rounds"
            )
            parsing = Parsing(plan.python, site, ("--times", str(PARSED_TIMES), "--label", "utf-8"))
            course = Course(urls, lambda output: tally(output, urls, site), server.requests_served, parsing.measure)
            records = run_rounds(plan, contestants, course)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print_table(records, len(lines))
    parsing_us = [seconds / PAGES * 1e6 for seconds in parsing.cpu_s]
    print(f"parsing alone: {statistics.median(parsing_us):,.0f} µs of CPU a page")
    beside = {"parsing_us": parsing_us, "page_bytes": tree.size / PAGES, "page_links": tree.links / PAGES}
    print(f"all of it: {write_rounds(plan, records, len(lines), beside)}")
