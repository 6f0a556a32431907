"""Every link of a run judged, and how much could be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.api.site import Reply, Site, moved, page, served
from tests.insight.conftest import Asked

from linkhaul.api.check import check
from linkhaul.decide.verdict import Rules
from linkhaul.errors import SettingError
from linkhaul.insight import check as insight_check
from linkhaul.insight.check import Judgement, Wanted, by_page, by_verdict, judge
from linkhaul.insight.targets import Targets
from linkhaul.model.check import VERDICTS, Checked, VerdictName
from linkhaul.model.url import url_id
from linkhaul.store.opening import open_to_read

HTML = (("Content-Type", "text/html"),)
SORRY = Reply("<!doctype html><title>Sorry</title><p>There is nothing of this name on our server, dear visitor.", headers=HTML)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sqlite3.Connection, Site]]:
    """Check a small site once."""
    path = tmp_path_factory.mktemp("check") / "site.run"
    anchored = Reply('<!doctype html><title>A</title><p id="Käse">x<a name=b href="/gone">gone</a><a href="/">home</a>', headers=HTML)
    web = {
        "/": page(
            "/a",
            "/gone",
            "/old",
            "/a#K%C3%A4se",
            "/a#b",
            "/a#nope",
            "/old#nope",
            "#top",
            "mailto:bob",
            "/late",
            "http://",
            "/pdf#page=3",
            "/gone",
        ),
        "/a": anchored,
        "/old": moved("/a", 301),
        "/late": Reply("", 503),
        "/pdf": Reply("%PDF", headers=(("Content-Type", "application/pdf"),)),
    }
    with served(web) as site:
        check(site.url(), run=path, confirm_after=0, retries=0)
        with closing(open_to_read(path)) as connection:
            yield connection, site


def verdicts(found: list[Checked], site: Site) -> dict[str, tuple[VerdictName, str]]:
    return {checked.url.replace(site.url(""), ""): (checked.verdict.name, checked.verdict.code) for checked in found}


def test_each_url_has_its_verdict(checked: tuple[sqlite3.Connection, Site]) -> None:
    """Each distinct URL comes once, fragments apart, with what was seen of it, sorted."""
    connection, site = checked
    found = list(judge(connection))
    assert verdicts(found, site) == {
        "/": ("ok", "ok"), "/#top": ("ok", "ok"), "/a": ("ok", "ok"), "/a#K%C3%A4se": ("ok", "ok"), "/a#b": ("ok", "ok"),
        "/a#nope": ("broken", "fragment"), "/gone": ("broken", "404"), "/late": ("unreachable", "503"), "/old": ("redirected", "permanent"),
        "/old#nope": ("broken", "fragment"), "/pdf#page=3": ("ok", "ok"), "mailto:bob": ("broken", "malformed"), "http://": ("broken", "bad-url"),
    }  # fmt: skip
    assert [each.url for each in found] == sorted(each.url for each in found)


def test_each_finding_has_all_its_places(checked: tuple[sqlite3.Connection, Site]) -> None:
    """Every occurrence of a link is a place, in order of pages and numbers, with its text and its element."""
    connection, site = checked
    (gone,) = [each for each in judge(connection) if each.url == site.url("/gone")]
    assert [(place.page_url, place.n, place.text, place.tag, place.internal) for place in gone.places] == [
        (site.url("/"), 2, "to /gone", "a", True),
        (site.url("/"), 13, "to /gone", "a", True),
        (site.url("/a"), 1, "gone", "a", True),
    ]
    pages = by_page([gone])
    assert list(pages) == [site.url("/"), site.url("/a")]
    assert [place.n for place, _ in pages[site.url("/")]] == [2, 13]


def test_the_coverage_counts_what_was_judged(checked: tuple[sqlite3.Connection, Site]) -> None:
    """Pages, links and URLs are counted, and what could not be judged by its reason, whichever findings are asked for."""
    connection, _ = checked
    whole = judge(connection)
    assert len(list(whole)) == whole.coverage.urls == 13
    assert (whole.coverage.pages, whole.coverage.links) == (2, 15)
    assert whole.coverage.by_verdict == {"ok": 6, "redirected": 1, "broken": 5, "unreachable": 1}
    assert (whole.coverage.unverified, whole.coverage.verified) == ({"503": 1}, 12)
    some = judge(connection, wanted=Wanted(names=frozenset({"broken"})))
    assert some.coverage == whole.coverage
    assert {each.verdict.name for each in some} == {"broken"}


def test_all_ways_through_the_links_find_the_same(checked: tuple[sqlite3.Connection, Site], monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are the same whether their places are sorted in memory, sorted with the links, or looked up for each."""
    connection, _ = checked
    found = list(judge(connection))
    assert found == list(judge(connection, wanted=Wanted(names=frozenset(VERDICTS))))
    for most, is_small in ((15, True), (14, False)):
        monkeypatch.setattr(insight_check, "MOST_HELD", most)
        assert judge(connection).is_small is is_small
        assert list(judge(connection)) == found


def test_what_was_said_is_not_judged_twice(checked: tuple[sqlite3.Connection, Site], monkeypatch: pytest.MonkeyPatch) -> None:
    """A second pass takes over what the first one said of each URL; where others stand in between by then, they are judged anew."""
    connection, _ = checked
    first = judge(connection, wanted=Wanted(names=frozenset({"broken"})))
    list(first)
    found = list(judge(connection))
    fewer = judge(connection, wanted=Wanted(only="internal"))
    list(fewer)
    assert list(judge(connection, said=fewer.said)) == found
    monkeypatch.setattr(insight_check, "MOST_SAID", 5)
    some = judge(connection)
    assert list(some) == list(judge(connection, said=some.said)) == found
    monkeypatch.setattr(Judgement, "_judge_target", lambda *_: pytest.fail("judged again"))
    assert list(judge(connection, said=first.said)) == found


def test_what_is_excluded_says_so_and_what_is_not_asked_for_is_left_out(checked: tuple[sqlite3.Connection, Site]) -> None:
    """--exclude gives not-checked, --only and kinds take links out of the answer altogether."""
    connection, site = checked
    found = verdicts(list(judge(connection, wanted=Wanted(exclude=("/gone", "^mailto:")))), site)
    assert (found["/gone"], found["mailto:bob"], found["/a"]) == (("not-checked", "excluded"), ("not-checked", "excluded"), ("ok", "ok"))
    outside = verdicts(list(judge(connection, wanted=Wanted(only="external"))), site)
    assert set(outside) == {"mailto:bob", "http://"}
    assert list(judge(connection, wanted=Wanted(kinds=frozenset({"image"})))) == []
    with pytest.raises(SettingError, match="exclude"):
        judge(connection, wanted=Wanted(exclude=("(",)))


def test_findings_group_by_verdict(checked: tuple[sqlite3.Connection, Site]) -> None:
    """They group by verdict in the order in which verdicts are told."""
    connection, _ = checked
    assert {name: len(some) for name, some in by_verdict(judge(connection)).items()} == {
        "ok": 6,
        "redirected": 1,
        "broken": 5,
        "unreachable": 1,
    }
    assert list(by_verdict(judge(connection))) == ["ok", "redirected", "broken", "unreachable"]


def test_another_days_rules_judge_the_same_run(checked: tuple[sqlite3.Connection, Site]) -> None:
    """What counts as an answer is asked of the run file, not of the web."""
    connection, site = checked
    found = verdicts(list(judge(connection, Rules(accept=((200, 299), (404, 404))))), site)
    assert found["/gone"] == ("ok", "accepted")


def test_a_crawl_is_judged_by_what_it_knows(asked: Asked) -> None:
    """A run that was no check gives verdicts too: what it did not ask for says why, and ids that nobody kept are unverifiable."""
    found = verdicts(list(judge(asked.connection, Rules(tries=1))), asked.site)
    assert found["/a"] == ("ok", "ok")
    assert found["/gone"] == ("broken", "404")
    assert found["/old"] == ("redirected", "temporary")
    assert found["/secret/page"] == ("not-checked", "robots")
    assert found["/skipped/"] == ("not-checked", "skip")
    assert found["https://other.example/"] == ("not-checked", "scope")
    assert found["/a3"][0] == "not-checked"
    twice = verdicts(list(judge(asked.connection)), asked.site)
    assert twice["/gone"] == ("not-checked", "unconfirmed")


def test_a_host_that_answers_everything_is_seen_through(tmp_path: Path) -> None:
    """Pages alike the answer to a made-up address are soft 404s; others of the same host, and its front page, are there."""
    text = "boots and shoes of every size, for walking and for work, with a guide to measure your feet at home"
    web = {
        "/": page("/gone", "/real", "/home"),
        "/real": Reply(f"<!doctype html><title>Boots</title><p>{text}", headers=HTML),
        "/home": moved("/", 302),
    }
    with served(web) as site:
        site._reply = lambda path: web.get(path) or (SORRY if path != "/robots.txt" else Reply("", 404))  # type: ignore[method-assign]
        check(site.url(), run=tmp_path / "soft.run", confirm_after=0, no_sitemaps=True)
        with closing(open_to_read(tmp_path / "soft.run")) as connection:
            found = verdicts(list(judge(connection)), site)
    assert found == {"/gone": ("soft-404", "made-up"), "/real": ("ok", "ok"), "/home": ("redirected", "temporary")}


def test_a_target_that_the_run_never_met_is_unknown(asked: Asked) -> None:
    """Who asks for what is not there is told so."""
    facts = Targets(asked.connection).of(url_id("https://nowhere.example/"), "https://nowhere.example/").facts
    assert (facts.state, facts.url, facts.tries) == ("unknown", "https://nowhere.example/", 0)
