"""A report on a run as plain values: made by `insight.report` from a run file, drawn by `export.report` as HTML, Markdown or a workbook.

Nothing in it is drawn yet, and nothing is escaped: texts are as the web gave them, numbers are numbers.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

from linkhaul.model.columns import Column, Row

Level = Literal["good", "look", "bad", "unknown"]


class Number(NamedTuple):
    """One number that a person sees first: what it counts, itself as text, and what stands below it."""

    label: str
    value: str
    note: str = ""


class Bar(NamedTuple):
    """One bar of a plot: what it stands for, and how many there are."""

    label: str
    size: int


class Plot(Struct, frozen=True):
    """A bar plot.

    Attributes:
        bars: in the order in which they are drawn.
        unit: what is counted: pages, URLs.
    """

    title: str
    bars: tuple[Bar, ...]
    unit: str = "pages"

    @property
    def told(self) -> str:
        """The plot in words, for those who do not see it."""
        return "; ".join(f"{bar.label}: {bar.size:,}" for bar in self.bars) + f" ({self.unit})"


class Grid(Struct, frozen=True):
    """A table.

    Attributes:
        name: short and unlike all others of a report: its sheet, its anchor.
        rows: as many as are shown; `total` says how many there are.
        rest: the command that gives all of them; "" where there is none.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: int
    rest: str = ""


class Node(NamedTuple):
    """A section of a site: the beginning that its addresses share, and how many pages it has."""

    name: str
    pages: int


class Edge(NamedTuple):
    """Links between two sections, by their numbers, in either direction."""

    one: int
    other: int
    links: int


class Picture(Struct, frozen=True):
    """The sections of a site and the strongest of the ties between them.

    Attributes:
        ties: how many pairs of sections are linked at all.
    """

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    ties: int

    @property
    def told(self) -> str:
        """The picture in words, for those who do not see it."""
        nodes = ", ".join(f"{node.name} ({node.pages:,} pages)" for node in self.nodes)
        strongest = sorted(self.edges, key=lambda edge: -edge.links)[:5]
        ties = "; ".join(f"{self.nodes[e.one].name} and {self.nodes[e.other].name}, {e.links:,} links" for e in strongest)
        return f"Sections: {nodes}." + (f" The strongest ties: {ties}." if ties else "")


class Part(Struct, frozen=True):
    """One part of a report, under a heading.

    Attributes:
        said: sentences that stand first.
    """

    anchor: str
    title: str
    said: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    picture: Picture | None = None
    grids: tuple[Grid, ...] = ()


class Health(Struct, frozen=True):
    """Whether a site is healthy: in a word, a sentence, what to know about that sentence, and a few numbers."""

    level: Level
    sentence: str
    notes: tuple[str, ...]
    numbers: tuple[Number, ...]


class Report(Struct, frozen=True):
    """A report.

    Attributes:
        title: what was crawled or checked, as the person named it.
        about: pairs (word, text): the run, when, how far.
    """

    title: str
    about: tuple[tuple[str, str], ...]
    health: Health
    parts: tuple[Part, ...]
