"""What an audit says of the run, by rule; what cannot be told, with the reason."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from contextlib import closing
from itertools import islice

from msgspec import Struct

from linkhaul.decide.audit.rule import Summary
from linkhaul.insight.audit.audit import Audit
from linkhaul.insight.report.asked import MOST_ROWS, Asked, column, counted, grid
from linkhaul.insight.report.touched import Share
from linkhaul.model.audit import SEVERITIES
from linkhaul.model.columns import Row
from linkhaul.model.report import Part
from linkhaul.model.url import target_url, url_id

MOST_KEPT = 100_000
"""Addresses of one rule whose link score is added up."""
TOLD_ALREADY = frozenset(
    {
        "link-broken", "link-broken-outside", "soft-404", "page-failed", "redirect-broken", "redirect-loop",
        "link-to-redirect", "redirect-chain", "redirect-temporary",
    }
)  # fmt: skip
"""Rules that say again what is told of each address by itself."""


class Found(Struct, frozen=True):
    """What came of one rule.

    Attributes:
        score: how much of the site's link score the pages at fault have, as many as are added up; None where it is not known, or not told.
    """

    summary: Summary
    score: float | None = None


def audited(asked: Asked, share: Share | None) -> list[Found]:
    """Return what came of every rule. Cost: an audit of the run."""
    with closing(Audit(asked.path)) as audit:
        return [Found(summary, _score(audit, summary, share)) for summary in audit.summaries]


def _score(audit: Audit, summary: Summary, share: Share | None) -> float | None:
    if share is None or not summary.count or summary.rule.id in TOLD_ALREADY:
        return None
    urls = (each.url for each in audit.of(summary.rule) if each.url is not None)
    pages = array("q", (url_id(target_url(url)) for url in islice(urls, MOST_KEPT)))
    return share(pages) if pages else None


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
