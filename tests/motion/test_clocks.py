"""Clocks that are set, forward and back, within a process and between two, and machines that sleep: neither haste nor ages of waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from tests.motion.world import BEGINNING, Answer, Beside, Ended, World, stop_when

from linkhaul.motion import permission
from linkhaul.motion.clocks import Clocks, wakeful
from linkhaul.motion.engine import Engine
from linkhaul.motion.progress import Progress

Run = Callable[..., Ended]
A = "https://a.example"
DAY_S = 86_400.0
YEAR_S = 365 * DAY_S
JUMPS = [-30 * YEAR_S, -2 * DAY_S, -3_600.0, 3_600.0, 2 * DAY_S, 30 * YEAR_S]


def set_clock(world: World, by_s: float, after_s: float = 2.5) -> Beside:
    """Return what sets the wall clock after a while."""

    async def wait(_: Engine, __: asyncio.Task[Progress]) -> None:
        await asyncio.sleep(after_s)
        world.shift_s += by_s

    return wait


def site(**answers: Answer) -> World:
    """Return a host with a page for each number, asked one a second."""
    rules = Answer(body=b"User-agent: *\nCrawl-delay: 1", type="text/plain")
    return World(
        {f"{A}/robots.txt": rules} | {f"{A}/{n}": Answer() for n in range(8)} | {f"{A}{path}": answer for path, answer in answers.items()}
    )


@pytest.mark.parametrize("jump_s", JUMPS)
def test_a_clock_that_is_set_meanwhile_changes_nothing(run: Run, jump_s: float) -> None:
    """robots.txt is asked for once and every page at its time, whatever somebody does to the wall clock."""
    world = site()
    ended = run(world, [f"{A}/{n}" for n in range(8)], during=set_clock(world, jump_s))
    assert len(world.asked_for(f"{A}/robots.txt")) == 1
    assert [round(at) for at in world.starts(A)] == list(range(9))
    assert ended.progress.done == 8


@pytest.mark.parametrize("jump_s", JUMPS)
def test_a_clock_that_is_set_does_not_move_retries(run: Run, jump_s: float) -> None:
    """What a host asked us to wait is waited, no shorter and no longer."""
    world = World({f"{A}/robots.txt": Answer(status=404), f"{A}/0": Answer(status=503, retry_after_s=100)})
    world.pages[f"{A}/0"] = [Answer(status=503, retry_after_s=100), Answer()]
    run(world, [f"{A}/0"], during=set_clock(world, jump_s))
    first, second = world.asked_for(f"{A}/0")
    assert 100 <= second - first <= 102


@pytest.mark.parametrize("jump_s", [jump for jump in JUMPS if jump < 0])
def test_a_clock_set_back_between_processes_makes_no_wait_longer(run: Run, monkeypatch: pytest.MonkeyPatch, jump_s: float) -> None:
    """The process that goes on waits what was left of a Retry-After, and does not take old rules for new ones for years."""
    monkeypatch.setattr(permission, "MAX_AGE_S", 300.0)
    world = World({f"{A}/robots.txt": Answer(status=404), f"{A}/0": [Answer(status=503, retry_after_s=100), Answer()]})
    run(world, [f"{A}/0"], during=stop_when(lambda: bool(world.asked_for(f"{A}/0"))))
    world.shift_s = jump_s
    ended = run(world, [f"{A}/0"])
    first, second = world.asked_for(f"{A}/0")
    assert 100 <= second - first <= 102
    assert ended.progress.stopped_by is None
    forbidden = Answer(body=b"User-agent: *\nDisallow: /", type="text/plain")
    world.pages |= {f"{A}/robots.txt": [Answer(status=404), forbidden], f"{A}/1": Answer(), f"{A}/2": Answer()}
    ended = run(world, [f"{A}/1", f"{A}/2"], settings={"gap": 160.0})
    assert [ended.outcomes()[f"{A}/{n}"] for n in (1, 2)] == ["ok", "refused"]


def test_rules_grow_old_when_the_clock_stood_wrong(run: Run) -> None:
    """After a process whose clock stood decades ahead, rules are kept for a day again, not for decades, and not for one page."""
    world = site()
    world.shift_s = 30 * YEAR_S
    run(world, [f"{A}/0"])
    world.shift_s = 0.0
    run(world, [f"{A}/1", f"{A}/2"])
    assert len(world.asked_for(f"{A}/robots.txt")) == 1
    world.now += 1.5 * DAY_S
    run(world, [f"{A}/3", f"{A}/4", f"{A}/5"])
    assert len(world.asked_for(f"{A}/robots.txt")) <= 2


def test_a_machine_that_slept_finds_its_waits_over(run: Run) -> None:
    """Time in which the machine was suspended counts: rules are asked for again after a day, and a wait that is over is over."""
    world = World(
        {f"{A}/robots.txt": Answer(status=404), f"{A}/0": [Answer(status=503, retry_after_s=1_000), Answer()], f"{A}/1": Answer()}
    )
    slept = [0.0]
    clocks = Clocks(monotonic=lambda: world.monotonic() + slept[0], wall=lambda: world.wall() + slept[0])

    async def suspend(_: Engine, __: asyncio.Task[Progress]) -> None:
        await asyncio.sleep(10.0)
        slept[0] = 2 * DAY_S

    run(world, [f"{A}/0", f"{A}/1"], during=suspend, parts={"clocks": clocks})
    assert world.asked_for(f"{A}/0")[1] <= 20.0
    assert len(world.asked_for(f"{A}/robots.txt")) == 2


def test_our_clock_counts_on_and_never_back() -> None:
    """The clock that waits are measured with is ahead of the one that sleeps, or the same, and goes as fast."""
    clock = wakeful()
    first, plain = clock(), time.monotonic()
    assert clock() >= first
    assert clock() - first <= time.monotonic() - plain + 1.0


def test_the_steady_clock_does_not_begin_before_what_is_known() -> None:
    """A wall clock that is behind the latest time known is not believed."""
    now = [5.0]
    clocks = Clocks(monotonic=lambda: now[0], wall=lambda: BEGINNING, latest=BEGINNING + 50)
    now[0] += 10
    assert clocks.steady() == BEGINNING + 60
    assert Clocks(monotonic=lambda: now[0], wall=lambda: BEGINNING, latest=BEGINNING - 50).steady() == BEGINNING


@pytest.mark.timeout(15)
def test_a_host_that_is_asked_less_than_once_a_day_is_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that are older than they may be at the time of the next request are used for it: else robots.txt is all that is ever asked for."""
    monkeypatch.setattr(permission, "MAX_AGE_S", 300.0)
    world = World({f"{A}/robots.txt": Answer(status=404), f"{A}/0": Answer(), f"{A}/1": Answer()})
    ended = run(world, [f"{A}/0", f"{A}/1"], settings={"gap": 310.0})
    assert ended.progress.done == 2
