"""What the demo site answers to which address: files by their place in ``site/``, and one table of the exceptions.

A file is served under its own path, an ``index.html`` also under its folder's. The query is ignored unless the table
names it. Everything here is a function of the address: no socket, no clock.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

HTML = "text/html; charset=utf-8"

_CONTENT_TYPES = {
    "html": HTML,
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "xml": "application/xml",
    "pdf": "application/pdf",
    "vtt": "text/vtt; charset=utf-8",
    "wav": "audio/wav",
}

_REDIRECTS: dict[str, tuple[int, str]] = {
    "/visit": (301, "/visit/"),
    "/visit/": (302, "find-us"),
    "/visit/find-us": (308, "/about/find-us/"),
    "/guide/mousse-d\N{RIGHT SINGLE QUOTATION MARK}été/": (301, "/guide/moss/"),
}


class Answer(NamedTuple):
    """What the site answers: a status, headers as pairs, the body, and whether the page is the slow one."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    is_slow: bool = False


class Trait(NamedTuple):
    """What sets one page apart from a file that is merely served."""

    file: str | None = None
    status: int = 200
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    is_packed: bool = False
    is_slow: bool = False


_TRAITS: dict[str, Trait] = {
    "/shop/": Trait(
        headers=(("Link", '</css/site.css>; rel=preload; as=style, </shop/?page=2>; rel="next"; title="The second shelf, with trays"'),)
    ),
    "/shop/?page=2": Trait(file="shop/page-2.html"),
    "/blog/summer-sale/": Trait(status=410),
    "/blog/archive/": Trait(is_packed=True, headers=(("X-Robots-Tag", "noarchive, nofollow"),)),
    "/blog/letter-from-lyon/": Trait(content_type="text/html; charset=ISO-8859-1"),
    "/blog/old-catalogue/": Trait(content_type="text/html"),
    "/ja/": Trait(content_type="text/html", headers=(("Content-Location", "index.html"), ("Content-Language", "ja"))),
    "/ja/care/": Trait(content_type="text/html"),
    "/ja/手入れ/": Trait(file="ja/care/index.html", content_type="text/html"),
    "/moved/": Trait(content_type="text/html", headers=(("Refresh", "30; url=../about/"),)),
    "/press/": Trait(content_type="text/html; charset=iso-8859-1"),  # its byte order mark says otherwise, and is right
    "/weather/": Trait(is_slow=True),
    "/price-list.pdf": Trait(headers=(("X-Robots-Tag", "noindex"),)),
    "/feed.xml": Trait(content_type="application/atom+xml"),
}

_PAGES = (
    "/",
    "/guide/",
    "/guide/moss/",
    "/guide/ferns/",
    "/guide/light/",
    "/guide/water/",
    "/guide/spores/",
    "/guide/terrariums/",
    "/guide/pests/",
    "/guide/calendar/",
    "/shop/",
    "/shop/?page=2",
    "/shop/cushion-moss/",
    "/shop/maidenhair-fern/",
    "/shop/harts-tongue/",
    "/shop/spore-mix/",
    "/shop/seed-trays/",
    "/shop/gift-cards/",
    "/shop/basket/",
    "/shop/dodo-fern/",
    "/blog/",
    "/blog/first-frost/",
    "/blog/a-wall-of-moss/",
    "/blog/letter-from-lyon/",
    "/blog/old-catalogue/",
    "/blog/summer-sale/",
    "/blog/archive/",
    "/ja/",
    "/about/",
    "/friends/",
    "/contact/",
    "/press/",
    "/moved/",
    "/visit",
    "/weather/",
    "/secret-garden/",
    "/price-list.pdf",
)


def pages() -> list[str]:
    """Return the paths of the pages the demo's job reads, in the order of its list; one of them with a query."""
    return list(_PAGES)


def answer(path: str, query: str, base_url: str) -> Answer:
    """Return what the site answers to a request.

    Args:
        path: the path, percent-decoded, with its leading slash.
        query: what stands behind the question mark, or an empty text.
        base_url: the site's own address without a slash at its end, for the files that must name it.
    """
    if path in _REDIRECTS:
        status, location = _REDIRECTS[path]
        return Answer(status, (("Location", location),))
    trait = _TRAITS.get(f"{path}?{query}") or _TRAITS.get(path) or Trait()
    file = site_files().get(f"/{trait.file}" if trait.file else path)
    if file is not None:
        return _served(file, trait, base_url)
    if f"{path}/" in site_files():
        return Answer(301, (("Location", f"{path.rpartition('/')[2]}/"),))
    return _served(site_files()["/404.html"], Trait(status=404), base_url)


@cache
def site_files() -> dict[str, Traversable]:
    """Return every file of the site by the path that it is served under; nothing outside this table can be asked for."""
    return dict(_walk(files("linkhaul.demo").joinpath("site"), "/"))


def _walk(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{path}{entry.name}/")
            continue
        found.append((path + entry.name, entry))
        if entry.name == "index.html":
            found.append((path, entry))
    return found


def _served(file: Traversable, trait: Trait, base_url: str) -> Answer:
    body = file.read_bytes()
    if file.name.endswith((".txt", ".xml")):
        body = body.replace(b"{base}", base_url.encode("ascii"))
    content_type = trait.content_type or _CONTENT_TYPES[file.name.rpartition(".")[2]]
    headers = (("Content-Type", content_type), *trait.headers)
    if trait.is_packed:
        body = gzip.compress(body, mtime=0)
        headers = (*headers, ("Content-Encoding", "gzip"))
    return Answer(trait.status, headers, body, trait.is_slow)
