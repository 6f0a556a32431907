"""The public calls: links (blocking), alinks, stream and extract."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Unpack

from msgspec.structs import replace

from linkhaul.api.job import Job
from linkhaul.api.outputs import check_places
from linkhaul.api.request import Request
from linkhaul.api.resuming import held
from linkhaul.api.run_file import acknowledge
from linkhaul.api.runs import Run, opened
from linkhaul.api.session import Session
from linkhaul.api.signature import Settings
from linkhaul.api.sources import Source, gather
from linkhaul.config import Config, config_from
from linkhaul.errors import OutputError, RunFileError, SettingError
from linkhaul.export.outputs import OutputSpec, spec_for
from linkhaul.export.selection import Selection
from linkhaul.model.columns import PAGES
from linkhaul.model.records import KINDS, Link, Visit
from linkhaul.model.url import parse
from linkhaul.motion.progress import Progress
from linkhaul.read.options import ReadOptions

Out = str | os.PathLike[str]
STREAM_AHEAD = 32


def links(  # noqa: PLR0913 - the door: each is a keyword of its own
    urls: Source | Iterable[Source],
    out: Out | Sequence[Out] = (),
    *,
    pages: Out | Sequence[Out] = (),
    run: Out | None = None,
    fresh: bool = False,
    overwrite: bool = False,
    excel: bool = False,
    base_url: str | None = None,
    **settings: Unpack[Settings],
) -> Run:
    """Read every link of every page named, and return them as a run. Blocks; works anywhere, also inside a running loop.

    Args:
        urls: URLs, HTML files or folders (as Path), `UrlList`s, one or any iterable of them.
        out: files for the links, the format by suffix: .csv .tsv .jsonl .parquet .sqlite .xlsx.
        pages: files for the table of visits.
        run: the run file, to go on with after an interruption; one is chosen when absent.
        fresh: start over instead of going on.
        overwrite: replace outputs that exist, where the default is to add to them.
        excel: make CSV files that spreadsheet programs open right.
        base_url: where HTML files from disk live on the web.
        settings: see `linkhaul.config`, or docs/settings.md.

    Raises:
        SettingError, SourceError: something cannot be meant; the message says what to write instead.
        RunFileError, OutputError: the run file or an output cannot be used.
        KeyboardInterrupt: it was interrupted; what it had done is in the run file and the outputs.
    """
    places = Places(out, pages, run, fresh, overwrite, excel, base_url)
    return _run_blocking(_request("links", urls, config_from(settings), places))


async def alinks(  # noqa: PLR0913 - the door, as above
    urls: Source | Iterable[Source],
    out: Out | Sequence[Out] = (),
    *,
    pages: Out | Sequence[Out] = (),
    run: Out | None = None,
    fresh: bool = False,
    overwrite: bool = False,
    excel: bool = False,
    base_url: str | None = None,
    **settings: Unpack[Settings],
) -> Run:
    """The same as `links`, awaited on the caller's loop. A cancellation ends it; what it had done is kept."""
    places = Places(out, pages, run, fresh, overwrite, excel, base_url)
    return await _run_awaited(_request("links", urls, config_from(settings), places))


def crawl(  # noqa: PLR0913 - the door: each is a keyword of its own
    urls: Source | Iterable[Source],
    out: Out | Sequence[Out] = (),
    *,
    pages: Out | Sequence[Out] = (),
    run: Out | None = None,
    fresh: bool = False,
    overwrite: bool = False,
    excel: bool = False,
    **settings: Unpack[Settings],
) -> Run:
    """Follow the links from these URLs as far as the scope reaches, and return the links of every page as a run.

    The same as `links` but for the settings that bound a crawl: scope, depth, max_pages, include, skip and the like.
    """
    places = Places(out, pages, run, fresh, overwrite, excel, None)
    return _run_blocking(_request("crawl", urls, config_from(settings), places))


async def acrawl(  # noqa: PLR0913 - the door, as above
    urls: Source | Iterable[Source],
    out: Out | Sequence[Out] = (),
    *,
    pages: Out | Sequence[Out] = (),
    run: Out | None = None,
    fresh: bool = False,
    overwrite: bool = False,
    excel: bool = False,
    **settings: Unpack[Settings],
) -> Run:
    """The same as `crawl`, awaited on the caller's loop. A cancellation ends it; what it had done is kept."""
    places = Places(out, pages, run, fresh, overwrite, excel, None)
    return await _run_awaited(_request("crawl", urls, config_from(settings), places))


def open_run(path: Out, **settings: Unpack[Settings]) -> Run:
    """Return the run in a run file, finished or not; it may be worked on meanwhile.

    Args:
        settings: match, exclude, only, unique and columns choose what `links` shows.

    Raises:
        RunFileError: there is none, or it cannot be read.
    """
    return opened(Path(path), config_from(settings).rows, are_kinds_chosen="kinds" in settings)


async def stream(
    urls: Source | Iterable[Source], *, crawl: bool = False, base_url: str | None = None, **settings: Unpack[Settings]
) -> AsyncIterator[Visit]:
    """Yield pages as they come, each a `Visit` with its `links`; leaving the loop early ends the job.

    A slow consumer slows the job down: at most 32 pages wait for it.

    Args:
        crawl: follow the links, as `crawl` does.
    """
    config = config_from(settings)
    selection = Selection(config.rows)
    ready: asyncio.Queue[Visit | None] = asyncio.Queue()
    room = asyncio.Event()

    async def settled() -> None:
        while ready.qsize() > STREAM_AHEAD:
            room.clear()
            await room.wait()

    request = Request(
        verb="crawl" if crawl else "links", sources=gather(urls, base_url, may_be_on_disk=not crawl), config=config, is_temporary=True,
        on_visit=ready.put_nowait, settled=settled,
    )  # fmt: skip
    session = Session(request)
    task = asyncio.create_task(session.conduct())
    task.add_done_callback(lambda _: ready.put_nowait(None))
    task.add_done_callback(lambda _: session.close())  # whoever left the loop may be cancelled before the job has ended
    try:
        while (visit := await ready.get()) is not None:
            room.set()
            page = visit.page
            # A copy: the run file still gets all links of the page.
            yield (
                visit if page is None else replace(visit, page=replace(page, links=[link for link in page.links if selection.passes(link)]))
            )
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def extract(html: bytes | str, url: str, content_type: str | None = None, **settings: Unpack[Settings]) -> list[Link]:
    """Return the links of one document, without any network.

    Args:
        html: the document; bytes are decoded as browsers do.
        url: where it is; relative links are resolved against it.
        content_type: the Content-Type it came with, which may name its encoding.
        settings: kinds, only, match and exclude choose the links; the others are for fetching.

    Raises:
        SourceError: the URL is none.
        SettingError: the document is neither text nor bytes.
        Unreadable: the document cannot be parsed at all.

    >>> [link.url for link in extract('<a href="../b#c">B</a>', "https://example.org/a/")]
    ['https://example.org/b#c']
    """
    from linkhaul.read.html import read_page

    if not isinstance(html, (str, bytes)):
        raise SettingError(f"html={repr(html)[:80]}: is no document; give its text, or its bytes as they came")
    config = config_from(settings)
    selection = Selection(config.rows)
    kinds = frozenset(KINDS if "all" in config.rows.kinds else config.rows.kinds)
    headers = (("content-type", content_type),) if content_type else ()
    options = ReadOptions(kinds=kinds, max_links=config.crawl.max_links_per_page)
    return [link for link in read_page(html, parse(url), headers, options=options).links if selection.passes(link)]


class Places(NamedTuple):
    """Where a job writes, and what it may do to what is there."""

    out: Out | Sequence[Out]
    pages: Out | Sequence[Out]
    run: Out | None
    fresh: bool
    overwrite: bool
    excel: bool
    base_url: str | None


def _run_blocking(request: Request) -> Run:
    job = Job(request)
    try:
        progress = job.wait()
    except (OutputError, RunFileError) as error:
        error.add_note(job.session.how_to_go_on())
        raise
    return _ended(request, job.session, progress)


async def _run_awaited(request: Request) -> Run:
    session = Session(request)
    try:
        progress = await session.conduct()
    except (asyncio.CancelledError, OutputError, RunFileError) as error:
        error.add_note(session.how_to_go_on())
        raise
    finally:
        session.close()
    return _ended(request, session, progress)


def _ended(request: Request, session: Session, progress: Progress) -> Run:
    acknowledge(session.path)
    return Run(session.path, request.config.rows, progress, held(request, session.path, progress))


def _request(verb: str, urls: Source | Iterable[Source], config: Config, places: Places) -> Request:
    choices = {"excel": places.excel, "overwrite": places.overwrite}
    columns = Selection(config.rows).columns
    out, pages = _each(places.out, "out"), _each(places.pages, "pages")
    check_places(out, pages)
    return Request(
        verb=verb,
        sources=gather(urls, places.base_url, may_be_on_disk=verb != "crawl"),
        config=config,
        links=tuple(_spec(path, columns=columns, table="links", **choices) for path in out),
        pages=tuple(_spec(path, columns=PAGES, table="pages", **choices) for path in pages),
        run=next(iter(_each(places.run, "run")), None),
        fresh=places.fresh,
    )


def _each(paths: Out | Sequence[Out] | None, name: str) -> list[str]:
    try:
        each = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths or ())
        return [os.fspath(path) for path in each]
    except TypeError:
        raise SettingError(f"{name}={paths!r}: is no path; give a text, a Path, or a list of them") from None


def _spec(path: str, **choices: Any) -> OutputSpec:
    if path == "-":
        raise SettingError("out='-' is for the command line; iterate run.links instead")
    if choices["excel"] and not Path(path).name.lower().endswith((".csv", ".tsv", ".gz", ".zst")):
        choices["excel"] = False
    return spec_for(path, **choices)
