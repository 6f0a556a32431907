"""One job from its request to its end: run file and lock, outputs, fetcher, engine."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from linkhaul.api.beforehand import check_beforehand
from linkhaul.api.open_files import bounded
from linkhaul.api.outputs import Output
from linkhaul.api.places import how_to_go_on, run_path
from linkhaul.api.reach import decide_again, identity, scope_for
from linkhaul.api.reading import crew, load_parser_soon, reader, reader_from_top
from linkhaul.api.rechecking import beginnings, checks_of, is_of_another_verb, let_go, look_again, recheck
from linkhaul.api.request import Request
from linkhaul.api.revisiting import revisiting
from linkhaul.api.run_file import begin, take_back
from linkhaul.api.sources import read_ahead
from linkhaul.api.trapping import keeper, noter, traps_of
from linkhaul.config import stored
from linkhaul.decide.scope import Scope
from linkhaul.errors import OutputError, RunFileError
from linkhaul.export.recipe import Recipe
from linkhaul.export.selection import Selection
from linkhaul.fetch.budget import ByteBudget
from linkhaul.fetch.credentials import Credentials
from linkhaul.fetch.files import FileFetcher, is_document
from linkhaul.fetch.http import HttpFetcher
from linkhaul.fetch.router import Router
from linkhaul.insight.queries import widened
from linkhaul.motion.clocks import Clocks
from linkhaul.motion.engine import Engine
from linkhaul.motion.parts import Parts
from linkhaul.motion.progress import Progress
from linkhaul.store.firsts import find_firsts
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal
from linkhaul.store.known import Known
from linkhaul.store.lock import RunLock
from linkhaul.store.notes import Notes
from linkhaul.store.opening import limit_cache, sound
from linkhaul.store.reader import latest_time, value

TAKEN_BYTES, SHARE, LEAST_SHARE_BYTES = 128_000_000, 6, 8_000_000
"""What the process itself takes, with the reading of one large page. Of the memory that is left, bodies on their way may fill one part in
SHARE, and SQLite's cache another; the URLs that are remembered take as much."""


class Session:
    """A job that has been set up: everything that can be checked beforehand has been.

    Attributes:
        path: the run file.
        notices: what the user should know before it begins: that it goes on, with which other settings.
        resumed: an earlier run is gone on with.
        before: how the run stood that the run file held; None where there was none, or nothing came of it.
        scope: how far it reaches.

    Raises:
        RunFileError, OutputError, UsageError: it cannot be done; nothing was changed.
    """

    def __init__(self, request: Request) -> None:
        if request.sources.sitemaps:
            reach = replace(request.config.crawl, sitemap=(*request.config.crawl.sitemap, *request.sources.sitemaps))
            request = replace(request, config=replace(request.config, crawl=reach))
        self._request = request
        self._config, self.notices = bounded(request.config)
        self.engine: Engine | None = None
        self.stop_asked: tuple[Any, ...] | None = None
        self._selection = Selection(request.config.rows)
        self._credentials = Credentials.parse(request.config.fetch, request.sources.hosts)
        self._every = (*request.links, *request.pages)
        self._is_check = request.verb == "check"
        outputs = [spec.path if spec.path == "-" else str(Path(spec.path).absolute()) for spec in self._every]
        self.path = (
            Path(request.run)
            if request.run is not None
            else run_path(request.verb, () if request.is_temporary else request.sources.names, outputs)
        )
        check_beforehand(request.config, request.sources, (*request.links, *request.pages))
        self._lock = RunLock(self.path)
        try:
            with sound(self.path):
                self._db, self._is_made, self.before, self.resumed, notices = begin(request, self.path)
        except BaseException:
            self._lock.release()
            raise
        self.notices += notices
        try:
            around = self._around()
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
            for output in self._outputs:  # all of them, before the first is begun
                output.examine()
            self._written = sum(output.prepare(self._journal) for output in self._outputs)
            asked = {"settings": stored(request.config), "verb": request.verb, "sources": self._request.sources.described}
            self._journal.set_values({
                "state": "running", "process": {"at": time.time(), "visits": self._journal.last_visit}, "seconds": None,
                **({"check": asked} if request.is_as_it_is or (self._is_check and is_of_another_verb(self._db)) else asked),
            })  # fmt: skip
            self._journal.commit()
            self._is_made = False  # what was begun is kept
        except BaseException:
            self.close()
            raise

    @property
    def rows_written(self) -> list[tuple[str, int]]:
        """The outputs as they were named, with how many rows this process has written to each."""
        return [(output.spec.path, output.rows) for output in self._outputs]

    @property
    def added_to(self) -> frozenset[str]:
        """The outputs, as they were named, in which rows stood that are not of this run."""
        return frozenset(output.spec.path for output in self._outputs if output.has_others)

    def how_to_go_on(self) -> str:
        """Return what to tell whoever interrupts it: what is kept, and how to go on."""
        return how_to_go_on(self.path, is_found_again=self._request.run is not None or bool(self._request.sources.names))

    async def conduct(self) -> Progress:
        """Run the job to its end, or until `Engine.stop`; return what was done.

        Raises:
            RunFileError, OutputError: the run file or an output cannot be written; what was committed stays.
        """
        config, budget = self._config, self._budget()
        web = HttpFetcher(config.fetch, concurrency=config.pace.concurrency, credentials=self._credentials, budget=budget)
        async with web as http, AsyncExitStack() as stack:
            parts = self._parts(http, stack, budget)
            self.engine = engine = Engine(parts)
            if self.stop_asked is not None:
                asyncio.get_running_loop().call_soon(engine.stop, *self.stop_asked)
            load_parser_soon()
            with sound(self.path), self._stop_noted():
                progress = await engine.run()
        with self._stop_noted():
            progress.links_written += self._written + sum(output.finish(self._journal) for output in self._outputs)
        self._journal.set_values({
            "state": "stopped" if progress.stopped_by else "ended", "finished_at": time.time(), "stopped_by": progress.stopped_by,
            "seconds": progress.seconds,
        })  # fmt: skip
        self._journal.commit()
        if parts.checks is not None and not progress.stopped_by:
            let_go(parts.checks, self.path)
        return progress

    def _parts(self, http: HttpFetcher, stack: AsyncExitStack, budget: ByteBudget) -> Parts:
        """Return what the engine is made of; the run file is put in order for it first.

        Args:
            stack: closes what is opened here.
        """
        config = self._config
        files = FileFetcher(self._request.sources.roots, max_body=config.fetch.max_body, is_check=self._is_check)
        is_on_disk = self._is_check and bool(self._request.sources.roots)  # what a path from the top means there, only we know
        recipes = self._recipes()
        readers = crew(config, recipes, self._tell) if self._request.revisit is None and not is_on_disk else None
        read = reader(config, recipes if readers is not None else (), is_check=self._is_check)
        if readers is not None:
            stack.push_async_callback(readers.close)
        if is_on_disk:
            read = reader_from_top(read, self._request.sources.roots)
        fetcher, read = stack.enter_context(revisiting(self._request.revisit, config, Router(files, http), read))
        frontier = Frontier(self._db, self._journal)
        notes = Notes(self._db, self._journal)
        traps = traps_of(notes, config.crawl.allow_pattern) if self._follows else None
        if traps is not None:
            self._journal.before_commit = keeper(traps, notes)
            decide_again(self._journal, self._db, self.scope, traps, self._reach)
        checks = checks_of(self._db, self._journal, self.path, config) if self._is_check else None
        if self._is_check:
            if self._request.is_recheck:
                recheck(self._db, self._journal)
            look_again(self._journal, self._db, self.scope, config, self._request.sources)
        return Parts(
            config=config,
            fetcher=fetcher,
            read=read,
            journal=self._journal,
            clocks=Clocks(latest=latest_time(self._db)),
            frontier=frontier,
            known=Known(self._db),
            notes=notes,
            crew=readers,
            traps=traps,
            checks=checks,
            scope=self.scope,
            seeds=self._request.sources.open(self._credentials.bind_userinfo),
            sinks=[output for output in self._outputs if output.is_live],
            give_back=lambda reply: None if files.covers(reply.url) else budget.give_back(len(reply.body)),
            is_on_disk=files.covers if self._request.sources.roots else None,
            is_source=is_document(self._request.sources.folders) if self._request.sources.folders else None,
            on_visit=self._request.on_visit,
            on_body=noter(traps) if traps is not None else None,
            settled=self._request.settled,
        )

    def _recipes(self) -> tuple[Recipe, ...]:
        """Return how the text outputs write their rows; with readers, whoever reads a page makes them."""
        outputs = [(output, recipe) for output in self._outputs if (recipe := output.recipe) is not None]
        for place, (output, _) in enumerate(outputs):
            output.text = place
        return tuple(recipe for _, recipe in outputs)

    def _tell(self, sentence: str) -> None:
        if self.engine is not None:
            self.engine.progress.note(sentence)

    def _budget(self) -> ByteBudget:
        """Return the room for bodies, and leave the run file's cache as much, by the memory that there is."""
        config = self._request.config
        share = max(LEAST_SHARE_BYTES, (config.run.memory - TAKEN_BYTES) // SHARE)
        limit_cache(self._db, share)
        return ByteBudget(max(share, config.fetch.max_body))

    @contextmanager
    def _stop_noted(self) -> Iterator[None]:
        """Note in the run file that an output, or who waited for the end, stopped the job: it did not go without a word."""
        try:
            yield
        except (OutputError, asyncio.CancelledError) as error:
            if not self._journal.is_broken:
                why = "an output that could not be written" if isinstance(error, OutputError) else "interrupt"
                with suppress(RunFileError):
                    self._journal.set_values({"state": "stopped", "finished_at": time.time(), "stopped_by": why})
                    self._journal.commit()
            raise

    def close(self) -> None:
        """Let go of the outputs, the run file and its lock."""
        with ExitStack() as stack:
            stack.callback(self._lock.release)
            if self._is_made:
                stack.callback(take_back, self.path)
            stack.callback(self._db.close)
            for output in getattr(self, "_outputs", []):
                stack.callback(output.close)
        if self._request.is_temporary:
            shutil.rmtree(self.path.parent, ignore_errors=True)

    def _around(self) -> Scope:
        """Return the scope of the job around its sources, and note whether it follows links at all."""
        request = self._request
        urls: list[str] = []
        if request.verb == "crawl":
            sources, urls = read_ahead(request.sources)
            urls += request.sources.sitemaps
            self._request = replace(request, sources=sources)
        elif self._is_check:
            urls = beginnings(request.sources, self._db)
        self._follows = request.verb == "crawl" or (self._is_check and bool(urls))
        return scope_for(request.verb, request.config.crawl, self._db, urls)
