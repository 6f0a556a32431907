"""The likeliest live page in place of one that is gone, on the same site, with the reason; none where nothing is near.

How this works. Four reasons are tried, the surest first: the run saw a permanent redirect away from an address that differs by a slash or
an ending only, or that address is live itself; a live page has the same last part of its path; a live page's address differs by a few
letters; a live page's title says what the dead link's text says. One pass over the visits collects the live pages of the hosts that have dead
links; for each dead link a bounded number of them is compared.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from msgspec import Struct
from msgspec.structs import replace

from linkhaul.decide.verdict import PERMANENT
from linkhaul.model.check import Checked, Suggestion
from linkhaul.model.url import host_of

MOST_PAGES = 20_000
"""Live pages of one host that are known."""
MOST_HOSTS = 200
MOST_COMPARED = 300
"""Live pages that are compared with one dead link letter by letter: those that share most of their words with it."""
NEAR_PATH = 0.8
NEAR_TITLE = 0.75
"""How much of a title and a text has to agree, 0 to 1."""
SHORTEST_PART = 4
"""A last part of a path that is shorter says little: `a`, `en`, `faq`."""

_LIVE = """
SELECT final_url, coalesce(title, '') FROM visit WHERE outcome IN ('ok', 'checked', 'not-html') AND status BETWEEN 200 AND 299
    AND found_via <> 'probe' ORDER BY id
"""
_MOVED = """
SELECT hop.url, hop.status, v.final_url FROM hop CROSS JOIN visit v ON v.id = hop.visit
WHERE hop.n = 1 AND v.outcome IN ('ok', 'checked', 'not-html') AND v.status BETWEEN 200 AND 299 AND v.found_via <> 'probe' ORDER BY hop.visit
"""
_ENDING = re.compile(r"(?:/index)?\.(?:html?|php|aspx?|jsp|md)$|/index$|/$", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+")
_NAMES_OF_INDEX = frozenset({"index.html", "index.htm", "index.php", "default.aspx", "home", "index", "readme.md"})


class Live(Struct):
    """The live pages of one host.

    Attributes:
        titles: by URL; the empty text where a page has none.
        by_last: the URLs by the last part of their path, without its ending, lower case.
        by_word: the URLs by each word of their path and title.
        by_stem: URLs by what they are without slash and ending.
        moved: where permanent redirects lead, by the stem of the URL that was asked.
    """

    titles: dict[str, str] = {}
    by_last: dict[str, list[str]] = {}
    by_word: dict[str, list[str]] = {}
    by_stem: dict[str, str] = {}
    moved: dict[str, str] = {}

    def add(self, url: str, title: str) -> None:
        """Take one more live page, while there is room."""
        if url in self.titles or len(self.titles) >= MOST_PAGES:
            return
        self.titles[url] = title
        self.by_stem.setdefault(_stem(url), url)
        if last := _last(url):
            self.by_last.setdefault(last, []).append(url)
        for word in {*_words(_path(url)), *_words(title)}:
            self.by_word.setdefault(word, []).append(url)


def with_suggestions(connection: sqlite3.Connection, findings: Iterable[Checked]) -> list[Checked]:
    """Return findings, those that are gone with their likeliest replacement; they and the live pages of their hosts are held in memory.

    Args:
        connection: the run file, opened to read.
    """
    every = list(findings)
    hosts = dict.fromkeys(host_of(checked.url) for checked in every if _is_gone(checked))
    known = _live(connection, set(list(hosts)[:MOST_HOSTS]))
    return [
        replace(checked, suggestion=suggestion(checked.url, _texts(checked), known[host_of(checked.url)]))
        if _is_gone(checked) and host_of(checked.url) in known
        else checked
        for checked in every
    ]


def suggestion(dead: str, texts: Iterable[str], live: Live) -> Suggestion | None:
    """Return the likeliest replacement of a dead page among the live ones of its host, or None.

    Args:
        texts: what the links to it say.
    """
    address = dead.partition("#")[0]
    others = (found for found in _candidates(address, list(texts), live) if found.url.partition("#")[0] != address)
    return next(others, None)


def _candidates(dead: str, texts: list[str], live: Live) -> Iterator[Suggestion]:
    stem = _stem(dead)
    if stem in live.moved:
        yield Suggestion(live.moved[stem], "a permanent redirect leads there from nearly the same address")
    if stem in live.by_stem:
        yield Suggestion(live.by_stem[stem], "the same address but for its ending")
    last = _last(dead)
    if len(last) >= SHORTEST_PART and (same := live.by_last.get(last)):
        best = max(same[:MOST_COMPARED], key=lambda url: (_agreement(_path(dead), _path(url)), url))
        yield Suggestion(best, f'its address ends with "{last}" too')
    yield from _near(dead, texts, live)


def _near(dead: str, texts: list[str], live: Live) -> Iterator[Suggestion]:
    """Yield the live page with the nearest path, then the one with the nearest title, where they are near enough."""
    path = _path(dead)
    some = _sharing({*_words(path)}, live) or list(live.titles)[:MOST_COMPARED]
    share, url = max(((_agreement(path, _path(url)), url) for url in some), default=(0.0, ""))
    if share >= NEAR_PATH:
        yield Suggestion(url, f"its address is nearly the same ({share:.0%})")
    for text in texts:
        words = _words(text)
        if len(words) < 2:
            continue
        titled = ((_title_agreement(text, live.titles[url]), url) for url in _sharing({*words}, live) if live.titles[url])
        share, url = max(titled, default=(0.0, ""))
        if share >= NEAR_TITLE:
            yield Suggestion(url, f'its title, "{live.titles[url][:80]}", says what the link says')


def _sharing(words: set[str], live: Live) -> list[str]:
    """Return the pages that share most words with a dead link, rare words first; at most MOST_COMPARED."""
    shared: dict[str, int] = {}
    for word in sorted(words, key=lambda word: (len(live.by_word.get(word, ())), word))[:8]:
        for url in live.by_word.get(word, ())[: 4 * MOST_COMPARED]:
            shared[url] = shared.get(url, 0) + 1
    return sorted(shared, key=lambda url: (-shared[url], url))[:MOST_COMPARED]


def _agreement(one: str, other: str) -> float:
    """Return how much of two texts agrees, 0 to 1."""
    matcher = SequenceMatcher(None, one[:200], other[:200], autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= NEAR_TITLE and matcher.quick_ratio() >= NEAR_TITLE else 0.0


def _title_agreement(text: str, title: str) -> float:
    """Return how much a title agrees with a link's text; a site's name behind the title does not count."""
    wanted = " ".join(_words(text))
    parts = [title, *re.split(r"\s+[|\-\u2013\u2014·:»]\s+", title)]
    return max(_agreement(wanted, " ".join(_words(part))) for part in parts)


def _live(connection: sqlite3.Connection, hosts: set[str]) -> dict[str, Live]:
    """Return the live pages of these hosts. Cost: a pass over all visits and redirects."""
    found = {host: Live() for host in hosts}
    if not hosts:
        return found
    for url, title in connection.execute(_LIVE):
        if (live := found.get(host_of(url))) is not None:
            live.add(url, title)
    for url, status, final_url in connection.execute(_MOVED):
        if status in PERMANENT and (live := found.get(host_of(url))) is not None and len(live.moved) < MOST_PAGES:
            live.moved.setdefault(_stem(url), final_url)
    return found


def _is_gone(checked: Checked) -> bool:
    verdict = checked.verdict
    is_page = verdict.code not in ("fragment", "malformed", "bad-url")
    return checked.url.startswith(("http", "file:")) and verdict.name in ("broken", "soft-404") and is_page


def _texts(checked: Checked) -> list[str]:
    return list(dict.fromkeys(place.text for place in checked.places[:50] if place.text))[:5]


def _path(url: str) -> str:
    return "/" + url.partition("#")[0].partition("://")[2].partition("/")[2]


def _stem(url: str) -> str:
    address, mark, query = url.partition("#")[0].partition("?")
    return (_ENDING.sub("", address.partition("://")[2]) + mark + query).lower()


def _last(url: str) -> str:
    """Return the last part of a URL's path without its ending, lower case; empty for the names of index pages."""
    part = _path(url).partition("?")[0].rstrip("/").rpartition("/")[2].lower()
    return "" if part in _NAMES_OF_INDEX else part.rpartition(".")[0] or part


def _words(text: str) -> list[str]:
    return [word for word in _WORDS.findall(text.lower()) if len(word) > 1]
