"""What a check keeps of a reply, looked at where its page is read: the document need not be parsed again, nor travel between processes."""

from __future__ import annotations

from msgspec import Struct

from linkhaul.model.check import Seen
from linkhaul.model.records import Reply


class Wish(Struct, frozen=True, array_like=True):
    """What a check wants to know of a reply.

    Attributes:
        anchors: the ids and names that a fragment may lead to: it is a page, and came whole.
        is_part: only the first part of the body was read.
        is_compared: it may have to be compared with an answer to a made-up address, however long it is.
    """

    anchors: bool = False
    is_part: bool = False
    is_compared: bool = True


def look(reply: Reply, wish: Wish, document: object | None = None) -> Seen:
    """Return what is kept of a reply; it needs the URL, status, headers, failure and body.

    Args:
        document: what the parser made of the body, where it has been read before; it is used up.
    """
    # With all that tells a challenge or a login: where nothing is checked, a reader is there sooner without.
    from linkhaul.decide.challenges import GOOD
    from linkhaul.decide.signs import signs_of
    from linkhaul.decide.soft import says_missing

    found, is_missing = None, False
    if reply.body:
        from linkhaul.read.glance import glance  # with its parser: nobody needs it before a reply is there

        is_brief = not wish.is_compared and reply.status in GOOD
        found = glance(reply.body, reply.headers, parsed=document, anchors=wish.anchors, is_brief=is_brief, unless=says_missing)
        is_missing = says_missing(found.title, found.heading)
    return Seen(
        signs_of(reply, found, is_part=wish.is_part, is_compared=wish.is_compared or is_missing),
        found.anchors if wish.anchors and found is not None and found.is_html else None,
        is_missing,
    )
