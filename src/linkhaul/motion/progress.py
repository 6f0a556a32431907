"""What a run has done so far, as numbers: what the progress line, the log and the summary are made from."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field

MOST_NOTICES = 100


class Progress(Struct):
    """The state of a run in numbers; changed by the engine only.

    Attributes:
        done: visits taken to their end in this process.
        done_before: visits that an earlier process had taken to their end.
        waiting: targets known and not yet done, those in flight and those being read included.
        in_flight: requests on their way.
        being_read: pages that arrived and are with a reader, or stand in line for one.
        links: links stored in this process.
        links_written: links written to the outputs, after their filters.
        bytes: bytes received, as they came over the wire.
        duplicates: sources that named a URL which was known already.
        faults: lines of the sources that could not be read, with their sentence; the first hundred.
        failures: visits that failed, by kind of failure or status.
        sources_open: more sources may come: `waiting` will still grow.
        notices: sentences for the user (a scope that was widened, a parked host), oldest first.
        more_notices: how many there were beyond those.
        stopped_by: why the run ended early: interrupt, max_pages or max_time; None when it came to its end.
    """

    done: int = 0
    done_before: int = 0
    waiting: int = 0
    in_flight: int = 0
    being_read: int = 0
    links: int = 0
    links_written: int = 0
    bytes: int = 0
    duplicates: int = 0
    fault_count: int = 0
    faults: list[str] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    sources_open: bool = True
    notices: list[str] = field(default_factory=list)
    more_notices: int = 0
    stopped_by: str | None = None
    started_at: float = 0.0
    seconds: float = 0.0

    def note(self, sentence: str) -> None:
        """Add a notice; beyond MOST_NOTICES they are only counted, for a run may meet a million of them."""
        if len(self.notices) < MOST_NOTICES:
            self.notices.append(sentence)
        else:
            self.more_notices += 1
