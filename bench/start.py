"""How long one waits for small things: the help, and three pages in all."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

from bench.contestants import LISTERS, Job
from bench.corpus import TREE, list_urls
from bench.measure import Usage, last_lines, run_measured
from bench.rounds import Plan, choose, fresh_folder
from bench.server import serve

TARGETS_S = {"linkhaul --help": 0.15, "linkhaul, three pages": 0.6}
FLOOR = "python -c pass"
STARTERS = ("linkhaul", "lychee", "first-script", "scrapy")


def run_start(plan: Plan) -> bool:
    """Print median, minimum and maximum of each; return whether linkhaul kept its targets."""
    home = fresh_folder()
    try:
        with serve(TREE, home) as server:
            urls = home / "urls.txt"
            urls.write_text("\n".join(list_urls(server.origins[0], 1)[:3]) + "\n", encoding="utf-8")
            walls = _measure_all(plan, urls)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    kept = set(TARGETS_S) <= set(walls)
    for name, figures in walls.items():
        middle = statistics.median(figures)
        target = TARGETS_S.get(name)
        verdict = "" if target is None else f"   target {target} s: {'kept' if middle <= target else 'MISSED'}"
        kept = kept and (target is None or middle <= target)
        print(f"{name:<28} {middle:.3f} s   {min(figures):.3f}-{max(figures):.3f}{verdict}")
    return kept


def _measure_all(plan: Plan, urls: Path) -> dict[str, list[float]]:
    """Return the wall seconds of each small thing, run in turn."""
    walls: dict[str, list[float]] = {}
    entrants = []
    for each in choose(LISTERS, plan.names, STARTERS):
        if absence := each.absence(plan.python):
            print(f"{each.name}: {absence}")
        else:
            entrants.append(each)
    for _ in range(plan.repeats):
        _add(walls, FLOOR, [plan.python, "-c", "pass"], plan)
        for each in entrants:
            if each.name == "linkhaul":
                _add(walls, "linkhaul --help", [plan.python, "-m", "linkhaul", "--help"], plan)
            folder = fresh_folder()
            _add(walls, f"{each.name}, three pages", each.command(Job(plan.python, urls, folder, plan.concurrency)), plan, folder)
    return walls


def _add(walls: dict[str, list[float]], name: str, command: list[str], plan: Plan, folder: Path | None = None) -> None:
    place = folder or fresh_folder()
    try:
        used: Usage = run_measured(command, place, plan.timeout_s)
        if used.code != 0:
            raise RuntimeError(f"{name} ended with {used.code}: {last_lines(place)}")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    walls.setdefault(name, []).append(used.wall_s)
