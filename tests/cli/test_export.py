"""`linkhaul export`: a table of a run, written once more."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from linkhaul.model.columns import TABLES, names

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def crawled(linkhaul: Command, site: str) -> str:
    """Crawl the demo site and return its address."""
    assert linkhaul("crawl", "-q", f"{site}/", "--run", "site.run", "-o", "links.csv", "--pages", "pages.csv")[0] == 0
    return site


@pytest.mark.parametrize("table", list(TABLES))
def test_every_table(linkhaul: Command, crawled: str, table: str) -> None:
    """Each table is written with its columns; without -o as CSV to standard output."""
    code, out, err = linkhaul("export", "site.run", "--table", table)
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert code == 0
    assert list(rows[0]) == names(TABLES[table])
    assert f"{len(rows)} row{'' if len(rows) == 1 else 's'} of {table} written to standard output" in err
    assert linkhaul("export", "site.run", "--table", table, "-o", "x.jsonl")[0] == 0
    assert [json.loads(line)[names(TABLES[table])[0]] for line in Path("x.jsonl").read_text().splitlines()] == [
        row[names(TABLES[table])[0]] for row in rows
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["pages"], "linkhaul: 'pages' is one word too many; did you mean --table pages?\n"),
        (["link"], "linkhaul: 'link' is one word too many; did you mean --table links?\n"),
        (["x.csv", "pages"], "linkhaul: 'x.csv' is one word too many; --table names the table, and -o the file\n"),
    ],
    ids=["a-table", "nearly", "a-file"],
)
def test_a_word_too_many(linkhaul: Command, words: list[str], sentence: str) -> None:
    """What was probably meant is said; nothing is written."""
    assert linkhaul("export", "site.run", *words) == (2, "", sentence)


def test_an_export_is_what_the_run_wrote(linkhaul: Command, crawled: str) -> None:
    """The links and pages exported are those that the crawl wrote itself."""
    for table in ("links", "pages"):
        assert linkhaul("export", "site.run", "--table", table, "-o", f"again-{table}.csv")[0] == 0
        ours, theirs = Path(f"{table}.csv").read_text(), Path(f"again-{table}.csv").read_text()
        assert sorted(ours.splitlines()) == sorted(theirs.splitlines())


def test_links_are_selected(linkhaul: Command, crawled: str) -> None:
    """Which links, and which columns of them, is chosen as in `links`."""
    out = linkhaul("export", "site.run", "--external", "--unique", "--columns", "url,internal")[1]
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert rows
    assert {row["internal"] for row in rows} == {"false"}
    assert len({row["url"] for row in rows}) == len(rows)
    some = linkhaul("export", "site.run", "--match", "/guide/", "--exclude", "moss", "--columns", "url")[1].splitlines()[1:]
    assert some
    assert all("/guide/" in url and "moss" not in url for url in some)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--table", "pages", "--unique"], "--unique: only the table links is selected from"),
        (["--table", "sheets"], "--table"),
        (["--table", "pags"], "'hosts'; did you mean pages?"),
        (["--columns", "urk"], "did you mean 'url'"),
        (["-o", "x.doc"], "suffix"),
        (["--internal", "--external"], "--internal and --external"),
    ],
)
def test_what_cannot_be_meant(linkhaul: Command, crawled: str, words: list[str], said: str) -> None:
    """A usage error is one line and exit code 2."""
    code, out, err = linkhaul("export", "site.run", *words)
    assert (code, out) == (2, "")
    assert said in err


def test_nothing_is_replaced_or_added_to(linkhaul: Command, crawled: str) -> None:
    """A file that is there stays as it is without --overwrite, also when its columns are ours."""
    assert linkhaul("export", "site.run", "--table", "hops", "-o", "x.csv")[0] == 0
    before = Path("x.csv").read_bytes()
    code, _, err = linkhaul("export", "site.run", "--table", "hops", "-o", "x.csv")
    assert (code, Path("x.csv").read_bytes()) == (3, before)
    assert "use --overwrite to replace it" in err
    assert linkhaul("export", "site.run", "--table", "hops", "-o", "x.csv", "--overwrite")[0] == 0
    assert Path("x.csv").read_bytes() == before
