"""What keeps a crawl out of endless spaces, and lets large honest sites through."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.decide.counting import SAME_CONTENT
from linkhaul.decide.folding import fold
from linkhaul.decide.traps import (
    BUDGETS,
    COMBINING_BUDGET,
    EXAMPLES,
    MEANINGS,
    NAME_SETS,
    PATTERNS,
    SESSIONS,
    Counted,
    Traps,
    Withheld,
    pattern_of,
)

H = "https://h.example"
YEAR = 2026


def admitted(traps: Traps, urls: Iterable[str]) -> int:
    return sum(traps.admit(url) is None for url in urls)


def letters(number: int) -> str:
    """Return a number without digits: what is folded of it is nothing."""
    return "".join(chr(97 + int(digit)) for digit in str(number))


HONEST = {
    "products": [f"{H}/p/{n}" for n in range(12_000)],
    "products by query": [f"{H}/p.php?id={n}&lang=en&ref=home" for n in range(3_000)],
    "topics": [f"{H}/viewtopic.php?f={n % 30}&t={n}&start={n % 5 * 20}" for n in range(3_000)],
    "list pages": [f"{H}/cat{c}?page={n}&sort=new" for c in range(80) for n in range(50)],
    "daily archive": [f"{H}/{y}/{m:02}/{d:02}/" for y in range(1995, 2027) for m in range(1, 13) for d in range(1, 29)],
    "old newspaper": [f"{H}/paper/{y}-{m:02}-01" for y in range(1850, 2027) for m in range(1, 13)],
    "other scripts": [f"{H}/%E4%B8%{n % 64 + 128:02X}/%E6%96%{n // 64 + 128:02X}" for n in range(4_000)],
    "one session": [f"{H}/page-{n}?PHPSESSID=abcdef" for n in range(2_000)],
    "map tiles": [f"{H}/7/7/7/{n}" for n in range(50)],
}


@pytest.mark.parametrize("name", HONEST)
def test_large_honest_sites_are_not_cut(name: str) -> None:
    """A number of pages alone is never held against a pattern."""
    traps = Traps(YEAR)
    assert admitted(traps, HONEST[name]) == len(HONEST[name])
    assert traps.report() == []


def test_facets_are_cut_at_their_budget() -> None:
    """Many URLs that combine few values stop at the budget, counted with an example."""
    traps = Traps(YEAR)
    facets = [f"{H}/s?color={a}&size={b}&sort={c}" for a in range(15) for b in range(15) for c in range(15)]
    assert COMBINING_BUDGET <= admitted(traps, facets) <= COMBINING_BUDGET + 20
    (withheld,) = traps.report()
    assert withheld.pattern == f"{H}/s?color={{}}&size={{}}&sort={{}}"
    assert withheld.reason == "combinations"
    assert withheld.count == len(facets) - COMBINING_BUDGET
    assert withheld.example in facets


def test_facets_in_every_subset_are_cut() -> None:
    """Parameters each on or off make many sets of names, long before each set is large."""
    names = "abcdefghij"
    urls = [f"{H}/s?" + "&".join(f"{name}=1" for bit, name in enumerate(names) if mask >> bit & 1) for mask in range(1024)]
    assert 0.8 * NAME_SETS <= admitted(Traps(YEAR), urls) <= 1.3 * NAME_SETS


def test_a_calendar_ends_two_years_ahead_and_in_the_far_past() -> None:
    """Next month for ever is withheld at once; month by month into the past ends too, for no calendar needs 200 years."""
    ahead = [f"{H}/cal?month={n % 12 + 1}&year={YEAR + n // 12}" for n in range(600)]
    assert admitted(Traps(YEAR), ahead) == 36
    assert admitted(Traps(YEAR), [f"{H}/events/{YEAR + n}/05/" for n in range(50)]) == 3
    back = [f"{H}/cal?day={YEAR - n}-05-01" for n in range(900)]
    assert admitted(Traps(YEAR), back) < 250


def test_session_ids_are_cut() -> None:
    """A new session in every link ends at the budget, on all pages of the host together, in path or query."""
    assert admitted(Traps(YEAR), [f"{H}/page{n % 10}?sid={n:032x}" for n in range(1000)]) <= 1.2 * SESSIONS
    assert admitted(Traps(YEAR), [f"{H}/page;jsessionid={n:032x}" for n in range(1000)]) <= 1.2 * SESSIONS


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("/a/a/a/x", "repeats"),
        ("/a/b/a/b/a/b/a/b", "repeats"),
        ("/a/a/b/b", None),
        ("/docs//x///y////", "repeats"),
        ("/" + "/".join("abcdefghijklmnopqrstu"), "depth"),
        ("/" + "/".join("abcdefghijklmnopqrst"), None),
        ("/?" + "&".join(f"p{c}=1" for c in "abcdefghijklm"), "query"),
        ("/?" + "&".join(f"p{c}=1" for c in "abcdefghijkl"), None),
        ("/?q=" + "x" * 1030, "query"),
        ("/" + "x" * 2050, "length"),
    ],
)
def test_shapes_that_only_faults_make(url: str, reason: str | None) -> None:
    """Repeated segments, great depth, long and many-named queries are withheld from the first on."""
    assert Traps(YEAR).admit(H + url) == reason


@given(st.text("ab/-_.%;?&=~09AF", max_size=12))
def test_most_urls_are_their_own_pattern(rest: str) -> None:
    """Where there is nothing to fold, nothing is folded: the pattern is the same."""
    url = f"https://h7.example:8080/{rest}"
    assert Traps(YEAR).pattern(url) == fold(url).pattern


def test_the_same_content_closes_its_pattern() -> None:
    """Pages that keep the same body end their pattern, no other one, and not a pattern of one page."""
    traps = Traps(YEAR)
    pattern = traps.pattern(f"{H}/list?page=1")
    closed = [traps.seen_content(pattern, b"empty") for _ in range(SAME_CONTENT + 1)]
    assert closed.index(True) == SAME_CONTENT
    assert traps.admit(f"{H}/list?page=99") == "content"
    assert traps.admit(f"{H}/other?page=99") is None
    assert not any(traps.seen_content(f"{H}/about", b"x") for _ in range(100))


def test_the_same_content_closes_patterns_of_one_slot() -> None:
    """Numbered pages without a query are closed as well."""
    traps = Traps(YEAR)
    for _ in range(SAME_CONTENT + 1):
        traps.seen_content(f"{H}/list/{{n}}", b"empty")
    assert traps.admit(f"{H}/list/12") == "content"


@pytest.mark.parametrize(
    ("urls", "reason"),
    [
        ([f"{H}/s?a={a}&b={b}&c={c}" for a in range(15) for b in range(15) for c in range(15)], "combinations"),
        ([f"{H}/page?sid={n:032x}" for n in range(200)], "sessions"),
        ([f"{H}/{YEAR + n}/01/" for n in range(20)], "dates"),
        ([f"{H}/a/a/a/{n}" for n in range(20)], "repeats"),
        ([f"{H}/s?" + "&".join(f"{c}=1" for bit, c in enumerate("abcdefghij") if mask >> bit & 1) for mask in range(1024)], "names"),
    ],
)
def test_a_reported_pattern_can_be_let_through(urls: list[str], reason: str) -> None:
    """The text that the report shows is the one that allow_pattern takes."""
    traps = Traps(YEAR)
    admitted(traps, urls)
    (withheld,) = traps.report()
    assert withheld.reason == reason
    assert reason in MEANINGS
    assert admitted(Traps(YEAR, [withheld.pattern]), urls) == len(urls)


SPACES = [
    *(f"{H}/s?color={n % 15}&size={n // 15 % 15}&sort={n // 225}" for n in range(1_500)),
    *(f"{H}/t?f={n % 9}&t={n}&p={n % 3}" for n in range(1_500)),
    *(f"{H}/f?" + "&".join(f"{name}=1" for bit, name in enumerate("abcdefghij") if n >> bit & 1) for n in range(700)),
    *(f"{H}/list/{n}" for n in range(50)),
    *(f"{H}/page{n % 10}?sid={n:032x}" for n in range(90)),
    *(f"{H}/cal/{1500 + n}/01/" for n in range(300)),
    *(f"{H}/a/a/a/{n}" for n in range(5)),
]


def stored(traps: Traps, kept: dict[tuple[str, str], Counted], withheld: dict[tuple[str, str], Withheld]) -> None:
    """Store what has changed as a run file does: each in place of what is there, as the latest."""
    counted, kinds = traps.changes()
    for entry in counted:
        kept.pop(entry[:2], None)
        if entry.state is not None:
            kept[entry[:2]] = entry
    withheld |= {(entry.pattern, entry.reason): entry for entry in kinds}


@pytest.mark.parametrize("seed", range(3))
def test_processes_that_go_on_decide_as_one_does(seed: int) -> None:
    """However often a run is taken up again, every decision is that of one process, and so is everything counted, in its order."""
    chance = random.Random(seed)
    urls = chance.sample(SPACES, len(SPACES))
    bodies = [
        (f"{H}/list/{{n}}" if n % 2 else f"{H}/{n % 9}/{{n}}", b"%d" % chance.randrange(4 if n % 2 else 99)) for n in range(len(urls))
    ]
    one = Traps(YEAR)
    kept: dict[tuple[str, str], Counted] = {}
    withheld: dict[tuple[str, str], Withheld] = {}
    other = Traps(YEAR)
    for url, body in zip(urls, bodies, strict=True):
        assert other.admit(url) == one.admit(url)
        assert other.seen_content(*body) == one.seen_content(*body)
        if chance.random() < 0.01:
            stored(other, kept, withheld)
            if chance.random() < 0.3:
                other = Traps(YEAR)
                other.restore(kept.values(), withheld.values())
    stored(other, kept, withheld)
    whole = one.changes()[0]
    assert sorted(whole) == sorted(kept.values())
    assert [entry for entry in whole if entry.kind == "slots"] == [entry for entry in kept.values() if entry.kind == "slots"]
    assert other.report() == one.report()
    assert {entry.reason for entry in one.report()} == {"combinations", "names", "sessions", "dates", "repeats", "content"}


def test_only_what_has_changed_is_stored() -> None:
    """What was not used since the last time is not given again, and what was forgotten is given as such."""
    traps = Traps(YEAR)
    traps.admit(f"{H}/a?x=1&y=2")
    assert [(entry.kind, entry.pattern) for entry in traps.changes()[0]] == [("slots", f"{H}/a?x={{}}&y={{}}"), ("names", f"{H}/a")]
    assert traps.changes() == ([], [])
    for n in range(PATTERNS):
        traps.admit(f"{H}/{letters(n)}/1/2")
    gone = [entry for entry in traps.changes()[0] if entry.state is None]
    assert [entry[:2] for entry in gone] == [("slots", f"{H}/a?x={{}}&y={{}}")]


@given(st.lists(st.text(alphabet="ab01?&=;/-.%", max_size=40), max_size=40))
def test_what_is_not_watched_is_let_through_and_leaves_no_trace(tails: list[str]) -> None:
    """Who does not ask about a URL that is not watched changes nothing."""
    traps = Traps(YEAR)
    for tail in tails:
        traps.changes()
        if not traps.is_watched(f"{H}/{tail}"):
            assert traps.admit(f"{H}/{tail}") is None
            assert traps.changes() == ([], [])
        traps.admit(f"{H}/{tail}")


def test_memory_is_bounded() -> None:
    """However many patterns and kinds of traps a site invents, only so many are remembered; none is lost from the count."""
    traps = Traps(YEAR)
    for n in range(PATTERNS + 500):
        assert traps.admit(f"{H}/{'x' * (n % 90)}{letters(n)}/1?a=1&b={n}") is None
    kept: dict[tuple[str, str], Counted] = {}
    stored(traps, kept, {})
    assert sum(kind == "slots" for kind, _ in kept) == PATTERNS
    for n in range(EXAMPLES + 500):
        assert traps.admit(f"{H}/{letters(n)}/b/b/b") == "repeats"
    assert len(traps.report()) == EXAMPLES + 1
    assert sum(withheld.count for withheld in traps.report()) == EXAMPLES + 500


@given(st.lists(st.text(alphabet="ab01?&=;/-.%", max_size=40), max_size=40))
def test_every_url_is_admitted_or_counted(tails: list[str]) -> None:
    """Admitting never raises, and what it withholds is what the report counts."""
    traps = Traps(YEAR)
    kept = admitted(traps, [f"{H}/{tail}" for tail in tails])
    report = traps.report()
    assert sum(withheld.count for withheld in report) == len(tails) - kept
    assert all(withheld.example.startswith(H) for withheld in report)


def test_budgets_grow_the_less_the_slots_multiply() -> None:
    """Three parameters multiply more than two, two more than a path."""
    assert BUDGETS[0] >= BUDGETS[2] >= COMBINING_BUDGET


@pytest.mark.parametrize(
    "urls",
    [
        [f"{H}/a/b/b/b/{n}" for n in range(3)],
        [f"{H}/{'x' * 2_100}{n}" for n in range(3)],
        [f"{H}/s?{'&'.join(f'k{k}={n}' for k in range(14))}" for n in range(3)],
        [f"{H}/" + "/".join(f"s{k}" for k in range(22 + n)) for n in range(3)],
        [f"{H}/p?sid={n}&id={n}" for n in range(SESSIONS + 20)],
        [f"{H}/p/{n};jsessionid={n}" for n in range(SESSIONS + 20)],
        [f"{H}/f?a{chr(97 + n // 26)}{chr(97 + n % 26)}=1&b=2" for n in range(NAME_SETS + 30)],
        [f"{H}/f?a={n % 9}&b={n // 9 % 9}&c={n // 81}" for n in range(COMBINING_BUDGET + 20)],
        [f"{H}/cal/2090-01-{n:02}" for n in range(10, 20)],
    ],
    ids=["repeats", "length", "query", "depth", "sessions", "path sessions", "names", "combinations", "dates"],
)
def test_a_withheld_url_names_its_pattern(urls: list[str]) -> None:
    """The pattern of a withheld URL alone is the one it is reported under, and naming that lets it through."""
    traps = Traps(YEAR)
    found = {pattern_of(url, reason) for url in urls if (reason := traps.admit(url)) is not None}
    assert found == {entry.pattern for entry in traps.report()}
    assert found
    assert admitted(Traps(YEAR, found), urls) == len(urls)
