"""Heads that browsers forgive and the parser does not: what they are read as, and what is not mended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.fetch.body import Plans
from linkhaul.fetch.intake import Intake
from linkhaul.fetch.mending import has_head, may_be_mended, mend
from linkhaul.model.records import Reply

OK = b"HTTP/1.1 200 OK\r\n"
TAIL = b"Content-Length: 5\r\n\r\nhello"


def taken_in(*pieces: bytes) -> Intake:
    """Return what has taken in these bytes, the connection being closed at their end."""
    intake = Intake(Reply("http://shop.example/"), "any", Plans(10_000), "shop.example")
    for piece in pieces:
        if not intake.is_done:
            intake.feed(piece)
    if not intake.is_done:
        intake.ended(None)
    return intake


@pytest.mark.parametrize(
    ("start", "header"),
    [
        (OK + b"X-A : b\r\n" + TAIL, ("x-a", "b")),
        (OK + b"X-A: b\r\n\tc\r\n d\r\n" + TAIL, ("x-a", "b c d")),
        (OK + b"X-A: a\x01b\r\n" + TAIL, ("x-a", "a\x01b")),
        (OK + b"X-A: b\r\r\n" + TAIL, ("x-a", "b")),
        (OK + b"Bad Name: c\r\nX-A: b\r\n" + TAIL, ("x-a", "b")),
        (OK + b"X\xe9: c\r\nX-A: b\r\n" + TAIL, ("x-a", "b")),
        (OK + b"Content-Length: 5\r\nX-A: b\r\n" + TAIL, ("x-a", "b")),
        (OK + b"X-A: b\r\nContent-Length: 5, 5\r\n\r\nhello", ("x-a", "b")),
        (OK + b"X-A: b\r\nContent-Length:\r\n\r\nhello", ("x-a", "b")),
        (OK + b"Transfer-Encoding: identity\r\nX-A: b\r\n" + TAIL, ("x-a", "b")),
        (b"HTTP/1.2 200 OK\r\nX-A: b\r\n" + TAIL, ("x-a", "b")),
        (b"HTTP/2 200\r\nX-A: b\r\n" + TAIL, ("x-a", "b")),
        (b"http/1.1  200  OK\r\nX-A: b\r\n" + TAIL, ("x-a", "b")),
        (b"ICY 200 OK\r\nX-A: b\r\n" + TAIL, ("x-a", "b")),
        (b"HTTP/1.0 200 OK\nX-A : b\n\nhello", ("x-a", "b")),
    ],
)
def test_what_browsers_forgive(start: bytes, header: tuple[str, str]) -> None:
    """A head with such a fault is read as browsers read it, and its connection is not used again."""
    intake = taken_in(start)
    assert (intake.reply.failure, intake.reply.status, intake.reply.body) == (None, 200, b"hello")
    assert header in intake.reply.headers
    assert not intake.may_stay


@pytest.mark.parametrize(
    "start",
    [
        OK + b"X-A: a\0b\r\nX-B : c\r\n" + TAIL,
        OK + b"no colon\r\n" + TAIL,
        OK + b": no name\r\n" + TAIL,
        OK + b"Content-Length: 4\r\n" + TAIL,
        OK + b"Content-Length: 5, 4\r\n\r\nhello",
        OK + b"Content-Length: +5\r\n\r\nhello",
        OK + b"Transfer-Encoding: chunked\r\n" + TAIL,
        b"HTTP/1.1 20 OK\r\n" + TAIL,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"<html>",
    ],
)
def test_what_nobody_can_understand(start: bytes) -> None:
    """A head that can be meant in two ways, or in none, is a bad reply at once."""
    intake = Intake(Reply("http://shop.example/"), "any", Plans(10_000), "shop.example")
    intake.feed(start)
    assert intake.is_done
    assert intake.reply.failure is not None
    assert (intake.reply.failure.kind, "shop.example breaks HTTP: " in intake.reply.failure.detail) == ("bad-reply", True)


REPLIES = (
    OK + b"Content-Type: text/html\r\n" + TAIL,
    OK + b"X-A : b\r\nX-B: c\r\n d\r\n" + TAIL,
    OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: u\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + TAIL,
    b"HTTP/1.0 200 OK\nX-A: b\n\nhello",
    b"HTTP/2 200\r\nX-A: b\r\n" + TAIL,
    b"HTTP/1.2 200 OK\r\nX-A: b\r\n" + TAIL,
    b"http/1.1  200  OK\r\nX-A: b\r\n" + TAIL,
    b"ICY 200 OK\r\nX-A: b\r\n" + TAIL,
)


@pytest.mark.parametrize("whole", REPLIES)
def test_where_the_bytes_are_cut_does_not_count(whole: bytes) -> None:
    """A reply is the same in one piece, in any two, and byte by byte."""
    once = taken_in(whole)
    assert once.reply.body == b"hello"
    ways = [[whole[:at], whole[at:]] for at in range(1, len(whole))] + [[bytes([byte]) for byte in whole]]
    for pieces in ways:
        again = taken_in(*pieces)
        assert (again.reply, again.may_stay) == (once.reply, once.may_stay), pieces


def test_a_run_of_spaces_costs_its_length() -> None:
    """Space in a head that has to be mended is looked at once, however much of it there is: the run waits meanwhile."""
    reply = taken_in(OK + b"X-A : b\r\nX-B: c" + b" " * 250_000 + b"d\r\n" + TAIL).reply
    assert reply.failure is not None
    assert "a header is longer" in reply.failure.detail
    assert taken_in(OK + b"X-A: b\r\n" + b" \r\n" * 60_000 + TAIL).reply.body == b"hello"


@pytest.mark.parametrize(
    ("header", "kind"),
    [(b"Content-Length: 99999999", "too-large"), (b"Content-Encoding: compress", "bad-encoding"), (b"X: y\r\n" * 200, "bad-reply")],
    ids=["length", "encoding", "headers"],
)
def test_a_mended_head_may_say_what_is_refused(header: bytes, kind: str) -> None:
    """What a head says counts after it was put right, too: the failure is the one it has without the fault."""
    reply = taken_in(OK + b"X-A : b\r\n" + header + b"\r\n\r\nhello").reply
    assert (reply.failure and reply.failure.kind) == kind


@given(st.binary(max_size=200) | st.builds(lambda rest: OK + rest, st.binary(max_size=200)))
def test_any_bytes_give_a_reply(start: bytes) -> None:
    """Whatever comes, nothing is raised, and it ends as a status or a failure."""
    reply = taken_in(start).reply
    assert reply.failure is not None or (reply.status or 0) >= 200


@given(st.binary(max_size=60).map(lambda line: OK + line + b"\r\n" + TAIL))
def test_mending_twice_changes_nothing(start: bytes) -> None:
    """What has been mended is as good as it gets."""
    if may_be_mended(start) and has_head(start):
        once = mend(start)
        assert mend(once) == once
