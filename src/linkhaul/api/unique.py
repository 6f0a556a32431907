"""Each URL once, for a run that did not keep which link names it first with these choices."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

from linkhaul.model.records import Link
from linkhaul.model.url import target_url, url_id


def first_of_each(links: Iterable[Link], passes: Callable[[Link], bool]) -> Iterator[Link]:
    """Yield of the links that pass the first that leads to each URL; what cannot be resolved leads nowhere.

    What was seen is kept in a database of SQLite's own that goes with the iterator, on disk once it is large.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as seen:
        seen.execute("PRAGMA journal_mode = OFF")
        seen.execute("CREATE TABLE seen (id INTEGER PRIMARY KEY)")
        seen.execute("BEGIN")
        for link in links:
            if link.url is not None and passes(link):
                key = (url_id(target_url(link.url)),)
                if seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", key).rowcount:
                    yield link
