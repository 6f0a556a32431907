"""How each page of a site stands among the others: its row of `graph`, and what its links have in common.

The tables here are made from the arrays of `insight.graph`; texts (URLs, titles, anchors) stay in the run file and are fetched
for the rows that are asked for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from linkhaul.insight.arrays import Floats, Ints, Small, counted, ranges, runs, within
from linkhaul.insight.graph import Edges, Graph, Weighing
from linkhaul.insight.linkage import load, outgoing
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
_HOST = "SELECT host FROM host WHERE id = ?"
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
        graph = self.graph
        weights = graph.weights(self._weighing)
        is_plain = all(weights[number] == 1 for number in np.unique(graph.form).tolist())
        return link_score(self.edges if is_plain else graph.edges(weights), damping=self._damping)

    @cached_property
    def ways(self) -> Ways:
        """The shortest ways from the seeds."""
        return ways_from(self.edges, self.graph.seeds)


class Numbers(Struct, frozen=True):
    """What the columns of STANDING are made of: a number for each page.

    Attributes:
        counts: in_pages, in_links, in_content, out_pages and out_links.
        score: link score; 1 is the mean.
        order: the pages, the highest score first.
    """

    counts: tuple[Small, ...]
    clicks: Small
    score: Floats
    part: Small
    is_back: NDArray[np.bool_]
    order: Ints


class Linked(Struct, frozen=True):
    """Each page that is linked, with each region that links to it.

    Attributes:
        pages: on how many pages there is such a link.
        regions: the names that `region` numbers.
        in_content: how many other pages link to each page of the graph by a link that is not on nearly every page.
    """

    target: Small
    region: Small
    pages: Ints
    regions: list[str]
    in_content: Small


class Standing(Computed):
    """The tables of the graph: numbers from the arrays, texts from the run file."""

    def pages(self, *, is_ranked: bool = True) -> Iterator[Row]:
        """Yield the rows of STANDING, the highest score first, or else in the order of the graph's nodes."""
        yield from self._rows(self._numbers.order if is_ranked else np.arange(self.graph.size))

    def unreached(self) -> Iterator[Row]:
        """Yield the rows of STANDING of the pages that no way of links leads to from a seed."""
        order = self._numbers.order
        yield from self._rows(order[self._numbers.clicks[order] == UNREACHED])

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
        linked, read = self._linked, int(self.graph.is_read.sum())
        often = np.flatnonzero(linked.pages >= NEARLY_EVERY * read) if read >= FEW_PAGES else np.zeros(0, dtype=np.int64)
        for at in often[np.lexsort((linked.target[often], -linked.pages[often]))].tolist():
            pages = int(linked.pages[at])
            yield self._url(int(linked.target[at])), linked.regions[int(linked.region[at])], pages, round(pages / read, 4)

    def outside(self) -> Iterator[Row]:
        """Yield the rows of OUTSIDE, the host that the most pages link to first. Cost: a pass over the links that leave the site."""
        found = outgoing(self._db)
        host, links = np.unique(found.host, return_counts=True)
        pages, urls = _partners(found.host, found.page, host), _partners(found.host, found.url, host)
        for at in np.lexsort((host, -links, -pages)).tolist():
            row = self._db.execute(_HOST, (int(host[at]),)).fetchone()
            if row is not None:
                yield row[0], int(links[at]), int(pages[at]), int(urls[at])

    def anchors(self, url_id: int) -> Iterator[Row]:
        """Yield the rows of ANCHORS for one page: what the links to it say, the most frequent first. Cost: a pass over all links."""
        yield from self._db.execute(_ANCHORS, (url_id,))

    def way_to(self, url_id: int) -> list[str]:
        """Return the URLs of a shortest way from a seed to a page, both included; empty when none leads there or it is not known."""
        node = self.graph.node(url_id)
        return [] if node is None else [self._url(step) for step in self.ways.to(node)]

    def _rows(self, nodes: Ints) -> Iterator[Row]:
        """Yield the rows of STANDING of some pages, in this order."""
        graph, numbers = self.graph, self._numbers
        for lot in (nodes[at : at + LOT] for at in range(0, len(nodes), LOT)):
            columns = [
                [None if count == UNREACHED else count for count in numbers.clicks[lot].tolist()],
                *(count[lot].tolist() for count in numbers.counts), numbers.score[lot].round(6).tolist(), numbers.part[lot].tolist(),
                numbers.is_back[lot].tolist(), graph.is_read[lot].tolist(),
            ]  # fmt: skip
            ids = graph.ids[lot].tolist()
            texts = {id: told for id, *told in self._db.execute(_PAGES, (json.dumps(ids),)) if told[2] is not None}
            for id, *cells in zip(ids, *columns, strict=True):
                yield (*(texts.get(id) or self._texts(id)), *cells)

    def _url(self, node: int) -> str:
        return self._texts(int(self.graph.ids[node]))[0]

    def _texts(self, id: int) -> tuple[str, str | None, int | None]:
        row = self._db.execute(_PAGE, (id,)).fetchone()
        if row is None or row[2] is None:  # it was asked for by no visit of its own: a redirect may have led to it
            row = (row[0] if row else "", *(self._db.execute(_ELSEWHERE, (id,)).fetchone() or (None, None)))
        return str(row[0]), row[1], row[2]

    @cached_property
    def _numbers(self) -> Numbers:
        graph, score = self.graph, self.score * self.graph.size  # the score first: while it is worked out, it needs edges of its own
        edges = self.edges
        others = edges.source != edges.target
        counts = (
            counted(edges.target, graph.size, others),
            counted(graph.target, graph.size),
            self._linked.in_content,
            counted(edges.source, graph.size, others),
            counted(graph.source, graph.size),
        )
        is_back = leads_back(edges, graph.seeds)
        return Numbers(counts, self.ways.clicks, score, parts(edges), is_back, np.lexsort((graph.ids, -score)))

    @cached_property
    def _linked(self) -> Linked:
        """What is linked from which region, some targets at a time; a link on nearly every page in the same region is no content."""
        graph, read = self.graph, int(self.graph.is_read.sum())
        regions = sorted({form.region for form in graph.forms.values()})
        number = np.zeros(max(graph.forms, default=0) + 1, dtype=np.int64)
        for form, value in graph.forms.items():
            number[form] = regions.index(value.region)
        width = max(1, len(regions))
        in_content = np.zeros(graph.size, dtype=np.int32)
        lots: list[tuple[Small, Small, Ints]] = []
        for low, high in ranges(counted(graph.target, graph.size)):
            here = within(graph.target, low, high)
            source, target = graph.source[here], graph.target[here] - low
            place = target.astype(np.int64) * width + number[graph.form[here]]
            found, pages = _pages_of(place, source, graph.size)
            lots.append(((low + found // width).astype(np.int32), (found % width).astype(np.int32), pages))
            is_template = np.zeros((high - low) * width, dtype=np.bool_)
            is_template[found] = (pages >= NEARLY_EVERY * read) & (read >= FEW_PAGES)
            kept = ~is_template[place] & (source != target + low)
            found, pages = _pages_of(target[kept].astype(np.int64), source[kept], graph.size)
            in_content[low + found] = pages
        linked = [np.concatenate(column) for column in zip(*lots, strict=True)] or [np.zeros(0, dtype=np.int32)] * 3
        return Linked(linked[0], linked[1], linked[2], regions, in_content)


def _pages_of(places: Ints, source: Small, size: int) -> tuple[Ints, Ints]:
    """Return each place once, ascending, and how many different pages of `size` link to it."""
    keys = places * max(1, size) + source
    keys.sort()
    keys = keys[runs(keys)[0]] // max(1, size)
    at, counts = runs(keys)
    return keys[at], counts


def _partners(host: Ints, partner: Ints, every: Ints) -> Ints:
    """Return for each of `every` host with how many different partners it stands together."""
    order = np.lexsort((partner, host))
    host, partner = host[order], partner[order]
    is_new = np.ones(len(host), dtype=np.bool_)
    is_new[1:] = (host[1:] != host[:-1]) | (partner[1:] != partner[:-1])
    return np.bincount(np.searchsorted(every, host[is_new]), minlength=len(every))
