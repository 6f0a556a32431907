"""What a run must hold for a rule's answer to be worth anything, and why it does not: the words after "cannot tell"."""

from __future__ import annotations

import sqlite3
from functools import cached_property

from linkhaul.decide.audit.rule import Need, Rule
from linkhaul.insight.audit.shelf import has_table
from linkhaul.store.reader import value

NO_FACTS = "the run kept no page facts; crawl with --facts"
# What failed is looked for among the visits, in their order: a look at the visit of every URL would go all over the file.
_UNREACHED = """
SELECT why, sum(n) AS n FROM (
    SELECT CASE
        WHEN u.state = 'queued' THEN 'still queued'
        WHEN u.state = 'withheld' THEN 'kept out as traps'
        WHEN u.reason = 'depth' THEN 'deeper than --depth'
        WHEN u.reason = 'nofollow' THEN 'under nofollow'
        ELSE 'excluded' END AS why, count(*) AS n
    FROM url u WHERE u.purpose = 'page' AND (u.state IN ('queued', 'withheld')
        OR (u.state = 'recorded' AND u.reason IN ('depth', 'include', 'skip', 'excluded', 'nofollow')))
    GROUP BY why
    UNION ALL
    SELECT 'without an answer', count(*) FROM visit v CROSS JOIN url u ON u.id = v.url_id AND u.visit = v.id
    WHERE v.outcome = 'failed' AND v.failure NOT IN ('redirect-loop', 'too-many-redirects', 'bad-redirect', 'bad-url')
        AND u.purpose = 'page' AND u.state = 'done'
) GROUP BY why HAVING sum(n) > 0 ORDER BY n DESC, why
"""
_OUTSIDE_UNASKED = """
SELECT count(*) FROM linked k JOIN url u ON u.id = k.url_id WHERE NOT k.is_internal AND u.state <> 'done'
"""


class Support:
    """What a run supports; each answer worked out once.

    Args:
        connection: the run file, with the audit's tables.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def lacks(self, rule: Rule) -> str | None:
        """Return why nothing can be told by a rule, or None when it can."""
        return next((why for need in rule.needs if (why := self._why(need)) is not None), None)

    @cached_property
    def pages(self) -> tuple[int, int]:
        """How many pages were read, and of how many there are facts."""
        pages, with_facts = self._db.execute("SELECT count(*), coalesce(sum(has_facts), 0) FROM page").fetchone()
        return int(pages), int(with_facts)

    def _why(self, need: Need) -> str | None:
        return {
            "facts": self._facts, "whole": self._whole, "links": self._links, "sitemaps": self._sitemaps,
            "looked-for-sitemaps": self._search, "outside": self._outside, "probe": self._probe, "graph": self._graph,
        }[need]  # fmt: skip

    @cached_property
    def without_facts(self) -> str | None:
        """What is to be said of pages that were read without facts, while others have them."""
        pages, with_facts = self.pages
        less = pages - with_facts
        return f"{less:,} of {pages:,} pages were read without facts; crawl anew with --facts" if less and with_facts else None

    @cached_property
    def _facts(self) -> str | None:
        pages, with_facts = self.pages
        if not pages:
            return "the run has read no page"
        return None if with_facts else NO_FACTS

    @cached_property
    def _whole(self) -> str | None:
        if value(self._db, "verb", "links") == "links":
            return "the run read a list of pages, not a site; 'linkhaul crawl' reads one"
        rows = self._db.execute(_UNREACHED).fetchall()
        count = sum(n for _, n in rows)
        if count:
            whys = ", ".join(f"{n:,} {why}" for why, n in rows)
            return f"{count:,} URL{' was' if count == 1 else 's were'} not reached ({whys})"
        if value(self._db, "state", "running") not in ("finished", "ended"):
            return "the run did not come to its end"
        return self.without_facts

    @cached_property
    def _links(self) -> str | None:
        kinds = value(self._db, "settings", {}).get("kinds", ["page"])
        return None if "page" in kinds or "all" in kinds else "the run did not read the links that people follow (--kinds page)"

    @cached_property
    def _search(self) -> str | None:
        looked = self._db.execute("SELECT 1 FROM sitemap LIMIT 1").fetchone() is not None
        return None if looked else "no sitemap was looked for"

    @cached_property
    def _sitemaps(self) -> str | None:
        found = self._db.execute("SELECT coalesce(sum(found), 0) FROM sitemap").fetchone()[0]
        if not found:
            return "no sitemap was read"
        kept = has_table(self._db, "listed") and self._db.execute("SELECT 1 FROM listed LIMIT 1").fetchone() is not None
        return None if kept else "the run did not keep what its sitemaps name; crawl with --facts"

    @cached_property
    def _outside(self) -> str | None:
        if self._is_check:
            return None
        (count,) = self._db.execute(_OUTSIDE_UNASKED).fetchone()
        asks = "'linkhaul check' with this run asks"
        return f"{count:,} URL{' outside was' if count == 1 else 's outside were'} not asked for; {asks}" if count else None

    @cached_property
    def _probe(self) -> str | None:
        if self._db.execute("SELECT 1 FROM url WHERE purpose = 'probe' AND state = 'done' LIMIT 1").fetchone() is not None:
            return None
        return "no address was made up to see how the site answers to it; 'linkhaul check' with this run does"

    @property
    def _is_check(self) -> bool:
        return value(self._db, "verb") == "check" or value(self._db, "check") is not None

    @cached_property
    def _graph(self) -> str | None:
        try:
            import numpy  # noqa: F401 - only whether it is there
        except ImportError:
            return "it needs the extra 'graph': pip install 'linkhaul[graph]'"
        return None
