"""What a job is asked to do, as one value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Struct

from linkhaul.api.revisiting import Revisit
from linkhaul.api.sources import Sources
from linkhaul.config import Config
from linkhaul.export.outputs import OutputSpec
from linkhaul.model.records import Visit


class Request(Struct, frozen=True, kw_only=True):
    """What a job is asked to do.

    Attributes:
        verb: links, crawl or check.
        links, pages: the outputs of each table.
        run: the run file; None has one chosen, see `api.places`.
        is_temporary: the run file goes when the session is closed.
        is_recheck: a check asks again what failed in the run that is there.
        is_as_it_is: a check of a run that is there: the run keeps the settings that it was made with.
        revisit: what its pages can be asked for again by is kept, and an earlier run's is used.
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
    is_recheck: bool = False
    is_as_it_is: bool = False
    revisit: Revisit | None = None
    may_destroy: Callable[[Path], bool] = lambda _: True
    on_visit: Callable[[Visit], None] | None = None
    settled: Callable[[], Awaitable[None]] | None = None
