"""What becomes of a reply: a redirect, a retry, a row."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from tests.motion.world import Answer, Ended, World, stop_when

from linkhaul.model.records import Page, Reply

Run = Callable[..., Ended]
A = "https://a.example"
B = "https://b.example"
FAST = {"ignore_robots": True}


def test_redirects_are_recorded_hop_by_hop(run: Run) -> None:
    """A chain of redirects is one visit: each hop with its status and target, the page under its own address."""
    world = World({
        f"{A}/old": Answer(to="/moved#part", status=301), f"{A}/moved": Answer(to=f"{B}/new?x=1", status=307), f"{B}/new?x=1": Answer(["/p"]),
    })  # fmt: skip
    ended = run(world, [f"{A}/old"])
    assert ended.rows("SELECT url, final_url, hops, status, outcome FROM pages") == [(f"{A}/old", f"{B}/new?x=1", 2, 200, "ok")]
    hops = [(1, f"{A}/old", 301, f"{A}/moved"), (2, f"{A}/moved", 307, f"{B}/new?x=1")]
    assert ended.rows("SELECT n, url, status, location FROM hops ORDER BY n") == hops
    assert ended.rows("SELECT page_url, url FROM links") == [(f"{B}/new?x=1", f"{B}/p")]


@pytest.mark.parametrize("status", [300, 304, 305])
def test_other_3xx_are_answers(run: Run, status: int) -> None:
    """A 3xx that is no redirect, and one without a Location, end where they are."""
    world = World({f"{A}/": Answer(status=status, to="/b"), f"{A}/bare": Answer(status=302)})
    ended = run(world, world.pages)
    assert ended.rows("SELECT hops FROM pages") == [(0,), (0,)]
    assert world.asked_for(f"{A}/b") == []


@pytest.mark.parametrize(
    ("pages", "kind", "hops"),
    [
        ({"/": Answer(to="/")}, "redirect-loop", 0),
        ({"/": Answer(to="/b"), "/b": Answer(to="/c"), "/c": Answer(to="/b#x")}, "redirect-loop", 2),
        ({"/": Answer(to="/1"), **{f"/{n}": Answer(to=f"/{n + 1}") for n in range(1, 30)}}, "too-many-redirects", 10),
        ({"/": Answer(to="http://[")}, "bad-redirect", 0),
        ({"/": Answer(to="javascript:alert(1)")}, "bad-redirect", 0),
        ({"/": Answer(to="mailto:ann@example.org")}, "bad-redirect", 0),
        ({"/": Answer(to="file:///etc/passwd")}, "bad-redirect", 0),
        ({"/": Answer(to="data:text/html,x")}, "bad-redirect", 0),
    ],
)
def test_redirects_that_lead_nowhere(run: Run, pages: dict[str, Answer], kind: str, hops: int) -> None:
    """A loop, a chain that is too long and a target that cannot be fetched are failures with a sentence."""
    world = World({A + path: answer for path, answer in pages.items()})
    ended = run(world, [f"{A}/"], settings=FAST)
    [(outcome, failure, counted, detail)] = ended.rows("SELECT outcome, failure, hops, detail FROM pages")
    assert (outcome, failure, counted) == ("failed", kind, hops)
    assert detail
    assert len(world.asked) == hops + 1


@pytest.mark.parametrize("delays", [(0.01, 5.0), (5.0, 0.01), (0.01, 0.01)])
def test_a_redirect_to_another_listed_page(run: Run, delays: tuple[float, float]) -> None:
    """Both sources have their row and the page's links are stored once, whichever reply comes first."""
    world = World({f"{A}/from": Answer(to="/page", delay_s=delays[0]), f"{A}/page": Answer(["/1", "/2"], delay_s=delays[1])})
    ended = run(world, [f"{A}/from", f"{A}/page"])
    assert sorted(ended.rows("SELECT url, final_url, hops, status, outcome, links FROM pages")) == [
        (f"{A}/from", f"{A}/page", 1, 200, "ok", 2),
        (f"{A}/page", f"{A}/page", 0, 200, "ok", 2),
    ]
    assert ended.rows("SELECT page_url, n, url FROM links") == [(f"{A}/page", 1, f"{A}/1"), (f"{A}/page", 2, f"{A}/2")]
    assert ended.progress.links == 2


def test_many_redirects_to_one_page(run: Run) -> None:
    """A hundred sources that lead to one page are a hundred rows, and its links are stored once."""
    world = World({f"{A}/{n}": Answer(to="/page") for n in range(100)} | {f"{A}/page": Answer(["/1"])})
    ended = run(world, [f"{A}/{n}" for n in range(100)])
    assert ended.rows("SELECT count(*), count(DISTINCT url), min(final_url), max(final_url) FROM pages") == [
        (100, 100, f"{A}/page", f"{A}/page")
    ]
    assert ended.rows("SELECT count(*) FROM hops") == [(100,)]
    assert ended.rows("SELECT count(*) FROM links") == [(1,)]


def test_a_redirect_to_a_page_that_failed_is_asked(run: Run) -> None:
    """A page that failed at its own URL is asked for once more where a redirect leads to it: only read pages are shared."""
    world = World({f"{A}/page": [Answer(status=404), Answer(["/1"])], f"{A}/from": Answer(to="/page", delay_s=5)})
    ended = run(world, [f"{A}/page", f"{A}/from"])
    assert ended.outcomes() == {f"{A}/page": "http-error", f"{A}/from": "ok"}
    assert ended.rows("SELECT page_url, url FROM links") == [(f"{A}/page", f"{A}/1")]


def test_what_is_not_html_is_recorded_and_not_read(run: Run) -> None:
    """A document of another type has a row with its type and no links."""
    world = World({f"{A}/a.pdf": Answer(body=b"<a href=/x>x</a>", type="application/pdf; x=y"), f"{A}/204": Answer(status=204)})
    ended = run(world, world.pages)
    assert ended.rows("SELECT outcome, status, content_type, links FROM pages ORDER BY status") == [
        ("not-html", 200, "application/pdf", 0),
        ("not-html", 204, "text/html", 0),
    ]
    assert ended.rows("SELECT count(*) FROM links") == [(0,)]


def test_an_error_page_is_a_row_without_links(run: Run) -> None:
    """A status of 400 and above is an outcome, not a failure, and the page behind it is not read."""
    world = World({f"{A}/gone": Answer(status=410, body=b"<a href=/x>x</a>")})
    ended = run(world, world.pages)
    assert ended.rows("SELECT outcome, status, failure, links FROM pages") == [("http-error", 410, None, 0)]
    assert ended.progress.failures == {"410": 1}


def test_a_page_that_cannot_be_read_is_a_failure(run: Run) -> None:
    """A reader that raises ValueError gives a row with its sentence; the run goes on."""

    def unreadable(reply: Reply, url: str, found_at: str) -> Page:
        if url.endswith("/bad"):
            raise ValueError("the parser gave up")
        return Page(url, url)

    ended = run(World({f"{A}/bad": Answer(), f"{A}/good": Answer()}), [f"{A}/bad", f"{A}/good"], parts={"read": unreadable})
    assert sorted(ended.rows("SELECT url, outcome, failure, status, detail FROM pages")) == [
        (f"{A}/bad", "failed", "unreadable", 200, "the page cannot be read: the parser gave up"),
        (f"{A}/good", "ok", None, 200, None),
    ]
    assert ended.progress.failures == {"unreadable": 1}


def test_a_retry_waits_longer_each_time(run: Run) -> None:
    """What may pass is asked again after 0.5 to 1.5, then 1 to 3, then 2 to 6 seconds; the row counts the attempts."""
    world = World({f"{A}/": [Answer(status=503), Answer(failure="reset", may_pass=True), Answer(status=500), Answer(["/x"])]})
    ended = run(world, [f"{A}/"], settings={"retries": 3})
    waits = [later - earlier - world.delay_s for earlier, later in pairwise(world.asked_for(f"{A}/"))]
    assert all(least <= wait <= 3 * least + 0.1 for least, wait in zip((0.5, 1.0, 2.0), waits, strict=True)), waits
    assert ended.rows("SELECT outcome, status, attempts, failure FROM pages") == [("ok", 200, 4, None)]
    assert ended.rows("SELECT attempts, state, depth FROM urls WHERE found_via = 'seed'") == [(4, "done", 0)]


def test_retries_come_to_an_end(run: Run) -> None:
    """After the last retry the failure is the row."""
    world = World({f"{A}/": Answer(failure="read-timeout", may_pass=True), f"{A}/b": Answer(status=503)})
    ended = run(world, world.pages, settings={"retries": 2, **FAST})
    assert sorted(ended.rows("SELECT url, outcome, failure, status, attempts FROM pages")) == [
        (f"{A}/", "failed", "read-timeout", None, 3),
        (f"{A}/b", "http-error", None, 503, 3),
    ]
    assert len(world.asked) == 6


@pytest.mark.parametrize(
    "answer", [Answer(status=404), Answer(status=403), Answer(failure="dns"), Answer(failure="tls"), Answer(status=501)]
)
def test_what_cannot_pass_is_asked_once(run: Run, answer: Answer) -> None:
    """An answer that asking again would not change is final at once."""
    world = World({f"{A}/": answer})
    run(world, [f"{A}/"], settings={"retries": 5, **FAST})
    assert len(world.asked) == 1


def test_a_retry_of_a_redirected_page_begins_at_its_start(run: Run) -> None:
    """When the end of a chain fails in passing, the target itself is asked again, and the chain is recorded once."""
    world = World({f"{A}/": Answer(to=f"{B}/"), f"{B}/": [Answer(status=502), Answer(["/x"])]})
    ended = run(world, [f"{A}/"], settings=FAST)
    assert ended.rows("SELECT url, final_url, hops, attempts, outcome FROM pages") == [(f"{A}/", f"{B}/", 1, 2, "ok")]
    assert ended.rows("SELECT count(*) FROM hops") == [(1,)]


def test_a_waiting_retry_holds_nothing(run: Run) -> None:
    """While one page waits for its next attempt, the one place there is serves the others, also those of its host."""
    world = World({f"{A}/": [Answer(status=500), Answer()], **{f"{A}/{n}": Answer() for n in range(30)}, f"{B}/": Answer()})
    run(world, world.pages, settings={"concurrency": 1, **FAST})
    others = [one.at for one in world.asked if one.url != f"{A}/"]
    assert max(others) < world.asked_for(f"{A}/")[1]


def test_a_retry_survives_a_restart(run: Run) -> None:
    """A retry is in the run file with its time: the next process asks neither sooner nor anew from the first attempt."""
    world = World({f"{A}/": [*[Answer(status=503)] * 3, Answer()]})
    settings = {"retries": 3, **FAST}
    run(
        world,
        [f"{A}/"],
        settings=settings,
        during=stop_when(lambda: len(world.asked) == 3 and world.monotonic() > world.asked[-1].at + 0.1),
    )
    ended = run(world, [f"{A}/"], settings=settings)
    asked = world.asked_for(f"{A}/")
    assert len(asked) == 4
    assert 2.0 <= asked[3] - asked[2] <= 6.5
    assert ended.rows("SELECT attempts, outcome FROM pages") == [(4, "ok")]


@pytest.mark.parametrize("shift_s", [-7_200.0, 7_200.0])
def test_a_clock_that_jumps_changes_no_wait(run: Run, shift_s: float) -> None:
    """When somebody sets the wall clock while a retry waits, it comes when it would have come."""
    world = World({f"{A}/": [Answer(status=503), Answer()]})

    async def jump(*_: object) -> None:
        import asyncio

        await asyncio.sleep(0.3)
        world.shift_s = shift_s

    ended = run(world, [f"{A}/"], during=jump, settings=FAST, end_s=600)
    first, second = world.asked_for(f"{A}/")
    assert 0.5 <= second - first <= 1.6
    assert ended.outcomes() == {f"{A}/": "ok"}


def test_retry_after_is_kept(run: Run) -> None:
    """A host that asks us to stay away for twenty seconds sees nothing of us for twenty seconds, whatever page it is about."""
    told = Answer(status=429, retry_after_s=20, delay_s=1)
    world = World({f"{A}/0": [told, Answer()], **{f"{A}/{n}": Answer(delay_s=2) for n in range(1, 40)}, f"{B}/": Answer()})
    ended = run(world, world.pages, settings=FAST)
    assert [at for at in world.starts(A) if 1.0 < at < 21.0] == []
    assert world.asked_for(f"{A}/0")[1] >= 21.0
    assert world.asked_for(f"{B}/")[0] < 1.0
    assert set(ended.outcomes().values()) == {"ok"}


def test_retry_after_is_kept_by_the_next_process(run: Run) -> None:
    """A restart is no way around a Retry-After."""
    told = Answer(status=429, retry_after_s=300)
    world = World({f"{A}/0": [told, Answer()], f"{A}/1": Answer()})
    settings = {"per_host": 1, **FAST}
    run(world, world.pages, settings=settings, during=stop_when(lambda: world.monotonic() > 2))
    ended = run(world, world.pages, settings=settings)
    assert [at for at in world.starts(A) if 0.01 < at < 300] == []
    assert ended.outcomes() == dict.fromkeys(world.pages, "ok")


def test_a_redirect_out_of_the_scope_is_recorded(run: Run) -> None:
    """A page of a crawl that redirects out of the scope is a row with where it points, and that is not fetched."""
    world = World({f"{A}/": Answer(["/away"]), f"{A}/away": Answer(to=f"{B}/"), f"{B}/": Answer()})
    ended = run(world, [f"{A}/"], verb="crawl", settings=FAST)
    row = (f"{A}/away", f"{B}/", 1, 302, "redirected", None)
    assert ended.rows("SELECT url, final_url, hops, status, outcome, failure FROM pages WHERE url LIKE '%away'") == [row]
    assert world.starts(B) == []


def test_a_body_is_measured_and_timed(run: Run) -> None:
    """A row has the size of its body, how long it took, and when it was asked for."""
    world = World({f"{A}/": Answer(body=b"<p>hello</p>", delay_s=0.5)})
    ended = run(world, [f"{A}/"], settings=FAST)
    assert ended.rows("SELECT bytes, total_s, visited_at FROM pages") == [(12, 0.5, "2023-11-14T22:13:20.000Z")]
    assert ended.progress.bytes == 12
