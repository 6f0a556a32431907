"""How each page of a site stands among the others: its row of `graph`, and what its links have in common.

The tables here are made from the arrays of `insight.graph`; texts (URLs, titles, anchors) stay in the run file and are fetched
for the rows that are asked for.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from linkhaul.insight.graph import Edges, Floats, Graph, Ints, Small, Weighing, load
from linkhaul.insight.paths import UNREACHED, Ways, leads_back, pages_behind, parts, ways_from
from linkhaul.insight.rank import DAMPING, link_score
from linkhaul.model.columns import Column, Row

NEARLY_EVERY = 0.8
"""The share of the pages that hold a link from which it counts as part of their template, not of their content."""
FEW_PAGES = 5
"""On so few pages nothing can be told of a template."""
LOT = 10_000

STANDING: tuple[Column, ...] = (
    Column("url", "text", False, "the page's address; a URL that redirects counts as the page it led to"),
    Column("title", "text", True, "its title, when it was read"),
    Column("status", "integer", True, "its HTTP status, when it was asked for"),
    Column("clicks", "integer", True, "clicks on the shortest way from a seed by the links of this graph; absent when no way leads to it"),
    Column("in_pages", "integer", False, "how many other pages link to it"),
    Column("in_links", "integer", False, "how many links lead to it"),
    Column(
        "in_content", "integer", False, "how many other pages link to it from their content: by a link that is not on nearly every page"
    ),
    Column("out_pages", "integer", False, "how many other pages it links to"),
    Column("out_links", "integer", False, "how many links it has"),
    Column("score", "real", False, "link score (PageRank); 1 is the mean of all pages"),
    Column("part", "integer", False, "the part of the graph that it hangs together with, in either direction; 0 is the largest"),
    Column("leads_back", "boolean", False, "whether some way leads from it back to a seed"),
    Column("read", "boolean", False, "whether it was read; of other pages the links they have are not known"),
)
OUTSIDE: tuple[Column, ...] = (
    Column("host", "text", False, "scheme, host and port that links lead out to"),
    Column("links", "integer", False, "how many links lead there"),
    Column("pages", "integer", False, "how many pages hold one"),
    Column("urls", "integer", False, "how many URLs of it are linked"),
)
TEMPLATES: tuple[Column, ...] = (
    Column("url", "text", False, "what is linked"),
    Column("region", "text", False, "the part of the page that holds the link"),
    Column("pages", "integer", False, "how many pages hold it"),
    Column("share", "real", False, "what share of the pages that were read that is"),
)
ANCHORS: tuple[Column, ...] = (
    Column("text", "text", False, "the text of the links"),
    Column("links", "integer", False, "how many links have it"),
    Column("pages", "integer", False, "how many pages hold one"),
    Column("follow", "integer", False, "how many of the links may be followed"),
)
BOTTLENECKS: tuple[Column, ...] = (
    Column("url", "text", False, "the page's address"),
    Column("pages_behind", "integer", False, "how many pages can be reached only through it"),
    Column("clicks", "integer", False, "clicks on the shortest way from a seed"),
)

_PAGE = "SELECT u.url, v.title, v.status FROM url u LEFT JOIN visit v ON v.id = u.visit WHERE u.id = ?"
_PAGES = """
SELECT u.id, u.url, v.title, v.status FROM json_each(?) AS asked JOIN url u ON u.id = asked.value LEFT JOIN visit v ON v.id = u.visit
"""
_ELSEWHERE = "SELECT title, status FROM visit WHERE page_id = ? AND page_id <> url_id LIMIT 1"
_OUTSIDE = "SELECT u.id, u.host_id FROM url u ORDER BY u.id"
_ANCHORS = """
SELECT l.text, count(*), count(DISTINCT v.page_id), sum(f.follow) FROM link l JOIN form f ON f.id = l.form JOIN visit v ON v.id = l.id >> 20
WHERE l.url_id = ?1 OR l.url_id IN (SELECT url_id FROM visit WHERE page_id = ?1 AND page_id <> url_id)
GROUP BY l.text ORDER BY count(*) DESC, l.text
"""


class Computed:
    """The graph of a run with what is computed from it as arrays; each thing once, when it is first asked for.

    Args:
        connection: the run file.
        weighing: how much a link counts for the score.
        damping: see `insight.rank.link_score`.
    """

    def __init__(self, connection: sqlite3.Connection, weighing: Weighing | None = None, damping: float = DAMPING) -> None:
        self._db = connection
        self._weighing = weighing or Weighing()
        self._damping = damping

    @cached_property
    def graph(self) -> Graph:
        """Pages and the links between them."""
        return load(self._db)

    @cached_property
    def edges(self) -> Edges:
        """Each pair of linked pages once, weighing as many links as there are."""
        return self.graph.edges()

    @cached_property
    def score(self) -> Floats:
        """The link score of each page; they add up to 1."""
        weights = self.graph.weights(self._weighing)
        edges = self.edges if (weights == 1).all() else self.graph.edges(weights)
        return link_score(edges, damping=self._damping)

    @cached_property
    def ways(self) -> Ways:
        """The shortest ways from the seeds."""
        return ways_from(self.edges, self.graph.seeds)


class Standing(Computed):
    """The tables of the graph: numbers from the arrays, texts from the run file."""

    def pages(self) -> Iterator[Row]:
        """Yield the rows of STANDING, the highest score first."""
        graph, edges, clicks = self.graph, self.edges, self.ways.clicks
        others = edges.source != edges.target
        in_pages = np.bincount(edges.target[others], minlength=graph.size)
        out_pages = np.bincount(edges.source[others], minlength=graph.size)
        in_links = np.bincount(graph.target, minlength=graph.size)
        out_links = np.bincount(graph.source, minlength=graph.size)
        in_content, part = self._in_content(), parts(edges)
        is_back, score = leads_back(edges, graph.seeds), self.score * graph.size
        order = np.lexsort((graph.ids, -score))
        counts = (in_pages, in_links, in_content, out_pages, out_links)
        for lot in (order[at : at + LOT] for at in range(0, len(order), LOT)):
            columns = [
                [None if count == UNREACHED else count for count in clicks[lot].tolist()],
                *(count[lot].tolist() for count in counts), score[lot].round(6).tolist(), part[lot].tolist(), is_back[lot].tolist(),
                graph.is_read[lot].tolist(),
            ]  # fmt: skip
            ids = graph.ids[lot].tolist()
            texts = {id: told for id, *told in self._db.execute(_PAGES, (json.dumps(ids),)) if told[2] is not None}
            for id, *numbers in zip(ids, *columns, strict=True):
                yield (*(texts.get(id) or self._texts(id)), *numbers)

    def unreached(self) -> Iterator[Row]:
        """Yield the rows of STANDING of the pages that no way of links leads to from a seed."""
        return (row for row in self.pages() if row[3] is None)

    def bottlenecks(self) -> Iterator[Row]:
        """Yield the rows of BOTTLENECKS: pages that others can be reached only through, the seeds left out; the most important first."""
        behind = pages_behind(self.edges, self.graph.seeds)
        behind[self.graph.seeds] = 0
        for node in np.lexsort((self.graph.ids, -behind)).tolist():
            if not behind[node]:
                return
            yield self._url(node), int(behind[node]), int(self.ways.clicks[node])

    def templates(self) -> Iterator[Row]:
        """Yield the rows of TEMPLATES: links that nearly every page has in the same region, the most frequent first."""
        target, region, pages, regions = self._placed
        read = int(self.graph.is_read.sum())
        for at in np.lexsort((target, -pages)).tolist():
            if read < FEW_PAGES or pages[at] < NEARLY_EVERY * read:
                return
            yield self._url(int(target[at])), regions[int(region[at])], int(pages[at]), round(int(pages[at]) / read, 4)

    def outside(self) -> Iterator[Row]:
        """Yield the rows of OUTSIDE, the host that the most pages link to first."""
        whole = load(self._db, external=True)
        is_out = np.array([not whole.forms[form].internal if form in whole.forms else False for form in range(max(whole.forms) + 1)])
        out = is_out[whole.form]
        host_of = np.full(whole.size, -1, dtype=np.int64)
        for url_id, host_id in self._db.execute(_OUTSIDE):
            if (node := whole.node(url_id)) is not None:
                host_of[node] = host_id
        hosts = host_of[whole.target[out]]
        links = Counter(hosts.tolist())
        pages = Counter(np.unique(np.stack([hosts, whole.source[out]]), axis=1)[0].tolist())
        urls = Counter(np.unique(np.stack([hosts, whole.target[out]]), axis=1)[0].tolist())
        for host_id in sorted(links, key=lambda host: (-pages[host], -links[host], host)):
            row = self._db.execute("SELECT host FROM host WHERE id = ?", (host_id,)).fetchone()
            if row is not None:
                yield row[0], links[host_id], pages[host_id], urls[host_id]

    def anchors(self, url_id: int) -> Iterator[Row]:
        """Yield the rows of ANCHORS for one page: what the links to it say, the most frequent first. Cost: a pass over all links."""
        yield from self._db.execute(_ANCHORS, (url_id,))

    def way_to(self, url_id: int) -> list[str]:
        """Return the URLs of a shortest way from a seed to a page, both included; empty when none leads there or it is not known."""
        node = self.graph.node(url_id)
        return [] if node is None else [self._url(step) for step in self.ways.to(node)]

    def _url(self, node: int) -> str:
        return self._texts(int(self.graph.ids[node]))[0]

    def _texts(self, id: int) -> tuple[str, str | None, int | None]:
        row = self._db.execute(_PAGE, (id,)).fetchone()
        if row is None or row[2] is None:  # it was asked for by no visit of its own: a redirect may have led to it
            row = (row[0] if row else "", *(self._db.execute(_ELSEWHERE, (id,)).fetchone() or (None, None)))
        return str(row[0]), row[1], row[2]

    @cached_property
    def _placed(self) -> tuple[Ints, Ints, Ints, list[str]]:
        """Return each linked page with each region that links to it and on how many pages, and the regions' names."""
        graph = self.graph
        regions = sorted({form.region for form in graph.forms.values()})
        number = np.zeros(max(graph.forms, default=0) + 1, dtype=np.int64)
        for form, value in graph.forms.items():
            number[form] = regions.index(value.region)
        width = max(1, len(regions))
        place = graph.target.astype(np.int64) * width + number[graph.form]
        found, pages = _pages_of(place, graph.source, graph.size)
        return found // width, found % width, pages, regions

    def _in_content(self) -> Ints:
        """Return for each page how many other pages link to it by a link that is not on nearly every page."""
        graph = self.graph
        read = int(graph.is_read.sum())
        target, region, pages, regions = self._placed
        is_template: NDArray[np.bool_] = np.zeros(graph.size * max(1, len(regions)), dtype=np.bool_)
        if read >= FEW_PAGES:
            often = pages >= NEARLY_EVERY * read
            is_template[target[often] * len(regions) + region[often]] = True
        number = np.zeros(max(graph.forms, default=0) + 1, dtype=np.int64)
        for form, value in graph.forms.items():
            number[form] = regions.index(value.region)
        place = graph.target.astype(np.int64) * max(1, len(regions)) + number[graph.form]
        kept = ~is_template[place] & (graph.source != graph.target)
        found, counts = _pages_of(graph.target[kept].astype(np.int64), graph.source[kept], graph.size)
        pages = np.zeros(graph.size, dtype=np.int64)
        pages[found] = counts
        return pages


def _pages_of(places: Ints, source: Small, size: int) -> tuple[Ints, Ints]:
    """Return each place once, ascending, and how many different pages of `size` link to it; sorted in place, for ten millions are large."""
    key = places * size + source
    key.sort()
    key = key[np.concatenate(([True], key[1:] != key[:-1]))] if len(key) else key
    key //= max(1, size)
    at = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else np.zeros(0, dtype=np.int64)
    return key[at], np.diff(np.append(at, len(key)))
