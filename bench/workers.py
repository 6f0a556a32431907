"""`python -m bench workers`: a crawl of a generated site on 1,000 hosts, in one process and in two.

The server must not be the limit, and it shares the machine: it makes every page before it is asked for the first one, sends it as
it is, and what it takes of a core is measured beside the crawl. A machine of two cores can make the second process worth at most
twice the first's CPU divided by all the CPU of a run, the server's included; that bound is printed.
"""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

from bench.aims import most
from bench.contestants import linkhaul
from bench.family import cpu_s
from bench.memory import generated_site
from bench.rounds import Course, Plan, Record, choose, fresh_folder, run_rounds
from bench.site import LINKS
from bench.table import print_table, write_rounds
from bench.tally import Tally, tally_rows

HOW = ["--scope", "any", "--allow-private"]
CRAWLERS = {
    name: linkhaul(name, lambda job: ["crawl", *job.seeds(), *HOW], workers) for name, workers in (("linkhaul", 1), ("linkhaul-2", 2))
}


def run_workers(plan: Plan, pages: int, hosts: int) -> None:
    """Measure, print and write down.

    Raises:
        MissingPart: the site cannot be served here.
        ValueError: nobody is called so.
    """
    contestants = choose(CRAWLERS, plan.names, CRAWLERS)
    served_us: list[float] = []
    home = fresh_folder()
    try:
        print(f"making {pages:,} pages", flush=True)
        with generated_site(pages, hosts, "--stored") as site:
            urls = home / "urls.txt"
            urls.write_text(f"{site.url}\n", encoding="utf-8")
            print(f"{pages:,} pages on {hosts:,} hosts, {plan.repeats} rounds", flush=True)
            spent = cpu_s(site.process)

            def judge(output: Path) -> Tally:
                nonlocal spent
                now = cpu_s(site.process)
                served_us.append((now - spent) / pages * 1e6)
                spent = now
                return tally_rows(output, pages * LINKS)

            records = run_rounds(plan, contestants, Course(urls, judge))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print_table(records, pages)
    server_us = statistics.median(served_us) if served_us else 0.0
    _print(records, pages, server_us)
    print(f"all of it: {write_rounds(plan, records, pages, {'hosts': hosts, 'server_us': served_us})}")


def _print(records: list[Record], pages: int, server_us: float) -> None:
    print(f"the server took {server_us:,.0f} µs of CPU a page")
    ran = {record.name: record for record in records if record.runs}
    for record in ran.values():
        largest = record.runs[-1].each_mb
        print(f"{record.name}: the largest of each process, MB: {', '.join(f'{size:,.0f}' for size in largest)}")
    if len(ran) == len(CRAWLERS):
        one, two = ran["linkhaul"], ran["linkhaul-2"]
        bound = most(one.middle("cpu_s") / pages * 1e6, two.middle("cpu_s") / pages * 1e6, server_us)
        print(f"two are {one.middle('wall_s') / two.middle('wall_s'):.2f} times as fast as one; two cores allow {bound:.2f}")
