"""The short way to the links of one document, for the kind that is asked for by default: those that people follow.

How this works: it is run for every link of every page, so it does little per link and nothing twice. The anchors come from the
parser's index of names. Few of them say more than where they lead and what they are called: one look finds those, and only they are
asked. The regions are found from the few elements that divide a page instead of from each anchor upward. Where a text leads is in
`places`. A row is then built without a call.

`document` reads every kind by the element table and gives the same rows for anchors; a test holds that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import repeat

from turbohtml import Axis, Document, Element, Namespace

from linkhaul.model.records import Link
from linkhaul.read.reading import Reading
from linkhaul.read.rows import MAX_CHARACTERS, Rows

_SAID = ("rel", "target", "hreflang", "type", "download")
_SAYING = f"a:is({','.join(f'[{name}]' for name in _SAID)})"
_ALL = "a[href],area[href],a[xlink\\:href],iframe[srcdoc]"
_MOST_REGIONS = 64
"""How many elements may divide a page before each anchor looks for its own: regions in regions would take quadratic time."""

_Written = tuple[str | None, str | None, str | None, str | None, str | None]
"""The attributes of `_SAID` as an anchor has them."""
_Said = tuple[str | None, str | None, str | None, str | None, bool, bool]
"""What an anchor says of itself: rel, target, hreflang, type, whether it is a download, and whether it may be followed."""
Described = tuple[Element, str, str | None, _Said]
"""An anchor with its region, its title and what else it says of itself."""


def add_anchors(reading: Reading, embed: Callable[[Element], None]) -> None:
    """Add a row for each anchor.

    Args:
        embed: reads a frame's own document in its place.
    """
    rows, places, excluded = reading.rows, reading.places, reading.survey.excluded
    links, max_links, page_url, found_at, known, new = rows.links, rows.max_links, rows.url, rows.found_at, places.known, tuple.__new__
    elements, has_others = _elements(reading.document)
    tag, n, spent = "a", len(links), rows.spent
    for element, region, title, (rel, target, hreflang, type_, is_download, follow) in described(reading, elements, has_others=has_others):
        if excluded and element in excluded:
            continue
        if has_others:
            tag = element.tag
        raw, attr = element.attr("href"), "href"
        if raw is None:
            rows.spent = spent
            raw, attr = _embedded(element, embed), "xlink:href"
            n, spent = len(links), rows.spent  # those of an embedded document are among them
            if raw is None:
                continue
        if n >= max_links or spent > MAX_CHARACTERS:
            rows.withheld += 1
            continue
        n += 1
        url, fragment, internal = known.get(raw) or places.find(raw)
        text = element.text
        spent += len(text) + (len(url) if url is not None else 0)
        text = (" ".join(text.split()) or alternative(element, tag)) if spent <= MAX_CHARACTERS else ""
        link = (
            page_url, n, url, raw, fragment, "page", tag, attr, text, rel, title or None, target,
            hreflang, type_, is_download, region, internal, follow, "html", found_at,
        )  # fmt: skip
        links.append(new(Link, link))
    rows.spent = spent


def described(reading: Reading, elements: list[Element], *, has_others: bool) -> Iterator[Described]:
    """Return the elements with what is to be known of each, one after the other.

    Args:
        elements: the anchors in document order.
        has_others: whether there are other elements than anchors among them.
    """
    document = reading.document
    regions = _regions(reading, elements, has_others=has_others) if reading.survey.regions else repeat(reading.region)
    titles = map(Element.attr, elements, repeat("title")) if has_others or document.select_one("a[title]") is not None else repeat(None)
    said = _said(document, elements, has_others=has_others, follow=reading.follow)
    return zip(elements, regions, titles, said, strict=False)


def anchor_text(rows: Rows, element: Element, tag: str) -> str:
    """Return an anchor's text, or the alt texts of its images when it has none; white space collapsed."""
    text = element.text
    rows.spent += len(text)
    if rows.spent > MAX_CHARACTERS:
        return ""
    return " ".join(text.split()) or alternative(element, tag)


def alternative(element: Element, tag: str) -> str:
    """Return what stands for an element that has no text: its own alt, or those of the images in an anchor."""
    if tag != "a":
        return " ".join((element.attr("alt") or "").split())
    return " ".join(" ".join(image.attr("alt") or "" for image in element.select("img[alt]")).split())


def rel_words(value: str) -> tuple[str | None, bool]:
    """Return the words of rel, and whether they let a link be followed."""
    words = value.lower().split()
    return " ".join(words) or None, "nofollow" not in words


def _elements(document: Document) -> tuple[list[Element], bool]:
    """Return the anchors in document order, and whether areas and frames with a document are among them."""
    has_others = bool(document.find_all("area")) or any(frame.attr("srcdoc") is not None for frame in document.find_all("iframe"))
    return document.select(_ALL) if has_others else document.find_all("a"), has_others


def _embedded(element: Element, embed: Callable[[Element], None]) -> str | None:
    """Return where an anchor of SVG leads; read a frame's own document in its place, and return None."""
    if element.tag == "iframe":
        embed(element)
        return None
    return element.attr("xlink:href") if element.namespace is Namespace.SVG else None


def _said(document: Document, elements: list[Element], *, has_others: bool, follow: bool) -> Iterable[_Said]:
    """Return what each of the elements says of itself.

    Args:
        follow: whether the page lets its links be followed.
    """
    silent: _Said = (None, None, None, None, False, follow)
    saying = elements if has_others else document.select(_SAYING)
    if not saying:
        return repeat(silent)
    said = [silent] * len(elements)
    same: dict[_Written, _Said] = {}
    at = 0
    for element in saying:
        at = elements.index(element, at)  # both are in document order
        attr = element.attr
        written = (attr("rel"), attr("target"), attr("hreflang"), attr("type"), attr("download"))
        said[at] = same.get(written) or same.setdefault(written, _meant(written, follow=follow))
    return said


def _meant(written: _Written, *, follow: bool) -> _Said:
    """Return what attributes mean as they are written."""
    rel, target, hreflang, type_, download = written
    words, may_follow = (None, True) if rel is None else rel_words(rel)
    return words, target or None, hreflang or None, type_ or None, download is not None, follow and may_follow


def _regions(reading: Reading, anchors: list[Element], *, has_others: bool) -> list[str]:
    """Return the region of each anchor: the anchors in a region are a run of all anchors, and runs lie within runs."""
    if has_others or len(reading.survey.regions) > _MOST_REGIONS:
        return [reading.region_of(anchor) for anchor in anchors]
    found: dict[tuple[int, int], list[Element]] = {}
    tag, start = "", 0
    for region in reading.survey.regions:
        if region.tag != tag:  # those of one name come in document order, and so do their first anchors
            tag, start = region.tag, 0
        first = region.find("a")
        if first is not None:
            behind = region.find("a", axis=Axis.FOLLOWING)
            start = anchors.index(first, start)
            end = len(anchors) if behind is None else anchors.index(behind, start)
            found.setdefault((start, -end), []).append(region)
    names = [reading.region] * len(anchors)
    for (start, end), regions in sorted(found.items()):  # an outer region comes before those within it
        region = regions[0] if len(regions) == 1 else _innermost(anchors[start], regions)
        names[start:-end] = [region.tag] * (-end - start)
    return names


def _innermost(anchor: Element, regions: list[Element]) -> Element:
    """Return which of the regions around an anchor is nearest to it."""
    return next(around for around in anchor.ancestors if isinstance(around, Element) and around in regions)
