"""The report's page: one file, harmless, and readable by everyone."""

from __future__ import annotations

import io
import re

from tests.export.findings.test_html_page import Page
from tests.export.report import sample
from tests.export.sealed import assert_sealed

from linkhaul.export.report.html_page import write
from linkhaul.model.columns import Column
from linkhaul.model.report import Grid, Health, Part, Report


def source(report: Report | None = None) -> str:
    """Return the page of the sample, or of another report."""
    stream = io.StringIO(newline="")
    write(report or sample.report(), stream)
    return stream.getvalue()


def parsed() -> Page:
    """Return the page of the sample, parsed, without the drawings' elements that have no content: HTML alone would wait for their ends."""
    return Page(re.sub(r"<(?:rect|circle)\b[^>]*/>", "", source()))


def test_what_comes_from_the_web_stays_text() -> None:
    """Every element is ours and closed in order; only addresses of the web are led to; nothing has a handler or a style of its own."""
    found = parsed()
    assert found.faults == []
    assert len(found.all("script")) == len(found.all("style")) == 1
    assert not any(name.startswith("on") or name in ("style", "src", "srcset") for _, attributes in found.elements for name in attributes)
    targets = [link["href"] for link in found.all("a") if not link["href"].startswith("#")]
    assert targets == [f"{sample.SITE}/?a=1&b='<\"", *(f"{sample.SITE}/{end}" for end in "zyx"), sample.SITE]
    assert all(link["rel"] == "noreferrer noopener nofollow" for link in found.all("a") if not link["href"].startswith("#"))
    assert any("<script>alert('1')</script> & \"quoted\"" in text for tag, text in found.texts if tag == "bdi")
    assert not re.search("[\x00-\x08\x1b\u202a-\u202e\u2066-\u2069]", source())


def test_the_policy_lets_only_our_own_run() -> None:
    """Nothing may be loaded; the policy names the digests of just the style and the script that are there."""
    assert_sealed(parsed())


def test_it_can_be_read_by_everyone() -> None:
    """A language, a title, headings in order, a caption and scopes for each table, words for each drawing, a name for each field."""
    found = parsed()
    tags = [tag for tag, _ in found.elements]
    assert found.all("html") == [{"lang": "en"}]
    assert tags.count("h1") == tags.count("main") == tags.count("nav") == tags.count("header") == tags.count("footer") == 1
    assert [tag for tag in tags if re.fullmatch("h[1-6]", tag)] == ["h1", *["h2"] * 5]
    assert tags.count("caption") == tags.count("table") == 2
    assert all(head["scope"] == "col" for head in found.all("th"))
    assert tags[tags.index("input") - 1] == "label"
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = [
        attributes[name]
        for _, attributes in found.elements
        for name in ("aria-labelledby", "aria-describedby", "aria-controls")
        if name in attributes
    ]
    assert {id for value in named for id in value.split()} <= set(ids)
    assert all(drawing["role"] == "img" for drawing in found.all("svg"))
    assert {link["href"][1:] for link in found.all("a") if link["href"].startswith("#")} == {"mend", "outcomes", "links"}
    assert all(region["tabindex"] == "0" for region in found.all("div") if region.get("role") == "region")
    style = next(text for tag, text in found.texts if tag == "style")
    assert all(media in style for media in ("prefers-color-scheme: dark", "@media print", ":focus-visible"))


def test_a_cut_table_says_how_to_get_the_rest() -> None:
    """How many rows are shown, of how many, and the command for all; numbers can be sorted by their value."""
    text = source()
    assert "The first 10 of 5,000 rows. All of them: <code><bdi>linkhaul graph &#x27;a b.run&#x27; -o graph.csv</bdi></code>" in text
    assert '<td class="number" data-value="1234.5">1,234.5</td>' in text
    assert text.count('class="rest"') == 1


def test_no_cell_is_large_whatever_it_holds() -> None:
    """Two thousand of the longest that there are, more than a report has, stay below 3 MB."""
    column = Column("url", "text", True, "an address")
    cells = ("https://a.example/" + "&" * 9_000, "https://a.example/" + "a" * 482, "<" * 9_000, "&" * 9_000)
    grid = Grid("t", "x", (column,) * 4, (cells,) * 500, 500)
    size = len(source(Report("x", (), Health("good", "", (), ()), (Part("p", "P", grids=(grid,)),))).encode())
    assert 1_000_000 < size < 3_000_000


def test_a_report_without_anything_is_a_page_nonetheless() -> None:
    """No part, no number, no title."""
    text = source(Report("", (), Health("unknown", "Nothing can be said.", (), ()), ()))
    assert "Cannot tell" in text
    assert "<table" not in text
