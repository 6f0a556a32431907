"""The addresses that an XML sitemap, an RSS or an Atom feed names, as expat finds them.

Elements are known by their local names; a prefix counts as ours when it is the root's or none, so that a wrong or missing
namespace does no harm and `image:loc` is not taken for `loc`.
"""

from __future__ import annotations

from typing import NamedTuple
from xml.parsers import expat

MAX_NESTING = 64
MAX_TEXT = 10_000
"""How much of one element's text is kept; more than the longest address that counts."""

_ENTRIES = frozenset({"url", "sitemap", "item", "entry"})
_WANTED = frozenset({"loc", "link", "guid", "lastmod", "pubDate", "updated"})
_SITEMAPS = frozenset({"urlset", "sitemapindex"})
_FEEDS = frozenset({"rss", "RDF", "feed"})


class MarkupError(ValueError):
    """This XML is not read; the message is a sentence for people."""


class Named(NamedTuple):
    """An address as written, whether it is said to be a sitemap, and its date as written."""

    address: str
    is_sitemap: bool
    date: str | None


class Markup:
    """Reads one XML document that comes in pieces.

    Attributes:
        is_feed: whether the root said RSS or Atom.
    """

    def __init__(self) -> None:
        self.is_feed = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity
        self._prefix = ""
        self._open: list[str] = []
        self._values: dict[str, str] = {}
        self._parts: list[str] | None = None
        self._room = 0
        self._fed = 0
        self._found: list[Named] = []

    def feed(self, piece: bytes, *, is_last: bool) -> int:
        """Read a piece; return how many bytes wait for the end of the tag or comment that they are in.

        Raises:
            MarkupError: it is no sitemap or feed, declares an entity, or is nested too deep.
            expat.ExpatError: it is not well-formed XML.
            ValueError, LookupError: its encoding is not known.
        """
        self._parser.Parse(piece, is_last)
        self._fed += len(piece)
        return self._fed - max(0, self._parser.CurrentByteIndex)

    def taken(self) -> list[Named]:
        """Return what was found since the last call, in order."""
        found, self._found = self._found, []
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open:
            self._root(name)
        if len(self._open) >= MAX_NESTING:
            raise MarkupError(f"its elements are nested deeper than {MAX_NESTING}")
        local = self._local(name)
        inside = self._open[-1] if self._open else ""
        self._open.append(local)
        self._parts = None
        if local in _ENTRIES:
            self._values = {}
        elif inside in _ENTRIES and local in _WANTED and local not in self._values:
            self._parts, self._room = [], MAX_TEXT
            if local == "link" and "href" in attributes:
                self._parts = None
                if attributes.get("rel", "alternate") == "alternate":
                    self._values["link"] = attributes["href"]
            elif local == "guid" and attributes.get("isPermaLink", "true") != "true":
                self._parts = None

    def _end(self, _name: str) -> None:
        local = self._open.pop()
        if self._parts is not None:
            self._values[local] = "".join(self._parts).strip()
            self._parts = None
        elif local in _ENTRIES:
            self._finish(is_sitemap=local == "sitemap")

    def _text(self, text: str) -> None:
        if self._parts is not None and self._room > 0:
            self._parts.append(text[: self._room])
            self._room -= len(text)

    def _entity(self, name: str, *_about: object) -> None:
        raise MarkupError(f"it declares the entity {name[:40]!r}, which a sitemap has no use for")

    def _root(self, name: str) -> None:
        prefix, _, local = name.rpartition(":")
        if local not in _SITEMAPS and local not in _FEEDS:
            page = ", so it is a web page" if local.lower() == "html" else ""
            raise MarkupError(f"its outermost element is {local[:40]!r}{page}, and a sitemap's is urlset, sitemapindex, rss or feed")
        self._prefix = prefix
        self.is_feed = local in _FEEDS

    def _local(self, name: str) -> str:
        prefix, _, local = name.rpartition(":")
        return local if prefix in {"", self._prefix} else name

    def _finish(self, *, is_sitemap: bool) -> None:
        values, self._values = self._values, {}
        address = values.get("link") or values.get("guid") if self.is_feed else values.get("loc")
        if address is not None:
            date = values.get("lastmod") or values.get("pubDate") or values.get("updated")
            self._found.append(Named(address, is_sitemap and not self.is_feed, date or None))
