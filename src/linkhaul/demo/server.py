"""The server of the demo site: on loopback only, in a thread of its own, so that a caller who blocks can use it.

::

    with serve() as url:
        run = linkhaul.links([url + path for path in pages()], out="links.csv")
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from linkhaul.demo.routes import answer

HOST = "127.0.0.1"


@contextmanager
def serve(port: int = 0, slow_s: float = 1.5) -> Iterator[str]:
    """Serve the site while the block runs; give its address, like ``http://127.0.0.1:8000``, without a slash at the end.

    Works in a script, in a thread and beside a running event loop. Connections still open at the end are dropped.

    Args:
        port: where to listen; 0 is any free port.
        slow_s: how long the slow page takes, in seconds.

    Raises:
        OSError: the port is taken or not allowed.
    """
    listening = socket.create_server((HOST, port))
    url = f"http://{HOST}:{listening.getsockname()[1]}"
    loop, told = asyncio.new_event_loop(), asyncio.Event()

    def run() -> None:
        with listening:
            try:
                loop.run_until_complete(_serve_until(told, listening, url, slow_s))
            finally:
                loop.close()

    thread = Thread(target=run, name="linkhaul-demo", daemon=True)
    thread.start()
    try:
        yield url  # the socket listens already: whoever comes before the loop runs waits in its queue
    finally:
        loop.call_soon_threadsafe(told.set)
        thread.join()


async def _serve_until(told: asyncio.Event, listening: socket.socket, url: str, slow_s: float) -> None:
    from aiohttp import web

    async def reply(request: web.BaseRequest) -> web.Response:
        if request.method not in {"GET", "HEAD"}:
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        found = answer(request.path, request.rel_url.raw_query_string, url)
        if found.is_slow:
            await asyncio.sleep(slow_s)
        return web.Response(status=found.status, headers=found.headers, body=found.body)

    runner = web.ServerRunner(web.Server(reply), shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    await told.wait()
    await runner.cleanup()
