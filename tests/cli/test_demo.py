"""`linkhaul demo`: what a newcomer sees."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from linkhaul.cli import watch

Command = Callable[..., tuple[int, str, str]]
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the slow page quick, and the temporary folder ours."""
    from linkhaul.demo import server

    serve = server.serve
    monkeypatch.setattr(server, "serve", lambda port=0: serve(port, slow_s=0.0))


@pytest.mark.usefixtures("quick")
def test_the_demo_shows_rows_and_says_what_to_type(linkhaul: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some rows, what came of the pages, where the CSV is, the next command; it can be repeated and leaves the folder as it was."""
    monkeypatch.setattr("tempfile.tempdir", str(folder.parent))
    code, out, err = linkhaul("demo")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split()[:2] == ["page", "text"]
    assert len(lines) == 1 + 15
    assert "37 pages: 33 ok" in err
    found = re.search(r"363 rows written to (.+links\.csv)", err)
    assert found is not None
    assert Path(found[1]).read_text(encoding="utf-8").startswith("page_url,n,url")
    assert "linkhaul links https://example.org/ -o links.csv" in err
    assert linkhaul("demo")[0] == 0
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("quick")
def test_an_interrupted_demo_promises_nothing(linkhaul: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each demo is a run of its own in a folder of its own: nobody is told that the same command goes on with it."""
    last_words: list[bytes] = []

    def interrupt(*_: object) -> None:
        if not last_words:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(watch, "POLL_S", 0.001)
    monkeypatch.setattr(watch.Watch, "_look", interrupt)
    monkeypatch.setattr(watch, "os", SimpleNamespace(write=lambda _, word: last_words.append(word), _exit=lambda _: None))
    monkeypatch.setattr(watch, "sys", SimpleNamespace(stderr=SimpleNamespace(fileno=lambda: 2)))
    err = linkhaul("demo")[2]
    assert last_words == [b"left at once; the demo begins anew each time\n"]
    assert "pages" in err
    assert "the same command" not in err


def test_a_port_that_is_taken_is_a_sentence(linkhaul: Command, site: str) -> None:
    """--port of somebody else says so and exits with 2."""
    port = site.rpartition(":")[2]
    code, _, err = linkhaul("demo", "--serve", "--port", port)
    assert code == 2
    assert f"--port {port}: cannot be listened on" in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send Ctrl-C to one process of a console alone")
def test_serve_is_open_until_ctrl_c(start: Start) -> None:
    """--serve says its address, answers, and closes in order."""
    process = start("demo", "--serve")
    assert process.stderr is not None
    url = re.search(rb"http://\S+", process.stderr.readline())
    assert url is not None
    with urllib.request.urlopen(url[0].decode(), timeout=10) as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
