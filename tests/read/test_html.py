"""Pages: every column of a row, the page's own facts, and the bounds on what a page may cost."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest
import turbohtml
from ada_url import check_url
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhaul.model.records import Link, Page
from linkhaul.read import rows
from linkhaul.read.elements import HTML, SVG
from linkhaul.read.html import Unreadable, read_page
from linkhaul.read.options import ALL_KINDS, ReadOptions

URL = "https://shop.example/guide/fit/"
ALL = ReadOptions(kinds=ALL_KINDS)


def read(body: bytes | str, url: str = URL, headers: tuple[tuple[str, str], ...] = (), **options: Any) -> Page:
    return read_page(body, url, headers, options=ReadOptions(**options))


def only(body: str, **options: Any) -> Link:
    links = read(body, **options).links
    assert len(links) == 1, links
    return links[0]


def test_a_row_holds_all_its_columns() -> None:
    """One anchor gives one row with every column filled from the page."""
    body = (
        "<main><p><a href='../sizes?id=7#eu' rel='NoFollow  External' title=T target=_top hreflang=de type=text/html download>"
        " Size\n <b>chart</b> </a></main>"
    )
    page = read_page(body, URL, found_at="2026-11-22T07:00:00Z")
    assert page.links == [
        Link(
            page_url=URL,
            n=1,
            url="https://shop.example/guide/sizes?id=7#eu",
            raw="../sizes?id=7#eu",
            fragment="eu",
            kind="page",
            tag="a",
            attr="href",
            text="Size chart",
            rel="nofollow external",
            title="T",
            target="_top",
            hreflang="de",
            type="text/html",
            download=True,
            region="main",
            internal=True,
            follow=False,
            origin="html",
            found_at="2026-11-22T07:00:00Z",
        )
    ]
    assert all(isinstance(link, Link) for link in page.links)


def test_absent_and_empty_are_none() -> None:
    """A column that may be absent never holds an empty text."""
    link = only("<a href='x#' rel=' ' title target='' hreflang type=''>")
    assert (link.fragment, link.rel, link.title, link.target, link.hreflang, link.type) == (None,) * 6
    assert link.text == ""


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("", URL),
        ("#a", URL + "#a"),
        ("  x\n", URL + "x"),
        ("a\nb", URL + "ab"),
        ("?q", URL + "?q"),
        ("//other.example", "https://other.example/"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("https://ann:pw@x.example/", "https://ann:pw@x.example/"),
        ("http://[", None),
    ],
)
def test_raw_is_untouched_and_url_resolved(raw: str, url: str | None) -> None:
    """`raw` is what the page says, letter for letter; `url` is what it means, or None when it cannot be parsed."""
    link = only(f'<a href="{raw}">x</a>')
    assert (link.raw, link.url) == (raw, url)


@pytest.mark.parametrize(
    ("anchor", "text"),
    [
        ("<a href=x> a <b>b\n</b>\tc </a>", "a b c"),
        ("<a href=x><img alt=' An  image '><img alt=two></a>", "An image two"),
        ("<a href=x>word<img alt=image></a>", "word"),
        ("<a href=x><svg><style>.a{fill:red}</style><title>Home</title></svg></a>", "Home"),
        ("<a href=x>a<script>b()</script><template>c</template>d</a>", "ad"),
        ("<map><area href=x alt=' The  north '></map>", "The north"),
        ("<svg><a xlink:href=x><text>S</text></a></svg>", "S"),
    ],
)
def test_text_is_what_a_person_reads(anchor: str, text: str) -> None:
    """The text is collapsed, without code, and the alt of images where there is none; alike in both ways of reading."""
    assert only(anchor).text == text
    assert next(link.text for link in read(anchor, kinds=ALL_KINDS).links if link.kind == "page") == text


@pytest.mark.parametrize("tag", ["nav", "header", "footer", "main", "aside"])
def test_region_is_the_nearest_around(tag: str) -> None:
    """The region is the nearest dividing element, and body outside of all."""
    links = read(f"<a href=1>o</a><main><{tag}><p><a href=2>i</a></{tag}></main><a href=3>o</a>").links
    assert [link.region for link in links] == ["body", tag, "body"]


def test_nofollow_of_a_link_and_of_a_page() -> None:
    """A link is not for following under its own nofollow, or one for the whole page that is meant for us."""
    link, page = "<a href=x rel=nofollow>", "<a href=x>"
    assert [read(body).links[0].follow for body in (link, page)] == [False, True]
    for words in ("nofollow", "none", "NOINDEX, NOFOLLOW"):
        assert read(f"<meta name=Robots content='{words}'>{page}").links[0].follow is False
        assert read(page, headers=(("x-robots-tag", words),)).links[0].follow is False
        assert read(page, headers=(("x-robots-tag", f"LinkHaul: {words}"),)).follow is False
        assert read(page, headers=(("x-robots-tag", f"otherbot: {words}"),)).links[0].follow is True
    assert read(f"<meta name=linkhaul content=nofollow>{page}").follow is False
    assert read(f"<meta name=otherbot content=nofollow>{page}").follow is True
    assert read(f"<template><meta name=robots content=nofollow></template>{page}").follow is True


def test_facts_of_the_page() -> None:
    """Title, language, canonical, robots and base are the first of their kind, and absent ones None."""
    page = read(
        "<html lang=' de '><title> A \n b </title><title>2</title><base target=x><base href='/docs/'><base href=/no/>"
        "<link rel='Canonical x' href=c><meta name=robots content='NoIndex,noarchive'><svg><title>no</title></svg><a href=y>",
        headers=(("x-robots-tag", "noindex, unavailable_after: 25 Jun 2030 15:00:00 PST"),),
    )
    assert (page.title, page.lang, page.base_url) == ("A b", "de", "https://shop.example/docs/")
    assert page.canonical == "https://shop.example/docs/c"
    assert page.robots == "noindex,unavailable_after: 25 jun 2030 15:00:00 pst,noarchive"
    assert page.links[0].url == "https://shop.example/docs/y"
    bare = read("")
    assert (bare.title, bare.lang, bare.canonical, bare.robots, bare.base_url, bare.links) == (None, None, None, None, URL, [])


@pytest.mark.parametrize("base", ["http://[", "data:text/html,x", "javascript:1"])
def test_a_base_that_cannot_be_one_is_passed_over(base: str) -> None:
    """A base that cannot be parsed, or of a scheme without paths, leaves the page's own URL."""
    assert only(f"<base href='{base}'><base href=/other/><a href=x>").url == URL + "x"


def test_canonical_may_stand_in_a_header() -> None:
    """A Link header names the canonical URL; the page's own element wins."""
    headers = (("link", "</h>; rel=canonical"),)
    assert read("<p>", headers=headers).canonical == "https://shop.example/h"
    assert read("<link rel=canonical href=/p>", headers=headers).canonical == "https://shop.example/p"


def test_nothing_inside_a_template_is_a_link() -> None:
    """A template's content is no part of the page, however it is nested; in SVG there are no templates."""
    body = "<template><a href=1></a><svg><a xlink:href=2 /></svg><template><a href=3></a></template></template><a href=4>"
    assert [link.raw for link in read(body).links] == ["4"]
    assert [link.raw for link in read(body, kinds=ALL_KINDS).links] == ["4"]
    assert only("<svg><template><a href=5 /></template></svg>").raw == "5"


def test_frames_carry_documents() -> None:
    """The links of srcdoc stand in the frame's place, with its region, its own base, and bounded in depth."""
    body = "<a href=1></a><nav><iframe srcdoc='<a href=2></a><iframe srcdoc=&quot;<base href=/b/><a href=3>&quot;></iframe>'></iframe></nav><a href=4></a>"
    links = read(body).links
    assert [(link.n, link.raw, link.region) for link in links] == [(1, "1", "body"), (2, "2", "nav"), (3, "3", "nav"), (4, "4", "body")]
    assert links[2].url == "https://shop.example/b/3"
    nested = "<a href=x>"
    for _ in range(12):
        nested = '<iframe srcdoc="' + nested.replace("&", "&amp;").replace('"', "&quot;") + '"></iframe><a href=x>'
    assert len(read(nested).links) == 9


def test_header_links_come_first() -> None:
    """Links of HTTP headers precede the document's, are relative to the page and not to its base, and have no attribute."""
    headers = (
        ("link", '</a>; rel="alternate"; type="application/rss+xml"; title="News, all", <b>; rel=next'),
        ("refresh", "0;url=/r"),
        ("location", "/l"),
        ("content-location", "c\xc3\xa9"),
    )
    links = read("<base href=/else/><p>", headers=headers, kinds=ALL_KINDS - {"other"}).links
    assert [(link.kind, link.tag, link.attr, link.raw, link.origin) for link in links] == [
        ("feed", "link", "", "/a", "header"),
        ("header", "link", "", "b", "header"),
        ("header", "refresh", "", "/r", "header"),
        ("header", "location", "", "/l", "header"),
        ("header", "content-location", "", "cé", "header"),
    ]
    assert (links[0].title, links[0].type, links[1].rel, links[1].url) == ("News, all", "application/rss+xml", "next", URL + "b")
    assert read("<p>", headers=headers).links == []


def test_links_stand_in_document_order() -> None:
    """Elements come in document order, and an element's attributes in the order it has them."""
    body = (
        "<img srcset='1 1x, 2 2x' src=3><video poster=4 src=5></video><style>a{b:url(6)}</style><p style='c:url(7)'><a ping='8 9' href=10>"
    )
    links = read(body, kinds=ALL_KINDS).links
    assert [link.raw for link in links] == [str(i) for i in range(1, 11)]
    assert [link.n for link in links] == list(range(1, 11))


def test_the_short_way_equals_the_table() -> None:
    """Anchors read alone and anchors read among everything else are the same rows, but for their number."""
    body = (
        "<base href=/b/><meta name=robots content=nofollow><nav><a href=1 rel='A  b' title=t type=x>t<style>u</style></a></nav><area href=2 alt=3>"
        "<svg><a xlink:href=4 href=5>6</a><a xlink:href=7 /></svg><iframe src=8 srcdoc='<a href=9 download>'></iframe><img src=10><a name=x>"
    )
    short = [link._replace(n=0) for link in read(body).links]
    table = [link._replace(n=0) for link in read(body, kinds=ALL_KINDS).links if link.kind == "page"]
    assert short == table
    assert [link.raw for link in short] == ["1", "2", "5", "7", "9"]


def test_only_the_kinds_asked_for() -> None:
    """What is not asked for is neither a row nor counted."""
    body = "<a href=1><img src=2></a><link rel=icon href=3><style>a{b:url(4)} @import '5'</style>"
    for kind, raw in {"page": "1", "image": "2", "icon": "3", "css": "4"}.items():
        page = read(body, kinds=frozenset({kind}))
        assert [(link.raw, link.n) for link in page.links] == [(raw, 1)]
        assert page.withheld == 0
    assert [link.raw for link in read(body, kinds=frozenset({"style"})).links] == ["5"]


def test_too_many_links_are_counted() -> None:
    """Links beyond the limit are not rows, and how many there are is known."""
    for kinds in (frozenset({"page"}), ALL_KINDS):
        page = read("<a href=x></a>" * 30, max_links=10, kinds=kinds)
        assert (len(page.links), page.withheld) == (10, 20)


@pytest.mark.parametrize("kinds", [frozenset({"page"}), ALL_KINDS])
def test_a_small_page_cannot_swell(kinds: frozenset[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A long base in every row, or text that counts at each level of nested anchors, ends at a bound."""
    monkeypatch.setattr(rows, "MAX_CHARACTERS", 1_000_000)
    monkeypatch.setattr("linkhaul.read.anchors.MAX_CHARACTERS", 1_000_000)
    monkeypatch.setattr("linkhaul.read.document.MAX_CHARACTERS", 1_000_000)
    long_base = "<base href='/" + "b" * 50_000 + "/'>" + "<a href=x></a>" * 5_000
    nested = "<svg>" + "<a href=x>" * 400 + "t" * 50_000
    for body in (long_base, nested):
        tracemalloc.start()
        page = read(body, kinds=kinds)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert sum(len(link.url or "") + len(link.text) for link in page.links) < 1_200_000
        assert page.withheld > 100
        assert peak < 20_000_000


HOSTILE = {
    "deep": "<div>" * 100_000 + "<a href=x>y",
    "deep regions": "<nav>" * 20_000 + "<a href=x>y</a>" * 500,
    "templates": "<template>" * 50_000,
    "formatting": "<b i>" * 3_000 + "<i i>" * 3_000 + "</b>",
    "NULs": "\0<a href='\0'>\0</a>" * 1_000,
    "half characters": "<title>\ud800</title><a href='\udfff' title='\ud800'>\ud800</a>",
    "attributes": "<a href=x " + " ".join(f"a{i}=1" for i in range(20_000)) + ">",
    "srcset": f"<img srcset='{'(' * 100_000}'>",
    "commas": f"<img srcset='{',' * 100_000}'>",
    "candidates": f"<img srcset='{'a (,' * 30_000}'>",
    "css": f"<style>{'url(' * 30_000}{'/*' * 30_000}</style><p style='{'@import ' * 10_000}'>",
    "strings": "<style>" + "'\\" * 50_000 + "</style>",
    "json": f"<script type=application/ld+json>{'[' * 100_000}</script>",
    "json number": f"<script type=application/ld+json>{'9' * 500_000}</script>",
    "refresh": f"<meta http-equiv=refresh content='{' ' * 100_000}'>",
    "bases": "<base href=x>" * 20_000,
    "long": f"<a href='{'x' * 2_000_000}'>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_are_read_in_time(name: str) -> None:
    """Nothing a page holds raises, or takes time that grows faster than the page: two seconds is a fault, not a race."""
    begun = time.process_time()
    page = read_page(HOSTILE[name], URL, options=ALL)
    assert time.process_time() - begun < 2
    "".join(f"{link.url}{link.raw}{link.text}{link.title}" for link in page.links).encode()


def test_a_hundred_thousand_links() -> None:
    """A page of very many links gives them all, up to the limit."""
    page = read("<a href=x></a>" * 100_001)
    assert (len(page.links), page.withheld) == (100_000, 1)


def test_hostile_headers_are_read() -> None:
    """No header raises or takes long."""
    values = ["<" * 50_000, "<a>;" * 20_000, '"' * 50_000, '<a>; x="' + "\\" * 50_000, ";" * 50_000, "<\xff\xfe>; rel=canonical", ": " * 9]
    headers = tuple((name, value) for value in values for name in ("link", "refresh", "location", "x-robots-tag", "content-type"))
    begun = time.process_time()
    read_page(b"<a href=x>", URL, headers, options=ALL)
    assert time.process_time() - begun < 2


def test_a_parser_that_gives_up_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the parser is one exception, with the page and the cause in its sentence."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("lost the tree")

    monkeypatch.setattr(turbohtml, "parse", fail)
    with pytest.raises(Unreadable, match=r"https://shop\.example/guide/fit/.*RuntimeError: lost the tree"):
        read("x")


TAGS = sorted({tag for tag, _ in [*HTML, *SVG] if tag != "*"} | {"svg", "template", "nav", "p", "style", "table"})
ATTRIBUTES = sorted({attr for _, attr in [*HTML, *SVG]} | {"rel", "type", "http-equiv", "as"})
VALUES = st.text(max_size=12) | st.sampled_from(
    ["x", "/a?b#c", "http://[", "a 1x, b", "url(x)", "1;url=z", "refresh", "canonical", "//h", "<a href=q>"]
)
ELEMENTS = st.builds(
    lambda tag, attr, value, text, end: f'<{tag} {attr}="{value}">{text}' + (f"</{tag}>" if end else ""),
    st.sampled_from(TAGS),
    st.sampled_from(ATTRIBUTES),
    VALUES,
    st.text(max_size=5),
    st.booleans(),
)
DOCUMENTS = st.lists(ELEMENTS, max_size=12).map("".join) | st.text() | st.binary()


@settings(deadline=None)
@given(DOCUMENTS, st.sampled_from([URL, "http://127.0.0.1:8000/", "file:///a/b.html"]), st.sampled_from([ALL_KINDS, frozenset({"page"})]))
def test_reading_never_raises(body: str | bytes, url: str, kinds: frozenset[str]) -> None:
    """Whatever the bytes, there is a page; its links are numbered, absolute, of known kinds, and fit any output."""
    page = read_page(body, url, options=ReadOptions(kinds=kinds))
    assert [link.n for link in page.links] == list(range(1, len(page.links) + 1))
    for link in page.links:
        assert link.url is None or check_url(link.url)
        assert link.kind in kinds
        assert "" not in (link.url, link.fragment, link.rel, link.title, link.target, link.hreflang, link.type)
        "".join(str(value) for value in link).encode()


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["link", "refresh", "location", "x-robots-tag", "content-type"]), st.text(max_size=40)), max_size=4)
)
def test_headers_never_raise(headers: list[tuple[str, str]]) -> None:
    """Whatever the headers, there is a page."""
    for link in read_page(b"<p>", URL, headers, options=ALL).links:
        assert link.url is None or check_url(link.url)
