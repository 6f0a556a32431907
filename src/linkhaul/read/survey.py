"""What is looked up once per document before its links are read: title, language, base, robots words, and what is there.

The parser keeps an index of a document's elements by name: the first look-up pays for it, and each further one takes a fifth
of a microsecond, while a walk over a large page takes a hundred. So everything here is asked for by one plain name at a time. The
findings spare work per link: a page without nav, template or script pays nothing for their rules.
"""

from __future__ import annotations

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
        regions: the elements that divide the page, by their names as in REGIONS.
        has_code: there are scripts, styles or templates, whose text may stand in an anchor and is not for reading.
        excluded: all that stands inside templates, with the templates.
    """

    title: str | None = None
    lang: str | None = None
    base: str | None = None
    canonical: str | None = None
    robots: list[str] = []
    regions: list[Element] = []
    has_code: bool = False
    excluded: set[Element] = set()


def survey(document: Document, agent: str) -> Survey:
    """Return what is found once per document.

    Args:
        agent: our product token, lower case.
    """
    found = Survey(excluded=_in_templates(document))
    _survey_head(document, agent, found)
    for region in REGIONS:
        found.regions += _there(document, region, found)
    found.has_code = bool(found.excluded or _there(document, "script", found) or _there(document, "style", found))
    return found


def _survey_head(document: Document, agent: str, found: Survey) -> None:
    """Note what stands in the head of a page, though a parser finds it anywhere."""
    for element in _there(document, "html", found):
        found.lang = found.lang or element.attr("lang")
    for element in _there(document, "base", found):
        if found.base is None and element.namespace is Namespace.HTML:
            found.base = element.attr("href")
    for element in _there(document, "title", found):
        if found.title is None and element.namespace is Namespace.HTML:
            found.title = " ".join(element.text.split())
    for element in _there(document, "link", found):
        if found.canonical is None and "canonical" in (element.attr("rel") or "").lower().split():
            found.canonical = element.attr("href")
    for element in _there(document, "meta", found):
        name = element.attr("name")
        if name and name.strip().lower() in {"robots", agent}:
            found.robots += split_words(element.attr("content") or "")


def _in_templates(document: Document) -> set[Element]:
    excluded: set[Element] = set()
    for template in document.find_all("template"):
        if template.namespace is Namespace.HTML and template not in excluded:
            excluded.add(template)
            excluded.update(template.iter_elements())
    return excluded


def _there(document: Document, name: str, found: Survey) -> list[Element]:
    """Return the elements of a name, in document order, without those inside templates."""
    elements = document.find_all(name)
    return [element for element in elements if element not in found.excluded] if found.excluded else elements
