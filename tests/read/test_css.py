"""Style sheets: url() and @import, and nothing that only looks like them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhaul.read.css import urls


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a{b:url(x.png)}", ["x.png"]),
        ("a{b:URL( 'x y.png' ), url(\"z\")}", ["x y.png", "z"]),
        ("a{b:url()} c{d:url('')}", []),
        ("/* url(no) */ a{b:url(yes)} /* url(open", ["yes"]),
        ("a{content:'url(no)'; b:url(yes)}", ["yes"]),
        ("a{b:my-url(no) curl(no)}", []),
        ("@import 'i.css' screen; @import url(j.css);", ["i.css", "j.css"]),
        ("@IMPORT/**/\"i.css\" layer('x')", ["i.css"]),
        ("@charset 'no'; @namespace url(no); @namespace svg 'no'; a{b:url(yes)}", ["yes"]),
        (r"a{b:url(a\)b\20 c)}", [r"a\)b\20 c"]),
        ('a{b:url(bad"quote) ; c:url(yes)}', ["yes"]),
        ("a{b:url(x y) ; c:url(yes)}", ["yes"]),
        ("a{b:'open\n;c:url(yes)}", ["yes"]),
        ("a{b:url(open", ["open"]),
        ("@font-face{src:url(a.woff2) format('woff2'),url(b.woff)}", ["a.woff2", "b.woff"]),
    ],
)
def test_urls(text: str, found: list[str]) -> None:
    """Comments, strings and other functions are no links; unfinished ones end where the standard says."""
    assert [written for written, _, _ in urls(text)] == found


def test_imports_are_told_apart_and_escapes_undone() -> None:
    """Each URL comes as written, as meant, and with whether it is an import."""
    text = "@import 'a\\26 b.css'; c{d:url(e\\)\\000041)}"
    assert list(urls(text)) == [("a\\26 b.css", "a&b.css", True), ("e\\)\\000041", "e)A", False)]
    assert [value for _, value, _ in urls("a{b:url('\\0 \\d800 \\110000 x\\\ny')}")] == ["���xy"]


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="url(\"')\\/*@import ;{}x\n"))
def test_any_text_is_read(text: str) -> None:
    """Nothing raises, and no URL is empty."""
    assert all(written and isinstance(value, str) for written, value, _ in urls(text))


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [
                "url(",
                "URL( ",
                "u",
                "@",
                "@url(",
                '"',
                "'",
                "\\",
                ")",
                " ",
                "\n",
                ";",
                "{",
                "}",
                "/*",
                "*/",
                "/",
                "a.png",
                "é",
                "-",
                "(",
                ":",
            ]
        )
    )
)
def test_what_imports_nothing_is_read_alike(parts: list[str]) -> None:
    """A style sheet without imports, for which there is a short way, has the addresses that it has behind the name of one in a comment."""
    text = "".join(parts)
    assert list(urls(text)) == list(urls(f"/* @import */{text}"))
