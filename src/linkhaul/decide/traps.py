"""Budgets that keep a crawl out of spaces without an end, and let large honest sites through.

How this works
--------------
A URL is folded to a pattern (`decide.folding`): `/p/123?size=7` is one of `/p/{n}?size={}`. A budget for every pattern would
cut what it should not: 100,000 products are one pattern. So a number of pages alone is never held against a pattern;
each rule asks for what makes a trap a trap.

* **Combinations**. Facets, sort orders and calendars make many URLs of few values: 10 colours, 10 sizes and 10 orders are
  1,000 URLs, and none of the three takes more than 10 values. Products, topics and articles have a slot with nearly as
  many values as there are URLs. A pattern with two slots or more is withheld above its budget while its richest slot holds
  less than a tenth as many values as it has URLs; a slot with 400 values is an id, and ends the watch. The budget goes by
  how the slots multiply: 1,000 with three parameters or more; 10,000 with two (100 categories of 50 list pages are 5,000);
  20,000 in the path alone (a page for each day of 50 years is 18,000).
* **Sets of names**. The same facets, each on or off: many sets of names under one path. 200 is above what the front
  controllers of wikis and forums use (30 to 50) and below 8 facets (256).
* **Dates**: a calendar's "next month" never ends. More than 2 years ahead is withheld. The past is not: newspapers go
  back to 1700. But 200 different years under one pattern are a calendar too.
* **Sessions**: a new id in every link makes every page new. 50 different ids on one host.
* **Shapes** that only faulty relative links and rewriting loops make: a segment of the path 3 times in a row or 4 times in
  all, more than 20 segments, more than 12 parameters, a query over 1,024 or a URL over 2,048 characters (what sitemaps allow).
* **The same content** (told by the caller after reading): 25 pages of one pattern whose body was seen before in that
  pattern, and these are at least half of what was read of it: soft errors, endless empty lists, ignored parameters.

Not seen by any rule: endless new text under a plain number or random name. `max_pages` is for that.

Memory is bounded: the PATTERNS least recently seen are forgotten (their counts begin again), slots are counted in 1,024
bits each, at most EXAMPLES kinds of withheld URLs are told apart.

A process that goes on decides as the one before it would have. For that, everything that was counted can be stored, to the bit and in
the order of its last use (`changes`, `restore`), with the URLs it was counted for: together or not at all. And a URL is asked about once
in a run, whoever finds it again: who asks knows which URLs were decided on (`is_watched` says for which that has to be known).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple, cast

from msgspec import Struct

from linkhaul.decide.counting import SAME_CONTENT, Contents, Marks, Recent, Sketch, Slots
from linkhaul.decide.folding import Folded, fold, year_of

BUDGETS = {0: 20_000, 1: 20_000, 2: 10_000}
"""URLs of one pattern by the number of its parameters, before their combining is held against them."""
COMBINING_BUDGET = 1_000
"""The same for three parameters and more."""
YEARS = 200
NAME_SETS = 200
SESSIONS = 50
YEARS_AHEAD = 2
MAX_SEGMENTS = 20
MAX_PARAMETERS = 12
MAX_QUERY = 1_024
MAX_URL = 2_048
REPEATS_IN_A_ROW = 3
REPEATS = 4
PATTERNS = 8_192
EXAMPLES = 1_000
"""How many withheld patterns are told apart; the others of a reason are counted together."""
_OTHERS = "(others)"
_FOLDABLE = re.compile(r"[?;]|[0-9][^0-9]+[0-9]|(?<![0-9])(?:19|20|21|[3-9][0-9])[0-9]{2}(?![0-9])")
"""What may have a parameter, a session, two slots or a date; the others need no look while no pattern is closed."""

_VARYING = re.compile(r"[0-9?;]")
"""Without any of these behind its host, a URL has no slot, no parameter and no session."""

TrapReason = Literal["length", "query", "depth", "repeats", "dates", "sessions", "names", "combinations", "content"]

MEANINGS: dict[TrapReason, str] = {
    "length": f"the URL is longer than {MAX_URL} characters",
    "query": f"the query has more than {MAX_PARAMETERS} parameters or {MAX_QUERY} characters",
    "depth": f"the path has more than {MAX_SEGMENTS} segments",
    "repeats": f"the path repeats a segment {REPEATS_IN_A_ROW} times in a row or {REPEATS} times in all",
    "dates": f"dates more than {YEARS_AHEAD} years ahead, or of more than {YEARS} years",
    "sessions": f"more than {SESSIONS} session ids on one host",
    "names": f"more than {NAME_SETS} different sets of parameters under one path",
    "combinations": "very many URLs that combine few values",
    "content": f"{SAME_CONTENT} pages with content seen before",
}


class Withheld(Struct, frozen=True):
    """URLs of one pattern that were not let through: why, how many, and the first of them."""

    pattern: str
    reason: TrapReason
    count: int
    example: str


class Counted(NamedTuple):
    """What was counted of one pattern, packed.

    Attributes:
        kind: one of KINDS: what was counted.
        state: None when it was forgotten.
    """

    kind: str
    pattern: str
    state: bytes | None


KINDS = ("slots", "years", "names", "sessions", "contents", "closed")


class Traps:
    """What was seen of the URL patterns of a run.

    Args:
        year: the present year: dates are measured by it.
        allowed: patterns that no rule withholds, as `report` writes them.
    """

    def __init__(self, year: int, allowed: Iterable[str] = ()) -> None:
        self._last_year = year + YEARS_AHEAD
        self._allowed = frozenset(allowed)
        self._slots = Recent(Slots, PATTERNS)
        self._years = Recent(Sketch, PATTERNS)
        self._names = Recent(Sketch, PATTERNS)
        self._sessions = Recent(Sketch, PATTERNS)
        self._contents = Recent(Contents, PATTERNS)
        self._closed = Recent(Marks, PATTERNS)
        self._tables: dict[str, Recent[Any]] = dict(
            zip(KINDS, (self._slots, self._years, self._names, self._sessions, self._contents, self._closed), strict=True)
        )
        self._withheld: dict[tuple[str, TrapReason], Withheld] = {}
        self._withheld_since: set[tuple[str, TrapReason]] = set()

    def is_watched(self, url: str) -> bool:
        """Whether `admit` may withhold or count a URL of this look: then it is to be asked once for it, and no second time."""
        return bool(self._closed.table) or _FOLDABLE.search(url, url.find("/", 8)) is not None or _shape(url) is not None

    def admit(self, url: str) -> TrapReason | None:
        """Return why a URL is withheld, or None when it may become a target; to be asked once for each URL of a run.

        Args:
            url: absolute, normal, without fragment, http or https.
        """
        shape = _shape(url)
        if shape is not None:
            return self._withhold(_broad(url), shape, url)
        if not _FOLDABLE.search(url, url.find("/", 8)) and not self._closed.table:
            return None
        folded = fold(url)
        if folded.pattern in self._allowed:
            return None
        for pattern, reason in self._reasons(folded, url):
            if pattern not in self._allowed:
                return self._withhold(pattern, reason, url)
        return None

    def pattern(self, url: str) -> str:
        """Return the pattern that a URL is one of: of most it is the URL itself."""
        return url if _VARYING.search(url, url.find("/", 8)) is None else fold(url).pattern

    def seen_content(self, pattern: str, digest: bytes) -> bool:
        """Count a page that was read, by its pattern and a digest of its body; return whether its pattern is closed.

        A URL that is its pattern's only one says nothing.
        """
        if "{" not in pattern or pattern in self._allowed:
            return False
        if self._contents[pattern].add(digest):
            self._closed[pattern].add("content")
        return pattern in self._closed.table

    def report(self) -> list[Withheld]:
        """Return what was withheld, the most frequent first."""
        return sorted(self._withheld.values(), key=lambda withheld: (-withheld.count, withheld.pattern))

    def changes(self) -> tuple[list[Counted], list[Withheld]]:
        """Return what was counted and withheld since this was asked last, for `restore`."""
        counted = [Counted(kind, *entry) for kind, table in self._tables.items() for entry in table.changes()]
        withheld = [self._withheld[key] for key in sorted(self._withheld_since)]
        self._withheld_since.clear()
        return counted, withheld

    def restore(self, counted: Iterable[Counted], withheld: Iterable[Withheld]) -> None:
        """Go on from what `changes` gave in earlier processes.

        Args:
            counted: the latest of each kind and pattern, in the order in which they were given; without those forgotten.
        """
        for kind, pattern, state in counted:
            if state is not None:
                self._tables[kind].restore(pattern, state)
        self._withheld |= {(entry.pattern, entry.reason): entry for entry in withheld}

    def _reasons(self, folded: Folded, url: str) -> Iterator[tuple[str, TrapReason]]:
        """Yield what stands against a URL, each with the pattern to name; what is asked for is counted on the way."""
        pattern = folded.pattern
        closed = self._closed.table.get(pattern)
        for reason in closed.words if closed is not None else ():
            yield pattern, cast("TrapReason", reason)
        year = year_of(url)
        if year is not None and (year > self._last_year or self._is_over(self._years[pattern], str(year), YEARS)):
            yield pattern, "dates"
        if folded.session is not None:
            name, value = folded.session
            everywhere = _everywhere(url, name)
            if everywhere in self._closed.table or self._is_over(self._sessions[everywhere], value, SESSIONS):
                yield everywhere, "sessions"
        if len(folded.names) > 1:
            any_names = f"{folded.path}?**"
            if any_names in self._closed.table or self._is_over(self._names[folded.path], "&".join(folded.names), NAME_SETS):
                yield any_names, "names"
        if len(folded.values) > 1:
            budget = BUDGETS.get(len(folded.names), COMBINING_BUDGET)
            if self._slots[pattern].add(folded.values, budget):
                yield pattern, "combinations"

    def _is_over(self, sketch: Sketch, value: str, budget: int) -> bool:
        sketch.add(value)
        return sketch.count() > budget + 0.5

    def _withhold(self, pattern: str, reason: TrapReason, url: str) -> TrapReason | None:
        if pattern in self._allowed:
            return None
        if reason in {"names", "sessions"}:  # what is over the budget stays so, the values known before too
            self._closed[pattern].add(reason)
        key = (pattern, reason)
        if key not in self._withheld and len(self._withheld) >= EXAMPLES:
            key = (_OTHERS, reason)
        before = self._withheld.get(key)
        count, example = (before.count, before.example) if before else (0, url[:MAX_URL])
        self._withheld[key] = Withheld(key[0], reason, count + 1, example)
        self._withheld_since.add(key)
        return reason


def pattern_of(url: str, reason: TrapReason) -> str:
    """Return the pattern under which a URL was withheld for this reason: what `allowed` has to name to let it through."""
    folded = fold(url)
    if reason in {"length", "query", "depth", "repeats"}:
        return _broad(url)
    if reason == "sessions" and folded.session is not None:
        return _everywhere(url, folded.session[0])
    return f"{folded.path}?**" if reason == "names" else folded.pattern


def _everywhere(url: str, session: str) -> str:
    """Return the pattern of all URLs of a host that carry a session of this name."""
    return f"{url[: url.find('/', 8)]}/**{session}={{}}"


def _shape(url: str) -> TrapReason | None:
    """Return what is wrong with the look of a URL."""
    if len(url) > MAX_URL:
        return "length"
    address, _, query = url.partition("?")
    if len(query) > MAX_QUERY or query.count("&") >= MAX_PARAMETERS:
        return "query"
    segments = address.split("/")[3:]
    if len(segments) > MAX_SEGMENTS:
        return "depth"
    if len(set(segments)) > len(segments) - REPEATS_IN_A_ROW + 1:  # the usual case: nothing stands there so often
        return None
    words = [segment for segment in segments if not segment.isdigit()]  # /2011/11/11/11 and map tiles are no loops
    rows = zip(words, words[1:], words[2:], strict=False)
    is_looping = any(first == second == third for first, second, third in rows) or any(words.count(word) >= REPEATS for word in set(words))
    return "repeats" if is_looping else None


def _broad(url: str) -> str:
    """Return the pattern for a URL of bad shape: its host and the first segment, for the rest has no end."""
    origin = url[: url.find("/", 8)][:300]
    first = url[len(origin) + 1 :].partition("/")[0].partition("?")[0]
    return f"{fold(f'{origin}/{first[:100]}').pattern}/**" if first else f"{origin}/**"
