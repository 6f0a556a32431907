"""One job from its request to its end: run file and lock, outputs, fetcher, engine."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from msgspec import Struct, convert
from msgspec.structs import replace

from linkhaul.api.outputs import Output
from linkhaul.api.places import remove_run, run_path, tidy
from linkhaul.api.reach import REACH, decide_again, identity, scope_for
from linkhaul.api.selection import Selection
from linkhaul.api.sources import Sources, read_ahead
from linkhaul.config import Config, settings, stored
from linkhaul.decide.traps import TrapReason, Traps, Withheld
from linkhaul.errors import RunFileError, UsageError
from linkhaul.export.outputs import OutputSpec, check
from linkhaul.fetch.budget import ByteBudget
from linkhaul.fetch.credentials import Credentials
from linkhaul.fetch.files import FileFetcher
from linkhaul.fetch.http import HttpFetcher
from linkhaul.fetch.router import Router
from linkhaul.insight.queries import widened
from linkhaul.model.records import KINDS, Page, Reply, Visit
from linkhaul.motion.clocks import Clocks
from linkhaul.motion.engine import Engine
from linkhaul.motion.parts import Parts
from linkhaul.motion.progress import Progress
from linkhaul.motion.seeds import Seed
from linkhaul.read.html import read_page
from linkhaul.read.options import ReadOptions
from linkhaul.store.firsts import find_firsts
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal
from linkhaul.store.known import Known
from linkhaul.store.lock import RunLock
from linkhaul.store.notes import Notes
from linkhaul.store.opening import create, inspect, open_to_read, open_to_write, sound
from linkhaul.store.reader import value
from linkhaul.store.schema import APPLICATION_ID

BODIES_SHARE = 4
"""The part of the memory that bodies on their way may fill: one in so many; parsing takes several times a body's size."""


class Request(Struct, frozen=True, kw_only=True):
    """What a job is asked to do.

    Attributes:
        verb: links or crawl.
        links, pages: the outputs of each table.
        run: the run file; None has one chosen, see `api.places`.
        is_temporary: the run file goes when the session is closed.
        may_destroy: called before rows of an earlier run are destroyed, with the run file; false refuses.
    """

    verb: str
    sources: Sources
    config: Config
    links: tuple[OutputSpec, ...] = ()
    pages: tuple[OutputSpec, ...] = ()
    run: str | None = None
    fresh: bool = False
    is_temporary: bool = False
    may_destroy: Callable[[Path], bool] = lambda _: True
    on_visit: Callable[[Visit], None] | None = None
    settled: Callable[[], Awaitable[None]] | None = None


class Session:
    """A job that has been set up: everything that can be checked beforehand has been.

    Attributes:
        path: the run file.
        notices: what the user should know before it begins: that it goes on, with which other settings.
        resumed: an earlier, unfinished run is gone on with.
        scope: how far it reaches.

    Raises:
        RunFileError, OutputError, UsageError: it cannot be done; nothing was changed.
    """

    def __init__(self, request: Request) -> None:
        if request.sources.sitemaps:
            reach = replace(request.config.crawl, sitemap=(*request.config.crawl.sitemap, *request.sources.sitemaps))
            request = replace(request, config=replace(request.config, crawl=reach))
        self._request = request
        self.notices: list[str] = []
        self.resumed = False
        self.engine: Engine | None = None
        self.stop_asked: tuple[Any, ...] | None = None
        self._selection = Selection(request.config.rows)
        self._credentials = Credentials.parse(request.config.fetch, request.sources.hosts)
        self._every = (*request.links, *request.pages)
        self._is_named = request.run is not None
        outputs = [spec.path if spec.path == "-" else str(Path(spec.path).absolute()) for spec in self._every]
        self.path = (
            Path(request.run)
            if request.run is not None
            else run_path(request.verb, () if request.is_temporary else request.sources.names, outputs)
        )
        _not_its_own_source(request)
        self._lock = RunLock(self.path)
        try:
            with sound(self.path):
                self._db = self._opened()
        except BaseException:
            self._lock.release()
            raise
        try:
            urls: list[str] = []
            if request.verb == "crawl":
                sources, urls = read_ahead(request.sources)
                urls += request.sources.sitemaps
                self._request = replace(request, sources=sources)
            around = scope_for(request.verb, request.config.crawl, self._db, urls)
            self._reach = identity(around, request.config.crawl)
            self.scope = widened(around, self._db)
            with sound(self.path):
                self._journal = Journal(self._db, first_of=self._selection.passes if self._selection.is_unique else None)
                if self._selection.is_unique and value(self._db, "first_of") != self._selection.identity:
                    find_firsts(self._db, self._journal, self._selection.passes)
                    self._journal.set_values({"first_of": self._selection.identity})
            self._outputs = [Output(spec, self._db, self._selection) for spec in request.links]
            self._outputs += [Output(spec, self._db, None) for spec in request.pages]
            if self.resumed and self._journal.last_visit and any(spec.path == "-" for spec in self._every):
                self.notices.append("standard output gets all rows again, those of the earlier run first")
            self._written = sum(output.prepare(self._journal) for output in self._outputs)
            self._journal.set_values({
                "state": "running", "settings": stored(request.config), "verb": request.verb, "sources": self._request.sources.described,
                "process": {"at": time.time(), "visits": self._journal.last_visit}, "seconds": None,
            })  # fmt: skip
            self._journal.commit()
        except BaseException:
            self.close()
            raise

    @property
    def rows_written(self) -> list[tuple[str, int]]:
        """The outputs as they were named, with how many rows this process has written to each."""
        return [(output.spec.path, output.rows) for output in self._outputs]

    async def conduct(self) -> Progress:
        """Run the job to its end, or until `Engine.stop`; return what was done.

        Raises:
            RunFileError, OutputError: the run file or an output cannot be written; what was committed stays.
        """
        config = self._request.config
        credentials = self._credentials
        budget = ByteBudget(max(config.run.memory // BODIES_SHARE, config.fetch.max_body))
        async with HttpFetcher(config.fetch, concurrency=config.pace.concurrency, credentials=credentials, budget=budget) as http:
            files = FileFetcher(self._request.sources.roots, max_body=config.fetch.max_body)
            fetcher = Router(files, http)
            frontier = Frontier(self._db, self._journal)
            notes = Notes(self._db, self._journal)
            traps = self._traps(notes)
            if traps is not None:
                decide_again(self._journal, self._db, self.scope, traps, self._reach)
            self.engine = engine = Engine(
                Parts(
                    config=config,
                    fetcher=fetcher,
                    read=_reader(config),
                    journal=self._journal,
                    clocks=Clocks(),
                    frontier=frontier,
                    known=Known(self._db),
                    notes=notes,
                    traps=traps,
                    scope=self.scope,
                    seeds=self._seeds(credentials),
                    sinks=[output for output in self._outputs if output.is_live],
                    give_back=lambda reply: None if files.covers(reply.url) else budget.give_back(len(reply.body)),
                    is_on_disk=files.covers if self._request.sources.roots else None,
                    on_visit=self._request.on_visit,
                    on_body=_noter(traps) if traps is not None else None,
                    settled=self._request.settled,
                )
            )
            if self.stop_asked is not None:
                asyncio.get_running_loop().call_soon(engine.stop, *self.stop_asked)
            with sound(self.path):
                progress = await engine.run()
        progress.links_written += self._written + sum(output.finish(self._journal) for output in self._outputs)
        if traps is not None:
            notes.set_traps(traps.counts(), [(w.pattern, w.reason, w.count, w.example) for w in traps.report()])
        self._journal.set_values({
            "state": "stopped" if progress.stopped_by else "ended", "finished_at": time.time(), "stopped_by": progress.stopped_by,
            "seconds": progress.seconds,
        })  # fmt: skip
        self._journal.commit()
        return progress

    def close(self) -> None:
        """Let go of the outputs, the run file and its lock."""
        with ExitStack() as stack:
            stack.callback(self._lock.release)
            stack.callback(self._db.close)
            for output in getattr(self, "_outputs", []):
                stack.callback(output.close)
        if self._request.is_temporary:
            shutil.rmtree(self.path.parent, ignore_errors=True)

    def _opened(self) -> sqlite3.Connection:
        if not self.path.exists() or self.path.stat().st_size == 0:
            tidy(_is_finished)
            return create(self.path)
        if self._request.fresh:
            return self._anew()
        connection = open_to_write(self.path)
        state = value(connection, "state")
        if not self._is_named and connection.execute("SELECT 1 FROM url LIMIT 1").fetchone() is None:
            state = "finished"  # an attempt that came to nothing: there is nothing to go on with
        if state == "finished" and not self._is_named:
            connection.close()
            for spec in self._every:
                check(spec, ours=False)
            remove_run(self.path)
            return create(self.path)
        self.resumed = True
        self._compare(connection)
        return connection

    def _anew(self) -> sqlite3.Connection:
        if not _is_run_file(self.path):
            raise RunFileError(f"{self.path}: is not a run file; it is left untouched. Name another file with --run")
        if not self._request.may_destroy(self.path):
            raise RunFileError(f"{self.path}: its rows were not destroyed; leave --fresh away to go on with it")
        for spec in self._every:
            check(spec, ours=False)
        remove_run(self.path)
        return create(self.path)

    def _compare(self, connection: sqlite3.Connection) -> None:
        """Say which settings differ from those that an earlier process ran with."""
        verb = value(connection, "verb", self._request.verb)
        if verb != self._request.verb:
            raise RunFileError(f"{self.path}: is the run of 'linkhaul {verb}', not of '{self._request.verb}'; name another file with --run")
        before: dict[str, Any] = value(connection, "settings", {})
        now = stored(self._request.config)
        for name, setting in settings().items():
            old = tuple(before[name]) if isinstance(before.get(name), list) else before.get(name)
            if name in before and old != now.get(name) and not setting.is_output_only:
                meaning = "what was found before is decided again" if name in REACH else "pages that were visited before stay as they are"
                self.notices.append(f"{name} is {now[name]!r} now and was {old!r}: {meaning}")

    def _traps(self, notes: Notes) -> Traps | None:
        """Return what keeps a crawl out of endless spaces, going on from where an earlier process was."""
        if self._request.verb != "crawl":
            return None
        traps = Traps(time.gmtime().tm_year, self._request.config.crawl.allow_pattern)
        kept_out = [entry for entry in notes.withheld() if entry[0] not in self._request.config.crawl.allow_pattern]
        withheld = [Withheld(pattern, convert(reason, TrapReason), count, example) for pattern, reason, count, example in kept_out]
        traps.restore(notes.patterns(), withheld)
        return traps

    def _seeds(self, credentials: Credentials) -> Iterator[Seed]:
        return self._request.sources.open(credentials.bind_userinfo)


def _is_run_file(path: Path) -> bool:
    """Return whether a file is a run file, be it a damaged one; any other file is somebody's own."""
    try:
        inspect(path)
    except RunFileError:
        with path.open("rb") as file:
            return int.from_bytes(file.read(72)[68:], "big") == APPLICATION_ID
    return True


def _not_its_own_source(request: Request) -> None:
    """Raise UsageError when an output is a list that the run reads: it would be read while it grows, or gone before it is read."""
    lists = {os.path.realpath(words[1]) for words in request.sources.described if words[0] == "list"}
    for spec in (*request.links, *request.pages):
        if spec.path != "-" and os.path.realpath(spec.path) in lists:
            raise UsageError(f"{spec.path}: is both a list to read and an output; name another output")


def _is_finished(path: Path) -> bool:
    """Whether a run came to its end; what cannot be read is left alone."""
    try:
        with closing(open_to_read(path)) as connection:
            return bool(value(connection, "state") == "finished")
    except (RunFileError, sqlite3.Error):
        return False


def acknowledge(path: Path) -> None:
    """Note that the end of a run was told: only now does the same command begin anew.

    Until then it would go on, and find nothing left to do: who kills a process between its last row and its last word
    does not get every row twice.
    """
    with suppress(RunFileError, sqlite3.Error), closing(open_to_write(path)) as connection:
        connection.execute("UPDATE run SET value = '\"finished\"' WHERE name = 'state' AND value = '\"ended\"'")


def _noter(traps: Traps) -> Callable[[str, bytes], None]:
    """Return what tells the traps of each page's content."""

    def note(url: str, body: bytes) -> None:
        traps.seen_content(traps.pattern(url), blake2b(body, digest_size=8).digest())

    return note


def _reader(config: Config) -> Callable[[Reply, str, str], Page]:
    kinds = frozenset(KINDS if "all" in config.rows.kinds else config.rows.kinds)
    options = ReadOptions(kinds=kinds, max_links=config.crawl.max_links_per_page, agent=config.fetch.user_agent.lower())

    def read(reply: Reply, url: str, found_at: str) -> Page:
        return read_page(reply.body, url, reply.headers, options=options, found_at=found_at)

    return read
