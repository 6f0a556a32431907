"""A look at a body, whatever its status and however much of it came: the few facts that a check judges by.

Lenient, pure, and bounded: an error page, a challenge page or the first kilobytes of a long page are read the same way, and
nothing in them makes this raise.
"""

from __future__ import annotations

import re
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
MOST_ANCHORS = 200_000

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})
_HIDDEN = ("title", "script", "style", "template", "noscript", "svg", "head")
_APP_IDS = frozenset({"root", "app", "__next", "__nuxt", "___gatsby", "svelte", "q-app", "ember-app", "react-root", "app-root", "main-app"})
_ASKS = re.compile(r"javascript|java script|\bjs\b", re.IGNORECASE)
_LETTER_AS_WORD = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")
_FAULTS = (ValueError, LookupError, ArithmeticError, MemoryError, RuntimeError, SystemError)


def glance(
    body: bytes | str, headers: Headers = (), *, parsed: object | None = None, anchors: bool = False, is_brief: bool = False
) -> Glance:
    """Return what a look at a body shows; a body that is neither HTML nor text, or of which nothing came, shows nothing.

    Args:
        body: the content after content decoding, or its first part; or text, where there never were bytes.
        headers: of the reply: pairs (lower-case name, value).
        parsed: what the parser made of the body, where it has been read before; it is used up.
        anchors: also collect what fragments can lead to.
        is_brief: of the text, no more is wanted than shows whether the page is short.
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
            return _of_html(document, _start(body), BRIEF_TEXT if is_brief else MOST_TEXT, anchors=anchors)
    except _FAULTS:
        return Glance(is_html=True, start=_start(body))
    if media == "text/plain" or (not media and isinstance(body, str)):
        text = " ".join(_decoded(body).split())[:MOST_TEXT]
        return Glance(text=text, words=count_words(text), start=_start(body))
    return Glance()


def count_words(text: str) -> int:
    """Return how many words a text has: what stands between spaces, and in scripts without spaces each letter."""
    if text.isascii() or _LETTER_AS_WORD.search(text) is None:
        return len(text.split())
    return len(_LETTER_AS_WORD.sub(" x ", text).split())


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


def _of_html(document: Document, start: str, most: int, *, anchors: bool) -> Glance:
    """Look at a document, and take out of it what is no visible text. Plain names are looked up in the parser's index."""
    targets = anchors_of(document) if anchors else ()
    hidden = {name: document.find_all(name) for name in _HIDDEN}
    heading = next(iter(document.find_all("h1")), None)
    titles = hidden["title"]
    named = " ".join(titles[0].text.split()) if titles else ""
    asks = any(_ASKS.search(element.text) for element in hidden["noscript"])
    has_password = document.select_one("input[type=password i]") is not None
    for elements in hidden.values():
        for element in elements:
            element.clear()
    source = " ".join(islice(document.strings, most))[: 2 * most]
    text = " ".join(source.split())
    return Glance(
        is_html=True,
        title=named[:300] or None,
        heading=(" ".join(heading.text.split())[:300] or None) if heading is not None else None,
        text=text[:most],
        words=count_words(text[:most]),
        is_brief=most < MOST_TEXT and (len(text) > most or len(source) == 2 * most),
        start=start,
        has_password=has_password,
        has_script=bool(hidden["script"]),
        has_app_root=_has_app_root(document),
        asks_for_script=asks,
        anchors=targets,
    )


def _has_app_root(document: Document) -> bool:
    """Tell whether there is an empty element that scripts fill: one of a known id, or one of an own element right in the body."""
    for element in document.select("div[id],main[id],section[id]"):
        if (element.attr("id") or "").lower() in _APP_IDS and not element.text.strip():
            return True
    body = document.select_one("body")
    if body is None:
        return False
    return any(isinstance(child, Element) and "-" in child.tag and not child.text.strip() for child in body.children)


def _looks_like_html(body: bytes | str) -> bool:
    start = body[:1024].encode("utf-8", "replace") if isinstance(body, str) else body[:1024]
    return b"<" in start and re.search(rb"<(?:!doctype|html|head|body|title|meta|div|p|a|script|h1)\b", start, re.IGNORECASE) is not None


def _start(body: bytes | str) -> str:
    return body[:START_BYTES].lower() if isinstance(body, str) else body[:START_BYTES].lower().decode("utf-8", "replace")


def _decoded(body: bytes | str) -> str:
    return body[: 4 * MOST_TEXT] if isinstance(body, str) else body[: 4 * MOST_TEXT].decode("utf-8", "replace")
