"""A run as a whole: every source to its end, once, whatever happens to the others or to the run."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from tests.motion.world import Answer, Ended, World, read, stop_when

from linkhaul.errors import SourceError
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Page, Reply, Target, Visit
from linkhaul.motion import dispatch, engine
from linkhaul.motion.engine import Engine
from linkhaul.motion.progress import Progress
from linkhaul.motion.schedule import Scheduler
from linkhaul.motion.seeds import Seed

Run = Callable[..., Ended]
A = "https://a.example"
B = "https://b.example"


TWO_LINKS = Answer(["/x", "#y"])


def pages(count: int, *hosts: str, answer: Answer = TWO_LINKS) -> dict[str, Answer]:
    """Return so many pages on each host."""
    return {f"{host}/{number}": answer for host in hosts for number in range(count)}


def test_every_source_is_visited_once(run: Run) -> None:
    """A list is taken to its end: each URL is asked for once and has one row, with its links."""
    world = World(pages(20, A, B, "http://c.example:81"))
    ended = run(world, world.pages)
    assert ended.outcomes() == dict.fromkeys(world.pages, "ok")
    assert all(len(world.asked_for(url)) == 1 for url in world.pages)
    assert ended.rows("SELECT count(*) FROM links") == [(120,)]
    assert (ended.progress.done, ended.progress.links, ended.progress.waiting, ended.progress.in_flight) == (60, 120, 0, 0)


def test_a_source_named_twice_is_asked_once(run: Run) -> None:
    """The same URL again is counted as a duplicate, and neither fetched nor written again."""
    world = World(pages(3, A))
    ended = run(world, [*world.pages, *world.pages, f"{A}/0"])
    assert (ended.progress.duplicates, ended.progress.done) == (4, 3)
    assert len(world.asked_for(f"{A}/0")) == 1
    assert ended.rows("SELECT count(*) FROM pages") == [(3,)]


def test_going_on_counts_no_duplicates(run: Run) -> None:
    """Sources that an earlier process read are no duplicates when the same list comes again."""
    world = World(pages(3, A))
    run(world, world.pages)
    assert run(world, [*world.pages, f"{A}/0"]).progress.duplicates == 1


def test_going_on_after_going_on_counts_no_duplicates(run: Run) -> None:
    """A process that had read less of the list than one before it leaves nothing to be counted; nor do lines that are no sources."""
    world = World(pages(4, A))
    for count in (4, 1, 3):
        assert run(world, list(world.pages)[:count]).progress.duplicates == 0
    later: list[str | Seed] = [*world.pages, Seed(None, "line 5: empty"), f"{B}/new", Seed(None, "line 7: empty")]
    assert run(world, later).progress.duplicates == 0
    assert run(world, [*later, f"{A}/0", f"{A}/1"]).progress.duplicates == 2


def test_lines_that_are_no_sources_are_counted(run: Run) -> None:
    """A line of a list that is no URL is a fault of the run with its sentence; the others are read."""
    ended = run(World(pages(1, A)), [Seed(None, "line 1: 'x y' is not one URL"), f"{A}/0", Seed(None, "line 3: empty")])
    assert ended.progress.faults == ["line 1: 'x y' is not one URL", "line 3: empty"]
    assert (ended.progress.fault_count, ended.progress.done) == (2, 1)


def test_an_empty_list_ends_at_once(run: Run) -> None:
    """Without sources there is nothing to wait for."""
    world = World({})
    assert run(world, []).progress.done == 0
    assert world.now < 1.0


def test_thousands_of_hosts(run: Run) -> None:
    """A host is cheap: five thousand of them are done at the speed of the requests, within the limit of requests in flight."""
    urls = [f"https://h{number}.example/" for number in range(5_000)]
    world = World({url: Answer() for url in urls}, delay_s=0.1)
    ended = run(world, urls, settings={"ignore_robots": True, "concurrency": 500})
    assert ended.progress.done == 5_000
    assert world.most[""] == 500
    assert world.now < 3.0


def test_hosts_beyond_what_memory_holds_come_later(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more hosts than are held in memory each still comes to its turn, retries and new finds included."""
    monkeypatch.setattr(dispatch, "Scheduler", partial(Scheduler, most_hosts=7))
    hosts = [f"https://h{number}.example" for number in range(60)]
    graph = {f"{host}/": Answer(links=[f"{hosts[(n * 7) % 60]}/next", "/own"]) for n, host in enumerate(hosts)}
    late = {f"{host}/next": [Answer(status=503), Answer()] for host in hosts} | {f"{host}/own": Answer() for host in hosts}
    world = World({**graph, **late})
    ended = run(world, graph, verb="crawl", settings={"scope": "any"})
    assert Counter(ended.outcomes().values()) == {"ok": 180}


def test_a_slow_host_holds_nobody_up(run: Run) -> None:
    """While one host takes a minute for a page, the others go on at their own speed, from link to link."""
    chain: dict[str, Answer] = {f"{A}/{number}": Answer(links=[f"/{number + 1}"]) for number in range(30)}
    world = World({**chain, f"{B}/": Answer(delay_s=60)})
    ended = run(world, [f"{A}/0", f"{B}/"], verb="crawl", settings={"ignore_robots": True})
    assert ended.progress.done == 32
    assert world.asked_for(f"{A}/30")[0] < 3.0


def test_a_waiting_host_holds_no_place(run: Run) -> None:
    """A host that wants ten seconds between requests does not use up the one place there is."""
    robots = {f"{A}/robots.txt": Answer(body=b"User-agent: *\nCrawl-delay: 10", type="text/plain")}
    world = World({**robots, **pages(5, A), **pages(50, B)})
    run(world, [*pages(5, A), *pages(50, B)], settings={"concurrency": 1})
    assert max(world.starts(B)) < 5.0
    assert max(world.starts(A)) >= 50.0


def test_a_slow_host_at_the_top_of_a_list_does_not_hold_up_the_rest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many sources of a slow host come first, those of others behind them are taken in meanwhile."""
    monkeypatch.setattr(engine, "MOST_QUEUED_SEEDS", 200)
    robots = {f"{A}/robots.txt": Answer(body=b"User-agent: *\nCrawl-delay: 60", type="text/plain")}
    world = World({**robots, f"{B}/": Answer()})
    seeds = [*(f"{A}/{number}" for number in range(2_000)), f"{B}/"]
    run(world, seeds, during=stop_when(lambda: bool(world.asked_for(f"{B}/")) or world.monotonic() > 500), end_s=600)
    assert world.asked_for(f"{B}/"), "the other host was not asked in eight minutes"


@pytest.mark.parametrize("concurrency", [1, 2])
def test_few_places_cost_no_waiting(run: Run, concurrency: int) -> None:
    """With one place only, a page found on a page is asked for as soon as the place is free."""
    chain = {f"{A}/{number}": Answer(links=[f"/{number + 1}"]) for number in range(20)}
    world = World(chain)
    run(world, [f"{A}/0"], verb="crawl", settings={"ignore_robots": True, "concurrency": concurrency})
    assert max(world.starts(A)) < 1.0


def test_stop_lets_arrive_what_is_on_its_way(run: Run) -> None:
    """After stop nothing is begun; what is in flight has five seconds; then the run ends, and its rows are there."""
    world = World({f"{A}/0": Answer(delay_s=2), f"{A}/1": Answer(delay_s=60), **pages(90, B, answer=Answer(delay_s=1))})
    ended = run(world, [f"{A}/0", f"{A}/1", *pages(90, B)], during=stop_when(lambda: world.monotonic() >= 1.5))
    begun = {one.url for one in world.asked if one.accept == "page"}
    assert 1.5 + 5.0 <= world.now < 1.5 + 5.5
    assert max(one.at for one in world.asked) <= 1.6
    assert set(ended.outcomes()) == begun - {f"{A}/1"}
    assert ended.progress.stopped_by == "interrupt"


def test_stop_does_not_wait_for_nothing(run: Run) -> None:
    """When nothing is in flight, stop ends the run at once, whatever waits for later."""
    world = World({f"{A}/0": [Answer(status=503), Answer()]})
    ended = run(world, [f"{A}/0"], during=stop_when(lambda: world.monotonic() >= 0.2), settings={"retries": 5})
    assert world.now < 0.5
    assert ended.progress.stopped_by == "interrupt"


def test_what_was_in_flight_is_queued_again(run: Run) -> None:
    """What had not arrived when the run was stopped is asked for again by the next process, and the rest is not."""
    world = World({**pages(5, A), f"{B}/slow": [Answer(delay_s=600), Answer()]})
    seeds = [*pages(5, A), f"{B}/slow"]
    run(world, seeds, during=stop_when(lambda: world.monotonic() >= 1.0))
    ended = run(world, seeds)
    assert ended.outcomes() == dict.fromkeys(seeds, "ok")
    assert {url: len(world.asked_for(url)) for url in seeds} == {**dict.fromkeys(seeds, 1), f"{B}/slow": 2}
    assert ended.progress.done_before == 5


def test_a_cancelled_run_keeps_what_was_done(run: Run) -> None:
    """A cancellation ends the run without grace, and every page that had arrived is in the run file."""
    world = World({**pages(30, A), f"{B}/slow": Answer(delay_s=600)})

    async def cancel(_: Engine, work: asyncio.Task[Progress]) -> None:
        while len(world.asked) < 33:  # noqa: ASYNC110 - see world.stop_when
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)
        work.cancel()

    ended = run(world, [*pages(30, A), f"{B}/slow"], during=cancel)
    assert isinstance(ended.error, asyncio.CancelledError)
    assert ended.outcomes() == dict.fromkeys(pages(30, A), "ok")


def test_max_pages_ends_the_run(run: Run) -> None:
    """With max_pages no more are taken on; what is in flight then may still arrive."""
    world = World(pages(500, A, B))
    ended = run(world, world.pages, settings={"max_pages": 40, "concurrency": 10, "ignore_robots": True})
    assert 40 <= ended.progress.done <= 50
    assert ended.progress.stopped_by == "max_pages"


def test_max_pages_counts_earlier_processes(run: Run) -> None:
    """Going on with a run that has reached its number of pages asks for none."""
    world = World(pages(100, A))
    run(world, world.pages, settings={"max_pages": 10, "concurrency": 1})
    asked = len(world.asked)
    assert run(world, world.pages, settings={"max_pages": 10, "concurrency": 1}).progress.done == 0
    assert len(world.asked) == asked


def test_max_time_ends_the_run(run: Run) -> None:
    """After max_time nothing is begun."""
    world = World(pages(200, A, answer=Answer(delay_s=1)))
    ended = run(world, world.pages, settings={"max_time": 5.0, "per_host": 2})
    assert 5.0 <= world.now < 6.6
    assert ended.progress.stopped_by == "max_time"


class Raises:
    """A fetcher with a fault of ours."""

    def __init__(self, world: World, at: str) -> None:
        self.world = world
        self.at = at

    async def get(self, target: Target, accept: Accept = "page") -> Reply:
        if target.url == self.at:
            await asyncio.sleep(1.0)
            raise KeyError("a fault of ours")
        return await self.world.get(target, accept)


def test_a_fault_of_ours_ends_the_run_in_order(run: Run) -> None:
    """A fetcher that raises is no failure of the web: the run ends with the exception, and what was done is committed."""
    world = World(pages(20, A))
    ended = run(world, world.pages, parts={"fetcher": Raises(world, f"{A}/7")})
    others = {url: "ok" for url in world.pages if url != f"{A}/7"}
    assert isinstance(ended.error, KeyError)
    assert ended.outcomes() == others
    assert run(world, world.pages).outcomes() == {**others, f"{A}/7": "ok"}


def test_a_reader_with_a_fault_of_ours_ends_the_run_in_order(run: Run) -> None:
    """A reader that raises anything but ValueError likewise."""

    def faulty(reply: Reply, url: str, found_at: str) -> Page:
        if url == f"{A}/7":
            raise AttributeError("a fault of ours")
        return read(reply, url, found_at)

    ended = run(World(pages(8, A)), pages(8, A), parts={"read": faulty}, settings={"concurrency": 1})
    assert isinstance(ended.error, AttributeError)
    assert ended.outcomes() == {f"{A}/{number}": "ok" for number in range(7)}


def test_sources_that_fail_end_the_run_in_order(run: Run) -> None:
    """When the list itself cannot be read on, that is said, and the pages read before are kept."""
    world = World(pages(3, A))

    def broken() -> object:
        yield Seed(f"{A}/0")
        while not world.asked_for(f"{A}/0"):
            pass
        raise SourceError("list.txt: cannot be read any more")

    ended = run(world, [], parts={"seeds": broken()})
    assert str(ended.error) == "list.txt: cannot be read any more"


def test_each_visit_is_told_once(run: Run) -> None:
    """`on_visit` is called once for every row of pages, those that end at a page read before included."""
    seen: list[Visit] = []
    world = World({**pages(3, A), f"{A}/to": Answer(to="/0", delay_s=1.0), f"{A}/gone": Answer(status=404)})
    ended = run(world, world.pages, parts={"on_visit": seen.append})
    assert sorted(visit.url for visit in seen) == sorted(ended.outcomes())


def test_a_slow_consumer_slows_the_engine(run: Run) -> None:
    """`settled` is awaited after each reply: a place is not used again before the consumer is ready."""
    gate = asyncio.Event()
    world = World(pages(100, A, B))

    async def open_later(*_: object) -> None:
        await asyncio.sleep(10)
        gate.set()

    ended = run(world, world.pages, parts={"settled": gate.wait}, during=open_later, settings={"concurrency": 8})
    assert len([one for one in world.asked if one.at < 10]) <= 8
    assert ended.progress.done == 200


def test_refused_pages_do_not_stop_the_clock(run: Run) -> None:
    """However many pages of a host are refused, others are asked meanwhile and a slow consumer is waited for."""
    robots = {f"{A}/robots.txt": Answer(body=b"User-agent: *\nDisallow: /", type="text/plain")}
    seen: list[Visit] = []
    at: list[int] = []
    world = World({**robots, **pages(3, B)})

    def note(visit: Visit) -> None:
        seen.append(visit)

    async def settled() -> None:
        at.append(len(seen))
        await asyncio.sleep(1)

    run(world, [*(f"{A}/{number}" for number in range(3_000)), *pages(3, B)], parts={"on_visit": note, "settled": settled})
    assert len(seen) == 3_003
    assert max(later - earlier for earlier, later in zip([0, *at], [*at, len(seen)], strict=True)) <= 1_000
