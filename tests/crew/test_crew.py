"""Readers that are real processes: what they are given comes back, whatever becomes of them."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from linkhaul.config import RowSettings
from linkhaul.crew import crew as module
from linkhaul.crew.connection import Connection
from linkhaul.crew.crew import MOST_PAGES, Crew, Held
from linkhaul.crew.messages import Answer, Errand, Order, encode, framed
from linkhaul.model.records import Page
from linkhaul.read.html import read_page

pytestmark = pytest.mark.skipif(os.name != "posix", reason="readers are started where a process can be handed a socket")

ORDER = Order(kinds=frozenset({"page"}), max_links=100, agent="linkhaul", facts=False)
URL, AT = "http://a.example/", "2026-01-01T00:00:00Z"
FRAGILE = """
import os, sys
sys.path[:] = {path!r}
from linkhaul.crew import reader
read = reader.read_page
def fragile(body, *args, **options):
    if b"deadly" in body:
        os.kill(os.getpid(), 9)
    if b"unlucky" in body:
        with open("deaths", "a+b") as deaths:
            if deaths.tell() < 2:
                deaths.write(b".")
                deaths.close()
                os.kill(os.getpid(), 9)
    while b"endless" in body:
        pass
    return read(body, *args, **options)
reader.read_page = fragile
reader.main()
"""


def body(number: int) -> bytes:
    return f"<title>{number}</title><a href='/{number}'>to {number}</a>".encode()


SAYING = """
import socket
wire = socket.socket(fileno=0)
for said in {said!r}:
    wire.recv(1 << 20)
    wire.sendall(said)
wire.shutdown(socket.SHUT_RDWR)
"""
READY = framed(encode(Answer()))


class Asked:
    """Pages that were offered to a crew, and what came back of each."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.back: list[tuple[bytes, Page | str | None]] = []
        self.taken = 0

    def offer(self, body: bytes) -> bool:
        is_taken = self.crew.take(Errand(URL, AT, ()), body, lambda told: self.back.append((body, told)))
        self.taken += is_taken
        if not is_taken:
            self.crew.refused(len(body))
        return is_taken

    async def offered(self, body: bytes) -> None:
        """Offer until it is taken."""
        async with asyncio.timeout(20):
            while not self.offer(body):  # noqa: ASYNC110 - what is waited for is another process
                await asyncio.sleep(0.005)

    async def all_back(self) -> None:
        async with asyncio.timeout(20):
            while len(self.back) < self.taken:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.002)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REFUSED_BYTES", 1)


def processes(crew: Crew) -> list[int]:
    return [reader._process.pid for reader in crew._readers]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_pages_come_back_as_read_at_home() -> None:
    """What is taken comes back, in order, as reading it here would give it."""
    asked = Asked(crew := Crew(ORDER, 1))
    try:
        await asked.offered(body(0))
        for number in range(1, 20):
            await asked.offered(body(number))
        await asked.all_back()
    finally:
        await crew.close()
    assert [sent for sent, _ in asked.back] == [body(number) for number in range(20)]
    told = [replace(page, links=list(page.links)) for _, page in asked.back if isinstance(page, Page)]
    assert told == [read_page(body(number), URL, found_at=AT) for number in range(20)]
    assert crew.started == 1


async def test_nothing_is_started_for_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are refused, and no process is started, until so much has come within so long."""
    monkeypatch.setattr(module, "REFUSED_BYTES", 1_000)
    monkeypatch.setattr(module, "REFUSED_WITHIN_S", -1.0)
    asked = Asked(crew := Crew(ORDER, 2))
    assert not any(asked.offer(body(number)) for number in range(100)), "it came too slowly"
    assert not crew._starting
    monkeypatch.setattr(module, "REFUSED_WITHIN_S", 100.0)
    while not crew._starting:
        assert not asked.offer(body(1)), "nobody is there yet"
    await crew.close()
    assert asked.back == []


async def test_who_was_asked_for_is_started_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers that somebody asked for are started with the first pages, one with each, and no more than were asked for."""
    monkeypatch.setattr(module, "REFUSED_BYTES", 10**9)
    asked = Asked(crew := Crew(ORDER, 2, at_once=True))
    assert [(asked.offer(b"x"), len(crew._starting)) for _ in range(3)] == [(False, 1), (False, 2), (False, 2)]
    await crew.close()


async def test_what_a_reader_has_before_it_is_bounded() -> None:
    """A reader with enough to do takes no more, and a large page is not taken at all."""
    asked = Asked(crew := Crew(ORDER, 1))
    try:
        large = b"<p>" + b"x" * (module.LARGEST_BYTES - 3)
        await asked.offered(large)
        assert not asked.offer(large + b"x")
        taken = [asked.offer(large) for _ in range(10)]
        assert taken == [True] * 3 + [False] * 7, "they are as many bytes as a reader may have"
        await asked.all_back()
        taken = [asked.offer(body(number)) for number in range(MOST_PAGES + 10)]  # no turn of the loop: none can come back
        assert taken == [True] * MOST_PAGES + [False] * 10
        await asked.all_back()
    finally:
        await crew.close()


async def test_the_reader_with_the_least_before_it_is_given_the_next() -> None:
    """Two readers share the pages from the first one on: the second does not wait until the first is full."""
    asked = Asked(crew := Crew(ORDER, 2))
    try:
        for _ in range(2):
            crew._begin([])
        async with asyncio.timeout(20):
            await asyncio.gather(*crew._starting)
        assert all(asked.offer(body(number)) for number in range(10))  # no turn of the loop: none can come back
        assert [len(reader.held) for reader in crew._readers] == [5, 5]
        await asked.all_back()
    finally:
        await crew.close()


async def test_a_reader_that_is_killed_loses_nothing() -> None:
    """Pages of a reader that is killed are read by the next; every one comes back once."""
    asked = Asked(crew := Crew(ORDER, 1))
    try:
        await asked.offered(body(0))
        await asked.all_back()
        for number in range(1, 40):
            assert asked.offer(body(number))
        os.kill(processes(crew)[0], signal.SIGKILL)
        await asked.all_back()
    finally:
        await crew.close()
    assert sorted(sent for sent, _ in asked.back) == sorted(body(number) for number in range(40))
    assert all(isinstance(told, Page) for _, told in asked.back)
    assert crew.started == 2


async def test_a_page_that_kills_its_reader_is_unreadable() -> None:
    """A page that takes three readers with it, the last one by itself, is given up with a sentence, and those behind it are read."""
    asked = Asked(crew := Crew(ORDER, 1, [sys.executable, "-c", FRAGILE.format(path=sys.path)]))
    try:
        await asked.offered(body(0))
        await asked.offered(b"deadly")
        for number in range(1, 5):
            await asked.offered(body(number))
        await asked.all_back()
    finally:
        await crew.close()
    told = dict(asked.back)
    assert len(asked.back) == 6
    assert "ended the process that was reading it, 3 times, the last one with no other page" in str(told.pop(b"deadly"))
    assert all(isinstance(page, Page) for page in told.values())


async def test_a_page_whose_readers_were_killed_from_outside_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page at which two readers died is read by a third, which has nothing else to do and ends with it; those behind it are read elsewhere."""
    monkeypatch.chdir(tmp_path)
    asked = Asked(crew := Crew(ORDER, 1, [sys.executable, "-c", FRAGILE.format(path=sys.path)]))
    try:
        await asked.offered(body(0))
        await asked.offered(b"unlucky")
        for number in range(1, 5):
            await asked.offered(body(number))
        await asked.all_back()
        assert (tmp_path / "deaths").read_bytes() == b".."
        assert (crew.started, len(processes(crew)), crew._trials) == (4, 1, [])
    finally:
        await crew.close()
    assert len(asked.back) == 6
    assert all(isinstance(told, Page) for _, told in asked.back)


async def test_a_reader_with_a_suspect_goes_with_the_crew() -> None:
    """When a crew is closed while a page is tried by itself, the process that tries it is gone, and the page is forgotten."""
    asked = Asked(crew := Crew(ORDER, 1, [sys.executable, "-c", FRAGILE.format(path=sys.path)]))
    try:
        crew._keep(crew._try(Held(Errand(URL, AT, ()), b"endless", lambda told: asked.back.append((b"endless", told)), 2)))
        async with asyncio.timeout(20):
            await asyncio.gather(*crew._starting)
        (trial,) = crew._trials
        assert not asked.offer(body(0)), "it is not given another page"
    finally:
        await crew.close()
    await asyncio.sleep(0)
    assert not is_running(trial._process.pid)
    assert asked.back == []


async def test_a_page_that_hangs_its_reader_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that a reader does not get done with is given up like one that kills it, and those behind it are read."""
    monkeypatch.setattr(module, "STALLED_S", 0.5)
    asked = Asked(crew := Crew(ORDER, 1, [sys.executable, "-c", FRAGILE.format(path=sys.path)]))
    try:
        await asked.offered(body(0))
        await asked.offered(b"endless")
        await asked.offered(body(1))
        await asked.all_back()
    finally:
        await crew.close()
    told = dict(asked.back)
    assert asked.back[-1][0] == b"endless", "those behind it are read before it has been tried by itself"
    assert "ended the process that was reading it" in str(told.pop(b"endless"))
    assert all(isinstance(page, Page) for page in told.values())


async def test_a_reader_that_was_stopped_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a reader has that somebody stopped is read by another; one that has nothing to do is left alone."""
    asked = Asked(crew := Crew(ORDER, 1))
    await asked.offered(body(0))
    await asked.all_back()
    monkeypatch.setattr(module, "STALLED_S", 0.2)
    try:
        crew._readers[0]._look()
        for _ in range(3):
            crew._readers[0]._look()
        (pid,) = processes(crew)
        os.kill(pid, signal.SIGSTOP)
        assert asked.offer(body(1))
        await asked.all_back()
        assert crew.started == 2
    finally:
        await crew.close()
    assert not is_running(pid)
    assert [isinstance(told, Page) for _, told in asked.back] == [True, True]


async def test_an_answer_without_sense_is_read_at_home() -> None:
    """What a reader says that is no answer, of another version perhaps, costs no page: the run reads it itself."""
    asked = Asked(crew := Crew(ORDER, 1, [sys.executable, "-c", SAYING.format(said=[READY, framed(b"\xff"), framed(b"\x91\x05")])]))
    try:
        for _ in range(2):
            await asked.offered(body(0))
            await asked.all_back()
    finally:
        await crew.close()
    assert asked.back == [(body(0), None)] * 2


async def test_a_reader_that_ends_as_soon_as_it_is_ready_is_given_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page waits for a reader that has gone before it could be given one."""

    def received_and_gone(connection: Connection, data: bytes) -> None:
        received(connection, data)
        connection.abort()

    received = Connection.data_received
    monkeypatch.setattr(Connection, "data_received", received_and_gone)
    asked = Asked(crew := Crew(ORDER, 1))
    try:
        assert not asked.offer(body(0))
        async with asyncio.timeout(20):
            await asyncio.gather(*crew._starting)
        await asyncio.sleep(0)  # where it was noticed only when it had been taken in
        assert not asked.offer(body(1))
    finally:
        await crew.close()


async def test_where_modules_are_found_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in the current folder is not run, and a path that holds more than text is a path."""
    for name in ("json", "signal", "socket", "types", "msgspec"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*(place for place in sys.path if place), tmp_path])
    asked = Asked(crew := Crew(ORDER, 1))
    try:
        await asked.offered(body(0))
        await asked.all_back()
    finally:
        await crew.close()
    assert isinstance(asked.back[0][1], Page)


async def test_an_order_that_cannot_travel_is_done_without() -> None:
    """A pattern with a byte that is no text, as a command line may hold it, has no page read elsewhere, and stops nothing."""
    told: list[str] = []
    asked = Asked(crew := Crew(replace(ORDER, rows=RowSettings(match=("\udcff",))), 1, tell=told.append))
    try:
        assert not asked.offer(body(0))
        await asyncio.gather(*crew._starting)
        assert len(told) == 1
    finally:
        await crew.close()


async def test_one_reader_more_that_cannot_be_started_is_no_loss() -> None:
    """Where the machine has room for one reader only, that one goes on, and there is nothing to tell."""
    told: list[str] = []
    asked = Asked(crew := Crew(ORDER, 3, tell=told.append))
    try:
        await asked.offered(body(0))
        crew._command = ["/nowhere/python"]
        crew._begin([])
        await asyncio.gather(*crew._starting)
        assert asked.offer(body(1))
        crew.refused(1)
        assert not crew._starting
        await asked.all_back()
    finally:
        await crew.close()
    assert told == []


async def test_readers_that_keep_dying_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many deaths what they had is left to the run itself, and no other is started."""
    monkeypatch.setattr(module, "MOST_DEATHS", 1)
    said: list[str] = []
    asked = Asked(crew := Crew(ORDER, 1, [sys.executable, "-c", FRAGILE.format(path=sys.path)], tell=said.append))
    try:
        await asked.offered(body(0))
        await asked.all_back()
        assert asked.offer(b"deadly")
        assert asked.offer(body(1))
        await asked.all_back()
        (only,) = said
        assert only == (
            "1 times a process that reads pages has died, perhaps for want of memory: this one reads all pages from now on,"
            " and --workers 1 has that from the start"
        )
        assert asked.back[1:] == [(b"deadly", None), (body(1), None)]
        assert not asked.offer(body(2))
        assert not crew._starting
    finally:
        await crew.close()


@pytest.mark.parametrize("command", [["/nowhere/python"], [sys.executable, "-c", "pass"]], ids=["no-such-program", "no-reader"])
async def test_what_cannot_be_started_is_done_without(command: list[str]) -> None:
    """Where no reader can be started the run reads by itself, and does not try for ever."""
    told: list[str] = []
    asked = Asked(crew := Crew(ORDER, 1, command, tell=told.append))
    try:
        assert not asked.offer(body(0))
        async with asyncio.timeout(20):
            await asyncio.gather(*crew._starting)
        assert not asked.offer(body(1))
        assert not crew._starting
        assert told == [
            "no other process can be started to read pages: this one reads all pages from now on, and --workers 1 has that from the start"
        ]
    finally:
        await crew.close()
    gc.collect()  # a socket or a process that was left behind would warn


async def test_readers_go_with_the_crew() -> None:
    """When a crew is closed its processes are gone, with pages before them or without, ready or still starting."""
    asked = Asked(crew := Crew(ORDER, 1))
    try:
        await asked.offered(body(0))
        while asked.offer(b"<p>" + b"y" * 100_000):
            pass
        crew._begin([])
        await asyncio.sleep(0)  # it is on its way now, and cannot be ready
        running = processes(crew)
    finally:
        await crew.close()
    assert running
    assert not any(is_running(pid) for pid in running)
    assert not crew._readers
    assert not crew._starting
    assert not crew.take(Errand(URL, AT, ()), b"", lambda _: None)


def test_a_reader_ends_with_the_run_that_started_it(tmp_path: Path) -> None:
    """A run that is killed takes its readers with it: their socket ends."""
    code = f"""
import asyncio, os, sys
sys.path[:] = {sys.path!r}
from linkhaul.crew import crew as module
from linkhaul.crew.messages import Errand, Order
module.REFUSED_BYTES = 1
async def main():
    crew = module.Crew(Order(frozenset(["page"]), 9, "x", False), 1)
    while not crew.take(Errand("http://a.example/", "", ()), b"x", lambda _: None):
        crew.refused(1)
        await asyncio.sleep(0.01)
    print(crew._readers[0]._process.pid, flush=True)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False, cwd=tmp_path)
    pid = int(done.stdout)
    until = time.monotonic() + 20
    while is_running(pid) and not _is_zombie(pid):
        assert time.monotonic() < until, "the reader goes on without its run"
        time.sleep(0.01)


def _is_zombie(pid: int) -> bool:
    """Whether a process has ended and only its name is left, because nobody here adopts orphans."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"
