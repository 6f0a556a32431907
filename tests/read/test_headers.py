"""Headers: links, refresh, charset and robots words."""

from __future__ import annotations

import pytest

from linkhaul.read.headers import charset, links_of, refresh_target, robots_words


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("<a>", [("a", {})]),
        ("<a>; rel=next, <b>;rel='x'", [("a", {"rel": "next"}), ("b", {"rel": "'x'"})]),
        ('<a,b;c>; REL="prev Next"; title="x, <y>; \\"z\\""', [("a,b;c", {"rel": "prev Next", "title": 'x, <y>; "z"'})]),
        ("<a>; rel=one; rel=two", [("a", {"rel": "one"})]),
        ("<a>; crossorigin; rel = x ;", [("a", {"crossorigin": "", "rel": "x"})]),
        ("nonsense, <b>", [("b", {})]),
        ('"<no>", <yes>', [("yes", {})]),
        ("<a> junk; x=1, < b >", [("a", {}), ("b", {})]),
        ("<open", []),
        ("", []),
    ],
)
def test_link_header(value: str, found: list[tuple[str, dict[str, str]]]) -> None:
    """A Link header gives its links with their parameters, the first of equal names; the rest is passed over."""
    assert [tuple(link) for link in links_of(value)] == found


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("5; url=x", "x"),
        ("5;URL='x y'z", "x y"),
        ('0,url="x', "x"),
        ("  3  x", "x"),
        (".5; x", "x"),
        ("1.5.2;url = x", "x"),
        ("5; 'x'", "x"),
        ("5; urlx", "urlx"),
        ("5; url", "url"),
        ("5; url=", None),
        ("5", None),
        ("5;", None),
        ("5x", None),
        ("; url=x", None),
        ("url=x", None),
        ("", None),
    ],
)
def test_refresh(value: str, target: str | None) -> None:
    """A refresh names a URL as the standard's steps find it, or none."""
    assert refresh_target(value) == target


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("text/html; charset=utf-8", "utf-8"),
        ('text/html;a=b; CHARSET = "x y" ;c', "x y"),
        ("text/html; charset='koi8-r'", "koi8-r"),
        ("text/html; charset=", None),
        ("text/html", None),
        ("text/html; mycharset=x", None),
    ],
)
def test_charset(value: str, label: str | None) -> None:
    """The charset parameter of Content-Type, quoted or not."""
    assert charset((("server", "charset=no"), ("content-type", value))) == label


def test_robots_words() -> None:
    """Words for everyone and for us count, those for others do not, and words with values keep them."""
    headers = [
        ("x-robots-tag", "NoIndex,  nosnippet"),
        ("x-robots-tag", "otherbot: nofollow"),
        ("x-robots-tag", "LinkHaul : noarchive, max-snippet:5"),
        ("x-robots-tag", "max-image-preview: large, nofollow"),
        ("robots", "no"),
    ]
    assert robots_words(headers, "linkhaul") == [
        "noindex",
        "nosnippet",
        "noarchive",
        "max-snippet:5",
        "max-image-preview: large",
        "nofollow",
    ]
