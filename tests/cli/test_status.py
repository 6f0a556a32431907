"""`linkhaul status`: how a run stands."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from tests.api.site import page, served

Command = Callable[..., tuple[int, str, str]]
Start = Callable[..., "subprocess.Popen[bytes]"]


def test_a_finished_run(linkhaul: Command, site: str) -> None:
    """State, scope, settings, counts by state and reason, failures, speed, outputs, and what asks further."""
    assert linkhaul("crawl", "-q", f"{site}/", "--run", "site.run", "-o", "links.csv", "--depth", "1", "--per-host", "4")[0] == 0
    code, out, err = linkhaul("status", "site.run")
    assert (code, err) == (0, "")
    lines = out.replace(site, "SITE").splitlines()
    assert lines[:3] == [
        "site.run: crawl, finished: it has come to its end",
        "scope host: pages of SITE; at most 1 click away",
        "settings: per_host 4, depth 1",
    ]
    assert any(line.split()[1:3] == ["done", "ok"] for line in lines)
    assert any("recorded" in line and "depth" in line for line in lines)
    assert any(line.startswith("speed: ") for line in lines)
    assert any(line.endswith("links.csv (links, csv): up to date") for line in lines)
    assert "why a URL was not fetched: linkhaul explain site.run URL" in lines


def test_a_run_that_is_worked_on(linkhaul: Command, start: Start, held: Any) -> None:
    """While a process works on it, the answer comes and names it; --json says the same."""
    process = start("crawl", f"{held.url}/", "--run", "site.run", "-o", "x.csv", "--from", "-", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(f"{held.url}/held/1\n".encode())
    process.stdin.close()
    assert held.came.acquire(timeout=20)
    out = linkhaul("status", "site.run")[1]
    assert f"crawl, running: process {process.pid} on " in out
    found = json.loads(linkhaul("status", "site.run", "--json")[1])
    assert (found["state"], found["verb"]) == ("running", "crawl")
    assert "to go on" not in out
    held.let_go()
    assert process.wait(20) == 0
    assert json.loads(linkhaul("status", "site.run", "--json")[1])["worked_on_by"] is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_killed_run(linkhaul: Command, start: Start, held: Any) -> None:
    """A run whose process was killed says so, and how to go on."""
    process = start("crawl", f"{held.url}/held/1", "--run", "site.run", "-o", "x.csv")
    assert held.came.acquire(timeout=20)
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    out = linkhaul("status", "site.run")[1]
    assert "crawl, broken-off" in out
    assert "to go on, give the same command again" in out


def test_a_stopped_run(linkhaul: Command) -> None:
    """What stopped it is named, and that there is more."""
    with served({"/": page("/a", "/x/x/x/"), "/a": page()}) as site:
        assert linkhaul("crawl", "-q", site.url(), "--run", "site.run", "-o", "x.csv", "--max-pages", "1")[0] == 0
        out = linkhaul("status", "site.run")[1]
        pattern = f"--allow-pattern '{site.url('/x/**')}'"
    assert "stopped: it was stopped in order, by max-pages" in out
    assert "to go on, give the same command again" in out
    assert "1 URL withheld" in out
    assert pattern in out
