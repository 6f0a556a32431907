"""The links of one document, read from its tree in document order; the page itself, or one that a frame carries within.

How this works: anchors, the kind that is asked for by default, have a short way of their own, see `anchors`. Every other kind is
read here by the element table, which knows anchors, too. Both ways give the same rows for them; a test holds that.
"""

from __future__ import annotations

import re
from functools import lru_cache

from turbohtml import Element, Namespace

from linkhaul.model.records import Link
from linkhaul.model.resolve import Resolver
from linkhaul.read import css, encoding, headers, jsonld, srcset
from linkhaul.read.anchors import Described, add_anchors, alternative, anchor_text, described, rel_words
from linkhaul.read.elements import ANY, HTML, SVG, TYPED_TAGS, UrlAttribute, kind_of_rel, media_type
from linkhaul.read.places import Places
from linkhaul.read.reading import Reading, base_of
from linkhaul.read.rows import MAX_CHARACTERS, Mark, Traits
from linkhaul.read.survey import survey

_MAX_FRAMES = 8
"""How deep documents within documents are read."""

_CODE_IN_ANCHORS = ("a style", "a script", "a template")
_SPACES = re.compile(r"[\t\n\f\r ]+")
_PAGE_ONLY = frozenset({"page"})
_CODE = frozenset({"style", "script"})
_ANCHOR = HTML["a", "href"]
_MORE_THAN_ANCHORS = f"a:is({','.join(f'[{attr}]' for tag, attr in HTML if tag in {'a', ANY} and attr != 'href')})"


def add_links(reading: Reading) -> None:
    """Add the rows of all links of the kinds wanted."""
    if reading.survey.has_code:
        # Each by itself, for the parser's index knows single names; all texts are taken before the first is cleared.
        # Where elements stand in code, as they may in SVG, it is left: links and regions may be among them.
        reading.code = {
            element: element.text
            for path in _CODE_IN_ANCHORS
            for element in reading.document.select(path)
            if element in reading.survey.excluded or element.select_one("*") is None
        }
        for element in reading.code:
            element.clear()
    if reading.rows.kinds == _PAGE_ONLY:
        add_anchors(reading, lambda frame: _add_srcdoc(reading, frame))
    else:
        _all_links(reading)


def _all_links(reading: Reading) -> None:
    """Add the rows of every kind that is wanted, by the element table."""
    excluded, rows, document = reading.survey.excluded, reading.rows, reading.document
    anchors = {each[0]: each for each in described(reading, document.find_all("a"), has_others=False)} if "page" in rows.kinds else {}
    has_svg = bool(document.find_all("svg"))
    plain = {} if has_svg else anchors  # those that hold no link beside their href
    if plain and (others := set(document.select(_MORE_THAN_ANCHORS))):
        plain = {element: anchor for element, anchor in plain.items() if element not in others}
    for element in document.select(_selector(rows.kinds, has_svg=has_svg)):
        if excluded and element in excluded:
            continue
        if (anchor := plain.get(element)) is not None and (raw := element.attr("href")) is not None:
            _add_anchor(reading, anchor, raw)
            continue
        _add_element(reading, element, anchors, is_svg=has_svg and element.namespace is Namespace.SVG)


def _add_element(reading: Reading, element: Element, anchors: dict[Element, Described], *, is_svg: bool) -> None:
    """Add the links that an element's attributes and its text hold."""
    tag, attrs = element.tag, element.attrs
    rules = _rules(tag, is_svg=is_svg)
    traits = None
    for attr in attrs:
        rule = rules.get(attr)
        if rule is None or (is_svg and attr == "xlink:href" and "href" in attrs):
            continue  # SVG 2: of the two, href counts
        if rule is _ANCHOR:
            if anchors:
                _add_anchor(reading, anchors[element], element.attr("href") or "")
        elif rule.form == "srcdoc":
            _add_srcdoc(reading, element)
        elif not rule.kind or rule.kind in reading.rows.kinds:
            traits = traits or _traits(reading, element, tag)
            _add_attribute(reading, element, attr, rule, traits)
    if tag in _CODE:
        _add_code(reading, element, tag, traits)


def _add_code(reading: Reading, element: Element, tag: str, traits: Traits | None) -> None:
    """Add the links in the text of a style or script."""
    if tag == "style":
        _add_css(reading, _code(reading, element), Mark("css", tag, "", "css"), traits or _traits(reading, element, tag))
    elif media_type(element.attr("type") or "") == "application/ld+json":
        mark = Mark("data", tag, "", "json-ld")
        for raw in jsonld.urls(_code(reading, element)):
            reading.rows.add(raw, reading.resolver.resolve(raw), mark, traits or _traits(reading, element, tag))


def _add_anchor(reading: Reading, anchor: Described, raw: str) -> None:
    """Add the row of an anchor's href: what `_add_attribute` would add, at half the cost, for most links are anchors."""
    rows, places = reading.rows, reading.places
    element, region, title, (rel, target, hreflang, type_, is_download, follow) = anchor
    url, fragment, is_internal = places.known.get(raw) or places.find(raw)
    text = anchor_text(rows, element, "a")
    rows.spent += len(raw) + len(text) + (len(url) if url is not None else 0)
    n = len(rows.links) + 1
    if n > rows.max_links or rows.spent > MAX_CHARACTERS:
        rows.withheld += 1
        return
    link = (
        rows.url, n, url, raw, fragment, "page", "a", "href", text, rel, title or None, target,
        hreflang, type_, is_download, region, is_internal, follow, "html", rows.found_at,
    )  # fmt: skip
    rows.links.append(tuple.__new__(Link, link))


@lru_cache(maxsize=256)
def _rules(tag: str, *, is_svg: bool) -> dict[str, UrlAttribute]:
    """Return the rules for the attributes of an element, by the attribute's name."""
    table = SVG if is_svg else HTML
    rules = {attr: rule for (name, attr), rule in table.items() if name == ANY}
    return rules | {attr: rule for (name, attr), rule in table.items() if name == tag}


@lru_cache(maxsize=64)
def _selector(kinds: frozenset[str], *, has_svg: bool) -> str:
    """Return the selector of all elements that may hold a link of these kinds; each name in it costs a look at every element."""
    rules = [*HTML.items(), *SVG.items()] if has_svg else HTML.items()
    wanted = {
        "meta[http-equiv][content]" if rule.form == "refresh" else f"[{attr}]".replace(":", "\\:")
        for (_, attr), rule in rules
        if not rule.kind or rule.kind in kinds or rule.form == "srcdoc"
    }
    return f":is({','.join([*sorted(wanted), 'style', 'script[type]'])})"


def _code(reading: Reading, element: Element) -> str:
    return reading.code.get(element) or element.text


def _traits(reading: Reading, element: Element, tag: str) -> Traits:
    """Return what the element's links share: what it says of them, and where it stands."""
    get = element.attr
    text = ""
    if tag in {"a", "area"}:
        text = anchor_text(reading.rows, element, tag)
    elif tag in {"img", "input"}:
        text = alternative(element, tag)
    rel, may_follow = rel_words(get("rel") or "")
    return Traits(
        text=text,
        rel=rel,
        title=get("title") or None,
        target=get("target") or None,
        hreflang=get("hreflang") or None,
        type=(get("type") or None) if tag in TYPED_TAGS else None,
        download=get("download") is not None,
        region=reading.region_of(element),
        follow=reading.follow and may_follow,
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
    places = reading.places
    for raw in _values(element, value, rule):
        reading.rows.add_placed(raw, places.known.get(raw) or places.find(raw), mark, traits)


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
    outer, rows = reading.resolver, reading.rows
    resolver = Resolver(base_of(found, outer, outer.base))
    inner = Reading(
        document=document,
        survey=found,
        rows=rows,
        resolver=resolver,
        places=Places(resolver, reading.encode, rows.home, rows.is_internal),
        fallback=outer,
        agent=reading.agent,
        encode=reading.encode,
        follow=reading.follow,
        region=reading.region_of(frame),
        depth=reading.depth + 1,
    )
    add_links(inner)
