"""What pages say reaches a terminal harmless, and files as it is: controls, escapes, turned writing, halves of characters."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.trials.hostile import Hostile, hostile, moved, page

if sys.platform == "win32":
    pytest.skip("there is no pseudo-terminal here", allow_module_level=True)
import pty

ESCAPES = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example/\x1b\\",
    "\x1bc",
    "\x9b2J",
    "\x1bP1;1|\x1b\\",
    "\x08\x08\x7f",
]
TURNS = ["\u202egnp.exe", "\u2066a\u2069", "\u200fa", "\u061ca", "\ufeff"]
BREAKS = ["a\u2028b", "a\u2029b", "a\x85b", "a\x0bb", "a\x00b"]
TEXTS = [*ESCAPES, *TURNS, *BREAKS, "a\ud800b"]
OURS = re.compile(r"\x1b\[[0-9;]*[mKABCDGJ]|\x1b\[\?25[lh]|\x1b\[\?2026[hl]|\x1b\]8;[^\x1b\x07]*\x1b\\")
"""What our own drawing of tables and progress writes: colours, moves within its lines, links. A page must not be able to write any of it."""
HARMFUL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe]")


def body() -> bytes:
    anchors = [f'<a href="/{text}?{text}#{text}" title="{text}" rel="{text}">{text} marked</a>' for text in TEXTS]
    references = [f"<a href='/&#x{ord(one):x};'>&#x{ord(one):x}; marked</a>" for text in TEXTS for one in text if not one.isalnum()]
    return f"<meta charset=utf-8><title>{''.join(TEXTS)}</title>{''.join((*anchors, *references))}".encode("utf-8", "surrogatepass")


@pytest.fixture
def web() -> object:
    forbidding = page(("User-agent: *\nDisallow: /no" + "".join(ESCAPES + TURNS) + "\nDisallow: /no").encode()).replace(
        b"text/html", b"text/plain"
    )
    ugly = page(b"x", b"Content-Type: text/html; charset=\x9b\xff", "Location: /\x9b2J\u202e".encode(), status=b"200 \x9b2J")
    with hostile(
        {
            "one": {"/": page(body()), "/ugly": ugly, "/moved": moved("http://\u202e\x9b.example/".encode())},
            "no": {"/robots.txt": forbidding},
        }
    ) as served:
        yield served


def on_a_terminal(*words: str) -> str:
    """Return what the command writes to a terminal."""
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "TERM": "xterm-256color",
        "COLUMNS": "150",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONUTF8": "1",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "linkhaul", *words], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        written = bytearray()
        try:
            while piece := os.read(ours, 65_536):
                written += piece
        except OSError:  # how a terminal ends on Linux
            pass
        os.close(ours)
        process.wait(20)
    return written.decode("utf-8", "replace")


@pytest.mark.parametrize("columns", [[], ["--columns", "url,raw,text,title,rel,fragment,page_url"]])
def test_nothing_raw_reaches_a_terminal(web: Hostile, columns: list[str]) -> None:
    """Neither a link's text and address, nor an error's sentence, nor a robots rule can move the cursor, set a colour or turn the writing."""
    places = [web.url("one"), web.url("one", "/ugly"), web.url("one", "/moved"), web.url("no", "/no" + quote("".join(ESCAPES)))]
    for words in (
        ["links", *places, *columns],
        ["links", *places, "-v", "--pages", "pages.csv", "-o", "links.csv"],
        ["crawl", *places, "--run", "t.run"],
    ):
        shown = on_a_terminal(*words, "--retries", "0")
        assert "127.0.10.1" in shown, shown
        left = OURS.sub("", shown)
        assert HARMFUL.findall(left) == [], repr(left)
        assert "\x1b[31mred" not in shown
        assert "title\x07" not in shown
        assert "evil.example/\x1b" not in shown


def test_files_keep_what_the_page_says(web: Hostile) -> None:
    """In a CSV file the same text stands as the page says it, a row for each link."""
    on_a_terminal("links", web.url("one"), "-o", "links.csv", "-q")
    with Path("links.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    texts = {row["text"] for row in rows}
    assert len(rows) > 50
    assert {f"{text} marked" for text in (*ESCAPES[:3], *TURNS[:4])} <= texts
    assert all(row["url"] is None or row["url"].isascii() for row in rows)
