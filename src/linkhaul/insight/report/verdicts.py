"""What a check said of the links, for runs that were checked."""

from __future__ import annotations

import heapq
from array import array
from itertools import chain

from msgspec import Struct

from linkhaul.config import Config, config_from, settings
from linkhaul.decide.statuses import ranges_of
from linkhaul.decide.verdict import Rules
from linkhaul.insight.check import Judgement, Wanted, judge, pages_of
from linkhaul.insight.report.asked import MOST_ROWS, Asked, column, counted, grid, plot
from linkhaul.insight.report.touched import Share
from linkhaul.model.check import Checked, VerdictName
from linkhaul.model.columns import Row
from linkhaul.model.records import KINDS
from linkhaul.model.report import Part
from linkhaul.model.url import target_url, url_id
from linkhaul.store.reader import value

FAILING: tuple[VerdictName, ...] = ("broken", "soft-404")
TOLD: frozenset[VerdictName] = frozenset({*FAILING, "redirected", "blocked", "rate-limited", "needs-login", "unreachable", "unverifiable"})


class Judged(Struct, frozen=True):
    """A link URL with what a check says of it.

    Attributes:
        pages: how many pages hold it; `page` is the first of them.
        score: the share of the site's link score that they have; None where it is not known.
        suggested: what it could lead to instead.
    """

    verdict: VerdictName
    code: str
    url: str
    pages: int
    page: str | None
    detail: str
    score: float | None
    suggested: str | None

    @property
    def row(self) -> Row:
        """What is shown of it."""
        return (self.verdict, self.code, self.url, self.pages, self.page, self.detail)


class Verdicts:
    """The verdicts of a run that was checked, worked out once.

    Attributes:
        failing: what is broken, the one on the most pages first; held in memory.
    """

    def __init__(self, asked: Asked, share: Share | None) -> None:
        config = _config(asked)
        wanted = Wanted(frozenset(KINDS if "all" in config.rows.kinds else config.rows.kinds), config.rows.only, config.rows.exclude, TOLD)
        self._asked = asked
        self._judgement: Judgement = judge(asked.connection, Rules(accept=ranges_of(config.check.accept)), wanted)
        self.failing: list[Judged] = []
        others: list[tuple[int, int, Judged]] = []
        for n, each in enumerate(self._judgement):
            if each.verdict.name in FAILING:
                self.failing.append(_judged(each, share))
                continue
            told = _judged(each, None)
            heapq.heappush(others, (told.pages, -n, told))
            if len(others) > MOST_ROWS:
                heapq.heappop(others)
        self.failing.sort(key=lambda each: (-each.pages, each.url))
        self._others = [each for *_, each in sorted(others, key=lambda entry: entry[:2], reverse=True)]

    def part(self) -> Part:
        """Return what there is to say of them."""
        coverage = self._judgement.coverage
        columns = (
            column("verdict", "text", "what the check says"),
            column("code", "text", "the exact case"),
            column("url", "text", "what the link leads to"),
            column("pages", "integer", "how many pages hold it"),
            column("on_page", "text", "one of them"),
            column("detail", "text", "what was asked and what came"),
        )
        told = sum(coverage.by_verdict.get(name, 0) for name in TOLD)
        rows = (each.row for each in chain(self.failing, self._others))
        table = grid(
            ("verdicts", "Links that are not simply fine"),
            columns,
            rows,
            total=told,
            rest=f"{self._asked.command('check', 'findings.csv')}",
        )
        said = f"{coverage.verified:,} of {counted(coverage.urls, 'link URL')} could be verified."
        return Part(
            "verdicts",
            "Verdicts",
            (said,),
            (plot("Link URLs by verdict", coverage.by_verdict.items(), "link URLs"),),
            grids=(table,) if told else (),
        )


def verdicts(asked: Asked, share: Share | None) -> Verdicts | None:
    """Return the verdicts of a run that was checked; None for others. Cost: a sort of all links, on disk."""
    is_checked = value(asked.connection, "verb") == "check" or value(asked.connection, "check") is not None
    return Verdicts(asked, share) if is_checked else None


def _judged(each: Checked, share: Share | None) -> Judged:
    pages, verdict = pages_of(each.places), each.verdict
    score = share(array("q", (url_id(target_url(url)) for url in pages))) if share is not None else None
    suggested = each.suggestion.url if each.suggestion else None
    return Judged(verdict.name, verdict.code, each.url, len(pages), pages[0] if pages else None, verdict.detail, score, suggested)


def _config(asked: Asked) -> Config:
    kept = value(asked.connection, "settings", {}) | ((value(asked.connection, "check") or {}).get("settings") or {})
    return config_from({name: kept[name] for name in settings() if name in kept}, "the run file")
