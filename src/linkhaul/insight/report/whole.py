"""The report, put together from its parts: what a person looks for first stands first."""

from __future__ import annotations

import sqlite3
from importlib.util import find_spec

from linkhaul.errors import UsageError
from linkhaul.insight.report.asked import Asked
from linkhaul.insight.report.changes import change_part
from linkhaul.insight.report.coverage import coverage_part
from linkhaul.insight.report.health import Signs, health
from linkhaul.insight.report.repairs import repair_part, repairs
from linkhaul.insight.report.rules import audited, rule_part
from linkhaul.insight.report.touched import Share, Troubled
from linkhaul.insight.report.verdicts import verdicts
from linkhaul.insight.report.visits import SIZES, TIMES, depth_part, measured_part, outcome_part, outside_part, redirect_part, spread
from linkhaul.insight.status import status
from linkhaul.model.report import Part, Report
from linkhaul.model.times import iso
from linkhaul.store.reader import value


def report(asked: Asked, now: float, *, older: tuple[sqlite3.Connection, str] | None = None) -> Report:
    """Return the report on a run, live or finished. Cost: some passes over its links and visits.

    Args:
        now: wall clock, seconds since 1970.
        older: another run of the same site, opened to read, and what the person calls it: then changes are told.
    """
    standing = status(asked.connection, asked.path, now)
    hanging, graph_part = _graph(asked)
    troubled = Troubled(asked, hanging)
    checked = verdicts(asked, hanging)
    found = audited(asked, hanging)
    every = repairs(troubled, checked, found)
    waits = spread(asked, TIMES)
    parts = (
        repair_part(every, hanging),
        change_part(asked, *older) if older else None,
        rule_part(asked, found),
        outcome_part(asked),
        checked.part() if checked else None,
        depth_part(asked),
        measured_part(asked, TIMES, waits),
        measured_part(asked, SIZES, spread(asked, SIZES)),
        redirect_part(asked, troubled),
        graph_part,
        outside_part(asked),
        coverage_part(asked, standing),
    )
    title = title_of(asked)
    about = (("Run file", asked.name), ("Began", standing.began_at or "unknown"), ("Reported", iso(now)), ("Run", standing.state))
    signs = Signs(standing, troubled, len(checked.failing) if checked else None, every, waits)
    return Report(title, about, health(asked, signs), tuple(part for part in parts if part))


def title_of(asked: Asked) -> str:
    """Return what was crawled or checked, in a line."""
    named = [str(words[1]) for words in value(asked.connection, "sources", []) if len(words) > 1]
    more = f" and {len(named) - 1:,} more" if len(named) > 1 else ""
    return f"{named[0]}{more}" if named else asked.name


def _graph(asked: Asked) -> tuple[Share | None, Part]:
    """Return what tells the share of the link score, and the part about the link graph; both are poor without numpy or pages."""
    if find_spec("numpy") is None:
        return None, _without("The link graph needs numpy: pip install 'linkhaul[graph]'")
    from linkhaul.insight.report.linked import Linked

    try:
        linked = Linked(asked)
    except UsageError as error:
        return None, _without(f"{str(error)[:1].upper()}{str(error)[1:]}.")
    part = linked.part()
    return linked.shares().of, part


def _without(sentence: str) -> Part:
    return Part("links", "How the site hangs together", (sentence,))
