"""Where in the source of a file its links stand."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.read.html import read_page
from linkhaul.read.options import ALL_KINDS, ReadOptions
from linkhaul.read.positions import positions

PAGE = (
    "<!doctype html>\r\n"
    "<p>\xe9\U0001f600 <a\r\n"
    '  href="a?x=1&amp;y=2" title=q>x</a>\n'
    '<!-- <a href=no> --><img srcset="a 1x, b 2x"><script src="s.js">"<a href=z>"</script>\n'
    "<a HREF = z>z</a> <a href='a?x=1&amp;y=2'>\n"
    "<p style=\"background: url('bg.png')\">\n"
)


def test_links_of_html_are_found() -> None:
    """A link's line and column are those of its value, in any quotes, with character references, not in comments or scripts."""
    raws = ["a?x=1&y=2", "a", "b", "s.js", "z", "a?x=1&y=2", "bg.png", "no"]
    assert positions(PAGE, raws) == [(3, 9), (4, 34), (4, 40), (4, 59), (5, 11), (5, 28), (6, 28), None]


def test_links_that_repeat_keep_their_order() -> None:
    """The same text several times is found in order, also when only some of the links are asked for."""
    source = "<a href=x>1</a>\n<a href=y>2</a>\n<a href=x>3</a>\n"
    assert positions(source, ["x", "y", "x"]) == [(1, 9), (2, 9), (3, 9)]
    assert positions(source, ["y", "x"]) == [(2, 9), (3, 9)]
    assert positions(source, ["x", "x", "x"]) == [(1, 9), (3, 9), (3, 9)]


@pytest.mark.parametrize(
    ("source", "raw", "expected"),
    [
        ("See [a](x.md).", "x.md", (1, 9)),
        ('See\n![a](x.png "title").', "x.png", (2, 6)),
        ("[a](<x y.md>)", "x%20y.md", (1, 6)),
        ("<https://e.example/a>", "https://e.example/a", (1, 2)),
        ("[a][r]\n\n[r]: x.md\n", "x.md", (3, 6)),
        ("`[a](x.md)` [b](x.md)", "x.md", (1, 17)),
        ("```\n[a](x.md)\n```\n[b](x.md)", "x.md", (4, 5)),
        ("~~~~\n~~~\n[a](x.md)\n~~~~\n[b](x.md)", "x.md", (5, 5)),
        ("[a](x\\(1\\).md)", "x(1).md", (1, 5)),
        ("[a](x.md#part) [b](x.md)", "x.md", (1, 5)),
        ("[a](longx.md) [b](x.md)", "x.md", (1, 19)),
        ('<a href="x.md">', "x.md", (1, 10)),
        ("[a](x?a=1&b=2)", "x?a=1&b=2", (1, 5)),
        ("[a]()", "", (1, 5)),
        ("nothing here", "x.md", None),
    ],
)
def test_links_of_markdown_are_found(source: str, raw: str, expected: tuple[int, int] | None) -> None:
    """A destination is found in brackets, in angle brackets, in a definition and with escapes, not in code."""
    assert positions(source, [raw], is_markdown=True) == [expected]


@given(
    st.lists(st.sampled_from(["a.html", "b?x=1&y=2", "#frag", "k\xe4se", "a b"]), max_size=6), st.sampled_from(["\n", "\r\n", "\r", " "])
)
def test_what_a_page_gives_is_found_where_it_stands(raws: list[str], space: str) -> None:
    """Each link that is read from a page is found, and the source has it at that line and column."""
    source = "<!doctype html>" + space.join(f'<p>\xe4{space}<a href="{raw.replace("&", "&amp;")}">x</a>' for raw in raws)
    links = read_page(source, "https://a.example/", options=ReadOptions(kinds=ALL_KINDS)).links
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = positions(source, [link.raw for link in links])
    assert len(found) == len(raws)
    for raw, place in zip(raws, found, strict=True):
        assert place is not None
        assert lines[place[0] - 1][place[1] - 1 :].startswith(raw.replace("&", "&amp;"))
    assert found == sorted(found, key=str) or len(set(found)) == len(found)


@given(st.text(max_size=120), st.lists(st.text(max_size=8), max_size=4), st.booleans())
def test_no_source_makes_it_raise(source: str, raws: list[str], is_markdown: bool) -> None:
    """Any text and any links give a place or None for each."""
    assert len(positions(source, raws, is_markdown=is_markdown)) == len(raws)


@pytest.mark.parametrize("evil", ['<a href="', "<!--", "<a ", "<script", "`", "` `` ", "~~~\n", "<a x=", "[a](", "&amp;"])
def test_no_source_takes_long(evil: str) -> None:
    """A source made to be slow is looked through in a moment."""
    began = time.perf_counter()
    for is_markdown in (False, True):
        positions(evil * 8_000, ["x", "a"] * 50, is_markdown=is_markdown)
    assert time.perf_counter() - began < 2
