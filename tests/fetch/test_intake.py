"""One reply as its bytes come in: what bounds it, and when it is at its end."""

from __future__ import annotations

import gzip

import pytest

from linkhaul.fetch.body import Plans
from linkhaul.fetch.content import PIECES
from linkhaul.fetch.intake import Intake
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Reply

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def new_intake(max_body: int = 10_000_000) -> Intake:
    return Intake(Reply("http://shop.example/"), "any", Plans(max_body), "shop.example")


def fed_for_ever(start: bytes, piece: bytes) -> tuple[Intake, int]:
    """Return what was fed the same piece until it had enough, and how many bytes that took."""
    intake = new_intake()
    intake.feed(start)
    fed = 0
    while not intake.is_done and fed < 20_000_000:
        intake.feed(piece)
        fed += len(piece)
    return intake, fed


@pytest.mark.parametrize(
    ("start", "piece", "words"),
    [
        (CHUNKED, b"1\r\nx\r\n" * 5_000, "pieces of a few bytes"),
        (CHUNKED + b"5\r\nhello\r\n0\r\nX-T: ", b"t" * 10_000, "262,144 bytes"),
        (CHUNKED + b"0\r\n", b"X-T: u\r\n" * 100, "128 headers"),
        (CHUNKED + b"5;", b"e" * 10_000, "262,144 bytes"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 200, "262,144 bytes"),
        (b"HTTP/1.1 200 ", b"k" * 10_000, "32,768 bytes"),
        (b"HTTP/1.1 200 OK\r\nX-A: ", b"k" * 10_000, "262,144 bytes"),
        (b"HTTP/1.1 200 OK\r\nX-A : b\r\nX-B: ", b"k" * 10_000, "262,144 bytes"),
        (b"HTTP/1.1 200 OK\r\nX-A : b\r\nX-B: ", b"k", "Invalid header token"),
    ],
    ids=[
        "crumbs",
        "trailer",
        "trailers",
        "chunk extension",
        "interim replies",
        "reason",
        "header",
        "header after a fault",
        "by drops after a fault",
    ],
)
def test_nothing_is_taken_in_for_ever(start: bytes, piece: bytes, words: str) -> None:
    """Whatever a server sends without end is a bad reply before it has cost much, and says what was too much."""
    intake, fed = fed_for_ever(start, piece)
    assert intake.reply.failure is not None
    assert (intake.reply.failure.kind, words in intake.reply.failure.detail) == ("bad-reply", True), intake.reply.failure
    assert fed < 1_000_000
    assert not intake.may_stay


def test_many_pieces_of_a_good_size_are_fine() -> None:
    """A long page that is sent row by row is no flood."""
    row = b"50\r\n" + b"r" * 80 + b"\r\n"
    intake = new_intake()
    intake.feed(CHUNKED)
    for _ in range(11):
        intake.feed(row * (PIECES // 10))
    intake.feed(b"0\r\n\r\n")
    assert (intake.is_done, intake.reply.failure, len(intake.reply.body)) == (True, None, 80 * 11 * (PIECES // 10))


@pytest.mark.parametrize(
    ("start", "may_stay"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", True),
        (CHUNKED + b"2\r\nhi\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", True),
    ],
)
def test_what_may_stay(start: bytes, may_stay: bool) -> None:
    """A connection is used again when the reply is whole and neither side means to close."""
    intake = new_intake()
    intake.feed(start)
    assert (intake.is_done, intake.may_stay) == (True, may_stay)


def test_a_body_without_length_ends_with_its_connection() -> None:
    """Where nothing says how long a body is, the end of the connection is its end; being broken off is not."""
    whole, broken = new_intake(), new_intake()
    for intake in (whole, broken):
        intake.feed(b"HTTP/1.1 200 OK\r\n\r\nhi")
        assert not intake.is_done
    whole.ended(None)
    broken.ended(ConnectionResetError())
    assert (whole.reply.body, whole.reply.failure, whole.may_stay) == (b"hi", None, False)
    assert (broken.reply.body, broken.reply.failure and broken.reply.failure.kind) == (b"", "reset")


def test_what_is_packed_may_be_given_up_in_the_middle() -> None:
    """A request that is called off while a packed body comes in ends with what is there, and raises nothing."""
    intake = new_intake()
    packed = gzip.compress(b"hello" * 100)
    intake.feed(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed[:-9])
    intake.settle()
    assert (intake.is_done, intake.may_stay, intake.size) == (True, False, len(intake.reply.body))


@pytest.mark.parametrize("accept", ["page", "any"])
def test_zeros_before_a_length_are_nothing(accept: Accept) -> None:
    """A Content-Length of more digits than Python reads as a number is the number that it is."""
    intake = Intake(Reply("http://shop.example/"), accept, Plans(10_000), "shop.example")
    intake.feed(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " + b"0" * 5_000 + b"2\r\n\r\nhi")
    assert (intake.reply.failure, intake.reply.body) == (None, b"hi")


def test_what_is_packed_for_the_way_is_unpacked() -> None:
    """A Transfer-Encoding that packs is undone like a Content-Encoding; one that we cannot undo is no page."""
    packed, head = gzip.compress(b"hi"), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: %s, Chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
    unpacked, foreign = new_intake(), new_intake()
    unpacked.feed(head % (b"gzip", len(packed), packed))
    foreign.feed(head % (b"compress", len(packed), packed))
    assert (unpacked.reply.failure, unpacked.reply.body) == (None, b"hi")
    assert (foreign.reply.failure and foreign.reply.failure.kind) == "bad-encoding"
