"""Every link of a run judged: each distinct URL with its verdict and every place where it stands, and how much could be judged.

How this works. The links are sorted by their URL, which SQLite does on disk where it is much; those to one URL then follow one another,
and no more than that group is in memory. A target is judged once; what its fragment names is looked up on its page. Where only some
findings are wanted, places are read for these alone, because a link in a page's frame may stand on a million pages; where all are,
the links are sorted with all that is told of their places.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import Literal, NamedTuple

from msgspec import Struct

from linkhaul.decide.checkable import may_check
from linkhaul.decide.fragments import FragmentState, fragment_state, with_fragment
from linkhaul.decide.patterns import Finds, finder
from linkhaul.decide.schemes import verdict_of_text
from linkhaul.decide.unasked import ON_THE_WEB
from linkhaul.decide.verdict import Rules, verdict_of
from linkhaul.insight.targets import Target, Targets
from linkhaul.model.check import VERDICTS, Checked, Coverage, Place, Verdict, VerdictName
from linkhaul.model.url import host_of, target_url, url_id

BATCH = 2_000
MOST_HELD = 50_000
"""Links that are few: all their places take some 15 MB."""
MOST_REMEMBERED = 4_096

_FORMS = "SELECT id, kind, tag, attr, rel, internal FROM form"
_LINKS = """
SELECT coalesce(url, raw), url IS NULL, url_id, id FROM link WHERE form IN (SELECT value FROM json_each(?)) ORDER BY 1, 2, id
"""
_PLACED = """
SELECT coalesce(l.url, l.raw), l.url IS NULL, l.url_id, v.final_url, l.id & 1048575, l.raw, l.text, l.form
FROM link l CROSS JOIN visit v ON v.id = l.id >> 20 WHERE l.form IN (SELECT value FROM json_each(?)) ORDER BY 1, 2, 4, 5, l.id
"""
_PLACES = """
SELECT v.final_url, l.id & 1048575, l.raw, l.text, f.kind, f.tag, f.attr, f.internal
FROM link l JOIN visit v ON v.id = l.id >> 20 JOIN form f ON f.id = l.form WHERE l.id IN ({ids})
"""
_URL, _BY_PAGE = itemgetter(0, 1), attrgetter("page_url", "n")
_BY_NAME: frozenset[VerdictName] = frozenset({"blocked", "rate-limited", "needs-login"})
"""Verdicts that are their own reason in the coverage; of the others the code is."""
_VERIFIED: frozenset[VerdictName] = frozenset({"ok", "redirected", "broken", "soft-404"})
_EXCLUDED = Verdict("not-checked", "excluded", "it matches --exclude")
_OFFLINE = Verdict("not-checked", "offline", "--offline was given: nothing of the web was asked")


class Wanted(Struct, frozen=True):
    """Which links are judged, and which findings are given.

    Attributes:
        kinds: of the links.
        only: links that stay on their page's registrable domain, or that leave it; the others are no part of the question.
        exclude: regular expressions; a link whose URL has one of them is not checked, and says so.
        names: the findings that are given, by verdict; the others are counted only. None for all.
    """

    kinds: frozenset[str] = frozenset({"page"})
    only: Literal["internal", "external"] | None = None
    exclude: tuple[str, ...] = ()
    names: frozenset[VerdictName] | None = None


class _Group(NamedTuple):
    """The links with one URL: the URL (the raw text of one that is none), whether it is none, its identity, and the links: their ids or their places."""

    url: str
    is_bad: bool
    url_id: int | None
    links: array[int] | tuple[Place, ...]


_RULES = Rules()
_WANTED = Wanted()


class Judgement:
    """The findings of a run. Iterating gives them sorted by URL, each with its places by page; every time anew.

    Args:
        connection: the run file, opened to read.

    Raises:
        SettingError: a pattern of `exclude` is no regular expression.
    """

    def __init__(self, connection: sqlite3.Connection, rules: Rules, wanted: Wanted) -> None:
        self._db = connection
        self._rules = rules
        self._wanted = wanted
        self._excluded: Finds | None = finder("exclude", wanted.exclude)
        self._targets = Targets(connection)
        self._judged = lru_cache(MOST_REMEMBERED)(self._judge_target)
        self._coverage: Coverage | None = None

    def __iter__(self) -> Iterator[Checked]:
        return self._findings(self._wanted.names)

    @cached_property
    def is_small(self) -> bool:
        """Whether the links are so few, whatever their kind, that all findings may be held in memory; costs no more than to count so many."""
        (count,) = self._db.execute("SELECT count(*) FROM (SELECT 1 FROM link LIMIT ?)", (MOST_HELD + 1,)).fetchone()
        return bool(count <= MOST_HELD)

    @property
    def coverage(self) -> Coverage:
        """How much of what was linked could be judged; costs a pass over all links unless the findings were iterated to their end."""
        if self._coverage is None:
            for _ in self._findings(frozenset()):
                pass
        assert self._coverage is not None
        return self._coverage

    def _findings(self, names: frozenset[VerdictName] | None) -> Iterator[Checked]:
        links = urls = 0
        verdicts: Counter[VerdictName] = Counter()
        unverified: Counter[str] = Counter()
        for group in self._groups() if names is not None else self._placed_groups():
            verdict = self._verdict(group)
            links += len(group.links)
            urls += 1
            verdicts[verdict.name] += 1
            if verdict.name not in _VERIFIED:
                unverified[verdict.name if verdict.name in _BY_NAME else verdict.code] += 1
            if names is None or verdict.name in names:
                yield Checked(group.url, verdict, self._places(group.links) if isinstance(group.links, array) else group.links)
        (pages,) = self._db.execute("SELECT count(DISTINCT page_id) FROM visit WHERE outcome = 'ok'").fetchone()
        self._coverage = Coverage(
            pages, links, urls, {name: verdicts[name] for name in VERDICTS if verdicts[name]}, dict(unverified.most_common())
        )

    def _groups(self) -> Iterator[_Group]:
        """Yield the links by their URL, sorted."""
        for (url, is_bad), rows in groupby(self._db.execute(_LINKS, self._forms()), _URL):
            links, url_id = array("q"), None
            for _, _, url_id, link in rows:  # noqa: B007 - the same for all
                links.append(link)
            yield _Group(url, bool(is_bad), url_id, links)

    def _placed_groups(self) -> Iterator[_Group]:
        """Yield the links by their URL, sorted, with their places by page and number."""
        told = {id: (kind, tag, attr, bool(internal)) for id, kind, tag, attr, _, internal in self._db.execute(_FORMS)}
        for (url, is_bad), rows in groupby(self._db.execute(_PLACED, self._forms()), _URL):
            first = next(rows)
            places = [Place(page, n, raw, text, *told[form]) for _, _, _, page, n, raw, text, form in chain((first,), rows)]
            yield _Group(url, bool(is_bad), first[2], tuple(places))

    def _forms(self) -> tuple[str]:
        """Return, as JSON, the numbers of the forms of links that are judged: of a wanted kind, on the wanted side, leading to what should be there."""
        wanted = self._wanted
        sides = {"internal": (True,), "external": (False,), None: (True, False)}[wanted.only]
        found = [
            id
            for id, kind, tag, attr, rel, internal in self._db.execute(_FORMS)
            if kind in wanted.kinds and bool(internal) in sides and may_check(tag, attr, rel)
        ]
        return (json.dumps(found),)

    def _verdict(self, group: _Group) -> Verdict:
        if group.is_bad:
            return Verdict("broken", "bad-url", "the link's text is no URL")
        if self._excluded is not None and self._excluded(group.url):
            is_offline = ON_THE_WEB in self._wanted.exclude and group.url.startswith(("http:", "https:"))
            return _OFFLINE if is_offline else _EXCLUDED
        said = verdict_of_text(group.url)
        if said is not None:
            return said
        url = target_url(group.url)
        id = url_id(url) if group.url_id is None else group.url_id
        verdict, target = self._judged(id, url), self._targets.of(id, url)
        fragment = group.url.partition("#")[2]
        if not fragment or verdict.name not in ("ok", "redirected"):
            return verdict
        return with_fragment(verdict, fragment, self._fragment_state(fragment, target))

    def _judge_target(self, id: int, url: str) -> Verdict:
        facts = self._targets.of(id, url).facts
        hosts = dict.fromkeys(host_of(place) for place in (facts.final_url, facts.url) if place)
        probes = [probe for host in hosts for probe in self._targets.probes(host)]
        return verdict_of(facts, self._rules, probes)

    def _fragment_state(self, fragment: str, target: Target) -> FragmentState:
        anchors = self._targets.anchors(target.visit, target.page_id)
        if anchors is None and not self._targets.is_html(target.facts):
            return "none"  # what a fragment means in a picture or a PDF is not for us to say
        signs = target.facts.signs
        return fragment_state(
            fragment, anchors, is_scripted=signs is not None and signs.is_scripted, is_part=signs is not None and signs.is_part
        )

    def _places(self, ids: array[int]) -> tuple[Place, ...]:
        """Return the places of links, by page and number."""
        found = []
        for start in range(0, len(ids), BATCH // 4):
            some = ids[start : start + BATCH // 4]
            rows = self._db.execute(_PLACES.format(ids=", ".join("?" * len(some))), some)
            found += [Place(page, n, raw, text, kind, tag, attr, bool(inside)) for page, n, raw, text, kind, tag, attr, inside in rows]
        return tuple(sorted(found, key=_BY_PAGE))


def judge(connection: sqlite3.Connection, rules: Rules = _RULES, wanted: Wanted = _WANTED) -> Judgement:
    """Return the findings of a run, of a check or an ordinary one, live or finished. Cost: a sort of all links, on disk.

    Args:
        connection: the run file, opened to read.
        rules: what counts as an answer; `tries` of 1 for a run that asks nothing twice.

    Raises:
        SettingError: a pattern of `wanted.exclude` is no regular expression.
    """
    return Judgement(connection, rules, wanted)


def by_page(findings: Iterable[Checked]) -> dict[str, list[tuple[Place, Checked]]]:
    """Return findings by the page that holds them, sorted by page, on each page in its order; it holds them all in memory."""
    pages: dict[str, list[tuple[Place, Checked]]] = {}
    for checked in findings:
        for place in checked.places:
            pages.setdefault(place.page_url, []).append((place, checked))
    return {page: sorted(pages[page], key=lambda pair: (pair[0].n, pair[1].url)) for page in sorted(pages)}


def by_verdict(findings: Iterable[Checked]) -> dict[VerdictName, list[Checked]]:
    """Return findings by verdict, in the order of VERDICTS."""
    found: dict[VerdictName, list[Checked]] = {}
    for checked in findings:
        found.setdefault(checked.verdict.name, []).append(checked)
    return {name: found[name] for name in VERDICTS if name in found}


def pages_of(places: Sequence[Place]) -> list[str]:
    """Return the pages of places, each once, in order."""
    return list(dict.fromkeys(place.page_url for place in places))
