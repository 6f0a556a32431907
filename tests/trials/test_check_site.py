"""Whole sites served by nginx, and the same trees on disk: a check finds the broken links and fragments that a second walk over the files finds."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser
from tests.trials.walking import _at, _file, walk

import linkhaul
from linkhaul.api.findings import CheckResult

TREES = {
    "postgresql-doc-15": (Path("/usr/share/doc/postgresql-doc-15/html"), "index.html"),
    "python3-doc": (Path("/usr/share/doc/python3/html"), "index.html"),
}
WEB = ("http://", "https://")
ATTRIBUTES = {
    "a": "href", "area": "href", "img": "src", "link": "href", "script": "src", "iframe": "src", "source": "src", "embed": "src",
}  # fmt: skip
HINTS = {"preconnect", "dns-prefetch"}

pytestmark = [pytest.mark.nginx, pytest.mark.timeout(180)]


class Wrong(NamedTuple):
    """What the second walk finds wrong: the URL, and whether it is only its fragment."""

    url: str
    is_fragment: bool


def tree(package: str) -> Path:
    folder, _ = TREES[package]
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}: apt-get install {package}")
    return folder.resolve()


@cache
def ids_in(path: Path) -> frozenset[str]:
    """Return the ids of a file, and the names of its anchors, as the second parser sees them."""
    parsed = LexborHTMLParser(path.read_bytes())
    ids = {node.attributes["id"] for node in parsed.css("[id]")} | {node.attributes["name"] for node in parsed.css("a[name]")}
    return frozenset(name for name in ids if name)


def links_in(path: Path) -> Iterator[str]:
    """Yield the text of each link of a file."""
    for node in LexborHTMLParser(path.read_bytes()).css(",".join(f"{tag}[{attr}]" for tag, attr in ATTRIBUTES.items())):
        if not HINTS & set((node.attributes.get("rel") or "").lower().split()):
            yield (node.attributes[ATTRIBUTES[node.tag or ""]] or "").strip()


def second_walk(root: Path, origin: str, start: str) -> dict[Wrong, set[str]]:
    """Return what is wrong, each with the pages that hold it: every page that clicks lead to, and every link on it that stays on the site."""
    wrong: dict[Wrong, set[str]] = defaultdict(set)
    for url, found in walk(root, origin, start).items():
        if not found.is_page:
            continue
        for raw in links_in(_file(root, url)):
            link = urljoin(url, raw)
            if urlsplit(link)[:2] != urlsplit(origin)[:2]:
                continue
            address, _, fragment = link.partition("#")
            at = _at(root, address, 0)
            if at.status >= 400:
                wrong[Wrong(link, is_fragment=False)].add(url)
            elif fragment and at.is_page and not is_there(_file(root, address), fragment):
                wrong[Wrong(link, is_fragment=True)].add(url)
    return wrong


def is_there(file: Path, fragment: str) -> bool:
    """Return whether a fragment names something in a file."""
    return fragment.lower() == "top" or bool(ids_in(file) & {fragment, unquote(fragment)})


def told(result: CheckResult) -> dict[Wrong, set[str]]:
    """Return what a check calls broken, each with the pages that hold it; a refused folder counts as in the second walk."""
    return {
        Wrong(found.url, found.verdict.code == "fragment"): {place.page_url for place in found.places}
        for found in result
        if found.verdict.name in ("broken", "blocked")
    }


@pytest.mark.parametrize("package", TREES)
def test_a_check_of_a_site_finds_what_a_second_walk_finds(package: str, nginx: Callable[[Path], str]) -> None:
    """Broken links and broken fragments are equal, with every page that holds them, nothing false; each target was asked once, or twice."""
    root = tree(package)
    origin = nginx(root)
    result = linkhaul.check(
        f"{origin}/index.html", run="check.run", per_host=16, only="internal", confirm_after=0.2, exclude=f"^https?://(?!{origin[7:]})"
    )
    wanted = second_walk(root, origin, "index.html")
    assert told(result) == wanted
    assert result.coverage.pages == sum(found.is_page for found in walk(root, origin, "index.html").values())
    assert not [found for found in result if found.verdict.name in ("soft-404", "unreachable", "rate-limited", "needs-login")]
    with closing(sqlite3.connect("check.run")) as db:
        rows = db.execute("SELECT url, attempts, status FROM pages").fetchall()
    assert len({url for url, *_ in rows}) == len(rows)
    assert {url for url, attempts, status in rows if attempts != (2 if status == 404 else 1)} == set()


@pytest.mark.parametrize("package", TREES)
def test_a_check_of_the_files_finds_what_a_second_walk_finds(package: str) -> None:
    """The same tree on disk, without a server: every file is read, and what is broken is the same for those that clicks lead to."""
    root = tree(package)
    origin = root.as_uri()
    result = linkhaul.check(root, run="files.run", exclude="^https?:")
    reached = {url for url, found in walk(root, "http://x", "index.html").items() if found.is_page}
    pages = {url.replace("http://x", origin) for url in reached}
    found = {wrong: those for wrong, held in told(result).items() if (those := held & pages)}
    wanted = {
        Wrong(wrong.url.replace("http://x", origin), wrong.is_fragment): {
            page.replace("http://x", origin) for page in held if page[-1] != "/"
        }
        for wrong, held in second_walk(root, "http://x", "index.html").items()
    }
    assert found == wanted
