"""A second parser finds the same links on real documentation: none is missing, none invented, text and rel included."""

from __future__ import annotations

from pathlib import Path

import pytest
from ada_url import join_url
from selectolax.lexbor import LexborHTMLParser

from linkhaul.read.html import read_page

TREES = {
    "postgresql-doc-15": Path("/usr/share/doc/postgresql-doc-15/html"),
    "git-doc": Path("/usr/share/doc/git/html"),
    "python3-doc": Path("/usr/share/doc/python3/html"),
}
PARTS = 12
PARTS_TAKEN = {"postgresql-doc-15": PARTS, "git-doc": 3, "python3-doc": 3}  # one tree whole, of the others a part

Found = tuple[str | None, str, str, str | None]
"""URL, raw, text, rel."""


def by_the_second_parser(body: bytes, url: str) -> list[Found]:
    found: list[Found] = []
    for node in LexborHTMLParser(body).css("a[href], area[href]"):
        raw, rel = node.attributes["href"] or "", node.attributes.get("rel")
        text = " ".join(node.text(deep=True).split())
        if not text:
            text = " ".join(" ".join(image.attributes["alt"] or "" for image in node.css("img[alt]")).split())
        try:
            joined: str | None = join_url(url, raw)
        except ValueError:
            joined = None
        found.append((joined, raw, text, " ".join(rel.lower().split()) if rel else None))
    return found


@pytest.mark.parametrize(("tree", "part"), [(tree, part) for tree, parts in PARTS_TAKEN.items() for part in range(parts)])
def test_both_parsers_find_the_same_links(tree: str, part: int) -> None:
    """Every link of a documentation tree is the same for both parsers."""
    folder = TREES[tree]
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}: apt-get install {tree}")
    pages = sorted(folder.glob("**/*.html"))[part::PARTS]
    anchors = 0
    for path in pages:
        body, url = path.read_bytes(), f"http://docs.example:8099/{path.relative_to(folder).as_posix()}"
        headers = (("content-type", "text/html; charset=utf-8"),)
        ours = [(link.url, link.raw, link.text, link.rel) for link in read_page(body, url, headers).links]
        assert ours == by_the_second_parser(body, url), path.name
        anchors += len(ours)
    assert pages
    assert anchors > len(pages)
