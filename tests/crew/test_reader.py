"""What a reader answers: what reading at home would give; what cannot travel is left to whoever asked."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest
from msgspec.structs import replace

import linkhaul.crew.reader as module
from linkhaul.config import RowSettings
from linkhaul.crew import memory
from linkhaul.crew.messages import Answer, Errand, Frames, Order, answer_of, encode, framed
from linkhaul.crew.reader import serve
from linkhaul.export.delimited import Dialect
from linkhaul.export.recipe import Recipe
from linkhaul.model.records import KINDS, Page
from linkhaul.read.html import Unreadable, read_page
from linkhaul.read.options import ReadOptions

URL, AT = "http://a.example/", "2026-01-01T00:00:00Z"
ORDER = Order(kinds=frozenset(KINDS), max_links=100, agent="linkhaul", facts=False)


def answers(*bodies: bytes, cut: int = 1 << 18, order: Order = ORDER) -> list[Page | str | None]:
    """Return what a reader says to these pages after it has said that it is ready; it is handed so many bytes at a time."""
    said = framed(encode(order)) + b"".join(framed(encode(Errand(URL, AT, ())), body) for body in bodies)
    pieces = iter([said[at : at + cut] for at in range(0, len(said), cut)])
    sent: list[bytes] = []
    serve(lambda _: next(pieces, b""), sent.append)
    frames = [answer_of(head) for head, _ in Frames().feed(b"".join(sent))]
    assert frames[0] == Answer(), "the first frame says that it is ready"
    told = [answer.told(AT) for answer in frames[1:]]
    for page in told:
        if isinstance(page, Page):
            page.links = list(page.links)
    return told


@pytest.mark.parametrize("cut", [1 << 18, 7], ids=["at-once", "in-pieces"])
def test_it_reads_what_would_be_read_at_home(cut: int) -> None:
    """A page reads the same in another process, in the order in which they were given."""
    bodies = [f"<title>{n}</title><a href='/{n}'>{n}</a>".encode() for n in range(5)]
    expected = [read_page(body, URL, options=ReadOptions(kinds=ORDER.kinds, max_links=100), found_at=AT) for body in bodies]
    assert answers(*bodies, cut=cut) == expected


def test_a_parser_that_gives_up_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the parser cannot read comes back as the reason, and the reader goes on."""

    def give_up(*_: object, **__: object) -> object:
        raise Unreadable("the HTML parser gave up")

    monkeypatch.setattr(module, "read_page", give_up)
    assert answers(b"x", b"y") == ["the HTML parser gave up"] * 2


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that nobody foresaw comes back as nothing: it is to be raised where it can be seen."""

    def fail(*_: object, **__: object) -> object:
        raise KeyError("ours")

    monkeypatch.setattr(module, "read_page", fail)
    assert answers(b"x") == [None]


def test_text_that_cannot_travel_is_read_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a surrogate pair has no bytes: whoever asked reads the page himself, and the next one goes on as ever."""

    def read(body: bytes, *_: object, **__: object) -> Page:
        return Page(URL, URL, title="\ud800" if body == b"half" else "whole")

    monkeypatch.setattr(module, "read_page", read)
    assert answers(b"half", b"whole") == [None, Page(URL, URL, title="whole")]


def test_it_ends_when_nobody_listens() -> None:
    """A run that has gone is no fault of the reader's."""

    def nobody(_: bytes) -> None:
        raise BrokenPipeError

    pieces = iter([framed(encode(ORDER))])
    serve(lambda _: next(pieces, b""), nobody)


def test_it_makes_the_text_of_the_rows() -> None:
    """Told how the outputs write their rows, a reader sends these along, as the run itself would write them."""
    recipes = (Recipe("csv"), Recipe("jsonl"), Recipe("csv", dialect=Dialect(";", "\n", (1, 0))))
    order = replace(ORDER, rows=RowSettings(exclude=("/b",), columns=("n", "url")), recipes=recipes)
    got, empty = answers(b'<a href="/a,1">x</a><a href="/b">y</a><a href="mailto:z">z</a>', b"nothing", order=order)
    assert isinstance(got, Page)
    assert len(got.links) == 3
    assert got.texts == (
        (1, b'1,"http://a.example/a,1"\r\n'),
        (1, b'{"n":1,"url":"http://a.example/a,1"}\n'),
        (1, b"http://a.example/a,1;1\n"),
    )
    assert isinstance(empty, Page)
    assert empty.texts == ((0, b""),) * 3


def test_rows_that_swell_are_left_to_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small page whose rows are many bytes is read where they are wanted, so that they are in memory once."""
    monkeypatch.setattr(module, "LARGEST_ANSWER_BYTES", 2_000)
    small, swollen = answers(b"<a href=/x>x</a>", b"<base href='/" + b"y" * 500 + b"/'><a href=1>x</a><a href=2>x</a><a href=3>x</a>")
    assert small is not None
    assert swollen is None


@pytest.mark.skipif(os.name != "posix", reason="readers are started where a process can be handed a socket")
def test_it_seldom_looks_for_cycles() -> None:
    """By the time a reader takes its order, what it has loaded is out of the collector's sight, and that looks seldom."""
    code = f"""
import gc, sys
sys.path[:] = {sys.path!r}
from linkhaul.crew import reader
reader.serve = lambda *_: print(*gc.get_threshold()[:2], gc.get_freeze_count() > 0)
reader.main()
"""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        told = subprocess.run([sys.executable, "-c", code], stdin=theirs.fileno(), capture_output=True, text=True, check=True, timeout=20)
    assert told.stdout.split() == [*map(str, memory.THRESHOLDS[:2]), "True"]


@pytest.mark.skipif(os.name != "posix", reason="readers are started where a process can be handed a socket")
def test_it_does_not_hang_for_ever() -> None:
    """A reader whose parser hangs ends by itself: the run that would end it may have gone."""
    code = f"""
import sys
sys.path[:] = {sys.path!r}
from linkhaul.crew import reader
def hang(*_, **__):
    while True:
        pass
reader.read_page, reader.LONGEST_S = hang, 0.05
reader.main()
"""
    ours, theirs = socket.socketpair()
    with ours, theirs, subprocess.Popen([sys.executable, "-c", code], stdin=theirs.fileno()) as process:
        theirs.close()
        ours.sendall(framed(encode(ORDER)) + framed(encode(Errand(URL, AT, ())), b"x"))
        try:
            assert process.wait(20) == -signal.SIGALRM
        finally:
            process.kill()
