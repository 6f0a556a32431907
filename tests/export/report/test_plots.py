"""Plots and pictures are SVG that says in words what it shows."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from tests.export.report import sample

from linkhaul.export.report.plots import BAR, BOARD, picture_svg, plot_svg
from linkhaul.model.report import Bar, Edge, Node, Picture, Plot


def test_bars_are_as_long_as_they_count() -> None:
    """The longest takes all the room, one that counts little can still be seen, none has no length."""
    drawing = ElementTree.fromstring(plot_svg(Plot("A", (Bar("a", 1000), Bar("b", 500), Bar("c", 1), Bar("d", 0))), "x"))
    assert [float(bar.get("width", "")) for bar in drawing.iter("rect")] == [BAR, BAR / 2, 1.5, 0]
    assert drawing.findtext("desc") == "a: 1,000; b: 500; c: 1; d: 0 (pages)"
    assert drawing.get("aria-labelledby") == "x-t x-d"


def test_failures_have_their_own_colour() -> None:
    """By class, so that the page's scheme says which."""
    drawing = ElementTree.fromstring(plot_svg(Plot("A", (Bar("404", 1), Bar("301", 1), Bar("ok", 1))), "x"))
    assert [bar.get("class") for bar in drawing.iter("rect")] == ["bar bad", "bar look", "bar "]


def test_a_picture_stays_on_its_board() -> None:
    """Every section and tie is drawn within it, whatever the names; each tie says what it joins."""
    part = sample.report().parts[2]
    assert part.picture is not None
    drawing = ElementTree.fromstring(picture_svg(part.picture, "x"))
    circles = [(float(c.get("cx", "")), float(c.get("cy", "")), float(c.get("r", ""))) for c in drawing.iter("circle")]
    assert len(circles) == 4
    assert all(r <= x <= BOARD[0] - r and r <= y <= BOARD[1] - r for x, y, r in circles)
    assert max(float(tie.get("stroke-width", "")) for tie in drawing.iter("path")) == 11.0
    assert [tie.findtext("title") for tie in drawing.iter("path")][1] == "/guide/ – /shop/: 500 links"
    assert "/guide/ and /shop/, 500 links" in str(drawing.findtext("desc"))


def test_strong_ties_make_neighbours() -> None:
    """Sections stand beside the one that they are tied to most."""
    nodes = tuple(Node(name, 1) for name in "abcd")
    text = picture_svg(Picture("x", nodes, (Edge(0, 2, 9), Edge(1, 3, 5)), 2), "x")
    assert re.findall(r'class="name"[^>]*>(\w)<', text) == ["a", "c", "b", "d"]
