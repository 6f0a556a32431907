"""`workers`: other processes read pages, and nobody can tell from the rows."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import Site, page

import linkhaul
from linkhaul.api import reading
from linkhaul.api.reading import crew as crew_for
from linkhaul.config import config_from
from linkhaul.crew import crew as module
from linkhaul.crew.crew import Crew
from linkhaul.export.compression import zstd_library
from linkhaul.fetch.http import HttpFetcher
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Reply, Target
from linkhaul.store.opening import open_to_read

Serve = Callable[[object], Site]
COUNT = 120
PAGES = {
    f"/{n}": page(f"/{(n * 7 + 1) % COUNT}", f"/{(n * 3 + 2) % COUNT}#x", "https://example.org/", "mailto:a@example.org", title=f"Page {n}")
    for n in range(COUNT)
}
READ = ("page_url", "n", "url", "raw", "fragment", "kind", "text", "internal", "follow")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="readers are started where a process can be handed a socket")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REFUSED_BYTES", 1)


@pytest.fixture
def crews(monkeypatch: pytest.MonkeyPatch) -> list[Crew]:
    """Every crew that is made, in order; no request is made while a reader is being started, so that no run ends before it is there."""
    made: list[Crew] = []
    make = Crew.__init__

    def noted(self: Crew, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        made.append(self)

    async def get_with_readers(self: HttpFetcher, target: Target, accept: Accept = "page") -> Reply:
        while made and made[-1]._starting:  # noqa: ASYNC110 - what is waited for is another process
            await asyncio.sleep(0.005)
        return await get(self, target, accept)

    get = HttpFetcher.get
    monkeypatch.setattr(HttpFetcher, "get", get_with_readers)
    monkeypatch.setattr(Crew, "__init__", noted)
    return made


def rows(run: linkhaul.Run) -> Counter[tuple[object, ...]]:
    return Counter(tuple(getattr(link, name) for name in READ) for link in run.links)


@pytest.mark.parametrize("verb", ["links", "crawl"])
def test_the_rows_are_the_same(serve: Serve, crews: list[Crew], verb: str) -> None:
    """However many processes read, every row is the same, and so is what an audit is told of each page."""
    site = serve(PAGES)
    sources = [site.url(path) for path in PAGES] if verb == "links" else [site.url("/0")]
    make = getattr(linkhaul, verb)
    alone = make(sources, "alone.csv", run="alone.run", workers=1, facts=True, kinds="all")
    shared = make(sources, "shared.csv", run="shared.run", workers=3, facts=True, kinds="all")
    assert crews[-1].started >= 1
    assert len(crews) == 1, "one process alone has no crew"
    assert rows(shared) == rows(alone)
    assert len(Path("shared.csv").read_text().splitlines()) == 1 + len(shared.links)
    assert Counter(map(_untimed, Path("shared.csv").read_text().splitlines())) == Counter(
        map(_untimed, Path("alone.csv").read_text().splitlines())
    )
    assert facts(shared) == facts(alone)
    assert len(facts(alone)) == len(alone.pages)


def _untimed(line: str) -> str:
    return line.rpartition(",")[0]


def facts(run: linkhaul.Run) -> dict[str, str]:
    """Return what is kept of each page besides its links, by its URL."""
    with closing(open_to_read(run.path)) as connection:
        return dict(connection.execute("SELECT url, facts FROM fact JOIN visit ON visit.id = fact.visit"))


def test_a_reader_that_is_killed_costs_no_row(serve: Serve, crews: list[Crew], monkeypatch: pytest.MonkeyPatch) -> None:
    """With its reader killed in the middle, a run ends with every row of every page."""
    killed: list[int] = []
    take = Crew.take

    def take_and_kill(self: Crew, *args: Any) -> bool:
        is_taken = take(self, *args)
        if is_taken and not killed and len(self._readers[0].held) >= 2:
            killed.append(self._readers[0]._process.pid)
            os.kill(killed[0], signal.SIGKILL)
        return is_taken

    site = serve(PAGES)
    alone = linkhaul.links([site.url(path) for path in PAGES], run="alone.run", workers=1)
    monkeypatch.setattr(Crew, "take", take_and_kill)
    shared = linkhaul.links([site.url(path) for path in PAGES], run="shared.run", workers=2)
    assert killed
    assert crews[0].started == 2
    assert rows(shared) == rows(alone)


@pytest.mark.parametrize("name", ["links.csv", "links.tsv.gz", "links.jsonl.zst", "links.sqlite"])
def test_every_format_is_written_alike(serve: Serve, crews: list[Crew], name: str) -> None:
    """Rows that a reader has put into words, those of the run itself and what was in the file before stand in it alike."""
    site = serve(PAGES)
    for workers in (1, 2):
        Path(f"{workers}").mkdir()
        for begin in (0, COUNT // 2):  # the second run adds to what the first wrote
            urls = [site.url(f"/{n}") for n in range(begin, begin + COUNT // 2)]
            linkhaul.links(
                urls, f"{workers}/{name}", run=f"{workers}-{begin}.run", workers=workers, columns="page_url,n,url,text", match="/[0-9]"
            )
    assert [crew.started for crew in crews] == [1, 1]
    assert lines(f"1/{name}") == lines(f"2/{name}")
    assert sum(lines(f"1/{name}").values()) >= 2 * COUNT


def lines(path: str) -> Counter[object]:
    """Return what stands in an output, line by line or row by row."""
    if path.endswith(".sqlite"):
        with closing(sqlite3.connect(path)) as connection:
            return Counter(connection.execute("SELECT * FROM links"))
    raw = Path(path).read_bytes()
    if path.endswith(".gz"):
        raw = gzip.decompress(raw)
    if path.endswith(".zst"):
        raw = zstd_library().decompress(raw)
    return Counter(raw.splitlines(keepends=True))


def test_it_streams(serve: Serve, crews: list[Crew]) -> None:
    """Pages that others have read come to who iterates, each once."""

    async def collect() -> list[str]:
        return [visit.url async for visit in linkhaul.stream([site.url(path) for path in PAGES], workers=2)]

    site = serve(PAGES)
    assert sorted(asyncio.run(collect())) == sorted(site.url(path) for path in PAGES)
    assert crews[0].started == 1


def test_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """One is this process alone; without a word there are as many as there are cores, within reason; a frozen program has none."""

    def most(**settings: int) -> int:
        made = crew_for(config_from(settings))
        return made._most + 1 if made is not None else 1

    assert [most(workers=number) for number in (1, 2, 9)] == [1, 2, 9]
    for cores, expected in ((1, 1), (2, 2), (64, reading.MOST_BY_THEMSELVES)):
        monkeypatch.setattr(reading, "_cores", lambda cores=cores: cores)
        assert most() == expected
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert most(workers=9) == 1


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("max 100000", 8), ("100000 100000", 1), ("20000 100000", 1), ("250000 100000", 2), ("900000 100000", 8), ("", 8)],
    ids=["none", "one", "a-fifth", "two-and-a-half", "nine", "unreadable"],
)
def test_a_container_is_allotted_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str, cores: int) -> None:
    """Where a container may use the time of one core, eight that it sees are no reason for readers."""
    (tmp_path / "cpu.max").write_text(quota)
    monkeypatch.setattr(reading, "QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert reading._cores() == cores
    monkeypatch.setattr(reading, "QUOTA", tmp_path / "nowhere")
    assert reading._cores() == 8


def test_a_check_finds_the_same(serve: Serve, crews: list[Crew]) -> None:
    """What a check keeps of each page is looked at where the page is read; every finding, and all that it rests on, is the same."""
    long = "Boots and shoes of every size. " * 100
    web = {path: page(*(f"/{n}#title" for n in range(4)), f"{path}#none", "/gone", title=f"Page {path} {long}") for path in PAGES}
    site = serve(web)
    found = [
        linkhaul.check(site.url("/0"), run=f"{workers}.run", workers=workers, confirm_after=0, allow_private=True) for workers in (1, 3)
    ]
    assert list(found[0]) == list(found[1])
    assert found[0].coverage == found[1].coverage
    kept = []
    for workers in (1, 3):
        with closing(open_to_read(Path(f"{workers}.run"))) as db:
            sql = "SELECT v.url, s.facts, a.names FROM visit v JOIN sign s ON s.visit = v.id LEFT JOIN anchors a ON a.visit = v.id ORDER BY v.url"
            kept.append([(url, names) for url, facts, names in db.execute(sql)])
    assert kept[0] == kept[1]
    assert crews[-1].started
