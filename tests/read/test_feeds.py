"""The addresses that XML names."""

from __future__ import annotations

import pytest

from linkhaul.read.feeds import MAX_TEXT, Markup, MarkupError, Named


def read(xml: str) -> list[Named]:
    reader = Markup()
    reader.feed(xml.encode(), is_last=True)
    return reader.taken()


def test_a_prefix_of_the_root_is_ours_and_others_are_not() -> None:
    """Any namespace will do, and an image's loc is not the page's."""
    xml = (
        "<s:urlset><s:url><i:image><i:loc>/i</i:loc></i:image><s:loc>/a</s:loc><i:loc>/j</i:loc></s:url><url><loc>/b</loc></url></s:urlset>"
    )
    assert [named.address for named in read(xml)] == ["/a", "/b"]


def test_the_first_of_several_counts() -> None:
    """An entry has one address."""
    assert read("<urlset><url><loc>/a</loc><loc>/b</loc></url></urlset>") == [Named("/a", False, None)]


def test_an_entry_without_an_address_is_none() -> None:
    """And an empty one is an empty address, for the reader of it to count."""
    assert read("<urlset><url><lastmod>2024</lastmod></url><url><loc/></url></urlset>") == [Named("", False, None)]


def test_values_do_not_leak_into_the_next_entry() -> None:
    """A date belongs to its own entry."""
    assert read("<urlset><url><loc>/a</loc><lastmod>x</lastmod></url><url><loc>/b</loc></url></urlset>")[1].date is None


def test_text_is_kept_to_a_limit() -> None:
    """A loc of megabytes is not held."""
    (named,) = read(f"<urlset><url><loc>{'x' * (3 * MAX_TEXT)}</loc></url></urlset>")
    assert len(named.address) <= MAX_TEXT


@pytest.mark.parametrize(
    "xml",
    [
        "<html><url><loc>/a</loc></url></html>",
        "<HTML/>",
        "<sitemap/>",
        '<!DOCTYPE x [<!ENTITY a "b">]><urlset/>',
        '<!DOCTYPE x [<!ENTITY % a "b">]><urlset/>',
        "<urlset>" + "<a>" * 99,
    ],
)
def test_what_is_refused(xml: str) -> None:
    """A page that is no sitemap, declared entities, great depth."""
    with pytest.raises(MarkupError):
        read(xml)
