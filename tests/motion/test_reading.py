"""Pages that are read elsewhere while the run goes on: the same rows, and nothing forgotten on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
from tests.motion.world import Answer, Ended, World, nearest, read, stop_when

from linkhaul.crew.messages import Errand
from linkhaul.model.records import Page, Reply
from linkhaul.model.sheaf import Binder, Sheaf
from linkhaul.motion.engine import Engine
from linkhaul.motion.hosts import HostState
from linkhaul.motion.parts import Parts
from linkhaul.motion.progress import Progress
from linkhaul.motion.reading import Reading
from linkhaul.read.html import read_page

Run = Callable[..., Ended]
A, B = "https://a.example", "https://b.example"
LARGEST = 10_000
GRAPH = {f"{A}/{n}": [f"/{2 * n + 1}", f"/{2 * n + 2}", f"{B}/{n % 3}"] for n in range(60)} | {f"{B}/{n}": ["/0"] for n in range(3)}


class Elsewhere:
    """A crew that is a timer: it has each page read after a while, in order.

    Args:
        delay_s: how long a page takes.
        room: how many it has at most.
        says: what it says instead of the page, by URL.
        is_there: whether it may have room, by and by, for pages that are not too large.

    Attributes:
        taken, most: how many pages it was given in all, and the most at once.
        here: how many were read by the run for want of room.
    """

    def __init__(
        self, delay_s: float = 0.5, room: int = 1_000, says: dict[str, str | None] | None = None, *, is_there: bool = True
    ) -> None:
        self.delay_s = delay_s
        self.room = room
        self.says = says or {}
        self._is_there = is_there
        self._binder = Binder()
        self.taken = self.most = self.here = self._now = 0

    def may_take(self, size: int) -> bool:
        return self._is_there and size <= LARGEST

    def refused(self, size: int) -> None:
        self.here += 1

    def take(self, errand: Errand, body: bytes, done: Callable[[Page | str | None], None]) -> bool:
        if self._now >= self.room or not self.may_take(len(body)):
            return False
        self.taken += 1
        self._now += 1
        self.most = max(self.most, self._now)

        def back() -> None:
            self._now -= 1
            if errand.url in self.says:
                done(self.says[errand.url])
                return
            page = read_page(body, errand.url, errand.headers, found_at=errand.found_at)
            page.links = Sheaf(errand.url, errand.found_at, *self._binder.bind(page.links))
            done(page)

        asyncio.get_running_loop().call_later(self.delay_s, back)
        return True


def world() -> World:
    return World({url: Answer(links) for url, links in GRAPH.items()})


ROWS = (
    "SELECT page_url, n, url, text FROM links ORDER BY 1, 2",
    "SELECT url, outcome, links, title, bytes FROM pages ORDER BY 1",
    "SELECT url, state, reason, depth FROM urls ORDER BY 1",
)


@pytest.mark.parametrize(
    ("delay_s", "room", "is_there"),
    [(0.0, 1_000, True), (3.0, 1_000, True), (0.2, 2, True), (0.2, 0, True), (0.2, 0, False)],
    ids=["soon", "late", "narrow", "no-room", "nobody"],
)
@pytest.mark.parametrize("verb", ["links", "crawl"])
def test_the_rows_are_those_of_reading_at_home(run: Run, verb: str, delay_s: float, room: int, *, is_there: bool) -> None:
    """Wherever pages are read, and however long it takes, a run has the same rows at its end."""
    settings = {"scope": "any"}
    seeds = [f"{A}/0"] if verb == "crawl" else list(GRAPH)
    here = run(world(), seeds, verb=verb, settings=settings)
    crew = Elsewhere(delay_s, room, is_there=is_there)
    there = run(world(), seeds, verb=verb, settings=settings, parts={"crew": crew}, name="there")
    assert [there.rows(sql) for sql in ROWS] == [here.rows(sql) for sql in ROWS]
    assert crew.most == min(room, crew.most)
    assert (crew.taken > 0) is (room > 0)
    assert crew.taken + crew.here == here.rows("SELECT count(*) FROM pages WHERE outcome = 'ok'")[0][0]
    if verb == "crawl":
        depths = nearest(GRAPH, seeds)
        assert {url: depth for url, depth in there.depths().items() if url in depths} == depths


def test_what_cannot_be_read_is_a_failure(run: Run) -> None:
    """A sentence instead of a page is a failure of that page; nothing at all means that it is read here."""
    crew = Elsewhere(says={f"{A}/1": "it ended the process that was reading it", f"{A}/2": None})
    ended = run(world(), [f"{A}/{n}" for n in range(4)], parts={"crew": crew})
    assert ended.outcomes() == {f"{A}/0": "ok", f"{A}/1": "failed", f"{A}/2": "ok", f"{A}/3": "ok"}
    (row,) = ended.rows("SELECT failure, detail FROM pages WHERE outcome = 'failed'")
    assert row == ("unreadable", "the page cannot be read: it ended the process that was reading it")
    assert ended.rows(f"SELECT count(*) FROM links WHERE page_url = '{A}/2'") == [(3,)]


def test_a_run_is_not_at_its_end_while_a_page_is_away(run: Run) -> None:
    """The links of the last page lead on, though nothing was in flight while it was read."""
    chain = {f"{A}/{n}": Answer([f"/{n + 1}"]) for n in range(5)}
    ended = run(World(chain), [f"{A}/0"], verb="crawl", parts={"crew": Elsewhere(20.0)})
    assert [ended.outcomes()[url] for url in chain] == ["ok"] * 5


def test_pages_that_are_away_are_counted(run: Run) -> None:
    """While no request is on its way, the pages that have not come back are those being read; in the end there are none."""
    seen: list[tuple[int, int, int]] = []
    progress: list[Progress] = []

    async def note(engine: Engine, _: object) -> None:
        progress.append(engine.progress)

    def read_here(reply: Reply, url: str, found_at: str) -> Page:
        seen.append((progress[0].being_read, progress[0].in_flight, progress[0].waiting))
        return read(reply, url, found_at)

    urls = [f"{A}/{n}" for n in range(4)]
    says = dict.fromkeys(urls)  # each is read here, once it is back
    ended = run(world(), urls, parts={"crew": Elsewhere(5.0, says=says), "read": read_here}, during=note)
    assert seen == [(3, 0, 4), (2, 0, 3), (1, 0, 2), (0, 0, 1)]
    assert ended.progress.being_read == 0


def test_what_a_page_leads_to_is_asked_for_at_once(run: Run) -> None:
    """A page that comes back gives work to those who have none; nobody waits for another reply, or for the clock."""
    web = World({f"{A}/0": Answer(["/1"]), f"{A}/1": Answer(), f"{B}/0": Answer(delay_s=50.0)})
    run(web, [f"{A}/0", f"{B}/0"], verb="crawl", settings={"gap": 0}, parts={"crew": Elsewhere(0.3)})
    came_back_at = web.asked_for(f"{A}/0")[0] + web.delay_s + 0.3
    assert web.asked_for(f"{A}/1")[0] == pytest.approx(came_back_at, abs=0.001)


async def test_the_line_is_taken_from_at_both_ends() -> None:
    """In each turn of the loop readers are offered what stands in line, in order, and one page is read here."""
    crew = Elsewhere(0.0, room=1)
    here: list[str] = []
    back: list[str] = []

    def read_here(reply: Reply, url: str, found_at: str) -> Page:
        here.append(url)
        return read(reply, url, found_at)

    def after(take: Callable[[], None], _: HostState, reply: Reply) -> None:
        take()
        back.append(reply.url)

    reading = Reading(cast("Parts", SimpleNamespace(read=read_here, crew=crew)), after, lambda step: step())
    urls = [f"{A}/{n}" for n in range(6)]
    for url in urls:
        reading.page(cast("HostState", None), Reply(url, 200, (), b"<p>"), url, lambda *_: None)
    assert (crew.taken, here, reading.away) == (1, [], 6)
    crew.room = 0
    for turn in (1, 2):
        await asyncio.sleep(0)
        assert here == urls[1 : 1 + turn]
    crew.room = 2
    await asyncio.wait_for(reading.in_time(), 1)
    assert (crew.taken, here) == (3, urls[1:3] + urls[5:])
    while reading.away:  # noqa: ASYNC110 - the crew is a timer
        await asyncio.sleep(0)
    assert sorted(back) == urls


async def test_nobody_goes_past_the_line() -> None:
    """A page that arrives while another stands in line goes behind it, even where a reader has room by now."""
    crew = Elsewhere(0.0, room=0)
    back: list[str] = []

    def after(take: Callable[[], None], _: HostState, reply: Reply) -> None:
        take()
        back.append(reply.url)

    reading = Reading(cast("Parts", SimpleNamespace(read=read, crew=crew)), after, lambda step: step())
    for url in (f"{A}/first", f"{A}/second"):
        reading.page(cast("HostState", None), Reply(url, 200, (), b"<p>"), url, lambda *_: None)
        crew.room = 2
    assert crew.taken == 0
    while reading.away:  # noqa: ASYNC110 - the crew is a timer
        await asyncio.sleep(0)
    assert (crew.taken, back) == (2, [f"{A}/first", f"{A}/second"])


def test_what_is_too_large_to_travel_is_read_at_once(run: Run) -> None:
    """No body stands in line that no reader would ever take: of these few are enough to fill the memory."""
    waiting: list[int] = []
    web = World({f"{A}/{n}": Answer(body=b"<p>" * LARGEST) for n in range(20)}, delay_s=0.0)

    def read_here(reply: Reply, url: str, found_at: str) -> Page:
        waiting.append(engines[0]._reading.away)
        return read(reply, url, found_at)

    async def note(engine: Engine, _: object) -> None:
        engines.append(engine)

    engines: list[Engine] = []
    run(web, list(web.pages), parts={"crew": Elsewhere(room=0), "read": read_here}, during=note)
    assert waiting == [0] * 20


def test_who_makes_requests_waits_for_the_line(run: Run) -> None:
    """However fast replies come, no more pages stand in line than there are requests at once."""
    behind: list[int] = []
    web = World({url: Answer(links) for url, links in GRAPH.items()}, delay_s=0.0)

    def read_here(reply: Reply, url: str, found_at: str) -> Page:
        asked = sum(not one.url.endswith("/robots.txt") for one in web.asked)
        behind.append(asked - len(behind))
        return read(reply, url, found_at)

    run(web, list(GRAPH), settings={"concurrency": 4, "per_host": 4, "gap": 0}, parts={"crew": Elsewhere(room=0), "read": read_here})
    assert len(behind) == len(GRAPH)
    assert 1 < max(behind) <= 8


@pytest.mark.parametrize("most", [1, 7])
def test_max_pages_counts_pages_that_are_away(run: Run, most: int) -> None:
    """No more pages are begun than may be done, though none has come back yet."""
    ended = run(world(), list(GRAPH), settings={"max_pages": most}, parts={"crew": Elsewhere(5.0)})
    assert ended.progress.done == most
    assert ended.progress.stopped_by == "max_pages"


def test_stop_waits_for_pages_that_are_away(run: Run) -> None:
    """Who asks to stop gets the rows of what had arrived."""
    crew = Elsewhere(1.0)
    web = world()
    ended = run(web, list(GRAPH), parts={"crew": crew}, during=stop_when(lambda: crew.taken >= 10))
    assert ended.progress.stopped_by == "interrupt"
    assert ended.progress.done == crew.taken
    assert len(ended.outcomes()) == crew.taken


def test_what_was_away_is_queued_for_the_next_process(run: Run) -> None:
    """Pages that had not come back when the grace was over are asked for again by whoever goes on."""
    crew = Elsewhere(1_000.0)
    assert run(world(), list(GRAPH), parts={"crew": crew}, during=stop_when(lambda: crew.taken >= 10)).outcomes() == {}
    assert run(world(), list(GRAPH)).outcomes() == dict.fromkeys(GRAPH, "ok")


def test_bodies_are_given_back_once(run: Run) -> None:
    """The room of a body that is read elsewhere is given back when it is back, whole, and once."""
    given: list[tuple[str, int]] = []

    def give_back(reply: Reply) -> None:
        given.append((reply.url, len(reply.body)))

    web = World({f"{A}/{n}": Answer(["/0"]) for n in range(5)})
    ended = run(web, list(web.pages), parts={"crew": Elsewhere(), "give_back": give_back})
    sizes = dict(ended.rows("SELECT url, bytes FROM pages"))
    assert sorted(entry for entry in given if entry[1]) == sorted(sizes.items())


def test_a_fault_of_ours_ends_the_run_in_order(run: Run) -> None:
    """What goes wrong with a page that comes back is raised by the run, not lost in a callback; no other page is told of after it."""
    told: list[object] = []

    def spoil(visit: object) -> None:
        told.append(visit)
        raise KeyError("ours")

    ended = run(world(), list(GRAPH), parts={"crew": Elsewhere(), "on_visit": spoil})
    assert isinstance(ended.error, KeyError)
    assert len(told) == 1


def test_a_fault_while_pages_stand_in_line_ends_the_run_in_order(run: Run) -> None:
    """What goes wrong with handing on a page that stands in line is raised by the run, and nobody waits for the line any more."""

    class Faulty(Elsewhere):
        def take(self, errand: Errand, body: bytes, done: Callable[[Page | str | None], None]) -> bool:
            self.offered += 1
            if self.offered > 4:
                raise KeyError("ours")
            return super().take(errand, body, done)

        offered = 0

    ended = run(world(), list(GRAPH), parts={"crew": Faulty(room=1)})
    assert isinstance(ended.error, KeyError)
