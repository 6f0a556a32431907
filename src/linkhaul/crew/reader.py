"""The life of a reader: a process that is handed pages and gives back what they say, until nobody is there to hand it any.

It holds nothing that anyone would miss. Whoever started it keeps each page until the answer is there, so it may be killed at any
moment; and when the process that started it has gone, however that came, its socket ends and so does the reader.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from msgspec.structs import replace

from linkhaul.crew import memory
from linkhaul.crew.looking import look
from linkhaul.crew.messages import Answer, Frames, Order, encode, errand_of, framed, order_of
from linkhaul.export.recipe import texts_of
from linkhaul.model.records import Reply
from linkhaul.model.sheaf import Binder
from linkhaul.read.html import Unreadable, read_page

RECEIVE = 1 << 18
LONGEST_S = 600.0
"""How long a reader is let work without a look for more: one whose parser hangs when its run has gone would go on for ever."""
LARGEST_ANSWER_BYTES = 8_000_000
"""What is more is left to the run: a page of a few kilobytes can hold rows of many megabytes, and they would be in its memory twice."""


def main() -> None:
    """Read what comes over standard input, which is a socket, and answer over the same."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    memory.relax()
    memory.settle()
    with socket.socket(fileno=0) as wire:

        def receive(most: int) -> bytes:
            signal.setitimer(signal.ITIMER_REAL, 0)
            received = wire.recv(most)
            signal.setitimer(signal.ITIMER_REAL, LONGEST_S)  # its signal ends the process, whatever that is doing
            return received

        serve(receive, wire.sendall)


def serve(receive: Callable[[int], bytes], send: Callable[[bytes], object]) -> None:
    """Answer errands until the other side has gone.

    Args:
        receive: returns at most so many bytes, b"" at the end.
    """
    frames = Frames()
    work: Callable[[bytes, bytes], bytes] | None = None
    try:
        while received := receive(RECEIVE):
            for head, body in frames.feed(received):
                if work is None:
                    work = worker(order_of(head))
                    send(framed(encode(Answer())))  # ready
                else:  # each answer by itself: the first page without one is then the one that a dead reader was at
                    send(framed(work(head, body)))
    except (BrokenPipeError, ConnectionResetError):
        return


def worker(order: Order) -> Callable[[bytes, bytes], bytes]:
    """Return what turns an errand, as it came, and its body into the answer, as it goes."""
    plain = order.options()
    looked_at = replace(plain, document=True)
    texts = texts_of(order.rows, order.recipes) if order.recipes else None

    binder = Binder()

    def work(head: bytes, body: bytes) -> bytes:
        errand = errand_of(head)
        try:
            options = plain if errand.wish is None else looked_at
            page = read_page(body, errand.url, errand.headers, options=options, found_at=errand.found_at)
            if errand.wish is not None:
                document, page.document = page.document, None
                page.seen = look(Reply(errand.url, errand.status, errand.headers, body), errand.wish, document)
            if texts is not None:
                page.texts = texts(page.links)
            cells, forms = binder.bind(page.links)
            page.links = []
            told = encode(Answer(page, None, cells, forms))
            return told if len(told) <= LARGEST_ANSWER_BYTES else encode(Answer())
        except Unreadable as fault:
            return encode(Answer(fault=str(fault)))
        except Exception:  # noqa: BLE001 -- text that cannot travel (half a surrogate pair), or a fault of ours: shown where it can be seen
            return encode(Answer())

    return work
