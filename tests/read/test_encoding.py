"""Encodings: found as the HTML standard says, and used for queries as browsers do."""

from __future__ import annotations

import pytest

from linkhaul.read.encoding import query_encoder
from linkhaul.read.html import read_page

URL = "https://x.example/"
META = '<meta charset="{}"><title>ш</title>'


@pytest.mark.parametrize(
    ("body", "header", "charset", "origin", "title"),
    [
        (META.format("windows-1251").encode("cp1251"), None, "windows-1251", "meta", "ш"),
        (META.format("windows-1251").encode("koi8-r"), 'text/html; Charset="KOI8-R"', "KOI8-R", "header", "ш"),
        (b"\xef\xbb\xbf" + META.format("windows-1251").encode(), "text/html; charset=koi8-r", "UTF-8", "bom", "ш"),
        (META.format("x").encode("utf-16"), "text/html; charset=utf-8", "UTF-16LE", "bom", "ш"),
        (b"\xfe\xff" + META.format("x").encode("utf-16-be"), None, "UTF-16BE", "bom", "ш"),
        (META.format("utf-16").encode(), None, "UTF-8", "meta", "ш"),
        (META.format("windows-1251").encode("cp1251"), "text/html; charset=no-such", "windows-1251", "meta", "ш"),
        (META.format("windows-1251").encode("cp1251"), "text/html; charset=utf-7", "windows-1251", "meta", "ш"),
        (b"<title>\xe9</title>", None, "windows-1252", "default", "é"),
        ("<title>é</title>".encode(), None, "UTF-8", "default", "é"),
        ("<title>日本</title>".encode("shift_jis"), "text/html; charset=x-sjis", "Shift_JIS", "header", "日本"),
        ("<title>日本</title>".encode("euc-jp"), "text/html;charset='euc-jp'", "EUC-JP", "header", "日本"),
    ],
)
def test_the_encoding_and_what_decided_it(body: bytes, header: str | None, charset: str, origin: str, title: str) -> None:
    """A byte order mark beats the header, the header beats the meta element, and an unknown label counts as none."""
    page = read_page(body, URL, (("content-type", header),) if header else ())
    assert (page.charset, page.charset_from, page.title) == (charset, origin, title)


def test_text_has_no_encoding() -> None:
    """A page that was never bytes says nothing of an encoding."""
    page = read_page(META.format("windows-1251") + "<a href='?ш'>", URL)
    assert (page.charset, page.charset_from, page.links[0].url) == (None, None, "https://x.example/?%D1%88")


@pytest.mark.parametrize(
    ("charset", "raw", "url"),
    [
        ("windows-1251", "/ш?ш=ш#ш", "/%D1%88?%F8=%F8#%D1%88"),
        ("windows-1251", "?☃", "?%26%239731%3B"),
        ("windows-1251", "?a b'\"<>ш", "?a%20b%27%22%3C%3E%F8"),
        ("windows-1251", "?%41+ш", "?%41+%F8"),
        ("windows-1251", " /p\n?ш ", "/p?%F8"),
        ("windows-1251", "#?ш", "#?%D1%88"),
        ("windows-1251", "HTTPS://x.example/?ш", "/?%F8"),
        ("windows-1252", "?€é", "?%80%E9"),
        ("shift_jis", "?表", "?%95\\"),
        ("shift_jis", "?日本", "?%93%FA%96{"),
        ("euc-jp", "?日", "?%C6%FC"),
        ("gbk", "?日", "?%C8%D5"),
        ("big5", "?日", "?%A4%E9"),
        ("euc-kr", "?가", "?%B0%A1"),
        ("iso-8859-8-i", "?א", "?%E0"),
        ("utf-8", "?ш", "?%D1%88"),
        ("utf-16", "?ш", "?%D1%88"),
    ],
)
def test_queries_are_encoded_as_the_page_is(charset: str, raw: str, url: str) -> None:
    """The query goes in the page's encoding, what that lacks as its number; path and fragment are UTF-8 always."""
    entities = "".join(letter if letter.isascii() and letter not in "\"'<>" else f"&#{ord(letter)};" for letter in raw)
    page = read_page(
        f'<a href="{entities}">'.encode("utf-16-le" if charset == "utf-16" else "ascii"),
        URL,
        (("content-type", f"text/html; charset={charset}"),),
    )
    link = page.links[0]
    assert link.raw == raw
    assert (link.url or "").removeprefix("https://x.example").removeprefix("/" if not url.startswith("/") else "") == url


@pytest.mark.parametrize("raw", ["mailto:a@b.example?subject=ш", "javascript:x?ш"])
def test_other_schemes_stay_utf8(raw: str) -> None:
    """Only the schemes of the web know the page's encoding."""
    page = read_page(f"<a href='{raw}'>".encode("cp1251"), URL, (("content-type", "text/html; charset=windows-1251"),))
    assert (page.links[0].url or "").endswith("%D1%88")


def test_every_encoding_of_the_standard_has_an_encoder() -> None:
    """Each legacy encoding of the standard encodes queries, but the two that no query can be written in."""
    names = (
        "IBM866 ISO-8859-2 ISO-8859-3 ISO-8859-4 ISO-8859-5 ISO-8859-6 ISO-8859-7 ISO-8859-8 ISO-8859-8-I ISO-8859-10 ISO-8859-13 ISO-8859-14"
        " ISO-8859-15 ISO-8859-16 KOI8-R KOI8-U macintosh windows-874 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254"
        " windows-1255 windows-1256 windows-1257 windows-1258 x-mac-cyrillic GBK gb18030 Big5 EUC-JP ISO-2022-JP Shift_JIS EUC-KR"
    )
    assert [name for name in names.split() if query_encoder(name) is None] == []
    assert query_encoder("replacement") is query_encoder("x-user-defined") is None
