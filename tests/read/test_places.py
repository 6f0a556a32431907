"""Places: what is remembered of one page for the next gives the same answer, and does not grow."""

from __future__ import annotations

import pytest

from linkhaul.model.resolve import Reach, Resolver
from linkhaul.model.url import hostname_of, is_internal
from linkhaul.read import places
from linkhaul.read.html import read_page
from linkhaul.read.options import ReadOptions
from linkhaul.read.places import Places
from linkhaul.read.rows import Rows

RAWS = [
    "a",
    "a#b",
    "#b",
    "#",
    "#A b",
    "#é",
    "#%41",
    "?q",
    "",
    "/a",
    "//o.example/a",
    "https://o.example/a",
    "../a",
    "mailto:a@b",
    "http://[",
    "https:?q",
    "A B",
    "é?é",
]


def on(url: str) -> Places:
    rows = Rows(url, "", ReadOptions())
    return Places(Resolver(url), None, rows.home, rows.is_internal)


@pytest.mark.parametrize("raw", RAWS)
def test_a_place_is_the_same_on_every_page(raw: str) -> None:
    """Whatever was asked on another page of the directory, of the host or of another host, a page gets its own answer."""
    urls = ["https://h.example/d/1", "https://h.example/d/2?x", "https://h.example/e/", "https://other.example/d/1", "http://h.example/d/1"]
    for url in urls * 2:
        found = on(url)
        expected = Resolver(url).resolve(raw)
        answer = found.known.get(raw) or found.find(raw)
        assert answer[0] == expected
        assert answer[1] == ((expected or "").partition("#")[2] or None)
        assert answer[2] == (expected is not None and is_internal(hostname_of(url), expected))


def test_internal_is_seen_from_the_page() -> None:
    """The same link is internal on one host's pages and not on another's, though both name the same base."""
    body = "<base href='https://shared.example/'><a href=x>x</a>"
    for _ in range(2):
        assert [link.internal for link in read_page(body, "https://shared.example/a/").links] == [True]
        assert [link.internal for link in read_page(body, "https://h.example/a/").links] == [False]


def test_a_fragment_belongs_to_the_base() -> None:
    """A fragment alone leads to where the page says its links begin, and that may be another host's."""
    for base, internal in (("https://h.example/b", True), ("https://other.example/b", False)):
        page = read_page(f"<base href='{base}'><a href='#x'>x</a>", "https://h.example/a")
        assert [(link.url, link.internal) for link in page.links] == [(f"{base}#x", internal)]


def test_a_text_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second page of a directory has nothing to work out of what the first one said."""
    asked: list[str] = []
    placed = Resolver.placed

    def noted(self: Resolver, raw: str) -> tuple[str | None, Reach]:
        asked.append(raw)
        return placed(self, raw)

    monkeypatch.setattr(Resolver, "placed", noted)
    body = "<a href=once-a></a><a href=/once-b></a><a href=once-a></a><a href=?of-the-page></a>"
    read_page(body, "https://once.example/d/1")
    assert asked == ["once-a", "/once-b", "?of-the-page"]
    asked.clear()
    read_page(body, "https://once.example/d/2")
    assert asked == ["?of-the-page"]
    asked.clear()
    read_page(body, "https://once.example/e/")
    assert asked == ["once-a", "?of-the-page"]


def test_queries_in_the_encoding_of_a_page_are_its_own() -> None:
    """What is not ASCII is worked out on each page, for its query may be another one in the page's encoding."""
    for label, expected in (("utf-8", "%C3%A9"), ("iso-8859-1", "%E9"), ("utf-8", "%C3%A9")):
        page = read_page("<a href='p?é'>".encode(label), "https://latin.example/", (("content-type", f"text/html; charset={label}"),))
        assert page.links[0].url == f"https://latin.example/p?{expected}"


def test_what_is_remembered_is_bounded() -> None:
    """A page with any number of links, however long, leaves no more than the bounds say."""
    places._known_in.cache_clear()
    found = on("https://many.example/d/")
    for i in range(2 * places._MOST_ALONE):
        found.find(f"page-{i}")
        found.find(f"/page-{i}")
    found.find("long" * 1_000)
    assert places._MOST_PLACES < len(found.known) <= places._MOST_ALONE
    assert len(found._site) <= places._MOST_ALONE
    assert max(map(len, found.known)) <= places._LONGEST
    assert on(f"https://many.example/{'d' * 1_000}/").known == {}


def test_directories_share_what_may_be_remembered() -> None:
    """The more directories there are, the less is kept of each."""
    places._known_in.cache_clear()
    for n in range(places._MOST_DIRECTORIES):
        found = on(f"https://shared.example/{n}/")
        for i in range(places._MOST_ALONE + 1):
            found.find(f"page-{i}")
        assert len(found.known) <= max(places._MOST_PLACES, places._MOST_ALONE // (n + 1))
