"""Whether a reply's body is worth reading: by its status and media type, or by its first bytes when it names none."""

from __future__ import annotations

import re

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
"""The media types that are read as pages."""

_UNKNOWN = frozenset({"", "unknown/unknown", "application/unknown", "*/*"})
_SPACE = b"\t\n\x0c\r "
_MARKUP = re.compile(
    rb"<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|meta|link)[\s>/]|<!--|<\?xml[^>]{0,200}\?>\s*<(?:!doctype )?html",
    re.IGNORECASE,
)
SNIFFED = 1445
"""How many bytes the standard looks at."""


def media_type(content_type: str | None) -> str | None:
    """Return the media type of a Content-Type header, lower case and without parameters; None when it names none.

    >>> media_type("Text/HTML; charset=utf-8")
    'text/html'
    """
    if content_type is None:
        return None
    named = content_type.partition(";")[0].strip().lower()
    return None if named in _UNKNOWN else named


def is_page(status: int, media: str | None) -> bool:
    """Return whether a reply may be a page: a success, and HTML or of no named type (then its first bytes decide)."""
    return 200 <= status < 300 and (media is None or media in HTML_TYPES)


def looks_like_html(body: bytes) -> bool:
    """Return whether a body of no named type begins as HTML does.

    Source: https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type
    """
    start = body[:SNIFFED].removeprefix(b"\xef\xbb\xbf").lstrip(_SPACE)
    return _MARKUP.match(start) is not None
