"""The memory budget of bodies: bounded, and never stuck."""

from __future__ import annotations

import asyncio
import random

import pytest

from linkhaul.fetch.budget import ByteBudget


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_has_no_room_waits_until_it_is_given_back() -> None:
    """A request waits while finished bodies fill the budget, and goes on when one has been read."""
    budget = ByteBudget(100)
    first, second = budget.share(), budget.share()
    await first.take(80)
    first.keep(80)
    waiting = asyncio.ensure_future(second.take(50))
    await settle()
    assert (waiting.done(), budget.is_full, budget.used) == (False, True, 80)
    budget.give_back(80)
    await waiting
    second.keep(50)
    budget.give_back(50)
    assert (budget.used, budget.is_full) == (0, False)


async def test_one_may_go_beyond_so_that_all_get_on() -> None:
    """When unfinished bodies alone fill the budget, exactly one of them may go on; no two wait for each other for ever."""
    budget = ByteBudget(100)
    shares = [budget.share() for _ in range(4)]
    for share in shares:
        await share.take(25)
    waiting = [asyncio.ensure_future(share.take(30)) for share in shares]
    await settle()
    assert [task.done() for task in waiting] == [True, False, False, False]
    await shares[0].take(500)
    shares[0].keep(555)
    await settle()
    assert [task.done() for task in waiting] == [True, False, False, False], "a finished body comes back first"
    budget.give_back(555)
    await settle()
    assert waiting[1].done()
    for task in waiting:
        task.cancel()


async def test_a_body_that_failed_leaves_nothing_behind() -> None:
    """What a failed or cancelled request took is free again, and those in line move up."""
    budget = ByteBudget(10)
    first, second, third = budget.share(), budget.share(), budget.share()
    await first.take(10)
    first.keep(10)
    cancelled, waiting = asyncio.ensure_future(second.take(5)), asyncio.ensure_future(third.take(5))
    await settle()
    cancelled.cancel()
    await settle()
    second.keep(0)
    assert not waiting.done()
    budget.give_back(10)
    await waiting
    third.keep(0)
    assert budget.used == 0


@pytest.mark.parametrize("seed", range(5))
async def test_many_bodies_through_a_small_budget(seed: int) -> None:
    """Fifty bodies of any size, some failing, some cancelled, get through; never is more held than the limit and one body."""
    chance = random.Random(seed)
    budget, most = ByteBudget(1000), 0
    largest = 900

    async def body() -> None:
        nonlocal most
        share, size, kept = budget.share(), chance.randrange(1, largest), 0
        try:
            for at in range(0, size, 100):
                await share.take(min(100, size - at))
                most = max(most, budget.used)
                await asyncio.sleep(0)
            kept = size if chance.random() < 0.8 else 0
        finally:
            share.keep(kept)
        for _ in range(chance.randrange(3)):
            await asyncio.sleep(0)
        budget.give_back(kept)

    tasks = [asyncio.ensure_future(body()) for _ in range(50)]
    await asyncio.sleep(0)
    for task in chance.sample(tasks, 5):
        task.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(*tasks, return_exceptions=True)
    assert budget.used == 0
    assert most <= budget.limit + largest
