"""What an engine is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from msgspec import Struct

from linkhaul.config import Config
from linkhaul.crew.messages import Errand
from linkhaul.decide.scope import Scope
from linkhaul.decide.traps import Traps
from linkhaul.model.fetcher import Fetcher
from linkhaul.model.records import Page, Reply, Visit
from linkhaul.motion.clocks import Clocks
from linkhaul.motion.seeds import Seed
from linkhaul.store.checks import Checks
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal
from linkhaul.store.known import Known
from linkhaul.store.notes import Notes

Read = Callable[[Reply, str, str], Page]
"""Reads a reply that is a page: (reply, the page's URL, when it was fetched as text) → page. Raises ValueError when it cannot."""


class Sink(Protocol):
    """An output that is fed while the run goes on."""

    path: str

    def take(self, upto: int, pages: Sequence[Page]) -> tuple[str, int]:
        """Write what was committed up to a visit; return the mark to store and how many rows were written.

        Args:
            upto: the number of the latest committed visit.
            pages: the pages whose links were committed since the last call, in order.
        """
        ...


class Crew(Protocol):
    """Reads pages in other processes."""

    def may_take(self, size: int) -> bool:
        """Whether there is room for a page of so many bytes, or will be before long."""
        ...

    def take(self, errand: Errand, body: bytes, done: Callable[[Page | str | None], None]) -> bool:
        """Take a page to be read, where there is room for it.

        Args:
            done: called once, later, by the loop: with the page, why it cannot be read, or None: it is to be read here.
        """
        ...

    def refused(self, size: int) -> None:
        """Count a page of so many bytes for which there was no room, so that the run has to read it: much of that calls for more readers."""
        ...


class Parts(Struct, frozen=True, kw_only=True):
    """Everything from outside that an engine works with.

    Attributes:
        crew: reads pages in other processes; None where all are read here.
        traps: what keeps a crawl out of endless spaces; with them the run is a crawl, which looks for sitemaps too.
        checks: where a check stores what only it needs; with it the run is a check, see `motion.checking`.
        is_on_disk: whether a URL is read from disk, where nobody has to be asked for permission; None when none is.
        is_source: whether a URL on disk is a page that comes with the sources anyway; None when none is.
        give_back: told of each reply whose body is not needed any more.
        on_visit: called with each visit that has come to its end, before it is committed.
        on_body: called with the URL and body of each page that was read.
        settled: awaited after each reply; a slow consumer holds the engine up with it.
    """

    config: Config
    fetcher: Fetcher
    read: Read
    journal: Journal
    frontier: Frontier
    known: Known
    notes: Notes
    scope: Scope
    seeds: Iterable[Seed]
    sinks: Sequence[Sink]
    clocks: Clocks
    crew: Crew | None = None
    traps: Traps | None = None
    checks: Checks | None = None
    is_on_disk: Callable[[str], bool] | None = None
    is_source: Callable[[str], bool] | None = None
    give_back: Callable[[Reply], None] | None = None
    on_visit: Callable[[Visit], None] | None = None
    on_body: Callable[[str, bytes], None] | None = None
    settled: Callable[[], Awaitable[None]] | None = None
