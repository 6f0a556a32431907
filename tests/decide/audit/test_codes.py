"""Which texts are languages."""

from __future__ import annotations

import pytest

from linkhaul.decide.audit.codes import fault_of_hreflang, fault_of_lang


@pytest.mark.parametrize(
    "tag", ["en", "EN-gb", "pt-BR", "zh-Hant-TW", "de-1996", "sr-Latn", "es-419", "x-klingon", "gsw", "en-US-x-twain", "iw", "sl-rozaj"]
)
def test_a_language_tag_is_one(tag: str) -> None:
    """What BCP 47 allows is fine in a lang attribute."""
    assert fault_of_lang(tag) is None


@pytest.mark.parametrize("tag", ["en_US", "jp", "e", "en-UK", "en--gb", "de-deutsch-at-x", "xx", "de DE", ""])
def test_what_is_none_is_told(tag: str) -> None:
    """An underscore, a country in place of a language, nothing."""
    assert fault_of_lang(tag)


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("en", None), ("x-default", None), ("X-Default", None), ("en-GB", None), ("zh-Hans", None), ("zh-Hans-CN", None), ("es-419", None),
        ("en-UK", "gb may be meant"), ("jp", "ja may be meant"), ("en_US", "not x-default"), ("de-1996", "not x-default"), ("en-EU", "not a union"),
        ("", "not x-default"),
    ],
)  # fmt: skip
def test_hreflang_takes_less(tag: str, said: str | None) -> None:
    """A language, a script, a region, or x-default; what was probably meant is said."""
    fault = fault_of_hreflang(tag)
    assert fault is None if said is None else said in (fault or "")
