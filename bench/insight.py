"""`python -m bench insight`: what asking a large run costs: audit, difference, report and graph, over generated run files of two sizes.

The run files are generated, not crawled (`bench.made_run`): N pages with ten links each and their facts, and a later run that differs in known ways; and the
same with N/10 pages, so that it can be seen whether time and memory grow with the rows. Each question is a command of its own, in a process of its own.
What the difference tells of is compared with what was changed.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.measure import ROOT, Usage, clean_environment, last_lines, run_measured
from bench.rounds import fresh_folder
from bench.server import MissingPart
from bench.table import write

LINKS = 10
TIMEOUT_S = 7_200.0
MOST_MB = 512
"""What none of them should need at a million pages."""
QUESTIONS = {
    "audit": ("audit", "new.run", "-o", "audit.csv"),
    "diff": ("diff", "old.run", "new.run", "-o", "diff.csv"),
    "graph": ("graph", "new.run", "-o", "graph.csv"),
    "report": ("report", "new.run", "--against", "old.run", "-o", "report.html"),
    "report-md": ("report", "new.run", "--against", "old.run", "-o", "report.md"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question to one run took, and how large its answer is."""

    question: str
    pages: int
    usage: Usage
    output_bytes: int


def run_insight(python: str, pages: int, names: Sequence[str], result: str) -> bool:
    """Measure, print, write down; return whether no question took more than MOST_MB.

    Args:
        names: of QUESTIONS; all when empty.

    Raises:
        MissingPart: linkhaul is not installed there, or a question failed.
        ValueError: there is no such question.
    """
    if unknown := [name for name in names if name not in QUESTIONS]:
        raise ValueError(f"no question is called {', '.join(unknown)}; there are {', '.join(QUESTIONS)}")
    answers: list[Answer] = []
    for count in (pages // 10, pages):
        home = fresh_folder()
        try:
            answers += _asked(python, count, home, names or tuple(QUESTIONS))
        finally:
            shutil.rmtree(home, ignore_errors=True)
    _print(answers)
    print(f"all of it: {write(result, {'links_a_page': LINKS, 'answers': [asdict(each) for each in answers]})}")
    return all(each.usage.peak_mb <= MOST_MB for each in answers)


def _asked(python: str, pages: int, home: Path, names: Sequence[str]) -> list[Answer]:
    """Return what each question took on runs of so many pages."""
    made = [python, "-m", "bench.made_run", str(pages), str(home / "old.run"), str(home / "new.run")]
    done = subprocess.run(made, capture_output=True, text=True, check=False, env=clean_environment(), cwd=ROOT, timeout=TIMEOUT_S)
    if done.returncode:
        raise MissingPart(f"the runs could not be made: {done.stderr[-1_000:]}")
    changed = Counter(json.loads(done.stdout))
    size = (home / "new.run").stat().st_size
    print(f"{pages:,} pages, {pages * LINKS:,} links, two run files of {size / 1e6:,.0f} MB", flush=True)
    found = []
    for name in names:
        words = QUESTIONS[name]
        usage = run_measured([python, "-m", "linkhaul", *words], home, TIMEOUT_S)
        if usage.code:
            raise MissingPart(f"linkhaul {' '.join(words)} ended with {usage.code}: {last_lines(home)}")
        output = home / words[-1]
        if name == "diff" and (told := _told(output)) != changed:
            raise MissingPart(f"the difference tells of {dict(told)}, and {dict(changed)} were changed")
        found.append(Answer(name, pages, usage, output.stat().st_size))
        print(f"  {name:<10} {usage.wall_s:8.1f} s  CPU {usage.cpu_s:8.1f} s  peak {usage.peak_mb:6.0f} MiB", flush=True)
    return found


def _told(file: Path) -> Counter[str]:
    """Return how many changes of each sort a difference tells of."""
    with file.open(encoding="utf-8", newline="") as lines:
        return Counter(f"{row['what']} {row['change']}" for row in csv.DictReader(lines))


def _print(answers: Sequence[Answer]) -> None:
    """Print a line for each question: what it took at the larger size, and how many times the smaller size's that is, by the page."""
    small, large = (min(each.pages for each in answers), max(each.pages for each in answers))
    by_name = {(each.question, each.pages): each for each in answers}
    print(
        f"\n{'':<10} {'wall s':>9} {'CPU s':>9} {'CPU µs/page':>12} {'at N/10':>9} {'ratio':>6} {'peak MiB':>9} {'at N/10':>8} {'output MB':>10}"
    )
    for name in dict.fromkeys(each.question for each in answers):
        few, many = by_name[name, small], by_name[name, large]
        each_few, each_many = few.usage.cpu_s / small * 1e6, many.usage.cpu_s / large * 1e6
        print(
            f"{name:<10} {many.usage.wall_s:>9.1f} {many.usage.cpu_s:>9.1f} {each_many:>12.1f} {each_few:>9.1f} {each_many / each_few:>6.2f}"
            f" {many.usage.peak_mb:>9.0f} {few.usage.peak_mb:>8.0f} {many.output_bytes / 1e6:>10.2f}"
        )
    print(f"\n{large:,} pages against {small:,}; a ratio of 1 is linear in the rows", file=sys.stdout)
