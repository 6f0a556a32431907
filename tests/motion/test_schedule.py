"""Which host is asked next, and how hard: counted at the servers."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.motion.world import Answer, Ended, Trial, World

from linkhaul.decide.pace import Pace
from linkhaul.motion.hosts import HostState
from linkhaul.motion.schedule import Scheduler
from linkhaul.store.frontier import HostRow

Run = Callable[..., Ended]
A = "https://a.example"
B = "https://b.example"


def test_no_more_in_flight_than_allowed(run: Run) -> None:
    """A host never sees more requests at once than per_host, and all together never more than concurrency."""
    urls = [f"https://h{h}.example/{n}" for h in range(10) for n in range(60)]
    world = World({url: Answer(delay_s=0.2) for url in urls})
    run(world, urls, settings={"per_host": 4, "concurrency": 25})
    assert max(most for host, most in world.most.items() if host) == 4
    assert world.most[""] == 25


def test_the_window_begins_small_and_grows(run: Run) -> None:
    """A host is asked two at a time at first; while it answers well, more, up to per_host."""
    world = World({f"{A}/{n}": Answer(delay_s=0.005) for n in range(300)})
    run(world, world.pages, settings={"per_host": 8, "ignore_robots": True})
    assert max(one.in_flight for one in world.asked[:2]) == 2
    assert max(one.in_flight for one in world.asked if one.at < 0.005) == 2
    assert world.most[A] == 8


def test_the_window_shrinks_on_trouble(run: Run) -> None:
    """A host that answers 503 is asked less and less at once, in the end one by one."""
    world = World({f"{A}/{n}": Answer(status=503, delay_s=0.2) for n in range(60)})
    run(world, world.pages, settings={"per_host": 16, "ignore_robots": True, "retries": 0})
    assert max(one.in_flight for one in world.asked[10:]) == 1


def test_the_gap_is_kept(run: Run) -> None:
    """With a gap no host sees two requests sooner; different hosts do not wait for each other."""
    urls = [f"{host}/{n}" for host in (A, B) for n in range(10)]
    world = World({url: Answer() for url in urls})
    run(world, urls, settings={"gap": 0.7})
    for host in (A, B):
        assert min(later - earlier for earlier, later in pairwise(world.starts(host))) >= 0.7 - 1e-6
    assert world.now < 0.7 * 12


def test_hosts_take_turns(run: Run) -> None:
    """No host waits behind another's backlog: with one place, two hosts are asked by turns."""
    urls = [*(f"{A}/{n}" for n in range(50)), *(f"{B}/{n}" for n in range(50))]
    world = World({url: Answer() for url in urls})
    run(world, urls, settings={"concurrency": 1, "ignore_robots": True})
    firsts = [one.host for one in world.asked[20:60]]
    assert 15 <= firsts.count(A) <= 25


def test_dead_hosts_do_not_stop_the_others(run: Run) -> None:
    """Beside ten hosts that never answer in time, a hundred fast ones run at full speed."""
    dead = {
        f"https://dead{h}.example/{n}": Answer(failure="connect-timeout", may_pass=True, delay_s=10) for h in range(10) for n in range(20)
    }
    fast = {f"https://fast{h}.example/{n}": Answer() for h in range(100) for n in range(20)}
    world = World({**dead, **fast})
    run(world, [*dead, *fast], settings={"ignore_robots": True, "retries": 0})
    assert max(one.at for one in world.asked if one.url in fast) < 2.0


def test_a_thousand_fast_hosts_run_at_full_speed_beside_ten_dead_ones(tmp_path: Path) -> None:
    """Hosts that never answer take the places of their own first requests, one or two each, and nothing else from the others."""
    fast = {f"https://fast{h}.example/{n}": Answer(delay_s=0.1) for n in range(3) for h in range(1_000)}
    dead = {
        f"https://dead{h}.example/{n}": Answer(failure="connect-timeout", may_pass=True, delay_s=10.0) for n in range(20) for h in range(10)
    }
    settings = {"ignore_robots": True, "concurrency": 400}
    took = []
    for name, pages in (("without", fast), ("beside", {**dead, **fast})):
        world = World(pages)
        Trial(path=tmp_path / name, settings=settings).run(world, pages)
        took.append(max(one.at for one in world.asked if one.url in fast))
    assert took[0] <= len(fast) / 400 * 0.1 * 1.1, "the places were not used to the full"
    assert took[1] <= took[0] * 400 / (400 - 2 * 10) + 0.1


server = st.fixed_dictionaries({
    "delay": st.sampled_from([0.0, 0.3, 2.0]),
    "answers": st.lists(
        st.sampled_from([
            Answer(), Answer(delay_s=1.5), Answer(status=503), Answer(status=429, retry_after_s=4), Answer(failure="reset", may_pass=True),
            Answer(to="https://h0.example/landing"), Answer(status=404),
        ]),
        min_size=1, max_size=8,
    ),
})  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(server, min_size=1, max_size=4), st.integers(1, 6), st.sampled_from([0.0, 0.2]), st.integers(1, 12))
def test_no_host_is_asked_harder_than_its_pace(servers: list[dict[str, object]], per_host: int, gap: float, concurrency: int) -> None:
    """For any mix of delays, retries, Retry-After, redirects and failures: never more at once, never sooner, and every page ends."""
    world = World({})
    delays: dict[str, float] = {}
    for number, one in enumerate(servers):
        host = f"https://h{number}.example"
        delays[host] = float(one["delay"])  # type: ignore[arg-type]
        text = f"User-agent: *\nCrawl-delay: {one['delay']}".encode()
        world.pages[f"{host}/robots.txt"] = Answer(body=text if one["delay"] else b"", type="text/plain")
        for n, answer in enumerate(one["answers"]):  # type: ignore[arg-type, var-annotated]
            world.pages[f"{host}/{n}"] = [answer, answer, Answer()]
    seeds = [url for url in world.pages if not url.endswith("robots.txt")]
    with tempfile.TemporaryDirectory() as folder:
        ended = Trial(path=Path(folder) / "r", settings={"per_host": per_host, "gap": gap, "concurrency": concurrency}).run(world, seeds)
        assert set(ended.outcomes()) == set(seeds)
    holds: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for asked in world.asked:
        answer = world.pages.get(asked.url)
        if isinstance(answer, list) and answer[0].retry_after_s and asked.at in world.asked_for(asked.url)[:2]:
            told = asked.at + world.delay_s
            holds[asked.host].append((told, told + answer[0].retry_after_s))
    for host in {asked.host for asked in world.asked}:
        assert world.most[host] <= (1 if delays.get(host) else per_host)
        least = max(gap, delays.get(host, 0.0))
        assert all(later - earlier >= least - 1e-6 for earlier, later in pairwise(world.starts(host)))
        assert not [at for at in world.starts(host) for told, until in holds[host] if told < at < until - 1e-6]
    assert world.most[""] <= concurrency


def test_a_retired_host_does_not_take_its_successor_with_it() -> None:
    """A host that comes back after it was done with is another value; whoever still holds the old one changes nothing by touching it."""
    row = HostRow(1, "https://a.example", False, None, None, None, None, None)
    scheduler = Scheduler(lambda _, pace: HostState(row, pace or Pace(4, 0.0)), lambda _, __: [])
    old = scheduler.activate(1)
    old.has_more = False
    scheduler.touch(old, 0.0)
    assert not scheduler.hosts
    scheduler.found_work(1, 0.0)
    scheduler.touch(old, 0.0)
    assert list(scheduler.hosts) == [1]
    assert scheduler.hosts[1] is not old
    assert not scheduler.is_exhausted
