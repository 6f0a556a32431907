"""Every link of a run judged: each distinct URL with its verdict and every place where it stands, and how much could be judged.

How this works. The links are sorted by their URL, which SQLite does on disk where it is much; those to one URL then follow one another,
and no more than that group is in memory. A target is judged once; what its fragment names is looked up on its page. Where only some
findings are wanted, places are read for these alone, because a link in a page's frame may stand on a million pages; where all are,
the links are sorted with all that is told of their places. Who has looked at some and wants all after that hands on what was said
of each URL: `Said`.
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
MOST_SAID, MOST_ALIKE = 1_000_000, 50_000
"""Link URLs of which is remembered what was said, and how many different verdicts that may be: some 30 MB."""

_FORMS = "SELECT id, kind, tag, attr, rel, internal FROM form"
_LINKS = """
SELECT coalesce(url, raw), url IS NULL, max(url_id), count(*), {ids} FROM link WHERE form IN (SELECT value FROM json_each(?))
GROUP BY 1, 2 ORDER BY 1, 2
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
    """The links with one URL: the URL (the raw text of one that is none), whether it is none, its identity, how many there are, and their places or ids."""

    url: str
    is_bad: bool
    url_id: int | None
    size: int
    links: tuple[Place, ...] | str


_RULES = Rules()
_WANTED = Wanted()


class Said:
    """What one pass said of the link URLs, in their order, for the next pass: sixteen bytes for each, and each verdict once."""

    def __init__(self) -> None:
        self._urls = array("q")
        self._verdicts: list[Verdict] = []
        self._alike: dict[Verdict, Verdict] = {}

    def note(self, url: str, verdict: Verdict) -> None:
        """Take in what was said of the next URL."""
        if len(self._urls) < MOST_SAID and len(self._alike) < MOST_ALIKE:
            self._urls.append(hash(url))
            self._verdicts.append(self._alike.setdefault(verdict, verdict))

    def of(self, n: int, url: str) -> Verdict | None:
        """Return what was said of this URL, if it was the one at this place; None where it has to be judged anew."""
        return self._verdicts[n] if n < len(self._urls) and self._urls[n] == hash(url) else None


class Judgement:
    """The findings of a run. Iterating gives them sorted by URL, each with its places by page; every time anew.

    Args:
        connection: the run file, opened to read.
        said: what an earlier pass with the same rules said.

    Attributes:
        said: what was said of the URLs when the findings were first iterated to their end; None until then.

    Raises:
        SettingError: a pattern of `exclude` is no regular expression.
    """

    def __init__(self, connection: sqlite3.Connection, rules: Rules, wanted: Wanted, said: Said | None = None) -> None:
        self._db = connection
        self._rules = rules
        self._wanted = wanted
        self._excluded: Finds | None = finder("exclude", wanted.exclude)
        self._targets = Targets(connection)
        self._judged = lru_cache(MOST_REMEMBERED)(self._judge_target)
        self._coverage: Coverage | None = None
        self.said = said

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
        before, said = self.said, Said()  # nothing is remembered twice
        for group in self._placed_groups() if names is None else self._groups(with_ids=bool(names)):
            verdict = before.of(urls, group.url) if before is not None else None
            if verdict is None:
                verdict = self._verdict(group)
                if before is None:
                    said.note(group.url, verdict)
            links += group.size
            urls += 1
            verdicts[verdict.name] += 1
            if verdict.name not in _VERIFIED:
                unverified[verdict.name if verdict.name in _BY_NAME else verdict.code] += 1
            if names is None or verdict.name in names:
                yield Checked(group.url, verdict, self._places(group.links) if isinstance(group.links, str) else group.links)
        (pages,) = self._db.execute("SELECT count(DISTINCT page_id) FROM visit WHERE outcome = 'ok'").fetchone()
        self.said = before or said
        self._coverage = Coverage(
            pages, links, urls, {name: verdicts[name] for name in VERDICTS if verdicts[name]}, dict(unverified.most_common())
        )

    def _groups(self, *, with_ids: bool) -> Iterator[_Group]:
        """Yield the links by their URL, sorted; with their ids, as text, if there may be some whose places are wanted."""
        sql = _LINKS.format(ids="group_concat(id)" if with_ids else "''")
        for url, is_bad, id, count, ids in self._db.execute(sql, self._forms()):
            yield _Group(url, bool(is_bad), id, count, ids)

    def _placed_groups(self) -> Iterator[_Group]:
        """Yield the links by their URL, sorted, with their places by page and number."""
        told = {id: (kind, tag, attr, bool(internal)) for id, kind, tag, attr, _, internal in self._db.execute(_FORMS)}
        for (url, is_bad), rows in groupby(self._db.execute(_PLACED, self._forms()), _URL):
            first = next(rows)
            places = [Place(page, n, raw, text, *told[form]) for _, _, _, page, n, raw, text, form in chain((first,), rows)]
            yield _Group(url, bool(is_bad), first[2], len(places), tuple(places))

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
        verdict, target = self._judged(url_id(url) if group.url_id is None else group.url_id, url)
        fragment = group.url.partition("#")[2]
        if not fragment or verdict.name not in ("ok", "redirected"):
            return verdict
        return with_fragment(verdict, fragment, self._fragment_state(fragment, target))

    def _judge_target(self, id: int, url: str) -> tuple[Verdict, Target]:
        target = self._targets.of(id, url)
        facts = target.facts
        probes = self._targets.probes(host_of(facts.final_url or facts.url))
        if facts.final_url is not None and (asked := host_of(facts.url)) != host_of(facts.final_url):
            probes += self._targets.probes(asked)
        return verdict_of(facts, self._rules, probes), target

    def _fragment_state(self, fragment: str, target: Target) -> FragmentState:
        anchors = self._targets.anchors(target.visit, target.page_id)
        if anchors is None and not self._targets.is_html(target.facts):
            return "none"  # what a fragment means in a picture or a PDF is not for us to say
        signs = target.facts.signs
        return fragment_state(
            fragment, anchors, is_scripted=signs is not None and signs.is_scripted, is_part=signs is not None and signs.is_part
        )

    def _places(self, links: str) -> tuple[Place, ...]:
        """Return the places of links, by page and number.

        Args:
            links: their ids, as text with commas.
        """
        found, ids = [], array("q", map(int, links.split(",")))
        for start in range(0, len(ids), BATCH // 4):
            some = ids[start : start + BATCH // 4]
            rows = self._db.execute(_PLACES.format(ids=", ".join("?" * len(some))), some)
            found += [Place(page, n, raw, text, kind, tag, attr, bool(inside)) for page, n, raw, text, kind, tag, attr, inside in rows]
        return tuple(sorted(found, key=_BY_PAGE))


def judge(connection: sqlite3.Connection, rules: Rules = _RULES, wanted: Wanted = _WANTED, said: Said | None = None) -> Judgement:
    """Return the findings of a run, of a check or an ordinary one, live or finished. Cost: a sort of all links, on disk.

    Args:
        connection: the run file, opened to read.
        rules: what counts as an answer; `tries` of 1 for a run that asks nothing twice.
        said: what an earlier pass with the same rules, kinds and sides said.

    Raises:
        SettingError: a pattern of `wanted.exclude` is no regular expression.
    """
    return Judgement(connection, rules, wanted, said)


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
