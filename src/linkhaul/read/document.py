"""The links of one document, read from its tree in document order; the page itself, or one that a frame carries within.

How this works: `page_links` is the short way for the kind that is asked for by default, anchors: it is run for every
link of every page, so it builds its rows in one loop without a call it can do without. `all_links` goes by the element
table and reads every kind. Both give the same rows for anchors; a test holds that.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct
from turbohtml import Document, Element, Namespace

from linkhaul.model.records import Link
from linkhaul.model.resolve import Resolver
from linkhaul.read import css, encoding, headers, jsonld, srcset
from linkhaul.read.elements import ANY, HTML, REGIONS, SVG, TYPED_TAGS, UrlAttribute, kind_of_rel, media_type
from linkhaul.read.rows import MAX_CHARACTERS, Mark, Rows, Traits
from linkhaul.read.survey import Survey, survey

_MAX_FRAMES = 8
"""How deep documents within documents are read."""

_ANCHORS = "a[href],area[href]"
_ANCHORS_AND_MORE = "a[href],area[href],a[xlink\\:href],iframe[srcdoc]"
_CODE_IN_ANCHORS = "a style,a script,a template"
_REGIONS = ",".join(REGIONS)
_SPACES = re.compile(r"[\t\n\f\r ]+")
_PAGE_ONLY = frozenset({"page"})


class Reading(Struct):
    """One document on its way to rows.

    Attributes:
        resolver: resolves against the document's base URL.
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
    fallback: Resolver
    agent: str
    encode: encoding.QueryEncoder | None = None
    follow: bool = True
    region: str = "body"
    depth: int = 0
    code: dict[Element, str] = {}

    def resolve(self, raw: str) -> str | None:
        """Return the absolute URL of an attribute's text, or None."""
        return self.resolver.resolve(raw if self.encode is None else self.encode(raw))

    def region_of(self, element: Element) -> str:
        """Return the region that an element stands in."""
        if not self.survey.has_regions:
            return self.region
        around = element.closest(_REGIONS)
        return self.region if around is None else around.tag


def base_of(found: Survey, fallback: Resolver, url: str) -> str:
    """Return a document's base URL.

    Source: https://html.spec.whatwg.org/multipage/semantics.html#frozen-base-url
    """
    base = None if found.base is None else fallback.resolve(found.base)
    return url if base is None or base.startswith(("data:", "javascript:")) else base.partition("#")[0]


def add_links(reading: Reading) -> None:
    """Add the rows of all links of the kinds wanted."""
    if reading.survey.has_code:
        for element in reading.document.select(_CODE_IN_ANCHORS):
            reading.code[element] = element.text
            element.clear()
    if reading.rows.kinds == _PAGE_ONLY:
        _page_links(reading)
    else:
        _all_links(reading)


def _page_links(reading: Reading) -> None:
    """Add a row for each anchor; `_traits` and `Rows.add` say the same at leisure."""
    found, rows, encode, resolve = reading.survey, reading.rows, reading.encode, reading.resolver.resolve
    links, max_links, page_url, home, found_at = rows.links, rows.max_links, rows.url, rows.home, rows.found_at
    region, has_regions, excluded, is_internal, new = reading.region, found.has_regions, found.excluded, rows.is_internal, tuple.__new__
    for element in reading.document.select(_ANCHORS_AND_MORE if found.has_embedded else _ANCHORS):
        if excluded and element in excluded:
            continue
        get = element.attr
        raw, tag, attr = get("href"), element.tag, "href"
        if raw is None:
            raw, attr = _embedded(reading, element, tag), "xlink:href"
            if raw is None:
                continue
        n = len(links) + 1
        if n > max_links or rows.spent > MAX_CHARACTERS:
            rows.withheld += 1
            continue
        url = resolve(raw if encode is None else encode(raw))
        fragment, internal = None, False
        if url is not None:
            if "#" in url:
                fragment = url.partition("#")[2] or None
            internal = url.startswith(home) or is_internal(url)
            rows.spent += len(url)
        text = _anchor_text(rows, element, tag)
        rel, follow = get("rel"), reading.follow
        if rel is not None:
            rel, follow = _rel(rel, follow=follow)
        if has_regions:
            region = reading.region_of(element)
        link = (
            page_url, n, url, raw, fragment, "page", tag, attr, text, rel, get("title") or None, get("target") or None,
            get("hreflang") or None, get("type") or None, get("download") is not None, region, internal, follow, "html", found_at,
        )  # fmt: skip
        links.append(new(Link, link))


def _embedded(reading: Reading, element: Element, tag: str) -> str | None:
    """Return where an anchor of SVG leads; read a frame's own document in its place, and return None."""
    if tag == "iframe":
        _add_srcdoc(reading, element)
        return None
    return element.attr("xlink:href") if element.namespace is Namespace.SVG else None


def _anchor_text(rows: Rows, element: Element, tag: str) -> str:
    """Return an anchor's text, or the alt texts of its images when it has none; white space collapsed."""
    text = element.text
    rows.spent += len(text)
    if rows.spent > MAX_CHARACTERS:
        return ""
    return " ".join(text.split()) or _alternative(element, tag)


def _alternative(element: Element, tag: str) -> str:
    if tag != "a":
        return " ".join((element.attr("alt") or "").split())
    return " ".join(" ".join(image.attr("alt") or "" for image in element.select("img[alt]")).split())


def _rel(value: str, *, follow: bool) -> tuple[str | None, bool]:
    """Return the words of rel, and whether the link may be followed."""
    words = value.lower().split()
    return " ".join(words) or None, follow and "nofollow" not in words


def _all_links(reading: Reading) -> None:
    """Add the rows of every kind that is wanted, by the element table."""
    excluded = reading.survey.excluded
    for element in reading.document.select(_selector(reading.rows.kinds)):
        if element in excluded:
            continue
        tag, attrs = element.tag, element.attrs
        is_svg = element.namespace is Namespace.SVG
        table = SVG if is_svg else HTML
        traits = None
        for attr in attrs:
            rule = table.get((tag, attr)) or table.get((ANY, attr))
            if rule is None or (is_svg and attr == "xlink:href" and "href" in attrs):
                continue  # SVG 2: of the two, href counts
            if rule.form == "srcdoc":
                _add_srcdoc(reading, element)
            elif not rule.kind or rule.kind in reading.rows.kinds:
                traits = traits or _traits(reading, element, tag)
                _add_attribute(reading, element, attr, rule, traits)
        if tag == "style":
            _add_css(reading, _code(reading, element), Mark("css", tag, "", "css"), traits or _traits(reading, element, tag))
        elif tag == "script" and media_type(element.attr("type") or "") == "application/ld+json":
            mark = Mark("data", tag, "", "json-ld")
            for raw in jsonld.urls(_code(reading, element)):
                reading.rows.add(raw, reading.resolver.resolve(raw), mark, traits or _traits(reading, element, tag))


@lru_cache(maxsize=64)
def _selector(kinds: frozenset[str]) -> str:
    """Return the selector of all elements that may hold a link of these kinds."""
    rules = [*HTML.items(), *SVG.items()]
    names = {attr for (_, attr), rule in rules if not rule.kind or rule.kind in kinds or rule.form == "srcdoc"}
    return ",".join([f"[{name}]".replace(":", "\\:") for name in sorted(names)] + ["style", "script[type]"])


def _code(reading: Reading, element: Element) -> str:
    return reading.code.get(element) or element.text


def _traits(reading: Reading, element: Element, tag: str) -> Traits:
    """Return what the element's links share: what it says of them, and where it stands."""
    get = element.attr
    text = ""
    if tag in {"a", "area"}:
        text = _anchor_text(reading.rows, element, tag)
    elif tag in {"img", "input"}:
        text = _alternative(element, tag)
    rel, follow = _rel(get("rel") or "", follow=reading.follow)
    return Traits(
        text=text,
        rel=rel,
        title=get("title") or None,
        target=get("target") or None,
        hreflang=get("hreflang") or None,
        type=(get("type") or None) if tag in TYPED_TAGS else None,
        download=get("download") is not None,
        region=reading.region_of(element),
        follow=follow,
    )


def _add_attribute(reading: Reading, element: Element, attr: str, rule: UrlAttribute, traits: Traits) -> None:
    """Add the links that one attribute holds."""
    tag, value = element.tag, element.attr(attr) or ""
    if rule.form == "css":
        _add_css(reading, value, Mark("css", tag, attr, "css"), traits)
        return
    kind = rule.kind or kind_of_rel(traits.rel or "", traits.type, element.attr("as"))
    mark = Mark(kind, tag, attr)
    if tag == "base":
        reading.rows.add(value, reading.fallback.resolve(value), mark, traits)
        return
    for raw in _values(element, value, rule):
        reading.rows.add(raw, reading.resolve(raw), mark, traits)


def _values(element: Element, value: str, rule: UrlAttribute) -> list[str]:
    """Return the texts of the links in an attribute's value."""
    if rule.form == "srcset":
        return srcset.candidates(value)
    if rule.form == "list":
        return [part for part in _SPACES.split(value) if part]
    if rule.form == "commas":
        return [part.strip() for part in value.split(",") if part.strip()]
    if rule.form == "refresh":
        is_refresh = (element.attr("http-equiv") or "").strip().lower() == "refresh"
        target = headers.refresh_target(value) if is_refresh else None
        return [] if target is None else [target]
    return [value]


def _add_css(reading: Reading, text: str, mark: Mark, traits: Traits) -> None:
    imports = mark._replace(kind="style")
    for raw, value, is_import in css.urls(text):
        reading.rows.add(raw, reading.resolver.resolve(value), imports if is_import else mark, traits)


def _add_srcdoc(reading: Reading, frame: Element) -> None:
    """Add the links of the document that a frame carries in its srcdoc; its base is the one around it."""
    if reading.depth >= _MAX_FRAMES:
        return
    document = encoding.parse(frame.attr("srcdoc") or "", None)[0]
    found = survey(document, reading.agent)
    outer = reading.resolver
    inner = Reading(
        document=document,
        survey=found,
        rows=reading.rows,
        resolver=Resolver(base_of(found, outer, outer.base)),
        fallback=outer,
        agent=reading.agent,
        encode=reading.encode,
        follow=reading.follow,
        region=reading.region_of(frame),
        depth=reading.depth + 1,
    )
    add_links(inner)
