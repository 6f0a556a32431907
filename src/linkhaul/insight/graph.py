"""The link graph of a run as arrays: pages are nodes, links between them are edges.

How this works. A run's links are read once, in the order they were stored, and become three arrays: from, to and form (what the
link is: its kind, region, follow; see `store.schema`). Nodes are numbered by their URL's id; a URL that was redirected counts
as the page it led to, so a link to it is a link to that page. Links that differ only in their place are kept apart until they
are asked for together (`edges`), because a score may weigh regions differently.

An edge costs 12 bytes, so ten million links fit in some hundred megabytes. What is computed from the arrays is in
`insight.rank` (link score), `insight.paths` (clicks, shortest ways, parts) and `insight.standing` (a row for each page).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Self, TypeVar, get_args

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from linkhaul.errors import UsageError
from linkhaul.model.records import Region

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Floats = NDArray[np.float64]
Number = TypeVar("Number", np.int64, np.int32)

BATCH = 50_000
REGIONS: tuple[Region, ...] = get_args(Region)
_LINKS = "SELECT id >> 20, url_id, form FROM link WHERE url_id IS NOT NULL ORDER BY id"
_FORMS = "SELECT id, kind, region, internal, follow FROM form"
_VISITS = "SELECT id, url_id, page_id, outcome = 'ok' FROM visit ORDER BY id"
_SEEDS = "SELECT id FROM url WHERE found_via = 'seed' ORDER BY seq"


class Form(Struct, frozen=True):
    """What links have in common that were written alike."""

    kind: str
    region: str
    internal: bool
    follow: bool


class Graph(Struct, frozen=True):
    """Nodes and edges; nodes are numbered from 0, in the order of their ids.

    Attributes:
        ids: the id of each node's URL (see `model.url.url_id`), ascending.
        is_read: whether each node is a page whose links were read; of the others only what leads to them is known.
        source, target: the node where each link stands and the one it leads to, in the order of pages and links.
        form: the number of each link's form.
        forms: what the numbers mean.
        seeds: the nodes that the run began at.
    """

    ids: Ints
    is_read: NDArray[np.bool_]
    source: Small
    target: Small
    form: Small
    forms: Mapping[int, Form]
    seeds: Small

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return len(self.ids)

    def node(self, url_id: int) -> int | None:
        """Return the node of a URL by its id, or None; a URL that redirects is not a node, the page it leads to is."""
        at = int(np.searchsorted(self.ids, url_id))
        return at if at < self.size and int(self.ids[at]) == url_id else None

    def weights(self, weigh: Weighing) -> Floats:
        """Return how much each link counts."""
        table = np.zeros(max(self.forms, default=0) + 1)
        for number, form in self.forms.items():
            table[number] = weigh.of(form)
        return table[self.form]

    def edges(self, weights: Floats | None = None) -> Edges:
        """Return each pair of linked nodes once, with the sum of its links' weights (each 1 when absent); pairs of no weight are left out."""
        key = self.source.astype(np.int64) * max(1, self.size) + self.target
        if weights is None:
            key.sort()
        else:
            order = np.argsort(key, kind="stable")
            key, weights = key[order], weights[order]
            del order
        at = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else np.zeros(0, dtype=np.int64)
        pairs = key[at]
        counts = np.diff(np.append(at, len(key))).astype(np.float64)
        weight = counts if weights is None or not len(at) else np.add.reduceat(weights, at)
        del key
        kept = weight > 0
        pairs, weight = pairs[kept], weight[kept]
        source, target = np.divmod(pairs, max(1, self.size))
        return Edges(self.size, source.astype(np.int32), target.astype(np.int32), weight)


class Edges(Struct, frozen=True):
    """Pairs of linked nodes, each once, ordered by source and target.

    Attributes:
        size: how many nodes there are, linked or not.
        weight: how much each pair's links count together.
    """

    size: int
    source: Small
    target: Small
    weight: Floats

    def starts(self) -> Ints:
        """Return where each node's edges begin in the arrays; one entry more than nodes, so that `starts[n + 1]` is where they end."""
        return np.concatenate(([0], np.cumsum(np.bincount(self.source, minlength=self.size)))).astype(np.int64)

    def reversed(self) -> Edges:
        """Return the same edges turned round."""
        order = np.argsort(self.target, kind="stable")
        return Edges(self.size, self.target[order], self.source[order], self.weight[order])


class Weighing(Struct, frozen=True):
    """How much a link counts for the score.

    Attributes:
        nofollow: the weight of a link that is not to be followed.
        regions: weights by region (nav, header, footer, main, aside, body); 1 for those that are not named.
    """

    nofollow: float = 0.0
    regions: Mapping[str, float] = {}

    @classmethod
    def checked(cls, nofollow: float, regions: Mapping[str, float]) -> Self:
        """Return a weighing that can be meant.

        Raises:
            UsageError: a weight below 0, or a region that is none.
        """
        for name, weight in regions.items():
            if name not in REGIONS:
                raise UsageError(f"'{name}' is no region of a page; there are {', '.join(REGIONS)}")
            if not 0 <= weight < float("inf"):
                raise UsageError(f"a weight of {weight} for links in {name} is not possible; it is 0 or more")
        if not 0 <= nofollow < float("inf"):
            raise UsageError(f"a weight of {nofollow} for nofollow links is not possible; it is 0 or more")
        return cls(nofollow, dict(regions))

    def of(self, form: Form) -> float:
        """Return the weight of a link of this form."""
        return self.regions.get(form.region, 1.0) * (1.0 if form.follow else self.nofollow)


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
    for number, form in forms.items():
        wanted[number] = (not kinds or form.kind in kinds) and (external or form.internal)
    visits, read_ids, moved = _visits(connection)
    if not len(read_ids):
        raise UsageError("the run has read no page yet, so there is no graph; `linkhaul status` says why")
    on_visit, target_ids, form_numbers = [], [], []
    for visit, url_id, form_number in _columns(connection, _LINKS, 3):
        keep = wanted[form_number]
        on_visit.append(visit[keep].astype(np.int32))
        target_ids.append(moved.led(url_id[keep]))
        form_numbers.append(form_number[keep].astype(np.int32))
    targets = _joined(target_ids, np.int64)
    ids = np.unique(np.concatenate([read_ids, np.unique(targets)]))
    target = np.searchsorted(ids, targets).astype(np.int32)
    del targets, target_ids
    node_of_visit = np.searchsorted(ids, visits).astype(np.int32)
    seeds = moved.led(np.array([id for (id,) in connection.execute(_SEEDS)], dtype=np.int64))
    return Graph(
        ids=ids,
        is_read=np.isin(ids, read_ids, assume_unique=True),
        source=node_of_visit[_joined(on_visit, np.int32)],
        target=target,
        form=_joined(form_numbers, np.int32),
        forms=forms,
        seeds=np.searchsorted(ids, np.intersect1d(seeds, ids)).astype(np.int32),
    )


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
    columns = [_joined([lot[n] for lot in lots], np.int64) for lots in [list(_columns(connection, _VISITS, 4))] for n in range(4)]
    number, asked, page, is_read = columns
    by_visit = np.zeros(int(number.max(initial=0)) + 1, dtype=np.int64)
    by_visit[number] = page
    moved = asked != page
    return by_visit, np.unique(page[is_read == 1]), _Moves(asked[moved], page[moved])


def _columns(connection: sqlite3.Connection, sql: str, width: int) -> Iterator[tuple[Ints, ...]]:
    """Yield the columns of a query of integers, a lot at a time."""
    cursor = connection.execute(sql)
    while rows := cursor.fetchmany(BATCH):
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * width).reshape(-1, width)
        yield tuple(np.ascontiguousarray(flat[:, n]) for n in range(width))


def _joined(parts: list[NDArray[Number]], kind: type[Number]) -> NDArray[Number]:
    """Return the parts as one array, and let go of them."""
    whole = np.concatenate(parts) if parts else np.zeros(0, dtype=kind)
    parts.clear()
    return whole
