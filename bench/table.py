"""Results, for people (a table) and for later comparison (JSON)."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.contestants import BENCH
from bench.measure import ROOT
from bench.rounds import Plan, Record

RESULTS = BENCH / "results"
FORMAT = 2
"""Of the files of results; older ones are not read."""
HEADINGS = (
    "",
    "wall s",
    "min-max",
    "pages/s",
    "ratio",
    "CPU µs/page",
    "min-max",
    "ratio",
    "peak MB",
    "sum MB",
    "requests",
    "rows",
    "pairs",
)


def print_table(records: Sequence[Record], page_count: int) -> None:
    """Print medians, spans and ratios to the first contestant that ran (linkhaul, when it takes part).

    A ratio of pages/s says how many times as fast the first is; one of CPU, how many times as much CPU the other takes.
    """
    ran = [record for record in records if record.runs]
    rows = [HEADINGS, *(_cells(record, ran[0], page_count) for record in ran)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
    print()
    for row in rows:
        print(
            "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths, strict=True)))
        )
    if ran:
        print(
            f"\n{page_count:,} pages, medians of {len(ran[0].runs)} runs; ratios against {ran[0].name}: above 1, {ran[0].name} is the better"
        )
    for record in records:
        if record.trouble:
            print(f"{record.name}: {record.trouble}")


def write_rounds(plan: Plan, records: Sequence[Record], page_count: int, beside: Mapping[str, Any] | None = None) -> Path:
    """Write what the contestants took, run by run, to bench/results/ and return the file.

    Args:
        beside: what was measured beside them.
    """
    settings = {name: value for name, value in asdict(plan).items() if name not in ("python", "result")}
    listed = [asdict(record) for record in records]
    return write(plan.result, {"plan": settings, "pages": page_count, "contestants": listed, **(beside or {})})


def write(name: str, content: Mapping[str, Any]) -> Path:
    """Write what was measured to a file of its own in bench/results/, with the machine and the time, and return it.

    Args:
        name: of the result: a line of the report, see `bench.figures`.
    """
    RESULTS.mkdir(exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    whole = {"format": FORMAT, "kind": name, "at": now.isoformat(timespec="seconds"), "machine": describe_machine(), **content}
    text = json.dumps(whole, indent=1, ensure_ascii=False).replace(f"{ROOT}/", "")  # where the checkout lies is nobody's business
    file = RESULTS / f"{name}-{now:%Y%m%d-%H%M%S}.json"
    file.write_text(text + "\n", encoding="utf-8")
    return file


def describe_machine() -> dict[str, Any]:
    """Return what a reader needs to know of this machine, how busy it is included."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    load = os.getloadavg() if hasattr(os, "getloadavg") else ()
    kernel = re.match(r"[\d.]+", platform.release())
    system = f"{platform.system()} {kernel[0] if kernel else ''}".strip()
    return {"cpu": model, "cores": os.cpu_count(), "system": system, "python": platform.python_version(), "load": load}


def _cells(record: Record, first: Record, page_count: int) -> tuple[str, ...]:
    wall, cpu = record.middle("wall_s"), record.middle("cpu_s")
    wall_span, cpu_span = record.span("wall_s"), record.span("cpu_s")
    per_page = 1e6 / page_count
    found = record.tallies[0] if record.tallies else None
    return (
        record.name,
        f"{wall:.2f}",
        f"{wall_span[0]:.2f}-{wall_span[1]:.2f}",
        f"{page_count / wall:,.0f}",
        f"{wall / first.middle('wall_s'):.2f}",
        f"{cpu * per_page:,.0f}",
        f"{cpu_span[0] * per_page:,.0f}-{cpu_span[1] * per_page:,.0f}",
        f"{cpu / first.middle('cpu_s'):.2f}",
        f"{record.middle('peak_mb'):.0f}",
        f"{record.middle('sum_mb'):.0f}",
        f"{max(record.requests):,}" if record.requests else "-",
        f"{found.rows:,}" if found else "-",
        f"{found.pairs:,}" if found and found.pairs else "-",
    )
