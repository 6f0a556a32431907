"""A run file judged: its findings with lines, suggestions and what is known, as one value."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import cached_property
from heapq import merge
from operator import attrgetter
from pathlib import Path
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from linkhaul.api.findings import CheckResult
from linkhaul.config import Config
from linkhaul.decide.statuses import ranges_of
from linkhaul.decide.verdict import Rules
from linkhaul.errors import SettingError
from linkhaul.export.findings.context import Context
from linkhaul.export.findings.context import Rules as FailRules
from linkhaul.insight.baseline import Baseline
from linkhaul.insight.check import Said, Wanted, judge
from linkhaul.insight.dead_sources import dead_sources, with_sources
from linkhaul.insight.places import Source, located
from linkhaul.insight.suggest import with_suggestions
from linkhaul.model.check import VERDICTS, Checked, Coverage
from linkhaul.model.records import KINDS
from linkhaul.model.times import iso
from linkhaul.model.url import target_url
from linkhaul.store.opening import open_to_read, sound
from linkhaul.store.reader import value

_MARKDOWN = (".md", ".markdown")


class Subject(Struct, frozen=True, kw_only=True):
    """What a check was asked to look at, beyond its settings.

    Attributes:
        title: what was checked, as the person named it.
        roots: pairs (URL prefix, folder) under which files on disk are found.
        baseline: a file of known problems; None for none.
    """

    title: str
    roots: Sequence[tuple[str, Path]] = ()
    baseline: Path | None = None

    def root_url(self, baseline: Path) -> str | None:
        """Return the beginning of URLs that a baseline leaves away, so that it is the same in every checkout; None where there is none.

        For files that is the folder of the baseline itself when they all lie below it, so that it does not matter which of them are checked.
        """
        folders = [folder for prefix, folder in self.roots if prefix.startswith("file:")]
        here = baseline.resolve().parent
        if folders and len(folders) == len(self.roots) and all(folder.is_relative_to(here) for folder in folders):
            return here.as_uri().rstrip("/") + "/"
        return self.roots[0][0] if len(self.roots) == 1 else None


class Judged:
    """The findings of a run, given anew each time; those that say something is wrong have been looked at once and are held in memory.

    So are all of them where they are not many: then the run file is walked once.

    Raises:
        SettingError: the baseline cannot be read.
    """

    def __init__(self, path: Path, config: Config, subject: Subject) -> None:
        self._path = path
        self._config = config
        self._subject = subject
        self._rules = Rules(accept=ranges_of(config.check.accept))
        rows = config.rows
        kinds = KINDS if "all" in rows.kinds else rows.kinds
        self._wanted = Wanted(kinds=frozenset(kinds), only=rows.only, exclude=rows.exclude)
        self._quiet = frozenset({"ok", "not-checked"}) - frozenset(config.check.fail_on)
        self._coverage: Coverage | None = None
        self._sources: list[Checked] = []
        self._every: list[Checked] | None = None
        self._said: Said | None = None
        self._baseline = _baseline(subject)

    def __call__(self) -> Iterator[Checked]:
        """Yield every finding, sorted by URL."""
        _ = self._troubles  # finds the dead sources, too
        if self._every is not None:
            yield from self._told(self._every)
            return
        with closing(open_to_read(self._path)) as connection, sound(self._path):
            yield from self._told(judge(connection, self._rules, self._wanted, self._said))

    def _told(self, findings: Iterable[Checked]) -> Iterator[Checked]:
        """Yield findings with the dead sources among them, and what is known of those that say something is wrong."""
        for checked in merge(findings, self._sources, key=attrgetter("url")) if self._sources else findings:
            if checked.verdict.name in self._quiet:
                yield checked
            else:
                yield from self._troubles.get(checked.url, (checked,))

    @property
    def coverage(self) -> Coverage:
        """How much could be judged."""
        _ = self._troubles  # it is counted on the same way
        assert self._coverage is not None
        return self._coverage

    def troubles(self) -> list[Checked]:
        """Return the findings that say something is wrong, sorted by URL."""
        return [checked for alike in self._troubles.values() for checked in alike]

    @cached_property
    def _troubles(self) -> dict[str, list[Checked]]:
        names = frozenset(VERDICTS) - self._quiet
        with closing(open_to_read(self._path)) as connection, sound(self._path):
            judgement = judge(connection, self._rules, self._wanted)
            if judgement.is_small:
                self._every = list(judgement)
                some: Iterable[Checked] = [checked for checked in self._every if checked.verdict.name in names]
            else:
                some = judgement = judge(connection, self._rules, replace(self._wanted, names=names))
            found: Iterable[Checked] = located(connection, some, self._source_of)
            if self._config.check.suggest:
                found = with_suggestions(connection, found)
            found = list(found)
            self._coverage, self._said = judgement.coverage, judgement.said
            linked = {target_url(checked.url) for checked in found}
            self._sources = [checked for checked in dead_sources(connection, self._rules) if checked.url not in linked]
        found = merge(found, (checked for checked in self._sources if checked.verdict.name in names), key=attrgetter("url"))
        self._coverage = with_sources(self._coverage, self._sources)
        if self._baseline is not None:
            found = self._baseline.marked(found)
        troubles: dict[str, list[Checked]] = {}
        for checked in found:
            troubles.setdefault(checked.url, []).append(checked)
        return troubles

    def _source_of(self, url: str) -> Source | None:
        path = path_of(url, self._subject.roots)
        try:
            return None if path is None else Source(path.read_text("utf-8", "replace"), path.suffix.lower() in _MARKDOWN)
        except OSError:
            return None


def path_of(url: str, roots: Sequence[tuple[str, Path]]) -> Path | None:
    """Return the file of a page that was read from disk; None for a page of the web."""
    found = max((pair for pair in roots if url.startswith(pair[0])), key=lambda pair: len(pair[0]), default=None)
    return None if found is None else found[1] / unquote(url[len(found[0]) :].partition("?")[0])


def result_of(path: Path, config: Config, subject: Subject) -> CheckResult:
    """Return what a run file says under the rules of these settings.

    Raises:
        RunFileError: it cannot be read.
        SettingError: `accept`, `exclude` or the baseline cannot be meant.
    """
    judged = Judged(path, config, subject)
    with closing(open_to_read(path)) as connection, sound(path):
        started = value(connection, "process", {}).get("at", 0.0)
    rules = FailRules(frozenset(config.check.fail_on), config.check.redirects)
    title = subject.title.removeprefix(f"{Path.cwd()}{os.sep}")
    return CheckResult(
        judged, judged.coverage, Context(title, iso(started), rules, sys.modules["linkhaul"].__version__, Path.cwd()), judged.troubles()
    )


def _baseline(subject: Subject) -> Baseline | None:
    if subject.baseline is None:
        return None
    try:
        return Baseline.read(subject.baseline.read_text("utf-8"), subject.root_url(subject.baseline))
    except FileNotFoundError:
        raise SettingError(f"{subject.baseline}: there is no such baseline; --update-baseline writes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{subject.baseline}: the baseline cannot be read: {error}") from None
