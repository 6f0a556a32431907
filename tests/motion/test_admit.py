"""How far links are followed: true depths, whatever order replies come in, and a reason for what is not followed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.motion.world import Answer, Answers, Ended, Trial, World, nearest, read

from linkhaul.model.records import Page, Reply
from linkhaul.model.sheaf import Binder, Sheaf
from linkhaul.model.url import USUAL_LENGTH
from linkhaul.motion import admit, engine

Run = Callable[..., Ended]
A = "https://a.example"
B = "https://b.example"
FAST = {"ignore_robots": True}
MOST = 9


def test_links_are_followed_within_the_scope(run: Run) -> None:
    """A crawl follows what the scope reaches; what it does not is known with the rule that said so, and not fetched."""
    world = World({f"{A}/": Answer(["/1", f"{B}/x", "mailto:ann@a.example", "ftp://a.example/f"]), f"{A}/1": Answer(["/"])})
    ended = run(world, [f"{A}/"], verb="crawl")
    assert sorted(ended.rows("SELECT url, state, reason, depth, found_via, found_on FROM urls")) == [
        (f"{A}/", "done", "ok", 0, "seed", None),
        (f"{A}/1", "done", "ok", 1, "link", f"{A}/"),
        (f"{B}/x", "recorded", "scope:host", 1, "link", f"{A}/"),
    ]
    assert ended.rows("SELECT count(*) FROM links") == [(5,)]
    assert world.starts(B) == []


def test_a_list_follows_nothing(run: Run) -> None:
    """A list is a crawl of depth 0: its links are rows, and none of them is asked for."""
    world = World({f"{A}/": Answer(["/1", f"{B}/x"])})
    ended = run(world, [f"{A}/"])
    assert ended.rows("SELECT count(*) FROM links") == [(2,)]
    assert {one.url for one in world.asked} == {f"{A}/robots.txt", f"{A}/"}


def test_a_link_with_a_fragment_or_a_user_leads_to_the_same_page(run: Run) -> None:
    """What is asked for has no fragment, user name or password; so variants of one URL are one page."""
    world = World({f"{A}/": Answer(["/1", "/1#a", "https://ann:pw@a.example/1#b"]), f"{A}/1": Answer()})
    run(world, [f"{A}/"], verb="crawl", settings=FAST)
    assert [one.url for one in world.asked] == [f"{A}/", f"{A}/1"]


def test_depth_is_limited(run: Run) -> None:
    """What is too many clicks away is recorded under `depth`; a shorter way found later still leads there."""
    world = World({
        f"{A}/": Answer(["/far1", "/late"]), f"{A}/late": Answer(["/goal"], delay_s=30), f"{A}/far1": Answer(["/far2"]), f"{A}/far2": Answer(["/goal"]),
        f"{A}/goal": Answer(["/beyond"]),
    })  # fmt: skip
    ended = run(world, [f"{A}/"], verb="crawl", settings={"depth": 2, **FAST})
    assert ended.rows("SELECT url, state, reason, depth, found_on FROM urls WHERE depth > 1 ORDER BY url") == [
        (f"{A}/beyond", "recorded", "depth", 3, f"{A}/goal"),
        (f"{A}/far2", "done", "ok", 2, f"{A}/far1"),
        (f"{A}/goal", "done", "ok", 2, f"{A}/late"),
    ]


def test_a_seed_that_redirects_widens_the_scope(run: Run) -> None:
    """A seed that redirects to another host is crawled there, with a notice."""
    world = World(
        {f"{A}/": Answer(to="https://www.a.example/"), "https://www.a.example/": Answer(["/1"]), "https://www.a.example/1": Answer()}
    )
    ended = run(world, [f"{A}/"], verb="crawl", settings=FAST)
    assert ended.outcomes() == {f"{A}/": "ok", "https://www.a.example/1": "ok"}
    [notice] = ended.progress.notices
    assert "https://www.a.example" in notice


def test_nofollow_is_obeyed_when_asked(run: Run) -> None:
    """With obey_nofollow a link under nofollow is recorded; another link without it still leads there."""
    body = b"<a rel=nofollow href=/1>1</a><a rel=nofollow href=/2>2</a><a href=/2>2</a>"
    world = World({f"{A}/": Answer(body=body), f"{A}/1": Answer(), f"{A}/2": Answer()})
    ended = run(world, [f"{A}/"], verb="crawl", settings={"obey_nofollow": True, **FAST})
    assert ended.outcomes() == {f"{A}/": "ok", f"{A}/2": "ok"}
    assert ended.rows("SELECT state, reason FROM urls WHERE url LIKE '%/1'") == [("recorded", "nofollow")]


@pytest.mark.parametrize("verb", ["links", "crawl"])
@pytest.mark.parametrize("room", [admit.MOST_REMEMBERED, 1], ids=["roomy", "narrow"])
def test_links_that_come_bound_are_no_others(run: Run, monkeypatch: pytest.MonkeyPatch, verb: str, room: int) -> None:
    """Where the links of every other page come as a sheaf, the same URLs become known in the same way."""
    monkeypatch.setattr(admit, "MOST_REMEMBERED", room)
    pages = {f"{A}/{n}": Answer([f"/{n + 1}#a", f"/{n // 2}", f"{B}/{n}", "http://[", "/3", f"/{n + 2}"]) for n in range(20)}
    binder = Binder()

    def bound(reply: Reply, url: str, found_at: str) -> Page:
        page = read(reply, url, found_at)
        if url.endswith(("0", "2", "4", "6", "8")):
            page.links = Sheaf(url, found_at, *binder.bind(page.links))
        return page

    asked = {"verb": verb, "settings": FAST | {"obey_nofollow": True}}
    plain = run(World(pages), [f"{A}/0", f"{A}/9"], **asked)
    other = run(World(pages), [f"{A}/0", f"{A}/9"], **asked, parts={"read": bound}, name="bound")
    for sql in ("SELECT url, state, reason, depth, id FROM urls ORDER BY 1", "SELECT page_url, n, url, url_id FROM links ORDER BY 1, 2"):
        assert other.rows(sql) == plain.rows(sql)


def test_a_link_that_is_one_click_nearer_is_told_again(run: Run) -> None:
    """Where links come as sheaves, a shorter way that is found later counts, be it shorter by one click only."""
    graph = {f"{A}/0": ["/1", "/late"], f"{A}/1": ["/2"], f"{A}/2": ["/goal"], f"{A}/late": ["/goal"], f"{A}/goal": ["/beyond"]}
    world = World({url: Answer(links, delay_s=30 if url.endswith("late") else 0.01) for url, links in graph.items()})
    binder = Binder()

    def bound(reply: Reply, url: str, found_at: str) -> Page:
        page = read(reply, url, found_at)
        page.links = Sheaf(url, found_at, *binder.bind(page.links))
        return page

    ended = run(world, [f"{A}/0"], verb="crawl", settings=FAST, parts={"read": bound})
    assert world.asked_for(f"{A}/goal")[0] < 1.0
    assert ended.depths() == nearest(graph, [f"{A}/0"])


def test_every_link_knows_where_it_leads(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link has the id of its URL also when the memory of ids has been full meanwhile."""
    monkeypatch.setattr(admit, "MOST_REMEMBERED", 20)
    world = World({f"{A}/{n}": Answer([f"/{n}/{m}" for m in range(15)]) for n in range(30)})
    ended = run(world, world.pages, settings=FAST)
    assert ended.rows("SELECT count(*), count(url_id), count(DISTINCT url_id) FROM links") == [(450, 450, 450)]


def test_long_urls_are_soon_forgotten(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered of links is bounded in characters, not only in links: images may stand in their URLs."""
    most: list[int] = []

    class Watched(admit.Admission):
        def forget(self) -> None:
            super().forget()
            most.append(sum(map(len, self.ids)))

    monkeypatch.setattr(admit, "MOST_REMEMBERED", 20)
    monkeypatch.setattr(engine, "Admission", Watched)
    image = "data:image/png;base64," + "A" * 1_000
    world = World({f"{A}/{n}": Answer([f"{image}{n}{m}" for m in range(9)]) for n in range(30)})
    ended = run(world, world.pages, settings=FAST)
    assert ended.rows("SELECT count(*), count(url_id) FROM links") == [(270, 270)]
    assert max(most) <= 20 * USUAL_LENGTH


def test_going_on_with_a_crawl_changes_no_depth(run: Run) -> None:
    """A crawl in two processes knows the same URLs, as deep, as one in one."""
    graph: dict[str, list[str]] = {f"{A}/{n}": [f"/{n * 2 + 1}", f"/{n * 2 + 2}", "/0"] for n in range(60)}
    world = World({url: Answer(links, delay_s=0.5) for url, links in graph.items()})
    run(world, [f"{A}/0"], verb="crawl", settings={"max_pages": 20, **FAST})
    ended = run(world, [f"{A}/0"], verb="crawl", settings=FAST)
    assert ended.depths() == nearest(graph, [f"{A}/0"])
    assert ended.rows("SELECT count(*), count(DISTINCT url) FROM pages") == [(121, 121)]


nodes = st.integers(0, MOST)
delays = st.sampled_from([0.01, 0.01, 0.5, 4.0, 40.0])


def url_of(node: int) -> str:
    return f"https://h{node % 3}.example/{node}"


class Crawled(NamedTuple):
    """What a crawl knew in the end: depths and outcomes by URL, and for each URL where it was found nearest."""

    depths: dict[str, int]
    outcomes: dict[str, str]
    found_on: dict[str, str | None]


def crawled(world: World, seeds: list[str], **settings: object) -> Crawled:
    """Crawl in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"scope": "any", **FAST, **{name: value for name, value in settings.items() if value is not None}}
        ended = Trial(path=Path(folder) / "r", verb="crawl", settings=options).run(world, seeds)
        assert ended.error is None
        return Crawled(ended.depths(), ended.outcomes(), dict(ended.rows("SELECT url, found_on FROM urls")))


@settings(max_examples=80, deadline=None)
@given(
    graph=st.dictionaries(nodes, st.lists(nodes, max_size=4), max_size=MOST),
    slow=st.dictionaries(nodes, delays, max_size=MOST),
    failing=st.sets(nodes, max_size=4),
    seeds=st.lists(nodes, min_size=1, max_size=2),
    concurrency=st.sampled_from([1, 2, 16]),
    limit=st.sampled_from([None, 1, 2, 3]),
)
@example(graph={0: [1, 4], 1: [2], 2: [3], 4: [3], 3: [5]}, slow={4: 4.0, 3: 40.0}, failing=set(), seeds=[0], concurrency=16, limit=None)
@example(graph={0: [1, 3], 1: [2], 2: [], 3: [2]}, slow={}, failing={3}, seeds=[0], concurrency=2, limit=1)
def test_depths_are_the_least_numbers_of_clicks(  # noqa: PLR0917 - a column of the table each
    graph: dict[int, list[int]], slow: dict[int, float], failing: set[int], seeds: list[int], concurrency: int, limit: int | None
) -> None:
    """In whatever order replies come, and with pages that fail at first, each URL is as deep as a plain walk says."""
    plain = {url_of(node): [url_of(link) for link in graph.get(node, ())] for node in range(MOST + 1)}
    pages: dict[str, Answers] = {}
    for node in range(MOST + 1):
        answer = Answer(plain[url_of(node)], delay_s=slow.get(node, 0.01))
        pages[url_of(node)] = [Answer(status=503), answer] if node in failing else answer
    found = crawled(World(pages), [url_of(seed) for seed in seeds], concurrency=concurrency, depth=limit)
    most = MOST if limit is None else limit
    reach = {url: depth for url, depth in nearest(plain, [url_of(seed) for seed in seeds]).items() if depth <= most + 1}
    assert found.depths == reach
    assert found.outcomes == {url: "ok" for url, depth in reach.items() if depth <= most}
    steps = {(found.depths[url], found.depths[parent]) for url, parent in found.found_on.items() if parent is not None}
    assert all(depth == before + 1 for depth, before in steps), "the way back to the seed is not a shortest one"


@settings(max_examples=60, deadline=None)
@given(
    graph=st.dictionaries(nodes, st.lists(nodes, max_size=3), max_size=MOST),
    redirects=st.dictionaries(nodes, nodes, max_size=4),
    slow=st.dictionaries(nodes, delays, max_size=MOST),
    concurrency=st.sampled_from([1, 2, 16]),
)
@example(graph={0: [1, 2], 2: [4], 4: [5]}, redirects={1: 4}, slow={1: 40.0}, concurrency=16)
@example(graph={0: [1], 1: [2, 6], 2: [3], 3: [4], 4: [5], 6: [4]}, redirects={}, slow={6: 4.0}, concurrency=16)
@example(graph={0: [1, 2], 1: [3], 3: [4], 2: [4], 5: [6]}, redirects={4: 5}, slow={2: 40.0}, concurrency=16)
def test_a_redirect_is_no_click(graph: dict[int, list[int]], redirects: dict[int, int], slow: dict[int, float], concurrency: int) -> None:
    """Where redirects lead is as deep as what led there, and links are one click from the nearest way to their page."""
    pages: dict[str, Answers] = {}
    for node in range(MOST + 1):
        to = url_of(redirects[node]) if node in redirects else None
        links = [url_of(link) for link in graph.get(node, ())] if to is None else []
        pages[url_of(node)] = Answer(links, to=to, delay_s=slow.get(node, 0.01))
    found = crawled(World(pages), [url_of(0)], concurrency=concurrency)
    depths = {0: 0}
    linked = {0}
    for _ in range(2 * MOST):  # relaxed until nothing changes: longer than any path
        for node in list(depths):
            if node in redirects:
                depths[redirects[node]] = min(depths.get(redirects[node], 99), depths[node])
                continue
            for link in graph.get(node, ()):
                depths[link] = min(depths.get(link, 99), depths[node] + 1)
                linked.add(link)
    assert found.depths == {url_of(node): depth for node, depth in depths.items()}
    assert found.outcomes == {url_of(node): "failed" if _end(redirects, node) is None else "ok" for node in linked}


def _end(redirects: dict[int, int], node: int) -> int | None:
    """Return where redirects lead in the end; None when they go round."""
    for _ in range(MOST + 2):
        if node not in redirects:
            return node
        node = redirects[node]
    return None
