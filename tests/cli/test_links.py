"""`linkhaul links` from its sources to its outputs."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import page, served

from linkhaul.demo.routes import pages
from linkhaul.model.columns import LINKS, PAGES, names

Command = Callable[..., tuple[int, str, str]]
Start = Callable[..., "subprocess.Popen[bytes]"]


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_without_an_output_a_pipe_gets_csv(linkhaul: Command, site: str) -> None:
    """Rows go to standard output with all columns, talk goes to stderr, and neither is in the other."""
    code, out, err = linkhaul("links", f"{site}/contact/")
    found = rows(out)
    assert code == 0
    assert list(found[0]) == names(LINKS)
    assert len(found) == 8
    assert "1 page: 1 ok" in err
    assert "8 rows written to standard output" in err
    assert site not in err


def test_quiet_says_nothing(linkhaul: Command, site: str) -> None:
    """-q leaves stderr empty; the rows are the same."""
    code, out, err = linkhaul("links", "-q", f"{site}/contact/")
    assert (code, err) == (0, "")
    assert len(rows(out)) == 8


def test_outputs_of_several_formats_at_once(linkhaul: Command, site: str, folder: Path) -> None:
    """CSV, packed JSON Lines, one database for both tables, and standard output hold the same links."""
    words = ["-o", "a.csv", "-o", "a.jsonl.gz", "-o", "a.sqlite", "--pages", "a.sqlite", "--pages", "p.csv", "-o", "-", "--format", "jsonl"]
    code, out, err = linkhaul("links", f"{site}/contact/", f"{site}/shop/dodo-fern/", *words)
    assert code == 0
    from_stdout = [json.loads(line)["url"] for line in out.splitlines()]
    assert [row["url"] for row in rows((folder / "a.csv").read_text())] == from_stdout
    with sqlite3.connect(folder / "a.sqlite") as database:
        assert [url for (url,) in database.execute("SELECT url FROM links")] == from_stdout
        assert database.execute("SELECT count(*) FROM pages").fetchone() == (2,)
    database.close()
    found = rows((folder / "p.csv").read_text())
    assert list(found[0]) == names(PAGES)
    assert sorted(row["outcome"] for row in found) == ["http-error", "ok"]
    for place in ("8 rows written to a.csv", "8 rows written to a.sqlite", "2 rows written to a.sqlite", "2 rows written to p.csv"):
        assert place in err


def test_an_output_that_exists_is_added_to(linkhaul: Command, site: str, folder: Path) -> None:
    """The header stands once, what was there is untouched, and who adds says so; --overwrite replaces it."""
    code, _, err = linkhaul("links", f"{site}/contact/", "-o", "a.csv")
    assert (code, "rows written to a.csv" in err) == (0, True)
    before = (folder / "a.csv").read_text()
    code, _, err = linkhaul("links", f"{site}/about/", "-o", "a.csv")
    assert (code, "added behind the rows that were in a.csv" in err) == (0, True)
    after = (folder / "a.csv").read_text()
    assert after.startswith(before)
    assert after.count("page_url") == 1
    assert {row["page_url"] for row in rows(after)} == {f"{site}/contact/", f"{site}/about/"}
    assert linkhaul("links", f"{site}/about/", "-o", "a.csv", "--overwrite")[0] == 0
    assert {row["page_url"] for row in rows((folder / "a.csv").read_text())} == {f"{site}/about/"}


def test_other_columns_change_nothing(linkhaul: Command, site: str, folder: Path) -> None:
    """An existing file with other columns is an error that names --overwrite, exit 3, and stays as it was."""
    (folder / "a.csv").write_text("name,address\nAnn,Elm Street\n")
    code, out, err = linkhaul("links", f"{site}/contact/", "-o", "a.csv")
    assert (code, out) == (3, "")
    assert "--overwrite" in err
    assert (folder / "a.csv").read_text() == "name,address\nAnn,Elm Street\n"


def test_which_rows_and_columns(linkhaul: Command, site: str) -> None:
    """--columns, --external, --match, --exclude, --unique and --kinds choose what is written."""
    every = [f"{site}{path}" for path in ("/friends/", "/guide/light/")]
    urls = [row["url"] for row in rows(linkhaul("links", "-q", *every, "--columns", "url,text")[1])]
    outside = rows(linkhaul("links", "-q", *every, "--columns", "url", "--external")[1])
    assert [row["url"] for row in outside] == [url for url in urls if not url.startswith(site)]
    unique = rows(linkhaul("links", "-q", *every, "--unique", "--columns", "url")[1])
    assert len(unique) == len({row["url"].partition("#")[0] for row in rows(linkhaul("links", "-q", *every, "--columns", "url")[1])})
    some = rows(linkhaul("links", "-q", *every, "--match", "guide", "--exclude", "#", "--columns", "url")[1])
    assert [row["url"] for row in some] == [url for url in urls if "guide" in url and "#" not in url]
    kinds = {row["kind"] for row in rows(linkhaul("links", "-q", *every, "--kinds", "image,style")[1])}
    assert kinds == {"image", "style"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("urls.txt", "\ufeff# a comment\r\n{site}/contact/\r\n\r\n{site}/about/\r\n", []),
        ("urls.csv", "name,page\nContact,{site}/contact/\nAbout,{site}/about/\n", ["--column", "page"]),
        ("urls.tsv", "url\tname\n{site}/contact/\tContact\n{site}/about/\tAbout\n", []),
        ("urls.jsonl", '{{"url": "{site}/contact/"}}\n{{"url": "{site}/about/"}}\n', []),
    ],
)
def test_lists(linkhaul: Command, site: str, *, name: str, content: str, words: list[str]) -> None:
    """--from reads a URL a line, or a column."""
    Path(name).write_text(content.format(site=site), encoding="utf-8", newline="")
    code, out, _ = linkhaul("links", "--from", name, *words)
    assert code == 0
    assert {row["page_url"] for row in rows(out)} == {f"{site}/contact/", f"{site}/about/"}


def test_standard_input_and_what_is_wrong_in_it(start: Start, site: str) -> None:
    """'-' reads a list; a line that is no URL is told with its number, a URL named twice is fetched once."""
    process = start("links", "-", stdin=subprocess.PIPE)
    out, err = process.communicate(f"{site}/contact/\nnot a url\n{site}/contact/\n".encode())
    assert process.returncode == 0
    assert len(rows(out.decode())) == 8
    said = err.decode()
    assert "1 source named again" in said
    assert "1 line of the sources could not be used" in said
    assert "-, line 2: 'not a url'" in said


def test_html_files_from_disk(linkhaul: Command, folder: Path) -> None:
    """A folder of HTML files is read as the site that --base-url names."""
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("<a href='b.html'>B</a>")
    code, out, _ = linkhaul("links", "site", "--base-url", "https://shop.example/x/")
    assert code == 0
    assert [(row["page_url"], row["url"]) for row in rows(out)] == [("https://shop.example/x/index.html", "https://shop.example/x/b.html")]


def test_failures_are_explained_and_no_error(linkhaul: Command, site: str) -> None:
    """Pages that fail are told by kind with an example and what to do; when all fail that is said loudly; the exit code is 0."""
    code, out, err = linkhaul("links", f"{site}/shop/dodo-fern/", f"{site}/shop/basket/", "http://127.0.0.1:9/", "--retries", "0")
    assert code == 0
    assert rows(out) == []
    assert "NOT ONE page could be read: all 3 failed" in err
    for line in ("404: the page is gone", "robots: the site asks robots to stay away; --ignore-robots asks anyway", "http://127.0.0.1:9/"):
        assert line in err


def test_the_log_holds_what_happened_and_no_secret(linkhaul: Command, site: str, folder: Path) -> None:
    """--log is JSON Lines: start with the settings, each failure, the end; passwords are in none of it."""
    words = ["--log", "log.jsonl", "--auth", "ann:hunter2", "--header", "X-Key: hunter2", "-o", "a.csv"]
    host = site.removeprefix("http://")
    assert linkhaul("links", f"http://bob:hunter2@{host}/contact/", f"{site}/shop/dodo-fern/", *words)[0] == 0
    text = (folder / "log.jsonl").read_text()
    events = [json.loads(line) for line in text.splitlines()]
    assert [event["event"] for event in events] == ["start", "failure", "end"]
    assert events[0]["settings"]["per_host"] == 8
    assert (events[1]["kind"], events[1]["url"]) == ("404", f"{site}/shop/dodo-fern/")
    assert (events[2]["done"], events[2]["exit_code"]) == (2, 0)
    assert "hunter2" not in text


@pytest.mark.parametrize("name", ["a.csv", "a.sqlite"])
def test_rows_that_are_added_once_more_are_told(linkhaul: Command, site: str, name: str) -> None:
    """The same command after its end begins anew and adds its rows, and says so; with --overwrite, and the first time, it does not."""
    said = "this command had come to its end before, so it read all anew and added the rows once more; --overwrite replaces them"
    words = ["links", f"{site}/contact/", "-o", name]
    assert said not in linkhaul(*words)[2]
    assert said in linkhaul(*words)[2]
    assert said not in linkhaul(*words, "--overwrite")[2]


def test_a_complete_run_says_that_nothing_is_left(linkhaul: Command, site: str) -> None:
    """A named run that has come to its end says so, instead of going on with no links."""
    words = ["links", f"{site}/contact/", "-o", "a.csv", "--run", "a.run"]
    assert "complete" not in linkhaul(*words)[2]
    err = linkhaul(*words)[2]
    assert "this run is complete: only what it has not read yet is asked for; --fresh starts over\n" in err
    assert "nothing was left to do: the run is complete\nno row was missing in a.csv\n" in err
    assert "0 links" not in err
    more = linkhaul(*words, f"{site}/")[2]
    assert "nothing was left" not in more
    assert "rows written to a.csv" in more


def test_standard_output_by_name_gets_csv(linkhaul: Command, site: str) -> None:
    """-o - is what a pipe gets without -o, and --format chooses another."""
    named = linkhaul("links", "-q", f"{site}/contact/", "-o", "-", "--columns", "url")
    assert named[:2] == linkhaul("links", "-q", f"{site}/contact/", "--columns", "url")[:2]
    assert linkhaul("links", "-q", f"{site}/contact/", "-o", "-", "--format", "jsonl", "--columns", "url")[1].startswith('{"url":')


def test_the_log_holds_the_error_that_ended_it(linkhaul: Command, site: str, folder: Path) -> None:
    """What keeps a job from running is the log's last event."""
    (folder / "a.csv").write_text("other\n")
    assert linkhaul("links", f"{site}/contact/", "-o", "a.csv", "--log", "log.jsonl")[0] == 3
    assert json.loads((folder / "log.jsonl").read_text().splitlines()[-1])["kind"] == "OutputError"


def test_fresh_asks_before_rows_are_destroyed(linkhaul: Command, site: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody can be asked --fresh needs --yes; a person is asked, and no is the default."""
    words = ["links", "-q", f"{site}/contact/", "--run", "x.run"]
    assert linkhaul(*words)[0] == 0
    kept = (folder / "x.run").read_bytes()
    code, _, err = linkhaul(*words, "--fresh")
    assert code == 2
    assert "--yes" in err
    monkeypatch.setattr("linkhaul.cli.fetching.is_terminal", lambda _: True)
    asked: list[str] = []

    def refuse(question: str, **choices: Any) -> bool:
        asked.append(question)
        assert choices["default"] is False
        return False

    monkeypatch.setattr("click.confirm", refuse)
    assert linkhaul(*words, "--fresh", "-o", "a.csv")[0] == 3
    assert "the rows of 1 page (a finished run)" in asked[0]
    assert (folder / "x.run").read_bytes() == kept
    assert linkhaul(*words, "--fresh", "--yes", "-o", "a.csv")[0] == 0
    assert len(rows((folder / "a.csv").read_text())) == 8


def test_fresh_never_destroys_what_is_no_run_file(linkhaul: Command, site: str, folder: Path) -> None:
    """--run --fresh --yes with somebody's own file is an error, and the file stays."""
    (folder / "mine.db").write_bytes(b"my own words" * 100)
    code, _, err = linkhaul("links", f"{site}/contact/", "--run", "mine.db", "--fresh", "--yes")
    assert code == 3
    assert "not a run file" in err
    assert (folder / "mine.db").read_bytes() == b"my own words" * 100


def test_a_reader_that_goes_away(linkhaul: Command, start: Start, site: str, folder: Path) -> None:
    """`| head -1` gets its line; we stop as other tools do, have nothing to say about it, and the same command goes on."""
    (folder / "urls.txt").write_text("".join(f"{site}{path}\n" for path in pages()))
    process = start("links", "--from", "urls.txt", "--kinds", "all")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"page_url,n,url")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(10) == 141
    code, out, err = linkhaul("links", "--from", "urls.txt", "--kinds", "all")
    assert code == 0
    assert f"{len(pages())} pages" in err
    assert {line.split(",")[0] for line in out.splitlines()} >= {f"{site}/", f"{site}/guide/", f"{site}/shop/"}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "2 links not written: rows are what leads to http or https; --kinds all has the rest, such as mailto:"),
        (["--unique"], "3 links not written: --unique writes each URL once"),
        (["--external", "--match", "o"], "4 links not written: --external and --match chose the rows"),
        (["--exclude", "other", "--unique"], "4 links not written: --exclude chose the rows, --unique writes each URL once"),
        (["--kinds", "all"], None),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_fewer_rows_than_links_are_explained(linkhaul: Command, words: list[str], why: str | None) -> None:
    """Where the summary counts more links than rows, it says which choice left them out; where not, it says nothing of it."""
    with served({"/": page("/a", "/a", "https://other.example/", "mailto:ann@example.org", "tel:1")}) as site:
        code, _, err = linkhaul("links", site.url(), *words)
    assert code == 0
    assert "5 links in" in err
    assert [line for line in err.splitlines() if "not written" in line] == ([] if why is None else [why])
