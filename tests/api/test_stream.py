"""`alinks` and `stream`: on the caller's loop, in its rhythm, and nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import Reply, Site, moved, page

import linkhaul
from linkhaul.api.doors import STREAM_AHEAD
from linkhaul.errors import SettingError, SourceError
from linkhaul.model.records import Visit

Serve = Callable[[object], Site]
PAGES = {"/": page("/a", "/b#x", "https://example.org/"), "/a": page("/"), "/b": page(), "/r": moved("/a"), "/slow": page("/z", delay_s=30)}


@pytest.fixture(autouse=True)
def _left_clean() -> Iterator[None]:
    """After each test: no thread of ours, no run file's folder, no lock."""
    yield
    gc.collect()
    assert [thread.name for thread in threading.enumerate() if thread.name == "linkhaul-job"] == []


def others() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def leave(pages: Any) -> None:
    """Close a stream, as `contextlib.aclosing` does."""
    await pages.aclose()


def lines_in(name: str) -> int:
    return Path(name).read_text().count("\n")


async def test_alinks_gives_a_run(serve: Serve) -> None:
    """The awaited call gives what the blocking one gives, and leaves no task behind."""
    site = serve(PAGES)
    run = await linkhaul.alinks([site.url(), site.url("/a")], "links.jsonl", pages="pages.jsonl", concurrency=1)
    assert [link.url for link in run.links] == [site.url("/a"), site.url("/b#x"), "https://example.org/", site.url("/")]
    assert [lines_in("links.jsonl"), lines_in("pages.jsonl")] == [4, 2]
    assert others() == set()


async def test_alinks_can_be_cancelled(serve: Serve) -> None:
    """A cancellation ends the job at once; what had arrived is in the run file, and the same call goes on."""
    site = serve({**{f"/{n}": page(f"/x{n}") for n in range(10)}, "/slow": [page(delay_s=30), page("/end")]})
    urls = [*(site.url(f"/{n}") for n in range(10)), site.url("/slow")]
    task = asyncio.create_task(linkhaul.alinks(urls, "links.csv"))
    while site.total < 12:  # noqa: ASYNC110 - the server knows of no event
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert others() == set()
    run = await linkhaul.alinks(urls, "links.csv")
    assert (run.progress.done, run.progress.done_before, len(run.links)) == (1, 10, 11)
    assert lines_in("links.csv") == 12


async def test_several_alinks_at_once(serve: Serve) -> None:
    """Jobs share a loop without meeting."""
    site = serve(PAGES)
    runs = await asyncio.gather(*(linkhaul.alinks(site.url(path)) for path in ("/", "/a", "/b")))
    assert [len(run.links) for run in runs] == [3, 1, 0]


async def test_pages_come_as_they_are_read(serve: Serve) -> None:
    """Each source gives one visit with its links, failures and pages that were read before included."""
    site = serve(PAGES)
    sources = [site.url(path) for path in ("/", "/a", "/r", "/gone")]
    seen = {visit.url: visit async for visit in linkhaul.stream(sources, concurrency=1)}
    assert {url: visit.outcome for url, visit in seen.items()} == dict(zip(sources, ["ok", "ok", "ok", "http-error"], strict=True))
    assert [link.url for link in seen[site.url()].links] == [site.url("/a"), site.url("/b#x"), "https://example.org/"]
    assert seen[site.url("/r")].final_url == site.url("/a")
    assert others() == set()


async def test_a_page_comes_before_the_others_are_done(serve: Serve) -> None:
    """A page is given when it is read, however long another takes."""
    site = serve(PAGES)
    pages = linkhaul.stream([site.url("/slow"), site.url("/a")])
    visit = await asyncio.wait_for(anext(pages), 10)
    assert visit.url == site.url("/a")
    await leave(pages)


async def test_only_the_links_asked_for_come(serve: Serve) -> None:
    """The settings that choose rows choose links here, too."""
    site = serve(PAGES)
    [visit] = [visit async for visit in linkhaul.stream(site.url(), only="external")]
    assert [link.url for link in visit.links] == ["https://example.org/"]


async def test_leaving_early_ends_the_job(serve: Serve) -> None:
    """When the loop is left nothing is asked for any more, and no task stays."""
    site = serve({f"/{n}": page(delay_s=0.01) for n in range(500)})
    pages = linkhaul.stream([site.url(f"/{n}") for n in range(500)], per_host=2)
    async for _ in pages:
        break
    await leave(pages)
    asked = site.total
    assert others() == set()
    await asyncio.sleep(0.1)
    assert site.total == asked < 200


async def test_a_loop_that_is_left_without_a_word_ends_the_job(serve: Serve) -> None:
    """A stream that nobody holds any more is closed by Python, and with it the job."""
    site = serve({f"/{n}": page(delay_s=0.01) for n in range(500)})

    async def look() -> Visit:
        async for visit in linkhaul.stream([site.url(f"/{n}") for n in range(500)], per_host=2):
            return visit
        raise AssertionError("nothing came")

    await look()
    gc.collect()
    for _ in range(100):
        if not others():
            break
        await asyncio.sleep(0.02)
    assert others() == set()
    assert site.total < 200


def test_a_loop_that_ends_with_the_program_leaves_nothing(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all ends right after the loop was left, the run file, its lock and its folder go, too."""
    (own := tmp_path / "own").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    site = serve({f"/{n}": page(delay_s=0.01) for n in range(100)})

    async def look() -> None:
        async for _ in linkhaul.stream([site.url(f"/{n}") for n in range(100)], per_host=2):
            break

    asyncio.run(look())
    assert list(own.iterdir()) == []


async def test_an_error_of_the_consumer_ends_the_job(serve: Serve) -> None:
    """What the caller's loop raises comes out, and nothing stays."""
    site = serve({f"/{n}": page(delay_s=0.01) for n in range(100)})
    pages = linkhaul.stream([site.url(f"/{n}") for n in range(100)], per_host=2)

    async def consume() -> None:
        async for _ in pages:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await consume()
    await leave(pages)
    assert others() == set()


async def test_a_slow_consumer_slows_the_job(serve: Serve) -> None:
    """While the consumer is busy only so many pages are read ahead."""
    site = serve({f"/{n}": page() for n in range(400)})
    pages = linkhaul.stream([site.url(f"/{n}") for n in range(400)], concurrency=8)
    await anext(pages)
    asked = -1
    while site.total != asked:
        asked = site.total
        await asyncio.sleep(0.15)
    assert asked <= STREAM_AHEAD + 8 + 3  # those waiting, those that were in flight, the one taken, robots.txt
    assert sum([1 async for _ in pages]) == 399


async def test_refused_pages_wait_for_a_slow_consumer_too(serve: Serve) -> None:
    """Pages that robots.txt refuses need no request, and still do not pile up before a slow consumer."""
    site = serve({"/robots.txt": Reply("User-agent: *\nDisallow: /", headers=(("Content-Type", "text/plain"),))})
    given = 0

    def sources() -> Iterator[str]:
        nonlocal given
        for number in range(100_000):
            given = number
            yield site.url(f"/{number}")

    pages = linkhaul.stream(sources())
    await anext(pages)
    await asyncio.sleep(0.5)
    assert given < 60_000
    await leave(pages)


async def test_two_streams_of_the_same_pages(serve: Serve) -> None:
    """Streams do not meet, nor do they touch the run of a call with the same sources."""
    site = serve(PAGES)
    run = await linkhaul.alinks(site.url())
    one, other = linkhaul.stream(site.url()), linkhaul.stream(site.url())
    assert [(await anext(pages)).url for pages in (one, other)] == [site.url()] * 2
    for pages in (one, other):
        await leave(pages)
    assert len(run.links) == 3


async def test_a_stream_can_crawl(serve: Serve) -> None:
    """With `crawl` the links are followed within the scope."""
    site = serve(PAGES)
    seen = {visit.url async for visit in linkhaul.stream(site.url(), crawl=True)}
    assert seen == {site.url(), site.url("/a"), site.url("/b")}


async def test_what_cannot_be_meant_is_told_at_the_first_page(serve: Serve) -> None:
    """A wrong setting or source comes out of the loop as what it is."""
    with pytest.raises(SettingError, match="concurrency"):
        await anext(linkhaul.stream(serve(PAGES).url(), concurency=2))  # type: ignore[call-arg]
    with pytest.raises(SourceError):
        await anext(linkhaul.stream("not a url"))
    assert others() == set()


async def test_a_list_that_breaks_comes_out_of_the_loop(serve: Serve) -> None:
    """What the caller's own iterable raises comes out of the stream, after the pages that were read."""
    site = serve(PAGES)

    def broken() -> Iterator[str]:
        yield site.url()
        while not site.asked["/"]:
            pass
        raise ZeroDivisionError("in the caller's generator")

    async def consume() -> None:
        async for _ in linkhaul.stream(broken()):
            pass

    with pytest.raises(ZeroDivisionError):
        await consume()
    assert others() == set()
