"""How a job reads its pages: the links of the kinds that are asked for, and for a check what a path from the top means on disk."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from linkhaul.config import Config
from linkhaul.crew.crew import Crew
from linkhaul.crew.messages import Order
from linkhaul.export.recipe import Recipe, texts_of
from linkhaul.model.records import KINDS, Link, Page, Reply
from linkhaul.model.resolve import resolver
from linkhaul.motion.parts import Read

MOST_BY_THEMSELVES = 4
"""How many processes share the work when nobody says: more than one can feed have nothing to do."""
QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Where a container on Linux finds how much of each period it may compute, on however many cores."""
PARSER_AFTER_S = 0.02
"""When the parser is loaded, unless a page comes before."""


def order(config: Config) -> Order:
    """Return what is read of each page."""
    kinds = frozenset(KINDS if "all" in config.rows.kinds else config.rows.kinds)
    return Order(kinds=kinds, max_links=config.crawl.max_links_per_page, agent=config.fetch.user_agent.lower(), facts=config.audit.facts)


def crew(config: Config, recipes: tuple[Recipe, ...] = (), tell: Callable[[str], None] = lambda _: None) -> Crew | None:
    """Return the readers that a job may have besides its own process; None where it is to have none, or cannot.

    Args:
        recipes: how the text outputs write the rows of its links, so that readers do it.
        tell: see `Crew`.
    """
    workers = config.run.workers or min(_cores(), MOST_BY_THEMSELVES)
    if workers < 2 or os.name != "posix" or getattr(sys, "frozen", False) or not sys.executable:
        return None
    return Crew(replace(order(config), rows=config.rows, recipes=recipes), workers - 1, at_once=config.run.workers is not None, tell=tell)


def _cores() -> int:
    """Return how many cores this process may use, or is allotted the time of."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # pragma: no cover: macOS
        cores = os.cpu_count() or 1
    try:
        share, period = QUOTA.read_text().split()
        return max(1, min(cores, round(int(share) / int(period))))
    except (OSError, ValueError):  # no container, or one without a limit, which is called "max"
        return cores


def reader(config: Config, recipes: tuple[Recipe, ...] = (), *, is_check: bool = False) -> Read:
    """Return what reads a page; the parser itself is loaded with the first one, or before by `load_parser_soon`.

    Args:
        recipes: how the text outputs write the rows of its links, where a page is to come with them, as from readers.
        is_check: each page is looked at once more, for what a check judges by; it is parsed once for both.
    """
    options = replace(order(config).options(), document=is_check)
    texts = texts_of(config.rows, recipes) if recipes else None

    def read(reply: Reply, url: str, found_at: str) -> Page:
        from linkhaul.read.html import read_page

        page = read_page(reply.body, url, reply.headers, options=options, found_at=found_at)
        if texts is not None:
            page.texts = texts(page.links)
        return page

    return read


def load_parser_soon() -> None:
    """Have what parses pages loaded while the first requests are on their way: it takes as long as all of the engine. Call it on the loop."""

    def load() -> None:
        from linkhaul.read.html import read_page  # noqa: F401

    asyncio.get_running_loop().call_later(PARSER_AFTER_S, load)


def reader_from_top(read: Read, roots: Sequence[tuple[str, Path]]) -> Read:
    """Return a reader for which `/x` on a page from disk means x in the folder that was named, as it does once that is served.

    Args:
        roots: pairs (URL prefix, folder) under which files on disk are found.
    """
    tops = sorted((prefix for prefix, _ in roots if prefix.startswith("file:")), key=len, reverse=True)
    if not tops:
        return read

    def read_from_top(reply: Reply, url: str, found_at: str) -> Page:
        page = read(reply, url, found_at)
        top = next((top for top in tops if url.startswith(top)), None)
        if top is not None and page.base_url.startswith("file:"):
            page.links = [_from_top(link, top) if link.raw.lstrip()[:1] == "/" else link for link in page.links]
        return page

    return read_from_top


def _from_top(link: Link, top: str) -> Link:
    raw = link.raw.strip()
    if raw.startswith("//") or link.url is None or not link.url.startswith("file:"):
        return link
    url = resolver(top).resolve(raw.lstrip("/") or "./")
    return link if url is None else link._replace(url=url)
