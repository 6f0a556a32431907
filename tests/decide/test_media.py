"""What is HTML."""

from __future__ import annotations

import pytest

from linkhaul.decide.media import SNIFFED, is_page, looks_like_html, media_type


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("text/html", b"", True),
        ("TEXT/HTML ; charset=x", b"", True),
        ("application/xhtml+xml", b"", True),
        ("text/plain", b"<html>", False),
        ("application/pdf", b"<html>", False),
        ("application/xml", b"<html>", False),
        (None, b"", False),
        (None, b"  \r\n<!DocType HTML>", True),
        (None, b"<html lang=en>", True),
        (None, b"<htmlx>", False),
        (None, b"<br/>", True),
        (None, b"<meta charset=x>", True),
        (None, b'<?xml version="1.0"?>\n<!DOCTYPE html>', True),
        (None, b'<?xml version="1.0"?><rss>', False),
        ("application/vnd.wap.xhtml+xml", b"", True),
        (None, b"\xef\xbb\xbf<p>x", True),
        (None, b"<!-- x -->", True),
        (None, b"<a href=/>", True),
        (None, b"hello <a>", False),
        (None, b"%PDF-1.4", False),
        ("*/*", b"<body>", True),
        ("html", b"<title>x", True),
    ],
)
def test_html_by_type_or_by_first_tag(content_type: str | None, body: bytes, expected: bool) -> None:
    """The named type decides; only where none is named does the first tag."""
    media = media_type(content_type)
    assert (looks_like_html(body) if media is None else is_page(200, media)) is expected


def test_only_a_success_is_a_page() -> None:
    """What is sent with a redirect or an error is not read."""
    assert [is_page(status, "text/html") for status in (199, 200, 299, 300, 404)] == [False, True, True, False, False]


def test_no_more_is_looked_at_than_the_standard_says() -> None:
    """A first tag behind more white space than is looked at is not seen."""
    assert looks_like_html(b" " * (SNIFFED - 3) + b"<p>")
    assert not looks_like_html(b" " * SNIFFED + b"<p>")


def test_media_type_is_bare() -> None:
    """Parameters, case and absence do not travel on; what is no type is none."""
    assert media_type("Text/HTML;charset=utf-8") == "text/html"
    assert [media_type(text) for text in (None, "", "html", "*/*", " ; charset=x")] == [None] * 5
