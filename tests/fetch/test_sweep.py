"""Time limits: kept by a look at everything, not by a timer for each."""

from __future__ import annotations

import asyncio

import pytest

from linkhaul.config import FetchSettings
from linkhaul.fetch.body import Plans
from linkhaul.fetch.budget import ByteBudget
from linkhaul.fetch.intake import Intake
from linkhaul.fetch.pool import Pool
from linkhaul.fetch.sweep import EVERY_S, Sweep
from linkhaul.fetch.wire import Wire
from linkhaul.model.records import Reply

SETTINGS = FetchSettings(timeout=30.0, read_timeout=15.0)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n"


class Line(asyncio.Transport):
    """A transport that takes what is written and says nothing."""

    is_aborted = False

    def write(self, data: object) -> None:
        pass

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


@pytest.fixture
async def wire() -> Wire:
    """Return a connection on which a request was just sent, at 100 on its clock."""
    pool = Pool(4)
    made = pool.new_wire("http://shop.example")
    made.connection_made(Line())
    pool.adopt(made)
    reply = Reply("http://shop.example/")
    made.ask(b"GET / HTTP/1.1\r\n\r\n", Intake(reply, "page", Plans(10_000), "shop.example"), asyncio.Future(), None)
    made.heard_at, made.deadline_at = 100.0, 130.0
    return made


@pytest.mark.parametrize(
    ("now", "start", "words"),
    [
        (114.9, b"", None),
        (115.0, b"", "sent nothing for 15 s (read_timeout)"),
        (115.0, HEAD, "sent nothing for 15 s (read_timeout)"),
        (130.0, HEAD, "did not finish its reply within 30 s (timeout)"),
    ],
    ids=["in time", "silence", "silence in the body", "the whole"],
)
async def test_each_limit_has_its_sentence(now: float, start: bytes, words: str | None, wire: Wire) -> None:
    """A silence and a whole that takes too long end the request with the one that was broken; before that nothing happens."""
    if start:
        wire.data_received(start)
        wire.heard_at = 100.0
    intake = wire.intake
    assert intake is not None
    Sweep(SETTINGS, ())._judge(wire, now)
    failure = intake.reply.failure
    assert (failure is None) == (words is None)
    assert failure is None or (failure.kind, failure.may_pass, words in failure.detail) == ("read-timeout", True, True)  # type: ignore[operator]
    assert wire.is_open == (words is None)


async def test_waiting_for_room_is_not_the_servers_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply that we stopped reading is not ended for taking long, and has as much time left as before when we read on."""
    now = [100.0]
    monkeypatch.setattr("linkhaul.fetch.wire.perf_counter", lambda: now[0])
    budget = ByteBudget(100)
    full = budget.share(lambda: None)
    full.take(100)
    full.keep(100)
    pool = Pool(4)
    wire = pool.new_wire("http://shop.example")
    wire.connection_made(Line())
    pool.adopt(wire)
    reply = Reply("http://shop.example/")
    wire.ask(b"", Intake(reply, "page", Plans(10_000), "shop.example"), asyncio.Future(), budget)
    wire.deadline_at = 130.0
    wire.data_received(HEAD + b"x")
    sweep = Sweep(SETTINGS, ())
    sweep._judge(wire, 1_000.0)
    assert wire.is_held
    now[0] = 1_000.0
    budget.give_back(100)
    await asyncio.sleep(0)
    assert (wire.is_held, wire.deadline_at) == (False, 1_030.0)
    sweep._judge(wire, 1_030.0)
    assert reply.failure is not None
    assert "did not finish" in reply.failure.detail


async def test_what_comes_in_time_puts_the_silence_off(wire: Wire) -> None:
    """The limit of a silence counts from the last bytes, that of the whole does not."""
    wire.data_received(HEAD)
    wire.heard_at = 129.0
    sweep = Sweep(SETTINGS, ())
    sweep._judge(wire, 129.9)
    assert wire.is_open
    sweep._judge(wire, 130.0)
    assert not wire.is_open


async def test_what_nobody_wants_is_not_waited_for(wire: Wire) -> None:
    """A rest that does not come quickly is left, and its connection is closed; the reply is whole without it."""
    wire.data_received(HEAD.replace(b"text/html", b"image/png"))
    intake = wire.intake
    assert intake is not None
    assert intake.drain_by is not None
    Sweep(SETTINGS, ())._judge(wire, intake.drain_by)
    assert (intake.is_done, intake.reply.status, intake.reply.failure, wire.is_open) == (True, 200, None, False)


def test_short_limits_are_looked_at_more_often() -> None:
    """A limit is kept to a quarter of itself, and never looked at more often than makes sense."""
    looks = [Sweep(FetchSettings(timeout=s, read_timeout=s), ())._every_s for s in (100.0, 1.0, 0.2, 0.001)]
    assert looks == [EVERY_S, EVERY_S, 0.05, 0.01]
