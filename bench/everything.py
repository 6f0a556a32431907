"""`python -m bench all`: every line of docs/performance.md, one after the other, each in a process of its own.

Lists are as long as 40 minutes on two cores allow, with five rounds of each. Where the machine turns out to be slower, the lists of what is
left are cut, and never the rounds. A line that cannot be run here, or misses its target, is said, and the others go on.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.measure import ROOT

LIMIT_S = 40 * 60
SHORTEST = 0.2
"""Of the usual length: shorter lists would measure the start alone."""
MISSING = 2
"""How a measurement ends that something is missing for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement.

    Attributes:
        name: of its result.
        verb: what `python -m bench` is asked for.
        repeats: rounds.
        seconds: what it took in all on two quiet cores of an AMD EPYC, at 2.6 GHz.
        size: the flag that says how long its list is, and that length; None where it has no length.
        words: what else it is asked with.
    """

    name: str
    verb: str
    repeats: int
    seconds: float
    size: tuple[str, float] | None = None
    words: tuple[str, ...] = ()

    def command(self, scale: float, repeats: int | None, python: str) -> list[str]:
        """Return how it is asked for.

        Args:
            scale: how long its list is, as a part of the usual length.
            repeats: rounds; None for the usual ones.
        """
        length = [self.size[0], _length(self.size[1], scale)] if self.size else []
        rounds = ["--repeats", str(repeats or self.repeats)]
        return [sys.executable, "-m", "bench", self.verb, "--result", self.name, "--python", python, *rounds, *length, *self.words]

    def estimate(self, scale: float, repeats: int | None) -> float:
        """Return about how many seconds it takes."""
        return self.seconds * (scale if self.size else 1.0) * (repeats or self.repeats) / self.repeats


LINES = (
    Line("start", "start", 15, 75),
    Line("list", "list", 5, 190, ("--times", 10), ("--only", "linkhaul,linkhaul-2,lychee")),
    Line("large", "large", 5, 160, ("--times", 10), ("--only", "linkhaul,linkhaul-2,lychee")),
    Line("folder", "folder", 5, 180, ("--gigabytes", 1.0)),
    Line("crawl", "crawl", 5, 336, ("--times", 4), ("--only", "linkhaul,linkhaul-2,scrapy,wget2-spider,wget2")),
    Line("check", "check", 5, 45, words=("--only", "linkhaul,linkhaul-at-once,lychee")),
    Line("check-wide", "check", 5, 110, ("--times", 5), ("--only", "linkhaul,lychee")),
    Line("check-far", "check", 5, 90, words=("--latency", "0.01", "--only", "linkhaul,lychee,lychee-of-files")),
    Line("workers", "workers", 5, 235, ("--pages", 31_000)),
    Line("deadhosts", "deadhosts", 5, 320),
    Line("schedule", "schedule", 5, 130),
    Line("budget", "budget", 5, 60),
    Line("slow", "list", 5, 214, ("--times", 2), ("--only", "linkhaul,linkhaul-2,scrapy,first-script")),
)


def run_all(names: Sequence[str], scale: float, repeats: int | None, python: str) -> bool:
    """Run the lines by turns; return whether all of them could be run.

    Args:
        names: of the lines; empty for all.
        scale: how long the lists are, as a part of the usual length.
        repeats: rounds of each; None for the usual ones.

    Raises:
        ValueError: no line is called so.
    """
    if unknown := set(names) - {line.name for line in LINES}:
        raise ValueError(f"no line is called {', '.join(sorted(unknown))}; there are {', '.join(line.name for line in LINES)}")
    lines = [line for line in LINES if not names or line.name in names]
    began, without = time.monotonic(), list[str]()
    slower = 1.0
    for number, line in enumerate(lines):
        left = slower * sum(each.estimate(scale, repeats) for each in lines[number:])
        room = LIMIT_S - (time.monotonic() - began)
        length = scale * min(1.0, max(room / left, SHORTEST))
        own = slower * line.estimate(length, repeats)
        shorter = f", lists cut to {length:.0%}" if length < scale else ""
        print(f"\n[{number + 1} of {len(lines)}] {line.name}: about {_minutes(own)}; {_minutes(left)} to go in all{shorter}\n", flush=True)
        code = _run(line.command(length, repeats, python))
        if code < 0 or code >= MISSING:
            without.append(line.name)
        slower = (time.monotonic() - began) / sum(each.estimate(scale, repeats) for each in lines[: number + 1])
    spent = time.monotonic() - began
    print(f"\nall took {_minutes(spent)}: {'within' if spent <= LIMIT_S else 'NOT within'} {_minutes(LIMIT_S)}")
    if without:
        print(f"could not be run here: {', '.join(without)}", file=sys.stderr)
    return not without


def _run(command: Sequence[str]) -> int:
    """Return how a command ended; when we are ended, it is asked to end first, so that it ends its server."""
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            raise


def _length(usual: float, scale: float) -> str:
    length = usual * scale
    return str(max(1, round(length))) if isinstance(usual, int) else f"{length:g}"


def _minutes(seconds: float) -> str:
    """Return a time for a person.

    >>> _minutes(42.3), _minutes(630)
    ('42 s', '10.5 min')
    """
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"
