"""What an audit needs to know of a page beyond its visit and its links: read once, when the page is read, and stored beside its visit.

Every list is cut, so that no page makes its facts large; what is counted is counted whole. What is not there has its default and is
not stored, so that a plain page takes few bytes. Rules judge these records another day, too: nothing here is a judgement.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

MOST_TEXT = 1_000
"""How many characters are kept of a title, a description or a heading."""
MOST_ADDRESS = 8_192
"""How many are kept of an address."""
MOST_EXAMPLES = 3
MOST_HEADINGS = 100
MOST_ALTERNATES = 200
MOST_SAID = 5
"""How many titles, descriptions, canonicals and the like are kept."""
MOST_PROPERTIES = 40

Origin = Literal["head", "body", "header"]


class Heading(NamedTuple):
    """A heading, h1 to h6, and its text."""

    level: int
    text: str


class Canonical(NamedTuple):
    """One canonical address as the page says it, absolute (None when it is no URL), and where it says so: in its head, its body or a header."""

    raw: str
    url: str | None
    origin: Origin


class Alternate(NamedTuple):
    """The page in another language: the code as it is written, and the address as it is written and absolute (None when it is no URL)."""

    lang: str
    raw: str
    url: str | None


class RobotsWords(NamedTuple):
    """What one robots meta, or one X-Robots-Tag header, says: to whom (robots, googlebot, ... or x-robots-tag) and what."""

    who: str
    content: str


class Some(Struct, frozen=True, omit_defaults=True):
    """How many there are of something, and the first few."""

    count: int = 0
    examples: tuple[str, ...] = ()


NONE = Some()


class PageFacts(Struct, omit_defaults=True):
    """The facts of one page.

    Attributes:
        titles: the first title elements, white space collapsed; those of drawings (SVG) are none.
        descriptions: the contents of the first meta elements named description.
        headings: the first headings in document order.
        canonicals: the first canonical addresses; those of the HTTP headers last.
        alternates: the first rel=alternate hreflang, those of the HTTP headers last.
        robots: robots metas and X-Robots-Tag headers.
        image_count: how many img elements there are.
        images_without_alt: without an alt attribute; one that is empty is there. Those hidden from readers do not count.
        images_without_size: without width and height, written as numbers.
        charset_header, charset_meta: the encoding that the Content-Type header and a meta element declare.
        charset_at: where the meta element ends, in bytes from the beginning.
        has_doctype: the document begins with a doctype.
        viewport: the content of the viewport meta.
        refresh: the content of a meta refresh.
        open_graph: og: properties, the first of each name; those of articles and products stand here too.
        twitter: twitter: properties.
        json_ld_count: how many blocks of JSON-LD there are.
        json_ld_faults: what the parser says of those that are no JSON.
        words: how many words the content has: visible text without what stands in nav, header, footer and aside around it.
        likeness: SimHash of that text as a signed integer of 64 bits; see `decide.likeness`. None where it was not asked for.
        body_hash: hash of the body as a signed integer of 64 bits.
        mixed_active: scripts, styles and frames that a page on https takes from http; browsers refuse them.
        mixed_passive: images and media that it takes from http.
        http_forms: forms that send from https to http.
        opener: links that open a window at another site, without noopener or noreferrer, and with no other rel word for it.
        vague_anchors: links whose text says nothing of where they lead, as "text → address".
        empty_anchors: links without any text or label.
        anchors: how many links people can follow there are.
        inline_script_bytes, inline_style_bytes: characters of script and style elements in the page.
        bytes: the size of the page; `wire_bytes` as it came over the wire.
        headers: the headers that an audit looks at, by lower-case name.
    """

    titles: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    headings: tuple[Heading, ...] = ()
    canonicals: tuple[Canonical, ...] = ()
    alternates: tuple[Alternate, ...] = ()
    robots: tuple[RobotsWords, ...] = ()
    image_count: int = 0
    images_without_alt: Some = NONE
    images_without_size: Some = NONE
    lang: str | None = None
    charset_header: str | None = None
    charset_meta: str | None = None
    charset_at: int | None = None
    has_doctype: bool = False
    viewport: str | None = None
    refresh: str | None = None
    open_graph: dict[str, str] = {}
    twitter: dict[str, str] = {}
    json_ld_count: int = 0
    json_ld_faults: tuple[str, ...] = ()
    words: int = 0
    likeness: int | None = None
    body_hash: int = 0
    mixed_active: Some = NONE
    mixed_passive: Some = NONE
    http_forms: Some = NONE
    opener: Some = NONE
    vague_anchors: Some = NONE
    empty_anchors: Some = NONE
    anchors: int = 0
    inline_script_bytes: int = 0
    inline_style_bytes: int = 0
    bytes: int = 0
    wire_bytes: int = 0
    headers: dict[str, str] = {}
