"""Made-up visits and links."""

from __future__ import annotations

from collections.abc import Sequence

from linkhaul.model.records import Failure, Hop, Link, Page, Target, Visit
from linkhaul.model.url import host_of, split_fragment, target_url, url_id
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import NewUrl

WALL = 1_700_000_000.0
FOUND_AT = "2023-11-14T22:13:20.000Z"


def link(page_url: str, n: int, url: str | None, text: str = "a link") -> Link:
    fragment = split_fragment(url)[1] if url else None
    return Link(page_url, n, url, url or "http://[", fragment, "page", "a", "href", text, "nofollow", None, None, None, None,
                False, "main", n % 2 == 0, n % 3 == 0, "html", FOUND_AT)  # fmt: skip


def target(url: str, *, depth: int = 0, attempt: int = 0) -> Target:
    return Target(url_id(url), url, host_of(url), depth, "seed", attempt)


def visit(of: Target, links: Sequence[str | None] = (), *, hops: tuple[Hop, ...] = (), failure: Failure | None = None) -> Visit:
    final = hops[-1].location if hops else of.url
    if failure is not None:
        return Visit(of, final, "failed", WALL, None, failure, hops)
    page = Page(final, final, "utf-8", "header", "A title", "en", links=[link(final, n, url) for n, url in enumerate(links, 1)])
    return Visit(of, final, "ok", WALL, 200, None, hops, "text/html", 1234, page=page, link_count=len(links))


def ids(*visits: Visit) -> dict[str, int]:
    """Return the ids of all links' URLs, as the engine hands them in."""
    return {one.url: url_id(target_url(one.url)) for seen in visits for one in seen.links if one.url is not None}


def new(frontier: Frontier, url: str, *, depth: int = 0, state: str = "queued", parent: str | None = None) -> NewUrl:
    found = "seed" if depth == 0 else "link"
    return NewUrl(url_id(url), url, frontier.host_id(host_of(url)), depth, state, found, found, url_id(parent) if parent else None)
