"""What the body of a page holds, for an audit: headings, images, anchors, what is taken from http, and the text itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from turbohtml import Element, Namespace

from linkhaul.model.facts import MOST_EXAMPLES, MOST_HEADINGS, MOST_TEXT, Heading, PageFacts, Some
from linkhaul.read.reading import Reading

MOST_CHARACTERS = 2_000_000
"""How much of a page's text is looked at: of words further on, none is counted."""
EXAMPLE_CHARACTERS = 300

SAYS_NOTHING: dict[str, frozenset[str]] = {
    "en": frozenset({
        "click", "click here", "click this", "download here", "go", "here", "info", "information", "learn more", "link", "more", "more info",
        "more information", "read more", "right here", "see more", "start", "this", "this link", "this page",
    }),
    "de": frozenset({
        "das", "dies", "hier", "hier klicken", "klicke hier", "klicken sie hier", "mehr", "mehr erfahren", "mehr lesen", "siehe", "weiterlesen",
    }),
    "es": frozenset({"aquí", "clic aquí", "haga clic aquí", "leer más", "más", "más información", "pincha aquí", "ver más"}),
    "fr": frozenset({"cliquer ici", "cliquez ici", "en savoir plus", "ici", "lire la suite", "plus", "voir plus"}),
    "it": frozenset({"clicca qui", "continua", "leggi di più", "leggi tutto", "qui", "scopri di più"}),
    "ja": frozenset({"こちら", "こちらをクリック", "ここをクリック", "ここ", "続き", "続きを読む"}),
    "ko": frozenset({"여기", "여기를 클릭", "자세히", "더보기"}),
    "nl": frozenset({"klik hier", "lees meer", "meer", "meer informatie"}),
    "pl": frozenset({"tutaj", "kliknij tutaj", "więcej", "czytaj więcej"}),
    "pt": frozenset({"aqui", "clique aqui", "leia mais", "mais", "mais informações", "saiba mais", "veja mais"}),
    "ru": frozenset({"здесь", "тут", "подробнее", "читать далее"}),
    "sv": frozenset({"här", "klicka här", "läs mer", "mer", "mer information"}),
    "zh": frozenset({"点击这里", "更多", "这里"}),
}  # fmt: skip
"""Texts of links that say nothing of what they lead to, by language; a page is asked for those of English and of its own.

Source: after the audit link-text of Lighthouse, https://developer.chrome.com/docs/lighthouse/seo/link-text
"""
_ACTIVE = (("script", "src"), ("iframe", "src"), ("frame", "src"), ("embed", "src"), ("object", "data"))
_PASSIVE = (("img", "src"), ("audio", "src"), ("video", "src"), ("source", "src"), ("track", "src"), ("video", "poster"))
_FORMS = (("form", "action"), ("button", "formaction"), ("input", "formaction"))
_USED_LINKS = frozenset({"stylesheet", "icon", "manifest", "preload", "modulepreload", "prefetch"})
_OPENER_WORDS = frozenset({"noopener", "noreferrer", "opener"})
_SCRIPT_TYPES = frozenset({"", "module", "text/javascript", "application/javascript", "text/ecmascript"})
_NO_TEXT = "script,style,template,noscript,svg,head,title,nav,select,dialog"
_AROUND = "header,footer,aside"
_WORD = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]|[^\W\u2e80-\u9fff\uf900-\ufaff]+")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


class _Tally:
    """Counts what is found, and keeps the first."""

    def __init__(self) -> None:
        self.count = 0
        self.examples: list[str] = []

    def add(self, example: str) -> None:
        self.count += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(" ".join(example[: 4 * EXAMPLE_CHARACTERS].split())[:EXAMPLE_CHARACTERS])

    def some(self) -> Some:
        return Some(self.count, tuple(self.examples))


def read(reading: Reading, facts: PageFacts, likeness: Callable[[str], int] | None) -> None:
    """Add what the body holds. The document is changed: what is no visible text goes."""
    _read_headings(reading, facts)
    _read_images(reading, facts)
    _read_anchors(reading, facts)
    if reading.rows.url.startswith("https://"):
        _read_mixed(reading, facts)
    scripts = (script for script in _there(reading, "script") if script.attr("src") is None)
    is_code = (script for script in scripts if (script.attr("type") or "").strip().lower() in _SCRIPT_TYPES)
    facts.inline_script_bytes = sum(len(script.text) for script in is_code)
    facts.inline_style_bytes = sum(len(style.text) for style in _there(reading, "style"))
    text = _content(reading)
    facts.words = len(_WORD.findall(text))
    facts.likeness = likeness(text) if likeness is not None else None


def _read_headings(reading: Reading, facts: PageFacts) -> None:
    found: list[Heading] = []
    spent = 0
    for element in reading.document.select("h1,h2,h3,h4,h5,h6"):
        if element in reading.survey.excluded or element.attr("role") == "presentation":
            continue
        text = element.text or " ".join(image.attr("alt") or "" for image in element.find_all("img"))
        spent += len(text)
        found.append(Heading(int(element.tag[1]), " ".join(text[: 4 * MOST_TEXT].split())[:MOST_TEXT]))
        if len(found) >= MOST_HEADINGS or spent > MOST_CHARACTERS:
            break
    facts.headings = tuple(found)


def _read_images(reading: Reading, facts: PageFacts) -> None:
    without_alt, without_size = _Tally(), _Tally()
    for image in _there(reading, "img"):
        if image.namespace is not Namespace.HTML:
            continue
        facts.image_count += 1
        source = image.attr("src") or image.attr("data-src") or image.attr("srcset") or ""
        source = "data:…" if source.startswith("data:") else source
        if image.attr("alt") is None and not _is_hidden(image) and not _label(image):
            without_alt.add(source)
        if not (_is_number(image.attr("width")) and _is_number(image.attr("height"))) and "width" not in (image.attr("style") or ""):
            without_size.add(source)
    facts.images_without_alt, facts.images_without_size = without_alt.some(), without_size.some()


def _read_anchors(reading: Reading, facts: PageFacts) -> None:
    vague, empty, opener = _Tally(), _Tally(), _Tally()
    spent = 0
    vague_words = SAYS_NOTHING["en"] | SAYS_NOTHING.get((reading.survey.lang or "").strip().lower()[:2], frozenset())
    for anchor in _there(reading, "a"):
        raw = anchor.attr("href")
        if raw is None or anchor.namespace is not Namespace.HTML:
            continue
        facts.anchors += 1
        if spent <= MOST_CHARACTERS:
            text = anchor.text
            spent += len(text)
            said = _EDGES.sub("", " ".join(text[:200].split()).lower())
            if said in vague_words and not _label(anchor) and said not in raw.lower():  # in an index of terms, "link" leads to #link
                vague.add(f"{said} → {raw}")
            elif not said and not text.strip() and not _has_text(anchor):
                empty.add(raw)
        if (anchor.attr("target") or "").lower() == "_blank":
            words = set((anchor.attr("rel") or "").lower().split())
            url = None if words & _OPENER_WORDS else reading.resolve(raw)
            if url is not None and url.startswith(("http://", "https://")) and not reading.rows.is_internal(url):
                opener.add(url)
    facts.vague_anchors, facts.empty_anchors, facts.opener = vague.some(), empty.some(), opener.some()


def _read_mixed(reading: Reading, facts: PageFacts) -> None:
    active, passive, forms = _Tally(), _Tally(), _Tally()
    for tally, pairs in ((active, _ACTIVE), (passive, _PASSIVE), (forms, _FORMS)):
        for tag, attr in pairs:
            for element in _there(reading, tag):
                raw = element.attr(attr)
                if raw and (url := reading.resolve(raw)) is not None and url.startswith("http://"):
                    tally.add(url)
    for link in _there(reading, "link"):
        words = set((link.attr("rel") or "").lower().split())
        raw = link.attr("href")
        if raw and words & _USED_LINKS and (url := reading.resolve(raw)) is not None and url.startswith("http://"):
            (passive if "icon" in words else active).add(url)
    facts.mixed_active, facts.mixed_passive, facts.http_forms = active.some(), passive.some(), forms.some()


def _content(reading: Reading) -> str:
    """Return the visible text of the page's content: its main element, or all without what stands around the content."""
    document = reading.document
    for element in document.select(_NO_TEXT):
        if element.namespace is Namespace.HTML or element.tag == "svg":
            element.clear()
    for element in document.select(_AROUND):
        if element.closest("main,article") is None:
            element.clear()
    mains = [main for main in document.find_all("main") if main.attr("hidden") is None]
    text = _text(mains[0].strings) if mains else ""
    return text or _text(document.strings)


def _text(strings: Iterable[str]) -> str:
    return " ".join(" ".join(strings)[:MOST_CHARACTERS].split())


def _there(reading: Reading, name: str) -> list[Element]:
    """Return the elements of a name, in document order, without those inside templates."""
    found, excluded = reading.document.find_all(name), reading.survey.excluded
    return [element for element in found if element not in excluded] if excluded else found


def _has_text(anchor: Element) -> bool:
    """Whether something else than text says where an anchor leads: a label of its own, a picture, an element in it; or nobody meets it."""
    if _label(anchor) or _is_hidden(anchor):
        return True
    if any(image.attr("alt") or _label(image) for image in anchor.find_all("img")):
        return True
    return anchor.select_one("svg title,[aria-label],[aria-labelledby],[title],input[value],img[title]") is not None


def _label(element: Element) -> str:
    return (element.attr("aria-label") or element.attr("aria-labelledby") or element.attr("title") or "").strip()


def _is_hidden(element: Element) -> bool:
    return element.attr("aria-hidden") == "true" or element.attr("hidden") is not None or element.attr("role") in ("presentation", "none")


def _is_number(value: str | None) -> bool:
    return value is not None and value.strip().rstrip("%px").strip().isdigit()
