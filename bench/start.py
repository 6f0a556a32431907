"""How long one waits for small things: the help, three pages in all, and of these the first request."""

from __future__ import annotations

import contextlib
import shutil
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.contestants import LISTERS, Contestant, Job
from bench.corpus import TREE, list_urls
from bench.measure import Usage, last_lines, run_measured
from bench.rounds import Plan, choose, fresh_folder
from bench.server import serve
from bench.table import write

TARGETS_S = {"linkhaul --help": 0.15, "linkhaul, three pages": 0.6, "linkhaul, first request": 0.35}
FLOOR = "python -c pass"
ENTRANTS = LISTERS | {"linkhaul": replace(LISTERS["linkhaul-default"], name="linkhaul")}
"""linkhaul starts as it comes: with as many processes as it thinks fit."""
STARTERS = ("linkhaul", "lychee", "first-script", "scrapy")


def run_start(plan: Plan) -> bool:
    """Print median, minimum and maximum of each; return whether linkhaul kept its targets."""
    home = fresh_folder()
    try:
        with serve(TREE, home) as server:
            urls = home / "urls.txt"
            urls.write_text("\n".join(list_urls(server.origins[0], 1)[:3]) + "\n", encoding="utf-8")
            walls = _measure_all(plan, urls)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    kept = set(TARGETS_S) <= set(walls)
    for name, figures in walls.items():
        middle = statistics.median(figures)
        target = TARGETS_S.get(name)
        verdict = "" if target is None else f"   target {target} s: {'kept' if middle <= target else 'MISSED'}"
        kept = kept and (target is None or middle <= target)
        print(f"{name:<28} {middle:.3f} s   {min(figures):.3f}-{max(figures):.3f}{verdict}")
    print(f"all of it: {write(plan.result, {'rounds': plan.repeats, 'walls_s': walls})}")
    return kept


def _measure_all(plan: Plan, urls: Path) -> dict[str, list[float]]:
    """Return the wall seconds of each small thing, run in turn."""
    walls: dict[str, list[float]] = {}
    entrants = []
    for each in choose(ENTRANTS, plan.names, STARTERS):
        if absence := each.absence(plan.python):
            print(f"{each.name}: {absence}")
        else:
            entrants.append(each)
    for number in range(plan.repeats + 1):
        if number == 1:
            walls = {}  # the first round only had Python compile what was not compiled yet
        _add(walls, FLOOR, [plan.python, "-c", "pass"], plan)
        for each in entrants:
            if each.name == "linkhaul":
                _add(walls, "linkhaul --help", [plan.python, "-m", "linkhaul", "--help"], plan)
            folder = fresh_folder()
            _add(walls, f"{each.name}, three pages", each.command(Job(plan.python, urls, folder, plan.concurrency)), plan, folder)
            _add_first_request(walls, each, plan)
    return walls


def _add(walls: dict[str, list[float]], name: str, command: list[str], plan: Plan, folder: Path | None = None) -> None:
    place = folder or fresh_folder()
    try:
        used: Usage = run_measured(command, place, plan.timeout_s)
        if used.code != 0:
            raise RuntimeError(f"{name} ended with {used.code}: {last_lines(place)}")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    walls.setdefault(name, []).append(used.wall_s)


class Ear:
    """A server that answers every request with an empty page and knows when the first one came.

    Attributes:
        url: where it listens.
        heard_at: when the first byte arrived, by `time.perf_counter`; None before.
    """

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.heard_at: float | None = None

    def serve(self) -> None:
        """Answer until the socket is closed."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            asked = b""
            while got := connection.recv(65_536):
                self.heard_at = self.heard_at or time.perf_counter()
                asked += got
                for _ in range(asked.count(b"\r\n\r\n")):
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n")
                asked = asked.rpartition(b"\r\n\r\n")[2]


@contextlib.contextmanager
def _listen() -> Iterator[Ear]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ear = Ear(listening)
        threading.Thread(target=ear.serve, daemon=True).start()
        try:
            yield ear
        finally:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)  # wakes `accept`


def _add_first_request(walls: dict[str, list[float]], entrant: Contestant, plan: Plan) -> None:
    """Measure at the server how long it takes from the start of the process to the first byte of its first request."""
    folder = fresh_folder()
    try:
        with _listen() as ear:
            urls = folder / "urls.txt"
            urls.write_text("".join(f"{ear.url}/{number}\n" for number in range(3)), encoding="utf-8")
            began = time.perf_counter()
            used = run_measured(entrant.command(Job(plan.python, urls, folder, plan.concurrency)), folder, plan.timeout_s)
            if used.code != 0 or ear.heard_at is None:
                raise RuntimeError(f"{entrant.name} ended with {used.code}, asked for nothing or failed: {last_lines(folder)}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    walls.setdefault(f"{entrant.name}, first request", []).append(ear.heard_at - began)
