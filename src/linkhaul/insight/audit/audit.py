"""The audit of a run file: findings, worst first, and what cannot be told.

Reads the run file alone, never the network, and leaves it as it is: tomorrow's rules can be asked of the same run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from weakref import finalize

from linkhaul.decide.audit.rule import Rule, Summary
from linkhaul.insight.audit.needs import Support
from linkhaul.insight.audit.rules import BY_ID, RULES
from linkhaul.insight.audit.shelf import FINDING, fill
from linkhaul.model.audit import SEVERITIES, Finding
from linkhaul.store.opening import open_to_read, sound

EXAMPLES = 3
LOT = 2_000


class Audit:
    """The rules asked of a run: worked out when something is first asked, kept in temporary tables until it is let go.

    Args:
        path: the run file.
        rules: those that are asked, see `rules.chosen`.

    Raises:
        RunFileError: it cannot be read.
    """

    def __init__(self, path: Path, rules: Sequence[Rule] = RULES) -> None:
        self._path = path
        self._rules = tuple(rules)
        self._unknown: dict[str, str | None] = {}

    def findings(self) -> Iterator[Finding]:
        """Yield what was found, rule by rule as in `summaries`, and what cannot be told after it."""
        for summary in self.summaries:
            yield from self.of(summary.rule)
        for summary in self.summaries:
            if summary.unknown is not None:
                yield Finding(summary.rule.id, summary.rule.severity, "unknown", None, summary.unknown, None, 0)

    @cached_property
    def summaries(self) -> list[Summary]:
        """What came of each rule: the worst severity first, and in it what touches most pages."""
        sql = "SELECT rule, count(*), sum(pages) FROM finding GROUP BY rule"
        counted = {number: (count, pages) for number, count, pages in self._db.execute(sql)}
        found = []
        for number, rule in enumerate(self._rules):
            count, pages = counted.get(number, (0, 0))
            found.append(Summary(rule, count, pages, self._unknown[rule.id], tuple(self.of(rule, EXAMPLES)) if count else ()))
        return sorted(found, key=lambda each: (SEVERITIES.index(each.rule.severity), -each.pages, each.rule.id))

    @cached_property
    def pages(self) -> tuple[int, int]:
        """How many pages were read, and of how many there are facts."""
        return Support(self._db).pages

    @property
    def broken(self) -> set[str]:
        """The ids of the rules that found something."""
        return {summary.rule.id for summary in self.summaries if summary.count}

    def close(self) -> None:
        """Let go of the run file and of what was worked out."""
        if "_db" in self.__dict__:
            self._db.close()
            del self.__dict__["_db"]

    def of(self, rule: Rule, most: int = -1) -> Iterator[Finding]:
        """Yield the findings of one rule, or the first of them."""
        sql = "SELECT url, evidence, other, pages FROM finding WHERE rule = ? ORDER BY n LIMIT ?"
        cursor = self._db.execute(sql, (self._rules.index(rule), most))
        while rows := cursor.fetchmany(LOT):
            for url, evidence, other, pages in rows:
                yield Finding(rule.id, rule.severity, "found", url, evidence, other, pages)

    @cached_property
    def _db(self) -> sqlite3.Connection:
        """The run file with everything worked out; it is read as it stands at one moment."""
        connection = open_to_read(self._path)
        connection.isolation_level = None
        connection.execute("PRAGMA query_only = 0")  # the file is opened to read only; the audit's own tables are temporary
        try:
            with sound(self._path):
                fill(connection, self._rules)
                support = Support(connection)
                self._unknown = {rule.id: _asked(connection, number, rule, support) for number, rule in enumerate(self._rules)}
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        finalize(self, connection.close)
        return connection


def _asked(connection: sqlite3.Connection, number: int, rule: Rule, support: Support) -> str | None:
    """Ask a site rule; return why it, or a page rule, cannot tell or cannot tell all."""
    lacks = support.lacks(rule)
    if rule.look is not None:
        return lacks or support.without_facts
    if lacks is None:
        rows = connection.execute(rule.sql) if rule.sql is not None else rule.walk(connection) if rule.walk is not None else ()
        connection.executemany(FINDING, ((number, n, *row) for n, row in enumerate(rows)))
    return lacks


def is_failed(audit: Audit, wanted: set[str]) -> bool:
    """Return whether an audit found what it is to fail on.

    Args:
        wanted: severities, each with the worse ones, and ids of rules.
    """
    broken = audit.broken
    levels = {
        severity for severity in SEVERITIES for name in wanted & set(SEVERITIES) if SEVERITIES.index(severity) <= SEVERITIES.index(name)
    }
    return any(id in wanted or BY_ID[id].severity in levels for id in broken)
