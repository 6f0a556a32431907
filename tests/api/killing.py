"""A process that works, is killed with -9 again and again, and must end with what an undisturbed one has."""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from tests.api.site import Reply, Site, moved, page

LINK_OUTPUTS = ("links.csv", "links.jsonl", "links.jsonl.gz", "links.sqlite")
PAGE_OUTPUTS = ("pages.csv",)
PASSING = {"found_at", "dns_s", "connect_s", "wait_s", "read_s", "total_s", "visited_at", "attempts", "detail", "found_via"}
"""Columns that may differ: times; attempts, of which those before a kill are not counted; the wording of a failure; which of
several ways of the same length was found first."""
SETTINGS: dict[str, Any] = {"per_host": 4, "retries": 1}
LONGEST_S = 60.0

WORK = """
import json, sys
import linkhaul
job = json.loads(sys.argv[1])
getattr(linkhaul, job["verb"])(job["urls"], job["out"], pages=job["pages"], run=job["run"], **job["settings"])
"""


class Tally(NamedTuple):
    """What was done: kills that landed, and runs that were brought to their end."""

    kills: int
    runs: int


def made_site(pages: int = 150, delay_s: float = 0.02) -> dict[str, Reply | Sequence[Reply]]:
    """Return a site with redirects, loops, errors, refusals, pages that fail at first, and dropped connections."""
    chance = random.Random(pages)
    made: dict[str, Reply | Sequence[Reply]] = {
        "/robots.txt": Reply("User-agent: *\nDisallow: /private", headers=(("Content-Type", "text/plain"),))
    }
    for number in range(pages):
        links = [f"/{chance.randrange(pages)}" for _ in range(8)] + [
            f"/{number + 1}#part",
            "https://elsewhere.example/x",
            "mailto:ann@example.org",
        ]
        if number % 30 == 7:
            links += [f"/private/{number}", f"/away/{number}", "/loop"]
        normal = page(*links, title=f"Page {number} \u2028 \U0001f600", delay_s=delay_s)
        kinds: dict[int, Reply | Sequence[Reply]] = {
            3: moved(f"/{number + 1}"),
            13: [Reply(status=503, delay_s=delay_s), normal],
            21: Reply("gone", 410),
            34: [Reply(drops=True), normal],
            41: Reply("%PDF", headers=(("Content-Type", "application/pdf"),)),
            55: moved(f"/{number - 1}", 301),
        }
        made[f"/{number}"] = kinds.get(number % 60, normal)
    return made | {"/loop": moved("/loop2"), "/loop2": moved("/loop")}


def seeds(site: Site, verb: str) -> list[str]:
    """Return the sources of a job: every page for a list, the first for a crawl."""
    if verb == "crawl":
        return [site.url("/0")]
    return [site.url(path) for path in site.pages if path != "/robots.txt"] + [site.url("/private/1"), site.url("/nowhere")]


def kill_and_compare(site: Site, folder: Path, count: int, *, seed: int = 1, verbs: Sequence[str] = ("links",)) -> Tally:
    """Run jobs to their end, killed as often as is asked, each gone on with by the same call; compare each with an undisturbed one.

    Args:
        count: how many kills have to land in all.
        seed: of the moments; the same seed kills after the same waits.
        verbs: links or crawl, taken by turns.

    Raises:
        AssertionError: rows are missing, doubled or different, in the run file or an output.
    """
    chance = random.Random(seed)
    wanted: dict[str, dict[str, Counter[Any]]] = {}
    times: dict[str, float] = {}
    for verb in dict.fromkeys(verbs):
        place = _fresh(folder / f"undisturbed-{verb}")
        site.forget()
        begun = time.monotonic()
        assert _ended(_started(site, place, verb)) == 0, "the undisturbed run failed"
        times[verb] = time.monotonic() - begun
        wanted[verb] = rows_of(place)
    kills = runs = 0
    while kills < count:
        verb = verbs[runs % len(verbs)]
        place = _fresh(folder / f"run-{runs}")
        site.forget()
        landed = _one_run(_Run(site, place, verb), chance, min(count - kills, 7), times[verb])
        difference = compare(wanted[verb], rows_of(place))
        assert not difference, f"run {runs} ({verb}, {landed} kills, seed {seed}): {difference}"
        kills += landed
        runs += 1
    return Tally(kills, runs)


class _Run(NamedTuple):
    site: Site
    place: Path
    verb: str


def _one_run(run: _Run, chance: random.Random, most: int, whole_s: float) -> int:
    """Bring one run to its end, killed up to so many times; return how many kills landed."""
    landed = 0
    for _ in range(200):
        process = _started(*run)
        if landed < most and _killed(run.site, process, chance, whole_s):
            landed += 1
            continue
        code = _ended(process)
        assert code == 0, f"the job ended with {code}"
        return landed
    raise AssertionError("the run does not come to its end")


def _killed(site: Site, process: subprocess.Popen[bytes], chance: random.Random, whole_s: float) -> bool:
    """Kill a job at a random moment; return whether it was still at work.

    One in five dies while it begins, the others at any time after their first request: in the middle, or as they write their end.
    """
    before = site.total
    if chance.random() < 0.2:
        wait_s = chance.uniform(0.0, 0.35)
    else:
        while site.total == before and process.poll() is None:
            time.sleep(0.002)
        wait_s = chance.uniform(0.0, min(whole_s, 2.0))
    try:
        process.wait(wait_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    return _ended(process) == -signal.SIGKILL


def _started(site: Site, place: Path, verb: str) -> subprocess.Popen[bytes]:
    job = {
        "verb": verb, "urls": seeds(site, verb), "out": [str(place / name) for name in LINK_OUTPUTS],
        "pages": [str(place / name) for name in PAGE_OUTPUTS], "run": str(place / "trial.run"), "settings": SETTINGS,
    }  # fmt: skip
    environment = {**os.environ, "XDG_STATE_HOME": str(place / "state"), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen([sys.executable, "-c", WORK, json.dumps(job)], env=environment, cwd=place)


def _ended(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(LONGEST_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError("the job hangs") from None


def _fresh(place: Path) -> Path:
    place.mkdir(parents=True)
    return place


def rows_of(place: Path) -> dict[str, Counter[Any]]:
    """Return the rows of a run's tables and of each output, counted, without the columns that may differ."""
    found: dict[str, Counter[Any]] = {}
    with closing(sqlite3.connect(place / "trial.run")) as connection:
        for view in ("links", "pages", "urls", "hops"):
            hidden = {"url_id", "page_id", "visit", "id", "parent_id", "found_on"}
            found[f"run file: {view}"] = _counted(_table(connection, view), hidden)
        (state,) = connection.execute("SELECT value FROM run WHERE name = 'state'").fetchone()
        found["state"] = Counter([state])
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for name in (*LINK_OUTPUTS, *PAGE_OUTPUTS):
        found[name] = _counted(_output(place / name), set())
    return found


def _output(path: Path) -> Iterable[Mapping[str, Any]]:
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as connection:
            return list(_table(connection, "links"))
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in text.splitlines()]


def _table(connection: sqlite3.Connection, name: str) -> Iterable[Mapping[str, Any]]:
    cursor = connection.execute(f"SELECT * FROM {name}")
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor]


def _counted(rows: Iterable[Mapping[str, Any]], hidden: set[str]) -> Counter[Any]:
    return Counter(tuple((name, value) for name, value in row.items() if name not in PASSING and name not in hidden) for row in rows)


def compare(wanted: Mapping[str, Counter[Any]], found: Mapping[str, Counter[Any]]) -> str:
    """Return what is missing and what is too much, with an example of each; empty when nothing is."""
    faults = []
    for name, rows in wanted.items():
        missing, extra = rows - found[name], found[name] - rows
        if missing:
            faults.append(f"{name}: {missing.total()} of {rows.total()} rows missing, such as {next(iter(missing))}")
        if extra:
            faults.append(f"{name}: {extra.total()} rows too many or different, such as {next(iter(extra))}")
    return "; ".join(faults)
