"""Where the links of a document lead, each text of a link worked out once.

A page says the same again and again (a picture and a heading that lead to one article), and so do the pages of a site (their
menus). What most texts mean depends on the page's host or directory alone, see `model.resolve.Reach`. So the answers are kept by host and by directory, for the pages to come: looking one up takes a twentieth
of working it out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from linkhaul.model.resolve import Resolver
from linkhaul.read.encoding import QueryEncoder

Place = tuple[str | None, str | None, bool]
"""Where a link leads: (absolute URL or None, its fragment or None, whether it is internal)."""

_MOST_PLACES = 1024
_MOST_DIRECTORIES = 32
_LONGEST = 250
"""Characters of the longest text and the longest directory that are remembered: with the numbers above 10 MB, and 30 at the very most."""


class Places:
    """Answers where a link's text leads, from one document.

    Args:
        home: scheme, host and port of the page with a slash: what begins so is internal.
        is_internal: tells it of any other URL.

    Attributes:
        known: the answers so far, by the text of the link; what is missing is for `find`.
    """

    __slots__ = ("_encode", "_home", "_is_internal", "_resolver", "_site", "known")

    def __init__(self, resolver: Resolver, encode: QueryEncoder | None, home: str, is_internal: Callable[[str], bool]) -> None:
        self._resolver = resolver
        self._encode = encode
        self._home = home
        self._is_internal = is_internal
        self._site: dict[str, Place] = {}
        self.known: dict[str, Place] = {}
        if resolver.directory and len(resolver.directory) <= _LONGEST:
            self._site = _known_on(resolver.root, home)
            self.known = _known_in(resolver.directory, resolver.root, home)

    def find(self, raw: str) -> Place:
        """Work out where a text leads, and keep it where it may be asked for again."""
        place = self._site.get(raw)
        if place is not None:
            self.known[raw] = place
            return place
        url, reach = self._resolver.placed(raw if self._encode is None else self._encode(raw))
        if url is None:
            return None, None, False
        fragment = (url.partition("#")[2] or None) if "#" in url else None
        place = (url, fragment, url.startswith(self._home) or self._is_internal(url))
        if reach != "page" and len(raw) <= _LONGEST and raw.isascii():  # what is not may mean another query in another encoding
            _keep(self.known, raw, place)
            if reach == "host":
                _keep(self._site, raw, place)
        return place


def _keep(known: dict[str, Place], raw: str, place: Place) -> None:
    if len(known) >= _MOST_PLACES:
        known.clear()
    known[raw] = place


@lru_cache(maxsize=_MOST_DIRECTORIES)
def _known_on(root: str, home: str) -> dict[str, Place]:  # noqa: ARG001 - the key of what is remembered
    """Return what is known of links below a root that mean the same everywhere, as pages of one host see them."""
    return {}


@lru_cache(maxsize=_MOST_DIRECTORIES)
def _known_in(directory: str, root: str, home: str) -> dict[str, Place]:  # noqa: ARG001 - as above
    """Return what is known of a directory's links; of a new directory, what means the same everywhere."""
    return dict(_known_on(root, home))
