"""Whether a document is HTML: by the media type that is named, or by its first bytes where none is."""

from __future__ import annotations

import re

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
"""The media types that are read as pages."""

SNIFFED = 1445
"""How many bytes of a body are looked at, as the standard says."""

_UNKNOWN = frozenset({"unknown/unknown", "application/unknown", "*/*"})
_SPACE = b"\t\n\x0c\r "
_MARKUP = re.compile(
    rb"<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|meta|link)[\s>/]|<!--|<\?xml[^>]{0,200}\?>\s*<(?:!doctype )?html",
    re.IGNORECASE,
)


def media_type(content_type: str | None) -> str | None:
    """Return the media type of a Content-Type header, lower case and without parameters; None when it names none.

    >>> media_type("Text/HTML; charset=utf-8")
    'text/html'
    """
    named = (content_type or "").partition(";")[0].strip().lower()
    return named if "/" in named and named not in _UNKNOWN else None


def is_page(status: int, media: str | None) -> bool:
    """Return whether a reply may be a page: a success, and HTML or of no named type (then its first bytes decide)."""
    return 200 <= status < 300 and (media is None or media in HTML_TYPES)


def looks_like_html(body: bytes) -> bool:
    """Return whether a body of no named type begins as HTML does.

    A BOM before the first tag is passed over, where the standard would call the document plain text: there are links in it.

    Source: https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type
    """
    start = body[:SNIFFED].removeprefix(b"\xef\xbb\xbf").lstrip(_SPACE)
    return _MARKUP.match(start) is not None
