"""What of a reply's body is worth reading, decided from its status and headers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from linkhaul.decide.media import HTML_TYPES, is_page, media_type
from linkhaul.fetch.decode import BodyFault, encodings, too_large
from linkhaul.model.fetcher import GLANCE_BYTES, Accept

ANY_BYTES = 52_428_800
"""Size of the largest sitemap that its protocol allows; the cap for what is not a page is at least this."""

ROBOTS_BYTES = 512_000
"""What is read of a robots.txt (RFC 9309, section 2.5: at least 500 KiB)."""


_MEDIA_KEPT = 1_000
_LENGTH_DIGITS = 20  # of 64 bits, which is what the parser allows


class Plan(NamedTuple):
    """How one body is read.

    Attributes:
        names: the encodings it is packed with, as `decode.encodings` gives them.
        cap: most bytes after unpacking; a larger body is a failure.
        cut_at: where a body is cut without that being a failure; None for nowhere.
        is_sniffed: whether it is read only if its first bytes look like HTML.
    """

    names: tuple[str, ...]
    cap: int
    cut_at: int | None = None
    is_sniffed: bool = False


def announced(headers: Mapping[str, str]) -> int:
    """Return the Content-Length, which the parser has found to be digits; 0 for none.

    Zeros may stand before it, more of them than Python is willing to read as a number.
    """
    length = headers.get("content-length")
    return int(length.strip()[-_LENGTH_DIGITS:] or 0) if length else 0


def _packing(headers: Mapping[str, str]) -> str | None:
    """Return what a body is packed with, by either header that may say so; the parser undoes "chunked" and no more (RFC 9112, section 7)."""
    packed = headers.get("content-encoding")
    sent = headers.get("transfer-encoding")
    if sent is None or sent == "chunked":
        return packed
    codings = [coding for coding in sent.split(",") if coding.strip().lower() not in ("chunked", "identity")]
    return ", ".join([*([packed] if packed else []), *codings]) or None


class Plans:
    """Makes the plan for each reply; one for a whole run.

    Args:
        max_body: largest page after unpacking, in bytes.
    """

    def __init__(self, max_body: int) -> None:
        self._page_cap = max_body
        self._any_cap = max(max_body, ANY_BYTES)
        self._page = Plan((), max_body)
        self._media: dict[str | None, str | None] = {}

    def choose(self, accept: Accept, status: int, headers: Mapping[str, str]) -> Plan | None:
        """Return how a body is read; None for one that is of no use.

        Args:
            accept: what the asker can use.
            headers: by lower-case name, the first value of each.

        Raises:
            BodyFault: it is announced to be too large, or packed with what we cannot unpack.
        """
        named = headers.get("content-type")
        media = self._media.get(named) or self._remembered(named)
        if accept in ("page", "whole") and is_page(status, media):
            packed = _packing(headers)
            if packed is None and media is not None and announced(headers) <= self._page_cap:
                return self._page
            return self._checked(Plan(encodings(packed), self._page_cap, None, media is None), headers)
        if accept in ("glance", "whole"):
            is_text = media is None or media in HTML_TYPES or media.startswith("text/")
            names = encodings(_packing(headers)) if is_text else ()
            return Plan(names, self._any_cap, GLANCE_BYTES, media is None) if is_text else None
        if accept == "page" or status >= 300:
            return None
        cut_at = ROBOTS_BYTES if accept == "robots" else None
        return self._checked(Plan(encodings(_packing(headers)), self._any_cap, cut_at), headers)

    def _remembered(self, named: str | None) -> str | None:
        media = media_type(named)
        if len(self._media) < _MEDIA_KEPT:
            self._media[named] = media
        return media

    def _checked(self, plan: Plan, headers: Mapping[str, str]) -> Plan:
        length = announced(headers)
        if length > plan.cap and plan.cut_at is None:
            raise BodyFault(too_large(plan.cap, length))
        return plan
