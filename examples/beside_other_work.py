"""In a program that has an event loop: the job is awaited, and the loop goes on with its other work meanwhile."""

from __future__ import annotations

import asyncio

import linkhaul
from linkhaul.demo.server import serve


async def tick(times: list[float]) -> None:
    while True:
        times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.01)


async def main() -> None:
    times: list[float] = []
    other_work = asyncio.create_task(tick(times))
    with serve(slow_s=0.2) as site:
        run = await linkhaul.alinks([f"{site}/blog/", f"{site}/weather/"])
    other_work.cancel()
    print(f"{len(run.links)} links were read; the other work went on {'as ever' if len(times) > 5 else 'not at all'}")


asyncio.run(main())
