"""How a visit ended, and whether a reply is HTML."""

from __future__ import annotations

import re

from linkhaul.model.records import Outcome, Reply

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
UNKNOWN_TYPES = frozenset({"", "unknown/unknown", "application/unknown", "*/*"})
BODILESS_STATUSES = frozenset({204, 205, 304})
"""What stands behind these is not a page, whatever is sent."""
SNIFFED_BYTES = 1445
"""How much of a body is looked at, as the standard says."""

_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?[\t\n\x0c\r ]*"
    rb"<(?:!--|(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[ >])",
    re.IGNORECASE,
)


def outcome_of(reply: Reply) -> Outcome:
    """Return how a visit ends whose last reply is this one.

    A failure goes before a status: a body that cannot be used is no page. A reply without a status and without a
    failure comes from disk, and is judged by its type alone.
    """
    if reply.failure is not None:
        return "refused" if reply.failure.kind in {"robots", "guard"} else "failed"
    if reply.status is not None and reply.status >= 400:
        return "http-error"
    if reply.status in BODILESS_STATUSES:
        return "not-html"
    return "ok" if is_html(reply.header("content-type"), reply.body) else "not-html"


def media_type(content_type: str | None) -> str:
    """Return the type of a Content-Type value, lower case, without parameters; empty when there is none.

    >>> media_type("Text/HTML; charset=utf-8")
    'text/html'
    """
    return (content_type or "").partition(";")[0].strip().lower()


def is_html(content_type: str | None, body_start: bytes) -> bool:
    """Return whether a document is HTML: by the type the server names, by its first tag where it names none.

    A BOM before the first tag is passed over, where the standard would call the document plain text: there are links in it.

    Source: https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type
    """
    named = media_type(content_type)
    if named in UNKNOWN_TYPES or "/" not in named:
        return _HTML_START.match(body_start[:SNIFFED_BYTES]) is not None
    return named in HTML_TYPES
