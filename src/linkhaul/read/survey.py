"""What is looked up once per document before its links are read: title, language, base, robots words, and what is there.

One pass over a few kinds of element costs less than one look-up of each, and its findings spare work per link: a page
without nav, template or script pays nothing for their rules.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from turbohtml import Document, Element, Namespace

from linkhaul.read.elements import REGIONS
from linkhaul.read.headers import split_words


class Survey(Struct):
    """The findings; texts are as the document says them.

    Attributes:
        base: href of the first base element that has one; None when there is none.
        canonical: href of the first link rel=canonical.
        robots: words of the robots metas meant for everyone or for our agent, lower case.
        has_regions: there are elements that divide the page.
        has_code: there are scripts, styles or templates, whose text may stand in an anchor and is not for reading.
        has_embedded: there is inline SVG or a frame that may hold a document.
        excluded: all that stands inside templates, with the templates.
    """

    title: str | None = None
    lang: str | None = None
    base: str | None = None
    canonical: str | None = None
    robots: list[str] = []
    has_regions: bool = False
    has_code: bool = False
    has_embedded: bool = False
    excluded: set[Element] = set()


def survey(document: Document, agent: str) -> Survey:
    """Return what is found once per document.

    Args:
        agent: our product token, lower case.
    """
    found = Survey()
    for element in document.iter_elements(_SURVEYED):
        if not found.excluded or element not in found.excluded:
            _NOTES[element.tag](found, element, agent)
    return found


def _note_html(found: Survey, element: Element, _agent: str) -> None:
    found.lang = found.lang or element.attr("lang")


def _note_base(found: Survey, element: Element, _agent: str) -> None:
    if found.base is None and element.namespace is Namespace.HTML:
        found.base = element.attr("href")


def _note_title(found: Survey, element: Element, _agent: str) -> None:
    if found.title is None and element.namespace is Namespace.HTML:
        found.title = " ".join(element.text.split())


def _note_link(found: Survey, element: Element, _agent: str) -> None:
    rel = element.attr("rel")
    if rel and found.canonical is None and "canonical" in rel.lower().split():
        found.canonical = element.attr("href")


def _note_meta(found: Survey, element: Element, agent: str) -> None:
    name = element.attr("name")
    if name and name.strip().lower() in {"robots", agent}:
        found.robots += split_words(element.attr("content") or "")


def _note_template(found: Survey, element: Element, _agent: str) -> None:
    if element.namespace is Namespace.HTML:
        found.has_code = True
        found.excluded.add(element)
        found.excluded.update(element.iter_elements())


def _note_code(found: Survey, _element: Element, _agent: str) -> None:
    found.has_code = True


def _note_embedded(found: Survey, _element: Element, _agent: str) -> None:
    found.has_embedded = True


def _note_region(found: Survey, _element: Element, _agent: str) -> None:
    found.has_regions = True


_NOTES: dict[str, Callable[[Survey, Element, str], None]] = {
    "html": _note_html,
    "base": _note_base,
    "title": _note_title,
    "meta": _note_meta,
    "link": _note_link,
    "template": _note_template,
    "script": _note_code,
    "style": _note_code,
    "iframe": _note_embedded,
    "svg": _note_embedded,
    **dict.fromkeys(REGIONS, _note_region),
}
_SURVEYED = tuple(_NOTES)
