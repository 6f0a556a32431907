"""The demo site, running, and what is to be found on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from linkhaul.demo.server import serve


class Expected(NamedTuple):
    """What reading one page of the demo's list must give.

    Attributes:
        links: links a person can follow: a and area, http and https, in inline SVG and srcdoc too; 0 for what is not read.
        outcome: as in the table of pages, with robots.txt obeyed.
        hops: redirects on the way.
    """

    status: int | None = 200
    links: int = 0
    outcome: str = "ok"
    charset: str | None = "utf-8"
    charset_from: str | None = "header"
    hops: int = 0


EXPECTED: dict[str, Expected] = {
    "/": Expected(links=11),
    "/guide/": Expected(links=15),
    "/guide/moss/": Expected(links=10),
    "/guide/ferns/": Expected(links=13),
    "/guide/light/": Expected(links=19),
    "/guide/water/": Expected(links=9),
    "/guide/spores/": Expected(links=9),
    "/guide/terrariums/": Expected(links=9),
    "/guide/pests/": Expected(links=11),
    "/guide/calendar/": Expected(links=10),
    "/shop/": Expected(links=16),
    "/shop/?page=2": Expected(links=11),
    "/shop/cushion-moss/": Expected(links=9),
    "/shop/maidenhair-fern/": Expected(links=9),
    "/shop/harts-tongue/": Expected(links=9),
    "/shop/spore-mix/": Expected(links=9),
    "/shop/seed-trays/": Expected(links=12),
    "/shop/gift-cards/": Expected(links=8),
    "/shop/basket/": Expected(status=None, outcome="refused", charset=None, charset_from=None),
    "/shop/dodo-fern/": Expected(status=404, links=8, outcome="http-error"),
    "/blog/": Expected(links=15),
    "/blog/first-frost/": Expected(links=10),
    "/blog/a-wall-of-moss/": Expected(links=10),
    "/blog/letter-from-lyon/": Expected(links=3, charset="windows-1252"),
    "/blog/old-catalogue/": Expected(links=12, charset="windows-1252", charset_from="default"),
    "/blog/summer-sale/": Expected(status=410, links=8, outcome="http-error"),
    "/blog/archive/": Expected(links=37),
    "/ja/": Expected(links=6, charset="shift_jis", charset_from="meta"),
    "/about/": Expected(links=10),
    "/friends/": Expected(links=13),
    "/contact/": Expected(links=8),
    "/press/": Expected(links=8, charset_from="bom"),
    "/moved/": Expected(links=8, charset_from="meta"),
    "/visit": Expected(links=8, hops=3),
    "/weather/": Expected(links=8),
    "/secret-garden/": Expected(links=8),
    "/price-list.pdf": Expected(outcome="not-html", charset=None, charset_from=None),
}


@pytest.fixture(scope="session")
def expected() -> dict[str, Expected]:
    """Return the table by the paths of the demo's list."""
    return EXPECTED


@pytest.fixture(scope="session")
def site_url() -> Iterator[str]:
    """Serve the site for all tests, its slow page quick."""
    with serve(slow_s=0.0) as url:
        yield url
