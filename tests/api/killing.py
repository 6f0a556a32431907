"""A process that works, is killed with -9 again and again, and must end with what an undisturbed one has."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pyarrow.parquet
from tests.api.site import Reply, Site, moved, page

from linkhaul.export.compression import zstd_library

LINK_OUTPUTS = (
    "links.csv", "links.tsv.gz", "links.csv.zst", "links.jsonl", "links.jsonl.gz", "links.jsonl.zst", "both.sqlite", "links.parquet",
    "links.xlsx",
)  # fmt: skip
PAGE_OUTPUTS = ("pages.tsv", "pages.jsonl.zst", "both.sqlite", "pages.parquet", "pages.xlsx")
"""Every format, each that can be packed plain and packed both ways."""
PASSING = {"found_at", "dns_s", "connect_s", "wait_s", "read_s", "total_s", "visited_at", "attempts", "detail", "found_via"}
"""Columns that may differ: times; attempts, of which those before a kill are not counted; the wording of a failure; which of
several ways of the same length was found first."""
LONGEST_S = 240.0
"""When a job counts as hanging: a busy disk holds up each of its hundreds of durable writes."""
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _CELL = f"{_SHEET}row", f"{_SHEET}c"

WORK = """
import json, sys
import linkhaul
from linkhaul.crew import crew
from linkhaul.motion import ledger
job = json.loads(sys.argv[1])
ledger.COMMIT_EVERY_S = job["commit_every_s"]
crew.REFUSED_BYTES = 1  # no page is too few
getattr(linkhaul, job["verb"])(job["urls"], job["out"], pages=job["pages"], run=job["run"], **job["settings"])
"""


class Job(NamedTuple):
    """What a process does.

    Attributes:
        verb: links or crawl.
        commit_every_s: how often it commits: more often than usual, so that more kills fall between a commit, an output and its mark.
        workers: how many processes read pages, from the first page on.
        is_ordered: one request at a time, so that two runs meet everything in the same order: what was counted of URL patterns is compared too.
    """

    verb: str
    commit_every_s: float = 0.1
    workers: int = 1
    is_ordered: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        return {"retries": 1, "workers": self.workers, **({"concurrency": 1} if self.is_ordered else {"per_host": 4})}


LISTING = Job("links")
CRAWLING = Job("crawl")
SHARING = Job("crawl", workers=2)
TRAPPED = Job("crawl", is_ordered=True)


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


def trapped_site(delay_s: float = 0.002) -> dict[str, Reply | Sequence[Reply]]:
    """Return a site with endless spaces of every kind that a budget counts, met little by little: each budget binds on the way."""
    made: dict[str, Reply | Sequence[Reply]] = {}
    rooms = 40
    for room in range(rooms):
        facets = [f"/s?color={n % 11}&size={n // 11 % 11}&sort={n // 121}" for n in range(room * 32, room * 32 + 32)]
        switches = [
            f"/f?x=1&{'&'.join(f'{name}=1' for bit, name in enumerate('abcdefghij') if n >> bit & 1)}"
            for n in range(room * 8, room * 8 + 8)
        ]
        calendar = [f"/year/{1600 + room * 10 + n}/01/" for n in range(10)]
        others = [f"/page?sid={room:04x}{n}" for n in range(2)] + [f"/empty/{room * 2 + n}" for n in range(2)] + [f"/a/a/a/{room}"]
        links = [f"/room/{room + 1}", *others, *facets, *switches, *calendar, f"/topic?f={room % 3}&t={room}&p=1"]
        made[f"/room/{room}"] = page(*links, title=f"Room {room}", delay_s=delay_s)
        made |= {f"/empty/{room * 2 + n}": page(title="Nothing here", delay_s=delay_s) for n in range(2)}
    made["/0"] = page("/room/0")
    return made


def seeds(site: Site, verb: str) -> list[str]:
    """Return the sources of a job: every page for a list, the first for a crawl."""
    if verb == "crawl":
        return [site.url("/0")]
    return [site.url(path) for path in site.pages if path != "/robots.txt"] + [site.url("/private/1"), site.url("/nowhere")]


def kill_and_compare(site: Site, folder: Path, count: int, *, seed: int = 1, jobs: Sequence[Job] = (LISTING,)) -> Tally:
    """Run jobs to their end, killed as often as is asked, each gone on with by the same call; compare each with an undisturbed one.

    Args:
        count: how many kills have to land in all.
        seed: of the moments; the same seed kills after the same waits.
        jobs: what is done, by turns.

    Raises:
        AssertionError: rows are missing, doubled or different, in the run file or an output.
    """
    chance = random.Random(seed)
    wanted: dict[Job, dict[str, Counter[Any]]] = {}
    times: dict[Job, float] = {}
    for number, job in enumerate(dict.fromkeys(jobs)):
        place = _fresh(folder / f"undisturbed-{number}")
        site.forget()
        begun = time.monotonic()
        assert _ended(_started(site, place, job)) == 0, "the undisturbed run failed"
        times[job] = time.monotonic() - begun
        wanted[job] = rows_of(place, is_ordered=job.is_ordered)
    kills = runs = 0
    while kills < count:
        job = jobs[runs % len(jobs)]
        place = _fresh(folder / f"run-{runs}")
        site.forget()
        landed = _one_run(_Run(site, place, job), chance, min(count - kills, 7), times[job])
        difference = compare(wanted[job], rows_of(place, is_ordered=job.is_ordered))
        assert not difference, f"run {runs} ({job.verb}, {landed} kills, seed {seed}): {difference}"
        kills += landed
        runs += 1
    return Tally(kills, runs)


class _Run(NamedTuple):
    site: Site
    place: Path
    job: Job


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


def _started(site: Site, place: Path, job: Job) -> subprocess.Popen[bytes]:
    told = {
        "verb": job.verb, "urls": seeds(site, job.verb), "out": [str(place / name) for name in LINK_OUTPUTS],
        "pages": [str(place / name) for name in PAGE_OUTPUTS], "run": str(place / "trial.run"), "settings": job.settings,
        "commit_every_s": job.commit_every_s,
    }  # fmt: skip
    environment = {**os.environ, "XDG_STATE_HOME": str(place / "state"), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen([sys.executable, "-c", WORK, json.dumps(told)], env=environment, cwd=place)


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


def rows_of(place: Path, *, is_ordered: bool = False) -> dict[str, Counter[Any]]:
    """Return the rows of a run's tables and of each output, counted, without the columns that may differ."""
    found: dict[str, Counter[Any]] = {}
    with closing(sqlite3.connect(place / "trial.run")) as connection:
        for view in ("links", "pages", "urls", "hops", *(("withheld", "pattern") if is_ordered else ())):
            hidden = {"url_id", "page_id", "visit", "id", "parent_id", "found_on"}
            found[f"run file: {view}"] = _counted(_table(connection, view), hidden)
        (state,) = connection.execute("SELECT value FROM run WHERE name = 'state'").fetchone()
        found["state"] = Counter([state])
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for table, names in (("links", LINK_OUTPUTS), ("pages", PAGE_OUTPUTS)):
        for name in names:
            found[f"{name}: {table}"] = _counted(_output(place / name, table), set())
    return found


def _output(path: Path, table: str) -> Iterable[Mapping[str, Any]]:
    """Return the rows of an output, read by other means than our own."""
    form = path.name.split(".")[1]
    if form == "sqlite":
        with closing(sqlite3.connect(path)) as connection:
            return list(_table(connection, table))
    if form == "parquet":
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
        return rows
    if form == "xlsx":
        return _sheet(path)
    text = _unpacked(path).decode()
    if form == "jsonl":
        return [json.loads(line) for line in text.split("\n")[:-1]]
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t" if form == "tsv" else ","))


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(content)
    return bytes(zstd_library().decompress(content)) if path.suffix == ".zst" else content


def _sheet(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a workbook's first sheet, by the names in its first row."""
    with zipfile.ZipFile(path) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    rows = [{_column(cell.attrib["r"]): "".join(cell.itertext()) for cell in row.iter(_CELL)} for row in sheet.iter(_ROW)]
    header, *others = rows
    return [{name: row.get(column) for column, name in header.items()} for row in others]


def _column(place: str) -> str:
    return place.rstrip("0123456789")


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
