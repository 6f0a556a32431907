"""Addresses that are checked by how they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.decide.schemes import verdict_of_text

GOOD = (
    "mailto:ann@example.org",
    "mailto:ann@example.org,bob@example.org",
    "mailto:ann.b+c%25d@example.org?subject=Hello%20there&cc=bob@example.org",
    "MAILTO:ann@example.org",
    "mailto:?subject=Look%20at%20this",
    "mailto:",
    "mailto:%22not%40me%22@example.org",
    "mailto:user@%E7%B4%8D%E8%B1%86.example.org",
    "mailto:user@[192.0.2.1]",
    "mailto:o'hara@localhost",
    "mailto:gorby%25kremvax@example.com",
    "tel:+49-30-1234567",
    "tel:+49%2030%201234567",
    "tel:+49 (30) 1234567",
    "tel:112",
    "tel:7042;phone-context=example.com",
    "tel:+1-201-555-0123;ext=12",
    "tel:*100%23",
    "sms:+15105550101?body=hello",
    "sms:+15105550101,+15105550102",
    "sms:?body=hello",
    "data:,Hello",
    "data:text/plain;charset=utf-8,a%20b",
    "data:image/png;base64,iVBORw0KGgo=",
    "data:text/html;base64,SGVs bG8=",
    "data:;base64,SGVsbG8%3D",
    "data:odd,x",
)
BAD = {
    "mailto:ann": "no @",
    "mailto:ann@": "host name",
    "mailto:@example.org": "before the @",
    "mailto:ann@exam ple.org": "host name",
    "mailto:ann@example..org": "host name",
    "mailto:ann@-example.org": "host name",
    "mailto:ann..b@example.org": "before the @",
    "mailto:Ann%20B%20%3Cann@example.org%3E": "no mail address",
    "mailto:ann@example.org&subject=x": "begins with ?",
    "mailto:ann@example.org?cc=bob": "no @",
    "mailto:https://example.org/": "no @",
    "tel:": "no digits",
    "tel:+": "no digits",
    "tel:1-800-FLOWERS": "may hold digits",
    "tel:+49123456789012345": "17 digits",
    "tel:+1-FACE": "digits only",
    "tel:++49301234": "may hold digits",
    "tel:112;": "parameter",
    "sms:ann": "no digits",
    "data:text/plain": "comma",
    "data:image/png;base64,iVBORw0KGgo=!": "other characters",
    "data:;base64,abcde": "cut short",
}


@pytest.mark.parametrize("url", GOOD)
def test_what_is_well_formed_is_ok(url: str) -> None:
    """An address that its standard allows, or that all programs take, is ok, and nobody is asked."""
    verdict = verdict_of_text(url)
    assert verdict is not None
    assert (verdict.name, verdict.code, verdict.tries) == ("ok", "well-formed", 0), verdict.detail


@pytest.mark.parametrize("url", BAD)
def test_what_is_malformed_is_broken_with_the_reason(url: str) -> None:
    """An address that cannot work is broken, and the sentence says what is wrong with it."""
    verdict = verdict_of_text(url)
    assert verdict is not None
    assert (verdict.name, verdict.code) == ("broken", "malformed")
    assert BAD[url] in verdict.detail


@pytest.mark.parametrize(
    "url", ["javascript:void(0)", "ftp://example.org/a", "about:blank", "magnet:?xt=urn", "whatsapp://send", "geo:1,2", "urn:isbn:1"]
)
def test_other_schemes_are_not_checked(url: str) -> None:
    """What no program can ask for is not checked, and says which scheme it has."""
    verdict = verdict_of_text(url)
    assert verdict is not None
    assert (verdict.name, verdict.code) == ("not-checked", "scheme")
    assert url.partition(":")[0] in verdict.detail


@pytest.mark.parametrize("url", ["https://example.org/", "HTTP://example.org/", "file:///a", "no scheme", ""])
def test_what_can_be_asked_for_is_not_judged_here(url: str) -> None:
    """Addresses of the web and of files are not judged by their text."""
    assert verdict_of_text(url) is None


@given(st.sampled_from(["mailto:", "tel:", "sms:", "data:", "x:", ""]), st.text(max_size=60))
def test_any_text_is_judged(scheme: str, rest: str) -> None:
    """No text raises, and no sentence holds a character that could move a cursor."""
    verdict = verdict_of_text(scheme + rest)
    assert verdict is None or verdict.detail.isprintable()
