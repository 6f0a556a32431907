"""Whether a page has what a link's fragment names, as a browser looks for it, and when that cannot be said.

Source: https://html.spec.whatwg.org/multipage/browsing-the-web.html#the-indicated-part-of-the-document;
https://wicg.github.io/scroll-to-text-fragment/ for `:~:`
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal
from urllib.parse import unquote_to_bytes

from msgspec.structs import replace

from linkhaul.model.check import Verdict

FragmentState = Literal["none", "top", "found", "missing", "router", "scripted", "part", "lines", "unread"]
"""What can be said of a fragment.

* none: there is none, or only a directive for the browser, or a script's placeholder (`#!`, `#/`).
* top: the beginning of the page, which every page has.
* found, missing: something on the page has this id or name, or nothing has.
* router: it is for the page's script (`#/users`, `#!/users`).
* scripted: the page looks as if a script builds it, so its ids cannot be seen.
* part: only the first part of the page was read, and it is not in that.
* lines: numbers of lines, as the scripts of code hosts make them.
* unread: nothing is known of the page's ids.
"""

_LINES = re.compile(r"L\d+(?:C\d+)?(?:-L?\d+(?:C\d+)?)?")
_PREFIXES = ("user-content-",)
"""What code hosts put before the ids of pages they render; their script leads the bare name there."""


def fragment_state(
    fragment: str | None, anchors: Collection[str] | None, *, is_scripted: bool = False, is_part: bool = False
) -> FragmentState:
    """Return what can be said of a fragment.

    Args:
        fragment: what stands behind the first #, percent-encoded as in the link's URL.
        anchors: the ids and the names of `a` elements of the page; None when they are not known. A set answers fastest.
    """
    text = (fragment or "").partition(":~:")[0]
    if text in ("", "!", "/", "!/"):
        return "none"
    if anchors is not None and text in anchors:  # most are there as they are written
        return "found"
    decoded = unquote_to_bytes(text).decode("utf-8", "replace").removeprefix("\ufeff")
    if anchors is not None and any(name in anchors for name in (decoded, *(prefix + decoded for prefix in _PREFIXES))):
        return "found"
    if decoded.isascii() and decoded.lower() == "top":
        return "top"
    return _absent(decoded, is_known=anchors is not None, is_scripted=is_scripted, is_part=is_part)


def _absent(decoded: str, *, is_known: bool, is_scripted: bool, is_part: bool) -> FragmentState:
    """Return what can be said of a fragment that nothing seen on the page has."""
    cases: tuple[tuple[bool, FragmentState], ...] = (
        (decoded[:1] in ("/", "!"), "router"),
        (is_scripted, "scripted"),
        (not is_known and not is_part, "unread"),
        (_LINES.fullmatch(decoded) is not None, "lines"),
        (is_part, "part"),
    )
    return next((state for is_so, state in cases if is_so), "missing")


_WHY = {
    "router": "the page is there; #{fragment} is for its script, and what that shows cannot be seen",
    "scripted": "the page is there, but a script builds it, so whether it has #{fragment} cannot be seen",
    "part": "the page is there, but only its first part was read, and #{fragment} is not in that",
    "lines": "the page is there; #{fragment} names lines, which its script makes",
    "unread": "the page is there; it was not read, so whether it has #{fragment} is not known",
}


def with_fragment(verdict: Verdict, fragment: str | None, state: FragmentState) -> Verdict:
    """Return the verdict on a link from the verdict on the page it leads to and what can be said of its fragment.

    Only where the page is there the fragment matters; the address to write instead keeps it.
    """
    if verdict.name not in ("ok", "redirected") or verdict.code == "accepted" or not fragment:
        return verdict
    if state == "missing":
        where = f"{verdict.final_url} is there" if verdict.final_url else "the page is there"
        return replace(
            verdict, name="broken", code="fragment", detail=f"{where}, but nothing on it has the id {_shown(fragment)}", instead=None
        )
    if state in _WHY:
        return replace(verdict, name="unverifiable", code=state, detail=_WHY[state].format(fragment=fragment[:100]), instead=None)
    return replace(verdict, instead=f"{verdict.instead}#{fragment}") if verdict.instead and "#" not in verdict.instead else verdict


def _shown(fragment: str) -> str:
    text = unquote_to_bytes(fragment.partition(":~:")[0]).decode("utf-8", "replace")
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:100])
    return f'"{shown}"'
