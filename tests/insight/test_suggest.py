"""The likeliest live page in place of one that is gone."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.api.site import Reply, moved, page, served

from linkhaul.api.check import check
from linkhaul.insight.check import judge
from linkhaul.insight.suggest import Live, suggestion, with_suggestions
from linkhaul.store.opening import open_to_read

HOST = "https://shop.example"


def live() -> Live:
    """Return the live pages of a host."""
    known = Live()
    for path, title in {
        "/": "The shop",
        "/guide/sizes": "How to find your size | The shop",
        "/guide/care/": "Caring for boots | The shop",
        "/2023/boots/winter-boots-for-children.html": "Boots for children",
        "/help/delivery-times": "When does my parcel come?",
        "/new/returns": "Returns",
        "/de/returns": "Rückgabe",
    }.items():
        known.add(HOST + path, title)
    known.moved["shop.example/about-us"] = f"{HOST}/company"
    return known


@pytest.mark.parametrize(
    ("path", "text", "expected", "why"),
    [
        ("/about-us/", "", "/company", "permanent redirect"),
        ("/guide/care.html", "", "/guide/care/", "but for its ending"),
        ("/guide/sizes/", "", "/guide/sizes", "but for its ending"),
        ("/winter-boots-for-children.html", "", "/2023/boots/winter-boots-for-children.html", "ends with"),
        ("/news/returns", "", "/new/returns", "ends with"),
        ("/guide/size", "", "/guide/sizes", "nearly the same"),
        ("/help/delivery-time", "", "/help/delivery-times", "nearly the same"),
        ("/p/4711", "How to find your size", "/guide/sizes", "its title"),
        ("/p/4711", "when does my parcel come", "/help/delivery-times", "its title"),
        ("/p/4711", "here", None, ""),
        ("/something/else/entirely", "Click here now", None, ""),
        ("/", "", None, ""),
    ],
)
def test_the_nearest_page_is_named_with_its_reason(path: str, text: str, expected: str | None, why: str) -> None:
    """A redirect, the same address but for its ending, the same last part, a near address, a title that says what the link says; or nothing."""
    found = suggestion(HOST + path, [text], live())
    assert (found.url.removeprefix(HOST) if found else None) == expected
    assert found is None or why in found.why


@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=3))
def test_any_link_may_be_asked_for(dead: str, texts: list[str]) -> None:
    """No URL and no text makes it raise, and the dead page itself is never the answer."""
    found = suggestion(dead, texts, live())
    assert found is None or found.url != dead.partition("#")[0]


def test_a_run_gives_the_live_pages(tmp_path: Path) -> None:
    """Findings that are gone get their suggestion from the pages and redirects of the run; the others stay as they are."""
    web = {
        "/": page("/guide/size", "/about/", "/guide/sizes", "/zzz/qqq/xxx", "/about"),
        "/guide/sizes": page(title="Sizes"),
        "/about": moved("/company", 301),
        "/company": Reply("<!doctype html><title>Us</title>"),
    }
    with served(web) as site:
        check(site.url(), run=tmp_path / "x.run", confirm_after=0, no_sitemaps=True)
        with closing(open_to_read(tmp_path / "x.run")) as connection:
            found = {each.url.removeprefix(site.url("")): each.suggestion for each in with_suggestions(connection, judge(connection))}
        assert {path: each.url.removeprefix(site.url("")) for path, each in found.items() if each} == {
            "/guide/size": "/guide/sizes",
            "/about/": "/company",
        }
        assert found["/zzz/qqq/xxx"] is None


def test_the_work_is_bounded() -> None:
    """A host with very many pages is searched in a moment: only those that share words with the dead link are compared."""
    known = Live()
    for number in range(5_000):
        known.add(f"{HOST}/catalogue/shoes/item-{number:05d}", f"Item {number}")
    found = suggestion(f"{HOST}/catalogue/shoe/item-00042", ["Item 42"], known)
    assert found is not None
    assert found.url == f"{HOST}/catalogue/shoes/item-00042"
