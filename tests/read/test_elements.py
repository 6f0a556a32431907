"""The element table: each of its rows is seen to be read."""

from __future__ import annotations

import pytest

from linkhaul.model.records import KINDS
from linkhaul.read.elements import ANY, HTML, SVG, UrlAttribute, kind_of_rel
from linkhaul.read.html import read_page
from linkhaul.read.options import ALL_KINDS, ReadOptions

URL = "https://x.example/d/"
VALUES = {
    "url": "v",
    "list": "v w",
    "commas": "v, w",
    "srcset": "v 1x, w 2x",
    "refresh": "5; url=v",
    "css": "a:url(v)",
    "srcdoc": "<a href=v>",
}
INSIDE_TABLE = {"tbody": "{}", "thead": "{}", "tfoot": "{}", "tr": "{}", "td": "<tr>{}", "th": "<tr>{}"}


def document(tag: str, attr: str, rule: UrlAttribute, *, svg: bool) -> str:
    """Return a page that holds one element with the attribute, where the parser leaves it as it is."""
    name = "p" if tag == ANY and not svg else "rect" if tag == ANY else tag
    extra = " http-equiv=Refresh" if tag == "meta" else " rel=icon" if rule.kind == "" else ""
    element = f'<{name}{extra} {attr}="{VALUES[rule.form]}">'
    if svg:
        return f"<svg>{element}</svg>"
    if tag in INSIDE_TABLE:
        return f"<table>{INSIDE_TABLE[tag].format(element)}</table>"
    return f"<frameset>{element}" if tag == "frame" else element


CASES = [(tag, attr, rule, svg) for svg, table in ((False, HTML), (True, SVG)) for (tag, attr), rule in table.items()]


@pytest.mark.parametrize(("tag", "attr", "rule", "svg"), CASES, ids=lambda value: str(value) if isinstance(value, str) else "")
def test_every_attribute_of_the_table_is_read(tag: str, attr: str, rule: UrlAttribute, svg: bool) -> None:
    """An element with the attribute gives its links, of the kind the table says."""
    links = read_page(document(tag, attr, rule, svg=svg), URL, options=ReadOptions(kinds=ALL_KINDS)).links
    raws = ["v", "w"] if rule.form in {"list", "commas", "srcset"} else ["v"]
    kind = "page" if rule.form == "srcdoc" else rule.kind or "icon"
    assert [(link.raw, link.url, link.kind) for link in links] == [(raw, URL + raw, kind) for raw in raws]
    if rule.form != "srcdoc":
        assert {link.attr for link in links} == {attr}


@pytest.mark.parametrize(("tag", "attr", "rule", "svg"), CASES, ids=lambda value: str(value) if isinstance(value, str) else "")
def test_every_kind_can_be_asked_for_alone(tag: str, attr: str, rule: UrlAttribute, svg: bool) -> None:
    """Asking for one kind finds what asking for all finds of it."""
    body = document(tag, attr, rule, svg=svg)
    links = read_page(body, URL, options=ReadOptions(kinds=ALL_KINDS)).links
    assert read_page(body, URL, options=ReadOptions(kinds=frozenset({links[0].kind}))).links == links


def test_the_table_knows_only_known_kinds() -> None:
    """Every kind of the table is a kind of the column."""
    assert {rule.kind for rule in [*HTML.values(), *SVG.values()]} - {""} <= set(KINDS)


@pytest.mark.parametrize(
    "body",
    ["<use href=v>", "<image xlink:href=v>", "<p href=v src=v>", "<a xlink:href=v>", "<p fill='url(v)'>", "<meta content='5; url=v'>"],
)
def test_attributes_count_only_where_they_mean_something(body: str) -> None:
    """An attribute of SVG is no link on an HTML element, and none is on an element that does not have it."""
    assert read_page(body, URL, options=ReadOptions(kinds=ALL_KINDS)).links == []


@pytest.mark.parametrize(
    ("rel", "type_", "as_", "kind"),
    [
        ("stylesheet", None, None, "style"),
        ("alternate stylesheet", None, None, "style"),
        ("SHORTCUT icon", None, None, "icon"),
        ("apple-touch-icon", None, None, "icon"),
        ("canonical", None, None, "canonical"),
        ("alternate", None, None, "alternate"),
        ("alternate", "text/html", None, "alternate"),
        ("alternate", "Application/RSS+xml; charset=x", None, "feed"),
        ("alternate", "application/atom+xml", None, "feed"),
        ("feed", None, None, "feed"),
        ("preload", None, "IMAGE", "image"),
        ("preload", None, "script", "script"),
        ("preload", None, "style", "style"),
        ("preload", None, "video", "media"),
        ("preload", None, "font", "other"),
        ("prefetch", None, None, "other"),
        ("modulepreload", None, None, "script"),
        ("modulepreload", None, "style", "style"),
        ("next", None, None, "other"),
        ("dns-prefetch", None, None, "other"),
        ("", None, None, "other"),
    ],
)
def test_rel_decides_the_kind_of_a_link_element(rel: str, type_: str | None, as_: str | None, kind: str) -> None:
    """What a link element leads to follows from rel, type and as."""
    assert kind_of_rel(rel, type_, as_) == kind
