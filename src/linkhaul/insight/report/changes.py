"""What has changed since another run of the same site."""

from __future__ import annotations

import shlex
import sqlite3
from collections import Counter

from linkhaul.insight.diff import DIFF, DiffRow, differences
from linkhaul.insight.report.asked import MOST_ROWS, Asked, counted, grid, plot
from linkhaul.model.columns import Column, Row
from linkhaul.model.report import Part

SHOWN = {"page": (1, 2, 4, 5, 6), "link": (1, 2, 3, 7, 4, 5, 6)}
"""Which columns of DIFF say something of a page, and of a link."""
NAMES = {"page": "Pages that changed", "link": "Links that changed, on pages that both runs have read"}


def change_part(asked: Asked, older: sqlite3.Connection, name: str) -> Part:
    """Return the changes from an older run, counted, and the first of each sort. Cost: linear in the links of both."""
    counts: Counter[tuple[str, str]] = Counter()
    kept: dict[str, list[Row]] = {"page": [], "link": []}
    for row in differences(older, asked.connection):
        counts[row.what, row.change] += 1
        if len(kept[row.what]) < MOST_ROWS:
            kept[row.what].append(_cells(row))
    rest = f"linkhaul diff {shlex.quote(name)} {shlex.quote(asked.name)} -o changes.csv"
    totals = {what: sum(count for (its, _), count in counts.items() if its == what) for what in kept}
    said = f"Since {name}: {counted(totals['page'], 'change')} of pages, {counted(totals['link'], 'change')} of links."
    return Part(
        "changes",
        "What has changed",
        (said if counts else f"Nothing has changed since {name}.",),
        plots=tuple(
            plot(f"Changes of {what}s", ((change, count) for (its, change), count in counts.items() if its == what), "changes")
            for what in kept
            if totals[what]
        ),
        grids=tuple(
            grid((f"changed {what}s", NAMES[what]), _columns(what), rows, total=totals[what], rest=rest)
            for what, rows in kept.items()
            if rows
        ),
    )


def _columns(what: str) -> tuple[Column, ...]:
    return tuple(DIFF[place] for place in SHOWN[what])


def _cells(row: DiffRow) -> Row:
    return tuple(row[place] for place in SHOWN[row.what])
