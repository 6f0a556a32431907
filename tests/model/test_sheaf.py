"""A sheaf is the links that were bound, whatever becomes of it on its way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from linkhaul.model import sheaf
from linkhaul.model.records import Link
from linkhaul.model.sheaf import Binder, Cell, Form, Sheaf
from linkhaul.model.url import split_fragment, url_id

PAGE, AT = "https://a.example/page", "2026-01-01T00:00:00.000Z"
URLS = st.sampled_from(
    [None, "https://a.example/", "https://a.example/#top", "https://a.example/#", "https://ann:pw@a.example/é?q", "tel:1"]
)
WORDS = st.sampled_from([None, "nofollow", "a b"])


@st.composite
def links(draw: st.DrawFn) -> list[Link]:
    """Return the links of a page, as they are read."""
    made = []
    for n in range(1, draw(st.integers(0, 9)) + 1):
        url = draw(URLS)
        made.append(Link(
            PAGE, n, url, draw(st.text(max_size=3)), split_fragment(url)[1] if url is not None else None, draw(st.sampled_from(["page", "image"])),
            "a", "href", draw(st.text(max_size=3)), draw(WORDS), draw(WORDS), None, draw(WORDS), None, draw(st.booleans()), "nav",
            draw(st.booleans()), draw(st.booleans()), "html", AT,
        ))  # fmt: skip
    return made


def bound(some: list[Link]) -> Sheaf:
    """Return links that were bound and have travelled."""
    cells, forms = msgpack.decode(msgpack.encode(Binder().bind(some)), type=tuple[list[Cell], list[Form]])
    return Sheaf(PAGE, AT, cells, forms)


@given(links())
def test_it_is_its_links(some: list[Link]) -> None:
    """Each link comes back as it was, in order, by its place, and as one of several."""
    there = bound(some)
    assert list(there) == some == there[:]
    assert [there[place] for place in range(len(there))] == some
    assert there[1:3] == some[1:3]
    assert there.urls == [link.url for link in some]


def test_it_knows_what_its_links_lead_to() -> None:
    """The id of a link is that of its page, without fragment and user; a link without a URL has none."""
    link = Link(
        PAGE, 1, None, "http://[", None, "page", "a", "href", "", None, None, None, None, None, False, "body", False, True, "html", AT
    )
    urls = ("https://a.example/x#y", "https://ann:pw@a.example/x", None)
    assert bound([link._replace(n=n, url=url) for n, url in enumerate(urls, 1)]).ids == [url_id("https://a.example/x")] * 2 + [None]


def test_what_is_remembered_is_bounded() -> None:
    """When a binder has met many URLs it forgets them, and binds on the same."""
    binder = Binder()
    link = Link(PAGE, 1, "", "", None, "page", "a", "href", "", None, None, None, None, None, False, "body", False, True, "html", AT)
    pages = [[link._replace(url=f"https://a.example/{n}")] for n in range(sheaf.MOST_REMEMBERED + 10)]
    ids = [binder.bind(page)[0][1] for page in pages]
    assert ids == [url_id(f"https://a.example/{n}") for n in range(len(pages))]
    assert len(binder._ids) < 20


def test_long_urls_are_not_remembered() -> None:
    """A `data:` URL may hold an image, and is rarely met again."""
    binder = Binder()
    url = "data:image/png;base64," + "A" * 15_000
    link = Link(PAGE, 1, url, url, None, "image", "img", "src", "", None, None, None, None, None, False, "body", False, True, "html", AT)
    assert binder.bind([link])[0][1] == url_id(url)
    assert list(binder._ids) == [None]
