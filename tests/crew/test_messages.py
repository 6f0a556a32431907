"""Frames come out as they went in, however the bytes between were cut; and what a page says survives the journey."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from linkhaul.config import RowSettings
from linkhaul.crew.messages import Answer, Errand, Frames, Order, answer_of, encode, errand_of, framed, order_of
from linkhaul.decide.likeness import simhash
from linkhaul.export.delimited import Dialect
from linkhaul.export.recipe import Recipe
from linkhaul.model.records import KINDS, Page
from linkhaul.model.sheaf import Binder
from linkhaul.read.html import read_page
from linkhaul.read.options import ReadOptions

PAGE = b"""<!doctype html><html lang=sv><title>T\xc3\xa9</title><base href="/in/"><a href="a#b" rel="nofollow x" title=t>one</a>
<img src=i.png alt="\xf0\x9f\x98\x80"><a href="http://[">bad</a><link rel=canonical href=/c><script type="application/ld+json">{"url":"/j"}</script>"""


@given(st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=40)), max_size=8), st.lists(st.integers(0, 400), max_size=12))
def test_frames_survive_any_cut(parts: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    """The frames that go into a stream are those that come out, wherever it is cut."""
    stream = b"".join(framed(first, second) for first, second in parts)
    places = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    frames = Frames()
    got = [frame for begin, end in pairwise(places) for frame in frames.feed(stream[begin:end])]
    assert got == parts


def test_a_page_survives_the_journey() -> None:
    """Every field of a page, facts among them, is the same on the other side, and its links are links."""
    options = ReadOptions(kinds=frozenset(KINDS), facts=True, likeness=simhash)
    page = read_page(PAGE, "http://a.example/", (("link", "</h>; rel=next"),), options=options, found_at="2026-01-01T00:00:00Z")
    cells, forms = Binder().bind(page.links)
    back = answer_of(encode(Answer(replace(page, links=[]), None, cells, forms))).told("2026-01-01T00:00:00Z")
    assert isinstance(back, Page)
    assert list(back.links) == page.links
    back.links = page.links
    assert back == page
    assert len(page.links) >= 6
    assert page.facts is not None


def test_order_and_errand_survive_the_journey() -> None:
    """A reader is told what the run was told."""
    order = Order(
        kinds=frozenset({"page", "image"}),
        max_links=7,
        agent="me",
        facts=True,
        rows=RowSettings(match=("x",)),
        recipes=(Recipe("csv", True, Dialect(";", "\n", (1, 0))),),
    )
    assert order_of(encode(order)) == order
    assert order.options() == ReadOptions(kinds=order.kinds, max_links=7, agent="me", facts=True, likeness=simhash)
    errand = Errand("http://a.example/", "2026-01-01T00:00:00Z", (("a", "b"), ("a", "\xe9")))
    assert errand_of(encode(errand)) == errand
