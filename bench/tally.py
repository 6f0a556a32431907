"""Counts what a contestant found, against what the standard library's HTML parser finds in the files.

Runs as a process of its own (`python -m bench.tally OUTPUT PAGES ROOT`): the sets take memory, and a child that is measured
begins its life with the memory of the process that starts it.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from bench.measure import ROOT

DUMP_LINE = re.compile(r"^(\S+) \((\S+)\)(?: \[excluded\])?$")
"""Excluded is what lychee would not ask for, such as the hosts named example; it is written all the same."""
WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Tally:
    """What an output holds.

    Attributes:
        rows: lines, one per link occurrence where the tool writes occurrences.
        pairs: distinct pairs (page, link).
        missing: pairs that the files hold (`a` and `area`, http and https, resolved) and the output does not.
        extra: pairs that the output holds and those elements do not; lychee also reports stylesheets, images and URLs in text.
        example: one missing pair, else one extra pair, else empty.
    """

    rows: int
    pairs: int
    missing: int
    extra: int
    example: str


class _Hrefs(HTMLParser):
    """Collects the hrefs of `a` and `area`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the href of an anchor."""
        if tag in {"a", "area"}:
            self.found += [value.strip() for name, value in attrs if name == "href" and value is not None]


def tally(output: Path, pages: Path, root: Path) -> Tally:
    """Return the tally of one output, counted in another process.

    Args:
        pages: lists the page URLs, one a line.
        root: the folder that is served, where each page is a file of the name that its path says.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bench.tally", str(output), str(pages), str(root)],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    return Tally(**json.loads(done.stdout))


def count(output: Path, pages: Path, root: Path) -> Tally:
    """Return the tally of one output, counted here."""
    expected = set(_expected_pairs(pages, root))
    found: set[tuple[str, str]] = set()
    rows = 0
    for page_url, url in _read_pairs(output):
        rows += 1
        found.add((page_url, spell(url)))
    missing, extra = expected - found, found - expected
    example = min(missing or extra, default=("", ""))
    return Tally(rows, len(found), len(missing), len(extra), " ".join(example))


def tally_rows(output: Path, expected: int) -> Tally:
    """Return the tally of a CSV of links by its number of rows alone, where comparing the pairs would take longer than the run."""
    with output.open("rb") as file:
        rows = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1  # no cell of these pages has a line break
    return Tally(rows, 0, max(expected - rows, 0), max(rows - expected, 0), "")


def spell(url: str) -> str:
    """Return one spelling of a URL for comparing, because tools differ in escaping and in the slash after a host.

    >>> spell("https://Example.org"), spell("http://a.b/x y")
    ('https://example.org/', 'http://a.b/x%20y')
    """
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    return urlunsplit((parts.scheme, parts.netloc.lower(), path, parts.query, quote(parts.fragment, safe="/%:@!$&'()*+,;=~?")))


def _expected_pairs(pages: Path, root: Path) -> Iterator[tuple[str, str]]:
    hrefs: dict[str, list[str]] = {}
    for page_url in pages.read_text(encoding="utf-8").split():
        name = urlsplit(page_url).path.lstrip("/")
        if name not in hrefs:
            parser = _Hrefs()
            parser.feed((root / name).read_text(encoding="utf-8"))
            hrefs[name] = list(dict.fromkeys(parser.found))
        for href in hrefs[name]:
            url = urljoin(page_url, href)
            if url.startswith(WEB):
                yield page_url, spell(url)


def _read_pairs(output: Path) -> Iterator[tuple[str, str]]:
    """Yield pairs (page, link) of a CSV with these columns, or of lychee's dump."""
    with output.open(newline="", encoding="utf-8") as file:
        if output.suffix == ".csv":
            reader = csv.reader(file)
            header = next(reader)
            page, link = header.index("page_url"), header.index("url")
            yield from ((row[page], row[link]) for row in reader)
            return
        for line in file:
            if (match := DUMP_LINE.match(line)) and match[1].startswith(WEB):
                yield match[2], match[1]


if __name__ == "__main__":
    result = count(*map(Path, sys.argv[1:4]))
    json.dump({name: getattr(result, name) for name in Tally.__slots__}, sys.stdout)
