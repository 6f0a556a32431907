"""The link graph as a file that graph programs open: GraphML (yEd, Cytoscape, networkx), GEXF (Gephi) and DOT (Graphviz).

Nodes and edges come as iterators and are written as they come, so a large graph needs no more memory than a small one. What
a URL or a title may hold and XML may not (control characters, lone surrogates) is left out of the XML formats.

Sources: the GraphML primer (graphml.graphdrawing.org), the GEXF 1.3 primer (gexf.net), Graphviz's grammar of DOT.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from linkhaul.errors import OutputError
from linkhaul.model.columns import Column, Row

GRAPH_FORMATS = ("graphml", "gexf", "dot")
_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # the complement of this takes seven milliseconds to compile
_GRAPHML_TYPES = {"text": "string", "integer": "long", "real": "double", "boolean": "boolean"}
_GEXF_TYPES = {"text": "string", "integer": "long", "real": "double", "boolean": "boolean"}


class Drawn(Struct, frozen=True):
    """A graph to be written.

    Attributes:
        columns: what is told of each node; the first is its URL, which is its label.
        nodes: pairs (number, row in the order of the columns).
        edges: (source, target, how many links): numbers of nodes.
    """

    columns: tuple[Column, ...]
    nodes: Iterable[tuple[int, Row]]
    edges: Iterable[tuple[int, int, int]]


def write_graph(path: Path, format: str, graph: Drawn, *, overwrite: bool = False) -> None:
    """Write a graph to a file; it appears when it is whole.

    Args:
        format: one of GRAPH_FORMATS.
        overwrite: replace what is there.

    Raises:
        OutputError: something is there and may not be replaced, or it cannot be written.
    """
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already; --overwrite replaces it, or name another file")
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.writelines(_WRITERS[format](graph))
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from None


def graphml(graph: Drawn) -> Iterator[str]:
    """Yield a GraphML document, piece by piece."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for n, column in enumerate(graph.columns):
        yield f'<key id="d{n}" for="node" attr.name="{column.name}" attr.type="{_GRAPHML_TYPES[column.type]}"/>\n'
    yield '<key id="links" for="edge" attr.name="links" attr.type="long"/>\n<graph id="links" edgedefault="directed">\n'
    for number, row in graph.nodes:
        cells = "".join(f'<data key="d{n}">{escape(_xml(value))}</data>' for n, value in enumerate(row) if value is not None)
        yield f'<node id="n{number}">{cells}</node>\n'
    for source, target, links in graph.edges:
        yield f'<edge source="n{source}" target="n{target}"><data key="links">{links}</data></edge>\n'
    yield "</graph>\n</graphml>\n"


def gexf(graph: Drawn) -> Iterator[str]:
    """Yield a GEXF 1.3 document, piece by piece."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n<graph defaultedgetype="directed">\n'
    yield '<attributes class="node">\n'
    for n, column in enumerate(graph.columns):
        yield f'<attribute id="{n}" title="{column.name}" type="{_GEXF_TYPES[column.type]}"/>\n'
    yield "</attributes>\n<nodes>\n"
    for number, row in graph.nodes:
        cells = "".join(f'<attvalue for="{n}" value={quoteattr(_xml(value))}/>' for n, value in enumerate(row) if value is not None)
        yield f'<node id="{number}" label={quoteattr(_xml(row[0]))}><attvalues>{cells}</attvalues></node>\n'
    yield "</nodes>\n<edges>\n"
    for n, (source, target, links) in enumerate(graph.edges):
        yield f'<edge id="{n}" source="{source}" target="{target}" weight="{links}"/>\n'
    yield "</edges>\n</graph>\n</gexf>\n"


def dot(graph: Drawn) -> Iterator[str]:
    """Yield a Graphviz document, piece by piece."""
    yield "digraph links {\n"
    for number, row in graph.nodes:
        cells = ", ".join(f"{column.name}={_quoted(value)}" for column, value in zip(graph.columns, row, strict=True) if value is not None)
        yield f"n{number} [label={_quoted(row[0])}, {cells}];\n"
    for source, target, links in graph.edges:
        yield f"n{source} -> n{target} [weight={links}];\n"
    yield "}\n"


_WRITERS = {"graphml": graphml, "gexf": gexf, "dot": dot}


def _xml(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else _NOT_XML.sub("", str(value))


def _quoted(value: object) -> str:
    """Return a value as a quoted DOT string: only the quote and the backslash mean something in it."""
    text = _xml(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + " ".join(text.split()) + '"'
