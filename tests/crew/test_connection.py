"""What goes to a reader: frames whole and in order, however little its socket takes at once."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from linkhaul.crew.connection import Connection
from linkhaul.crew.messages import Frames, framed

pytestmark = pytest.mark.skipif(os.name != "posix", reason="readers are started where a process can be handed a socket")


async def test_frames_arrive_whole_and_in_order() -> None:
    """Frames that are larger than what the socket holds, and empty ones, come as they were sent, and no sooner than they can."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    lost = asyncio.Event()
    connection = Connection(lambda _: None, lost.set)
    sent = [(b"%d" % n, bytes([n]) * size) for n, size in enumerate((10, 3_000_000, 0, 1, 700_000, 5))]
    connection.send(*sent[0])  # before there is anything to send over
    await asyncio.get_running_loop().create_unix_connection(lambda: connection, sock=ours)
    for frame in sent[1:]:
        connection.send(*frame)
    assert len(connection._unsent) == 4, "behind a frame that did not go whole, others wait here"
    frames, got = Frames(), list[tuple[bytes, bytes]]()
    async with asyncio.timeout(20):
        while len(got) < len(sent):
            got += frames.feed(await asyncio.get_running_loop().sock_recv(theirs, 1 << 16))
    assert got == sent
    theirs.close()
    await asyncio.wait_for(lost.wait(), 20)


async def test_answers_are_told_when_they_are_whole() -> None:
    """An answer that comes in pieces is told once, when its last byte is there."""
    ours, theirs = socket.socketpair()
    answers: list[bytes] = []
    lost = asyncio.Event()
    connection = Connection(answers.append, lost.set)
    await asyncio.get_running_loop().create_unix_connection(lambda: connection, sock=ours)
    frame = framed(b"one") + framed(b"two")
    for at in range(len(frame)):
        connection.data_received(frame[at : at + 1])
        assert answers == [b"one", b"two"][: (at + 1) // 11]
    connection.abort()
    await asyncio.wait_for(lost.wait(), 20)
    theirs.close()
