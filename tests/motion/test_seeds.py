"""The sources as a stream: pulled in a thread of its own, never held in memory as a whole."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from linkhaul.motion.seeds import MOST_WAITING, Seed, Seeds


class Pulled:
    """Seeds, and a way to wait for the next time that they call."""

    def __init__(self, source: Iterator[Seed]) -> None:
        self.woken = asyncio.Event()
        self.seeds = Seeds(source, self.woken.set)
        self.seeds.start()

    async def all(self, most: int = 1_000) -> list[Seed]:
        found: list[Seed] = []
        while self.seeds.is_open or self.seeds.has_some:
            found += self.seeds.take(most)
            if not self.seeds.has_some and self.seeds.is_open:
                self.woken.clear()
                await asyncio.wait_for(self.woken.wait(), 10)
        return found


@pytest.mark.parametrize("count", [0, 1, 2, 3 * MOST_WAITING])
async def test_every_source_comes_in_order(count: int) -> None:
    """However many there are, each comes once and in order, and then the stream is closed."""
    pulled = Pulled(Seed(str(number)) for number in range(count))
    assert [seed.url for seed in await pulled.all()] == [str(number) for number in range(count)]
    assert pulled.seeds.error is None


async def test_an_endless_list_is_pulled_only_as_far_as_there_is_room() -> None:
    """Of a list without end no more is held than there is room for."""
    count = 0
    enough = threading.Event()

    def endless() -> Iterator[Seed]:
        nonlocal count
        while True:
            count += 1
            if count >= MOST_WAITING:
                enough.set()
            yield Seed(str(count))

    pulled = Pulled(endless())
    assert await asyncio.to_thread(enough.wait, 10)
    assert count <= MOST_WAITING + 1
    assert len(pulled.seeds.take(1_000_000)) >= MOST_WAITING - 1
    pulled.seeds.stop()
    assert not pulled.seeds.is_open


async def test_a_fault_of_the_list_is_kept() -> None:
    """What the iterable raises is kept for the engine, after what it had given."""

    def broken() -> Iterator[Seed]:
        yield Seed("a")
        raise ZeroDivisionError("in the caller's generator")

    pulled = Pulled(broken())
    assert await pulled.all() == [Seed("a")]
    assert isinstance(pulled.seeds.error, ZeroDivisionError)


async def test_a_blocked_list_does_not_block_the_loop() -> None:
    """A list that waits for something (a pipe) leaves the loop free; stopping does not wait for it."""
    gate = threading.Event()

    def blocked() -> Iterator[Seed]:
        yield Seed("a")
        gate.wait(10)
        yield Seed("b")

    pulled = Pulled(blocked())
    await asyncio.wait_for(pulled.woken.wait(), 10)
    assert pulled.seeds.take(10) == [Seed("a")]
    before = pulled.seeds.is_open
    pulled.seeds.stop()
    gate.set()
    assert (before, pulled.seeds.is_open, pulled.seeds.has_some) == (True, False, False)
