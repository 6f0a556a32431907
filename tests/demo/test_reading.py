"""What the reader finds on the demo site: the whole path from the bytes of each page to its links."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from linkhaul.demo import pages
from linkhaul.demo.routes import Answer, answer
from linkhaul.model.records import KINDS, Page
from linkhaul.read.html import read_page
from linkhaul.read.options import ALL_KINDS, ReadOptions

SITE = "http://127.0.0.1:8000"
SHIFT_JIS_MOSS, SHIFT_JIS_FERN = "%91%DB", "%97r%8E%95"


def reply_of(path: str) -> tuple[str, Answer]:
    """Return the last answer for a path, and where it stands."""
    path, _, query = path.partition("?")
    found = answer(path, query, SITE)
    while 300 <= found.status < 400:
        location = dict(found.headers)["Location"]
        path = location if location.startswith("/") else path.rpartition("/")[0] + "/" + location
        found = answer(path, "", SITE)
    return SITE + path + (f"?{query}" if query else ""), found


def read(path: str, kinds: frozenset[str] = frozenset({"page"})) -> Page:
    url, found = reply_of(path)
    headers = tuple((name.lower(), value) for name, value in found.headers)
    body = found.body
    if ("content-encoding", "gzip") in headers:
        body = gzip.decompress(body)
    return read_page(body, url, headers, options=ReadOptions(kinds=kinds))


HTML_PAGES = [path for path in pages() if path not in {"/shop/basket/", "/price-list.pdf"}]


@pytest.mark.parametrize("path", HTML_PAGES)
def test_each_page_gives_its_links_and_its_encoding(expected: dict[str, Any], path: str) -> None:
    """The number of followable links and the encoding, with what decided it, are those of the table."""
    page = read(path)
    want = expected[path]
    assert (page.charset or "").lower() == want.charset
    assert page.charset_from == want.charset_from
    assert sum((link.url or "").startswith("http") for link in page.links if link.tag in {"a", "area"}) == want.links


def test_the_site_holds_every_kind_of_link() -> None:
    """Each kind, origin and region there is occurs on some page."""
    links = [link for path in HTML_PAGES for link in read(path, ALL_KINDS).links]
    assert {link.kind for link in links} == set(KINDS)
    assert {link.origin for link in links} == {"html", "header", "css", "json-ld"}
    assert {link.region for link in links} == {"nav", "header", "footer", "main", "aside", "body"}


def test_queries_are_in_the_encoding_of_their_page() -> None:
    """As browsers do it: the query in the page's encoding, the path in UTF-8, the host in its ASCII form."""
    urls = [link.url for link in read("/ja/").links]
    assert f"{SITE}/search/?q={SHIFT_JIS_MOSS}" in urls
    assert f"{SITE}/ja/%E6%89%8B%E5%85%A5%E3%82%8C/#%E6%B0%B4" in urls
    assert any(url and url.startswith(f"{SITE}/search/?q={SHIFT_JIS_FERN}&") for url in urls)
    assert any(url and url.startswith("https://xn--ji1a.example/%E5%BA%AD?%8BG%90%DF=%8Ft") for url in urls)
    assert f"{SITE}/search/?q=foug%E8res" in [link.url for link in read("/blog/letter-from-lyon/").links]


def test_the_broken_page_gives_what_a_browser_finds() -> None:
    """Tag soup is read as the standard says: torn, nested and doubled links included, and what is no URL kept as it stands."""
    links = read("/blog/old-catalogue/").links
    urls = [link.url for link in links]
    assert f"{SITE}/shop/harts-tongue/" in urls
    assert f"{SITE}/guide/moss/" in urls
    assert f"{SITE}/search/?q=fern&copy=2&sort=age" in urls
    assert f"{SITE}/friends/" in urls
    assert f"{SITE}/blog/secret/" not in urls
    assert [link.raw for link in links if link.url is None] == ["https://[broken", "http://exa mple.example/"]


def test_nofollow_is_known_by_element_meta_and_header() -> None:
    """A page whose meta or header says nofollow has no link to follow; elsewhere only the marked ones are not."""
    assert not any(link.follow for link in read("/blog/a-wall-of-moss/").links)
    assert not any(link.follow for link in read("/blog/archive/").links)
    assert [link.raw for link in read("/shop/").links if not link.follow] == ["/shop/basket/"]


def test_hosts_in_many_scripts_are_one_host() -> None:
    """An IDN link is written in its ASCII form, the same for both spellings."""
    urls = [link.url for link in read("/friends/").links]
    assert urls.count("https://xn--bcher-mller-thbg.example/moose") == 2
    assert "https://xn--e1afmkfd.example/%D0%BC%D0%BE%D1%85" in urls
