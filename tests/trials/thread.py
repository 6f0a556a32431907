"""A loop on a thread of its own, for servers that a blocking call is put to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager


@contextmanager
def serving(start: Callable[[], Awaitable[list[asyncio.Server]]]) -> Iterator[list[tuple[str, int]]]:
    """Run servers until the block is left; give the address and port of each.

    Raises:
        OSError: one of them could not be started.
    """
    sockets: list[tuple[str, int]] = []
    failed: list[OSError] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def serve() -> None:
        try:
            servers = await start()
            sockets.extend(server.sockets[0].getsockname()[:2] for server in servers)
        except OSError as error:
            failed.append(error)
            return
        finally:
            ready.set()
        await ended.wait()
        for server in servers:
            server.close()
        while left := [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await asyncio.sleep(0.005)  # lets the transports close, and shows whether a connection still came in

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        if failed:
            raise failed[0]
        yield sockets
    finally:
        if not failed:
            loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()
