"""What each part costs a page, alone, in one process: the budget that the whole has to keep to.

Each part is timed over the whole tree in CPU seconds of this process, the best of three: what is looked for is the cost
of the code, not of the machine's other work.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from itertools import pairwise

from bench.corpus import TREE, page_names
from bench.rounds import fresh_folder
from bench.server import MissingPart, serve

ORIGIN = "http://127.0.0.1:8000/"
IN_FLIGHT = 16


def run_parts() -> None:
    """Print µs of CPU a page for each part.

    Raises:
        MissingPart: linkhaul is not importable here.
    """
    names = page_names()
    bodies = [(TREE / name).read_bytes() for name in names]
    reading = _reading(names, bodies)
    figures = [("fetch: get, 16 at once", _time_fetch(names)), *((name, _best(act)) for name, act in reading)]
    for name, seconds in figures:
        print(f"{name:<44} {seconds / len(names) * 1e6:8.1f} µs/page")


def _best(act: Callable[[], object]) -> float:
    """Return the CPU seconds of the best of three."""
    marks = [time.process_time()]
    for _ in range(3):
        act()
        marks.append(time.process_time())
    return min(later - earlier for earlier, later in pairwise(marks))


def _time_fetch(names: list[str]) -> float:
    """Return the CPU seconds of fetching every page and forgetting it."""
    home = fresh_folder()
    try:
        with serve(TREE, home) as server:
            urls = [f"{server.origins[0]}/{name}" for name in names]
            return _best(lambda: asyncio.run(_fetch_all(urls)))
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def _fetch_all(urls: list[str]) -> None:
    from linkhaul.config import FetchSettings
    from linkhaul.fetch.credentials import Credentials
    from linkhaul.fetch.http import HttpFetcher
    from linkhaul.model.records import Target

    left = iter(urls)
    settings = FetchSettings()
    async with HttpFetcher(settings, concurrency=IN_FLIGHT, credentials=Credentials.parse(settings, [])) as http:

        async def fetch_some() -> None:
            for url in left:
                await http.get(Target(1, url, "/".join(url.split("/")[:3]), typed=True))

        await asyncio.gather(*(fetch_some() for _ in range(IN_FLIGHT)))


def _reading(names: list[str], bodies: list[bytes]) -> list[tuple[str, Callable[[], object]]]:
    """Return the parts that need no network, each over the whole tree."""
    try:
        import turbohtml

        from linkhaul.export.delimited import DelimitedText, fresh_dialect
        from linkhaul.model.columns import LINKS
        from linkhaul.model.resolve import Resolver
        from linkhaul.read.html import read_page
    except ImportError as error:
        raise MissingPart(f"linkhaul is not importable here ({error}); run this with the interpreter that has it") from error

    pages = [read_page(body, ORIGIN + name) for name, body in zip(names, bodies, strict=True)]
    text = DelimitedText(LINKS, fresh_dialect("csv", LINKS), excel=False)
    raw = [[link.raw for link in page.links] for page in pages]
    rows = [link for page in pages for link in page.links]
    chunks = [rows[i : i + 1000] for i in range(0, len(rows), 1000)]
    return [
        ("parse: turbohtml alone", lambda: [turbohtml.parse(body, positions=False) for body in bodies]),
        ("read: parse, links, text, title", lambda: [read_page(body, ORIGIN + name) for name, body in zip(names, bodies, strict=True)]),
        ("  of it: resolving", lambda: [[*map(Resolver(page.url).resolve, raws)] for page, raws in zip(pages, raw, strict=True)]),
        ("write: rows to CSV", lambda: [text.encode(chunk) for chunk in chunks]),
    ]
