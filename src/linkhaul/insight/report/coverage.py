"""How much of the site the run has seen, and what was kept out."""

from __future__ import annotations

from linkhaul.insight.report.asked import Asked, column, grid
from linkhaul.insight.status import Status
from linkhaul.model.columns import Row
from linkhaul.model.report import Grid, Part

STATES = {"done": "asked for", "queued": "still to be asked for", "recorded": "not asked for", "withheld": "kept out as traps"}


def coverage_part(asked: Asked, status: Status) -> Part:
    """Return what became of every address that was met."""
    said = [f"How far the run reaches: {status.scope}."]
    if status.state != "finished":
        said.append(f"The run is {status.state}: what it has not reached is not told of here.")
    maps = status.sitemaps
    if maps.done or maps.queued:
        said.append(f"{maps.done:,} sitemaps were read; they name {maps.found:,} addresses.")
    columns = (
        column("state", "text", "what became of them"),
        column("reason", "text", "why"),
        column("addresses", "integer", "how many there are"),
    )
    rows: list[Row] = [(STATES.get(state, state), reason or None, count) for state, reason, count in status.urls]
    states = grid(("coverage", "Every address that was met"), columns, rows, rest=asked.command("export --table urls", "urls.csv"))
    return Part(
        "coverage",
        "Coverage",
        tuple(said),
        grids=tuple(each for each in (states, _withheld(asked, status), _hosts(asked, status), _faults(status)) if each.rows),
    )


def _withheld(asked: Asked, status: Status) -> Grid:
    columns = (
        column("pattern", "text", "what the addresses have in common"),
        column("reason", "text", "why they were taken for a trap"),
        column("addresses", "integer", "how many there are"),
        column("example", "text", "one of them"),
    )
    rows: list[Row] = [(each.pattern, each.reason, each.count, each.example) for each in status.withheld]
    return grid(("withheld", "Kept out as traps"), columns, rows, rest=asked.command("export --table urls", "urls.csv"))


def _hosts(asked: Asked, status: Status) -> Grid:
    columns = (column("host", "text", "the host"), column("why", "text", "why nothing of it is asked"))
    rows: list[Row] = [(each.host, each.why) for each in (*status.parked, *status.unreachable)]
    total = status.parked_count + status.unreachable_count
    return grid(("hosts", "Hosts that are not asked"), columns, rows, total=total, rest=asked.command("export --table hosts", "hosts.csv"))


def _faults(status: Status) -> Grid:
    columns = (column("url", "text", "the sitemap"), column("fault", "text", "what is wrong with it"))
    return grid(("sitemaps", "Sitemaps with faults"), columns, status.sitemaps.faults)
