"""The figures that docs/performance.md is made from: of each line the newest result, with medians in place of runs.

They are kept in bench/figures.json, which is part of the project; what bench/results/ holds is not. They name neither a folder nor a
host. A line without a newer result stays as it is, so that one line can be measured again alone.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.contestants import BENCH
from bench.table import FORMAT

FIGURES = BENCH / "figures.json"
ROUNDS = ("list", "large", "folder", "crawl", "workers", "slow", "check", "check-wide", "check-far")
"""Lines in which contestants run by turns."""
LONG = ("million",)
"""Likewise, but too long for `bench all`: `python -m bench workers --pages 1000000 --repeats 1 --timeout 3600 --result million`."""
OTHERS = ("start", "deadhosts", "schedule", "budget")

Figures = dict[str, Any]


def gather(results: Path, known: Mapping[str, Figures]) -> dict[str, Figures]:
    """Return the figures of each line by its name: those of its newest result, or what is known where that is newer."""
    lines = dict(known)
    for name in (*ROUNDS, *LONG, *OTHERS):
        for file in sorted(results.glob(f"{name}-[0-9]*.json")):
            result = json.loads(file.read_text(encoding="utf-8"))
            if result.get("format") == FORMAT and result["at"] >= lines.get(name, {}).get("at", ""):
                lines[name] = condensed(name, result)
    return {name: lines[name] for name in (*ROUNDS, *LONG, *OTHERS) if name in lines}


def condensed(name: str, result: Mapping[str, Any]) -> Figures:
    """Return what the page needs of a result."""
    machine = {key: value for key, value in result["machine"].items() if key != "load"}
    same = {"at": result["at"], "machine": machine, "load": round(next(iter(result["machine"]["load"]), 0.0), 1)}
    return same | (_OTHERS[name](result) if name in _OTHERS else _rounds(result))


def spread(figures: Iterable[float]) -> list[float]:
    """Return median, smallest and largest, with as many digits as say something.

    >>> spread([3, 1.23456, 2000.4])
    [3, 1.235, 2000]
    """
    found = list(figures)
    return [_short(each) for each in (statistics.median(found), min(found), max(found))]


def _short(figure: float) -> float:
    """Return a figure with four digits that say something."""
    return round(figure) if figure >= 1000 else float(f"{figure:.4g}") if figure != round(figure) else round(figure)


def _rounds(result: Mapping[str, Any]) -> Figures:
    pages = result["pages"]
    beside = {key: spread(result[key]) for key in ("parsing_us", "server_us") if result.get(key)}
    sizes = {key: _short(result[key]) for key in ("page_bytes", "page_links", "hosts", "targets") if key in result}
    who = [_contestant(each, pages) for each in result["contestants"]]
    return {"rounds": result["plan"]["repeats"], "pages": pages, **sizes, **beside, "who": who}


def _contestant(each: Mapping[str, Any], pages: int) -> Figures:
    known = {key: each[key] for key in ("name", "version", "command")}
    runs: Sequence[Mapping[str, Any]] = each["runs"]
    if not runs:
        return known | {"trouble": each["trouble"]}
    tally = each["tallies"][0] if each["tallies"] else {}
    return known | {
        "wall_s": spread(run["wall_s"] for run in runs),
        "cpu_us": spread(run["cpu_s"] / pages * 1e6 for run in runs),
        "peak_mb": spread(run["peak_mb"] for run in runs),
        "sum_mb": spread(run["sum_mb"] for run in runs),
        "each_mb": [_short(size) for size in runs[-1]["each_mb"]],
        "requests": max(each["requests"], default=None),
        **{key: tally[key] for key in ("rows", "pairs", "missing", "extra", "missed", "false") if key in tally},
    }


def _start(result: Mapping[str, Any]) -> Figures:
    return {"rounds": result["rounds"], "walls_s": {name: spread(walls) for name, walls in result["walls_s"].items()}}


def _deadhosts(result: Mapping[str, Any]) -> Figures:
    runs = [
        {key: run[key] for key in ("in_flight", "dead", "limit")}
        | {key: spread(each[key] for each in run["passes"]) for key in ("pages_s", "requests_s", "cpu_us")}
        for run in result["runs"]
    ]
    return {key: result[key] for key in ("rounds", "hosts", "latency_s", "per_host")} | {"runs": runs}


def _schedule(result: Mapping[str, Any]) -> Figures:
    return {"rounds": result["rounds"], "known": result["known"], "each_us": {n: spread(each) for n, each in result["each_us"].items()}}


def _budget(result: Mapping[str, Any]) -> Figures:
    sets = {
        name: {key: _short(each[key]) for key in ("pages", "page_links", "page_bytes")}
        | {"stages_us": {stage: spread(figures) for stage, figures in each["stages_us"].items()}}
        for name, each in result["sets"].items()
    }
    return {"rounds": result["rounds"], "sets": sets}


_OTHERS = {"start": _start, "deadhosts": _deadhosts, "schedule": _schedule, "budget": _budget}
