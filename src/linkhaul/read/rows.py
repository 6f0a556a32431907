"""The rows of one page: built in order, numbered, and bounded in number and size."""

from __future__ import annotations

from typing import NamedTuple

from linkhaul.model import url as urls
from linkhaul.model.records import Link
from linkhaul.read.options import ReadOptions

MAX_CHARACTERS = 32_000_000
"""Most characters in the rows of one page. A page of a few kilobytes could otherwise swell to gigabytes: a long base
URL stands in every row, and the text of anchors within anchors counts again at each level. Honest pages stay far below."""


Place = tuple[str | None, str | None, bool]
"""Where a link leads: (absolute URL or None, its fragment or None, whether it is internal)."""


class Traits(NamedTuple):
    """What all links of one element share."""

    text: str = ""
    rel: str | None = None
    title: str | None = None
    target: str | None = None
    hreflang: str | None = None
    type: str | None = None
    download: bool = False
    region: str = "body"
    follow: bool = True


class Mark(NamedTuple):
    """Where a link was read and what it is for."""

    kind: str
    tag: str
    attr: str
    origin: str = "html"


class Rows:
    """Collects the links of one page, of the kinds wanted, until a limit is reached; counts what it leaves out.

    Attributes:
        spent: characters in the rows so far.
        home: scheme, host and port of the page with a slash: what begins so is internal without more ado.
        _hosts: what was found of other hosts, by a URL's text up to its path: most pages name few of them, often.
    """

    __slots__ = ("_hosts", "found_at", "home", "kinds", "links", "max_links", "spent", "url", "withheld")

    def __init__(self, url: str, found_at: str, options: ReadOptions) -> None:
        self.url = url
        self.found_at = found_at
        self.home = urls.host_of(url) + "/"
        self.kinds = options.kinds
        self.max_links = options.max_links
        self.links: list[Link] = []
        self.spent = 0
        self.withheld = 0
        self._hosts: dict[str, bool] = {}

    def add(self, raw: str, url: str | None, mark: Mark, traits: Traits) -> None:
        """Add one row, or count it as withheld when the page has had its share; nothing when its kind is not wanted.

        Args:
            url: the absolute URL, or None when `raw` cannot be parsed.
        """
        if mark.kind in self.kinds:
            internal = url is not None and (url.startswith(self.home) or self.is_internal(url))
            fragment = (url.partition("#")[2] or None) if url is not None else None
            self.add_placed(raw, (url, fragment, internal), mark, traits)

    def add_placed(self, raw: str, place: Place, mark: Mark, traits: Traits) -> None:
        """Add one row as `add` does, of a link of which it is known where it leads."""
        kind, tag, attr, origin = mark
        if kind not in self.kinds:
            return
        url, fragment, internal = place
        text, rel, title, target, hreflang, type_, download, region, follow = traits
        self.spent += len(raw) + len(text) + (len(url) if url is not None else 0)
        n = len(self.links) + 1
        if n > self.max_links or self.spent > MAX_CHARACTERS:
            self.withheld += 1
            return
        link = (
            self.url, n, url, raw, fragment, kind, tag, attr, text, rel, title, target, hreflang, type_, download, region,
            internal, follow, origin, self.found_at,
        )  # fmt: skip
        self.links.append(Link._make(link))

    def is_internal(self, url: str) -> bool:
        """Tell whether a link stays on the page's registrable domain."""
        end = url.find("/", 8)
        host = url[:end] if end > 0 else url
        internal = self._hosts.get(host)
        if internal is None:
            internal = self._hosts[host] = urls.is_internal(urls.hostname_of(self.home), url)
        return internal
