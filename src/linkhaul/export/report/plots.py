"""Plots and the picture of the sections, as inline SVG: no script, no style of their own, each with its words for those who do not see it.

Colours come from the page's style by class, so they follow its scheme. Sizes are presentation attributes, which the page's policy
allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import cos, pi, sin, sqrt

from linkhaul.export.clean import clean, shortened
from linkhaul.export.report.marks import tone
from linkhaul.model.report import Edge, Node, Picture, Plot

WIDTH = 360
LABEL, BAR = 106, 190
LINE = 22
BOARD = (760, 540)
RING = 190
LARGEST, SMALLEST = 26, 5
THICKEST, THINNEST = 11, 1


def plot_svg(plot: Plot, id: str) -> str:
    """Return a plot as lines of bars, each with its label and count.

    Args:
        id: unlike all others on the page.
    """
    most = max((bar.size for bar in plot.bars), default=0) or 1
    lines = []
    for n, bar in enumerate(plot.bars):
        middle = n * LINE + LINE / 2
        width = max(BAR * bar.size / most, 1.5 if bar.size else 0)
        lines.append(
            f'<text x="{LABEL - 8}" y="{middle + 4:g}" text-anchor="end">{_short(bar.label, 17)}</text>'
            f'<rect class="bar {tone(bar.label)}" x="{LABEL}" y="{middle - 7:g}" width="{width:.1f}" height="14" rx="2"/>'
            f'<text x="{LABEL + width + 6:.1f}" y="{middle + 4:g}">{bar.size:,}</text>'
        )
    return _svg((WIDTH, LINE * len(plot.bars)), id, (plot.title, plot.told), "".join(lines), "plot")


def picture_svg(picture: Picture, id: str) -> str:
    """Return the sections on a ring, as large as they have pages, and the ties between them, as thick as they have links."""
    order = _round(picture)
    places = {node: _at(n / len(order)) for n, node in enumerate(order)}
    most = max((edge.links for edge in picture.edges), default=1)
    ties = "".join(_tie(edge, picture.nodes, places, most) for edge in picture.edges)
    largest = max((node.pages for node in picture.nodes), default=1) or 1
    nodes = "".join(_node(picture.nodes[n], places[n], largest) for n in order)
    return _svg(BOARD, id, (picture.title, picture.told), ties + nodes, "sections")


def _svg(size: tuple[int, int], id: str, words: tuple[str, str], inside: str, name: str) -> str:
    title, told = (escape(clean(text)) for text in words)
    return (
        f'<svg class="{name}" viewBox="0 0 {size[0]} {size[1]}" role="img" aria-labelledby="{id}-t {id}-d">'
        f'<title id="{id}-t">{title}</title><desc id="{id}-d">{told}</desc>{inside}</svg>'
    )


def _short(text: str, most: int) -> str:
    return escape(shortened(clean(text), most))


def _at(share: float) -> tuple[float, float]:
    """Return the place on the ring after that share of the way round, from the top, clockwise."""
    return BOARD[0] / 2 + RING * sin(2 * pi * share), BOARD[1] / 2 - RING * cos(2 * pi * share)


def _round(picture: Picture) -> list[int]:
    """Return the sections in the order in which they stand on the ring: each beside the one that it has the strongest tie with, if it is free."""
    left = list(range(len(picture.nodes)))
    weight = {(a, b): edge.links for edge in picture.edges for a, b in ((edge.one, edge.other), (edge.other, edge.one))}
    order = [left.pop(0)]
    while left:
        following = max(left, key=lambda node: (weight.get((order[-1], node), 0), -node))
        left.remove(following)
        order.append(following)
    return order


def _tie(edge: Edge, nodes: Sequence[Node], places: dict[int, tuple[float, float]], most: int) -> str:
    (x, y), (to_x, to_y) = places[edge.one], places[edge.other]
    middle_x, middle_y = BOARD[0] / 2 + (x + to_x - BOARD[0]) * 0.12, BOARD[1] / 2 + (y + to_y - BOARD[1]) * 0.12
    width = THINNEST + (THICKEST - THINNEST) * sqrt(edge.links / most)
    said = _short(f"{nodes[edge.one].name} – {nodes[edge.other].name}: {edge.links:,} links", 160)  # noqa: RUF001 - a dash
    return f'<path class="tie" d="M{x:.0f} {y:.0f}Q{middle_x:.0f} {middle_y:.0f} {to_x:.0f} {to_y:.0f}" stroke-width="{width:.1f}"><title>{said}</title></path>'


def _node(node: Node, place: tuple[float, float], largest: int) -> str:
    x, y = place
    radius = SMALLEST + (LARGEST - SMALLEST) * sqrt(node.pages / largest)
    aside = x - BOARD[0] / 2
    if abs(aside) < 30:  # above or below: the label stands over or under it
        anchor, label_x, label_y = "middle", x, y + (radius + 18 if y > BOARD[1] / 2 else -radius - 22)
    else:
        anchor, label_x, label_y = ("start", x + radius + 7, y - 2) if aside > 0 else ("end", x - radius - 7, y - 2)
    return (
        f'<circle class="node" cx="{x:.0f}" cy="{y:.0f}" r="{radius:.1f}"/>'
        f'<text class="name" x="{label_x:.0f}" y="{label_y:.0f}" text-anchor="{anchor}">{_short(node.name, 22)}</text>'
        f'<text class="dim" x="{label_x:.0f}" y="{label_y + 15:.0f}" text-anchor="{anchor}">{node.pages:,} page{"s" * (node.pages != 1)}</text>'
    )
