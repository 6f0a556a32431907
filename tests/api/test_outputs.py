"""The outputs of a run: added to, replaced, refused, gone on with."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import Site, page

import linkhaul
from linkhaul.api import outputs
from linkhaul.api.outputs import Output
from linkhaul.errors import OutputError
from linkhaul.export.outputs import write_whole
from linkhaul.model.columns import LINKS, PAGES, names

Serve = Callable[[object], Site]
PAGES_SERVED = {"/": page("/a", "/b"), "/a": page("/c", "/a#x"), "/b": page("/a", "/c", "https://example.org/")}


def table(path: str) -> list[dict[str, str]]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def rows_of(path: str) -> list[str]:
    """Return the URLs of an output, whatever its format."""
    if path.endswith(".csv"):
        return [row["url"] for row in table(path)]
    if path.endswith(".jsonl"):
        return [json.loads(line)["url"] for line in Path(path).read_text().splitlines()]
    if path.endswith(".sqlite"):
        with closing(sqlite3.connect(path)) as connection:
            return [url for (url,) in connection.execute("SELECT url FROM links ORDER BY rowid")]
    if path.endswith(".parquet"):
        pq = pytest.importorskip("pyarrow.parquet")
        return list(pq.read_table(path).column("url").to_pylist())
    raise AssertionError(path)


def unfinished(path: str = "all.run") -> None:
    """Make a run file look as a process that was killed just before the end of the run leaves it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE run SET value = '\"running\"' WHERE name = 'state'")


def test_several_outputs_have_the_same_rows(serve: Serve) -> None:
    """Every format gets every row, in the same order; pages go to theirs."""
    site = serve(PAGES_SERVED)
    places = ["a.csv", "a.jsonl", "a.sqlite"]
    run = linkhaul.links([site.url(path) for path in PAGES_SERVED], places, pages=["p.csv", "p.sqlite"])
    assert {name: rows_of(name) for name in places} == {name: [link.url for link in run.links] for name in places}
    assert [row["url"] for row in table("p.csv")] == [row[0] for row in run.pages]
    assert list(table("a.csv")[0]) == names(LINKS)
    assert list(table("p.csv")[0]) == names(PAGES)


def test_links_and_pages_may_share_a_database(serve: Serve) -> None:
    """One SQLite file can hold both tables."""
    site = serve(PAGES_SERVED)
    linkhaul.links(site.url(), "all.sqlite", pages="all.sqlite")
    with closing(sqlite3.connect("all.sqlite")) as connection:
        assert connection.execute("SELECT (SELECT count(*) FROM links), (SELECT count(*) FROM pages)").fetchone() == (2, 1)


def test_what_is_there_is_added_to(serve: Serve) -> None:
    """A file of the user's with the same columns keeps its rows and gets ours behind them."""
    site = serve(PAGES_SERVED)
    Path("mine.csv").write_text("url,text\r\nhttps://mine.example/,mine\r\n")
    linkhaul.links(site.url(), "mine.csv", columns=["url", "text"])
    assert Path("mine.csv").read_bytes().startswith(b"url,text\r\nhttps://mine.example/,mine\r\n")
    assert rows_of("mine.csv") == ["https://mine.example/", site.url("/a"), site.url("/b")]


def test_other_columns_are_refused(serve: Serve) -> None:
    """A file with other columns is an error that names the way out; nothing is asked, the file is untouched."""
    site = serve(PAGES_SERVED)
    Path("mine.csv").write_text("name,age\r\nann,7\r\n")
    with pytest.raises(OutputError, match="overwrite"):
        linkhaul.links(site.url(), "mine.csv")
    assert Path("mine.csv").read_text() == "name,age\r\nann,7\r\n" or Path("mine.csv").read_bytes() == b"name,age\r\nann,7\r\n"
    assert site.total == 0
    linkhaul.links(site.url(), "mine.csv", overwrite=True)
    assert rows_of("mine.csv") == [site.url("/a"), site.url("/b")]


def test_overwrite_replaces(serve: Serve) -> None:
    """With `overwrite` only the rows of this run are there."""
    site = serve(PAGES_SERVED)
    for name in ("a.csv", "a.jsonl", "a.sqlite"):
        for _ in range(2):
            linkhaul.links(site.url(), name, overwrite=True)
        assert rows_of(name) == [site.url("/a"), site.url("/b")]


def test_going_on_with_overwrite_keeps_the_rows_of_the_run(serve: Serve) -> None:
    """A run that goes on does not overwrite what it wrote itself."""
    site = serve(PAGES_SERVED)
    linkhaul.links(site.url(), "a.csv", run="all.run", overwrite=True)
    linkhaul.links([site.url(), site.url("/a")], "a.csv", run="all.run", overwrite=True)
    assert rows_of("a.csv") == [site.url("/a"), site.url("/b"), site.url("/c"), site.url("/a#x")]


@pytest.mark.parametrize("name", ["a.parquet", "a.xlsx"])
def test_what_is_written_at_the_end_is_whole_after_each_end(serve: Serve, name: str) -> None:
    """A Parquet file or workbook has all rows of the run, also when the run went on and wrote it again."""
    pytest.importorskip("pyarrow" if name.endswith("parquet") else "xlsxwriter")
    site = serve(PAGES_SERVED)
    linkhaul.links(site.url(), name, run="all.run")
    first = Path(name).read_bytes()
    run = linkhaul.links([site.url(), site.url("/a")], name, run="all.run")
    assert Path(name).read_bytes() != first
    if name.endswith("parquet"):
        assert rows_of(name) == [link.url for link in run.links]
    assert [path.name for path in Path().glob(".*")] == []


def test_a_foreign_parquet_file_is_left_alone(serve: Serve) -> None:
    """A file that cannot be added to and is not ours is refused before anything is asked."""
    pytest.importorskip("pyarrow")
    site = serve(PAGES_SERVED)
    Path("a.parquet").write_bytes(b"PAR1 mine PAR1")
    with pytest.raises(OutputError, match="overwrite"):
        linkhaul.links(site.url(), "a.parquet")
    assert Path("a.parquet").read_bytes() == b"PAR1 mine PAR1"
    assert site.total == 0


def test_killed_after_a_whole_output_was_put_in_place(serve: Serve) -> None:
    """A process that dies between writing a Parquet file and noting it goes on, and knows the file for its own."""
    pytest.importorskip("pyarrow")
    site = serve(PAGES_SERVED)

    class Killed(BaseException):
        pass

    def write_and_die(*given: Any, **options: Any) -> int:
        write_whole(*given, **options)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs, "write_whole", write_and_die)
        with pytest.raises(Killed):
            linkhaul.links(site.url(), "a.parquet", run="all.run")
    linkhaul.links(site.url(), "a.parquet", run="all.run")
    assert rows_of("a.parquet") == [site.url("/a"), site.url("/b")]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.sqlite"])
def test_an_output_that_is_ahead_is_cut_back(serve: Serve, name: str) -> None:
    """Rows beyond the mark, of a process that died before it was noted, are not doubled."""
    site = serve(PAGES_SERVED)
    linkhaul.links(site.url(), name, run="all.run")
    with closing(sqlite3.connect("all.run")) as connection, connection:
        (mark, upto) = connection.execute("SELECT mark, upto FROM output").fetchone()
    linkhaul.links([site.url(), site.url("/b")], name, run="all.run")
    with closing(sqlite3.connect("all.run")) as connection, connection:
        if "ended" in mark:
            mark = json.dumps({key: value for key, value in json.loads(mark).items() if key != "ended"})
        connection.execute("UPDATE output SET mark = ?, upto = ?", (mark, upto))
    unfinished()
    run = linkhaul.links([site.url(), site.url("/b")], name, run="all.run")
    assert rows_of(name) == [link.url for link in run.links]
    assert len(rows_of(name)) == 5


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.sqlite"])
def test_an_output_that_was_taken_away_is_written_anew(serve: Serve, name: str) -> None:
    """When a run goes on and its output is gone, every row is written again."""
    site = serve(PAGES_SERVED)
    linkhaul.links(site.url(), name, run="all.run")
    Path(name).unlink()
    run = linkhaul.links([site.url(), site.url("/b")], name, run="all.run")
    assert rows_of(name) == [link.url for link in run.links]


def test_another_output_of_a_run_gets_every_row(serve: Serve) -> None:
    """An output that is named first when the run goes on gets the rows from its beginning."""
    site = serve(PAGES_SERVED)
    linkhaul.links(site.url(), "a.csv", run="all.run")
    run = linkhaul.links([site.url(), site.url("/b")], ["b.jsonl", "c.csv"], run="all.run")
    assert rows_of("b.jsonl") == rows_of("c.csv") == [link.url for link in run.links]
    assert rows_of("a.csv") == [site.url("/a"), site.url("/b")]


def test_other_rows_into_the_same_output_are_refused(serve: Serve) -> None:
    """A run that goes on with another selection of rows must not mix them into the same file."""
    site = serve(PAGES_SERVED)
    linkhaul.links(site.url(), "a.csv", run="all.run")
    before = Path("a.csv").read_bytes()
    with pytest.raises(OutputError, match="another file"):
        linkhaul.links([site.url(), site.url("/b")], "a.csv", run="all.run", only="external")
    assert Path("a.csv").read_bytes() == before


def test_unique_names_each_url_once(serve: Serve) -> None:
    """With `unique` each URL is one row, where it is found first, in outputs and in the run, across pages and calls."""
    site = serve(PAGES_SERVED)
    first = linkhaul.links([site.url(), site.url("/a")], "u.csv", run="all.run", unique=True, concurrency=1)
    assert rows_of("u.csv") == [link.url for link in first.links] == [site.url("/a"), site.url("/b"), site.url("/c")]
    run = linkhaul.links([site.url(), site.url("/a"), site.url("/b")], "u.csv", run="all.run", unique=True, concurrency=1)
    assert rows_of("u.csv") == [link.url for link in run.links] == [site.url("/a"), site.url("/b"), site.url("/c"), "https://example.org/"]


def test_unique_counts_among_the_rows_that_are_written(serve: Serve) -> None:
    """A URL whose first link is not chosen is written where the first chosen one is."""
    one, other = serve({"/": page("http://localhost:9/x")}), serve({"/": page("http://localhost:9/x")})
    here, there = one.url(), other.url().replace("127.0.0.1", "localhost")
    linkhaul.links([there, here], "u.csv", unique=True, only="external", concurrency=1, run="all.run")
    assert [(row["page_url"], row["url"]) for row in table("u.csv")] == [(here, "http://localhost:9/x")]


def test_unique_from_a_run_that_was_made_without(serve: Serve) -> None:
    """A run that goes on with `unique` names each URL of its earlier pages once, too."""
    site = serve(PAGES_SERVED)
    linkhaul.links([site.url(), site.url("/a")], run="all.run", concurrency=1)
    run = linkhaul.links(site.url(), "u.csv", run="all.run", unique=True)
    assert rows_of("u.csv") == [link.url for link in run.links] == [site.url("/a"), site.url("/b"), site.url("/c")]


def test_an_output_that_fails_lets_go_of_the_run(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """When an output cannot even be closed the run file and its lock are free all the same."""
    site = serve(PAGES_SERVED)

    close = Output.close

    def full(self: Output) -> None:
        close(self)
        raise OutputError("a.csv: no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Output, "close", full)
        with pytest.raises(OutputError, match="no space"):
            linkhaul.links(site.url(), "a.csv", run="all.run")
    assert len(linkhaul.links(site.url(), run="all.run").links) == 2
