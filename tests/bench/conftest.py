"""Tests of the benchmark's own code: they measure nothing. Where bench/ was not unpacked, as in a source distribution, there are none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
collect_ignore_glob = [] if (ROOT / "bench").is_dir() else ["test_*.py"]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))  # `pytest` alone does not look there; `python -m pytest` does

MACHINE = {"cpu": "A processor", "cores": 2, "system": "Linux 6.1", "python": "3.11.7", "load": [0.5, 0.4, 0.3]}


def result(kind: str, **content: object) -> dict[str, object]:
    """Return a result as `bench.table.write` writes it."""
    return {"format": 2, "kind": kind, "at": "2026-01-01T00:00:00+00:00", "machine": MACHINE, **content}


def rounds(kind: str, pages: int, cpu_s: dict[str, float], **beside: object) -> dict[str, object]:
    """Return the result of a line in which contestants ran by turns, five rounds each, a hundredth apart in CPU."""
    who = [
        {
            "name": name, "version": f"{name} 1.0", "command": f"{name} links", "trouble": "", "requests": [pages] * 5,
            "runs": [
                {"wall_s": seconds / 2, "cpu_s": seconds * (1 + n / 100), "peak_mb": 80.0, "sum_mb": 90.0, "each_mb": [80.0, 10.0]} for n in range(5)
            ],
            "tallies": [{"rows": 10 * pages, "pairs": 9 * pages, "missing": 0, "extra": 0, "example": " "}],
        }
        for name, seconds in cpu_s.items()
    ]  # fmt: skip
    return result(kind, plan={"repeats": 5}, pages=pages, contestants=who, **beside)


def checks(kind: str, cpu_s: dict[str, float]) -> dict[str, object]:
    """Return the result of a line in which links were checked; lychee misses three and is wrong about two."""
    content = rounds(kind, 100, cpu_s, targets=120)
    who = content["contestants"]
    assert isinstance(who, list)
    for each in who:
        each["tallies"] = [{"missed": 3, "false": 2} if each["name"] == "lychee" else {"missed": 0, "false": 0}]
    return content


@pytest.fixture
def results() -> dict[str, dict[str, object]]:
    """A result of each line, by its name."""
    stages = ("fetch", "parse", "links and survey", "resolve", "decide", "store", "write CSV")
    stages_us = {stage: [10.0, 11.0, 12.0] for stage in stages} | {"whole": [100.0, 110.0, 120.0]}
    one = {"pages": 40, "page_links": 170.0, "page_bytes": 200_000.0, "stages_us": stages_us}
    run = {"in_flight": 500, "dead": 0, "limit": 2500.0, "passes": [{"pages_s": 1500.0, "requests_s": 2300.0, "cpu_us": 100.0}] * 3}
    return {
        "list": rounds("list", 1000, {"linkhaul": 0.5, "linkhaul-2": 0.6, "lychee": 0.7}),
        "large": rounds("large", 100, {"linkhaul": 0.3, "lychee": 0.25}, parsing_us=[650.0, 660.0], page_bytes=196_465.5, page_links=168.0),
        "folder": rounds("folder", 100, {"linkhaul": 0.2, "linkhaul-2": 0.1}, parsing_us=[650.0], page_bytes=196_465.5, page_links=168.0),
        "crawl": rounds("crawl", 100, {"linkhaul": 0.1, "scrapy": 1.0, "wget2-spider": 0.02, "wget2": 0.01}),
        "workers": rounds("workers", 1000, {"linkhaul": 1.0, "linkhaul-2": 1.2}, hosts=1000, server_us=[20.0, 21.0]),
        "slow": rounds("slow", 100, {"linkhaul": 0.1, "scrapy": 1.0, "first-script": 2.0}),
        "check": checks("check", {"linkhaul": 0.3, "linkhaul-at-once": 0.25, "lychee": 0.2}),
        "check-wide": checks("check-wide", {"linkhaul": 2.0, "lychee": 2.5}),
        "check-far": checks("check", {"linkhaul": 2.0, "lychee": 14.0, "lychee-of-files": 1.5}),
        "start": result("start", rounds=3, walls_s={"linkhaul --help": [0.1, 0.2, 0.12], "linkhaul, first request": [0.4, 0.3, 0.5]}),
        "deadhosts": result("deadhosts", rounds=3, hosts=10_000, latency_s=0.2, per_host=2, runs=[run, run | {"dead": 10}]),
        "schedule": result("schedule", rounds=3, known=100_000, each_us={"10": [20.0], "10000": [25.0]}),
        "budget": result("budget", rounds=3, sets={"generated": one, "manual": one}),
    }
