"""What a run file holds for a check: who is asked for what, what was seen, and nothing twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from linkhaul.model.check import Seen, Signs
from linkhaul.model.records import Target, Visit
from linkhaul.model.url import url_id
from linkhaul.store.checks import Checks, NewCheck
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal, NewUrl
from linkhaul.store.opening import create

HOST = "https://b.example"
X = f"{HOST}/x"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = create(tmp_path / "a.run")
    yield connection
    connection.close()


@pytest.fixture
def journal(db: sqlite3.Connection) -> Journal:
    return Journal(db)


@pytest.fixture
def checks(db: sqlite3.Connection, journal: Journal) -> Checks:
    return Checks(db, journal)


def wanted(url: str = X, *, is_whole: bool = False, **fields: Any) -> NewCheck:
    """Return a target to look at."""
    return NewCheck(url_id(url), url, 1, 1, "scope:host", "link", None, is_whole=is_whole, **fields)


def seen(journal: Journal, checks: Checks, anchors: tuple[str, ...] | None = None, **fields: Any) -> None:
    """Store a visit of X that looked at it."""
    target = Target(url_id(X), X, HOST, 1, "link", purpose="check")
    visit = Visit(target, X, "checked", 0.0, 200, content_type="text/html")
    journal.add_visits([(replace(visit, **fields), False)], {})
    checks.keep([(journal.last_visit, Seen(Signs(words=3), anchors))])


def url_row(db: sqlite3.Connection) -> tuple[Any, ...]:
    found: tuple[Any, ...] = db.execute("SELECT state, purpose, fragments, visit FROM url WHERE id = ?", (url_id(X),)).fetchone()
    return found


def test_a_new_target_is_queued_once(db: sqlite3.Connection, checks: Checks) -> None:
    """It is in the frontier with what it is wanted for; named again it is no second one."""
    assert checks.add([wanted()]) == 1
    assert checks.add([wanted(), wanted()]) == 0
    assert url_row(db) == ("queued", "check", 0, None)


def test_the_frontier_tells_what_for(db: sqlite3.Connection, journal: Journal, checks: Checks) -> None:
    """A target taken from it knows its purpose, and whether it is wanted whole."""
    frontier = Frontier(db, journal)
    host_id = frontier.host_id(HOST)
    checks.add([replace(wanted(is_whole=True), host_id=host_id)])
    (target,) = frontier.next_targets(frontier.host(host_id), 10, (), 0.0)
    assert (target.purpose, target.is_whole) == ("check", True)


@pytest.mark.parametrize(
    ("reason", "is_asked"), [("scope:host", True), ("depth", True), ("redirect", True), ("skip", False), ("excluded", False)]
)
def test_what_was_recorded_is_looked_at(db: sqlite3.Connection, journal: Journal, checks: Checks, reason: str, *, is_asked: bool) -> None:
    """Unless the user keeps it out; the reason stays, because it says why the page is not read."""
    journal.add_urls([NewUrl(url_id(X), X, 1, 1, "recorded", reason, "link")])
    assert checks.add([wanted()]) == is_asked
    assert db.execute("SELECT state, reason FROM url").fetchone() == ("queued" if is_asked else "recorded", reason)


def test_a_page_stays_a_page(db: sqlite3.Connection, journal: Journal, checks: Checks) -> None:
    """What is read anyway is not only looked at."""
    journal.add_urls([NewUrl(url_id(X), X, 1, 0, "queued", "seed", "seed")])
    assert checks.add([wanted(is_whole=True)]) == 0
    assert url_row(db)[:2] == ("queued", "page")


def test_ids_that_are_wanted_late_are_asked_for(db: sqlite3.Connection, journal: Journal, checks: Checks) -> None:
    """A page that was looked at without its ids is queued again, and its visit makes room; with them it is not."""
    checks.add([wanted()])
    seen(journal, checks)
    assert checks.add([wanted(is_whole=True)]) == 1
    assert url_row(db) == ("queued", "check", 1, None)
    assert db.execute("SELECT (SELECT count(*) FROM visit), (SELECT count(*) FROM sign)").fetchone() == (0, 0)


@pytest.mark.parametrize(
    "fields", [{"anchors": ("a",)}, {"anchors": ()}, {"content_type": "image/png"}, {"status": 404, "outcome": "http-error"}]
)
def test_ids_that_are_known_or_cannot_be_are_not(db: sqlite3.Connection, journal: Journal, checks: Checks, fields: dict[str, Any]) -> None:
    """A page whose ids are known, a picture and what is not there are asked no more."""
    checks.add([wanted()])
    seen(journal, checks, **fields)
    assert checks.add([wanted(is_whole=True)]) == 0
    assert url_row(db)[0] == "done"


def test_a_target_is_made_a_page(db: sqlite3.Connection, journal: Journal, checks: Checks) -> None:
    """It is queued to be read, as a source if it is one; the visit that looked at it goes."""
    checks.add([wanted()])
    seen(journal, checks)
    new = NewUrl(url_id(X), X, 1, 0, "queued", "seed", "seed")
    assert checks.promote([new]) == 1
    assert checks.promote([new]) == 0
    assert url_row(db) == ("queued", "page", 0, None)
    assert db.execute("SELECT found_via, depth, attempts FROM url").fetchone() == ("seed", 0, 0)


@pytest.mark.parametrize("most", [10, 0])
def test_what_is_wanted_for_more_is_told_apart(checks: Checks, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """A target that was made a page, or is wanted whole, may have changed; the others have not, as long as so many can be remembered."""
    monkeypatch.setattr("linkhaul.store.checks.MOST_CHANGED", most)
    others = [f"{HOST}/{n}" for n in range(2)]
    checks.add([wanted(url) for url in (X, *others)])
    assert not any(checks.known.may_have_changed(url_id(url)) for url in (X, *others))
    checks.add([wanted(X, is_whole=True)])
    checks.promote([NewUrl(url_id(others[0]), others[0], 1, 1, "queued", "scope:host", "link")])
    assert [checks.known.may_have_changed(url_id(url)) for url in (X, *others)] == [True, True, most == 0]


def test_what_was_seen_can_be_found(journal: Journal, checks: Checks) -> None:
    """A visit that ended well answers for its page; for one whose ids are wanted only with them."""
    checks.add([wanted()])
    assert checks.known.visit_that_saw(url_id(X), is_whole=False) is None
    seen(journal, checks)
    assert checks.known.visit_that_saw(url_id(X), is_whole=False) == 1
    assert checks.known.visit_that_saw(url_id(X), is_whole=True) is None


def test_a_copy_of_what_was_looked_at_is_no_page_that_was_read(db: sqlite3.Connection, journal: Journal, checks: Checks) -> None:
    """So that a page that redirects there later is still read."""
    checks.add([wanted(), wanted(f"{HOST}/y")])
    seen(journal, checks)
    target = Target(url_id(f"{HOST}/y"), f"{HOST}/y", HOST, 1, "link", purpose="check")
    journal.add_copy(target, (), 1)
    checks.copied(target.id, 1)
    assert db.execute("SELECT reason FROM url WHERE id = ?", (target.id,)).fetchone() == ("checked",)


def test_made_up_addresses_are_in_no_published_table(db: sqlite3.Connection, journal: Journal, checks: Checks) -> None:
    """The views that people read know nothing of them."""
    checks.add([wanted(purpose="probe")])
    db.execute("UPDATE url SET found_via = 'probe', host_id = ?", (Frontier(db, journal).host_id(HOST),))
    target = Target(url_id(X), X, HOST, 1, "probe", purpose="probe")
    journal.add_visits([(Visit(target, X, "http-error", 0.0, 404), False)], {})
    assert [db.execute(f"SELECT count(*) FROM {view}").fetchone() for view in ("pages", "urls", "hops")] == [(0,)] * 3
    assert checks.known.is_refused(url_id(X)) is True


def test_asking_again_leaves_nothing_behind(db: sqlite3.Connection, journal: Journal, checks: Checks) -> None:
    """The visit goes with all that was kept of it."""
    checks.add([wanted()])
    seen(journal, checks, anchors=("a",))
    checks.ask_again([(url_id(X), 1)], "recheck")
    assert url_row(db) == ("queued", "check", 0, None)
    tables = ("visit", "hop", "sign", "anchors")
    assert [db.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables] == [(0,)] * 4
