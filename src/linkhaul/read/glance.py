"""A look at a body, whatever its status and however much of it came: the few facts that a check judges by.

Lenient, pure, and bounded: an error page, a challenge page or the first kilobytes of a long page are read the same way, and
nothing in them makes this raise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice

from turbohtml import Document, Element

from linkhaul.model.check import Glance
from linkhaul.read import encoding
from linkhaul.read.elements import media_type
from linkhaul.read.headers import Headers, charset

START_BYTES = 32_768
"""How much of the source is kept for looking for marks: challenge pages are short, and say early what they are."""
MOST_TEXT = 20_000
"""How many characters of text are kept: enough to tell pages apart."""
BRIEF_TEXT = 3_000
"""How many show that a page is not short: more words than a page of error or a challenge page has."""
BRIEF_WORDS = 400
"""Of a page with more words than this, of which no more was wanted, no marks are looked for."""
MOST_ANCHORS = 200_000

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})
_HIDDEN = ("title", "script", "style", "template", "noscript", "svg", "head")
_APP_IDS = frozenset({"root", "app", "__next", "__nuxt", "___gatsby", "svelte", "q-app", "ember-app", "react-root", "app-root", "main-app"})
_ASKS = re.compile(r"javascript|java script|\bjs\b", re.IGNORECASE)
_LETTER_AS_WORD = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")
_FAULTS = (ValueError, LookupError, ArithmeticError, MemoryError, RuntimeError, SystemError)


def glance(  # noqa: PLR0913 - what is looked for, each a keyword of its own
    body: bytes | str, headers: Headers = (), *, parsed: object | None = None, anchors: bool = False, is_brief: bool = False,
    unless: Callable[[str | None, str | None], bool] | None = None,
) -> Glance:  # fmt: skip
    """Return what a look at a body shows; a body that is neither HTML nor text, or of which nothing came, shows nothing.

    Args:
        body: the content after content decoding, or its first part; or text, where there never were bytes.
        headers: of the reply: pairs (lower-case name, value).
        parsed: what the parser made of the body, where it has been read before; it is used up.
        anchors: also collect what fragments can lead to.
        is_brief: no more is wanted than shows whether the page is short: not all of its text, and of a long one not the marks of challenge pages.
        unless: told the title and the first heading; if it says so, all of it is wanted nevertheless.
    """
    if isinstance(body, str):
        body = _HALF_CHARACTERS.sub("\ufffd", body)
    media = media_type(next((value for name, value in headers if name == "content-type"), ""))
    if not body:
        return Glance(is_html=media in _HTML_TYPES and bool(media), words=0 if media in _HTML_TYPES | {"text/plain"} else None)
    is_html = media in _HTML_TYPES and (bool(media) or _looks_like_html(body))
    try:
        if is_html:
            document = parsed if isinstance(parsed, Document) else encoding.parse(body, charset(headers))[0]
            is_all = (unless or _never) if is_brief else _always
            return _of_html(document, body, anchors_of(document) if anchors else (), is_all)
    except _FAULTS:
        return Glance(is_html=True, start=_start(body))
    if media == "text/plain" or (not media and isinstance(body, str)):
        text = " ".join(_decoded(body).split())[:MOST_TEXT]
        return Glance(text=text, words=count_words(text), start=_start(body))
    return Glance()


def count_words(text: str) -> int:
    """Return how many words a text has, its white space collapsed: what stands between spaces, and in scripts without spaces each letter."""
    if text.isascii():
        return text.count(" ") + 1 - text.endswith(" ") if text else 0
    parts = text.split()
    others = [part for part in parts if not part.isascii()]
    return len(parts) - len(others) + len(_LETTER_AS_WORD.sub(" x ", " ".join(others)).split())


def anchors_of(document: Document) -> tuple[str, ...]:
    """Return what fragments can lead to, in document order, each once: every id, and the names of `a` elements.

    What stands in templates is not part of the page.

    Source: https://html.spec.whatwg.org/multipage/browsing-the-web.html#find-a-potential-indicated-element
    """
    hidden: set[Element] = set()
    for template in document.find_all("template"):
        hidden.update(template.iter_elements())
    found: dict[str, None] = {}
    for element in document.select("[id],a[name]"):
        if hidden and element in hidden:
            continue
        if value := element.attr("id"):
            found[value] = None
        if element.tag == "a" and (value := element.attr("name")):
            found[value] = None
        if len(found) >= MOST_ANCHORS:
            break
    return tuple(found)


def _always(_title: str | None, _heading: str | None) -> bool:
    return True


def _never(_title: str | None, _heading: str | None) -> bool:
    return False


def _of_html(document: Document, body: bytes | str, ids: tuple[str, ...], is_all: Callable[[str | None, str | None], bool]) -> Glance:
    """Look at a document, and take out of it what is no visible text. Plain names are looked up in the parser's index, before that is out of date."""
    find = document.find_all
    hidden = {name: find(name) for name in _HIDDEN}
    headings, bodies, inputs = find("h1"), find("body"), find("input")
    titles = hidden["title"]
    title = (" ".join(titles[0].text.split())[:300] or None) if titles else None
    asks = any(_ASKS.search(element.text) for element in hidden["noscript"])
    has_password = any((element.attr("type") or "").lower() == "password" for element in inputs)
    for elements in hidden.values():
        for element in elements:
            element.clear()
    heading = (" ".join(headings[0].text.split())[:300] or None) if headings else None
    most = MOST_TEXT if is_all(title, heading) else BRIEF_TEXT
    source = _joined(document.strings, most)
    parts = source.split()
    text = " ".join(parts)
    is_long = len(text) > most
    words = count_words(text[:most]) if is_long or not text.isascii() else len(parts)
    is_brief = most < MOST_TEXT and (is_long or len(source) == 2 * most)
    return Glance(
        is_html=True,
        title=title,
        heading=heading,
        text=text[:most],
        words=words,
        is_brief=is_brief,
        start="" if is_brief and words > BRIEF_WORDS else _start(body),
        has_password=has_password,
        has_script=bool(hidden["script"]),
        has_app_root=_has_app_root(document, bodies, ids),
        asks_for_script=asks,
        anchors=ids,
    )


def _joined(strings: Iterable[str], most: int) -> str:
    """Return the first of a document's texts, so many and no more characters than twice that, a space between any two; of the rest none is asked for."""
    found, size = [], -1
    for text in islice(strings, most):
        found.append(text)
        size += 1 + len(text)
        if size >= 2 * most:
            break
    return " ".join(found)[: 2 * most]


def _has_app_root(document: Document, bodies: Sequence[Element], ids: Collection[str]) -> bool:
    """Tell whether there is an empty element that scripts fill: one of a known id, or one of an own element right in the body.

    Args:
        ids: those of the document, where they have been collected: without one of the known ones, no element is looked at.
    """
    is_possible = not 0 < len(ids) < MOST_ANCHORS or not _APP_IDS.isdisjoint(map(str.lower, ids))
    for element in document.select("div[id],main[id],section[id]") if is_possible else ():
        if (element.attr("id") or "").lower() in _APP_IDS and not element.text.strip():
            return True
    if not bodies:
        return False
    return any(isinstance(child, Element) and "-" in child.tag and not child.text.strip() for child in bodies[0].children)


def _looks_like_html(body: bytes | str) -> bool:
    start = body[:1024].encode("utf-8", "replace") if isinstance(body, str) else body[:1024]
    return b"<" in start and re.search(rb"<(?:!doctype|html|head|body|title|meta|div|p|a|script|h1)\b", start, re.IGNORECASE) is not None


def _start(body: bytes | str) -> str:
    return body[:START_BYTES].lower() if isinstance(body, str) else body[:START_BYTES].lower().decode("utf-8", "replace")


def _decoded(body: bytes | str) -> str:
    return body[: 4 * MOST_TEXT] if isinstance(body, str) else body[: 4 * MOST_TEXT].decode("utf-8", "replace")
