"""The budget of CPU: what each stage of a page's way takes, beside the whole, on page sets that everybody has.

Each stage is timed by itself, in CPU time of this process, over blocks of pages; a round takes every page once, and the medians of
the rounds count. The stages are those of a run: the same functions, on the same bytes, in the order of a run. What the
whole takes beyond their sum is the engine: scheduling, robots, the ledger, and starting and ending the run.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import linkhaul
from bench.rounds import fresh_folder
from bench.shelf import SETS, page_set, served
from bench.table import write
from linkhaul.config import Config
from linkhaul.crew import memory
from linkhaul.decide.scope import Scope
from linkhaul.export.outputs import Writer, open_live
from linkhaul.export.selection import Selection
from linkhaul.export.spec import spec_for
from linkhaul.fetch.credentials import Credentials
from linkhaul.fetch.http import HttpFetcher
from linkhaul.model.columns import LINKS
from linkhaul.model.records import Page, Target, Timings, Visit
from linkhaul.model.resolve import Resolver
from linkhaul.model.url import host_of, url_id
from linkhaul.motion.admit import Admission
from linkhaul.read import encoding
from linkhaul.read.html import read_page
from linkhaul.read.options import ReadOptions
from linkhaul.read.places import Places
from linkhaul.read.rows import Rows
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal
from linkhaul.store.opening import create

IN_FLIGHT = 16
BLOCK_BYTES = 4_000_000
LEAST_PAGES = 400
"""Pages of one whole run: fewer would make a budget of its start."""
HEADERS = (("content-type", "text/html; charset=utf-8"),)
FOUND_AT = "2026-01-01T00:00:00Z"
ORDER = ("fetch", "parse", "links and survey", "resolve", "decide", "store", "write CSV")
_SETTINGS = {"gap": 0.0, "concurrency": IN_FLIGHT, "per_host": IN_FLIGHT, "workers": 1}

Pages = list[tuple[str, bytes]]


class Bench(NamedTuple):
    """What the stages after reading work with, in a folder of its own."""

    journal: Journal
    admission: Admission
    selection: Selection
    writer: Writer


def run_budget(names: tuple[str, ...], rounds: int, result: str) -> None:
    """Print the budget for each page set, and write it down.

    Args:
        result: what the file of results is called.
        names: page sets, see `shelf.SETS`; empty for all that are here.

    Raises:
        ValueError: no set is called so.
        MissingPart: a set that was named is not installed.
    """
    if unknown := [name for name in names if name not in SETS]:
        raise ValueError(f"no page set is called {', '.join(unknown)}; there are {', '.join(SETS)}")
    memory.relax()  # as the command does
    memory.settle()
    budgets = {}
    for name in names or [name for name in SETS if _is_here(name)]:
        with served(name) as origin:
            pages = page_set(name, origin)
            taken = [_round(pages) for _ in range(rounds)]
        count, links = len(pages), sum(len(read_page(body, url, HEADERS).links) for url, body in pages)
        budget = {"pages": count, "page_links": links / count, "page_bytes": sum(len(body) for _, body in pages) / count}
        budgets[name] = budget | {"stages_us": {stage: [each[stage] / count * 1e6 for each in taken] for stage in taken[0]}}
        _print(name, budgets[name])
    print(f"\nall of it: {write(result, {'rounds': rounds, 'sets': budgets})}")


def _is_here(name: str) -> bool:
    try:
        return bool(page_set(name, "http://127.0.0.1"))
    except RuntimeError:
        return False


def _round(pages: Pages) -> dict[str, float]:
    """Return the CPU seconds that each stage takes for all pages."""
    taken: dict[str, float] = {}
    times = -(-LEAST_PAGES // len(pages))
    urls = [f"{url}?r={i}" for i in range(times) for url, _ in pages]
    taken["fetch"] = _process_time(lambda: asyncio.run(_fetch(urls))) / times
    home = fresh_folder()
    try:
        for stage, seconds in _stages(pages, home):
            taken[stage] = taken.get(stage, 0.0) + seconds
        out, run = str(home / "whole.csv"), str(home / "whole.run")
        taken["whole"] = _process_time(lambda: linkhaul.links(urls, out, run=run, **_SETTINGS)) / times  # type: ignore[arg-type]
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return taken


def _process_time(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


async def _fetch(urls: list[str]) -> None:
    left = iter(urls)
    settings = Config().fetch
    async with HttpFetcher(settings, concurrency=IN_FLIGHT, credentials=Credentials.parse(settings, ())) as fetcher:

        async def fetch_some() -> None:
            for url in left:
                reply = await fetcher.get(Target(url_id(url), url, host_of(url), typed=True))
                if reply.status != 200:
                    raise RuntimeError(f"{url}: {reply.status} {reply.failure}")

        await asyncio.gather(*(fetch_some() for _ in range(IN_FLIGHT)))


def _stages(pages: Pages, home: Path) -> Iterator[tuple[str, float]]:
    """Yield the stages from parsing to writing with their seconds, block by block."""
    connection = create(home / "stages.run")
    journal = Journal(connection)
    config = Config()
    scope = Scope(name="page", settings=config.crawl)
    admission = Admission(Frontier(connection, journal), scope, obey_nofollow=False)
    writer = open_live(spec_for(str(home / "stages.csv"), columns=LINKS, table="links"), None)
    bench = Bench(journal, admission, Selection(config.rows), writer)
    size = max(1, BLOCK_BYTES * len(pages) // sum(len(body) for _, body in pages))
    try:
        for start in range(0, len(pages), size):
            yield from _block(pages[start : start + size], bench)
    finally:
        writer.close()
        connection.close()


def _block(pages: Pages, bench: Bench) -> Iterator[tuple[str, float]]:
    began = time.thread_time()
    for _, body in pages:
        encoding.parse(body, "utf-8")
    parsed = time.thread_time()
    found = [read_page(body, url, HEADERS, found_at=FOUND_AT) for url, body in pages]
    read = time.thread_time()
    _resolve(found)
    resolved = time.thread_time()
    yield "parse", parsed - began
    yield "resolve", resolved - read
    yield "links and survey", (read - parsed) - (parsed - began) - (resolved - read)
    visits = [(_visit(page, len(body)), True) for page, (_, body) in zip(found, pages, strict=True)]
    began = time.thread_time()
    new = [url for visit, _ in visits for url in bench.admission.links(visit.links, visit.target.id, 1)]
    decided = time.thread_time()
    bench.journal.add_visits(visits, bench.admission.ids)
    bench.admission.forget()
    if new:
        bench.journal.add_urls(new)
    bench.journal.commit()
    stored = time.thread_time()
    bench.writer.write(bench.selection.rows([link for visit, _ in visits for link in visit.links]))
    bench.writer.flush(durable=True)
    yield "decide", decided - began
    yield "store", stored - decided
    yield "write CSV", time.thread_time() - stored


def _resolve(found: list[Page]) -> None:
    for page in found:
        rows = Rows(page.url, FOUND_AT, ReadOptions())
        places = Places(Resolver(page.base_url), None, rows.home, rows.is_internal)
        known, find = places.known, places.find
        for link in page.links:
            known.get(link.raw) or find(link.raw)


def _visit(page: Page, size: int) -> Visit:
    target = Target(url_id(page.url), page.url, host_of(page.url))
    timings = Timings(wait_s=0.01, read_s=0.02)
    return Visit(target, page.url, "ok", 1_767_225_600.0, 200, None, (), "text/html", size, timings, 0.03, page, len(page.links))


def _print(name: str, budget: dict[str, Any]) -> None:
    count, links, size = budget["pages"], budget["page_links"], budget["page_bytes"]
    taken = {stage: statistics.median(figures) for stage, figures in budget["stages_us"].items()}
    print(f"\n{name}: {SETS[name]} ({count:,} pages of {size / 1000:,.0f} KB with {links:,.0f} links each)\n")
    whole = taken.pop("whole")
    total = sum(taken.values())
    rows = [*((stage, taken[stage]) for stage in ORDER), ("sum", total), ("engine and the rest", whole - total), ("whole", whole)]
    print("| stage | µs/page | µs/link | of the whole |\n|---|---|---|---|")
    for stage, each_us in rows:
        print(f"| {stage} | {each_us:,.0f} | {each_us / links:,.2f} | {each_us / whole:.0%} |")
    read = total - taken["fetch"]
    print(f"\nfrom bytes to rows: {read:,.0f} µs a page, {read / taken['parse']:.1f} times parsing alone")
