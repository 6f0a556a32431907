"""What is committed, when, and what the outputs see of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.motion.world import Answer, Answers, Ended, Trial, World, read

from linkhaul.errors import OutputError, RunFileError
from linkhaul.model.records import Link, Page, Reply
from linkhaul.motion import engine, ledger
from linkhaul.motion.admit import Admission
from linkhaul.motion.ledger import Ledger
from linkhaul.motion.progress import Progress
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import Journal
from linkhaul.store.known import Known
from linkhaul.store.opening import create, open_to_read

Run = Callable[..., Ended]
A = "https://a.example"
FAST = {"ignore_robots": True}


class Watching:
    """A sink that looks at the run file each time, as a crash at that moment would leave it.

    Attributes:
        links: what it was given, in order.
        ahead: whether it was ever given what was not committed, or whose mark was committed before it had it.
    """

    path = "somewhere.csv"

    def __init__(self, run_path: Path, *, fails_at: int = 10**9) -> None:
        self.run_path = run_path
        self.fails_at = fails_at
        self.links: list[Link] = []
        self.upto = 0
        self.takes = 0
        self.ahead = False

    def take(self, upto: int, pages: Sequence[Page]) -> tuple[str, int]:
        with closing(open_to_read(self.run_path)) as connection:
            (committed,) = connection.execute("SELECT max(id) FROM visit").fetchone()
            (marked,) = connection.execute("SELECT max(upto) FROM output").fetchone()
        self.ahead = self.ahead or (committed or 0) < upto or (marked or 0) > self.upto
        self.takes += 1
        if self.takes > self.fails_at:
            raise OutputError("somewhere.csv: no space left on device")
        links = [link for page in pages for link in page.links]
        self.links += links
        self.upto = upto
        return f"mark {upto}", len(links)


@pytest.fixture
def watching(tmp_path: Path) -> Watching:
    path = tmp_path / "trial.run"
    with closing(create(path)) as connection:
        connection.execute("INSERT INTO output (path, spec) VALUES ('somewhere.csv', '')")
    return Watching(path)


def site(count: int) -> dict[str, Answer]:
    return {f"{A}/{n}": Answer([f"/x{n}", "/y"], delay_s=0.4) for n in range(count)}


def test_outputs_get_what_is_committed_and_nothing_else(run: Run, watching: Watching) -> None:
    """A sink is fed after the commit; its mark is committed after it was fed; in the end both are complete."""
    ended = run(World(site(60)), site(60), settings=FAST, sinks=[watching])
    assert not watching.ahead
    assert watching.takes > 2
    assert [(link.page_url, link.n) for link in watching.links] == ended.rows("SELECT page_url, n FROM links ORDER BY visit, n")
    assert ended.rows("SELECT mark, upto FROM output") == [("mark 60", 60)]
    assert ended.progress.links_written == 120


def test_much_is_committed_before_its_time(run: Run, watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of many bytes do not wait for a second to pass: their links may be as large as they are."""
    monkeypatch.setattr(ledger, "MOST_BYTES", 200)
    ended = run(World(site(40), delay_s=0.0), [f"{A}/{n}" for n in range(40)], settings=FAST, sinks=(watching,))
    assert ended.progress.done == 40
    assert watching.takes > ended.progress.seconds / ledger.COMMIT_EVERY_S + 5


LONG = "/" + "b" * 1_000 + "/"
SWELLING = {
    "a-base-in-each-link": (f"<base href='{LONG}'>" + "<a href=x>" * 20, None),
    "a-text-in-each-anchor-around-it": ("<a href=x><table><tr><td>" * 20 + "t" * 1_000, None),
    "rows-made-of-it": ("<a href=x>", ((1, b"x" * 20_000),)),
}


@pytest.mark.parametrize(("body", "texts"), SWELLING.values(), ids=SWELLING)
def test_what_a_page_becomes_is_counted(
    run: Run, watching: Watching, monkeypatch: pytest.MonkeyPatch, body: str, texts: tuple[tuple[int, bytes], ...] | None
) -> None:
    """A page of few bytes whose links, or the rows made of them, are many does not wait for a second to pass either."""
    monkeypatch.setattr(ledger, "MOST_BYTES", 40_000)
    urls = [f"{A}/{n}" for n in range(20)]

    def read_here(reply: Reply, url: str, found_at: str) -> Page:
        return replace(read(reply, url, found_at), texts=texts)

    answers = {url: Answer(body=body.encode()) for url in urls}
    ended = run(World(answers, delay_s=0.0), urls, settings=FAST, sinks=(watching,), parts={"read": read_here})
    assert ended.progress.done == 20
    assert watching.takes > ended.progress.seconds / ledger.COMMIT_EVERY_S + 5


def test_a_small_memory_holds_fewer_pages(run: Run, watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a memory that is little for a run, what waits to be committed takes no more than its part."""
    monkeypatch.setattr(engine, "MEMORY_SHARE", 64_000_000 // 200)
    settings = {**FAST, "memory": 64_000_000}
    ended = run(World(site(40), delay_s=0.0), [f"{A}/{n}" for n in range(40)], settings=settings, sinks=(watching,))
    assert ended.progress.done == 40
    assert watching.takes > ended.progress.seconds / ledger.COMMIT_EVERY_S + 5


def test_a_link_comes_back_as_it_was_read(run: Run, watching: Watching) -> None:
    """Links read back from the run file equal the links that the outputs got, field by field."""
    from linkhaul.store.reader import last_visit, links_between

    body = b"""<html><body><nav><a href="x?a=1&amp;b=2#f" rel="nofollow ugc" title=" t " target=_blank hreflang=de type=text/html download>T <b>x</b></a>
        </nav><a href="http://[broken">?</a><a href=//b.example/>b</a><a href="">self</a></body></html>"""
    ended = run(World({f"{A}/": Answer(body=body)}), [f"{A}/"], settings=FAST, sinks=[watching])
    with closing(open_to_read(ended.path)) as connection:
        assert list(links_between(connection, 0, last_visit(connection))) == watching.links
    assert len(watching.links) >= 3


def test_an_output_that_fails_ends_the_run_and_loses_nothing(run: Run, watching: Watching) -> None:
    """When an output cannot be written the run ends with that error; its mark stays where its rows are."""
    watching.fails_at = 1
    ended = run(World(site(60)), site(60), settings=FAST, sinks=[watching])
    assert isinstance(ended.error, OutputError)
    assert ended.rows("SELECT upto FROM output") == [(watching.upto,)]
    [(visits, urls)] = ended.rows("SELECT count(*), count(DISTINCT url) FROM pages")
    assert visits == urls > watching.upto


def test_one_output_that_fails_does_not_move_the_others_mark(run: Run, watching: Watching) -> None:
    """What another output took in the same round is beyond its mark, so that it is cut back and fed again."""
    first = Watching(watching.run_path)
    watching.fails_at = 1
    ended = run(World(site(60)), site(60), settings=FAST, sinks=[first, watching])
    assert isinstance(ended.error, OutputError)
    assert ended.rows("SELECT upto FROM output")[0][0] <= watching.upto < first.upto


def test_an_output_that_failed_gets_nothing_more(tmp_path: Path) -> None:
    """What comes after a failure would stand where the rows that failed are missing: no output is fed, and no mark moves."""
    path = tmp_path / "trial.run"
    with closing(create(path)) as connection:
        connection.execute("INSERT INTO output (path, spec) VALUES ('somewhere.csv', '')")
        journal, watching = Journal(connection), Watching(path, fails_at=1)
        admission = Admission(Frontier(connection, journal), None, obey_nofollow=False)  # type: ignore[arg-type]
        ledger = Ledger(journal, Known(connection), admission, [watching], Progress())
        for number, may_fail in ((1, False), (2, True), (3, False)):
            journal.last_visit = number
            journal.put("INSERT INTO visit SELECT * FROM visit WHERE ?", [(0,)])
            with pytest.raises(OutputError) if may_fail else nullcontext():
                ledger.commit(float(number))
            watching.fails_at = 10**9 if may_fail else watching.fails_at
        ledger.save()
        assert (watching.takes, watching.upto) == (2, 1)
        assert connection.execute("SELECT upto FROM output").fetchone() == (1,)


class Failing(sqlite3.Connection):
    """A connection whose disk is full for one statement."""

    statement = "never"

    def executemany(self, sql: str, rows: object, /) -> sqlite3.Cursor:
        if self.statement in sql:
            type(self).statement = "never"
            raise sqlite3.OperationalError("database or disk is full")
        return super().executemany(sql, rows)  # type: ignore[arg-type]


@pytest.mark.parametrize("statement", ["INTO visit", "INTO link", "SET state = 'done'", "INTO url", "not_before = ?", "INTO hop"])
def test_a_disk_that_is_full_for_a_moment_doubles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """Wherever in a batch writing fails: the run ends with the remedy, and the next process completes it, each page once."""
    pages: dict[str, Answers] = {**site(20), f"{A}/r": Answer(to="/0"), f"{A}/again": [Answer(status=503), Answer(["/z"])]}
    monkeypatch.setattr(Failing, "statement", "never")
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *places, **options: connect(*places, **{"factory": Failing, **options}))
    trial = Trial(path=tmp_path / "trial.run", settings=FAST)
    Trial(path=trial.path, settings={**FAST, "max_time": 0.3}).run(World(pages), list(pages)[:2])
    monkeypatch.setattr(Failing, "statement", statement)
    ended = trial.run(World(pages), pages)
    assert isinstance(ended.error, RunFileError)
    assert "make space" in str(ended.error)
    [(visits, distinct)] = ended.rows("SELECT count(*), count(DISTINCT url) FROM pages")
    assert visits == distinct
    ended = trial.run(World(pages), pages)
    assert ended.error is None
    assert ended.outcomes() == dict.fromkeys(pages, "ok")
    assert ended.rows("SELECT count(*), count(DISTINCT url) FROM pages") == [(22, 22)]
    assert ended.rows("SELECT count(*), count(DISTINCT page_url || n) FROM links") == [(41, 41)]
