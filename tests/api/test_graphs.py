"""A run's graph for other libraries: the same pages and the same links, whatever holds them."""

from __future__ import annotations

import pytest
from tests.api.site import Reply, page, served

from linkhaul.api.doors import crawl, open_run
from linkhaul.api.graphs import RunGraph
from linkhaul.model.columns import names


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> RunGraph:
    """Crawl pages with two links between the same two, a link to themselves, a page that does not answer and one that nothing links to."""
    path = tmp_path_factory.mktemp("graphs") / "site.run"
    web = {
        "/robots.txt": Reply("", headers=(("Content-Type", "text/plain"),)),
        "/": page("/a", "/a", "/b", "/"),
        "/a": page("/b", "/gone"),
        "/b": page("/"),
    }
    with served(web) as site:
        crawl(site.url(), run=path, no_sitemaps=True, retries=0)
    return open_run(path).graph()


def test_networkx_has_the_pages_and_the_links(graph: RunGraph) -> None:
    """Nodes are URLs with the columns of `pages`; edges know how many links there are."""
    found = graph.to_networkx()
    columns = names(graph.pages.columns)[1:]
    assert {url: tuple(cells[name] for name in columns) for url, cells in found.nodes(data=True)} == {
        row[0]: row[1:] for row in graph.pages
    }
    assert sorted(cells["links"] for *_, cells in found.edges(data=True)) == [1, 1, 1, 1, 1, 2]


def test_igraph_has_the_pages_and_the_links(graph: RunGraph) -> None:
    """The same as networkx: vertices by their URL, as `name` too, and edges with their numbers of links."""
    pytest.importorskip("igraph", reason="igraph is not installed: pip install igraph")
    found, other = graph.to_igraph(), graph.to_networkx()
    assert {vertex["name"]: {name: vertex[name] for name in names(graph.pages.columns)[1:]} for vertex in found.vs} == dict(other.nodes)
    assert found.vs["url"] == found.vs["name"]
    told = {(found.vs[edge.source]["name"], found.vs[edge.target]["name"]): edge["links"] for edge in found.es}
    assert told == {(source, target): cells["links"] for source, target, cells in other.edges(data=True)}
    assert found.is_directed()
