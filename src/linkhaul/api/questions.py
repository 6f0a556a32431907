"""The questions that can be asked of a run: how it stands, why a URL was or was not fetched, what is broken, how it hangs together.

Each is answered from the run file by `linkhaul.insight`; only `check` goes out again, for what has not been asked for.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Unpack
from weakref import finalize

from linkhaul.api.audits import AuditResult
from linkhaul.api.findings import CheckResult
from linkhaul.api.graphs import RunGraph, graph_of
from linkhaul.api.places import Hold
from linkhaul.api.signature import Settings
from linkhaul.api.tables import Table
from linkhaul.insight.explain import Explanation, explain
from linkhaul.insight.status import Status, status
from linkhaul.model.columns import Row
from linkhaul.store.opening import open_to_read, sound


class Questions:
    """What a `Run` answers beside its tables.

    Attributes:
        path: the run file.
        hold: what keeps the run file there when it lasts no longer than the values that refer to it.
    """

    def __init__(self, path: Path, hold: Hold | None = None) -> None:
        self.path = path
        self.hold = hold
        self._kept: sqlite3.Connection | None = None

    def status(self) -> Status:
        """Return how it stands: counts by state and reason, hosts that are not asked, speed, outputs, who works on it."""
        with sound(self.path):
            return status(self._db, self.path, time.time())

    def explain(self, url: str) -> Explanation:
        """Return what the run knows of a URL: its state and the rule behind it, the shortest way to it, who links to it.

        It reads through all links: seconds for ten millions.

        Raises:
            SourceError: it cannot be meant as a URL.
        """
        with sound(self.path):
            return explain(self._db, url)

    def diff(self, newer: Questions) -> Table[Row]:
        """Return what has changed from this run to a newer one of the same site: pages and links, a row for each change.

        A page that the newer run did not reach is unknown, never gone; see `linkhaul.insight.diff`.
        """
        from linkhaul.insight.diff import DIFF, differences

        def rows() -> Iterator[Row]:
            with sound(self.path), sound(newer.path):
                yield from differences(self._db, newer._db)

        return Table("diff", DIFF, rows)

    def graph(self, *, damping: float = 0.85, nofollow: float = 0.0, regions: Mapping[str, float] | None = None) -> RunGraph:
        """Return the link graph: clicks, link score, shortest ways, bottlenecks, templates, hosts outside; needs the extra 'graph'.

        Args:
            damping: the share of steps that follow a link, in the link score.
            nofollow: how much a link counts for the score that is not to be followed; others count 1.
            regions: how much links count by the region of the page they stand in, such as {"footer": 0.2}.

        Raises:
            MissingExtra: numpy is not installed.
            UsageError: a weight or damping that cannot be meant.
        """
        graph = graph_of(self._db, self.path, damping=damping, nofollow=nofollow, regions=regions)
        graph.hold = self
        return graph

    def audit(self, rules: str | Iterable[str] = (), *, severity: str | None = None) -> AuditResult:
        """Return what is wrong with the site: a row for each finding, worst first; see docs/rules.md.

        Most rules need what a crawl with `facts=True` keeps. What the run does not support is one row with state "unknown", and says why.

        Args:
            rules: only those with these ids; `canonical-*` names all that begin so, and a hyphen in front leaves one out.
            severity: only rules of this severity (error, warning, notice) and worse ones.

        Raises:
            SettingError: there is no such rule or severity.
        """
        from linkhaul.api.audits import audit_of

        result = audit_of(self.path, rules, severity)
        result.hold = self
        return result

    def report(
        self, path: str | os.PathLike[str], against: Questions | None = None, format: str | None = None, *, overwrite: bool = False
    ) -> None:
        """Write a report on the site for a person: one HTML file that needs nothing else, Markdown, or a workbook; see docs/guides/reporting.md.

        Args:
            against: an older run of the same site: what has changed since is told, too.
            format: html, md or xlsx; told by the suffix when absent.
            overwrite: replace what is there.

        Raises:
            UsageError: the format cannot be told, or is none.
            OutputError: something is there and may not be replaced, or it cannot be written.
        """
        from linkhaul.api.reports import report_to

        older = None if against is None else (against.path, str(against.path))
        report_to(os.fspath(path), (self.path, str(self.path)), older=older, format=format, overwrite=overwrite)

    def check(self, **settings: Unpack[Settings]) -> CheckResult:
        """Check the links of its pages: ask for what it has not asked for, add that to the run file, and return the findings.

        Args:
            settings: those that are to be others than the run's.

        Raises:
            RunFileError: the run file cannot be used.
            KeyboardInterrupt: it was interrupted; what it had done is kept.
        """
        from linkhaul.api.check import check

        result = check(self.path, **settings)
        result.hold = self
        return result

    @property
    def _db(self) -> sqlite3.Connection:
        if self._kept is None:
            self._kept = open_to_read(self.path)
            finalize(self, _let_go, self._kept, self.hold)
        return self._kept


def _let_go(connection: sqlite3.Connection, _: Hold | None) -> None:
    """Close a connection before the file may go: Python 3.13 warns of one that is only forgotten, and Windows keeps a file that is open."""
    connection.close()
