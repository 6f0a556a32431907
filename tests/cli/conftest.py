"""What the command's tests share: the command itself, in this process and as one of its own, and two sites."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from linkhaul.cli.main import main
from linkhaul.demo.server import serve

COMMAND = (sys.executable, "-m", "linkhaul")


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with an empty state folder and without settings of the environment."""
    for name in [name for name in os.environ if name.startswith("LINKHAUL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "state"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("COLUMNS", "110")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def linkhaul(capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command, done in this process."""

    def do(*words: str) -> Done:
        code = main(list(words))
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return do


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Return what starts the command as a process of its own; none outlives its test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*words: str, **choices: object) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen([*COMMAND, *words], **(pipes | choices)))  # type: ignore[call-overload]
        return started[-1]

    yield begin
    for process in started:
        with process:
            process.kill()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Serve the demo site, its slow page quick."""
    with serve(slow_s=0.0) as url:
        yield url


class Held:
    """A site whose pages under /held/ are answered only when they are let go; every page has one link.

    Attributes:
        url: its address.
        came: counts requests for held pages.
    """

    def __init__(self) -> None:
        self.came = threading.Semaphore(0)
        self._go = threading.Event()
        held = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/robots.txt":
                    self.send_error(404)
                    return
                if self.path.startswith("/held/"):
                    held.came.release()
                    held._go.wait(30)
                body = f"<a href='/of{self.path}'>a link</a>".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def let_go(self) -> None:
        self._go.set()


@pytest.fixture
def held() -> Iterator[Held]:
    """Serve the site that holds pages back."""
    site = Held()
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield site
    site.let_go()
    site.server.shutdown()
    site.server.server_close()
    thread.join()
