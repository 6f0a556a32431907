"""Sitemaps, indexes, feeds and lists."""

from __future__ import annotations

import gzip
import itertools
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.read.sitemap import SitemapEntry, SitemapFault, SitemapLimits, read_sitemap

AT = "https://h.example/s/map.xml"
URLSET = b"""
<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc> https://h.example/a?x=1&amp;y=2#top </loc><lastmod>2024-05-06</lastmod>
       <image:image><image:loc>https://h.example/i.png</image:loc></image:image></url>
  <url><loc><![CDATA[https://h.example/b]]></loc></url>
  <url><loc>../c</loc></url>
</urlset>"""
ENTRIES = [
    SitemapEntry("https://h.example/a?x=1&y=2", "page", "sitemap", "2024-05-06"),
    SitemapEntry("https://h.example/b", "page", "sitemap"),
    SitemapEntry("https://h.example/c", "page", "sitemap"),
]
RSS = b"""<rss version="2.0"><channel><title>t</title><link>https://h.example/</link>
<item><link>https://h.example/1</link><guid isPermaLink="false">x-1</guid><pubDate>Mon, 06 May 2024</pubDate></item>
<item><guid>https://h.example/2</guid></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><link href="/"/><entry><link rel="self" href="/self"/>
<link rel="alternate" href="/1"/><updated>2024</updated></entry><entry><link href="/2"/></entry></feed>"""
RDF = b'<rdf:RDF xmlns="x" xmlns:rdf="y"><channel><link>/</link></channel><item><link>/1</link></item></rdf:RDF>'
INDEX = '<?xml version="1.0" encoding="UTF-16"?><sitemapindex><sitemap><loc>/\u00fc.xml.gz</loc></sitemap></sitemapindex>'.encode("utf-16")
LISTED = b"\xef\xbb\xbf\r\nhttps://h.example/1\r\n\r\n  HTTPS://h.example/2#x  \nhttps://h.example/3"


def urls(file: bytes, limits: SitemapLimits | None = None) -> tuple[list[str], list[str]]:
    """Return the URLs and the faults of a file."""
    found = list(read_sitemap(file, AT, limits or SitemapLimits()))
    return [entry.url for entry in found if isinstance(entry, SitemapEntry)], [
        fault.detail for fault in found if isinstance(fault, SitemapFault)
    ]


def test_a_urlset_is_read_as_it_is_found_in_the_wild() -> None:
    """A blank first line, white space, CDATA, entities, images, relative addresses: read, in order, without a fault."""
    assert list(read_sitemap(URLSET, AT)) == ENTRIES
    assert list(read_sitemap(gzip.compress(URLSET, mtime=0), AT)) == ENTRIES


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (RSS, [("https://h.example/1", "page", "feed"), ("https://h.example/2", "page", "feed")]),
        (ATOM, [("https://h.example/1", "page", "feed"), ("https://h.example/2", "page", "feed")]),
        (RDF, [("https://h.example/1", "page", "feed")]),
        (INDEX, [("https://h.example/%C3%BC.xml.gz", "sitemap", "sitemap")]),
        (LISTED, [(f"https://h.example/{n}", "page", "sitemap") for n in (1, 2, 3)]),
        ("https://h.example/\u00fc\n".encode("utf-16"), [("https://h.example/%C3%BC", "page", "sitemap")]),
    ],
)
def test_every_form_is_known_by_its_content(file: bytes, expected: list[tuple[str, str, str]]) -> None:
    """RSS, Atom, RDF, an index and a plain list give their URLs, and say what they are."""
    assert [entry[:3] for entry in read_sitemap(file, AT)] == expected


@pytest.mark.parametrize("file", [URLSET, gzip.compress(URLSET, mtime=0), INDEX, LISTED, RSS])
@pytest.mark.parametrize("size", [1, 3, 7])
def test_how_a_file_is_cut_makes_no_difference(file: bytes, size: int) -> None:
    """Pieces of a byte give what the whole gives."""
    pieces = [file[start : start + size] for start in range(0, len(file), size)]
    assert list(read_sitemap(pieces, AT)) == list(read_sitemap(file, AT))


@pytest.mark.parametrize(
    ("file", "kept", "fault"),
    [
        (URLSET[:400], 2, "broken"),
        (URLSET.replace(b"</urlset>", b"</oops>"), 3, "mismatched"),
        (URLSET + b"<more/>", 3, "junk"),
        (URLSET.replace(b"../c", b"/c\xff"), 2, "not well-formed"),
        (URLSET.replace(b"../c", b"/?a=1&b=2"), 2, "broken"),
        (gzip.compress(URLSET, mtime=0)[:-12], 3, "ends in the middle"),
        (URLSET.replace(b"../c", b"mailto:a@h.example"), 2, "no web address; the first is 'mailto:a@h.example'"),
        (URLSET.replace(b"../c", b"https://h.example/" + b"x" * 9000), 2, "no web address"),
        (URLSET.replace(b"UTF-8", b"x-unknown"), 0, "encoding"),
        (URLSET.replace(b"UTF-8", b"shift_jis"), 0, "encoding"),
        (b"<!doctype html><html><a href=/>x</a></html>", 0, "names no URLs|outermost|broken"),
        (b"Not found", 0, "no web address; the first is 'Not found'"),
        (b"", 0, "no URLs"),
        (b"<urlset/>", 0, "no URLs"),
        (b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>', 0, "entity"),
        (b"<urlset>" + b"<url>" * 100, 0, "nested"),
        (b"<urlset><url><loc>/a</loc></url><!--" + b"x" * 1_500_000, 1, "longer than 1 MB"),
        (b"<urlset><url><loc>/a</loc></url><url x='" + b"x" * 1_500_000, 1, "longer than 1 MB"),
    ],
)
def test_what_stands_before_a_fault_counts(file: bytes, kept: int, fault: str) -> None:
    """A broken file gives what it gave before it broke, and one sentence that says what is wrong."""
    found, faults = urls(file)
    assert len(found) == kept
    assert len(faults) == 1
    assert re.search(fault, faults[0])


def test_sizes_are_bounded() -> None:
    """More bytes or URLs than the limits allow are left out, and told."""
    many = b"".join(b"https://h.example/%d\n" % n for n in range(100))
    found, faults = urls(many, SitemapLimits(max_urls=10))
    assert len(found) == 10
    assert "more than 10 URLs" in faults[0]
    found, faults = urls(gzip.compress(b"<urlset><url><loc>/a</loc></url>" + b" " * 5_000_000, mtime=0), SitemapLimits(max_bytes=100_000))
    assert len(found) == 1
    assert "larger than 100000 bytes" in faults[0]
    assert urls(many, SitemapLimits(max_urls=100))[1] == []


def test_a_file_that_is_no_sitemap_is_not_read_to_its_end() -> None:
    """A thousand lines of prose are enough to know."""

    def endless() -> Iterator[bytes]:
        while True:
            yield b"Lorem ipsum\n"

    (fault,) = read_sitemap(endless(), AT)
    assert isinstance(fault, SitemapFault)


def test_reading_streams() -> None:
    """The first URL is there before the rest of the file is."""

    def pieces() -> Iterator[bytes]:
        yield b"<urlset>" + b"<url><loc>/a</loc></url>" * 10
        raise AssertionError("the rest was asked for before the first was given")

    assert len(list(itertools.islice(read_sitemap(pieces(), AT), 10))) == 10


XML = st.lists(
    st.sampled_from(
        ["<urlset>", "</urlset>", "<url>", "</url>", "<loc>", "</loc>", "https://h.example/", "<rss>", "<item>", "<link>", "<feed>", "<entry>", "<link href='/'/>",
         "&amp;", "&x;", "<![CDATA[", "]]>", "<!--", "-->", "<?xml version='1.0' encoding='utf-16'?>", "<!DOCTYPE a>", "\0", "\ud7ff", "\n"]
    ),
    max_size=30,
).map(lambda parts: "".join(parts).encode())  # fmt: skip


@given(file=XML | st.binary(max_size=200), wrap=st.sampled_from([bytes, gzip.compress]))
def test_reading_never_raises(file: bytes, wrap: type[bytes]) -> None:
    """Any bytes, gzipped or not, give absolute web addresses and at most one fault, the last."""
    found = list(read_sitemap(wrap(file), AT))
    assert found
    assert all(isinstance(entry, SitemapEntry) and entry.url.startswith(("https://", "http://")) for entry in found[:-1])
