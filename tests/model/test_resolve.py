"""Joining: the short cuts give exactly what the standard's parser gives."""

from __future__ import annotations

import pytest
from ada_url import check_url, join_url
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linkhaul.model.resolve import _SHAPES, Resolver
from linkhaul.model.url import join

BASES = [
    "http://127.0.0.1:8099/app-psql.html",
    "http://10.0.255.7:45678/a/b.html",
    "https://a.example/",
    "https://a.b-c.example/x/y//z/?q=1",
    "https://a.example/a;b/c%20d/e?x#y",
    "file:///usr/share/doc/x.html",
    "file:///C:/a/b.html",
    "http://ann@a.example/x/",
    "http://xn--mnchen-3ya.de:8080/a/b",
    "https://a.example/x/y?u=/z/w",
    "https://a.example/x/y#/z/w",
    "https://a.example/x/.y?q",
    "https://a.example/x/a:b?c",
    "file:///x/c:",
]
PIECES = [
    "a", "B.c", ".", "..", "/", "//", "../", "./", "%", "%2e", "%2E", "%41", ":", "?", "#", "@", "http:", "https://", "h.example", "xn--a",
    "xn--mnchen-3ya.de", "0x1", "1", "127.1", "1.2.3.4", " ", "\t", "\n", "é", "|", "C:", "C|", "\\", "-", "_", "~", "'", '"', "<", "`", "{",
    "[", "^", "=", "&", ":80", ":443", ":8080", ":64999", ":65536", "localhost", "\x00", "\x7f", "mailto:", "http:x", "HTTPS://H.example/", "😀",
]  # fmt: skip
RAW = st.lists(st.sampled_from(PIECES), max_size=7).map("".join) | st.text(max_size=20)


def joined(base: str, raw: str) -> str | None:
    try:
        return join_url(base, raw)
    except ValueError:
        return None


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(BASES), st.lists(RAW, min_size=20, max_size=20))
@example(
    BASES[1],
    ["https://xn--/x", "https://a.xn--a/x", "https://xn--a.example/", "https://xn--mnchen-3ya.de/", "https://1.2/", "https://a.0x1/"],
)
@example(
    BASES[2], ["a/%2e%2e/b", "/a/%2E/b", "https://h.example/a/%2e%2E", "../a/%2e./b", "https://h.example:0080/", "https://h.example:8080"]
)
@example(BASES[0], ["a.html#x", "a/../b", "../../x", "..", "a%2e/", "%2e%2e/x", "/", "//", "/..", "#", "?", "", "a?b'c", "https://1.2.3"])
def test_short_cuts_equal_the_standard(base: str, raws: list[str]) -> None:
    """Whatever a link says, the resolver gives what ada gives."""
    resolver = Resolver(base)
    for raw in raws:
        assert resolver.resolve(raw) == joined(base, raw), (base, raw)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(BASES), st.lists(RAW, min_size=20, max_size=20))
@example(BASES[1], ["https:?x", "http:?x", "http:x", "?x", "#x", "", " ", "\t?x", "a\n?x", "//h.example/", "/x", "./?x", "C:/x"])
@example(
    BASES[2], ["mailto:a@b", "javascript:void(0)", "DATA:,x", "ws:x", "WSS:?x", "ftp:x", "file:x", "data:?x", "\tmailto:x", "ma\nilto:x"]
)
def test_what_reaches_further_means_the_same_there(base: str, raws: list[str]) -> None:
    """A text that is said to reach over a directory, or a host, means the same on every page of it."""
    resolver = Resolver(base)
    elsewhere = {"directory": [resolver.directory + "other?n=1"], "host": [resolver.directory + "other?n=1", resolver.root + "b/c/d?e#f"]}
    for raw in raws:
        url, reach = resolver.placed(raw)
        for other in elsewhere.get(reach, []) if resolver.root else []:
            assert Resolver(other).resolve(raw) == url == joined(other, raw), (base, other, raw)


@pytest.mark.parametrize(
    "raw",
    [
        "app-psql.html#x",
        "../x?q",
        "../../../x",
        "#part",
        "/a/b?c=d#e",
        "https://www.h.example/a/b.html?c#d",
        "a/b//c/",
        "a%20b.html",
        "a@b",
        "",
        "?page=2&sort=new#x",
        "https://127.0.0.1:8000/a",
    ],
)
def test_usual_links_take_the_short_cut(raw: str) -> None:
    """The shapes that make up nearly all links of the web never reach the slow join."""
    assert _SHAPES.fullmatch(raw)
    assert Resolver("https://a.example/x/y/z.html").resolve(raw) == join_url("https://a.example/x/y/z.html", raw)


@pytest.mark.parametrize(
    ("base", "raw"),
    [("https://a.example/", "http://["), ("mailto:x", "a"), ("", "a"), ("no url", "#x"), ("https://a.example/", "http://a:x/")],
)
def test_what_cannot_be_joined_is_none(base: str, raw: str) -> None:
    """No URL, no exception."""
    assert join(base, raw) is None


def test_half_characters_are_replaced() -> None:
    """A lone surrogate becomes the replacement character, as the standard's strings have none."""
    assert join("https://a.example/", "x\ud800y") == "https://a.example/x%EF%BF%BDy"
    assert join("https://a.example/", "http://\ud800[") is None


@settings(deadline=None)
@given(st.sampled_from(BASES), st.text())
def test_a_resolved_link_is_absolute(base: str, raw: str) -> None:
    """Joining gives an absolute URL in normal form, or None."""
    url = join(base, raw)
    assert url is None or (check_url(url) and join_url("https://other.example/", url) == url)
