"""Ctrl-C, once and twice: what is said, what is kept, and that the same command goes on."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linkhaul.cli.talk import LEFT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows cannot send Ctrl-C to one process of a console alone")
Start = Callable[..., "subprocess.Popen[bytes]"]
QUICK, SLOW = 5, 3


def said(process: subprocess.Popen[bytes], word: bytes) -> bytes:
    """Return the line of stderr that holds a word, waiting for it."""
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return line
    raise AssertionError(f"{word!r} was not said")


def pages_in(path: Path) -> list[str]:
    """Return the pages of a CSV's rows, sorted."""
    with path.open(newline="") as file:
        return sorted(row["page_url"] for row in csv.DictReader(file))


@pytest.fixture
def words(held: Any, folder: Path) -> list[str]:
    """Return a command for quick pages and for some that hang."""
    quick = [f"{held.url}/quick/{n}" for n in range(QUICK)]
    (folder / "urls.txt").write_text("\n".join(quick + [f"{held.url}/held/{n}" for n in range(SLOW)]))
    return ["links", "--from", "urls.txt", "-o", "a.csv"]


def all_pages(held: Any) -> list[str]:
    """Return the pages of the whole list."""
    return sorted([f"{held.url}/quick/{n}" for n in range(QUICK)] + [f"{held.url}/held/{n}" for n in range(SLOW)])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_interrupt_stops_in_order(start: Start, held: Any, folder: Path, words: list[str], number: signal.Signals) -> None:
    """What is in flight may still arrive, all is written, the summary says how to go on, exit 130; then the same command does."""
    (folder / "urls.txt").write_text((folder / "urls.txt").read_text() + "".join(f"\n{held.url}/late/{n}" for n in range(2)))
    process = start(*words, "--per-host", str(SLOW), "--concurrency", str(SLOW))
    for _ in range(SLOW):
        assert held.came.acquire(timeout=20)
    process.send_signal(number)
    assert b"five seconds for 3 requests in flight" in said(process, b"stopping")
    held.let_go()
    assert said(process, b"to go on, give the same command again; --fresh starts over")
    assert process.wait(10) == 130
    assert pages_in(folder / "a.csv") == all_pages(held)
    again = start(*words)
    assert b"going on with the earlier run" in said(again, b"going on")
    assert again.wait(20) == 0
    assert pages_in(folder / "a.csv") == sorted([*all_pages(held), f"{held.url}/late/0", f"{held.url}/late/1"])


def test_the_second_interrupt_leaves_at_once(start: Start, held: Any, folder: Path, words: list[str]) -> None:
    """It waits for nothing, says what is kept, exit 130; the same command then gives every row once."""
    process = start(*words)
    for _ in range(SLOW):
        assert held.came.acquire(timeout=20)
    process.send_signal(signal.SIGINT)
    said(process, b"stopping")
    process.send_signal(signal.SIGINT)
    assert process.wait(2) == 130
    assert process.stderr is not None
    assert process.stderr.read().decode() == f"{LEFT}\n"
    held.let_go()
    again = start(*words)
    assert again.wait(20) == 0
    assert pages_in(folder / "a.csv") == all_pages(held)


def test_an_interrupt_while_starting_is_told(start: Start, folder: Path) -> None:
    """Before anything is asked for, one sentence says that the same command begins, exit 130; here it waits for its list."""
    process = start("crawl", "--from", "-", "-o", "a.csv", stdin=subprocess.PIPE)
    while not (folder.parent / "state").exists():  # the first thing that is made
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert process.stderr.read() == b"\nstopped while starting; to begin, or to go on, give the same command again\n"
    assert process.wait(10) == 130
