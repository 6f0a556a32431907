"""What was aimed at, line by line, and how near the figures come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.figures import Figures

CEILING_MB = 512
"""linkhaul's own: the default of `--memory`."""


@dataclass(frozen=True, slots=True)
class Aim:
    """One aim.

    Attributes:
        line: of the report.
        what: is compared, with whom.
        target: the least or the most that it may be.
        is_least: whether more is better.
        unit: behind the figure.
        found: what was measured; None while it was not.
        remark: what a reader should know beside it.
        brief: `what` in fewer words, for a plot; empty when it is short already.
    """

    line: str
    what: str
    target: float
    is_least: bool
    unit: str = ""
    found: float | None = None
    remark: str = ""
    brief: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether the aim is reached."""
        return self.found is not None and (self.found >= self.target if self.is_least else self.found <= self.target)

    @property
    def share(self) -> float:
        """How often the aim is reached: 1 is just so, more is better."""
        if not self.found:
            return 0.0
        return self.found / self.target if self.is_least else self.target / self.found


def aims(figures: Mapping[str, Figures]) -> list[Aim]:
    """Return all aims, in the order of the page; those of lines that were not measured are without a figure."""
    return [aim for make in (_list, _slow, _large, _crawl, _check, _workers, _deadhosts, _folder, _start) for aim in make(figures)]


def contestants(line: Figures | None) -> dict[str, Figures]:
    """Return those of a line that ran, by name."""
    return {each["name"]: each for each in (line or {}).get("who", ()) if "wall_s" in each}


def _ratio(line: Figures | None, one: str, other: str, key: str, other_key: str = "") -> float | None:
    """Return how many times the other's figure the one's is; None where one of them did not run."""
    who = contestants(line)
    if one not in who or other not in who:
        return None
    return float(who[one][key][0] / who[other][other_key or key][0])


def _list(figures: Mapping[str, Figures]) -> Iterator[Aim]:
    line = figures.get("list")
    yield Aim("list", "CPU a page, of lychee's; one process", 1.0, False, " times", _ratio(line, "linkhaul", "lychee", "cpu_us"))
    yield Aim("list", "time, of lychee's; two processes", 1.0, False, " times", _ratio(line, "linkhaul-2", "lychee", "wall_s"))
    for name, words in (("linkhaul", "one process"), ("linkhaul-2", "two processes, added up")):
        yield Aim("list", f"memory, of lychee's; {words}", 1 / 3, False, " times", _ratio(line, name, "lychee", "sum_mb"))


def _slow(figures: Mapping[str, Figures]) -> Iterator[Aim]:
    line = figures.get("slow")
    for peer, words in (("scrapy", "Scrapy's"), ("first-script", "the first script's")):
        times = [1 / slower for name in ("linkhaul-2", "linkhaul") if (slower := _ratio(line, name, peer, "wall_s"))]
        remark = f"one process: {times[1]:.1f}" if len(times) == 2 else ""
        yield Aim("slow", f"pages/s, of {words}; two processes", 15.0, True, " times", times[0] if times else None, remark)


def _large(figures: Mapping[str, Figures]) -> Iterator[Aim]:
    line = figures.get("large")
    yield Aim("large", "CPU a page, of lychee's; one process", 1.0, False, " times", _ratio(line, "linkhaul", "lychee", "cpu_us"))
    yield Aim("large", "CPU a page, of parsing alone", 3.0, False, " times", _of_parsing(line))


def _of_parsing(line: Figures | None) -> float | None:
    who = contestants(line)
    return float(who["linkhaul"]["cpu_us"][0] / line["parsing_us"][0]) if line and "linkhaul" in who and "parsing_us" in line else None


def _crawl(figures: Mapping[str, Figures]) -> Iterator[Aim]:
    line = figures.get("crawl")
    faster: dict[str, float] = {}
    for name in ("linkhaul", "linkhaul-2"):
        slower = _ratio(line, name, "scrapy", "wall_s")
        if slower:
            faster[name] = 1 / slower
    best = max(faster, key=lambda name: faster[name], default="linkhaul-2")
    words = "two processes" if best == "linkhaul-2" else "one process"
    remark = f"one process: {faster['linkhaul']:.1f}" if best == "linkhaul-2" and "linkhaul" in faster else ""
    yield Aim("crawl", f"pages/s, of Scrapy's; {words}", 18.0, True, " times", faster.get(best), remark)
    other = _ratio(line, "linkhaul", "wget2", "cpu_us")
    remark = f"of plain wget2's, which asks once: {other:.1f}" if other else ""
    spider = _ratio(line, "linkhaul", "wget2-spider", "cpu_us")
    yield Aim("crawl", "CPU a page, of `wget2 --spider`'s; one process", 3.0, False, " times", spider, remark)


def _check(figures: Mapping[str, Figures]) -> Iterator[Aim]:
    for name in ("check", "check-wide", "check-far"):
        line = figures.get(name)
        at_once, of_files = _ratio(line, "linkhaul-at-once", "lychee", "wall_s"), _ratio(line, "linkhaul", "lychee-of-files", "wall_s")
        remark = (
            f"without the wait before a second try: {at_once:.2f}"
            if at_once
            else f"of lychee's, handed the files: {of_files:.2f}"
            if of_files
            else ""
        )
        yield Aim(name, "time, of lychee's", 1.0, False, " times", _ratio(line, "linkhaul", "lychee", "wall_s"), remark)


def _workers(figures: Mapping[str, Figures]) -> Iterator[Aim]:
    for name in ("workers", "million"):
        line = figures.get(name)
        if line is None and name != "workers":
            continue
        who = contestants(line)
        bound = f"two cores allow {most_of(line):.2f}" if line and len(who) == 2 else ""
        yield Aim(name, "pages/s, two processes of one's", 1.7, True, " times", _ratio(line, "linkhaul", "linkhaul-2", "wall_s"), bound)
        largest = who["linkhaul-2"]["peak_mb"][0] if "linkhaul-2" in who else None
        added = f"added up: {who['linkhaul-2']['sum_mb'][0]:,.0f} MB" if largest else ""
        yield Aim(
            name, "memory of the largest process, two processes", CEILING_MB, False, " MB", largest, added, "memory of the largest process"
        )


def most_of(line: Figures) -> float:
    """Return how many times as fast as one process two can be on two cores: see `most`."""
    who = contestants(line)
    return most(who["linkhaul"]["cpu_us"][0], who["linkhaul-2"]["cpu_us"][0], line["server_us"][0])


def most(one: float, two: float, server: float, cores: int = 2) -> float:
    """Return how many times as fast as one process two can be at most, from the CPU of one, of both together and of the server.

    >>> most(1000, 1000, 0), most(1000, 1150, 100)
    (2.0, 1.6)
    """
    return cores * one / (two + server)


def _deadhosts(figures: Mapping[str, Figures]) -> Iterator[Aim]:
    runs: list[dict[str, Any]] = figures.get("deadhosts", {}).get("runs", [])
    alone = [run for run in runs if not run["dead"]]
    for run in alone:
        what = f"requests/s, of the {run['limit']:,.0f} that the latency allows {run['in_flight']:,} in flight"
        brief = f"requests/s, {run['in_flight']:,} in flight, of the limit"
        yield Aim("deadhosts", what, 0.9, True, " times", run["requests_s"][0] / run["limit"], brief=brief)
    for run in runs:
        fast = next((each for each in alone if each["in_flight"] == run["in_flight"]), None)
        if run["dead"] and fast:
            what = f"pages/s beside {run['dead']} dead hosts, of those without"
            brief = f"pages/s beside {run['dead']} dead ones"
            yield Aim("deadhosts", what, 0.98, True, " times", run["pages_s"][0] / fast["pages_s"][0], brief=brief)
    if not runs:
        yield Aim("deadhosts", "requests/s, of what the latency allows", 0.9, True, " times")


def _folder(figures: Mapping[str, Figures]) -> Iterator[Aim]:
    line = figures.get("folder")
    yield Aim("folder", "CPU, of parsing alone; one process", 2.5, False, " times", _of_parsing(line))
    yield Aim("folder", "pages/s, two processes of one's", 1.8, True, " times", _ratio(line, "linkhaul", "linkhaul-2", "wall_s"))


def _start(figures: Mapping[str, Figures]) -> Iterator[Aim]:
    walls: dict[str, list[float]] = figures.get("start", {}).get("walls_s", {})
    for what, target in (("linkhaul --help", 0.15), ("linkhaul, first request", 0.35)):
        yield Aim("start", what, target, False, " s", walls.get(what, [None])[0])
