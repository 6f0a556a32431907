"""The URLs in a page's JSON-LD.

A string is a link when it is an absolute http or https URL without white space, under any key; or any text at all
under a key that schema.org or JSON-LD reserves for addresses. What names a vocabulary (`@context`, `@type`,
`https://schema.org/InStock`) is no link.

Source: https://www.w3.org/TR/json-ld11/#restrictions-for-contents-of-json-ld-script-elements
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_ABSOLUTE = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_VOCABULARY = re.compile(r"https?://(?:www\.)?schema\.org/", re.IGNORECASE)
_RELATIVE = re.compile(r"[^\s<>\"{}]+")
_TERMS = frozenset({"@context", "@type", "@vocab", "@language", "@base"})
_ADDRESSES = frozenset(
    {
        "@id", "contenturl", "discussionurl", "downloadurl", "embedurl", "image", "installurl", "logo", "paymenturl",
        "relatedlink", "sameas", "significantlink", "thumbnailurl", "trackingurl", "url",
    }
)  # fmt: skip
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")
_COMMENT = re.compile(r"\A\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*\Z")


def urls(text: str) -> Iterator[str]:
    """Yield the URLs in the order of the text; nothing when it is not JSON."""
    try:
        # A number is no link, and turning a million digits into an int would take quadratic time.
        root = json.loads(_COMMENT.sub("", text), strict=False, parse_int=_no_number, parse_float=_no_number)
    except (ValueError, RecursionError):
        return
    # An own stack, because a text may be nested as deep as the decoder allows.
    stack: list[tuple[str, object]] = [("", root)]
    while stack:
        key, value = stack.pop()
        if isinstance(value, dict):
            stack.extend((name.lower(), inner) for name, inner in reversed(value.items()) if name.lower() not in _TERMS)
        elif isinstance(value, list):
            stack.extend((key, inner) for inner in reversed(value))
        elif isinstance(value, str) and _is_link(key, value.strip()):
            yield _HALF_CHARACTERS.sub("\ufffd", value)


def _is_link(key: str, value: str) -> bool:
    if _ABSOLUTE.fullmatch(value):
        return not _VOCABULARY.match(value)
    return key in _ADDRESSES and not value.startswith("_:") and _RELATIVE.fullmatch(value) is not None


def _no_number(digits: str) -> None:
    """Stand in for the making of numbers."""
