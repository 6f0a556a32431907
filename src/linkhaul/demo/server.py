"""The server of the demo site: on loopback only, in a thread of its own, so that a caller who blocks can use it.

::

    with serve() as url:
        run = linkhaul.links([url + path for path in pages()], out="links.csv")
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from threading import Thread
from urllib.parse import unquote

from linkhaul.demo.routes import Answer, answer

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
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(_converse(reader, writer, url, slow_s))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(accept, sock=listening)
    await told.wait()
    server.close()
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)
    await asyncio.sleep(0)  # lets the transports close


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, url: str, slow_s: float) -> None:
    """Answer the requests of one connection, one after the other; it is closed after what is no plain GET or HEAD."""
    try:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            may_stay = True
            while may_stay:
                method, address, may_stay = _request(await reader.readuntil(b"\r\n\r\n"))
                path, _, query = address.partition("?")
                is_known = method in {"GET", "HEAD"} and path.startswith("/")
                found = answer(unquote(path), query, url) if is_known else Answer(405, (("Allow", "GET, HEAD"),))
                may_stay = may_stay and is_known
                if found.is_slow:
                    await asyncio.sleep(slow_s)
                writer.write(_head(found, may_stay) + (b"" if method == "HEAD" else found.body))
                await writer.drain()
    finally:
        writer.close()


def _request(head: bytes) -> tuple[str, str, bool]:
    """Return the method, the path with its query, and whether another request may follow."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, address, version = (*first.split(" "), "", "", "")[:3]
    is_last = any(line.lower().replace(" ", "") == "connection:close" for line in lines)
    return method, address, version == "HTTP/1.1" and not is_last


def _head(found: Answer, may_stay: bool) -> bytes:
    lines = [f"HTTP/1.1 {found.status} {HTTPStatus(found.status).phrase}", *(f"{name}: {value}" for name, value in found.headers)]
    lines += [f"Content-Length: {len(found.body)}", f"Connection: {'keep-alive' if may_stay else 'close'}", "", ""]
    return "\r\n".join(lines).encode()
