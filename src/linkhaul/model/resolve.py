"""What a link's text means on a page: the join of the URL standard, with short cuts for what most links look like.

How this works: ada does the joining. But nearly every link of the web is one of five shapes whose join is to put a
prefix before it, and one regular expression tells that in a tenth of the time of a join:

* `name/name?query#part`: the page's directory;
* `#part`: the page's own URL;
* `https://host.example/name?query#part`: nothing, it is in normal form already;
* `/name/name?query#part`: the page's origin;
* `../name?query#part`: a directory above the page's.

The patterns admit only characters that the standard leaves as they are in that place: no dot segments, no escaped dot,
no host that is or could be a number or an encoded international name, no port that might be the scheme's own. The page's
URL has to have one of these forms too. Everything else goes to ada. A property test holds that both ways agree.

Source: https://url.spec.whatwg.org/#url-parsing
"""

from __future__ import annotations

import re
from functools import lru_cache

from ada_url import join_url

_NAME = r"[A-Za-z0-9_~!$&'()*+,;=@.\-]*+"
_PLAIN = _NAME.replace("@", "@:")
_FIRST = rf"[A-Za-z0-9_~!$&'()*+,;=@\-]{_NAME}(?:%(?!2[eE]){_NAME})*+"
_SEGMENT = rf"(?:(?!\.){_PLAIN}(?:%(?!2[eE]){_PLAIN})*+)"
_PATH = rf"(?:/{_SEGMENT})*+"
_QUERY = r"(?:\?[!$-&(-;=?-~]*+)?"
_TAIL = rf"{_QUERY}(?:#[!#-;=?-_a-~]*+)?"
_LABEL = r"(?!xn--)[a-z0-9\-]++"
_HOST = rf"(?:{_LABEL}\.)*+(?!xn--)[a-z][a-z0-9\-]*+"
_PORT = r"(?::[1-9][0-9]{3})?"

_RELATIVE, _FRAGMENT, _ABSOLUTE, _ROOTED, _UPWARD = range(1, 6)
_SHAPES = re.compile(
    rf"({_FIRST}{_PATH}{_TAIL})|(#[!#-;=?-_a-~]*+)|(https?://{_HOST}{_PORT}(?=/){_PATH}{_TAIL})"
    rf"|(/(?:{_FIRST}{_PATH})?{_TAIL})|((?:\.\./)++(?:{_FIRST}{_PATH})?{_TAIL})"
)
_BASE = re.compile(rf"(https?://(?:{_HOST}|127\.0\.0\.1|localhost){_PORT}|file://)((?=/){_PATH}){_QUERY}(?:#.*+)?")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Resolver:
    """Resolves the links of one page against its base URL."""

    __slots__ = ("_directory", "_prefixes", "_root", "base")

    def __init__(self, base: str) -> None:
        self.base = base
        found = _BASE.fullmatch(base)
        if found is None or (found[1] == "file://" and ":" in found[2]):  # a Windows drive is never left by ".."
            self._prefixes: tuple[str | None, ...] = (None, None, None, "", None, None)
            self._directory = self._root = ""
            return
        self._root = found[1] + "/"
        self._directory = base[: base.rfind("/", 0, found.end(2)) + 1]
        self._prefixes = (None, self._directory, base.partition("#")[0], "", found[1], None)

    def resolve(self, raw: str) -> str | None:
        """Return the absolute URL that a link's text means here, with its fragment, or None if it cannot be parsed."""
        shape = _SHAPES.fullmatch(raw)
        if shape is not None:
            prefix = self._prefixes[shape.lastindex or 0]
            if prefix is not None:
                return prefix + raw
            if shape.lastindex == _UPWARD and self._directory:
                return self._above(raw)
        try:
            return join_url(self.base, raw)
        except ValueError:
            return self._mended(raw)

    def _above(self, raw: str) -> str:
        directory = self._directory
        while raw.startswith("../"):
            raw = raw[3:]
            if len(directory) > len(self._root):  # the top has nothing above it
                directory = directory[: directory.rfind("/", 0, -1) + 1]
        return directory + raw

    def _mended(self, raw: str) -> str | None:
        """Join once more with half characters replaced, as the standard does, for ada's wrapper cannot take them."""
        mended = _LONE_SURROGATE.sub("\ufffd", raw)
        if mended == raw:
            return None
        try:
            return join_url(self.base, mended)
        except ValueError:
            return None


@lru_cache(maxsize=64)
def resolver(base: str) -> Resolver:
    """Return the resolver of a base URL; the last ones are kept, because links come page by page."""
    return Resolver(base)
