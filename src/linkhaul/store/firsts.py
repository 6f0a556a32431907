"""Which link names a URL first, found anew for a run that kept no such list, or kept it for other rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from linkhaul.model.records import Link
from linkhaul.store.journal import FIRST, Journal
from linkhaul.store.reader import links_between

LOT = 500
"""Visits looked at in one step."""


def find_firsts(connection: sqlite3.Connection, journal: Journal, passes: Callable[[Link], bool]) -> None:
    """Fill the list of first links from all links that are stored; linear in their number.

    Args:
        passes: whether a link is written at all: only those count.
    """
    journal.put("DELETE FROM first_link", [()])
    for after in range(0, journal.last_visit, LOT):
        upto = min(after + LOT, journal.last_visit)
        sql = "SELECT url_id, id FROM link WHERE id > ? << 20 AND id < (? + 1) << 20 ORDER BY id"
        ids = connection.execute(sql, (after + 1, upto)).fetchall()
        links = links_between(connection, after, upto)
        journal.put(FIRST, [pair for pair, link in zip(ids, links, strict=True) if pair[0] is not None and passes(link)])
