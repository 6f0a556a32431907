"""How the site hangs together, for a report: the link score, the most linked pages, what no way leads to, the picture of its sections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from linkhaul.insight.arrays import Floats, Ints, Small, blocks
from linkhaul.insight.arrays import counted as occurrences
from linkhaul.insight.graph import Graph
from linkhaul.insight.paths import UNREACHED
from linkhaul.insight.report.asked import MOST_PAGES, MOST_ROWS, Asked, counted, grid
from linkhaul.insight.report.sections import sections
from linkhaul.insight.standing import BOTTLENECKS, FEW_PAGES, NEARLY_EVERY, STANDING, TEMPLATES, Standing
from linkhaul.model.columns import Column, names
from linkhaul.model.report import Edge, Grid, Node, Part, Picture

MOST_EDGES = 24
FEW = 25
MOST_FOR_BOTTLENECKS = 1_000_000
"""Pairs of linked pages up to which bottlenecks are looked for: it takes some microseconds each."""
SHOWN = ("url", "title", "status", "clicks", "in_pages", "in_content", "out_pages", "score")
_ADDRESSES = "SELECT page_id, final_url FROM visit WHERE outcome = 'ok' GROUP BY page_id"


class Shares(Struct, frozen=True):
    """The link score of each page, by its id; they add up to 1."""

    ids: Ints
    score: Floats

    def of(self, pages: Sequence[int]) -> float:
        """Return how much of the link score some pages, named by their ids, have together: 0 to 1."""
        ids = np.asarray(pages, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        at = np.unique(at[self.ids[at] == ids])
        return float(self.score[at].sum())


class _Addresses:
    """The addresses of the pages that were read, in the order of their ids; each time anew."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def __iter__(self) -> Iterator[str]:
        return (url for _, url in self._asked.rows(_ADDRESSES))


class Linked:
    """The link graph of a run.

    Raises:
        UsageError: the run has read no page.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._standing = Standing(asked.connection)
        self._graph: Graph = self._standing.graph

    def shares(self) -> Shares:
        """Return the link score of the pages, which is little beside the graph."""
        return Shares(self._graph.ids, self._standing.score)

    @property
    def unreached(self) -> int:
        """How many pages no way of links leads to from where the run began."""
        return int((self._standing.ways.clicks == UNREACHED).sum())

    def part(self) -> Part:
        """Return what there is to say of it."""
        graph, unreached = self._graph, self.unreached
        said = [f"{counted(int(graph.is_read.sum()), 'page')} and {counted(len(graph.source), 'link')} between pages of the site."]
        if unreached:
            said.append(f"No way of links leads to {counted(unreached, 'page')} from where the run began.")
        return Part("links", "How the site hangs together", tuple(said), picture=self._picture(), grids=tuple(self._grids(unreached)))

    def _grids(self, unreached: int) -> list[Grid]:
        """Return the tables."""
        columns, places = _chosen(STANDING, SHOWN)
        top, lost = (
            [tuple(row[place] for place in places) for row in islice(rows, most)]
            for rows, most in ((self._standing.pages(), MOST_PAGES), (self._standing.unreached(), MOST_ROWS))
        )
        call = self._asked.command
        found = [
            grid(
                ("pages", "Pages, the highest link score first"),
                columns,
                top,
                most=MOST_PAGES,
                total=self._graph.size,
                rest=call("graph", "graph.csv"),
            )
        ]
        if lost:
            found.append(
                grid(
                    ("unreached", "Pages that no way of links leads to"),
                    columns,
                    lost,
                    total=unreached,
                    rest=call("graph --metric unreached", "unreached.csv"),
                )
            )
        if len(self._standing.edges.source) <= MOST_FOR_BOTTLENECKS:
            rows = list(self._standing.bottlenecks())
            found.append(
                grid(
                    ("bottlenecks", "Pages that others can be reached only through"),
                    BOTTLENECKS,
                    rows,
                    most=FEW,
                    rest=call("graph --metric bottlenecks", "bottlenecks.csv"),
                )
            )
        rows = list(islice(self._standing.templates(), 10 * MOST_ROWS))
        found.append(
            grid(
                ("templates", "Links that nearly every page has"),
                TEMPLATES,
                rows,
                most=FEW,
                rest=call("graph --metric templates", "templates.csv"),
            )
        )
        return [each for each in found if each.rows]

    def _picture(self) -> Picture | None:
        """Return the sections and the strongest ties between them; None for a site without sections."""
        graph = self._graph
        ids = np.fromiter((id for id, _ in self._asked.rows(_ADDRESSES)), dtype=np.int64)
        found, numbers = sections(_Addresses(self._asked))
        if len(found) < 2:
            return None
        section = np.full(graph.size, -1, dtype=np.int32)
        section[np.searchsorted(graph.ids, ids)] = numbers
        sizes = np.bincount(section[section >= 0], minlength=len(found)).tolist()
        nodes = tuple(Node(name, count) for name, count in zip(found, sizes, strict=True))
        matrix = _ties(graph, section, len(found), self._on_nearly_every())
        pairs = [
            Edge(one, other, int(matrix[one, other]))
            for one in range(len(found))
            for other in range(one + 1, len(found))
            if matrix[one, other]
        ]
        return Picture("Sections and the links between them", nodes, _strongest(pairs, len(found)), len(pairs))

    def _on_nearly_every(self) -> NDArray[np.bool_]:
        """Return the pages that nearly every page links to: they say nothing of sections."""
        edges, read = self._standing.edges, int(self._graph.is_read.sum())
        pages = occurrences(edges.target, self._graph.size)
        return (pages >= NEARLY_EVERY * read) & (read >= FEW_PAGES)


def _ties(graph: Graph, section: Small, count: int, is_left_out: NDArray[np.bool_]) -> Ints:
    """Return how many links there are between each two sections, both directions together."""
    matrix = np.zeros((count, count), dtype=np.int64)
    for block in blocks(len(graph.source)):
        source, target = section[graph.source[block]], section[graph.target[block]]
        known = (source >= 0) & (target >= 0) & ~is_left_out[graph.target[block]]
        matrix += np.bincount(source[known] * count + target[known], minlength=count * count).reshape(count, count)
    return np.asarray(matrix + matrix.T, dtype=np.int64)


def _strongest(pairs: list[Edge], count: int) -> tuple[Edge, ...]:
    """Return each section's strongest tie, and beyond them the strongest of all, so that nothing hangs loose and nobody sees a hairball."""
    ordered = sorted(pairs, key=lambda edge: (-edge.links, edge.one, edge.other))
    firsts = {min((edge for edge in ordered if node in edge[:2]), key=ordered.index, default=None) for node in range(count)} - {None}
    rest = [edge for edge in ordered if edge not in firsts]
    kept = [edge for edge in firsts if edge is not None] + rest[: max(0, MOST_EDGES - len(firsts))]
    return tuple(sorted(kept, key=lambda edge: (edge.links, edge.one, edge.other)))


def _chosen(columns: tuple[Column, ...], wanted: tuple[str, ...]) -> tuple[tuple[Column, ...], list[int]]:
    places = [names(columns).index(name) for name in wanted]
    return tuple(columns[place] for place in places), places
