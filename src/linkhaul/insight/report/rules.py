"""What an audit says of the run, by rule; what cannot be told, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from msgspec import Struct

from linkhaul.decide.audit.rule import Summary
from linkhaul.insight.audit.audit import Audit
from linkhaul.insight.report.asked import MOST_ROWS, Asked, column, counted, grid
from linkhaul.model.audit import SEVERITIES
from linkhaul.model.columns import Row
from linkhaul.model.report import Part
from linkhaul.model.url import target_url, url_id

MOST_KEPT = 100_000
"""Addresses of one rule whose link score is added up."""


class Found(Struct, frozen=True):
    """What came of one rule.

    Attributes:
        pages: the ids of the pages at fault, as many as are kept.
    """

    summary: Summary
    pages: Sequence[int] = ()


def audited(asked: Asked) -> list[Found]:
    """Return what came of every rule. Cost: an audit of the run."""
    with closing(Audit(asked.path)) as audit:
        pages: dict[str, list[int]] = {}
        for each in audit.findings():
            kept = pages.setdefault(each.rule, [])
            if each.url is not None and len(kept) < MOST_KEPT:
                kept.append(url_id(target_url(each.url)))
        return [Found(summary, pages.get(summary.rule.id, ())) for summary in audit.summaries]


def rule_part(asked: Asked, found: Sequence[Found]) -> Part:
    """Return what there is to say of the rules."""
    columns = (
        column("severity", "text", "error, warning or notice"),
        column("rule", "text", "its id"),
        column("what", "text", "what is wrong"),
        column("findings", "integer", "how many there are"),
        column("example", "text", "one of the addresses"),
        column("evidence", "text", "what was seen there"),
    )
    broken = [each.summary for each in found if each.summary.count]
    broken.sort(key=lambda each: (SEVERITIES.index(each.rule.severity), -each.pages, each.rule.id))
    rows: list[Row] = [
        (each.rule.severity, each.rule.id, each.rule.what, each.count, example.url, example.evidence)
        for each in broken
        for example in each.examples
    ]
    reasons: dict[str, list[str]] = {}
    for each in found:
        if each.summary.unknown is not None:
            reasons.setdefault(each.summary.unknown, []).append(each.summary.rule.id)
    unknown: list[Row] = [(reason, len(ids), ", ".join(ids)) for reason, ids in sorted(reasons.items(), key=lambda pair: -len(pair[1]))]
    why = (
        column("reason", "text", "why it cannot be told"),
        column("rules", "integer", "of how many rules"),
        column("which", "text", "their ids"),
    )
    said = f"{len(broken):,} of {counted(len(found), 'rule')} found something; each is shown with its first examples."
    rest = f"All findings, with why each matters and how to mend it: {asked.command('audit', 'audit.csv')}"
    grids = (
        grid(("findings", "Findings by rule, with examples"), columns, rows, most=3 * MOST_ROWS),
        grid(("untold", "What cannot be told"), why, unknown),
    )
    return Part("findings", "Findings by rule", (said, rest) if broken else (said,), grids=tuple(each for each in grids if each.rows))
