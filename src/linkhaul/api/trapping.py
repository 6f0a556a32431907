"""What keeps a crawl out of endless spaces, between its run file and its pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import blake2b

from msgspec import convert

from linkhaul.decide.traps import Counted, TrapReason, Traps, Withheld
from linkhaul.store.notes import Notes


def traps_of(notes: Notes, allowed: tuple[str, ...]) -> Traps:
    """Return the traps as an earlier process left them.

    Args:
        allowed: the patterns that the user lets through.
    """
    traps = Traps(time.gmtime().tm_year, allowed)
    kept_out = [entry for entry in notes.withheld() if entry[0] not in allowed]
    withheld = [Withheld(pattern, convert(reason, TrapReason), count, example) for pattern, reason, count, example in kept_out]
    traps.restore((Counted(*entry) for entry in notes.counted()), withheld)
    return traps


def noter(traps: Traps) -> Callable[[str, bytes], None]:
    """Return what tells the traps of each page's content."""

    def note(url: str, body: bytes) -> None:
        pattern = traps.pattern(url)
        if "{" in pattern:  # a URL that is its pattern's only one says nothing
            traps.seen_content(pattern, blake2b(body, digest_size=8).digest())

    return note


def keeper(traps: Traps, notes: Notes) -> Callable[[], None]:
    """Return what stores what the traps have counted: with the URLs it was counted for, in their transaction."""

    def keep() -> None:
        counted, withheld = traps.changes()
        notes.add_counts(counted, [(entry.pattern, entry.reason, entry.count, entry.example) for entry in withheld])

    return keep
