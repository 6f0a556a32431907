"""Ways through the link graph: how many clicks, by which way, in how many parts, and through which bottlenecks."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from linkhaul.insight.arrays import Ints, Small, blocks, ranges
from linkhaul.insight.graph import Edges, Graph, Steps

UNREACHED = -1


class Ways(Struct, frozen=True):
    """The shortest ways from the seeds to every node.

    Attributes:
        clicks: how many clicks away each node is; UNREACHED for those that no way leads to.
        before: the node before it on a shortest way; UNREACHED for seeds and what is not reached.
    """

    clicks: Small
    before: Small

    def to(self, node: int) -> list[int]:
        """Return the nodes of a shortest way to one, seed first; empty when none leads there."""
        if self.clicks[node] == UNREACHED:
            return []
        way = [node]
        while (step := int(self.before[way[-1]])) != UNREACHED:
            way.append(step)
        return way[::-1]


def ways_from(links: Edges | Graph, seeds: Small) -> Ways:
    """Return the shortest ways from any of the seeds; level by level, so the cost is one look at each link."""
    return _ways(links.onward(), seeds)


def _ways(steps: Steps, seeds: Small) -> Ways:
    starts = steps.starts
    size = len(starts) - 1
    clicks = np.full(size, UNREACHED, dtype=np.int32)
    before = np.full(size, UNREACHED, dtype=np.int32)
    clicks[seeds] = 0
    level = np.unique(seeds)
    depth = 0
    while len(level):
        depth += 1
        farther = []
        for low, high in ranges(starts[level + 1] - starts[level]):
            places, counts = _places(starts, level[low:high])
            found = steps.to[places]
            new = clicks[found] == UNREACHED
            parent = np.repeat(level[low:high], counts)[new]
            nodes, first = np.unique(found[new], return_index=True)
            clicks[nodes] = depth
            before[nodes] = parent[first]
            farther.append(nodes)
        level = np.sort(np.concatenate(farther))
    return Ways(clicks, before)


def _places(starts: Ints, nodes: Small) -> tuple[Ints, Ints]:
    """Return the places of all edges of some nodes, and how many each has."""
    begin = starts[nodes]
    counts = starts[nodes + 1] - begin
    shift = np.repeat(begin - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
    return np.arange(int(counts.sum())) + shift, counts


def parts(edges: Edges) -> Small:
    """Return for each node the number of its part, from 0, the largest part first: what hangs together when links go both ways."""
    label = np.arange(edges.size, dtype=np.int32)
    while True:
        new = label.copy()
        for block in blocks(len(edges.source)):
            one, other = label[edges.source[block]], label[edges.target[block]]
            low = np.minimum(one, other)
            np.minimum.at(new, one, low)
            np.minimum.at(new, other, low)
        while True:
            jumped = new[new]
            if np.array_equal(jumped, new):
                break
            new = jumped
        if np.array_equal(new, label):
            break
        label = new
    _, number, sizes = np.unique(label, return_inverse=True, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return place[number].astype(np.int32)


def leads_back(edges: Edges, seeds: Small) -> NDArray[np.bool_]:
    """Return for each node whether some way leads from it to a seed; a page from which none does is a dead end."""
    back = _ways(edges.backward(), seeds).clicks != UNREACHED
    return np.asarray(back)


def pages_behind(edges: Edges, seeds: Small) -> Ints:
    """Return for each node how many others can be reached only through it: 0 for most, many for a bottleneck.

    Those are the nodes that it dominates. The tree of dominators is found by the "semi-NCA" method (Georgiadis, Tarjan and
    Werneck, "Finding Dominators in Practice", 2006), with a node before all seeds. Cost: some microseconds an edge, in Python.
    """
    order, parent = _depth_first(edges, seeds)
    size = len(order)
    number = np.full(edges.size, -1, dtype=np.int64)
    number[order[1:]] = np.arange(1, size)
    back = edges.backward()
    starts = back.starts
    semi, label = list(range(size)), list(range(size))
    is_seed = np.zeros(edges.size, dtype=np.bool_)
    is_seed[seeds] = True
    above = list(parent)
    for at in range(size - 1, 0, -1):
        node = order[at]
        came = number[back.to[starts[node] : starts[node + 1]]]
        candidates = came[came >= 0].tolist()
        if is_seed[node]:
            candidates.append(0)
        best = semi[at]
        for other in candidates:
            best = min(best, semi[_lowest(other, at, above, label, semi)])
        semi[at] = best
    return _counts_below(order, parent, semi, edges.size)


def _lowest(node: int, limit: int, above: list[int], label: list[int], semi: list[int]) -> int:
    """Return the node with the lowest semi-dominator on the linked way above one; shortens the way for the next who asks."""
    if node <= limit:
        return node
    way = []
    step = node
    while above[step] > limit:
        way.append(step)
        step = above[step]
    for lower in reversed(way):
        upper = above[lower]
        if semi[label[upper]] < semi[label[lower]]:
            label[lower] = label[upper]
        above[lower] = above[upper]
    return label[node]


def _depth_first(edges: Edges, seeds: Small) -> tuple[list[int], list[int]]:
    """Return the nodes in the order in which a walk in depth meets them, behind a node before all seeds, and each one's parent by place."""
    starts, target = edges.onward().starts.tolist(), edges.target
    order, parent = [-1], [0]
    place = np.full(edges.size, -1, dtype=np.int64)
    for seed in seeds.tolist():
        stack = [(seed, 0)]
        while stack:
            node, came_from = stack.pop()
            if place[node] >= 0:
                continue
            place[node] = mine = len(order)
            order.append(node)
            parent.append(came_from)
            found = target[starts[node] : starts[node + 1]]
            stack += [(other, mine) for other in found[place[found] < 0].tolist()[::-1]]
    return order, parent


def _counts_below(order: list[int], parent: list[int], semi: list[int], nodes: int) -> Ints:
    """Return how many nodes hang below each in the tree of dominators."""
    size = len(order)
    dominator = [0] * size
    for at in range(1, size):
        up = parent[at]
        while up > semi[at]:
            up = dominator[up]
        dominator[at] = up
    below = [0] * size
    for at in range(size - 1, 0, -1):
        below[dominator[at]] += below[at] + 1
    counts = np.zeros(nodes, dtype=np.int64)
    counts[order[1:]] = below[1:]
    return counts
