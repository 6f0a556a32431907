"""The sources of a run that could not be had: no link need lead to them, so that the links alone would not tell."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence

from linkhaul.decide.verdict import Rules, verdict_of
from linkhaul.insight.targets import Targets
from linkhaul.model.check import VERDICTS, Checked, Coverage

_VERIFIED = ("ok", "redirected", "broken", "soft-404")
_DEAD = """
SELECT u.id, u.url FROM url u JOIN visit v ON v.id = u.visit
WHERE u.found_via IN ('seed', 'sitemap') AND v.outcome IN ('http-error', 'failed', 'refused') ORDER BY u.url
"""


def dead_sources(connection: sqlite3.Connection, rules: Rules) -> Iterator[Checked]:
    """Yield a finding without a place for each source, or entry of a sitemap, that could not be had, sorted by URL. Cost: a pass over the URLs of the run.

    Args:
        connection: the run file, opened to read.
        rules: what counts as an answer.
    """
    targets = Targets(connection)
    for id, url in connection.execute(_DEAD):
        yield Checked(url, verdict_of(targets.of(id, url).facts, rules), ())


def with_sources(coverage: Coverage, sources: Sequence[Checked]) -> Coverage:
    """Return a coverage that counts these sources as link URLs, too."""
    verdicts = Counter(coverage.by_verdict) + Counter(str(source.verdict.name) for source in sources)
    reasons = Counter(source.verdict.code for source in sources if source.verdict.name not in _VERIFIED)
    return Coverage(
        coverage.pages,
        coverage.links,
        coverage.urls + len(sources),
        {name: verdicts[name] for name in VERDICTS if verdicts[name]},
        dict((Counter(coverage.unverified) + reasons).most_common()),
    )
