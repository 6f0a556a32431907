"""A server of one page set from memory, in a process of its own: `python -m bench.shelf generated` prints its origin and serves until ended.

It does as little as it can, so that on a machine of few cores the one that is measured has the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import subprocess
import sys
from collections.abc import Iterator
from typing import cast

from bench.corpus import TREE, page_names
from bench.pages import ORIGIN, generated
from bench.site import loop_factory

SETS = {
    "generated": "made-up pages of 200 KB with 170 links",
    "manual": "Debian's PostgreSQL manual, pages of 14 KB with 21 links",
}
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"


def page_set(name: str, origin: str) -> list[tuple[str, bytes]]:
    """Return pairs (URL, body) of a set, placed at an origin.

    Raises:
        MissingPart: the manual is not installed.
    """
    if name == "manual":
        return [(f"{origin}/{page}", (TREE / page).read_bytes()) for page in page_names()]
    old, new = ORIGIN.encode(), origin.encode()
    return [(url.replace(ORIGIN, origin), body.replace(old, new)) for url, body in generated()]


class Connection(asyncio.Protocol):
    """One connection, kept; whatever stands behind a question mark is left aside."""

    def __init__(self, replies: dict[bytes, bytes]) -> None:
        self._replies = replies
        self._rest = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """Answer each request whose head is complete."""
        heads = (self._rest + data).split(b"\r\n\r\n")
        self._rest = heads.pop()
        for head in heads:
            path = head[4 : head.find(b" ", 4)].partition(b"?")[0]
            self._transport.write(self._replies.get(path, _NOT_FOUND))


async def _serve(name: str) -> None:
    replies: dict[bytes, bytes] = {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(replies), "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for url, body in page_set(name, origin):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body)
        replies[url.removeprefix(origin).encode()] = head + body
    print(origin, flush=True)
    async with server:
        await server.serve_forever()


@contextlib.contextmanager
def served(name: str) -> Iterator[str]:
    """Serve a set in another process and give its origin."""
    process = subprocess.Popen([sys.executable, "-m", "bench.shelf", name], stdout=subprocess.PIPE, text=True)
    try:
        origin = process.stdout.readline().strip() if process.stdout is not None else ""
        if not origin:
            raise RuntimeError("the server of the page set ended at once")
        yield origin
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


if __name__ == "__main__":
    gc.disable()  # nothing here makes cycles
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(sys.argv[1]))
