"""Runs the contestants in turn, A B C A B C, so that whatever drifts on the machine hits all of them alike."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.contestants import BENCH, Contestant, Job, shown
from bench.measure import Usage, last_lines, run_measured
from bench.tally import Tally

WORK = BENCH / "work"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a benchmark is to run.

    Attributes:
        python: the interpreter that linkhaul is installed in.
        repeats: measured runs of each contestant.
        times: how often the tree is taken.
        concurrency: requests in flight, where a tool has such a setting.
        timeout_s: what one run may take at most.
        names: who takes part, in this order; empty for the usual ones.
        result: what the file of results is called.
        latency_s: how long the server holds each answer back, where one can be asked to.
    """

    python: str
    repeats: int
    times: int
    concurrency: int
    timeout_s: float
    names: tuple[str, ...]
    result: str = "list"
    latency_s: float = 0.0


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Course:
    """What the contestants run over.

    Attributes:
        urls: the file or folder that each is handed.
        judge: counts what an output holds, see `tally`.
        served: gives how many requests the server has answered so far, this question included; None where none are counted.
        after_round: what is measured beside the contestants, once a round.
    """

    urls: Path
    judge: Callable[[Path], Tally]
    served: Callable[[], int] | None = None
    after_round: Callable[[], None] = _nothing


@dataclass(slots=True)
class Record:
    """What one contestant did, run by run.

    Attributes:
        command: how it was asked, without the names of folders.
        requests: answers the server counted in each run; empty where they are not counted.
        trouble: why it has fewer runs than planned, or a remark on what it found; empty when all is well.
    """

    name: str
    version: str
    command: str = ""
    runs: list[Usage] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    trouble: str = ""

    def middle(self, name: str) -> float:
        """Return the median of one of Usage's figures."""
        return float(statistics.median(getattr(run, name) for run in self.runs))

    def span(self, name: str) -> tuple[float, float]:
        """Return the smallest and the largest of one of Usage's figures."""
        figures = [getattr(run, name) for run in self.runs]
        return min(figures), max(figures)


def choose(known: dict[str, Contestant], names: Sequence[str], usual: Iterable[str]) -> list[Contestant]:
    """Return the contestants of these names, or the usual ones.

    Raises:
        ValueError: nobody is called so.
    """
    wanted = list(names) or [name for name in usual if name in known]
    if unknown := [name for name in wanted if name not in known]:
        raise ValueError(f"no contestant is called {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in wanted]


def run_rounds(plan: Plan, contestants: Sequence[Contestant], course: Course) -> list[Record]:
    """Return a record of each contestant, in the order given."""
    records = [Record(each.name, each.version_text(plan.python), trouble=each.absence(plan.python) or "") for each in contestants]
    for number in range(plan.repeats):
        for contestant, record in zip(contestants, records, strict=True):
            if record.trouble:
                continue
            _run_once(plan, contestant, record, course)
            if record.runs:
                used = record.runs[-1]
                print(f"  round {number + 1}  {record.name:<20} {used.wall_s:8.2f} s  CPU {used.cpu_s:8.2f} s", flush=True)
        course.after_round()
    for record in records:
        record.trouble = record.trouble or _remark(record)
    return records


def fresh_folder() -> Path:
    """Return a new empty folder on the disk of the checkout; a durable file in a RAM disk would flatter us."""
    WORK.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=WORK))
    folder.chmod(0o755)  # nginx's worker looks into it as another user
    return folder


def _run_once(plan: Plan, contestant: Contestant, record: Record, course: Course) -> None:
    folder = fresh_folder()
    try:
        before = course.served() if course.served else 0
        command = contestant.command(Job(plan.python, course.urls, folder, plan.concurrency))
        record.command = shown(command, folder, course.urls)
        used = run_measured(command, folder, plan.timeout_s)
        served = [course.served() - before - 1] if course.served else []
        if used.is_late:
            record.trouble = f"stopped after {plan.timeout_s:.0f} s"
            return
        output = folder / contestant.output if contestant.output else None
        # wget2 ends with 8 when any page was missing; a tool that writes is judged by its exit and its output
        if output and (used.code != 0 or not output.exists()):
            record.trouble = f"ended with {used.code}: {last_lines(folder)}"
            return
        record.runs.append(used)
        record.requests += served
        if output:
            record.tallies.append(course.judge(output))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remark(record: Record) -> str:
    counts = set(record.tallies)
    if not counts:
        return ""
    if len({(each.rows, each.pairs, each.missing) for each in counts}) > 1:
        return f"found different links in different runs: {sorted(each.pairs for each in counts)} pairs"
    found = record.tallies[0]
    parts = []
    what = "pairs (page, link)" if found.pairs else "rows"
    if found.missing:
        parts.append(f"{found.missing:,} {what} are missing")
    if found.extra:
        parts.append(f"{found.extra:,} {what} are not of a or area elements")
    return "; ".join(parts) + (f", as {found.example}" if parts and found.example.strip() else "")
