"""One document on its way to rows, and what it is resolved against."""

from __future__ import annotations

from msgspec import Struct
from turbohtml import Document, Element

from linkhaul.model.resolve import Resolver
from linkhaul.read.elements import REGIONS
from linkhaul.read.encoding import QueryEncoder
from linkhaul.read.places import Places
from linkhaul.read.rows import Rows
from linkhaul.read.survey import Survey

_REGIONS = ",".join(REGIONS)


class Reading(Struct):
    """One document on its way to rows.

    Attributes:
        resolver: resolves against the document's base URL.
        places: where its links lead, by their texts.
        fallback: resolves a base element's own href.
        encode: encodes the queries of links; None where they are UTF-8.
        region: the region of what no element of this document divides off.
        depth: how many frames are around this document.
        code: the text of scripts and styles in anchors, taken out of the tree so that it is no anchor's text.
    """

    document: Document
    survey: Survey
    rows: Rows
    resolver: Resolver
    places: Places
    fallback: Resolver
    agent: str
    encode: QueryEncoder | None = None
    follow: bool = True
    region: str = "body"
    depth: int = 0
    code: dict[Element, str] = {}

    def resolve(self, raw: str) -> str | None:
        """Return the absolute URL of an attribute's text, or None."""
        return self.resolver.resolve(raw if self.encode is None else self.encode(raw))

    def region_of(self, element: Element) -> str:
        """Return the region that an element stands in."""
        if not self.survey.regions:
            return self.region
        around = element.closest(_REGIONS)
        return self.region if around is None else around.tag


def base_of(found: Survey, fallback: Resolver, url: str) -> str:
    """Return a document's base URL.

    Source: https://html.spec.whatwg.org/multipage/semantics.html#frozen-base-url
    """
    base = None if found.base is None else fallback.resolve(found.base)
    return url if base is None or base.startswith(("data:", "javascript:")) else base.partition("#")[0]
