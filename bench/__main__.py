"""`python -m bench VERB`, from the checkout's root: setup, all, report, or one of the measurements. See bench/README.md."""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import venv
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.check import run_check
from bench.check_peers import CHECKERS, LINKINATOR, NPM
from bench.contestants import BENCH, CRAWLERS, LISTERS, USUAL, default_python
from bench.corpus import START_PAGE, TREE, list_urls, page_names
from bench.everything import run_all
from bench.folder import run_folder
from bench.large import run_large
from bench.memory import run_memory
from bench.parts import run_parts
from bench.report import run_report
from bench.rounds import Course, Plan, choose, fresh_folder, run_rounds
from bench.server import MissingPart, serve
from bench.start import run_start
from bench.table import print_table, write_rounds
from bench.tally import tally
from bench.workers import run_workers

VERBS = {
    "setup": "install the peers in bench/.venv",
    "all": "every line of docs/performance.md, within 40 minutes on two cores",
    "report": "write the tables and plots of docs/performance.md from what was measured last",
    "list": "the links of a long list of pages, to CSV",
    "large": "the links of a list of pages of 200 KB, beside parsing alone",
    "crawl": "a whole site from its start page, to CSV",
    "folder": "a folder of HTML from disk, in one process and in two, beside parsing alone",
    "workers": "a generated site on 1,000 hosts, in one process and in two",
    "check": "every link of a site whose bad ones are known: time, requests, verdicts",
    "start": "how long the help and three pages take",
    "parts": "what each part of linkhaul costs a page",
    "budget": "the budget of CPU: each stage of a page's way beside the whole, on generated pages and the manual",
    "memory": "memory, speed and size over a crawl of a generated site of a million pages",
    "schedule": "what finding the next request costs beside 100,000 known hosts",
    "deadhosts": "10,000 fast hosts beside ten dead ones, and the part of the latency limit that one process reaches",
    "insight": "audit, diff, graph and report over generated runs of N and N/10 pages: time, memory, whether they grow with the rows",
    "graph": "time and memory of the link graph of a generated run of a million pages and ten million links",
    "wide": "peak memory over twenty pages of 100,000 links at once",
    "kills": "kill -9 a thousand times; no row may be lost or doubled",
}


def set_up() -> None:
    """Install the peers, at the versions of bench/requirements.txt, in an environment of their own."""
    venv.create(BENCH / ".venv", with_pip=True)
    requirements = str(BENCH / "requirements.txt")
    python = BENCH / ".venv" / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", "-r", requirements], check=True, timeout=900)
    if npm := shutil.which("npm"):
        wanted = f"linkinator@{LINKINATOR}"
        subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(NPM), wanted], check=False, timeout=900)
    print(f"the peers are in {BENCH / '.venv'}")


def run_list(plan: Plan) -> None:
    """Measure the main job: every page of the tree, `times` over, to one file of links."""
    contestants = choose(LISTERS, plan.names, USUAL)
    home = fresh_folder()
    try:
        with serve(TREE, home) as server:
            lines = list_urls(server.origins[0], plan.times)
            urls = _write_lines(home / "urls.txt", lines)
            print(f"{len(lines):,} pages from {server.origins[0]}, {plan.repeats} rounds")
            records = run_rounds(plan, contestants, Course(urls, lambda output: tally(output, urls, TREE), server.requests_served))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print_table(records, len(lines))
    print(f"all of it: {write_rounds(plan, records, len(lines))}")


def run_crawl(plan: Plan) -> None:
    """Measure whole sites: the tree from its start page, `times` over, each on a loopback address of its own."""
    contestants = choose(CRAWLERS, plan.names, USUAL)
    home = fresh_folder()
    try:
        with serve(TREE, home, plan.times) as server:
            urls = _write_lines(home / "urls.txt", [f"{origin}/{START_PAGE}" for origin in server.origins])
            lines = [f"{origin}/{name}" for origin in server.origins for name in page_names()]
            pages = _write_lines(home / "pages.txt", lines)
            print(f"{plan.times} sites of {len(page_names()):,} pages each, {plan.repeats} rounds")
            records = run_rounds(plan, contestants, Course(urls, lambda output: tally(output, pages, TREE), server.requests_served))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print_table(records, len(lines))
    print(f"all of it: {write_rounds(plan, records, len(lines))}")


def _graph(pages: int) -> None:
    from bench.graph import run_graph  # it needs linkhaul here

    run_graph(pages, 10 * pages)


def _budget(names: tuple[str, ...], rounds: int, result: str) -> None:
    from bench.budget import run_budget  # it needs linkhaul here, like parts

    run_budget(names, rounds, result)


def _insight(python: str, pages: int, names: tuple[str, ...], result: str) -> bool:
    from bench.insight import run_insight  # likewise

    return run_insight(python, pages, names, result)


def _write_lines(file: Path, lines: list[str]) -> Path:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _schedule(repeats: int, result: str) -> None:
    from bench.schedule import run_schedule  # it needs linkhaul here, like parts

    run_schedule(repeats, result)


def _dead_hosts(repeats: int, result: str) -> bool:
    from bench.deadhosts import run_deadhosts  # likewise

    return run_deadhosts(repeats, result)


def _wide(python: str) -> bool:
    from bench.memory_wide import run_wide  # likewise

    return run_wide(python, 20, 100_000, 256_000_000)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("verb", choices=VERBS, help="; ".join(f"{verb}: {meaning}" for verb, meaning in VERBS.items()))
    parser.add_argument("--python", default=default_python(), help="the interpreter that linkhaul is installed in [%(default)s]")
    parser.add_argument("--repeats", type=int, help="measured runs of each; the medians count [5; start: 15, deadhosts: 3]")
    parser.add_argument("--times", type=int, help="how often the pages are taken [10; check: 1]")
    parser.add_argument("--latency", type=float, default=0.0, help="check: seconds that the server holds each answer back [%(default)s]")
    parser.add_argument("--concurrency", type=int, default=16, help="requests in flight, where a tool has such a setting [%(default)s]")
    parser.add_argument("--pages", type=int, default=1_000_000, help="memory, workers: pages of the generated site [%(default)s]")
    parser.add_argument("--gigabytes", type=float, default=1.0, help="folder: its size [%(default)s]")
    parser.add_argument("--scale", type=float, default=1.0, help="all: how long the lists are, as a part of the usual length [%(default)s]")
    parser.add_argument("--result", help="what the file of results is called, and the line of the report that it belongs to [the verb]")
    parser.add_argument("--hosts", type=int, default=1_000, help="memory, workers: its hosts, each on a loopback address [%(default)s]")
    parser.add_argument("--output", action="append", default=[], help="memory: an output to write besides the run file, like links.csv")
    parser.add_argument("--count", type=int, default=1_000, help="kills: how many [%(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="kills: of the moments [%(default)s]")
    parser.add_argument("--timeout", type=float, default=600, help="seconds that one run may take [%(default)s]")
    parser.add_argument(
        "--only",
        default="",
        help=f"who takes part, by comma: {', '.join(LISTERS)}; crawl: {', '.join(CRAWLERS)}; check: {', '.join(CHECKERS)}",
    )
    return parser.parse_args()


def main() -> int:
    """Do what is asked for; 0 fine, 1 a target was missed, 2 something is not installed or not understood."""
    given = _parse()
    names = tuple(name for name in given.only.split(",") if name)
    repeats = given.repeats or (15 if given.verb == "start" else 5)
    result = given.result or given.verb
    times = given.times or (1 if given.verb == "check" else 10)
    plan = Plan(given.python, repeats, times, given.concurrency, given.timeout, names, result, given.latency)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nginx and the one that runs are ended
    try:
        if given.verb == "kills":
            from bench.kills import run_kills  # it needs linkhaul here, like parts

            return run_kills(given.count, given.seed)
        judged: dict[str, Callable[[], bool]] = {
            "start": partial(run_start, plan),
            "wide": partial(_wide, given.python),
            "deadhosts": partial(_dead_hosts, given.repeats or 3, result),
            "insight": partial(_insight, given.python, given.pages, names, result),
            "all": partial(run_all, names, given.scale, given.repeats, given.python),
        }
        if given.verb in judged:
            return 0 if judged[given.verb]() else 1
        actions: dict[str, Callable[[], None]] = {
            "setup": set_up,
            "report": run_report,
            "list": partial(run_list, plan),
            "large": partial(run_large, plan),
            "crawl": partial(run_crawl, plan),
            "folder": partial(run_folder, plan, given.gigabytes),
            "workers": partial(run_workers, plan, given.pages, given.hosts),
            "check": partial(run_check, plan),
            "parts": run_parts,
            "schedule": partial(_schedule, repeats, result),
            "graph": partial(_graph, given.pages),
            "budget": partial(_budget, names, repeats, result),
            "memory": lambda: run_memory(given.python, given.pages, given.hosts, given.output),
        }
        actions[given.verb]()
    except (MissingPart, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
