"""A second, independent walk over a site: no HTTP, no linkhaul, the files alone, read with selectolax and joined with urllib."""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

HTML = (".html", ".htm")


class Anchor(NamedTuple):
    """One link as the second parser sees it: raw and text as they stand, rel in lower case."""

    raw: str
    text: str
    rel: str


class Found(NamedTuple):
    """What is at a URL: the status, whether it is a page, and the fewest clicks to it."""

    status: int
    is_page: bool
    depth: int


def anchors_in(path: Path) -> tuple[Anchor, ...]:
    """Return the a and area elements with an href, in document order."""
    found = []
    for node in LexborHTMLParser(path.read_bytes()).css("a[href], area[href]"):
        text = " ".join(node.text(deep=True).split())
        if not text:
            text = " ".join(" ".join(image.attributes["alt"] or "" for image in node.css("img[alt]")).split())
        found.append(Anchor(node.attributes["href"] or "", text, " ".join((node.attributes.get("rel") or "").lower().split())))
    return tuple(found)


def walk(root: Path, origin: str, start: str) -> dict[str, Found]:
    """Return every URL of the origin that clicks lead to from the start page, breadth first."""
    first = f"{origin}/{start}"
    found = {first: _at(root, first, 0)}
    queue = deque([first])
    while queue:
        url = queue.popleft()
        if not found[url].is_page:
            continue
        for link in _links(root, url):
            if urlsplit(link)[:2] == urlsplit(origin)[:2] and link not in found:
                found[link] = _at(root, link, found[url].depth + 1)
                queue.append(link)
    return found


def _links(root: Path, url: str) -> Iterator[str]:
    nodes = LexborHTMLParser(_file(root, url).read_bytes()).css("a[href], area[href]")
    written = {(node.attributes["href"] or "").strip().partition("#")[0] for node in nodes}
    return (urljoin(url, raw) for raw in written)


def _at(root: Path, url: str, depth: int) -> Found:
    """Return what a plain file server answers for a URL."""
    file = _file(root, url)
    if file.is_dir():
        return Found(403 if url.endswith("/") else 301, False, depth)
    return Found(200 if file.is_file() else 404, file.is_file() and file.suffix in HTML, depth)


def _file(root: Path, url: str) -> Path:
    path = root / posixpath.normpath(unquote(urlsplit(url).path)).lstrip("/")
    return path / "index.html" if path.is_dir() and (path / "index.html").is_file() else path
