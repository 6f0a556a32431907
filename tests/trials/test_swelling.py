"""What would make a process swell: bombs, endless and enormous pages, deep nesting, links without number; measured from inside it.

Each job runs in a process of its own, which says at its end how large it ever was.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import brotli
import pytest
from tests.trials.hostile import Answer, hostile, page

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CEILING = 256_000_000
WORK = """
import json, sys, re, pathlib
from linkhaul.api.doors import links
urls, settings = json.loads(sys.argv[1])
run = links(urls, "links.csv", run="swelling.linkhaul", retries=0, **settings)
peak_kb = int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
pages = {row[0]: dict(zip((column.name for column in run.pages.columns), row)) for row in run.pages}
print(json.dumps({"peak": peak_kb * 1024, "pages": pages}))
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8, and says how large a process was"
)


class Ended(NamedTuple):
    """How large the process ever was, in bytes, and its rows of pages by URL."""

    peak: int
    pages: dict[str, dict[str, Any]]


def work(folder: Path, urls: list[str], **settings: Any) -> Ended:
    """Do a job in a process of its own, in a folder."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", WORK, json.dumps([urls, {"memory": CEILING} | settings])]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    return Ended(told["peak"], {row["url"]: row for row in told["pages"].values()})


def endless(start: bytes, piece: bytes, size: int) -> Answer:
    """Return what sends so many bytes, a piece at a time."""

    async def flood(writer: Any) -> None:
        writer.write(start)
        for _ in range(size // len(piece)):
            writer.write(piece)
            await writer.drain()

    return flood


def packed(label: bytes, body: bytes) -> bytes:
    return page(body, b"Content-Encoding: " + label)


def test_bombs_and_enormous_pages_stay_under_the_ceiling(tmp_path: Path) -> None:
    """Forty of them at once, 12 GB if they were let, are rows that say so, and the process stays under --memory."""
    size = 300_000_000
    squeeze = zstd.ZstdCompressor()
    made: dict[str, Answer] = {
        "gzip": packed(b"gzip", gzip.compress(bytes(size), 1, mtime=0)),
        "br": packed(b"br", brotli.compress(bytes(size), quality=1)),
        "zstd": packed(b"zstd", b"".join(squeeze.compress(bytes(10_000_000)) for _ in range(30)) + squeeze.flush()),
        "chunks": endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"<a href=x>" * 6_000, size),
        "announced": endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % size, bytes(65_536), size),
    }
    with hostile({f"{name} {n}": {"/": made[name]} for name in made for n in range(8)}) as web:
        ended = work(tmp_path, list(web.origins.values()))
    assert {(row["outcome"], row["failure"]) for row in ended.pages.values()} == {("failed", "too-large")}
    assert len(ended.pages) == 40
    assert [row["detail"] for row in ended.pages.values() if "--max-body" not in row["detail"] and "bomb" not in row["detail"]] == []
    assert ended.peak < CEILING


PAGES: dict[str, bytes] = {
    "100,000 deep": b"<div>" * 100_000 + b"<a href=/deep>deep</a>" + b"</div>" * 100_000,
    "20,000 anchors open": b"<a href=/x>" * 20_000,
    "100,000 formats open": b"<b><i>" * 50_000 + b"<a href=/deep>deep</a>",
    "tables in tables": b"<table><tr><td>" * 30_000 + b"<a href=/deep>deep</a>",
    "an attribute of 9 MB": b"<a href='" + b"x" * 9_000_000 + b"'>long</a>",
    "100,000 attributes": b"<a " + b"".join(b"a%d=b " % n for n in range(100_000)) + b"href=/x>x</a>",
    "a srcset of 100,000": b"<img srcset='" + b"/x 1x, " * 100_000 + b"'><a href=/x>x</a>",
    "a title without end": b"<title>" + b"x" * 5_000_000,
    "a comment without end": b"<a href=/x>x</a><!--" + b"-" * 5_000_000,
    "entities": b"<a href=/x>" + b"&CounterClockwiseContourIntegral;" * 100_000 + b"</a>",
    "100,000 bases": b"<base href=/a/>" * 100_000 + b"<a href=x>x</a>",
    "refreshes": b"<meta http-equiv=refresh content='0;url=/x'>" * 50_000,
    "srcdoc in srcdoc": b'<iframe srcdoc="' * 5_000,
}
LINKS = {"20,000 anchors open": 20_000, "a title without end": 0, "refreshes": 0, "srcdoc in srcdoc": 0}
MANY: dict[str, bytes] = {
    "101,000 links": b"".join(b"<a href=/%d>x</a>" % n for n in range(101_000)),
    "100,000 hosts": b"".join(b"<a href=http://h%d.example/>x</a>" % n for n in range(100_000)),
    **{f"100,000 links on page {p}": b"".join(b"<p><a href=/%d/item/%d>x</a>" % (p, n) for n in range(100_000)) for p in range(1)},
}


def test_enormous_pages_are_read_in_bounds(tmp_path: Path) -> None:
    """Pages with elements, attributes or nesting without number are read, each link of them, and the process stays under --memory."""
    with hostile({name: {"/": page(body)} for name, body in PAGES.items()}) as web:
        ended = work(tmp_path, list(web.origins.values()), timeout=60)
        rows = {name: ended.pages[web.url(name)] for name in PAGES}
    assert {name: row["outcome"] for name, row in rows.items()} == dict.fromkeys(PAGES, "ok")
    assert {name: row["links"] for name, row in rows.items()} == {name: LINKS.get(name, 1) for name in PAGES}
    assert ended.peak < CEILING


def test_links_without_number_are_cut_and_kept_in_bounds(tmp_path: Path) -> None:
    """A page gives as many links as a page may give; several such pages at once are not all held in memory until they are written."""
    with hostile({name: {"/": page(body)} for name, body in MANY.items()}) as web:
        ended = work(tmp_path, list(web.origins.values()), timeout=60)
    assert [row["links"] for row in ended.pages.values()] == [100_000] * len(MANY)
    assert ended.peak < CEILING


@pytest.mark.parametrize("workers", [1, 2])
def test_what_small_pages_swell_to_is_kept_in_bounds(tmp_path: Path, workers: int) -> None:
    """A long base stands in each link of a page, and in each row of the output; pages of few bytes are written in time, wherever they are read."""
    swells = page(b"<base href='/" + b"b" * 3_900 + b"/'>" + b"".join(b"<a href=x%d>" % n for n in range(1_000)))
    with hostile({"site": {f"/{n}": swells for n in range(60)}}) as web:
        ended = work(tmp_path, [web.url("site", f"/{n}") for n in range(60)], workers=workers, memory=128_000_000, ignore_robots=True)
    assert [row["links"] for row in ended.pages.values()] == [1_000] * 60
    assert ended.peak < 128_000_000
