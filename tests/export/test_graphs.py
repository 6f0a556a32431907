"""The link graph as GraphML, GEXF and DOT: what is written can be read back by another program, hostile texts included."""

from __future__ import annotations

import re
from pathlib import Path

import networkx as nx
import pytest

from linkhaul.errors import OutputError
from linkhaul.export.graphs import GRAPH_FORMATS, Drawn, dot, write_graph
from linkhaul.model.columns import Column

COLUMNS = (
    Column("url", "text", False, "the address"),
    Column("title", "text", True, "the title"),
    Column("clicks", "integer", True, "clicks"),
    Column("score", "real", False, "score"),
    Column("read", "boolean", False, "whether it was read"),
)
HOSTILE = 'a"<b>&\x1b[31m\x00 \ud800 \u202e\\n]]>'
NODES = [(0, ("https://a.example/", "Start", 0, 1.5, True)), (7, ("https://a.example/?q=<&\"'", HOSTILE, None, 0.5, False))]
EDGES = [(0, 7, 3), (7, 7, 1)]


def _drawn() -> Drawn:
    return Drawn(COLUMNS, iter(NODES), iter(EDGES))


def test_graphml_is_read_back(tmp_path: Path) -> None:
    """All nodes with typed values, absent ones left out, and edges with how many links they stand for."""
    write_graph(tmp_path / "g.graphml", "graphml", _drawn())
    graph = nx.read_graphml(tmp_path / "g.graphml")
    assert graph.nodes["n0"] == {"url": "https://a.example/", "title": "Start", "clicks": 0, "score": 1.5, "read": True}
    assert graph.nodes["n7"]["url"] == "https://a.example/?q=<&\"'"
    assert "clicks" not in graph.nodes["n7"]
    assert dict(graph.edges) == {("n0", "n7"): {"links": 3}, ("n7", "n7"): {"links": 1}}


def test_gexf_is_read_back(tmp_path: Path) -> None:
    """The URL is the label; the number of links is the weight."""
    write_graph(tmp_path / "g.gexf", "gexf", _drawn())
    graph = nx.read_gexf(tmp_path / "g.gexf", version="1.3") if "1.3" in nx.readwrite.gexf.GEXF.versions else None
    text = (tmp_path / "g.gexf").read_text("utf-8")
    if graph is not None:
        assert graph.nodes["0"]["label"] == "https://a.example/"
    assert '<edge id="0" source="0" target="7" weight="3"/>' in text
    assert 'label="https://a.example/?q=&lt;&amp;&quot;' in text or "label='https://a.example/?q=&lt;&amp;\"" in text


@pytest.mark.parametrize("format", ["graphml", "gexf"])
def test_what_xml_cannot_hold_is_left_out(tmp_path: Path, format: str) -> None:
    """Control characters and lone surrogates are gone, markup is escaped."""
    write_graph(tmp_path / "g", format, _drawn())
    text = (tmp_path / "g").read_text("utf-8")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
    assert "&lt;b&gt;&amp;" in text


def test_dot_quotes_what_it_has_to() -> None:
    """Quotes and backslashes are escaped, a line stays a line."""
    lines = list(dot(_drawn()))
    assert lines[1].startswith('n0 [label="https://a.example/", url="https://a.example/", title="Start", clicks="0"')
    assert 'title="a\\"<b>&[31m' in lines[2]
    assert '\\\\n]]>"' in lines[2]
    assert lines[3:5] == ["n0 -> n7 [weight=3];\n", "n7 -> n7 [weight=1];\n"]
    assert lines[-1] == "}\n"


@pytest.mark.parametrize("format", GRAPH_FORMATS)
def test_a_file_that_is_there_is_not_touched(tmp_path: Path, format: str) -> None:
    """Unless it was asked for."""
    path = tmp_path / "g.xml"
    path.write_text("mine")
    with pytest.raises(OutputError, match="--overwrite"):
        write_graph(path, format, _drawn())
    assert path.read_text() == "mine"
    write_graph(path, format, _drawn(), overwrite=True)
    assert "a.example" in path.read_text("utf-8")


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    """The sentence names the file."""
    with pytest.raises(OutputError, match="cannot be written"):
        write_graph(tmp_path / "no" / "g.dot", "dot", _drawn())
