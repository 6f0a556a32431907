"""How the site hangs together, for a report: the link score, the most linked pages, what no way leads to, the picture of its sections."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from linkhaul.insight.graph import Graph, Ints
from linkhaul.insight.paths import UNREACHED
from linkhaul.insight.report.asked import MOST_PAGES, MOST_ROWS, Asked, counted, grid
from linkhaul.insight.report.sections import sections
from linkhaul.insight.standing import BOTTLENECKS, FEW_PAGES, NEARLY_EVERY, STANDING, TEMPLATES, Standing
from linkhaul.model.columns import Column, Row, names
from linkhaul.model.report import Edge, Grid, Node, Part, Picture

MOST_EDGES = 24
FEW = 25
MOST_FOR_BOTTLENECKS = 1_000_000
"""Pairs of linked pages up to which bottlenecks are looked for: it takes some microseconds each."""
SHOWN = ("url", "title", "status", "clicks", "in_pages", "in_content", "out_pages", "score")
_ADDRESSES = "SELECT page_id, final_url FROM visit WHERE outcome = 'ok' GROUP BY page_id"


class Linked:
    """The link graph of a run.

    Raises:
        UsageError: the run has read no page.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._standing = Standing(asked.connection)
        self._graph: Graph = self._standing.graph

    def share(self, pages: Sequence[int]) -> float:
        """Return how much of the link score some pages, named by their ids, have together: 0 to 1."""
        ids = np.asarray(pages, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._graph.ids, ids), self._graph.size - 1)
        at = np.unique(at[self._graph.ids[at] == ids])
        return float(self._standing.score[at].sum())

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
        """Return the tables; the pages are walked once, and no further than is shown."""
        top: list[Row] = []
        lost: list[Row] = []
        columns, places = _chosen(STANDING, SHOWN)
        for row in self._standing.pages():
            if len(top) < MOST_PAGES:
                top.append(tuple(row[place] for place in places))
            if row[3] is None and len(lost) < MOST_ROWS:
                lost.append(tuple(row[place] for place in places))
            if len(top) >= MOST_PAGES and len(lost) >= min(unreached, MOST_ROWS):
                break
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
        addresses: dict[int, str] = dict(self._asked.rows(_ADDRESSES))
        ids = np.fromiter(addresses, dtype=np.int64, count=len(addresses))
        found, numbers = sections(list(addresses.values()))
        if len(found) < 2:
            return None
        section = np.full(graph.size, -1, dtype=np.int64)
        section[np.searchsorted(graph.ids, ids)] = numbers
        nodes = tuple(Node(name, count) for name, count in zip(found, np.bincount(numbers, minlength=len(found)).tolist(), strict=True))
        matrix = _ties(graph, section, len(found), self._on_nearly_every())
        pairs = [
            Edge(one, other, int(matrix[one, other]))
            for one in range(len(found))
            for other in range(one + 1, len(found))
            if matrix[one, other]
        ]
        return Picture("Sections and the links between them", nodes, _strongest(pairs, len(found)), len(pairs))

    def _on_nearly_every(self) -> Ints:
        """Return the pages that nearly every page links to: they say nothing of sections."""
        edges, read = self._standing.edges, int(self._graph.is_read.sum())
        pages = np.bincount(edges.target, minlength=self._graph.size)
        return np.flatnonzero(pages >= NEARLY_EVERY * read) if read >= FEW_PAGES else np.zeros(0, dtype=np.int64)


def _ties(graph: Graph, section: Ints, count: int, left_out: Ints) -> Ints:
    """Return how many links there are between each two sections, both directions together."""
    kept = ~np.isin(graph.target, left_out)
    source, target = section[graph.source[kept]], section[graph.target[kept]]
    known = (source >= 0) & (target >= 0)
    matrix = np.bincount(source[known] * count + target[known], minlength=count * count).reshape(count, count)
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
