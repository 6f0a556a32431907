"""What is computed from the arrays equals what networkx computes, on graphs with loops, several links between two pages and dangling pages."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhaul.errors import UsageError
from linkhaul.insight.graph import Edges, Graph
from linkhaul.insight.paths import UNREACHED, leads_back, pages_behind, parts, ways_from
from linkhaul.insight.rank import link_score

Pairs = list[tuple[int, int]]


@st.composite
def webs(draw: st.DrawFn) -> tuple[int, Pairs]:
    """A number of pages and links between them: loops, repeated links and pages without links included."""
    size = draw(st.integers(1, 24))
    node = st.integers(0, size - 1)
    return size, draw(st.lists(st.tuples(node, node), max_size=80))


def _edges(size: int, pairs: Pairs) -> Edges:
    source = np.array([pair[0] for pair in pairs], dtype=np.int32)
    target = np.array([pair[1] for pair in pairs], dtype=np.int32)
    form = np.zeros(len(pairs), dtype=np.int32)
    ids = np.arange(size, dtype=np.int64)
    return Graph(ids, np.ones(size, dtype=np.bool_), source, target, form, {}, np.array([0], dtype=np.int32)).edges()


def _oracle(size: int, pairs: Pairs) -> nx.MultiDiGraph[int]:
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from(pairs)
    return graph


def _oracle_score(graph: nx.MultiDiGraph[int], damping: float) -> dict[int, float]:
    """PageRank by solving its equations exactly, written apart from ours and from networkx's rounds."""
    size = graph.number_of_nodes()
    matrix = np.zeros((size, size))
    for source, target in graph.edges():
        matrix[target, source] += 1
    sums = matrix.sum(axis=0)
    matrix[:, sums == 0] = 1
    matrix /= matrix.sum(axis=0)
    solved = np.linalg.solve(np.eye(size) - damping * matrix, np.full(size, (1 - damping) / size))
    return dict(enumerate(solved.tolist()))


@given(webs(), st.sampled_from([0.0, 0.5, 0.85, 0.99]))
def test_the_score_is_what_the_equations_give(web: tuple[int, Pairs], damping: float) -> None:
    """To a millionth, whatever the damping."""
    score = link_score(_edges(*web), damping=damping)
    expected = _oracle_score(_oracle(*web), damping)
    assert np.abs(score - np.array([expected[n] for n in range(web[0])])).max() < 1e-6


def test_the_score_is_that_of_networkx() -> None:
    """On a seeded graph of 400 pages with loops, several links between two pages and many dangling ones."""
    random = np.random.default_rng(7)
    pairs = [(int(a), int(b)) for a, b in random.integers(0, 400, (1_500, 2)) if a % 5] + [(3, 3), (3, 3), (4, 5), (4, 5)]
    try:
        expected = nx.pagerank(_oracle(400, pairs), alpha=0.85, tol=1e-12, max_iter=1_000)
    except ModuleNotFoundError:  # networkx's own rounds need scipy
        expected = nx.algorithms.link_analysis.pagerank_alg._pagerank_python(_oracle(400, pairs), alpha=0.85, tol=1e-12, max_iter=1_000)
    score = link_score(_edges(400, pairs))
    assert max(abs(score[n] - expected[n]) for n in range(400)) < 1e-6


@pytest.mark.parametrize("damping", [-0.1, 1.0, 2.0])
def test_an_impossible_damping_is_refused(damping: float) -> None:
    """The message says which are possible."""
    with pytest.raises(UsageError, match="at least 0 and below 1"):
        link_score(_edges(2, [(0, 1)]), damping=damping)


@given(webs(), st.sets(st.integers(0, 23), min_size=1, max_size=3))
def test_clicks_are_the_shortest_ways(web: tuple[int, Pairs], some: set[int]) -> None:
    """As networkx counts them from any of several seeds; each way told is one, of that length."""
    size, pairs = web
    seeds = sorted({seed % size for seed in some})
    edges = _edges(size, pairs)
    ways = ways_from(edges, np.array(seeds, dtype=np.int32))
    expected = nx.multi_source_dijkstra_path_length(_oracle(size, pairs), set(seeds))
    for node in range(size):
        assert ways.clicks[node] == expected.get(node, UNREACHED)
        way = ways.to(node)
        assert len(way) == ways.clicks[node] + 1
        assert all(step in pairs for step in pairwise(way))
        assert not way or (way[0] in seeds and way[-1] == node)


@given(webs())
def test_parts_hang_together(web: tuple[int, Pairs]) -> None:
    """Two pages have the same number when some way, links taken in either direction, joins them; the largest part is 0."""
    found = parts(_edges(*web))
    expected = sorted(nx.weakly_connected_components(_oracle(*web)), key=len, reverse=True)
    assert {frozenset(np.flatnonzero(found == n).tolist()) for n in range(found.max() + 1)} == {frozenset(part) for part in expected}
    assert (found == 0).sum() == len(expected[0])


@given(webs())
def test_a_page_leads_back_when_a_seed_can_be_reached_from_it(web: tuple[int, Pairs]) -> None:
    """The seed itself does."""
    found = leads_back(_edges(*web), np.array([0], dtype=np.int32))
    assert set(np.flatnonzero(found).tolist()) == nx.ancestors(_oracle(*web), 0) | {0}


@given(webs(), st.sets(st.integers(0, 23), min_size=1, max_size=3))
@settings(max_examples=300)
def test_pages_behind_a_page_are_those_no_way_around_it_reaches(web: tuple[int, Pairs], some: set[int]) -> None:
    """For each page: take it out, and count what can no longer be reached from the seeds."""
    size, pairs = web
    seeds = sorted({seed % size for seed in some})
    edges = _edges(size, pairs)
    behind = pages_behind(edges, np.array(seeds, dtype=np.int32))
    reached = set(np.flatnonzero(ways_from(edges, np.array(seeds, dtype=np.int32)).clicks != UNREACHED).tolist())
    for node in range(size):
        around = _oracle(size, [pair for pair in pairs if node not in pair])
        left = [seed for seed in seeds if seed != node]
        still = set(left).union(*(nx.descendants(around, seed) for seed in left)) if left else set()
        assert behind[node] == (len(reached - still - {node}) if node in reached else 0)
