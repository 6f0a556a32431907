"""Which links a check looks at."""

from __future__ import annotations

from collections.abc import Collection

from linkhaul.config import Kind
from linkhaul.model.records import KINDS, Link

CHECKED_KINDS: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "form")
"""What is checked when nobody says: all kinds but forms, which are there to be sent, not to be asked for."""

NAMED = 3
"""So many kinds of link are named in a sentence."""

HINTS = frozenset({"preconnect", "dns-prefetch"})
"""Words of rel that name a host to get ready for: nothing need be at its root."""

_NOT_ASKED = frozenset(
    {("base", "href"), ("a", "ping"), ("area", "ping"), ("object", "classid"), ("object", "codebase"), ("applet", "codebase")}
)
"""Attributes whose URL nothing need answer to: what others are resolved against, or what is only ever sent to."""


def may_check(tag: str, attr: str, rel: str | None) -> bool:
    """Return whether the URL of such a link leads to something that should be there.

    Args:
        rel: the words of rel, lower case, with one space between; None when there are none.
    """
    if (tag, attr) in _NOT_ASKED:
        return False
    return rel is None or HINTS.isdisjoint(rel.split())


def kinds_left_out(kinds: Collection[str]) -> str:
    """Return which kinds that a check looks at are not among these, the first few by name; nothing where all are."""
    missing = [] if "all" in kinds else [kind for kind in CHECKED_KINDS if kind not in kinds]
    return ", ".join(missing[:NAMED]) + (", ..." if len(missing) > NAMED else "")


def is_checked(link: Link) -> bool:
    """Return whether a check looks at a link: it has a URL, and something should be there."""
    return link.url is not None and may_check(link.tag, link.attr, link.rel)
