"""Markdown is read as the HTML it stands for, with the ids that its readers link to."""

from __future__ import annotations

import re

import pytest

from linkhaul.read.html import read_page
from linkhaul.read.markdown import Slugs, to_html
from linkhaul.read.options import ALL_KINDS, ReadOptions


def ids(text: str) -> list[str]:
    """Return the ids in a document, in order."""
    return re.findall(r'id="([^"]*)"', to_html(text))


def raws(text: str) -> list[tuple[str, str]]:
    """Return the links of a document as they stand: (kind, raw)."""
    page = read_page(to_html(text), "file:///docs/a.md", options=ReadOptions(kinds=ALL_KINDS))
    return [(link.kind, link.raw) for link in page.links]


@pytest.mark.parametrize(
    ("heading", "slug"),
    [
        ("Getting started", "getting-started"),
        ("What's new in 2.0?", "whats-new-in-20"),
        ("`--per-host N`", "--per-host-n"),
        ("A [link](x.md) and **more**", "a-link-and-more"),
        ("C++ & C#", "c--c"),
        ("snake_case", "snake_case"),
        ("Über Straßen", "über-straßen"),
        ("始めに", "始めに"),
        ("✨ Features", "-features"),
        ("A  b", "a--b"),
        ("&amp; entity", "-entity"),
        ("![logo](l.png) Name", "-name"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_a_headings_id_is_githubs(heading: str, slug: str) -> None:
    """Lower case, spaces to hyphens, and no punctuation; letters of every script stay."""
    assert ids(f"# {heading}") == [slug]


def test_headings_of_one_name_are_numbered() -> None:
    """The second gets -1, the third -2, and a heading that is named so already makes room."""
    assert ids("# A\n# A\n# A-1\n# A\n") == ["a", "a-1", "a-1-1", "a-2"]


def test_setext_headings_and_raw_ones_have_ids() -> None:
    """Both ways to underline a heading count, and so does one that is written as HTML."""
    assert ids('One\n===\n\nTwo\n---\n\n<h2 align="center">Three &amp; four</h2>\n') == ["one", "two", "three--four"]


def test_an_id_of_ones_own() -> None:
    """What `{#name}` says counts, besides the id without it and the one that GitHub gives."""
    assert set(ids("# Title {#custom}")) == {"custom", "title", "title-custom"}


def test_raw_anchors_stay() -> None:
    """HTML in a document is part of it."""
    assert ids('<a id="old"></a>\n\ntext <span id="inline">x</span>') == ["old", "inline"]


def test_links_of_every_form() -> None:
    """Inline, by reference, in angle brackets, pictures, in tables and as HTML: all are links; code holds none."""
    text = (
        "[a](b.md#c 'title') [ref][r] <https://e.example/> ![p](p.png)\n\n| x |\n|---|\n| [t](t.md) |\n\n"
        '<a href="h.html">h</a> `[no](no.md)`\n\n    [no](no.md)\n\n```\n[no](no.md)\n```\n\n[r]: r.md\n'
    )
    assert raws(text) == [
        ("page", "b.md#c"), ("page", "r.md"), ("page", "https://e.example/"), ("image", "p.png"), ("page", "t.md"), ("page", "h.html"),
    ]  # fmt: skip


def test_what_cannot_be_followed_is_still_a_link() -> None:
    """A scheme that a renderer would refuse is told, not dropped."""
    assert raws("[x](javascript:y) [f](file:///f)") == [("page", "javascript:y"), ("page", "file:///f")]


@pytest.mark.parametrize("note", ["[^1]: Word", "[^1]: https://e.example/", "[^1]: Two words here"])
def test_a_footnote_is_no_link(note: str) -> None:
    """CommonMark would make a link of a footnote of one word; nobody wrote one."""
    assert raws(f"Text[^1].\n\n{note}\n") == []


@pytest.mark.parametrize("front", ["---\ntitle: A\n---\n", "---\r\na: b\r\n...\r\n", "+++\na = 1\n+++\n"])
def test_front_matter_is_no_text(front: str) -> None:
    """What stands above the document for its tools is no heading of it."""
    assert ids(front + "# One\n") == ["one"]


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    """Without an end there is none."""
    assert ids("---\n\n# One\n") == ["one"]


def test_ids_are_unique() -> None:
    """However headings are named, no two of a document get the same id."""
    slugs = Slugs()
    names = ["a", "a", "a-1", "a-1", "a", "A!", "a-2", ""] * 3
    found = [slugs.of(name) for name in names]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("text", ["", "\0", "# ", "[", "![](", "<h1>", "[a]: <", "|\n|-", "{#", "# {#x}" * 50, "\ufeff---\n"])
def test_any_text_can_be_read(text: str) -> None:
    """Nothing a document holds makes reading raise."""
    assert isinstance(to_html(text), str)
