"""What an engine is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from msgspec import Struct

from linkhaul.config import Config
from linkhaul.crawl.arrivals import Read
from linkhaul.crawl.clocks import Clocks
from linkhaul.crawl.ledger import Sink
from linkhaul.crawl.seeds import Seed
from linkhaul.decide.scope import Scope
from linkhaul.decide.traps import Traps
from linkhaul.model.fetcher import Fetcher
from linkhaul.model.records import Visit
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal
from linkhaul.store.known import Known
from linkhaul.store.notes import Notes


class Parts(Struct, frozen=True, kw_only=True):
    """Everything from outside that an engine works with.

    Attributes:
        traps: what keeps a crawl out of endless spaces; with them the run is a crawl, which looks for sitemaps too.
        on_disk: hosts whose pages are read from disk.
        give_back: told how many bytes of a body are not needed any more.
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
    traps: Traps | None = None
    on_disk: frozenset[str] = frozenset()
    give_back: Callable[[int], None] | None = None
    on_visit: Callable[[Visit], None] | None = None
    on_body: Callable[[str, bytes], None] | None = None
    settled: Callable[[], Awaitable[None]] | None = None
