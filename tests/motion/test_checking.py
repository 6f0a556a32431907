"""A check: what leads out of the scope is looked at once, what looks broken twice, and nothing of it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pytest
from tests.motion.world import Answer, Ended, World, stop_when

from linkhaul.model.records import KINDS, Page, Reply
from linkhaul.motion import checking, ledger
from linkhaul.motion.probing import made_up_url
from linkhaul.read.html import read_page
from linkhaul.read.options import ReadOptions

Run = Callable[..., Ended]
A = "https://a.example"
B = "https://b.example"
C = "https://c.example"
NO_PROBE = {"no_probe": True}
HTML = "<!DOCTYPE html><title>{}</title>{}"


@pytest.fixture
def check(run: Run) -> Run:
    """Make a check of https://a.example/ in a world."""
    return partial(run, verb="check")


def page(body: str = "", *links: str) -> Answer:
    """Return a page with this body and links."""
    return Answer(body=HTML.format("A page", body + "".join(f'<a href="{link}">to {link}</a>' for link in links)).encode())


def accepts(world: World, url: str) -> list[str]:
    """Return what a URL's body was asked for, each time."""
    return [asked.accept for asked in world.asked if asked.url == url]


def read_all(reply: Reply, url: str, found_at: str) -> Page:
    """Read a page with its links of every kind."""
    return read_page(reply.body, url, reply.headers, options=ReadOptions(kinds=frozenset(KINDS)), found_at=found_at)


def facts(ended: Ended) -> dict[str, tuple[str, int | None, int]]:
    """Return outcome, status and tries of each visit."""
    return {url: (outcome, status, tries) for url, outcome, status, tries in ended.rows("SELECT url, outcome, status, attempts FROM pages")}


def test_an_outside_target_is_looked_at_once_and_not_read(check: Run) -> None:
    """A link that leads out of the scope is asked for once, its links are nobody's, and the page within is read as in a crawl."""
    world = World({f"{A}/": Answer([f"{B}/x", "/in", f"{B}/x"]), f"{A}/in": Answer([f"{B}/x"]), f"{B}/x": Answer([f"{C}/never"])})
    ended = check(world, [f"{A}/"], settings=NO_PROBE)
    assert facts(ended) == {f"{A}/": ("ok", 200, 1), f"{A}/in": ("ok", 200, 1), f"{B}/x": ("checked", 200, 1)}
    assert accepts(world, f"{B}/x") == ["glance"]
    assert accepts(world, f"{A}/in") == ["whole"]
    assert not world.asked_for(f"{C}/never")
    assert ended.rows("SELECT DISTINCT page_url FROM links WHERE page_url LIKE 'https://b%'") == []


def test_an_ordinary_crawl_is_as_it_was(run: Run) -> None:
    """Without a check nothing outside is asked for, nothing twice, and nothing of a check is stored."""
    world = World({f"{A}/": Answer([f"{B}/x", "/gone"]), f"{B}/x": Answer()})
    ended = run(world, [f"{A}/"], verb="crawl")
    assert facts(ended) == {f"{A}/": ("ok", 200, 1), f"{A}/gone": ("http-error", 404, 1)}
    assert [asked.accept for asked in world.asked] == ["robots", "page", "page"]
    assert ended.rows("SELECT (SELECT count(*) FROM sign) + (SELECT count(*) FROM anchors)") == [(0,)]


def test_robots_are_obeyed_outside(check: Run) -> None:
    """What a host's robots.txt disallows is not asked for, be it only to be looked at."""
    robots = Answer(body=b"User-agent: *\nDisallow: /x", type="text/plain")
    ended = check(World({f"{A}/": Answer([f"{B}/x"]), f"{B}/robots.txt": robots, f"{B}/x": Answer()}), [f"{A}/"], settings=NO_PROBE)
    assert facts(ended)[f"{B}/x"][0] == "refused"


@pytest.mark.parametrize("where", [A, B])
def test_what_looks_broken_is_asked_twice_with_time_between(check: Run, where: str) -> None:
    """A 404 is seen twice, a fifth of the wait apart, inside the scope and outside; the visit says so."""
    world = World({f"{A}/": Answer([f"{where}/gone"])})
    ended = check(world, [f"{A}/"], settings=NO_PROBE)
    first, second = world.asked_for(f"{where}/gone")
    assert 1.0 <= second - first < 1.5
    assert facts(ended)[f"{where}/gone"] == ("http-error", 404, 2)


def gap(world: World, url: str) -> float:
    """Return how long the second request for a URL came after the first."""
    first, second = world.asked_for(url)
    return second - first


def test_the_word_of_a_host_that_has_held_is_tried_sooner(check: Run) -> None:
    """Three 404s of a host that were 404s the second time make the wait for its others a quarter; another host's stays as it is."""
    late = {f"{A}/{n}": Answer(["/late", f"{B}/gone"] if n == 400 else [f"/{n + 1}"]) for n in range(401)}
    world = World({f"{A}/": Answer(["/gone1", "/gone2", "/gone3", "/0"]), **late})
    check(world, [f"{A}/"], settings=NO_PROBE)
    assert gap(world, f"{A}/gone3") >= 1.0
    assert 0.25 <= gap(world, f"{A}/late") < 0.5
    assert gap(world, f"{B}/gone") >= 1.0


def test_what_waits_already_is_tried_sooner_too(check: Run) -> None:
    """When three words of a host have held, those that were given before wait no longer than those to come; what got no answer does."""
    late = {f"{A}/{n}": Answer(["/late", "/silent", f"{B}/gone"] if n == 60 else [f"/{n + 1}"]) for n in range(61)}
    world = World({f"{A}/": Answer(["/gone1", "/gone2", "/gone3", "/0"]), f"{A}/silent": Answer(failure="refused"), **late})
    check(world, [f"{A}/"], settings=NO_PROBE | {"retries": 0})
    assert world.asked_for(f"{A}/late")[0] < world.asked_for(f"{A}/gone1")[1]
    assert world.asked_for(f"{A}/late")[1] >= world.asked_for(f"{A}/gone3")[1] + 0.25
    assert gap(world, f"{A}/late") < 0.9
    assert gap(world, f"{A}/gone3") >= 1.0
    assert gap(world, f"{A}/silent") >= 5.0
    assert gap(world, f"{B}/gone") >= 1.0


def test_what_is_not_yet_written_is_tried_sooner_too(check: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a host said just before its third word held is in memory only, and waits no longer than what is in the run file."""
    monkeypatch.setattr(ledger, "COMMIT_EVERY_S", 60.0)
    late = [f"{A}/late{n}" for n in range(40)]
    pages = {f"{A}/": Answer(["/gone1", "/gone2", "/gone3", "/6"]), f"{A}/6": Answer(late, delay_s=6.0)}
    world = World(pages | {f"{A}/gone3": [Answer(status=404), Answer(status=404, delay_s=3.0)]}, delay_s=0.05)
    check(world, [f"{A}/"], settings=NO_PROBE | {"concurrency": 2, "gap": 0, "confirm_after": 20})
    held_at = world.asked_for(f"{A}/gone3")[1] + 3.0
    before = [times for url in late if (times := world.asked_for(url))[0] < held_at - 0.05]
    assert len(before) > 10
    assert all(held_at + 0.9 < second < held_at + 2.0 for _, second in before)


def test_what_waits_no_longer_than_it_has_to_waits_on(check: Run) -> None:
    """When the words of a host have held, what waits there for a twentieth already, because another host said it, is asked no sooner."""
    gone = {host: [f"{host}/gone{n}" for n in range(3)] for host in (B, C)}
    world = World({f"{A}/": Answer([*gone[C], "/3", "/22"]), f"{A}/3": Answer(gone[B], delay_s=3.0), f"{A}/22": Answer([f"{B}/r"], delay_s=22.0)}
                  | {f"{B}/r": Answer(to=f"{C}/x", status=301)})  # fmt: skip
    check(world, [f"{A}/"], settings=NO_PROBE | {"confirm_after": 100})
    first, held_at, second = world.asked_for(f"{B}/r")[0], world.asked_for(gone[B][2])[1], world.asked_for(f"{B}/r")[1]
    assert first < held_at < second
    assert 5.0 <= second - first < 6.0


def test_words_that_have_held_again_hurry_nothing_twice(check: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it was forgotten that a host's words have held, and they do once more, what waits there already is asked no sooner."""
    monkeypatch.setattr(checking, "MOST_REMEMBERED", 1)
    gone = [f"{A}/gone{n}" for n in range(6)]
    late = {
        f"{A}/5": Answer([f"{B}/x"], delay_s=5.0),
        f"{A}/21": Answer(gone[3:], delay_s=21.0),
        f"{A}/24": Answer(["/late"], delay_s=24.0),
    }
    world = World({f"{A}/": Answer([*gone[:3], *late]), **late})
    check(world, [f"{A}/"], settings=NO_PROBE | {"confirm_after": 100})
    assert gap(world, f"{B}/x") >= 20.0
    assert world.asked_for(f"{A}/late")[0] < world.asked_for(gone[5])[1]
    assert 5.0 <= gap(world, f"{A}/late") < 6.0


def test_the_word_of_a_host_that_has_not_held_once_is_no_better(check: Run) -> None:
    """One 404 that was none the second time makes every other one of its host wait as long as the first."""
    late = {f"{A}/{n}": Answer(["/late"] if n == 400 else [f"/{n + 1}"]) for n in range(401)}
    world = World({f"{A}/": Answer(["/gone1", "/gone2", "/gone3", "/back", "/0"]), f"{A}/back": [Answer(status=404), Answer()], **late})
    check(world, [f"{A}/"], settings=NO_PROBE)
    assert gap(world, f"{A}/late") >= 1.0


def test_what_gives_no_answer_is_asked_again_after_the_whole_wait(check: Run) -> None:
    """Where a redirect leads to a host that refuses the connection, the second try waits five seconds: a door that is shut may open."""
    world = World({f"{A}/": Answer([f"{B}/x"]), f"{B}/x": Answer(failure="refused")})
    ended = check(world, [f"{A}/"], settings=NO_PROBE | {"retries": 0})
    first, second = world.asked_for(f"{B}/x")
    assert 5.0 <= second - first < 6.0
    assert facts(ended)[f"{B}/x"] == ("failed", None, 2)


def test_the_second_try_decides(check: Run) -> None:
    """What is there the second time is there."""
    world = World({f"{A}/": Answer([f"{B}/x"]), f"{B}/x": [Answer(status=404), Answer()]})
    assert facts(check(world, [f"{A}/"], settings=NO_PROBE))[f"{B}/x"] == ("checked", 200, 2)


def test_a_fault_that_passes_is_no_second_sight(check: Run) -> None:
    """A 404 that comes after a 503 has been seen once only, and is asked for again."""
    world = World({f"{A}/": Answer([f"{B}/x"]), f"{B}/x": [Answer(status=503), Answer(status=404)]})
    assert facts(check(world, [f"{A}/"], settings=NO_PROBE))[f"{B}/x"] == ("http-error", 404, 3)


@pytest.mark.parametrize("status", [401, 403, 429, 999])
def test_a_refusal_is_not_asked_again(check: Run, status: int) -> None:
    """What says that we may not is no broken link, and asking again would only annoy."""
    world = World({f"{A}/": Answer([f"{B}/x"]), f"{B}/x": Answer(status=status)})
    check(world, [f"{A}/"], settings=NO_PROBE | {"retries": 0})
    assert len(world.asked_for(f"{B}/x")) == 1


def test_an_accepted_status_is_not_asked_again(check: Run) -> None:
    """A status that the user accepts is fine the first time."""
    world = World({f"{A}/": Answer([f"{B}/x"]), f"{B}/x": Answer(status=410)})
    check(world, [f"{A}/"], settings=NO_PROBE | {"accept": "200..=299,410"})
    assert len(world.asked_for(f"{B}/x")) == 1


def test_a_host_that_is_not_there_is_asked_twice(check: Run) -> None:
    """No such host: its robots.txt is asked for twice, and the link's visit counts that."""
    lost = Answer(failure="refused")
    world = World({f"{A}/": Answer([f"{B}/x"]), f"{B}/robots.txt": lost, f"{B}/x": lost})
    ended = check(world, [f"{A}/"], settings=NO_PROBE)
    first, second = world.asked_for(f"{B}/robots.txt")
    assert second - first >= 5.0
    assert facts(ended)[f"{B}/x"] == ("failed", None, 2)


def test_the_second_try_holds_nothing(check: Run) -> None:
    """While one target waits for its second try, the others of its host go on."""
    links = [f"{B}/gone", *(f"{B}/{n}" for n in range(40))]
    world = World({f"{A}/": Answer(links), **{link: Answer() for link in links[1:]}})
    check(world, [f"{A}/"], settings=NO_PROBE | {"per_host": 1})
    assert max(max(world.asked_for(link)) for link in links[1:]) < world.asked_for(f"{B}/gone")[1]


def test_a_fragment_has_its_page_read_whole(check: Run) -> None:
    """Where a link names a place on an outside page, that page is asked for whole, once, and its ids are kept."""
    world = World({f"{A}/": Answer([f"{B}/x#here", f"{B}/x"]), f"{B}/x": page('<p id="here"><a name="old">')})
    ended = check(world, [f"{A}/"], settings=NO_PROBE)
    assert accepts(world, f"{B}/x") == ["whole"]
    assert anchors(ended, f"{B}/x") == ["here", "old"]


def anchors(ended: Ended, url: str) -> list[str] | None:
    """Return the ids that the run keeps of a page; None when it keeps none."""
    rows = ended.rows(f"SELECT a.names FROM pages p JOIN anchors a ON a.visit = p.visit WHERE p.url = '{url}'")
    return list(json.loads(rows[0][0])) if rows else None


def test_a_fragment_that_turns_up_late_asks_once_more(check: Run) -> None:
    """A long page that was only glanced at is asked for again when a link names a place on it; a short one has shown its ids."""
    long = page("x" * 40_000 + '<p id="here">')
    world = World(
        {
            f"{A}/": Answer([f"{B}/long", f"{B}/short", "/1"]),
            f"{A}/1": Answer(["/2"], delay_s=3.0),
            f"{A}/2": Answer([f"{B}/long#here", f"{B}/short#here"]),
        }
        | {f"{B}/long": long, f"{B}/short": page('<p id="here">')}
    )
    ended = check(world, [f"{A}/"], settings=NO_PROBE)
    assert accepts(world, f"{B}/long") == ["glance", "whole"]
    assert accepts(world, f"{B}/short") == ["glance"]
    assert anchors(ended, f"{B}/long") == anchors(ended, f"{B}/short") == ["here"]
    assert ended.rows(f"SELECT count(*) FROM pages WHERE url = '{B}/long'") == [(1,)]


def test_a_fragment_found_while_its_page_is_on_its_way(check: Run) -> None:
    """It may turn up between the request and the reply; then too the page is asked for again, whole."""
    long = page("x" * 40_000 + '<p id="here">')._replace(delay_s=5.0)
    world = World({f"{A}/": Answer([f"{B}/x", "/1"]), f"{A}/1": Answer([f"{B}/x#here"], delay_s=1.0), f"{B}/x": long})
    ended = check(world, [f"{A}/"], settings=NO_PROBE)
    assert accepts(world, f"{B}/x") == ["glance", "whole"]
    assert anchors(ended, f"{B}/x") == ["here"]


def test_the_ids_of_pages_within_are_kept(check: Run) -> None:
    """A page that is read anyway needs no second request for its fragments."""
    world = World({f"{A}/": page('<p id="top-of-it">', "/#top-of-it", "/x#y"), f"{A}/x": page('<i id="y">')})
    ended = check(world, [f"{A}/"], settings=NO_PROBE)
    assert anchors(ended, f"{A}/") == ["top-of-it"]
    assert anchors(ended, f"{A}/x") == ["y"]
    assert len(world.asked_for(f"{A}/x")) == 1


def test_each_host_with_pages_is_probed_once(check: Run) -> None:
    """A host that answers with a page is asked once for an address that was made up; no published table has it."""
    world = World({f"{A}/": Answer([f"{A}/1", f"{B}/1", f"{B}/2", f"{C}/pic"]), f"{A}/1": Answer(), f"{B}/1": Answer(), f"{B}/2": Answer()}
                  | {f"{C}/pic": Answer(type="image/png", body=b"\x89PNG")})  # fmt: skip
    ended = check(world, [f"{A}/"])
    probes = [made_up_url(host) for host in (A, B, C)]
    assert [accepts(world, probe) for probe in probes] == [["glance"], ["glance"], []]
    assert ended.rows("SELECT count(*) FROM url WHERE purpose = 'probe'") == [(2,)]
    assert ended.rows("SELECT count(*) FROM sign s JOIN visit v ON v.id = s.visit WHERE v.found_via = 'probe'") == [(2,)]
    assert not [url for view in ("pages", "urls") for (url,) in ended.rows(f"SELECT url FROM {view}") if url in probes]


def test_a_long_page_that_reads_like_an_error_can_be_compared(check: Run) -> None:
    """Though its host is honest at the top, which was known before, the likeness of a long page that calls itself missing is kept; that of others is not."""
    menu = " ".join(f"boots{n}" for n in range(900))
    late = {f"{A}/{n}": Answer(["/shop/lost", "/shop/boots"] if n == 9 else [f"/{n + 1}"]) for n in range(10)}
    lost, boots = (Answer(body=f"<!DOCTYPE html><title>{title}</title>{menu}".encode()) for title in ("Not found", "Boots"))
    ended = check(World({f"{A}/": Answer(["/0"]), f"{A}/shop/lost": lost, f"{A}/shop/boots": boots, **late}), [f"{A}/"])
    rows = ended.rows("SELECT v.url, s.facts FROM sign s JOIN visit v ON v.id = s.visit WHERE v.url LIKE '%/shop/%' AND v.status = 200")
    assert {url.rpartition("/")[2]: "likeness" in json.loads(facts) for url, facts in rows} == {"lost": True, "boots": False}


def test_a_redirect_out_of_the_scope_is_followed_to_see(check: Run) -> None:
    """A page within that redirects outside is followed there, looked at and not read; a crawl would have stopped at the border."""
    world = World({f"{A}/": Answer(["/away"]), f"{A}/away": Answer(to=f"{B}/x"), f"{B}/x": Answer([f"{C}/never"])})
    ended = check(world, [f"{A}/"], settings=NO_PROBE)
    assert facts(ended)[f"{A}/away"] == ("checked", 200, 1)
    assert ended.rows("SELECT final_url, hops FROM pages WHERE hops") == [(f"{B}/x", 1)]
    assert not world.asked_for(f"{C}/never")


def test_a_target_that_redirects_to_what_was_seen_asks_no_more(check: Run) -> None:
    """Where the end of a redirect has been read or looked at, that is the answer: one request a place."""
    world = World({f"{A}/": Answer([f"{B}/x", "/1"]), f"{A}/1": Answer([f"{B}/old", f"{B}/home"], delay_s=2.0), f"{B}/x": Answer()}
                  | {f"{B}/old": Answer(to=f"{B}/x"), f"{B}/home": Answer(to=f"{A}/")})  # fmt: skip
    ended = check(world, [f"{A}/"], settings=NO_PROBE)
    assert len(world.asked_for(f"{B}/x")) == len(world.asked_for(f"{A}/")) == 1
    assert dict(ended.rows("SELECT url, final_url FROM pages WHERE hops")) == {
        f"{B}/old": f"{B}/x", f"{B}/home": f"{A}/",
    }  # fmt: skip


def test_what_is_found_within_the_scope_later_becomes_a_page(check: Run) -> None:
    """A URL that was too deep is looked at; when a shorter way to it turns up, it is read, and has one visit."""
    world = World({f"{A}/": Answer(["/a", "/slow"]), f"{A}/a": Answer(["/far"]), f"{A}/far": Answer(["/end"])}
                  | {f"{A}/slow": Answer(to=f"{A}/near", delay_s=3.0), f"{A}/near": Answer(["/far"]), f"{A}/end": Answer()})  # fmt: skip
    ended = check(world, [f"{A}/", f"{A}/near"], settings=NO_PROBE | {"depth": 1})
    assert facts(ended)[f"{A}/far"][0] == "ok"
    assert ended.rows(f"SELECT count(*) FROM pages WHERE url = '{A}/far'") == [(1,)]


def test_a_target_becomes_a_page_by_a_late_seed(check: Run) -> None:
    """What was only looked at is read when it turns out to be a source: its first visit makes room."""
    world = World({f"{A}/": Answer([f"{B}/x"]), f"{B}/x": Answer([f"{C}/y"]), f"{C}/y": Answer()})
    check(world, [f"{A}/"], settings=NO_PROBE | {"scope": "page"})
    ended = check(world, [f"{A}/", f"{B}/x"], settings=NO_PROBE | {"scope": "page"})
    assert facts(ended) == {f"{A}/": ("ok", 200, 1), f"{B}/x": ("ok", 200, 1), f"{C}/y": ("checked", 200, 1)}
    assert ended.rows("SELECT count(*) FROM visit v LEFT JOIN url u ON u.visit = v.id WHERE u.id IS NULL") == [(0,)]


def test_what_is_excluded_is_left_alone(check: Run) -> None:
    """An excluded URL is neither read nor looked at, inside and outside, and the run says why."""
    world = World({f"{A}/": Answer(["/logout", f"{B}/x", f"{B}/y"]), f"{B}/y": Answer()})
    ended = check(world, [f"{A}/"], settings=NO_PROBE | {"exclude": ["/logout", "/x$"]})
    assert not world.asked_for(f"{A}/logout")
    assert not world.asked_for(f"{B}/x")
    assert ended.rows(f"SELECT state, reason FROM urls WHERE url = '{A}/logout'") == [("recorded", "excluded")]


def test_what_is_skipped_is_left_alone(check: Run) -> None:
    """Who keeps a crawl out of a place does not want it asked for."""
    world = World({f"{A}/": Answer(["/logout"])})
    check(world, [f"{A}/"], settings=NO_PROBE | {"skip": ["/logout"]})
    assert not world.asked_for(f"{A}/logout")


@pytest.mark.parametrize(("only", "asked"), [("external", {f"{A}/", f"{A}/in", f"{B}/x", f"{C}/y"}), ("internal", {f"{A}/", f"{A}/in"})])
def test_only_one_side_of_the_border(check: Run, only: str, asked: set[str]) -> None:
    """The site is crawled in any case; outside targets are looked at unless only internal links are asked about."""
    world = World({f"{A}/": Answer(["/in", f"{B}/x"]), f"{A}/in": Answer([f"{C}/y"]), f"{B}/x": Answer(), f"{C}/y": Answer()})
    assert set(facts(check(world, [f"{A}/"], settings=NO_PROBE | {"only": only}))) == asked


def test_hints_are_not_asked_for(check: Run) -> None:
    """Nothing need be at the root of a host that a page only wants to be connected to."""
    hints = f'<link rel="preconnect" href="{B}/"><link rel="dns-prefetch" href="{C}/"><link rel="stylesheet" href="{B}/s.css">'
    world = World({f"{A}/": page(hints), f"{B}/s.css": Answer(type="text/css", body=b"a{}")})
    check(world, [f"{A}/"], settings=NO_PROBE | {"kinds": "all"}, parts={"read": read_all})
    assert world.asked_for(f"{B}/s.css")
    assert not world.asked_for(f"{B}/")
    assert not world.asked_for(f"{C}/robots.txt")


def test_a_page_of_the_web_leads_to_no_file(check: Run) -> None:
    """Files are looked up for the pages that are files; what a page of the web says of them is nobody's business."""
    disk = "file:///docs/"
    world = World(
        {f"{A}/": Answer([f"{disk}secret"]), f"{disk}a.html": Answer([f"{disk}b.html", "file:///etc/passwd", f"{A}/x"]), f"{A}/x": Answer()}
    )
    check(world, [f"{A}/", f"{disk}a.html"], settings=NO_PROBE, parts={"is_on_disk": lambda url: url.startswith(disk)})
    assert world.asked_for(f"{disk}b.html")
    assert not world.asked_for(f"{disk}secret")
    assert not world.asked_for("file:///etc/passwd")
    assert world.asked_for(f"{A}/x")


def test_a_check_that_was_stopped_goes_on(check: Run) -> None:
    """Stopped between the first and the second try, it asks the second time when it goes on, and ends as if never stopped."""
    pages = {f"{A}/": Answer([f"{B}/gone", f"{B}/x#y", *(f"{B}/{n}" for n in range(30))]), f"{B}/x": page('<i id="y">')}
    world = World(pages)
    check(world, [f"{A}/"], during=stop_when(lambda: len(world.asked) > 12), settings={"per_host": 2})
    ended = check(world, [f"{A}/"], settings={"per_host": 2})
    whole = World(pages)
    undisturbed = {url: seen[:2] for url, seen in facts(check(whole, [f"{A}/"], settings={"per_host": 2})).items()}
    assert {url: seen[:2] for url, seen in facts(ended).items()} == undisturbed
    assert facts(ended)[f"{B}/gone"][2] == 2


def test_made_up_addresses_are_one_a_host() -> None:
    """The same host gets the same address, another host another, and both say who asks."""
    assert made_up_url(A) == made_up_url(A) != made_up_url(B)
    assert made_up_url(A).startswith(f"{A}/linkhaul-")
