"""Whether a page is what its host answers to a made-up address."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from linkhaul.decide.likeness import address_words, simhash
from linkhaul.decide.soft import _MISSING, asked_about, is_alike, is_home, says_missing
from linkhaul.model.check import Signs
from linkhaul.motion.probing import made_up_beside, made_up_url

MADE_UP = "https://shop.example/linkhaul-1c9f/made4up.html"
FRAME = " ".join(f"{a}{b}" for a in ("boot", "shoe", "sock", "coat", "hat", "belt", "glove", "scarf") for b in "abcdefghijklmnop") + " "
"""What stands around the contents on every page of a shop: a menu of 128 words."""
SORRY = "we are sorry but nothing of this name is here please use the search or go back to the front page"
GUIDE = "to find your size stand on a sheet of paper draw a line around each foot and measure from heel to toe twice a day " * 4


def signs(url: str, title: str | None, text: str) -> Signs:
    return Signs(words=len(text.split()), likeness=simhash(text, address_words(url)), title=title)


@pytest.mark.parametrize(
    ("url", "title", "text", "alike"),
    [
        ("/guide/fit", "Sorry | Shop", FRAME + SORRY, True),
        ("/guide/fit", "Sorry | Shop", FRAME + SORRY + " request 7f3a at 12:04", True),
        ("/guide/fit", "Sorry | Shop", FRAME + SORRY + " thanks", True),
        ("/guide/fit", "Sizes | Shop", FRAME + SORRY, False),
        ("/guide/fit", "Sorry | Shop", FRAME + GUIDE, False),
        ("/guide/fit", "Sizes | Shop", FRAME + GUIDE, False),
        ("/guide/sizes", "Sizes", FRAME + SORRY, False),
        ("/guide/fit", None, FRAME + SORRY, True),
        ("/guide/fit", None, FRAME + GUIDE, False),
    ],
)
def test_alike_is_hardly_a_word_apart(url: str, title: str | None, text: str, alike: bool) -> None:
    """An error page is known again though a date, a request id or a few words differ; a page in the same frame, or of another title, is not it."""
    made_up = signs(MADE_UP, "Sorry | Shop", FRAME + SORRY)
    assert is_alike(signs("https://shop.example" + url, title, text), "https://shop.example" + url, made_up, MADE_UP) is alike


MENU = " ".join(
    f"{a}{b}"
    for a in ("boot", "shoe", "sock", "coat", "hat", "belt", "glove", "scarf", "skirt", "shirt")
    for b in "abcdefghijklmnopqrstuvwxyz" * 3
)
"""The menu of a large shop: most of what stands on each of its pages."""


@pytest.mark.parametrize(
    ("title", "made_up_title", "text", "alike"),
    [
        ("Shop", "Shop", SORRY, True),
        ("Shop", "Shop", f"{SORRY} request 7f3a", False),
        ("Shop", "Shop", "grey slippers made of felt", False),
        (None, None, SORRY, True),
        (None, None, "grey slippers made of felt", False),
        ("Page not found", "Page not found", f"{SORRY} red hats, blue belts, warm coats", True),
        ("Page not found", "Page not found", GUIDE, False),
        ("Slippers", "Page not found", SORRY, False),
    ],
)
def test_long_pages_have_to_be_the_same(title: str | None, made_up_title: str | None, text: str, alike: bool) -> None:
    """Where most of a page stands around its contents, a line of its own makes it another; but what its title calls missing may recommend what it likes."""
    url = "https://shop.example/guide/fit"
    page, made_up = signs(url, title, MENU + " " + text), signs(MADE_UP, made_up_title, MENU + " " + SORRY)
    assert is_alike(page, url, made_up, MADE_UP) is alike


def test_long_pages_are_compared_to_their_ends() -> None:
    """Of two long pages that begin alike nothing is known, unless their title says what they are."""
    for title, alike in (("Shop", False), ("Page not found", True)):
        page, made_up = signs("", title, MENU), signs(MADE_UP, title, MENU)
        assert is_alike(structs.replace(page, is_part=True), "", made_up, MADE_UP) is alike


def test_echoes_of_the_address_do_not_count() -> None:
    """Titles and texts that repeat the address that was asked for are the same."""
    pages = [
        (url, signs(url, f"{url.rpartition('/')[2]} was not found", f"{SORRY} {url.partition('example')[2]}"))
        for url in ("https://shop.example/guide/fit.html", MADE_UP)
    ]
    (url, page), (made_up_url, made_up) = pages
    assert is_alike(page, url, made_up, made_up_url)


def test_pages_without_words() -> None:
    """Two empty pages are alike, an empty one and another are not, and of a picture nothing can be said."""
    empty, full, picture = Signs(words=0, likeness=0), signs("", "T", GUIDE), Signs()
    assert is_alike(empty, "", empty, "")
    assert not is_alike(empty, "", full, "")
    assert not is_alike(picture, "", picture, "")


@pytest.mark.parametrize("path", ["", "/", "/index.html", "/index.php", "/Default.aspx", "/home", "/home/", "/#top", "/main.html#x"])
def test_front_pages_are_known(path: str) -> None:
    """The root and the names of index pages in it are front pages."""
    assert is_home(f"https://shop.example{path}")


@pytest.mark.parametrize("path", ["/a", "/?p=1", "/index.html?p=1", "/a/index.html", "/homes"])
def test_other_pages_are_no_front_pages(path: str) -> None:
    """Anything below, and anything with a query, is a page of its own."""
    assert not is_home(f"https://shop.example{path}")


SIGNS = st.builds(
    Signs,
    words=st.none() | st.integers(0, 99),
    likeness=st.none() | st.integers(-(2**63), 2**63 - 1),
    title=st.none() | st.text(max_size=9),
)


@given(SIGNS, SIGNS, st.text(max_size=20))
def test_every_page_is_like_itself(one: Signs, other: Signs, url: str) -> None:
    """What was seen of a page is like itself wherever there is text, and likeness goes both ways when sizes agree."""
    assert is_alike(one, url, one, url) or one.words is None or (one.words > 0 and one.likeness is None)
    if one.words == other.words:
        assert is_alike(one, url, other, url) == is_alike(other, url, one, url)


@pytest.mark.parametrize(
    ("title", "heading", "expected"),
    [
        ("404 - Boots", None, True),
        (None, "Page Not Found", True),
        ("Seite nicht gefunden", "", True),
        ("Page introuvable", None, True),
        ("P\xe1gina no encontrada", None, True),
        ("\u0421\u0442\u0440\u0430\u043d\u0438\u0446\u0430 \u043d\u0435 \u043d\u0430\u0439\u0434\u0435\u043d\u0430", None, True),
        ("\u30da\u30fc\u30b8\u304c\u898b\u3064\u304b\u308a\u307e\u305b\u3093", None, True),
        ("Boots, size 4040", "Found in the north", False),
        (None, None, False),
    ],
)
def test_an_error_page_says_so(title: str | None, heading: str | None, expected: bool) -> None:
    """In its title or its heading, in any of many languages."""
    assert says_missing(title, heading) is expected


def test_a_made_up_address_asks_about_its_folder() -> None:
    """At the top of a host it asks about all of it, beside a page about that page's folder."""
    assert asked_about(made_up_url("https://a.example")) == "https://a.example/"
    assert asked_about(made_up_beside("https://a.example/b/c.html")) == "https://a.example/b/"
    assert asked_about("https://a.example/what/else") == "https://a.example/"


SAID = re.findall(r"[^\W_]+", _MISSING.pattern)


@given(
    st.lists(st.sampled_from([*SAID, " ", "'", "oops", "could not be found", "is gone", "BULUNAMADI", "Page"]), max_size=8),
    st.sampled_from(["", " "]),
)
def test_what_most_titles_lack_is_in_all_that_read_so(parts: list[str], space: str) -> None:
    """The short look that spares most titles the pattern lets through whatever the pattern finds."""
    text = space.join(parts)
    assert says_missing(text) is (_MISSING.search(text) is not None)
