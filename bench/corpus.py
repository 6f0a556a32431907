"""The pages: Debian's PostgreSQL manual, real documentation of 1,169 pages, and the lists made of it."""

from __future__ import annotations

from pathlib import Path

from bench.server import MissingPart

TREE = Path("/usr/share/doc/postgresql-doc-15/html")
START_PAGE = "index.html"


def page_names() -> list[str]:
    """Return the names of the tree's pages, sorted.

    Raises:
        MissingPart: the package is not installed.
    """
    names = sorted(path.name for path in TREE.glob("*.html"))
    if not names:
        raise MissingPart(f"{TREE} holds no pages; it comes with: sudo apt-get install postgresql-doc-15")
    return names


def list_urls(origin: str, times: int) -> list[str]:
    """Return every page `times` over, with ?r=0, ?r=1, ... so that no two URLs are equal."""
    names = page_names()
    return [f"{origin}/{name}?r={i}" for i in range(times) for name in names]
