"""Memory, speed and size over a long crawl: the generated site of `bench.site`, one process, looked at every second.

The crawl runs in a process of its own through `linkhaul.crawl`, with a durable run file on the disk of the checkout. Its resident
memory is read from /proc, the pages it has done from the run file itself, which may be read while it is written.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from bench.family import cpu_s as cpu_so_far
from bench.family import family, resident_mb
from bench.measure import ROOT, clean_environment, kill_group
from bench.rounds import fresh_folder
from bench.server import MissingPart
from bench.table import write

BASELINE = 100_000
"""Memory at the end is compared with what it was after so many pages, or half-way through a smaller site."""
RUN = "run.linkhaul"
CRAWL = """
import sys, linkhaul
run, url, *outputs = sys.argv[1:]
linkhaul.crawl(url, outputs, run=run, scope="any", allow_private=True, contact="bench@example.org")
"""


class Served(NamedTuple):
    """A generated site that is being served: the URL of page 0, and the id of the server's process."""

    url: str
    process: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at the crawl: seconds since its start, pages done, resident memory in MiB (of all its processes), bytes of run file and journal."""

    at_s: float
    pages: int
    rss_mb: float
    file_bytes: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a crawl came to.

    Attributes:
        rss_before_mb: the median of the resident memory around the baseline.
        rss_after_mb: the same over the last tenth of the pages.
        speed_before, speed_after: pages/s over the first tenth (the first fiftieth left out) and over the last.
    """

    pages: int
    links: int
    seconds: float
    cpu_s: float
    rss_before_mb: float
    rss_after_mb: float
    rss_peak_mb: float
    speed_before: float
    speed_after: float
    run_bytes: int
    urls: int


def run_memory(python: str, pages: int, hosts: int, outputs: Sequence[str] = ()) -> None:
    """Crawl a generated site of so many pages and print what it took.

    Args:
        outputs: names of outputs to write besides the run file, like links.csv.

    Raises:
        MissingPart: the site cannot be served here, or the crawl failed.
    """
    folder = fresh_folder()
    try:
        with generated_site(pages, hosts) as site:
            print(f"{pages:,} pages on {hosts:,} hosts from {site.url}", flush=True)
            places = [str(folder / name) for name in outputs]
            command = [python, "-c", CRAWL, str(folder / RUN), site.url, *places]
            samples, cpu_s = watch(command, folder, pages)
        figures = judge(samples, folder / RUN, pages, cpu_s)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _print(figures)
    print(f"all of it: {_write(figures, samples, hosts, outputs)}")


@contextlib.contextmanager
def generated_site(pages: int, hosts: int, *words: str) -> Iterator[Served]:
    """Serve a generated site in a process of its own.

    Args:
        words: flags of `bench.site` beside these.

    Raises:
        MissingPart: it cannot be served here.
    """
    command = [sys.executable, "-m", "bench.site", "--pages", str(pages), "--hosts", str(hosts), *words]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise MissingPart("the generated site needs Linux 5.7 or newer")
        yield Served(url, process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=10)


def watch(command: Sequence[str], folder: Path, pages: int) -> tuple[list[Sample], float]:
    """Run a crawl and return what was seen of it every second, and the CPU seconds it took.

    Raises:
        MissingPart: it failed.
    """
    samples: list[Sample] = []
    log = folder / "log.txt"
    with log.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=clean_environment(),
        )
        try:
            cpu_s = 0.0
            while process.poll() is None:
                time.sleep(1)
                everyone = list(family(process.pid))
                cpu_s = max(cpu_s, sum(map(cpu_so_far, everyone)))
                rss_mb = sum(map(resident_mb, everyone))
                samples.append(Sample(time.perf_counter() - start, _pages_done(folder / RUN), rss_mb, _file_bytes(folder)))
                if len(samples) % 10 == 0:
                    last = samples[-1]
                    print(
                        f"  {last.at_s:6.0f} s  {last.pages:>9,} pages  {last.rss_mb:6.1f} MiB  {_speed(samples[-11:]):7,.0f} pages/s"
                        f"  file {last.file_bytes / 1e6:,.0f} MB",
                        flush=True,
                    )
        finally:
            if process.poll() is None:
                kill_group(process.pid)
                process.wait()
    if process.returncode:
        raise MissingPart(f"the crawl of {pages:,} pages ended with {process.returncode}: {log.read_text(errors='replace')[-2000:]}")
    return [sample for sample in samples if sample.rss_mb], cpu_s


def judge(samples: Sequence[Sample], run: Path, pages: int, cpu_s: float) -> Figures:
    """Return what the samples and the finished run file come to.

    Raises:
        MissingPart: the crawl did not read every page of the site.
    """
    with contextlib.closing(sqlite3.connect(f"file:{run}?mode=ro", uri=True)) as db:
        (read,) = db.execute("SELECT count(*) FROM visit WHERE outcome = 'ok'").fetchone()
        (links,) = db.execute("SELECT count(*) FROM link").fetchone()
        (urls,) = db.execute("SELECT count(*) FROM url").fetchone()
    if read != pages:
        raise MissingPart(f"{read:,} of {pages:,} pages were read")
    baseline = BASELINE if pages > 2 * BASELINE else pages // 2
    around = [sample for sample in samples if 0.9 * baseline <= sample.pages <= 1.1 * baseline] or samples[:1]
    late = [sample for sample in samples if sample.pages >= 0.9 * pages and sample.pages < pages] or samples[-1:]
    early = [sample for sample in samples if 0.02 * pages <= sample.pages <= 0.12 * pages]
    return Figures(
        pages, links, samples[-1].at_s, cpu_s, _median_rss(around), _median_rss(late), max(sample.rss_mb for sample in samples),
        _speed(early), _speed(late), run.stat().st_size, urls,
    )  # fmt: skip


def _median_rss(samples: Sequence[Sample]) -> float:
    return sorted(sample.rss_mb for sample in samples)[len(samples) // 2]


def _speed(samples: Sequence[Sample]) -> float:
    """Return the pages/s between the first and the last of some samples; 0 when there are too few."""
    if len(samples) < 2:
        return 0.0
    return (samples[-1].pages - samples[0].pages) / (samples[-1].at_s - samples[0].at_s)


def _print(figures: Figures) -> None:
    f = figures
    print(f"""
{f.pages:,} pages, {f.links:,} links, {f.urls:,} URLs in {f.seconds:,.0f} s: {f.pages / f.seconds:,.0f} pages/s, {1e6 * f.cpu_s / f.pages:,.0f} µs of CPU a page
memory     {f.rss_before_mb:.1f} MiB at the baseline, {f.rss_after_mb:.1f} at the end: {f.rss_after_mb / f.rss_before_mb:.2f} times (at most 1.20), peak {f.rss_peak_mb:.1f}
speed      {f.speed_before:,.0f} pages/s at the start, {f.speed_after:,.0f} at the end: {f.speed_after / (f.speed_before or 1):.2f} times (at least 0.80)
run file   {f.run_bytes:,} bytes: {f.run_bytes / f.links:.1f} a link""")


def _write(figures: Figures, samples: Sequence[Sample], hosts: int, outputs: Sequence[str]) -> Path:
    content = {
        "plan": {"hosts": hosts, "outputs": list(outputs)},
        "figures": asdict(figures),
        "samples": [[round(s.at_s, 1), s.pages, round(s.rss_mb, 1), s.file_bytes] for s in samples],
    }
    return write("memory", content)


def _pages_done(run: Path) -> int:
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(f"file:{run}?mode=ro", uri=True, timeout=1)) as db:
        return int(db.execute("SELECT coalesce(max(id), 0) FROM visit").fetchone()[0])
    return 0


def _file_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob(RUN + "*"))
