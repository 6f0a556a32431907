"""What a link's text means on a page: the join of the URL standard, with short cuts for what most links look like.

How this works: ada does the joining. But nearly every link of the web is one of seven shapes whose join is to put a
prefix before it, and one regular expression tells that in a tenth of the time of a join:

* `name/name?query#part`: the page's directory (a name alone is tried first: it is told in half the time);
* `#part` or nothing at all: the page's own URL;
* `https://host.example/name?query#part`: nothing, it is in normal form already;
* `/name/name?query#part`: the page's origin;
* `../name?query#part`: a directory above the page's;
* `?query#part`: the page's own URL up to its path.

The patterns admit only characters that the standard leaves as they are in that place: no dot segments, no escaped dot,
no host that is or could be a number (an address of four plain numbers may) or an encoded international name, no port that might
be the scheme's own. The page's URL has to have one of these forms too. Everything else goes to ada. A property test holds that both ways agree.

Source: https://url.spec.whatwg.org/#url-parsing
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from ada_url import join_url

_NAME = r"[A-Za-z0-9_~!$&'()*+,;=@.\-]*+"
_PLAIN = _NAME.replace("@", "@:")
_FIRST = rf"[A-Za-z0-9_~!$&'()*+,;=@\-]{_NAME}(?:%(?!2[eE]){_NAME})*+"
_SEGMENT = rf"(?:(?!\.){_PLAIN}(?:%(?!2[eE]){_PLAIN})*+)"
_PATH = rf"(?:/{_SEGMENT})*+"
_QUERY = r"(?:\?[!$-&(-;=?-~]*+)?"
FRAGMENT = "#[!#-;=?-_a-~]*+"
"""A fragment that the standard leaves as it is."""
_TAIL = rf"{_QUERY}(?:{FRAGMENT})?"
_LABEL = r"(?!xn--)[a-z0-9\-]++"
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_HOST = rf"(?:(?:{_LABEL}\.)*+(?!xn--)[a-z][a-z0-9\-]*+|{_BYTE}(?:\.{_BYTE}){{3}})"
_PORT = r"(?::(?:[1-9][0-9]{3}|[1-5][0-9]{4}|6[0-4][0-9]{3}))?"

Reach = Literal["page", "directory", "host"]
"""On which other pages a text means the same: on none, on those of its directory, on those of its host."""

_UPWARD = 6
_REACHES: tuple[Reach, ...] = ("page", "directory", "directory", "page", "host", "host", "directory", "page")
_SHAPES = re.compile(
    rf"([A-Za-z0-9_\-][A-Za-z0-9_.\-]*+(?:{FRAGMENT})?)|({_FIRST}{_PATH}{_TAIL})|((?:{FRAGMENT})?)|(https?://{_HOST}{_PORT}(?=/){_PATH}{_TAIL})"
    rf"|(/(?:{_FIRST}{_PATH})?{_TAIL})|((?:\.\./)++(?:{_FIRST}{_PATH})?{_TAIL})|((?=\?){_TAIL})"
)
_BASE = re.compile(rf"(https?://{_HOST}{_PORT}|file://)((?=/){_PATH}){_QUERY}(?:#.*+)?")
_LEAF = re.compile(rf"(?!\.){_NAME}(?:%(?!2[eE]){_NAME})*+{_QUERY}(?:#.*+)?")
_OTHER_SCHEME = re.compile(r"(?!(?:https?|wss?|ftp|file):)[a-z][a-z0-9+.\-]*+:", re.IGNORECASE | re.ASCII)
_LONGEST = 1000
"""Characters of the longest directory that is remembered."""
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Resolver:
    """Resolves the links of one page against its base URL.

    Attributes:
        root: the scheme, host and port of the base with a slash; empty where the base is not of the plain form.
        directory: the base up to its last slash; likewise.
        page: the base without its fragment; likewise.
    """

    __slots__ = ("_prefixes", "base", "directory", "page", "root")

    def __init__(self, base: str) -> None:
        self.base = base
        directory = base[: base.rfind("/") + 1]
        front = _front(directory) if len(directory) <= _LONGEST else None
        if front is None or front[2] != directory or not _LEAF.fullmatch(base, len(directory)):
            front = _analysed(base)
        if front is None:
            self._prefixes: tuple[str | None, ...] = (None, None, None, None, "", None, None, None)
            self.directory = self.root = self.page = ""
            return
        origin, self.root, self.directory = front
        self.page = page = base.partition("#")[0]
        self._prefixes = (None, self.directory, self.directory, page, "", origin, None, page.partition("?")[0])

    def resolve(self, raw: str) -> str | None:
        """Return the absolute URL that a link's text means here, with its fragment, or None if it cannot be parsed."""
        return self.placed(raw)[0]

    def placed(self, raw: str) -> tuple[str | None, Reach]:
        """Return the URL as `resolve` does, and on which pages this text means the same."""
        shape = _SHAPES.fullmatch(raw)
        if shape is not None:
            index = shape.lastindex or 0
            prefix = self._prefixes[index]
            if prefix is not None:
                return prefix + raw, _REACHES[index]
            if index == _UPWARD and self.directory:
                return self._above(raw), "directory"
        try:
            return join_url(self.base, raw), _reach(raw)
        except ValueError:
            return self._mended(raw), "page"

    def _above(self, raw: str) -> str:
        rest = raw.lstrip("./")
        directory = self.directory
        for _ in range((len(raw) - len(rest)) // 3):
            if len(directory) > len(self.root):  # the top has nothing above it
                directory = directory[: directory.rfind("/", 0, -1) + 1]
        return directory + rest

    def _mended(self, raw: str) -> str | None:
        """Join once more with half characters replaced, as the standard does, for ada's wrapper cannot take them."""
        mended = _LONE_SURROGATE.sub("\ufffd", raw)
        if mended == raw:
            return None
        try:
            return join_url(self.base, mended)
        except ValueError:
            return None


def _analysed(base: str) -> tuple[str, str, str] | None:
    """Return the origin of a base URL, the same with a slash, and its directory; None where it is not of the plain form."""
    found = _BASE.fullmatch(base)
    if found is None or (found[1] == "file://" and ":" in found[2]):  # a Windows drive is never left by ".."
        return None
    return found[1], found[1] + "/", base[: base.rfind("/", 0, found.end(2)) + 1]


_front = lru_cache(maxsize=64)(_analysed)
"""The same for a directory, remembered: the pages of a directory come one after the other."""


def _reach(raw: str) -> Reach:
    """Return how far the meaning of any text reaches: one that has no path of its own, like `?next`, is of the page itself.

    A scheme that is not followed by two slashes may be without a path, too: `https:?next`.
    """
    if raw.startswith(("/", "http://", "https://")) or _OTHER_SCHEME.match(raw) is not None:
        return "host"
    return "directory" if raw[:1] > " " and raw[0] not in "?#" and ":" not in raw else "page"


@lru_cache(maxsize=64)
def resolver(base: str) -> Resolver:
    """Return the resolver of a base URL; the last ones are kept, because links come page by page."""
    return Resolver(base)
