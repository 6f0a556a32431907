"""The memory budget of bodies: bounded, and never stuck."""

from __future__ import annotations

import asyncio
import random

import pytest

from linkhaul.fetch.body import Plans
from linkhaul.fetch.budget import ByteBudget
from linkhaul.fetch.intake import Intake
from linkhaul.fetch.wire import Wire
from linkhaul.model.records import Reply


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Quiet(asyncio.Transport):
    """A transport that does what it is told and says nothing."""

    def write(self, data: object) -> None: ...

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Body:
    """One body on its way: takes room, and waits until it is told that it is there."""

    def __init__(self, budget: ByteBudget) -> None:
        self._room = asyncio.Event()
        self.share = budget.share(self._room.set)

    async def take(self, size: int) -> None:
        if not self.share.take(size):
            self._room.clear()
            await self._room.wait()

    def keep(self, size: int) -> None:
        self.share.keep(size)


async def test_who_has_no_room_waits_until_it_is_given_back() -> None:
    """A request waits while finished bodies fill the budget, and goes on when one has been read."""
    budget = ByteBudget(100)
    first, second = Body(budget), Body(budget)
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
    shares = [Body(budget) for _ in range(4)]
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
    first, second, third = Body(budget), Body(budget), Body(budget)
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
        share, size, kept = Body(budget), chance.randrange(1, largest), 0
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


async def test_what_comes_while_one_waits_is_counted_too() -> None:
    """Bytes that were on their way when reading stopped are taken together with those that wait, and room is told of once."""
    budget, told = ByteBudget(100), 0

    def tell() -> None:
        nonlocal told
        told += 1

    first, second = Body(budget), budget.share(tell)
    await first.take(80)
    first.keep(80)
    assert [second.take(50), second.take(20)] == [False, False]
    budget.give_back(80)
    await settle()
    assert (told, second.size, budget.used) == (1, 70, 70)


async def test_a_long_line_is_no_deep_stack() -> None:
    """Two thousand that wait for each other's room get it one after the other, however many they are."""
    budget = ByteBudget(1)
    bodies = [Body(budget) for _ in range(2_000)]
    await bodies[0].take(1)

    async def pass_through(body: Body) -> None:
        await body.take(1)
        body.keep(0)

    waiting = [asyncio.ensure_future(pass_through(body)) for body in bodies[1:]]
    await settle()
    bodies[0].keep(0)
    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)
    assert budget.used == 0


async def test_what_arrives_while_reading_is_stopped_is_counted_once() -> None:
    """Bytes that TLS had unpacked already still arrive on a connection that waits for room: each takes room of its size."""
    budget = ByteBudget(100)
    other = Body(budget)
    await other.take(80)
    other.keep(80)
    wire = Wire("http://shop.example", lambda _: None, lambda _: None)
    intake = Intake(Reply("http://shop.example/"), "any", Plans(10_000), "shop.example")
    wire.connection_made(Quiet())
    wire.ask(b"", intake, asyncio.Future(), budget)
    wire.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 80\r\n\r\n" + b"x" * 50)
    wire.data_received(b"x" * 10)
    wire.data_received(b"x" * 10)
    assert wire.is_held
    budget.give_back(80)
    await settle()
    assert (wire.is_held, budget.used) == (False, 70)
