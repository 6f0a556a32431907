"""Anchors: the short way finds each one's region and attributes as looking at each of them would."""

from __future__ import annotations

import random

import pytest
import turbohtml

from linkhaul.config import Kind
from linkhaul.model.records import KINDS
from linkhaul.read import anchors
from linkhaul.read.elements import REGIONS
from linkhaul.read.html import read_page
from linkhaul.read.options import ReadOptions

URL = "https://h.example/"


def nested(seed: int, elements: int) -> str:
    """Return a page of regions in regions with anchors here and there; some are never closed."""
    draw = random.Random(seed)
    parts, is_open = [], []
    for n in range(elements):
        what = draw.random()
        if what < 0.3:
            is_open.append(draw.choice([*REGIONS, "div", "svg", "template"]))
            parts.append(f"<{is_open[-1]}>")
        elif what < 0.55 and is_open:
            parts.append(f"</{is_open.pop()}>")
        else:
            said = "".join(f" {name}={n}" for name in ("title", *anchors._SAID) if draw.random() < 0.1)
            parts.append(f"<a {draw.choice(['href', 'href', 'name'])}={n}{said}>t</a>")
    return "".join(parts)


@pytest.mark.parametrize("seed", range(60))
def test_each_anchor_is_in_its_nearest_region(seed: int) -> None:
    """The runs of anchors give the region, and the columns the attributes, that one by one would be found."""
    body = nested(seed, 60)
    expected = []
    document = turbohtml.parse(body)
    templates = [template for template in document.find_all("template") if template.namespace is turbohtml.Namespace.HTML]
    hidden = {element for template in templates for element in template.iter_elements()}
    for element in document.select("a[href]"):
        if element in hidden:
            continue
        around = element.closest(",".join(REGIONS))
        said = [element.attr(name) for name in ("rel", "title", "target", "hreflang", "type")]
        expected.append((element.attr("href"), "body" if around is None else around.tag, *said, element.attr("download") is not None))
    found = read_page(body, URL).links
    assert [(x.raw, x.region, x.rel, x.title, x.target, x.hreflang, x.type, x.download) for x in found] == expected


def test_one_region_within_another_of_the_same_anchors() -> None:
    """Of regions that hold just the same anchors, the innermost counts, whatever order their names have."""
    assert [x.region for x in read_page("<footer><main><aside><a href=x></a></aside></main></footer>", URL).links] == ["aside"]
    assert [x.region for x in read_page("<aside><main><nav><a href=x></a></nav></main></aside>", URL).links] == ["nav"]
    two = "<main><header><nav><a href=x></a><aside><a href=y></a></aside></nav></header></main>"
    assert [x.region for x in read_page(two, URL).links] == ["nav", "aside"]


@pytest.mark.parametrize("kinds", [frozenset({"page"}), frozenset(KINDS)], ids=["page", "all"])
@pytest.mark.parametrize("code", ["<svg><style>", "<svg><script>", "<math><style>", "<svg><template>"])
def test_elements_in_the_code_of_a_drawing_count(code: str, kinds: frozenset[Kind]) -> None:
    """In SVG and MathML elements may stand in code, within an anchor, too: links and regions there are like others."""
    found = read_page(f"<a href=x>t{code}.a{{}}<nav><a href=y>u</a></nav>", URL, options=ReadOptions(kinds=kinds)).links
    assert [(x.raw, x.region) for x in found] == [("x", "body"), ("y", "nav")]


def test_regions_without_end_cost_no_more() -> None:
    """More regions than are looked into each give the same answer."""
    many = "<nav>" * (anchors._MOST_REGIONS + 1) + "<a href=x></a><main><a href=y></a>"
    assert [x.region for x in read_page(many, URL).links] == ["nav", "main"]


def test_what_an_anchor_says_of_itself() -> None:
    """Attributes without a value say nothing, but for download; rel is lower case, and a page may forbid what an anchor allows."""
    said = "<a href=1 rel target hreflang type download></a><a href=2 rel='NoFollow  Me' target=t></a><a href=3 rel=me download=d></a><a href=4>"
    expected = [
        (None, None, None, None, True, True),
        ("nofollow me", "t", None, None, False, False),
        ("me", None, None, None, True, True),
        (None, None, None, None, False, True),
    ]
    assert [(x.rel, x.target, x.hreflang, x.type, x.download, x.follow) for x in read_page(said, URL).links] == expected
    forbidden = read_page(f"<meta name=robots content=nofollow>{said}", URL).links
    assert [x.follow for x in forbidden] == [False] * 4
    assert [x[:-3] for x in forbidden] == [x[:-3] for x in read_page(said, URL).links]


def test_areas_and_frames_stand_in_document_order() -> None:
    """An area, and the links of a frame's own document, come where they stand among the anchors."""
    body = "<nav><a href=1 title=t></a><area href=2 rel=nofollow></nav><iframe srcdoc='<a href=3>'></iframe><aside><a href=4></a></aside>"
    found = [(x.raw, x.tag, x.region, x.title, x.follow) for x in read_page(body, URL).links]
    assert found == [
        ("1", "a", "nav", "t", True),
        ("2", "area", "nav", None, False),
        ("3", "a", "body", None, True),
        ("4", "a", "aside", None, True),
    ]
