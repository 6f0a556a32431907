"""The facts of a page for an audit: what is read, what is counted, what is cut, and that nobody else pays for it."""

from __future__ import annotations

import time

import pytest

from linkhaul.decide.likeness import simhash
from linkhaul.model.facts import MOST_HEADINGS, MOST_TEXT, NONE, Alternate, Canonical, Heading, PageFacts, RobotsWords, Some
from linkhaul.read.headers import Headers
from linkhaul.read.html import read_page
from linkhaul.read.options import ALL_KINDS, ReadOptions

URL = "https://shop.example/guide/fit"
HTML: Headers = (("content-type", "text/html; charset=utf-8"),)


def facts(html: str | bytes, headers: Headers = HTML, url: str = URL, options: ReadOptions | None = None) -> PageFacts:
    """Return the facts of a document."""
    body = html.encode() if isinstance(html, str) else html
    found = read_page(body, url, headers, options=options or ReadOptions(facts=True, likeness=simhash)).facts
    assert found is not None
    return found


def test_ordinary_runs_read_none() -> None:
    """Without the option a page has no facts, and its links are the same with it."""
    html = "<title>t</title><script>x</script><p><a href=a>A <script>y</script></a><nav><a href=b>B</a></nav>"
    plain, whole = (read_page(html, URL, HTML, options=ReadOptions(facts=each, kinds=ALL_KINDS)) for each in (False, True))
    assert plain.facts is None
    assert whole.facts is not None
    assert whole.links == plain.links


def test_the_head_is_read() -> None:
    """Titles, descriptions, robots, canonicals, languages, encoding, viewport, refresh and previews, each as it is written."""
    found = facts(
        """<!DOCTYPE html><html lang=" de "><head><meta charset=UTF-8><base href="/b/"><title> One
        </title><title>Two</title><meta NAME=Description content="Said  so"><meta name=robots content="NoIndex"><meta name=googlebot content=all>
        <link rel="canonical nofollow" href=" c#x "><link rel=alternate hreflang=EN href="e"><link rel=alternate href=feed.xml>
        <meta name=viewport content="width=device-width"><meta http-equiv=Refresh content="5; url=z"><meta property="og:title" content="O">
        <meta property="og:title" content="P"><meta name="twitter:card" content="summary"></head><svg><title>no</title></svg>""",
        (
            *HTML,
            ("x-robots-tag", "nofollow"),
            ("link", '<https://shop.example/h>; rel="canonical"'),
            ("etag", '"1"'),
            ("set-cookie", "secret"),
        ),
    )
    assert found.titles == ("One", "Two")
    assert found.descriptions == ("Said so",)
    assert found.robots == (RobotsWords("robots", "NoIndex"), RobotsWords("googlebot", "all"), RobotsWords("x-robots-tag", "nofollow"))
    assert found.canonicals == (
        Canonical("c#x", "https://shop.example/b/c#x", "head"),
        Canonical("https://shop.example/h", "https://shop.example/h", "header"),
    )
    assert found.alternates == (Alternate("EN", "e", "https://shop.example/b/e"),)
    assert (found.lang, found.charset_header, found.charset_meta, found.viewport) == (" de ", "utf-8", "UTF-8", "width=device-width")
    assert (found.refresh, found.open_graph, found.twitter) == ("5; url=z", {"og:title": "O"}, {"twitter:card": "summary"})
    assert found.has_doctype
    assert found.headers == {"content-type": "text/html; charset=utf-8", "etag": '"1"'}


def test_where_the_encoding_is_declared() -> None:
    """The end of the meta element in bytes; comments are passed over, and the older form counts."""
    early = b"<!DOCTYPE html><head><!-- <meta charset=x> --><meta charset='utf-8'>"
    assert facts(early, ()).charset_at == len(early)
    late = b"<head><!--" + b"x" * 2_000 + b'--><meta http-equiv="Content-Type" content="text/html; charset=koi8-r">'
    assert (facts(late, ()).charset_at, facts(late, ()).charset_meta) == (len(late), "koi8-r")
    assert facts("<p>a", ()).charset_at is None


def test_a_canonical_in_the_body_is_told() -> None:
    """What may not stand in a head ends it."""
    html = "<head><title>t</title><div></div><link rel=canonical href=/c></head>"
    assert facts(html).canonicals == (Canonical("/c", "https://shop.example/c", "body"),)


def test_headings_stand_in_order() -> None:
    """With the alternative text of images, without what stands in templates, and no more than so many."""
    html = "<h2>b</h2><h1><img alt=Logo></h1><template><h3>no</h3></template><h3> </h3>"
    assert facts(html).headings == (Heading(2, "b"), Heading(1, "Logo"), Heading(3, ""))
    assert len(facts("<h2>x</h2>" * 500).headings) == MOST_HEADINGS


def test_images_are_counted() -> None:
    """alt="" is an alternative text; hidden ones need none; a size is two numbers, or a width in its style."""
    html = """<img src=a width=1 height=2><img src=b alt="" width=100%><img src=c aria-hidden=true alt><img src=d role=presentation style="width:2em">
        <img src="data:image/png;base64,AAAA" alt=x height=1 width=1><svg><image href=e /></svg><template><img src=f></template>"""
    found = facts(html)
    assert found.image_count == 5
    assert found.images_without_alt == Some(1, ("a",))
    assert found.images_without_size == Some(2, ("b", "c"))


@pytest.mark.parametrize(
    ("anchor", "is_vague", "is_empty"),
    [
        ("<a href=/a>Click here!</a>", True, False), ("<a href=/a>Size chart</a>", False, False), ("<a href=/a> </a>", False, True),
        ("<a href=/a><img alt=Cart></a>", False, False), ("<a href=/a><img alt=''></a>", False, True), ("<a href=/a aria-label=Cart></a>", False, False),
        ("<a href=/a><svg><title>Cart</title></svg></a>", False, False), ("<a href=/a hidden></a>", False, False), ("<a name=top></a>", False, False),
        ("<a href=/a title='The size chart'>here</a>", False, False), ("<a href=os.html#os.link>link</a>", False, False),
        ("<a href=/a>mehr</a>", False, False), ("<a href=/a>→</a>", False, False), ("<a href=/a>…</a>", False, False),
    ],
)  # fmt: skip
def test_anchors_say_where_they_lead(anchor: str, is_vague: bool, is_empty: bool) -> None:
    """Empty ones have neither text nor label; vague ones say what says nothing, in English or the page's language."""
    found = facts(f"<html lang=en><p>{anchor}")
    assert (found.vague_anchors.count, found.empty_anchors.count) == (is_vague, is_empty)


def test_vague_words_are_those_of_the_language() -> None:
    """In German "mehr" says nothing, in French "plus"."""
    html = "<html lang={}><a href=/a>plus</a><a href=/b>mehr</a>"
    assert facts(html.format("de-AT")).vague_anchors == Some(1, ("mehr → /b",))
    assert facts(html.format("fr")).vague_anchors == Some(1, ("plus → /a",))


def test_what_opens_a_window() -> None:
    """Only links to other sites, without a word that keeps them from it."""
    html = "".join(f"<a target=_blank href={href} rel='{rel}'>x</a>" for href, rel in [
        ("https://a.example/1", ""), ("https://a.example/2", "noopener"), ("https://a.example/3", "NoReferrer"), ("/own", ""), ("https://www.shop.example/", ""),
        ("mailto:a@b.example", ""), ("https://a.example/4", "nofollow"),
    ])  # fmt: skip
    assert facts(html).opener == Some(2, ("https://a.example/1", "https://a.example/4"))


def test_what_comes_from_http() -> None:
    """On a page on https: scripts, styles and frames apart from images, and forms; links that people follow are none of them."""
    html = """<script src=http://a.example/s.js></script><link rel=stylesheet href=http://a.example/c.css><iframe src=//a.example/f></iframe>
        <img src=http://a.example/i.png><link rel=icon href=http://a.example/i.ico><form action=http://a.example/f></form><a href=http://a.example/>a</a>"""
    found = facts(html)
    assert found.mixed_active == Some(2, ("http://a.example/s.js", "http://a.example/c.css"))
    assert found.mixed_passive == Some(2, ("http://a.example/i.png", "http://a.example/i.ico"))
    assert found.http_forms == Some(1, ("http://a.example/f",))
    plain = facts(html, url="http://shop.example/")
    assert (plain.mixed_active, plain.mixed_passive, plain.http_forms) == (NONE, NONE, NONE)


def test_json_ld_that_does_not_parse() -> None:
    """With the parser's words; blocks that parse are counted only."""
    found = facts(
        '<script type="application/ld+json">{"a": 1,}</script><script type="application/LD+json">{}</script><script type="application/ld+json"> </script>'
    )
    assert found.json_ld_count == 3
    assert found.json_ld_faults[1] == "it is empty"
    assert "line 1 column" in found.json_ld_faults[0]
    deep = facts(f'<script type="application/ld+json">{"[" * 200_000}</script>')
    assert len(deep.json_ld_faults) == 1


def test_the_content_is_counted() -> None:
    """Words of the main element, or without what stands around the content; scripts and hidden text are no words."""
    frame = "<header>Shop of ferns</header><nav>a b c</nav>{}<footer>All rights</footer><script>var x = 1;</script><style>p {{}}</style>"
    assert facts(frame.format("<p>One two three, 4.")).words == 4
    assert facts(frame.format("<main><header>Head</header><p>One two</main><p>Out of it")).words == 3
    assert facts(frame.format("<article><header>Head</header>text</article>")).words == 2
    assert facts("<p>苔と羊歯").words == 4
    found = facts(frame.format("<p>One"))
    assert (found.inline_script_bytes, found.inline_style_bytes) == (len("var x = 1;"), len("p {}"))


def test_pages_that_say_the_same_are_alike() -> None:
    """The number is that of the content's text; without a maker of numbers there is none. The hash is that of the body."""
    one = facts("<nav>Here</nav><main>Ferns like shade and moss likes rain</main>")
    two = facts("<nav>There it is another one</nav><main>Ferns like shade and <b>moss</b> likes rain</main>")
    assert one.likeness == two.likeness is not None
    assert one.body_hash != two.body_hash
    assert facts("<p>a", options=ReadOptions(facts=True)).likeness is None
    assert facts("<p>a").body_hash == facts(b"<p>a").body_hash


@pytest.mark.parametrize("junk", [b"<meta ", b"<meta charset", b"charset=", b"<!--", b"<meta charset="])
def test_no_page_holds_the_look_for_its_encoding_up(junk: bytes) -> None:
    """However many beginnings of such an element there are, each byte is looked at a few times only."""
    began = time.process_time()
    facts(b"<meta " + junk * 12_000 + b"><meta charset=x>", ())
    assert time.process_time() - began < 1


def test_no_page_makes_its_facts_large() -> None:
    """Long texts are cut and long lists end, while what is counted is counted whole."""
    html = "".join(f"<link rel=alternate hreflang=en href=/{n}><title>{'t' * 5_000}</title><img src={'i' * 5_000}>" for n in range(2_000))
    found = facts(html)
    assert [len(title) for title in found.titles] == [MOST_TEXT] * 5
    assert len(found.alternates) == 200
    assert found.images_without_alt.count == 2_000
    assert sum(map(len, found.images_without_alt.examples)) < 1_000
