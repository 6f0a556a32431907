"""JSON-LD: addresses are links, vocabularies are not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhaul.read.jsonld import urls


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"url": "/a", "@id": "#me", "image": ["i.png", {"url": "j.png"}], "name": "/no"}, ["/a", "#me", "i.png", "j.png"]),
        ({"seeAlso": "https://a.example/x", "text": "see https://b.example now"}, ["https://a.example/x"]),
        ({"@context": "https://schema.org", "@type": "https://t.example/T", "availability": "http://schema.org/InStock"}, []),
        ([{"@graph": [{"sameAs": ["HTTPS://b.example/", "c"]}]}], ["HTTPS://b.example/", "c"]),
        ({"@id": "_:blank", "url": "two words", "image": "", "logo": 5, "sameAs": None}, []),
        ("https://a.example/", ["https://a.example/"]),
    ],
)
def test_urls(value: object, found: list[str]) -> None:
    """Absolute web addresses anywhere, and any address under the keys made for them, in the order of the text."""
    assert list(urls(json.dumps(value))) == found


@pytest.mark.parametrize("text", ["", "{", "no json", "[" * 100_000, "9" * 100_000, '{"url": }'])
def test_what_is_not_json_has_no_links(text: str) -> None:
    """Broken, endless and monstrous texts give nothing."""
    assert list(urls(text)) == []


def test_sloppy_pages_are_read() -> None:
    """Comment marks around the text and raw line breaks within strings do no harm; half characters are replaced."""
    assert list(urls('<!-- {"url": "/a", "t": "x\ny"} -->')) == ["/a"]
    assert list(urls('//<![CDATA[\n{"url": "/a"}\n//]]>')) == ["/a"]
    assert list(urls('{"url": "/\\ud800"}')) == ["/\ufffd"]


@settings(deadline=None, max_examples=60)
@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_json_is_read(value: object) -> None:
    """Nothing raises, and what comes can be written as UTF-8."""
    "".join(urls(json.dumps(value))).encode()
