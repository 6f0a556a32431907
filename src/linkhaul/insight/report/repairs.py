"""What to mend first: each fault once, by how many pages and how much link score it touches."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from linkhaul.insight.report.asked import column, grid
from linkhaul.insight.report.rules import TOLD_ALREADY, Found
from linkhaul.insight.report.touched import Share, Touched
from linkhaul.insight.report.verdicts import Judged, Verdicts
from linkhaul.model.audit import SEVERITIES, Severity
from linkhaul.model.columns import Row
from linkhaul.model.report import Part

MOST_REPAIRS = 40
MOST_OF_A_KIND = 12
NO_SUCH_ID = "Name an id that is on that page, or leave the part after # away."
INSTEAD = "Take the link away, or lead it to the page that is there instead."


class Repair(Struct, frozen=True):
    """One thing to mend.

    Attributes:
        url: what it is about, or an example.
        pages: how many pages it touches; `score` is the share of the site's link score that they have, None where it is not known.
        is_rule: a rule of the audit found it, on however many pages; else it is about one address.
    """

    severity: Severity
    what: str
    url: str
    pages: int
    score: float | None
    mend: str
    is_rule: bool = False


def repairs(troubled: Iterable[Touched], checked: Verdicts | None, found: Sequence[Found]) -> list[Repair]:
    """Return what to mend: errors first, and among them what touches the most of the site; addresses of a kind are named up to MOST_OF_A_KIND."""
    broken = _checked(checked.failing) if checked is not None else _broken(troubled)
    every = [*_folded(broken, "do not work"), *_folded(_moved(troubled), "lead elsewhere"), *_by_rule(found)]
    return sorted(every, key=_pressing)


def _pressing(each: Repair) -> tuple[int, float, int, str]:
    return SEVERITIES.index(each.severity), -(each.score or 0.0), -each.pages, each.url


def _folded(each: Iterable[Repair], what: str) -> list[Repair]:
    """Return the first of a kind, and the rest as one; only the first are held."""
    first: list[Repair] = []
    most: Repair | None = None
    severity, count = len(SEVERITIES), 0
    for one in each:
        insort(first, one, key=_pressing)
        if len(first) > MOST_OF_A_KIND:
            more = first.pop()
            count += 1
            severity = min(severity, SEVERITIES.index(more.severity))
            if most is None or (-more.pages, _pressing(more)) < (-most.pages, _pressing(most)):
                most = more
    if most is None:
        return first
    said = f"{count:,} more addresses that {what}; what touches most of them is given as the example"
    return [*first, Repair(SEVERITIES[severity], said, most.url, most.pages, most.score, most.mend)]


def repair_part(every: Sequence[Repair], share: Share | None) -> Part:
    """Return the first of them as a table."""
    columns = (
        column("severity", "text", "error, warning or notice"),
        column("what", "text", "what is wrong"),
        column("url", "text", "what it is about, or an example"),
        column("pages", "integer", "how many pages it touches"),
        column("score_percent", "real", "how much of the site's link score these pages have"),
        column("mend", "text", "what to do"),
    )
    rows: list[Row] = [
        (each.severity, each.what, each.url, each.pages, None if each.score is None else round(100 * each.score, 1), each.mend)
        for each in every
    ]
    table = grid(("mend", "What to mend, the most pressing first"), columns, rows, most=MOST_REPAIRS)
    said = (
        "Errors first, and among them what touches the pages with the most link score."
        if every
        else "Nothing was found that needs mending."
    )
    without = ("Without numpy there is no link score: it is sorted by pages. pip install 'linkhaul[graph]'",) if share is None else ()
    return Part("mend", "What to mend first", (said, *without), grids=(table,) if every else ())


def _broken(troubled: Iterable[Touched]) -> Iterator[Repair]:
    for each in troubled:
        if each.is_broken and each.pages:
            what = f"A link to an address that does not work ({each.why})"
            mend = INSTEAD if each.status in (404, 410) else "Mend the server, or take the link away."
            yield Repair("error", what, each.url, each.pages, each.score, mend)


def _moved(troubled: Iterable[Touched]) -> Iterator[Repair]:
    for each in troubled:
        if (
            each.hops
            and each.pages
            and each.outcome in ("ok", "not-html", "checked", "redirected")
            and (each.is_permanent or each.hops > 1)
        ):
            what = f"A link to an address that {'moved for good' if each.is_permanent else 'leads on'} ({each.hops} redirect{'s' * (each.hops > 1)})"
            yield Repair("warning" if each.hops > 1 else "notice", what, each.url, each.pages, each.score, f"Link to {each.final_url}")


def _checked(failing: Iterable[Judged]) -> Iterator[Repair]:
    for each in failing:
        mend = f"Link to {each.suggested}" if each.suggested else NO_SUCH_ID if each.code == "fragment" else INSTEAD
        yield Repair("error", f"A {each.verdict} link ({each.code})", each.url, each.pages, each.score, mend)


def _by_rule(found: Iterable[Found]) -> Iterator[Repair]:
    for each in found:
        summary, rule = each.summary, each.summary.rule
        if summary.count and rule.id not in TOLD_ALREADY:
            example = summary.examples[0].url if summary.examples else None
            yield Repair(rule.severity, rule.what, example or "", summary.pages, each.score, rule.mend, is_rule=True)
