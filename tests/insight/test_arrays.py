"""Whatever is worked out in blocks is what it were in one: of the arrays' own steps, and of all that is made from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby, pairwise
from unittest import mock

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.insight.test_graph_numbers import Pairs, webs

from linkhaul.insight.arrays import blocks, counted, ranges, runs, summed
from linkhaul.insight.graph import Form, Graph
from linkhaul.insight.paths import leads_back, parts, ways_from
from linkhaul.insight.rank import link_score

COUNTS = st.lists(st.integers(0, 9), max_size=20)
SIZES = st.integers(1, 7)
SEEDS = np.array([0], dtype=np.int32)


@contextmanager
def in_blocks(size: int) -> Iterator[None]:
    """Let a block hold so many links."""
    with mock.patch("linkhaul.insight.arrays.AT_ONCE", size):
        yield


def _graph(size: int, pairs: Pairs) -> Graph:
    source, target = (np.array([pair[n] for pair in pairs], dtype=np.int32) for n in (0, 1))
    form = np.arange(len(pairs)) % 3
    forms = {n: Form("page", region, internal=True, follow=n != 2) for n, region in enumerate(("nav", "main", "footer"))}
    return Graph(np.arange(size), np.ones(size, dtype=np.bool_), source, target, form, forms, SEEDS)


@given(COUNTS, SIZES)
def test_ranges_hold_no_more_than_a_block(counts: list[int], size: int) -> None:
    """They cover every node once, in order; only a single node may have more links than a block holds."""
    with in_blocks(size):
        found = list(ranges(np.array(counts, dtype=np.int32)))
    assert [node for low, high in found for node in range(low, high)] == list(range(len(counts)))
    assert all(sum(counts[low:high]) <= size or high == low + 1 for low, high in found)


@given(st.integers(0, 40), SIZES)
def test_blocks_cover_everything_once(length: int, size: int) -> None:
    """In order, none larger than it may be."""
    with in_blocks(size):
        found = list(blocks(length))
    assert [place for block in found for place in range(length)[block]] == list(range(length))
    assert all(one.stop == other.start and one.stop - one.start == size for one, other in pairwise(found))


@given(st.lists(st.integers(0, 5), max_size=30))
def test_runs_are_those_of_equal_numbers(numbers: list[int]) -> None:
    """Where each begins and how long it is."""
    at, counts = runs(np.array(sorted(numbers), dtype=np.int64))
    expected = [(key, len(list(group))) for key, group in groupby(sorted(numbers))]
    assert [(sorted(numbers)[place], count) for place, count in zip(at.tolist(), counts.tolist(), strict=True)] == expected


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.booleans()), max_size=30), SIZES)
def test_nodes_are_counted_and_summed(links: list[tuple[int, int, bool]], size: int) -> None:
    """All, those that count, and by weight."""
    nodes = np.array([node for node, _, _ in links], dtype=np.int32)
    with in_blocks(size):
        every = counted(nodes, 6).tolist()
        some = counted(nodes, 6, np.array([is_counted for *_, is_counted in links], dtype=np.bool_)).tolist()
        weights = summed(nodes, 6, np.array([weight for _, weight, _ in links], dtype=np.float64)).tolist()
    assert every == [sum(node == n for node, _, _ in links) for n in range(6)]
    assert some == [sum(node == n and is_counted for node, _, is_counted in links) for n in range(6)]
    assert weights == [sum(weight for node, weight, _ in links if node == n) for n in range(6)]


@given(webs(), SIZES, st.sampled_from([None, (0.5, 1.0, 0.0), (0.25, 0.3, 2.0)]))
def test_a_graph_in_blocks_is_the_graph(web: tuple[int, Pairs], size: int, weights: tuple[float, float, float] | None) -> None:
    """Pairs with their weights, ways, parts, what leads back, and the score to the last digits that are told."""
    table = None if weights is None else np.array(weights)
    graph = _graph(*web)
    whole = graph.edges(table)
    with in_blocks(size):
        edges = graph.edges(table)
        ways = (ways_from(edges, SEEDS), ways_from(graph, SEEDS))
        together, back, score = parts(edges), leads_back(edges, SEEDS), link_score(edges)
        pairs = list(edges.pairs())
    assert (edges.source.tolist(), edges.target.tolist(), edges.weight.tolist()) == (
        whole.source.tolist(), whole.target.tolist(), whole.weight.tolist(),
    )  # fmt: skip
    assert pairs == list(whole.pairs())
    for found, expected in zip(ways, (ways_from(whole, SEEDS), ways_from(graph, SEEDS)), strict=True):
        assert found.clicks.tolist() == expected.clicks.tolist()
        assert found.before.tolist() == expected.before.tolist()
    assert together.tolist() == parts(whole).tolist()
    assert back.tolist() == leads_back(whole, SEEDS).tolist()
    assert np.abs(score - link_score(whole)).max() < 1e-12


@given(webs())
def test_pairs_weigh_what_their_links_do(web: tuple[int, Pairs]) -> None:
    """The sum of their forms' weights; a pair without weight is none."""
    weights = (0.25, 0.5, 0.0)
    size, pairs = web
    expected: dict[tuple[int, int], float] = {}
    for n, pair in enumerate(pairs):
        expected[pair] = expected.get(pair, 0.0) + weights[n % 3]
    edges = _graph(size, pairs).edges(np.array(weights))
    found = dict(zip(zip(edges.source.tolist(), edges.target.tolist(), strict=True), edges.weight.tolist(), strict=True))
    assert found == {pair: weight for pair, weight in expected.items() if weight}
