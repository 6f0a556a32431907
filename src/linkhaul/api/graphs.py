"""The link graph of a run, as Python sees it: its tables, the ways through it, its arrays, and the same for other libraries.

numpy is imported only when a graph is made (`graph_of`), so that everything else works without it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from linkhaul.api.tables import Table
from linkhaul.errors import MissingExtra, OutputError, SourceError
from linkhaul.export.graphs import GRAPH_FORMATS, Drawn, write_graph
from linkhaul.insight.explain import url_typed
from linkhaul.model.columns import Column, Row
from linkhaul.model.url import target_url, url_id
from linkhaul.store.opening import sound


class RunGraph:
    """The pages of a run and the links between them.

    Attributes:
        pages: a row for each page: clicks, links in and out, link score, part; the highest score first.
        unreached: the same rows, of the pages that no way of links leads to from a seed.
        bottlenecks: pages that others can be reached only through.
        templates: links that nearly every page has, in the same region.
        outside: hosts that links lead out to.
        standing: the arrays and what is computed from them, see `linkhaul.insight.standing.Standing`.
        hold: what keeps the run file there and open, see `linkhaul.api.questions.Questions`.
    """

    def __init__(self, standing: Any, connection: sqlite3.Connection, path: Path) -> None:
        from linkhaul.insight import standing as tables

        self.standing = standing
        self._db = connection
        self._path = path
        self.hold: object = None
        self.pages: Table[Row] = self._table("pages", tables.STANDING, standing.pages)
        self.unreached: Table[Row] = self._table("unreached", tables.STANDING, standing.unreached)
        self.bottlenecks: Table[Row] = self._table("bottlenecks", tables.BOTTLENECKS, standing.bottlenecks)
        self.templates: Table[Row] = self._table("templates", tables.TEMPLATES, standing.templates)
        self.outside: Table[Row] = self._table("outside", tables.OUTSIDE, standing.outside)

    def path(self, url: str) -> list[str]:
        """Return the URLs of a shortest way from a seed to a page, both included; empty when no way leads there.

        Raises:
            SourceError: the run does not know the page.
        """
        id = self._id_of(url)
        if self.standing.graph.node(id) is None:
            raise SourceError(f"{url} is no page of this run's graph; `linkhaul explain` says what the run knows of it")
        with sound(self._path):
            return list(self.standing.way_to(id))

    def anchors(self, url: str) -> Table[Row]:
        """Return what the links to a page say: text, links, pages, how many may be followed."""
        from linkhaul.insight.standing import ANCHORS

        id = self._id_of(url)
        return self._table("anchors", ANCHORS, lambda: self.standing.anchors(id))

    def write(self, path: str | os.PathLike[str], *, format: str | None = None, overwrite: bool = False) -> None:
        """Write pages and links for a graph program: GraphML, GEXF or DOT, by the file's suffix.

        Raises:
            OutputError: an unknown suffix, a file that is there, or one that cannot be written.
        """
        place = Path(path)
        kind = format or place.suffix.lstrip(".").lower()
        if kind not in GRAPH_FORMATS:
            raise OutputError(f"{place}: a graph is written as .graphml, .gexf or .dot; tables are written with their own `write`")
        with sound(self._path):
            write_graph(place, kind, self._drawn(), overwrite=overwrite)

    def to_networkx(self) -> Any:
        """Return a networkx.DiGraph: nodes are URLs with the columns of `pages`, edges have `links`.

        Raises:
            MissingExtra: networkx is not installed.
        """
        try:
            import networkx as nx
        except ImportError:
            raise MissingExtra("to_networkx()", "", "networkx") from None
        graph = nx.DiGraph()
        drawn, urls = self._drawn(), []
        for _, row in drawn.nodes:
            urls.append(row[0])
            graph.add_node(row[0], **{c.name: value for c, value in zip(drawn.columns[1:], row[1:], strict=True)})
        graph.add_edges_from((urls[source], urls[target], {"links": links}) for source, target, links in drawn.edges)
        return graph

    def to_igraph(self) -> Any:
        """Return an igraph.Graph: vertices have the columns of `pages` (`url` as `name` too), edges have `links`.

        Raises:
            MissingExtra: igraph is not installed.
        """
        try:
            import igraph
        except ImportError:
            raise MissingExtra("to_igraph()", "", "igraph") from None
        drawn = self._drawn()
        rows = [row for _, row in drawn.nodes]
        edges = list(drawn.edges)
        graph = igraph.Graph(n=len(rows), edges=[edge[:2] for edge in edges], directed=True)
        for n, column in enumerate(drawn.columns):
            graph.vs[column.name] = [row[n] for row in rows]
        graph.vs["name"] = graph.vs["url"]
        graph.es["links"] = [edge[2] for edge in edges]
        return graph

    def __repr__(self) -> str:
        graph = self.standing.graph
        return f"<RunGraph: {graph.size:,} pages, {len(graph.source):,} links, run file {self._path}>"

    def _repr_html_(self) -> str:
        import html

        return f"<p>{html.escape(repr(self)[1:-1])}</p>{self.pages._repr_html_()}"

    def _id_of(self, url: str) -> int:
        return url_id(target_url(url_typed(self._db, url)))

    def _table(self, name: str, columns: tuple[Column, ...], rows: Callable[[], Iterator[Row]]) -> Table[Row]:
        def read() -> Iterator[Row]:
            with sound(self._path):
                yield from rows()

        return Table(name, columns, read)

    def _drawn(self) -> Drawn:
        """Return nodes by their numbers, and edges; both are made as they are walked, once."""
        return Drawn(self.pages.columns, enumerate(self.standing.pages(is_ranked=False)), self.standing.edges.pairs())


def graph_of(
    connection: sqlite3.Connection, path: Path, *, damping: float = 0.85, nofollow: float = 0.0, regions: Mapping[str, float] | None = None
) -> RunGraph:
    """Return the graph of a run file; see `linkhaul.Run.graph` for the arguments.

    Raises:
        MissingExtra: numpy is not installed.
        UsageError: a weight or damping that cannot be meant.
    """
    try:
        import numpy  # noqa: F401 - asked for here, so that the sentence is ours
    except ImportError:
        raise MissingExtra("graph", "graph") from None
    from linkhaul.insight.graph import Weighing
    from linkhaul.insight.rank import checked_damping
    from linkhaul.insight.standing import Standing

    return RunGraph(Standing(connection, Weighing.checked(nofollow, regions or {}), checked_damping(damping)), connection, path)
