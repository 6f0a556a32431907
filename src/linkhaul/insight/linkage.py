"""A run's links read from its file into arrays, some thousands at a time, so that nothing of them is in memory as Python's numbers."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from msgspec import Struct

from linkhaul.errors import UsageError
from linkhaul.insight.arrays import AnyInts, Ints, Small, blocks
from linkhaul.insight.graph import Form, Graph

BATCH = 50_000
_LINKS = "SELECT id >> 20, url_id, form FROM link WHERE url_id IS NOT NULL ORDER BY id"
_FORMS = "SELECT id, kind, region, internal, follow FROM form"
_VISITS = "SELECT id, url_id, page_id, outcome = 'ok' FROM visit ORDER BY id"
_KNOWN = "SELECT id FROM url ORDER BY id"
_OUTGOING = "SELECT id >> 20, url_id FROM link WHERE url_id IS NOT NULL AND form IN"
_HOSTED = "SELECT id, host_id FROM url ORDER BY id"
_SEEDS = "SELECT id FROM url WHERE found_via = 'seed' ORDER BY seq"


def load(connection: sqlite3.Connection, *, kinds: Sequence[str] = ("page",), external: bool = False) -> Graph:
    """Return the graph of a run. Cost: one pass over all links, about a second for a million.

    Args:
        kinds: which kinds of link are edges; empty for all.
        external: links that leave the registrable domain are edges too.

    Raises:
        UsageError: the run has read no page.
    """
    forms = {id: Form(kind, region, bool(internal), bool(follow)) for id, kind, region, internal, follow in connection.execute(_FORMS)}
    wanted = np.zeros(max(forms, default=0) + 1, dtype=np.bool_)
    for number, each in forms.items():
        wanted[number] = (not kinds or each.kind in kinds) and (external or each.internal)
    visits, read_ids, moved = _visits(connection)
    if not len(read_ids):
        raise UsageError("the run has read no page yet, so there is no graph; `linkhaul status` says why")
    met = _Met(np.union1d(_column(connection, _KNOWN), np.unique(visits)))
    on_visit, targets, form_numbers = array("i"), array("i"), array("i")
    for visit, url_id, form_number in _columns(connection, _LINKS, 3):
        keep = wanted[form_number]
        on_visit.frombytes(visit[keep].astype(np.intc).tobytes())
        targets.frombytes(met.places(moved.led(url_id[keep])).astype(np.intc).tobytes())
        form_numbers.frombytes(form_number[keep].astype(np.intc).tobytes())
    target: Small = np.frombuffer(targets, dtype=np.intc)
    every = met.every()
    is_node = np.isin(every, read_ids)
    for block in blocks(len(target)):
        is_node[target[block]] = True
    ids = np.unique(every[is_node])
    form: AnyInts = np.frombuffer(form_numbers, dtype=np.intc)
    seeds = moved.led(_column(connection, _SEEDS))
    return Graph(
        ids=ids,
        is_read=np.isin(ids, read_ids, assume_unique=True),
        source=_renumbered(np.frombuffer(on_visit, dtype=np.intc), np.searchsorted(ids, visits)),
        target=_renumbered(target, np.searchsorted(ids, every)),
        form=form.astype(np.uint16) if len(wanted) <= 1 << 16 else form,
        forms=forms,
        seeds=np.searchsorted(ids, np.intersect1d(seeds, ids)).astype(np.int32),
    )


class Outgoing(Struct, frozen=True):
    """Links that leave the site: for each the host it leads to, and the ids of its page and of the URL where it ends."""

    host: Ints
    page: Ints
    url: Ints


def outgoing(connection: sqlite3.Connection, kinds: Sequence[str] = ("page",)) -> Outgoing:
    """Return the links that leave the site, to hosts that the run knows; a URL that was redirected counts as where it led to."""
    forms = [form for form, kind, _, internal, _ in connection.execute(_FORMS) if kind in kinds and not internal]
    visits, _, moved = _visits(connection)
    links = list(_columns(connection, f"{_OUTGOING} ({', '.join(map(str, forms))})", 2))
    visit, url = (np.concatenate(column) for column in zip(*links, strict=True)) if links else (np.zeros(0, dtype=np.int64),) * 2
    url = moved.led(url)
    known = list(_columns(connection, _HOSTED, 2))
    ids, hosts = (np.concatenate(column) for column in zip(*known, strict=True)) if known else (np.zeros(0, dtype=np.int64),) * 2
    at = np.minimum(np.searchsorted(ids, url), max(0, len(ids) - 1))
    is_known = ids[at] == url if len(ids) else np.zeros(len(url), dtype=np.bool_)
    return Outgoing(hosts[at][is_known], visits[visit][is_known], url[is_known])


class _Met:
    """Numbers URLs: those that the run knows by their place in the order of ids; what a link leads to and nobody knows comes behind them.

    Args:
        known: the ids of URLs that the run knows, ascending.
    """

    def __init__(self, known: Ints) -> None:
        self._known = known
        self._strange: list[Ints] = []
        self._count = len(known)

    def places(self, ids: Ints) -> Ints:
        """Return the number of each URL; one that is not known gets another each time."""
        at = np.minimum(np.searchsorted(self._known, ids), len(self._known) - 1)
        is_strange = self._known[at] != ids
        if is_strange.any():
            strange = ids[is_strange]
            at[is_strange] = np.arange(self._count, self._count + len(strange))
            self._strange.append(strange)
            self._count += len(strange)
        return at

    def every(self) -> Ints:
        """Return the ids by number."""
        return np.concatenate([self._known, *self._strange])


def _renumbered(numbers: Small, new: Ints) -> Small:
    """Return numbers by what is new in place of each; done in place."""
    for block in blocks(len(numbers)):
        numbers[block] = new[numbers[block]]
    return numbers


class _Moves:
    """Where redirects led: URLs that ended at another's page."""

    def __init__(self, asked: Ints, ended: Ints) -> None:
        order = np.argsort(asked, kind="stable")
        self._asked, self._ended = asked[order], ended[order]

    def led(self, url_ids: Ints) -> Ints:
        """Return the ids of the pages that URLs led to; those that were not redirected as they are."""
        if not len(self._asked):
            return url_ids
        at = np.minimum(np.searchsorted(self._asked, url_ids), len(self._asked) - 1)
        return np.where(self._asked[at] == url_ids, self._ended[at], url_ids)


def _visits(connection: sqlite3.Connection) -> tuple[Ints, Ints, _Moves]:
    """Return the page's id by visit number, the ids of the pages that were read, and the redirects."""
    lots = list(_columns(connection, _VISITS, 4)) or [(np.zeros(0, dtype=np.int64),) * 4]
    number, asked, page, is_read = (np.concatenate(column) for column in zip(*lots, strict=True))
    by_visit = np.zeros(int(number.max(initial=0)) + 1, dtype=np.int64)
    by_visit[number] = page
    moved = asked != page
    return by_visit, np.unique(page[is_read == 1]), _Moves(asked[moved], page[moved])


def _column(connection: sqlite3.Connection, sql: str) -> Ints:
    """Return the one column of a query of integers."""
    return np.concatenate([np.zeros(0, dtype=np.int64), *(lot for (lot,) in _columns(connection, sql, 1))])


def _columns(connection: sqlite3.Connection, sql: str, width: int) -> Iterator[tuple[Ints, ...]]:
    """Yield the columns of a query of integers, a lot at a time."""
    cursor = connection.execute(sql)
    while rows := cursor.fetchmany(BATCH):
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * width).reshape(-1, width)
        yield tuple(np.ascontiguousarray(flat[:, n]) for n in range(width))
