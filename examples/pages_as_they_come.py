"""Pages in the order they arrive, each with its links, while the others are still on their way."""

from __future__ import annotations

import asyncio

import linkhaul
from linkhaul.demo.server import serve


async def main() -> None:
    with serve(slow_s=0.3) as site:
        urls = [f"{site}/weather/", f"{site}/shop/", f"{site}/visit"]  # the first is the slow one, and comes last
        async for visit in linkhaul.stream(urls):
            print(f"{visit.final_url}: {visit.outcome}, {len(visit.links)} links, {len(visit.hops)} redirects")


asyncio.run(main())
