"""How a visit ended."""

from __future__ import annotations

from linkhaul.decide.media import HTML_TYPES, looks_like_html, media_type
from linkhaul.model.records import Outcome, Reply

BODILESS_STATUSES = frozenset({204, 205, 304})
"""What stands behind these is not a page, whatever is sent."""


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
    media = media_type(reply.header("content-type"))
    is_html = looks_like_html(reply.body) if media is None else media in HTML_TYPES
    return "ok" if is_html else "not-html"
