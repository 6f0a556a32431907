"""Text of the web is harmless, links lead only to the web, numbers are for people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.export.report.marks import LONGEST_LINK, link, number, plain, text, tone


@given(st.text())
def test_text_is_never_markup(value: str) -> None:
    """Whatever it holds."""
    inside = text(value).removeprefix("<bdi>").removesuffix("</bdi>")
    assert not set(inside) & set("<>\"'\x1b\u202e\n")


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "JAVASCRIPT:x", " https://a.example/", "data:,x", "//a.example/", "ftp://a.example/", "https:a"]
)
def test_only_the_web_is_led_to(value: str) -> None:
    """Everything else is text."""
    assert "<a" not in link(value)


def test_an_address_of_the_web_is_led_to() -> None:
    """With nothing handed on to it; one that nobody follows is text."""
    assert link("http://a.example/?x=\"'&<>") == (
        '<a href="http://a.example/?x=&quot;&#x27;&amp;&lt;&gt;" rel="noreferrer noopener nofollow">'
        "<bdi>http://a.example/?x=&quot;&#x27;&amp;&lt;&gt;</bdi></a>"
    )
    assert "<a" not in link("https://a.example/" + "a" * LONGEST_LINK)


def test_values_for_people() -> None:
    """Thousands apart, three digits behind the point at most, words for what is true or absent."""
    assert [number(1234567), number(1234.5), number(0.0001), number(2.0)] == ["1,234,567", "1,234.5", "0", "2"]
    assert [plain(value) for value in (None, True, False, "x", 1000)] == ["", "yes", "no", "x", "1,000"]
    assert [tone(word) for word in ("500", "307", "200", "soft-404", "unknown", "4040")] == ["bad", "look", "", "bad", "look", ""]
