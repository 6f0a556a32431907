"""The link graph of a run as arrays: pages are nodes, links between them are edges.

How this works. A run's links are read once (`insight.linkage`), in the order they were stored, and become three arrays: from, to and form (what the
link is: its kind, region, follow; see `store.schema`). Nodes are numbered by their URL's id; a URL that was redirected counts
as the page it led to, so a link to it is a link to that page. Links that differ only in their place are kept apart until they
are asked for together (`edges`), because a score may weigh regions differently.

A link costs 10 or 12 bytes, so ten million of them fit in some hundred megabytes; everything goes over them in blocks (`insight.arrays`).
What is computed from the arrays is in `insight.rank` (link score), `insight.paths` (clicks, shortest ways, parts) and `insight.standing` (a row for each page).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Self, get_args

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from linkhaul.errors import UsageError
from linkhaul.insight.arrays import AnyFloats, AnyInts, Floats, Ints, Small, blocks, counted, ranges, runs, within
from linkhaul.model.records import Region

REGIONS: tuple[Region, ...] = get_args(Region)


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
    form: AnyInts
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

    def onward(self) -> Steps:
        """Return the steps from each node to those it links to; one that it links to twice is there twice."""
        return _steps(self.source, self.target, self.size)

    def weights(self, weigh: Weighing) -> Floats:
        """Return how much a link counts, by the number of its form."""
        table = np.zeros(max(self.forms, default=0) + 1)
        for number, form in self.forms.items():
            table[number] = weigh.of(form)
        return table

    def edges(self, weights: Floats | None = None) -> Edges:
        """Return each pair of linked nodes once, with the sum of its links' weights; pairs of no weight are left out.

        Args:
            weights: how much a link counts, by the number of its form; 1 when absent.
        """
        is_exact = weights is None or bool((weights == np.rint(weights)).all())
        source, target = np.empty(len(self.source), dtype=np.int32), np.empty(len(self.source), dtype=np.int32)
        weight: AnyFloats = np.empty(len(self.source), dtype=np.float32 if is_exact else np.float64)
        upto = 0
        for low, high in ranges(counted(self.source, self.size)):
            here = within(self.source, low, high)
            pairs, sums = _summed_pairs(
                (self.source[here] - low).astype(np.int64) * self.size + self.target[here],
                None if weights is None else weights[self.form[here]],
            )
            block = slice(upto, upto + len(pairs))
            source[block] = low + pairs // self.size
            target[block] = pairs % self.size
            weight[block] = sums
            upto = block.stop
        return Edges(self.size, source[:upto], target[:upto], weight[:upto])


def _summed_pairs(keys: Ints, weights: Floats | None) -> tuple[Ints, AnyInts | AnyFloats]:
    """Return each number once, ascending, with how often it is there, or the sum of its weights; those without weight are left out."""
    if weights is None:
        keys.sort()
        at, counts = runs(keys)
        return keys[at], counts
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    at, _ = runs(keys)
    sums = np.add.reduceat(weights[order], at) if len(at) else np.zeros(0)
    kept = sums > 0
    return keys[at][kept], sums[kept]


class Steps(Struct, frozen=True):
    """Where one comes from each node in one step: `to[starts[n] : starts[n + 1]]` are the nodes next to node n."""

    starts: Ints
    to: Small


class Edges(Struct, frozen=True):
    """Pairs of linked nodes, each once, ordered by source and target.

    Attributes:
        size: how many nodes there are, linked or not.
        weight: how much each pair's links count together.
    """

    size: int
    source: Small
    target: Small
    weight: AnyFloats

    def onward(self) -> Steps:
        """Return the steps from each node to those it links to."""
        return Steps(_starts(counted(self.source, self.size)), self.target)  # they are in this order

    def pairs(self) -> Iterator[tuple[int, int, int]]:
        """Yield each pair as numbers: source, target, how many links there are."""
        for block in blocks(len(self.source)):
            yield from zip(
                self.source[block].tolist(), self.target[block].tolist(), self.weight[block].astype(np.int64).tolist(), strict=True
            )

    def backward(self) -> Steps:
        """Return the steps from each node to those that link to it."""
        return _steps(self.target, self.source, self.size)


def _steps(source: Small, target: Small, size: int) -> Steps:
    counts = counted(source, size)
    steps = Steps(_starts(counts), np.empty(len(source), dtype=np.int32))
    for low, high in ranges(counts):
        here = within(source, low, high)
        order = np.argsort(source[here], kind="stable")
        steps.to[steps.starts[low] : steps.starts[high]] = target[here][order]
    return steps


def _starts(counts: AnyInts) -> Ints:
    return np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))


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
