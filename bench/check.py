"""`python -m bench check`: checkers on the same site, timed, their requests counted, and their verdicts held against what is known."""

from __future__ import annotations

import shutil
import statistics
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.check_peers import CHECKERS, Checker, Task
from bench.check_site import BAD, LOCATIONS, Truth, build, known
from bench.contestants import shown
from bench.measure import Usage, last_lines, run_measured
from bench.rounds import Plan, fresh_folder
from bench.server import Server, serve
from bench.table import write

MOST_EXAMPLES = 2


@dataclass(slots=True)
class Outcome:
    """What one checker did, run by run.

    Attributes:
        command: how it was asked, without the names of folders.
        requests: answers the server counted in each run.
        broken: what it called broken in the last run.
    """

    name: str
    version: str
    command: str = ""
    trouble: str = ""
    runs: list[Usage] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)


def run_check(plan: Plan) -> None:
    """Measure, print and write down; the site is taken `times` over, each on a loopback address of its own.

    Raises:
        MissingPart: the pages or nginx are not installed, or what makes it wait is not.
        ValueError: nobody is called so.
    """
    if unknown := [name for name in plan.names if name not in CHECKERS]:
        raise ValueError(f"no checker is called {', '.join(unknown)}; there are {', '.join(CHECKERS)}")
    home = fresh_folder()
    try:
        (home / "site").mkdir()
        (home / "nginx").mkdir()
        build(home / "site")
        with serve(home / "site", home / "nginx", plan.times, LOCATIONS, plan.latency_s) as server:
            truth = known(server.origins)
            (home / "pages.txt").write_text("\n".join(truth.pages) + "\n", encoding="utf-8")
            print(
                f"{len(truth.pages):,} pages, {len(truth.kinds):,} link URLs, {truth.targets:,} targets, {len(truth.bad()):,} of the URLs lead to nothing"
            )
            outcomes = [_begin(CHECKERS[name]) for name in plan.names or CHECKERS]
            for number in range(plan.repeats):
                for outcome in outcomes:
                    _run_once(outcome, plan, server, home)
                    if outcome.runs:
                        print(
                            f"  round {number + 1}  {outcome.name:<18} {outcome.runs[-1].wall_s:8.2f} s  CPU {outcome.runs[-1].cpu_s:8.2f} s",
                            flush=True,
                        )
    finally:
        shutil.rmtree(home, ignore_errors=True)
    _print(outcomes, truth)
    print(f"all of it: {_write(outcomes, truth, plan)}")


def _begin(checker: Checker) -> Outcome:
    absence = checker.absence()
    return Outcome(checker.name, "" if absence else checker.version_text(), trouble=absence or "")


def _run_once(outcome: Outcome, plan: Plan, server: Server, home: Path) -> None:
    if outcome.trouble:
        return
    checker = CHECKERS[outcome.name]
    folder = fresh_folder()
    try:
        before = server.requests_served()
        starts = tuple(f"{origin}/" for origin in server.origins)
        task = Task(starts, home / "pages.txt", folder, plan.python, home / "site" if len(starts) == 1 else None)
        command = checker.command(task)
        outcome.command = shown(command, folder, task.pages).replace(str(home), "")
        used = run_measured(command, folder, plan.timeout_s)
        served = server.requests_served() - before - 1
        if used.is_late or used.code not in checker.codes:
            outcome.trouble = "its time was up" if used.is_late else f"ended with {used.code}: {last_lines(folder)}"
            return
        outcome.broken = checker.broken(task)
        outcome.runs.append(used)
        outcome.requests.append(served)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _print(outcomes: list[Outcome], truth: Truth) -> None:
    ran = [outcome for outcome in outcomes if outcome.runs]
    print(f"\n{'':<18} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'requests':>9} {'per target':>10} {'missed':>7} {'false':>6}")
    for outcome in ran:
        wall, cpu, peak = (statistics.median(getattr(run, name) for run in outcome.runs) for name in ("wall_s", "cpu_s", "peak_mb"))
        requests = statistics.median(outcome.requests)
        wrong = (len(truth.bad() - outcome.broken), len(outcome.broken - truth.bad()))
        print(
            f"{outcome.name:<18} {wall:8.2f} {cpu:8.2f} {peak:8.0f} {requests:9,.0f} {requests / truth.targets:10.2f} {wrong[0]:7,} {wrong[1]:6,}"
        )
    print(f"\ncalled broken, of those there are; the last {len(BAD)} kinds lead to nothing, and the others do not")
    for kind, count in sorted(truth.counts.items(), key=lambda item: (item[0] in BAD, item[0])):
        said = [sum(truth.kinds.get(url) == kind for url in outcome.broken) for outcome in ran]
        print(f"  {kind:<28} {count:>6,}  " + "  ".join(f"{outcome.name} {number:,}" for outcome, number in zip(ran, said, strict=True)))
    for outcome in ran:
        _print_differences(outcome, truth)
    for outcome in outcomes:
        if outcome.trouble:
            print(f"{outcome.name}: {outcome.trouble}")


def _print_differences(outcome: Outcome, truth: Truth) -> None:
    """Print where a checker is wrong by what is known, by kind with examples; what it found beyond what is known is named, too."""
    for title, urls in (("missed", truth.bad() - outcome.broken), ("falsely called broken", outcome.broken - truth.bad())):
        for kind, count in Counter(truth.kinds.get(url, "not known to the walk") for url in urls).most_common():
            examples = sorted(url for url in urls if truth.kinds.get(url, "not known to the walk") == kind)[:MOST_EXAMPLES]
            print(f"{outcome.name}: {title}: {count:,} of kind '{kind}', such as {' '.join(examples)}")


def _write(outcomes: list[Outcome], truth: Truth, plan: Plan) -> Path:
    """Write what the checkers took and said, in the form of a line of the report."""
    settings = {name: value for name, value in asdict(plan).items() if name not in ("python", "result")}
    listed = [
        {
            "name": each.name, "version": each.version, "command": each.command, "trouble": each.trouble,
            "runs": [asdict(run) for run in each.runs], "requests": each.requests,
            "tallies": [{"missed": len(truth.bad() - each.broken), "false": len(each.broken - truth.bad())}],
            "missed": sorted(truth.bad() - each.broken), "false": sorted(each.broken - truth.bad()),
        }
        for each in outcomes
    ]  # fmt: skip
    content = {"pages": len(truth.pages), "targets": truth.targets, "links": dict(truth.counts), "contestants": listed}
    return write(plan.result, {"plan": settings, **content})
