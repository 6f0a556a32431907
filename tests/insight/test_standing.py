"""How pages stand among each other, on a site small enough to count by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.api.site import Reply, Site, moved, page, served
from tests.insight.test_arrays import in_blocks

from linkhaul.api.doors import crawl
from linkhaul.errors import UsageError
from linkhaul.insight.graph import Weighing
from linkhaul.insight.linkage import load
from linkhaul.insight.standing import STANDING, Standing
from linkhaul.model.columns import names
from linkhaul.model.url import url_id
from linkhaul.store.opening import create, open_to_read

NAV = '<nav><a href="/">Home</a><a href="/list">List</a></nav>'
FOOT = '<footer><a href="https://maker.example/">made by</a></footer>'


class Seen(NamedTuple):
    """The crawl's run file, opened to read, and the site."""

    connection: sqlite3.Connection
    site: Site

    def id(self, path: str) -> int:
        """Return the id of a page by its path."""
        return url_id(self.site.url(path))


def _page(*links: str) -> Reply:
    return Reply(f"<title>t</title>{NAV}<main>{''.join(links)}</main>{FOOT}", headers=(("Content-Type", "text/html"),))


def _a(path: str, text: str = "x", rel: str = "") -> str:
    return f'<a href="{path}" rel="{rel}">{text}</a>'


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Crawl a start page, a list of three entries behind which one page hangs, a redirect, a dead link and an orphan of the sitemap."""
    path = tmp_path_factory.mktemp("standing") / "site.run"
    web = {
        "/robots.txt": Reply("", headers=(("Content-Type", "text/plain"),)),
        "/": _page(_a("/old", "old"), _a("/list")),
        "/list": _page(_a("/1"), _a("/2"), _a("/3", rel="nofollow"), _a("/gone")),
        "/1": _page(_a("/2", "second"), _a("/2", "again"), _a("https://far.example/a"), _a("https://far.example/b")),
        "/2": _page(_a("/deep")),
        "/3": _page(),
        "/deep": page(),
        "/old": moved("/3", 301),
        "/lost": _page(_a("/1")),
        "/sitemap.xml": Reply("", headers=(("Content-Type", "application/xml"),)),
    }
    with served(web) as site:
        entry = f"<urlset><url><loc>{site.url('/lost')}</loc></url></urlset>"
        site.pages["/sitemap.xml"] = Reply(entry, headers=(("Content-Type", "application/xml"),))
        crawl(site.url(), run=path)
        with closing(open_to_read(path)) as connection:
            yield Seen(connection, site)


def _rows(seen: Seen) -> dict[str, dict[str, object]]:
    start = len(seen.site.url("/")) - 1
    return {str(row[0])[start:]: dict(zip(names(STANDING), row, strict=True)) for row in Standing(seen.connection).pages()}


def test_each_page_of_the_site_is_there_once(seen: Seen) -> None:
    """A redirect is the page it leads to; what is dead or only in the sitemap is there too; other sites are not."""
    rows = _rows(seen)
    assert set(rows) == {"/", "/list", "/1", "/2", "/3", "/deep", "/gone", "/lost"}
    assert [path for path, row in rows.items() if not row["read"]] == ["/gone"]
    assert rows["/gone"]["status"] == 404
    assert rows["/1"]["title"] == "t"


def test_clicks_and_links_are_counted(seen: Seen) -> None:
    """Clicks by links alone; a page's links to itself are links, but not pages that link to it."""
    rows = _rows(seen)
    assert {path: row["clicks"] for path, row in rows.items()} == {
        "/": 0, "/list": 1, "/3": 1, "/1": 2, "/2": 2, "/gone": 2, "/deep": 3, "/lost": None,
    }  # fmt: skip
    assert (rows["/2"]["in_pages"], rows["/2"]["in_links"]) == (2, 3)
    assert (rows["/3"]["in_pages"], rows["/3"]["in_links"]) == (2, 2)  # from the list, and through the redirect
    assert (rows["/list"]["in_pages"], rows["/list"]["in_links"]) == (5, 7)  # on each of the six with a menu, and once in content
    assert (rows["/1"]["out_pages"], rows["/1"]["out_links"]) == (3, 4)


def test_links_of_the_template_are_not_content(seen: Seen) -> None:
    """The menu is on nearly every page: only the link in the start page's content counts for the list."""
    rows = _rows(seen)
    assert {path: row["in_content"] for path, row in rows.items()} == {
        "/": 0, "/list": 1, "/3": 2, "/1": 2, "/2": 2, "/gone": 1, "/deep": 1, "/lost": 0,
    }  # fmt: skip
    base = seen.site.url("")
    assert {(str(row[0]).removeprefix(base), row[1], row[2]) for row in Standing(seen.connection).templates()} == {
        ("/", "nav", 6),
        ("/list", "nav", 6),
    }


def test_parts_and_dead_ends(seen: Seen) -> None:
    """All hangs together in one direction or the other; from what has no links no way leads back."""
    rows = _rows(seen)
    assert {row["part"] for row in rows.values()} == {0}
    assert {path for path, row in rows.items() if not row["leads_back"]} == {"/deep", "/gone"}


def test_unreached_and_bottlenecks(seen: Seen) -> None:
    """What only the sitemap names is reached by no link; what is deep hangs behind one page."""
    base = seen.site.url("")
    standing = Standing(seen.connection)
    assert [str(row[0]).removeprefix(base) for row in standing.unreached()] == ["/lost"]
    assert [(str(row[0]).removeprefix(base), row[1]) for row in standing.bottlenecks()] == [("/list", 4), ("/2", 1)]


def test_scores_have_a_mean_of_one_and_follow_the_weights(seen: Seen) -> None:
    """A nofollow link counts nothing unless it is told; a region can count less."""
    rows = _rows(seen)
    assert sum(float(str(row["score"])) for row in rows.values()) == pytest.approx(len(rows), abs=1e-4)
    three = seen.id("/3")
    plain = Standing(seen.connection)
    counted = Standing(seen.connection, Weighing(nofollow=1.0))
    node = plain.graph.node(three)
    assert counted.score[node] > plain.score[node]
    without_menu = Standing(seen.connection, Weighing(regions={"nav": 0.0}))
    home = plain.graph.node(seen.id("/"))
    assert without_menu.score[home] < plain.score[home]


def test_the_way_to_a_page(seen: Seen) -> None:
    """From the seed, by the fewest clicks; none to what no link leads to, and to what is not known."""
    base = seen.site.url("")
    standing = Standing(seen.connection)
    assert [url.removeprefix(base) for url in standing.way_to(seen.id("/deep"))] == ["/", "/list", "/2", "/deep"]
    assert standing.way_to(seen.id("/lost")) == []
    assert standing.way_to(seen.id("/never")) == []


def test_anchors_of_a_page(seen: Seen) -> None:
    """The texts of all links to it, those through a redirect too."""
    standing = Standing(seen.connection)
    assert list(standing.anchors(seen.id("/3"))) == [("old", 1, 1, 1), ("x", 1, 1, 0)]


def test_hosts_outside(seen: Seen) -> None:
    """Counted by links, pages and URLs; the host that the most pages link to first."""
    assert list(Standing(seen.connection).outside()) == [("https://maker.example", 6, 6, 1), ("https://far.example", 2, 1, 2)]


def test_in_small_blocks_nothing_is_different(seen: Seen) -> None:
    """What is worked out some links at a time is what it were at once."""
    tables = ("pages", "unreached", "bottlenecks", "templates", "outside")
    whole = {name: list(getattr(Standing(seen.connection), name)()) for name in tables}
    for size in (1, 3):
        with in_blocks(size):
            assert {name: list(getattr(Standing(seen.connection), name)()) for name in tables} == whole


def test_rows_in_the_order_of_the_nodes(seen: Seen) -> None:
    """The same rows as by score, each at the place of its node."""
    standing = Standing(seen.connection)
    rows = list(standing.pages(is_ranked=False))
    assert [standing.graph.node(url_id(str(row[0]))) for row in rows] == list(range(standing.graph.size))
    assert sorted(rows, key=str) == sorted(standing.pages(), key=str)


def test_a_link_to_what_the_run_has_no_row_of_is_one_nonetheless(seen: Seen, tmp_path: Path) -> None:
    """However often: all of them lead to the same page."""
    whole = load(seen.connection)
    with closing(sqlite3.connect(tmp_path / "less.run")) as less:
        seen.connection.backup(less)
        less.execute("DELETE FROM url WHERE id IN (?, ?)", (seen.id("/gone"), seen.id("/list")))
        found = load(less)
    assert found.ids.tolist() == whole.ids.tolist()
    assert (found.source.tolist(), found.target.tolist()) == (whole.source.tolist(), whole.target.tolist())


def test_a_run_without_pages_has_no_graph(tmp_path: Path) -> None:
    """The sentence says where to look."""
    with closing(create(tmp_path / "empty.run")) as connection, pytest.raises(UsageError, match="no page yet"):
        load(connection)


@pytest.mark.parametrize(
    ("nofollow", "regions", "said"), [(-1.0, {}, "0 or more"), (0.0, {"top": 1.0}, "no region"), (0.0, {"nav": -2.0}, "0 or more")]
)
def test_weights_that_cannot_be_meant(nofollow: float, regions: dict[str, float], said: str) -> None:
    """The message names what may be written."""
    with pytest.raises(UsageError, match=said):
        Weighing.checked(nofollow, regions)
