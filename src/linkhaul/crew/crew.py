"""The readers of a run: started when there is enough to read, given pages, and started again when one dies.

How this works. A page is offered; it is taken when a reader has room for it, otherwise whoever offered it may offer it again, or
read it himself. So no queue grows here, and with readers or without, the same is read. How many there are follows
from that alone: whenever much had to be refused within a short time, one more is started, up to the most that are allowed. A
run that is held up by the network, or that is short, never starts one, unless it was asked to.

A page stays here until its answer has come. When a reader dies, what it had is given to its successor, in order. The page it was
at is under suspicion. But readers are killed from outside, too, where memory is short, and then at sound pages. So a page that
was there when a second one died is given to a fresh reader by itself, while the others go on elsewhere; only when that one dies as
well does it become `Unreadable`, and the run goes on. A crew whose readers keep dying, or cannot be started, gives up: what it still
had is read by the run's own process. A reader that is at one page for minutes, because its parser hangs or somebody has stopped it,
is ended, and counts as dead.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Coroutine

from msgspec import MsgspecError, Struct

from linkhaul.crew.connection import Connection
from linkhaul.crew.messages import Errand, Order, answer_of, encode
from linkhaul.model.records import Page

REFUSED_BYTES, REFUSED_WITHIN_S = 2_000_000, 1.0
"""Another reader is started when so much had to be refused within so long: a run that reads so fast is held up by reading, and not by the network."""
MOST_PAGES, MOST_BYTES = 64, 4_000_000
"""What a reader may have before it: enough that it has work while the run's own process writes to the disk."""
LARGEST_BYTES = 1_000_000
"""A page of more is not taken: what would come back is many times as large, and would be in memory twice."""
MOST_DEATHS = 10
SUSPICIOUS = 2
"""A page that was being read when so many readers died is tried by itself."""
BUFFER_BYTES = 1 << 20
PATIENCE_S = 30.0
"""How long a reader may take until it is ready."""
STALLED_S = 60.0
"""How often it is looked whether a reader gets on: the page it is at may take so long, and at most twice as long."""
START = "import sys; sys.path[:] = sys.argv[1:]; from linkhaul.crew.reader import main; main()"
"""Nothing is imported before the path is set: until then the first place on it is the current folder, whatever lies there."""

Done = Callable[[Page | str | None], None]
"""Told what a page says; or why it cannot be read, as a sentence; or None: read it yourself."""


class Held(Struct):
    """A page that a reader has, until its answer is there."""

    errand: Errand
    body: bytes
    done: Done
    deaths: int = 0


class Crew:
    """The readers of one run, on one event loop.

    Args:
        most: how many readers there may be.
        command: what is started as a reader, with its standard input a socket; another one in tests.
        at_once: start them with the first pages, however little there is to read: somebody asked for them.
        tell: called with a sentence for the user when the crew gives up.

    Attributes:
        started: how many readers have been started in all.
    """

    def __init__(
        self,
        order: Order,
        most: int,
        command: list[str] | None = None,
        *,
        at_once: bool = False,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._order = order
        self._most = most
        self._command = command or [sys.executable, "-c", START, *_path()]
        self._readers: list[_Reader] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._trials: list[_Reader] = []
        self._refused = 0
        self._refused_since = 0.0
        self._deaths = 0
        self._is_closed = False
        self._at_once = at_once
        self._tell = tell
        self.started = 0

    def may_take(self, size: int) -> bool:
        """Whether there is room for a page of so many bytes, or will be before long."""
        return bool(self._readers) and size <= LARGEST_BYTES

    def take(self, errand: Errand, body: bytes, done: Done) -> bool:
        """Take a page to be read, if a reader has room for it; `done` is called once, by the loop, and never from within here."""
        if not self.may_take(len(body)):
            return False
        reader = min(self._readers, key=_load)
        if reader.load >= 1:
            return False
        reader.give(Held(errand, body, done))
        return True

    def refused(self, size: int) -> None:
        """Count a page that could not be taken and is read by the run; when it is much, start another reader. What none would take is no reason."""
        if size > LARGEST_BYTES:
            return
        now = asyncio.get_running_loop().time()
        if now - self._refused_since > REFUSED_WITHIN_S:
            self._refused, self._refused_since = 0, now
        self._refused += size
        is_much = self._at_once or self._refused >= REFUSED_BYTES
        if is_much and len(self._readers) + len(self._starting) < self._most and not self._is_closed:
            self._refused = 0
            self._begin([])

    async def close(self) -> None:
        """End the readers; pages that they still have are forgotten."""
        self._is_closed = True
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        readers, self._readers, self._trials = self._readers + self._trials, [], []
        for reader in readers:
            reader.end()

    def _begin(self, held: list[Held]) -> None:
        """Start a reader, with what it is given at once."""
        self._keep(self._start(held))

    def _keep(self, start: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(start)
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start(self, held: list[Held]) -> None:
        if (reader := await self._fresh(held, self._died)) is not None:
            self._readers.append(reader)
            for page in held:
                reader.give(page)

    async def _try(self, suspect: Held) -> None:
        """Have a page read by a fresh reader that has no other, and ends with it."""
        reader = await self._fresh([suspect], self._convict)
        if reader is None:
            return

        def done(told: Page | str | None) -> None:
            self._trials.remove(reader)
            reader.end()
            suspect.done(told)

        self._trials.append(reader)
        reader.give(Held(suspect.errand, suspect.body, done))

    async def _fresh(self, held: list[Held], died: Callable[[_Reader], None]) -> _Reader | None:
        """Return a reader that has just been started; None where none can be, and the run has what it was to read."""
        try:
            reader = await _Reader.started(self._command, encode(self._order), died)
        except (OSError, ValueError, RuntimeError):  # the system refuses; the order cannot travel; the loop knows no such connections
            self._give_up(held, "no other process can be started to read pages")
            return None
        self.started += 1
        return reader

    def _died(self, reader: _Reader) -> None:
        """Give what a dead reader had to another one; give up when that goes on."""
        if self._is_closed or reader not in self._readers:
            return
        self._readers.remove(reader)
        self._deaths += 1
        held = list(reader.held)
        if held:
            held[0].deaths += 1
            if held[0].deaths >= SUSPICIOUS:
                self._keep(self._try(held.pop(0)))
        if self._deaths >= MOST_DEATHS:
            self._give_up(held, f"{self._deaths} times a process that reads pages has died, perhaps for want of memory")
        elif held:
            self._begin(held)

    def _convict(self, reader: _Reader) -> None:
        """Give up the page that a reader had by itself, and died at."""
        if reader in self._trials:
            reader.held[0].done(
                f"it ended the process that was reading it, {SUSPICIOUS + 1} times, the last one with no other page: "
                "a fault of the HTML parser, or too little memory"
            )

    def _give_up(self, held: list[Held], why: str) -> None:
        """Start no other reader, and have the run read what could not be read here; say so when no reader is left."""
        if self._most and not self._readers:
            self._tell(f"{why}: this one reads all pages from now on, and --workers 1 has that from the start")
        self._most = len(self._readers)
        for page in held:
            page.done(None)


class _Reader:
    """One reader, seen from the run: its process, what it was given, and the connection to it.

    Attributes:
        held: the pages it has, in the order in which they were given.
    """

    def __init__(self, process: subprocess.Popen[bytes], died: Callable[[_Reader], None]) -> None:
        self.held: deque[Held] = deque()
        self._at: Held | None = None
        self._bytes = 0
        self._process = process
        self._died = died
        self._ready = asyncio.Event()
        self._is_gone = False
        self._connection = Connection(self._heard, self._lost)
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def started(cls, command: list[str], first: bytes, died: Callable[[_Reader], None]) -> _Reader:
        """Start a reader, tell it its order and wait until it is ready.

        Raises:
            OSError: no process or no socket can be had, or what was started is no reader.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                for end in (ours, theirs):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
                # A session of its own: what is meant for the terminal's foreground, such as Ctrl-C, is the run's to answer.
                process = subprocess.Popen(  # noqa: ASYNC220, S603 -- our own interpreter; it takes a millisecond, and goes on by itself
                    command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
                )
            except BaseException:
                ours.close()
                raise
        reader = cls(process, died)
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: reader._connection, sock=ours)
            reader._connection.send(first)
            await asyncio.wait_for(reader._ready.wait(), PATIENCE_S)
            if reader._is_gone:
                raise ConnectionError("what was started is no reader, or ended at once")  # noqa: TRY301 - it is cleared away below
        except BaseException:
            ours.close()
            reader.end()
            raise
        reader._look()
        return reader

    @property
    def load(self) -> float:
        """Return how much it has of what it may have; from 1 on there is no room."""
        return max(len(self.held) / MOST_PAGES, self._bytes / MOST_BYTES)

    def give(self, page: Held) -> None:
        """Have a page read."""
        self.held.append(page)
        self._bytes += len(page.body)
        self._connection.send(encode(page.errand), page.body)

    def end(self) -> None:
        """End the process: nothing is in it that anyone would miss."""
        self._connection.abort()
        self._process.kill()
        self._process.wait()

    def _look(self) -> None:
        """End it when it is at the page that it was at the last time; look again later."""
        if self.held and self.held[0] is self._at:
            self._connection.abort()
        self._at = self.held[0] if self.held else None
        self._timer = asyncio.get_running_loop().call_later(STALLED_S, self._look)

    def _heard(self, answer: bytes) -> None:
        """Take the answer to the first page that it has; before any page, its word that it is ready."""
        if not self._ready.is_set():
            self._ready.set()
            return
        page = self.held.popleft()
        self._bytes -= len(page.body)
        page.done(_told(answer, page.errand.found_at))

    def _lost(self) -> None:
        self._is_gone = True
        self._ready.set()
        if self._timer is not None:
            self._timer.cancel()
        self._died(self)
        self._process.kill()
        self._process.wait()


def _load(reader: _Reader) -> float:
    return reader.load


def _path() -> list[str]:
    """Return where modules are looked for; what else people put there, such as a `Path`, Python passes over, too."""
    places: list[object] = [*sys.path]
    return [place for place in places if isinstance(place, str)]


def _told(answer: bytes, found_at: str) -> Page | str | None:
    """Return what an answer says; None, so that the page is read here, when it makes no sense: of another version, say."""
    try:
        return answer_of(answer).told(found_at)
    except MsgspecError:
        return None
