"""Where the links of a document lead, each text of a link worked out once.

A page says the same again and again (a picture and a heading that lead to one article), and so do the pages of a site (their
menus). What most texts mean depends on the page's host or directory alone, see `model.resolve.Reach`. So the answers are kept by host and by directory, for the pages to come: looking one up takes a twentieth
of working it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from linkhaul.model.resolve import FRAGMENT, Resolver
from linkhaul.read.encoding import QueryEncoder
from linkhaul.read.rows import Place

_FRAGMENT = re.compile(FRAGMENT)
_MOST_PLACES = 1024
_MOST_ALONE = 8192
"""How many texts are remembered of a directory among many, and of the only one: a manual in one folder names some 5,000."""
_MOST_DIRECTORIES = 32
_LONGEST = 250
"""Characters of the longest text and the longest directory that are remembered: with the numbers above 15 MB, and 47 at the very most."""


class Places:
    """Answers where a link's text leads, from one document.

    Args:
        home: scheme, host and port of the page with a slash: what begins so is internal.
        is_internal: tells it of any other URL.

    Attributes:
        known: the answers so far, by the text of the link; what is missing is for `find`.
    """

    __slots__ = ("_encode", "_home", "_is_here", "_is_internal", "_most", "_page", "_resolver", "_site", "known")

    def __init__(self, resolver: Resolver, encode: QueryEncoder | None, home: str, is_internal: Callable[[str], bool]) -> None:
        self._resolver = resolver
        self._encode = encode
        self._home = home
        self._is_internal = is_internal
        self._page = resolver.page
        self._is_here = resolver.page.startswith(home) or is_internal(resolver.page)
        self._most = _MOST_PLACES
        self._site: dict[str, Place] = {}
        self.known: dict[str, Place] = {}
        if resolver.directory and len(resolver.directory) <= _LONGEST:
            self._site = _known_on(resolver.root, home)
            self.known = _known_in(resolver.directory, resolver.root, home)

    def find(self, raw: str) -> Place:
        """Work out where a text leads, and keep it where it may be asked for again."""
        if raw[:1] == "#" and self._page and _FRAGMENT.fullmatch(raw):  # nobody else's, and a third of the links of a manual
            return self._page + raw, raw[1:] or None, self._is_here
        known, site = self.known, self._site
        place = site.get(raw)
        if place is None:
            url, reach = self._resolver.placed(raw if self._encode is None else self._encode(raw))
            if url is None:
                return None, None, False
            place = (url, url.partition("#")[2] or None, url.startswith(self._home) or self._is_internal(url))
            if reach == "page" or len(raw) > _LONGEST or not raw.isascii():  # what is not ASCII may mean another query in another encoding
                return place
            if reach == "host":
                if len(site) >= self._most:
                    self._make_room(site)
                site[raw] = place
        if len(known) >= self._most:
            self._make_room(known)
        known[raw] = place
        return place

    def _make_room(self, known: dict[str, Place]) -> None:
        """Forget what is known when it has had its share: the fewer directories there are, the more is kept of each."""
        self._most = max(_MOST_PLACES, _MOST_ALONE // max(1, _known_in.cache_info().currsize))
        if len(known) >= self._most:
            known.clear()


@lru_cache(maxsize=_MOST_DIRECTORIES)
def _known_on(root: str, home: str) -> dict[str, Place]:  # noqa: ARG001 - the key of what is remembered
    """Return what is known of links below a root that mean the same everywhere, as pages of one host see them."""
    return {}


@lru_cache(maxsize=_MOST_DIRECTORIES)
def _known_in(directory: str, root: str, home: str) -> dict[str, Place]:  # noqa: ARG001 - as above
    """Return what is known of a directory's links; of a new directory, what means the same everywhere."""
    return dict(_known_on(root, home))
