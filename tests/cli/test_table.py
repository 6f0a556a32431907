"""The terminal: a table that a hostile page cannot break, and the line that moves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linkhaul.cli import table
from linkhaul.cli.clean import clean, shortened
from linkhaul.cli.table import LinkTable, Paper
from linkhaul.cli.talk import Talk
from linkhaul.config import RowSettings

Start = Callable[..., "subprocess.Popen[bytes]"]
Command = Callable[..., tuple[int, str, str]]
OURS = re.compile(rb"\x1b\[[0-9;]*m|\x1b\]8;[^\x07\x1b]*\x1b\\")  # colours and hyperlinks, which we put there ourselves


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Größe 手入れ", "plain Größe 手入れ"),
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("a\tb\r\nc\u2028d", "a b  c d"),
        ("\x7f\x9b31m", "␡\ufffd31m"),
        ("abc\u202egnp.exe\u2066", "abc\ufffdgnp.exe\ufffd"),
        ("half \ud800", "half \ufffd"),
    ],
)
def test_text_of_the_web_is_harmless(text: str, shown: str) -> None:
    """Controls, escapes, turns of direction and half characters are replaced; letters of any script stay."""
    assert clean(text) == shown
    assert clean(shown) == shown


def test_shortened_text_says_so() -> None:
    """What is cut ends in an ellipsis and is not longer than asked."""
    assert (shortened("abcd", 4), shortened("abcde", 4)) == ("abcd", "abc…")


def test_wide_characters_stay_within_their_cell(capsys: pytest.CaptureFixture[str]) -> None:
    """A column is as wide in Japanese as in Latin letters."""
    from rich.cells import cell_len

    Paper(40).cells(["手入れの仕方と用土の選び方", "b"])
    Paper(40).cells(["a short text and a long one", "b"])
    first, second = capsys.readouterr().out.splitlines()
    assert cell_len(first) == cell_len(second)
    assert "…" in first
    assert "…" in second


def test_the_table_stops_at_some_hundred_rows(
    linkhaul: Command, site: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then it says once how to get all rows."""
    linkhaul("links", "-q", f"{site}/contact/", "-o", "a.csv", "--run", "x.run")
    monkeypatch.setattr(table, "MOST_ROWS", 3)
    shown = LinkTable(folder / "x.run", RowSettings(), Talk())
    shown.show_new()
    shown.show_new()
    shown.close()
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1 + 3
    assert err.count("-o links.csv") == 1


def test_the_columns_that_were_asked_for(linkhaul: Command, site: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--columns gives a plain table with their names above."""
    linkhaul("links", "-q", f"{site}/contact/", "-o", "a.csv", "--run", "x.run")
    shown = LinkTable(folder / "x.run", RowSettings(columns=("n", "internal", "url")), Talk())
    shown.show_new()
    shown.close()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["n", "internal", "url"]
    assert lines[1].split()[:2] == ["1", "yes"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminal that a test could open")
def test_a_terminal_gets_a_table_and_a_line(start: Start, held: Any, folder: Path) -> None:
    """On a terminal rows are a table, the line moves while the job runs, and no escape of a page comes through."""
    import pty

    hostile = "<title>x</title><a href='https://x.example/a?b'>evil &#27;]0;owned&#7; text</a><a href='/held/'>next</a>"
    (folder / "page.html").write_text(hostile)
    ours, theirs = pty.openpty()
    process = start("links", "page.html", f"{held.url}/held/1", stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    assert held.came.acquire(timeout=20)
    seen = b""
    while b"in flight" not in seen:
        seen += os.read(ours, 10_000)
    held.let_go()
    while chunk := _read(ours):
        seen += chunk
    os.close(ours)
    assert process.wait(10) == 0
    plain = OURS.sub(b"", seen).decode()
    assert "\x1b" not in plain
    assert "\x07" not in plain
    assert "evil ␛]0;owned␇ text" in plain
    assert "https://x.example/a?b" in plain
    assert "1 of 2 known pages done" in plain
    assert "2 pages: 2 ok" in plain
    assert "run file: " in plain


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 10_000)
    except OSError:  # Linux's way to say that the other side has closed
        return b""
