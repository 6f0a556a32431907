"""A look at a body, whatever its status."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.model.check import Glance
from linkhaul.read.glance import BRIEF_TEXT, MOST_TEXT, START_BYTES, _joined, count_words, glance
from linkhaul.read.html import read_page
from linkhaul.read.options import ReadOptions

HTML = (("content-type", "text/html; charset=utf-8"),)


def test_what_a_person_sees_is_the_text() -> None:
    """Scripts, styles, templates, noscript and the head are no text; blocks are apart; entities are letters."""
    found = glance(
        b"<!doctype html><head><title> Boots &amp;\n shoes </title><style>x{}</style></head><body><h1>Boots</h1><p>for<b>est</b> walks</p>"
        b"<script>var a='hidden'</script><template><p>hidden</p></template><noscript>hidden</noscript><svg><title>hidden</title></svg>",
        HTML,
    )
    assert (found.title, found.text, found.words, found.is_html) == ("Boots & shoes", "Boots for est walks", 4, True)


def test_ids_and_names_are_anchors() -> None:
    """Every id and the names of anchors are collected when asked for, each once, in order; those in templates and names of others are not."""
    body = b'<p id=one><a name="two" id=three href=x>x</a><input name=no><a name=one></a><template><p id=no></p></template><svg id="K&auml;se"/></p>'
    assert glance(body, HTML, anchors=True).anchors == ("one", "three", "two", "K\xe4se")
    assert glance(body, HTML).anchors == ()


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        (b"<form><input type=PassWord></form>", "has_password", True),
        (b"<form><input type=text></form>", "has_password", False),
        (b"<script src=a.js></script>", "has_script", True),
        (b"<p>script</p>", "has_script", False),
        (b"<div id=root>\n</div>", "has_app_root", True),
        (b"<div id=__next><p>Text</p></div>", "has_app_root", False),
        (b"<my-app></my-app>", "has_app_root", True),
        (b"<main><my-part></my-part>text</main>", "has_app_root", False),
        (b"<p><noscript>Please enable JavaScript.</noscript>", "asks_for_script", True),
        (b"<noscript><img src=count.gif></noscript>", "asks_for_script", False),
    ],
)
def test_facts_are_noticed(body: bytes, field: str, expected: bool) -> None:
    """A form for a password, scripts, what they fill, and a request for JavaScript are noticed."""
    assert getattr(glance(body, HTML), field) is expected


def test_other_types_are_told_apart() -> None:
    """Plain text has words and no ids; a picture shows nothing; without a type, what begins like HTML is HTML."""
    assert glance(b"two words", (("content-type", "text/plain"),)) == Glance(text="two words", words=2, start="two words")
    assert glance(b"\x89PNG\r\n", (("content-type", "image/png"),)) == Glance()
    assert glance(b"<!DOCTYPE html><title>T</title>").title == "T"
    assert glance(b"\x00\x01") == Glance()
    assert glance(b"", HTML).words == 0
    assert glance("<p>text", HTML).text == "text"


def test_it_is_bounded() -> None:
    """However long a page is, its text and its start are not; a cut page is read as far as it goes."""
    found = glance(b"<p>" + b"word " * 100_000, HTML)
    assert (len(found.text), len(found.start), found.words) == (MOST_TEXT, START_BYTES, MOST_TEXT // 5)
    assert glance(b"<p>one two <a href='ne", HTML).text == "one two"


@given(
    st.binary(max_size=300) | st.text(max_size=300),
    st.sampled_from([(), HTML, (("content-type", "text/plain"),), (("content-type", "x"),)]),
)
def test_no_body_makes_it_raise(body: bytes | str, headers: tuple[tuple[str, str], ...]) -> None:
    """Any bytes and any text give facts that can be stored."""
    found = glance(body, headers, anchors=True)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Glance) == found


def test_a_parsed_document_is_looked_at_as_its_bytes_are() -> None:
    """What a page was read from shows the same as its bytes, and is not parsed again."""
    body = b"<title>T</title><h1> The <b>heading</b></h1><script>x</script><p id=a>Some text.<template><p id=no></template>"
    page = read_page(body, "https://a.example/", HTML, options=ReadOptions(document=True))
    assert glance(body, HTML, parsed=page.document, anchors=True) == glance(body, HTML, anchors=True)
    other = read_page(b"<title>Other</title>", "https://a.example/", HTML, options=ReadOptions(document=True))
    assert glance(body, HTML, parsed=other.document).title == "Other"
    assert read_page(body, "https://a.example/", HTML).document is None


def test_a_short_page_is_seen_whole_though_little_is_wanted() -> None:
    """Where only so much text is wanted as shows whether a page is short, a short one has all of it, and a long one says that it has not."""
    short, long = b"<p>" + b"word " * 300, b"<p>" + b"word " * 5_000
    assert glance(short, HTML, is_brief=True) == glance(short, HTML)
    found = glance(long, HTML, is_brief=True)
    assert (found.is_brief, len(found.text)) == (True, BRIEF_TEXT)
    assert found.words is not None
    assert found.words > 400
    assert glance(b"<p>" + b" \n" * 50_000 + b"word", HTML, is_brief=True).is_brief


def test_letters_of_scripts_without_spaces_are_words() -> None:
    """Chinese and Japanese text counts by the letter, other text by what stands between spaces."""
    assert [count_words(text) for text in ("", "two words", "\u4e16\u754c hello", "caf\u00e9 \u2013 ok")] == [0, 2, 3, 3]


PIECES = [
    b"<div id=ROOT>", b"</div>", b"<main id=app>", b"</main>", b"<template>", b"</template>", b"<svg>", b"</svg>", b"<my-app>", b"</my-app>",
    b"<body>", b"<script>x</script>", b"<a name=root>", b"<p id=x>text", b"<input type=PassWord>", b"<noscript>", b"</noscript>", b"<h1>", b"caf\xc3\xa9 ",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_ids_that_are_collected_change_nothing_else(pieces: list[bytes]) -> None:
    """With the ids at hand, what a script fills is looked for only where one of them is such an element's; what is seen is the same."""
    body = b"".join(pieces)
    found = glance(body, HTML, anchors=True)
    assert msgspec.structs.replace(found, anchors=()) == glance(body, HTML)
    assert found.words == count_words(found.text)


def test_of_a_long_text_no_more_is_taken_than_is_kept() -> None:
    """The texts of a document are joined as far as they are kept: so many, and so many letters."""
    texts = iter(["ab"] * 10)
    assert _joined(texts, 4) == "ab ab ab"
    assert len(list(texts)) == 7
    assert _joined(["a"] * 10, 3) == "a a a"
    assert _joined([], 3) == ""
