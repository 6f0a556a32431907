"""`extract`: one document, no network."""

from __future__ import annotations

import pytest

import linkhaul
from linkhaul.errors import SettingError, SourceError

HTML = '<html><base href="/docs/"><a href="a?x=ä#f" rel=nofollow>A <b>b</b></a><a href="mailto:ann@example.org">m</a><img src=i.png><a href="//other.example">o</a>'


def test_text_and_bytes_give_the_same() -> None:
    """A document as text, and as bytes of the encoding that is named, has the same links."""
    text = linkhaul.extract(HTML, "https://example.org/x/y")
    assert [(link.url, link.text, link.rel, link.internal) for link in text] == [
        ("https://example.org/docs/a?x=%C3%A4#f", "A b", "nofollow", True), ("https://other.example/", "o", None, False),
    ]  # fmt: skip
    assert linkhaul.extract(HTML.encode(), "https://example.org/x/y", "text/html; charset=utf-8") == text


def test_the_content_type_names_the_encoding() -> None:
    """Bytes are decoded as browsers do, by the Content-Type first; queries are written in the page's encoding."""
    [link] = linkhaul.extract('<a href="?q=é">é</a>'.encode("latin-1"), "https://example.org/", "text/html; charset=ISO-8859-1")
    assert (link.url, link.text) == ("https://example.org/?q=%E9", "é")


def test_the_settings_choose_the_links() -> None:
    """Kinds, only, match and exclude choose; with all kinds everything comes."""
    assert [link.kind for link in linkhaul.extract(HTML, "https://example.org/", kinds="image")] == ["image"]
    assert [link.url for link in linkhaul.extract(HTML, "https://example.org/", only="external")] == ["https://other.example/"]
    assert [link.url for link in linkhaul.extract(HTML, "https://example.org/", exclude="docs")] == ["https://other.example/"]
    assert {link.kind for link in linkhaul.extract(HTML, "https://example.org/", kinds="all")} >= {"page", "image"}


@pytest.mark.parametrize("html", ["", "plain text", "<", "<a href=", "\0\0", "<a href=" + "x" * 100_000])
def test_hostile_documents_raise_nothing(html: str) -> None:
    """Whatever stands in a document gives a list."""
    assert isinstance(linkhaul.extract(html, "https://example.org/"), list)
    assert isinstance(linkhaul.extract(html.encode(), "https://example.org/"), list)


def test_what_cannot_be_meant() -> None:
    """A URL that is none and a setting that is unknown are errors of their kinds."""
    with pytest.raises(SourceError, match="absolute"):
        linkhaul.extract("", "no url")
    with pytest.raises(SettingError, match="kinds"):
        linkhaul.extract("", "https://example.org/", kind="page")  # type: ignore[call-arg]
