"""Sitemaps of a crawl: found, asked for politely, read once, and what they name goes beside the links."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from tests.motion.world import Answer, Answers, Ended, World, stop_when

from linkhaul.decide.traps import Traps
from linkhaul.read.sitemap import MAX_DEPTH

A = "https://a.example"
B = "https://b.example"
HTML = "text/html"
XML = "application/xml"

Crawl = Callable[..., Ended]


@pytest.fixture
def crawl(run: Callable[..., Ended]) -> Crawl:
    """Crawl from page `/` of the first host: `crawl(world, {settings})`."""

    def one(world: World, settings: dict[str, Any] | None = None, **fields: Any) -> Ended:
        return run(world, [f"{A}/"], verb="crawl", settings=settings or {}, parts={"traps": Traps(2026)}, **fields)

    return one


def urlset(*urls: str) -> Answer:
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return Answer(body=f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode(), type=XML)


def index(*urls: str) -> Answer:
    entries = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return Answer(body=f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'.encode(), type=XML)


def robots(*sitemaps: str) -> Answer:
    return Answer(body="".join(f"Sitemap: {url}\n" for url in sitemaps).encode(), type="text/plain")


def found(ended: Ended) -> dict[str, tuple[str, str, int | None]]:
    """Return state, way and depth of each URL."""
    return {url: (state, via, depth) for url, state, via, depth in ended.rows("SELECT url, state, found_via, depth FROM urls")}


def test_what_only_a_sitemap_names_is_fetched_and_its_links_are_followed(crawl: Crawl) -> None:
    """A page that no link leads to is read, has no depth, and what it links to is found as from any page."""
    world = World({
        f"{A}/": Answer(["/linked"]), f"{A}/linked": Answer(), f"{A}/sitemap.xml": urlset(f"{A}/alone", f"{A}/linked", f"{B}/x"),
        f"{A}/alone": Answer(["/behind", f"{B}/y"]), f"{A}/behind": Answer(["/further"]), f"{A}/further": Answer(),
    })  # fmt: skip
    urls = found(crawl(world))
    assert urls[f"{A}/alone"] == ("done", "sitemap", None)
    assert urls[f"{A}/behind"] == ("done", "link", None)
    assert urls[f"{A}/further"] == ("done", "link", None)
    assert urls[f"{A}/linked"][2] == 1
    assert urls[f"{B}/x"][:2] == ("recorded", "sitemap")
    assert urls[f"{B}/y"][:2] == ("recorded", "link")


def test_a_link_found_later_gives_the_depth(crawl: Crawl) -> None:
    """What a sitemap named first has the depth of the links as soon as one leads there, and so has what is behind it."""
    world = World({
        f"{A}/": Answer(["/slow"], delay_s=5), f"{A}/slow": Answer(["/alone"], delay_s=60), f"{A}/sitemap.xml": urlset(f"{A}/alone"),
        f"{A}/alone": Answer(["/behind"]), f"{A}/behind": Answer(),
    })  # fmt: skip
    urls = found(crawl(world, {"per_host": 8}))
    assert urls[f"{A}/alone"] == ("done", "sitemap", 2)
    assert urls[f"{A}/behind"] == ("done", "link", 3)


def test_robots_names_them_and_each_is_read_once(crawl: Crawl) -> None:
    """What robots.txt names goes before the usual place; relative and doubled names, and loops of indexes, are asked for once."""
    world = World({
        f"{A}/robots.txt": robots("/one.xml", f"{A}/one.xml", f"{A}/packed.xml.gz"), f"{A}/": Answer(),
        f"{A}/one.xml": index(f"{A}/one.xml", f"{A}/two.xml"), f"{A}/two.xml": index(f"{A}/one.xml", f"{A}/leaf.xml"),
        f"{A}/leaf.xml": urlset(f"{A}/1"), f"{A}/1": Answer(), f"{A}/2": Answer(),
        f"{A}/packed.xml.gz": Answer(body=gzip.compress(f"{A}/2\n".encode()), type="application/gzip"),
    })  # fmt: skip
    ended = crawl(world)
    assert set(ended.outcomes()) == {f"{A}/", f"{A}/1", f"{A}/2"}
    assert all(len(world.asked_for(f"{A}/{name}")) == 1 for name in ("one.xml", "two.xml", "leaf.xml", "packed.xml.gz"))
    assert world.asked_for(f"{A}/sitemap.xml") == []
    assert ended.rows("SELECT count(*), sum(state = 'done'), sum(found) FROM sitemap") == [(4, 4, 2)]


def test_a_feed_is_told_from_a_sitemap(crawl: Crawl) -> None:
    """What a feed names was found via a feed."""
    feed = f"<rss version='2.0'><channel><link>{A}/</link><item><link>{A}/news</link></item></channel></rss>"
    world = World({f"{A}/": Answer(), f"{A}/news": Answer(), f"{A}/feed.xml": Answer(body=feed.encode(), type="application/rss+xml")})
    ended = crawl(world, {"sitemap": [f"{A}/feed.xml"]})
    assert found(ended)[f"{A}/news"] == ("done", "feed", None)


def test_what_cannot_be_read_is_told_and_what_was_only_guessed_is_not(crawl: Crawl) -> None:
    """A sitemap that is named and broken is a notice with its fault; the usual place may be empty."""
    world = World({f"{A}/": Answer()})
    assert crawl(world).progress.notices == []
    world = World({f"{B}/robots.txt": robots(f"{A}/gone.xml", f"{A}/page.html"), f"{B}/": Answer(), f"{A}/page.html": Answer()})
    ended = crawl(world, {"scope": "any", "sitemap": [f"{A}/gone.xml"]})
    assert [notice for notice in ended.progress.notices if "gone.xml" in notice] == [f"sitemap {A}/gone.xml: the server answered 404"]


def test_a_sitemap_is_asked_for_again_as_a_page_is(crawl: Crawl) -> None:
    """What may pass is asked for again, so often as pages are; in the end its URLs are there."""
    world = World({f"{A}/": Answer(), f"{A}/1": Answer(), f"{A}/sitemap.xml": [Answer(status=503), Answer(status=503), urlset(f"{A}/1")]})
    assert crawl(world, {"retries": 2}).outcomes()[f"{A}/1"] == "ok"
    assert len(world.asked_for(f"{A}/sitemap.xml")) == 3


def test_who_wants_none_gets_none_but_those_named(crawl: Crawl) -> None:
    """Without sitemaps neither robots.txt's nor the usual one are asked for; one that the user names is."""
    world = World(
        {f"{A}/robots.txt": robots(f"{A}/r.xml"), f"{A}/": Answer(), f"{A}/r.xml": urlset(f"{A}/1"), f"{A}/u.xml": urlset(f"{A}/2")}
    )
    ended = crawl(world, {"no_sitemaps": True, "sitemap": [f"{A}/u.xml"]})
    assert sorted(found(ended)) == [f"{A}/", f"{A}/2"]


def test_robots_may_refuse_a_sitemap(crawl: Crawl) -> None:
    """A sitemap that robots.txt disallows is not asked for."""
    rules = Answer(body=b"User-agent: *\nDisallow: /sitemap.xml", type="text/plain")
    world = World({f"{A}/robots.txt": rules, f"{A}/": Answer(), f"{A}/sitemap.xml": urlset(f"{A}/1")})
    ended = crawl(world)
    assert world.asked_for(f"{A}/sitemap.xml") == []
    assert list(ended.outcomes()) == [f"{A}/"]


@pytest.mark.parametrize("rules", [b"User-agent: *\nCrawl-delay: 1000", b"User-agent: *\nDisallow: /sitemap"], ids=["parked", "refused"])
def test_the_usual_place_is_not_tried_where_nothing_may_be_asked(crawl: Crawl, rules: bytes) -> None:
    """A sitemap that is only guessed at is neither asked for nor complained about where the host, or this path of it, is not asked."""
    world = World({f"{A}/robots.txt": Answer(body=rules, type="text/plain"), f"{A}/": Answer(), f"{A}/sitemap.xml": urlset(f"{A}/1")})
    ended = crawl(world)
    assert world.asked_for(f"{A}/sitemap.xml") == []
    assert ended.rows("SELECT count(*) FROM sitemap") == [(0,)]
    assert not any("sitemap" in notice for notice in ended.progress.notices)


def test_indexes_end_at_a_depth(crawl: Crawl) -> None:
    """Indexes that lead to ever new indexes end."""
    world = World({f"{A}/": Answer()})
    world.pages |= {f"{A}/sitemap.xml": index(f"{A}/i/0"), **{f"{A}/i/{n}": index(f"{A}/i/{n + 1}") for n in range(50)}}
    crawl(world)
    assert 2 <= sum("/i/" in one.url for one in world.asked) <= MAX_DEPTH


@pytest.mark.parametrize("entries", [10, 2_500])
def test_a_sitemap_is_read_whole_by_the_process_that_goes_on(crawl: Crawl, entries: int) -> None:
    """A process that ends while a sitemap comes leaves it to the next one; every URL is there once."""
    urls = [f"{A}/x{n}" for n in range(entries)]
    world = World({f"{A}/": Answer(), f"{A}/sitemap.xml": [urlset(*urls)._replace(delay_s=30.0), urlset(*urls)]})
    crawl(world, {"max_pages": 1}, during=stop_when(lambda: bool(world.asked_for(f"{A}/sitemap.xml"))))
    ended = crawl(world, {"max_pages": 1})
    crawl(world, {"max_pages": 2})
    assert ended.rows("SELECT count(*) FROM urls WHERE found_via = 'sitemap'") == [(entries,)]
    assert ended.rows("SELECT state, found FROM sitemap") == [("done", entries)]


def test_a_sitemap_at_the_end_of_redirects(crawl: Crawl) -> None:
    """Redirects to a sitemap are followed, to another host by that host's robots.txt."""
    pages: dict[str, Answers] = {
        f"{A}/": Answer(),
        f"{A}/sitemap.xml": Answer(to=f"{B}/map"),
        f"{B}/map": urlset(f"{A}/1"),
        f"{A}/1": Answer(),
    }
    assert f"{A}/1" in crawl(World(pages)).outcomes()
    world = World(pages | {f"{B}/robots.txt": Answer(body=b"User-agent: *\nDisallow: /", type="text/plain")})
    crawl(world)
    assert world.asked_for(f"{B}/map") == []
