"""Whether a site is healthy: a sentence and a few numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from linkhaul.decide.checkable import kinds_left_out
from linkhaul.insight.report.asked import Asked, counted
from linkhaul.insight.report.repairs import Repair
from linkhaul.insight.report.touched import Touched
from linkhaul.insight.report.visits import Spread, told_s
from linkhaul.insight.status import Status
from linkhaul.model.report import Health, Level, Number
from linkhaul.store.reader import value

ILL = 0.05
"""From this share of the pages with a link that does not work, or of requests without a good answer, a site is not well."""

_PAGES = "SELECT count(DISTINCT page_id) FROM visit WHERE outcome = 'ok' AND found_via <> 'probe'"
_LINKS = "SELECT count(*) FROM link"


class Signs(Struct, frozen=True):
    """What health is judged by.

    Attributes:
        failing: how many link URLs a check calls broken; None where nothing was checked.
        waits: seconds to the first byte.
    """

    status: Status
    troubled: Iterable[Touched]
    failing: int | None
    repairs: Sequence[Repair]
    waits: Spread


def health(asked: Asked, signs: Signs) -> Health:
    """Return it."""
    pages = asked.number(_PAGES)
    broken = unanswered = moved = 0
    for touched in signs.troubled:
        unanswered += touched.is_broken
        broken += touched.is_broken and touched.pages > 0
        moved += touched.hops > 0 and touched.pages > 0
    failing = broken if signs.failing is None else signs.failing
    errors = [each for each in signs.repairs if each.severity == "error"]
    rules = sum(each.is_rule for each in errors)
    holding = max((each.pages for each in errors), default=0)
    level = _level(pages, errors=failing + rules, shares=(holding / max(1, pages), unanswered / max(1, signs.status.visits)))
    left = sum(count for state, _, count in signs.status.urls if state == "queued")
    notes = []
    if signs.status.state != "finished" or left:
        notes.append(
            f"The run did not come to its end ({counted(left, 'address', 'addresses')} still to be asked for), so this is not the whole site."
        )
    if signs.failing is None:
        notes.append("Links that lead outside were not asked for; 'linkhaul check' asks them.")
    if unread := kinds_left_out(value(asked.connection, "settings", {}).get("kinds", ())):
        notes.append(
            f"Links of other kinds ({unread}) were not read, so whether what they lead to is there is not known; 'linkhaul check URL' reads all kinds."
        )
    numbers = (
        Number("pages read", f"{pages:,}", f"of {counted(signs.status.visits, 'address', 'addresses')} asked for"),
        Number("links", f"{asked.number(_LINKS):,}"),
        Number("broken addresses", f"{failing:,}", "that pages link to"),
        Number("moved addresses", f"{moved:,}", "that pages link to"),
        Number("first byte", told_s(signs.waits.half), f"95 % within {told_s(signs.waits.most)}")
        if signs.waits.count
        else Number("first byte", "none came"),
    )
    return Health(level, _sentence(level, pages, failing, rules), tuple(notes), numbers)


def _level(pages: int, *, errors: int, shares: tuple[float, float]) -> Level:
    if not pages:
        return "unknown"
    if max(shares) >= ILL:
        return "bad"
    return "look" if errors else "good"


def _sentence(level: Level, pages: int, failing: int, rules: int) -> str:
    if level == "unknown":
        return "Nothing can be said of the site: no page of it was read."
    word = {"good": "The site looks healthy", "look": "The site is mostly healthy", "bad": "The site needs repair"}[level]
    what = (
        f"{counted(failing, 'address that pages link to does', 'addresses that pages link to do')} not work"
        if failing
        else "no link that was followed is broken"
    )
    more = f", and {counted(rules, 'rule', 'rules')} of the audit found other errors" if rules else ""
    return f"{word}: {counted(pages, 'page was', 'pages were')} read, {what}{more}."
