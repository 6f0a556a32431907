"""Whether a good answer is one in name only: what the host says to an address that somebody made up.

The probe is the yardstick: a made-up address that the host answers with an honest 404 clears every page of the host. Only where the host
answers well to what cannot exist, a page counts as missing when it is alike; and a front page never does, because many hosts answer
everything with it. What a page says of itself only tells where a host is worth asking: there are honest pages about errors.
"""

from __future__ import annotations

import re

from linkhaul.decide.likeness import address_words, distance
from linkhaul.decide.signs import SHORT_WORDS
from linkhaul.model.check import Signs
from linkhaul.model.url import host_of

NEAR_SAID = 8
"""Bits that may differ where both titles are the same and say that nothing was found: half of a row of recommended articles."""
NEAR_TITLED = 4
"""Bits that may differ where the titles are the same: one different word in thirty or so. An error page missed is the smaller fault."""
NEAR = 2
"""Bits that may differ where a title is missing: hardly a word. Pages of different titles are never alike.

Where a page is long, most of it stands around the contents, and two pages of one site may have all but a line in common: then no bit may
differ, and hardly a word, unless the title says what page it is; and what was not seen to its end is not compared.
"""
NO_BITS = (-1, -1)
_HOME = re.compile(r"/(?:(?:index|home|default|main|start)(?:\.\w+)?/?)?", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_MISSING = re.compile(
    r"\b404\b|not (?:be )?found|(?:can't|cannot|couldn't|could not) (?:be )?f(?:ind|ound)|(?:does not|doesn't|no longer) exist|no longer available"
    r"|page (?:is )?(?:gone|missing)|nothing (?:was |to be )?found|\bo+ps\b|\bsorry\b"
    r"|nicht gefunden|existiert nicht|nicht (?:mehr )?(?:vorhanden|verf\u00fcgbar)|introuvable|non trouv\u00e9|n['\u2019]existe (?:pas|plus)"
    r"|no (?:se )?(?:ha |pudo )?(?:sido )?encontr|no existe|non trovat|non esiste|n\u00e3o (?:foi )?encontrad|n\u00e3o existe|niet gevonden|bestaat niet"
    r"|hittades inte|finns inte|ikke (?:funnet|fundet)|findes ikke|finnes ikke|ei l\u00f6y|nie znaleziono|nie istnieje|nenalezen|neexistuje"
    r"|nem tal\u00e1lhat\u00f3|nu (?:a fost g\u0103sit|exist\u0103)|bulunamad\u0131|\u043d\u0435 (?:\u043d\u0430\u0439\u0434\u0435\u043d|\u0441\u0443\u0449\u0435\u0441\u0442\u0432\u0443\u0435\u0442)"
    r"|\u043d\u0435 \u0437\u043d\u0430\u0439\u0434\u0435\u043d|\u03b4\u03b5\u03bd \u03b2\u03c1\u03ad\u03b8\u03b7\u03ba\u03b5|\u05dc\u05d0 \u05e0\u05de\u05e6\u05d0|\u063a\u064a\u0631 \u0645\u0648\u062c\u0648\u062f"
    r"|\u898b\u3064\u304b\u308a\u307e\u305b\u3093|\u5b58\u5728\u3057\u307e\u305b\u3093|\u672a\u627e\u5230|\u627e\u4e0d\u5230|\u4e0d\u5b58\u5728|\ucc3e\uc744 \uc218 \uc5c6|\uc874\uc7ac\ud558\uc9c0 \uc54a",
    re.IGNORECASE,
)
"""How titles and headings of error pages read, in the languages of most of the web."""
_IN_ASCII = (
    "404", "found", "find", "exist", "available", "gone", "missing", "ops", "sorry", "gefunden", "vorhanden", "introuvable", "encontr", "trovat",
    "esiste", "niet", "hittades", "finn", "ikke", "znaleziono", "istnieje", "nenalezen", "bulunamad",
)  # fmt: skip
"""Of these, one stands in each text of nothing but ASCII that reads so: most titles have none, which is told in a tenth of the time."""


def is_home(url: str) -> bool:
    """Tell whether a URL is a front page: no path, or one of the names of index pages, and no query.

    >>> is_home("https://example.org/index.html"), is_home("https://example.org/a")
    (True, False)
    """
    address = url.partition("#")[0].partition("://")[2]
    path = "/" + address.partition("/")[2]
    return _HOME.fullmatch(path) is not None


def asked_about(made_up_url: str) -> str:
    """Return the folder about which a made-up address asks: all of its host, or one folder with what is in it.

    >>> asked_about("https://example.org/linkhaul-01/23.html"), asked_about("https://example.org/shop/linkhaul-0123.php")
    ('https://example.org/', 'https://example.org/shop/')
    """
    folder, is_one, _ = made_up_url.rpartition("/linkhaul-")
    return (folder if is_one else host_of(made_up_url)) + "/"


def says_missing(*texts: str | None) -> bool:
    """Tell whether a title or heading reads like that of an error page.

    >>> says_missing("Seite nicht gefunden | Shop"), says_missing("Boots", None)
    (True, False)
    """
    return any(text is not None and _may_say_so(text) and _MISSING.search(text) is not None for text in texts)


def _may_say_so(text: str) -> bool:
    return not text.isascii() or any(map(text.lower().__contains__, _IN_ASCII))


def is_alike(page: Signs, url: str, made_up: Signs, made_up_url: str) -> bool:
    """Tell whether a page reads like the answer to a made-up address.

    Args:
        url: the page's own address; its words do not count in titles, as error pages echo them.
    """
    if page.words is None or made_up.words is None:
        return False
    if page.words == 0 or made_up.words == 0:
        return page.words == made_up.words and _title(page, url) == _title(made_up, made_up_url)
    if page.likeness is None or made_up.likeness is None:
        return False
    apart = distance(page.likeness, made_up.likeness)
    more = abs(page.words - made_up.words)
    if apart > NEAR_SAID:
        return False
    near, few = _bounds(page, url, made_up, made_up_url)
    return apart <= near and more <= few


def _bounds(page: Signs, url: str, made_up: Signs, made_up_url: str) -> tuple[int, int]:
    """Return how many bits of their likeness, and how many words, two pages may be apart; less than none where their titles differ."""
    words, made_up_words = page.words or 0, made_up.words or 0
    bounds = NEAR, max(3, made_up_words // 30)
    if page.title and made_up.title:
        title = _title(page, url)
        if title != _title(made_up, made_up_url):
            return NO_BITS
        if title and says_missing(page.title):
            return NEAR_SAID, max(10, made_up_words // 20)
        if title:
            bounds = NEAR_TITLED, max(10, made_up_words // 20)
    if min(words, made_up_words) <= SHORT_WORDS:
        return bounds
    return NO_BITS if page.is_part or made_up.is_part else (0, 1)


def _title(signs: Signs, url: str) -> tuple[str, ...]:
    echoed = address_words(url)
    return tuple(word for word in _WORD.findall((signs.title or "").lower()) if word not in echoed)
