"""robots.txt: asked before anything else of a host, and obeyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from tests.motion.world import Answer, Answers, Ended, World, stop_when

from linkhaul.model.records import FailureKind

Run = Callable[..., Ended]
A = "https://a.example"
B = "https://b.example"
DAY_S = 86_400.0


def robots(text: str) -> Answer:
    return Answer(body=text.encode(), type="text/plain")


NOTHING = robots("User-agent: *\nDisallow: /")


def test_robots_is_asked_first_and_once(run: Run) -> None:
    """The first request to a host is for its robots.txt, and nothing else begins before it is answered."""
    world = World({f"{A}/robots.txt": Answer(status=404, delay_s=3), **{f"{A}/{n}": Answer() for n in range(20)}})
    run(world, [f"{A}/{n}" for n in range(20)])
    assert (world.asked[0].url, world.asked[0].accept) == (f"{A}/robots.txt", "robots")
    assert world.starts(A)[1] >= 3.0
    assert len(world.asked_for(f"{A}/robots.txt")) == 1


def test_a_refused_page_says_how_to_ask_anyway(run: Run) -> None:
    """What robots.txt disallows is a row with the line that says so and the flag that asks anyway, and no request."""
    world = World({f"{A}/robots.txt": robots("User-agent: *\nDisallow: /private"), f"{A}/": Answer(), f"{A}/private/1": Answer()})
    ended = run(world, [f"{A}/", f"{A}/private/1"])
    assert ended.outcomes() == {f"{A}/": "ok", f"{A}/private/1": "refused"}
    [(failure, status, detail)] = ended.rows("SELECT failure, status, detail FROM pages WHERE outcome = 'refused'")
    assert (failure, status) == ("robots", None)
    assert "line 2: Disallow: /private" in detail
    assert "--ignore-robots" in detail
    assert world.asked_for(f"{A}/private/1") == []
    assert ended.progress.failures == {"robots": 1}


def test_robots_can_be_ignored(run: Run) -> None:
    """With ignore_robots nothing is refused, and robots.txt is not even asked for."""
    world = World({f"{A}/robots.txt": NOTHING, f"{A}/": Answer()})
    assert run(world, [f"{A}/"], settings={"ignore_robots": True}).outcomes() == {f"{A}/": "ok"}
    assert world.asked_for(f"{A}/robots.txt") == []


def test_our_own_group_counts(run: Run) -> None:
    """The group that names our product token goes before the one for everybody."""
    text = "User-agent: *\nDisallow: /\n\nUser-agent: finder\nDisallow: /x"
    world = World({f"{A}/robots.txt": robots(text), f"{A}/": Answer(), f"{A}/x": Answer()})
    ended = run(world, [f"{A}/", f"{A}/x"], settings={"user_agent": "Finder"})
    assert ended.outcomes() == {f"{A}/": "ok", f"{A}/x": "refused"}


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (Answer(status=404), "ok"),
        (Answer(status=403), "ok"),
        (Answer(status=500), "refused"),
        (Answer(status=503), "refused"),
        (Answer(failure="bad-reply"), "refused"),
        ([Answer(status=503), Answer(status=404)], "ok"),
        (Answer(to="/robots.txt"), "ok"),
        (Answer(to="mailto:ann@example.org"), "ok"),
        (Answer(body=b"\x00\xff\xfe nonsense", type="text/plain"), "ok"),
    ],
)
def test_what_an_answer_means(run: Run, answers: Answers, outcome: str) -> None:
    """A 4xx and redirects that lead nowhere allow everything; a 5xx, after retries, and an unusable answer nothing."""
    world = World({f"{A}/robots.txt": answers, f"{A}/": Answer()})
    ended = run(world, [f"{A}/"])
    assert ended.outcomes() == {f"{A}/": outcome}
    assert len(world.asked_for(f"{A}/")) == (outcome == "ok")


@pytest.mark.parametrize("kind", ["dns", "refused", "connect-timeout", "tls", "read-timeout"])
def test_a_dead_host_is_not_blamed_on_robots(run: Run, kind: str) -> None:
    """When a host cannot be reached at all, its pages fail with that failure, and it is not asked once for each."""
    dead = Answer(failure=kind)  # type: ignore[arg-type]
    world = World({f"{A}/robots.txt": dead, **{f"{A}/{n}": dead for n in range(50)}})
    ended = run(world, [f"{A}/{n}" for n in range(50)])
    assert set(ended.rows("SELECT outcome, failure FROM pages")) == {("failed", kind)}
    assert len(world.asked) == 1


@pytest.mark.parametrize("hops", [1, 5, 6])
def test_redirects_of_robots_are_followed(run: Run, hops: int) -> None:
    """Five redirects are followed, to other hosts too; more mean that there is no robots.txt."""
    chain = [f"{A}/robots.txt", *(f"{B}/{n}" for n in range(hops - 1)), "https://c.example/robots.txt"]
    world = World({f"{A}/": Answer(), chain[-1]: NOTHING} | {url: Answer(to=to) for url, to in pairwise(chain)})
    ended = run(world, [f"{A}/"])
    assert ended.outcomes() == {f"{A}/": "refused" if hops <= 5 else "ok"}
    assert world.asked_for(f"{B}/robots.txt") == []


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ("file:///etc/passwd", "bad-redirect"),
        ("data:text/plain,User-agent:%20*", "bad-redirect"),
        ("javascript:alert(1)", "bad-redirect"),
        ("http://[", "bad-redirect"),
        (f"{A}/robots.txt", "redirect-loop"),
        (f"{A}/r/0", "too-many-redirects"),
    ],
    ids=["file", "data", "script", "no url", "loop", "endless"],
)
def test_redirects_that_lead_to_no_robots_count_as_none(run: Run, to: str, kind: str) -> None:
    """The server has named no rules, so there are none, and the run file says why; nothing else than the web is asked."""
    rounds: dict[str, Answers] = {f"{A}/r/{n}": Answer(to=f"{A}/r/{n + 1}") for n in range(20)}
    world = World({f"{A}/robots.txt": Answer(to=to), f"{A}/": Answer(), **rounds})
    ended = run(world, [f"{A}/"])
    assert ended.outcomes() == {f"{A}/": "ok"}
    [(told,)] = ended.rows("SELECT robots_failure FROM hosts")
    assert told.startswith(f"{kind}: ")
    assert "--max-redirects" not in told
    assert len(world.asked) == 1 + (6 if kind == "too-many-redirects" else 1)
    assert {one.url[:8] for one in world.asked} == {"https://"}


@pytest.mark.parametrize("kind", ["guard", "dns", "refused", "connect-timeout"])
def test_redirects_of_robots_to_what_cannot_be_reached(run: Run, kind: FailureKind) -> None:
    """There may be rules where we cannot look, so nothing may be asked for; the host itself is not said to be dead or private."""
    world = World({f"{A}/robots.txt": Answer(to=f"{B}/robots.txt"), f"{B}/robots.txt": Answer(failure=kind), f"{A}/": Answer()})
    ended = run(world, [f"{A}/"])
    assert ended.rows("SELECT outcome, failure FROM pages") == [("refused", "robots")]
    [(detail,)] = ended.rows("SELECT detail FROM pages")
    assert f"redirects to {B}/robots.txt" in detail
    assert world.asked_for(f"{A}/") == []


def test_robots_of_a_redirects_target_is_obeyed(run: Run) -> None:
    """A redirect to a host that disallows us ends there: refused, with the hop recorded."""
    world = World({f"{A}/": Answer(to=f"{B}/x"), f"{B}/robots.txt": NOTHING, f"{B}/x": Answer()})
    ended = run(world, [f"{A}/"])
    assert ended.rows("SELECT final_url, hops, outcome, failure FROM pages") == [(f"{B}/x", 1, "refused", "robots")]
    assert world.asked_for(f"{B}/x") == []


def test_thousands_of_redirects_into_a_refusing_host(run: Run) -> None:
    """However many redirects wait for a robots.txt that then refuses them all, each ends with its row."""
    world = World({f"{A}/{n}": Answer(to=f"{B}/{n}") for n in range(2_000)} | {f"{B}/robots.txt": NOTHING._replace(delay_s=60)})
    ended = run(world, [f"{A}/{n}" for n in range(2_000)])
    assert ended.error is None
    assert ended.rows("SELECT outcome, count(*) FROM pages GROUP BY 1") == [("refused", 2_000)]


def test_crawl_delay_is_kept(run: Run) -> None:
    """From start to start a host with a Crawl-delay has its fraction of a second more, robots.txt and redirects included."""
    world = World(
        {f"{A}/robots.txt": robots("User-agent: *\nCrawl-delay: 2.5"), **{f"{A}/{n}": Answer(delay_s=0.1 * n) for n in range(12)}}
    )
    world.pages |= {f"{A}/12": Answer(to="/13"), f"{A}/13": Answer(status=404)}
    run(world, [f"{A}/{n}" for n in range(13)])
    assert len(world.starts(A)) == 15
    assert min(later - earlier for earlier, later in pairwise(world.starts(A))) >= 2.5 - 1e-6
    assert world.most[A] == 1


def test_crawl_delay_is_kept_by_the_next_process(run: Run) -> None:
    """Rules of an earlier process count from the first request on, and the delay from the time we began."""
    world = World({f"{A}/robots.txt": robots("User-agent: *\nCrawl-delay: 5"), **{f"{A}/{n}": Answer() for n in range(6)}})
    seeds = [f"{A}/{n}" for n in range(6)]
    run(world, seeds, during=stop_when(lambda: len(world.asked) == 3))
    run(world, seeds)
    assert min(later - earlier for earlier, later in pairwise(world.starts(A))) >= 5.0 - 1e-6
    assert len(world.asked_for(f"{A}/robots.txt")) == 1


def test_a_delay_beyond_reason_parks_the_host(run: Run) -> None:
    """A host whose Crawl-delay is longer than we wait is not asked: its rows say so and what to do, a notice too."""
    world = World({f"{A}/robots.txt": robots("User-agent: *\nCrawl-delay: 3600"), f"{A}/": Answer(), f"{B}/": Answer()})
    ended = run(world, [f"{A}/", f"{B}/"], settings={"max_crawl_delay": 10})
    assert ended.outcomes() == {f"{A}/": "refused", f"{B}/": "ok"}
    [(detail,)] = ended.rows("SELECT detail FROM pages WHERE outcome = 'refused'")
    assert "3600" in detail
    assert "--max-crawl-delay" in detail
    assert ended.progress.notices == [detail]
    assert ended.rows("SELECT parked FROM hosts WHERE host = 'https://a.example'") == [(detail,)]


@pytest.mark.timeout(15)
def test_robots_is_asked_again_after_a_day(run: Run) -> None:
    """An answer counts for a day, also for a process that goes on with the run; then it is asked for anew."""
    world = World({f"{A}/robots.txt": [Answer(status=404), NOTHING], f"{A}/0": Answer(), f"{A}/1": Answer(), f"{A}/2": Answer()})
    run(world, [f"{A}/0"])
    world.shift_s = DAY_S - 100
    run(world, [f"{A}/1"])
    assert len(world.asked_for(f"{A}/robots.txt")) == 1
    world.shift_s = DAY_S + 100
    ended = run(world, [f"{A}/2"])
    assert len(world.asked_for(f"{A}/robots.txt")) == 2
    assert ended.outcomes() == {f"{A}/0": "ok", f"{A}/1": "ok", f"{A}/2": "refused"}


@pytest.mark.timeout(15)
def test_a_run_of_days_asks_again_each_day(run: Run) -> None:
    """A run that is slower than a day asks for robots.txt once a day."""
    delays = robots("User-agent: *\nCrawl-delay: 3000")
    world = World({f"{A}/robots.txt": delays, **{f"{A}/{n}": Answer() for n in range(32)}})
    ended = run(world, [f"{A}/{n}" for n in range(32)], settings={"max_crawl_delay": 3000}, end_s=2 * DAY_S)
    asked: Sequence[float] = world.asked_for(f"{A}/robots.txt")
    assert [round(at / DAY_S, 1) for at in asked] == [0.0, 1.0]
    assert ended.progress.done == 32


def test_a_long_delay_that_is_allowed_is_kept(run: Run) -> None:
    """Whoever allows a Crawl-delay of hours gets the pages, hours apart."""
    world = World({f"{A}/robots.txt": robots("User-agent: *\nCrawl-delay: 7200"), f"{A}/0": Answer(), f"{A}/1": Answer()})
    ended = run(world, [f"{A}/0", f"{A}/1"], settings={"max_crawl_delay": 7200}, end_s=DAY_S)
    assert ended.progress.done == 2
    assert [round(at) for at in world.starts(A)] == [0, 7_200, 14_400]
