"""The sections of a site, from the addresses of its pages: what the picture of its links is made of."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable

MOST_SECTIONS = 14
OTHERS = "others"
_WORD_END = re.compile(r"[-_.]")


def sections(urls: Iterable[str]) -> tuple[list[str], list[int]]:
    """Return the sections' names, the largest first, and the number of each page's section.

    A section is the first part of the path, below what all pages share, behind the host when there are several. A site whose pages
    lie side by side is told apart by the first word of their file names.

    Args:
        urls: of the pages; they are walked up to three times.
    """
    hosts, shared = _in_common(urls)
    number: dict[str, int] = {}
    labels = array("l", (number.setdefault(label, len(number)) for label in (_folder(url, hosts, shared) for url in urls)))
    if len(number) < 3:
        folders, number = list(number), {}
        told = (folders[label] if folders[label].endswith("/") else _word(url) for label, url in zip(labels, urls, strict=True))
        labels = array("l", (number.setdefault(label, len(number)) for label in told))
    counts = Counter(labels)
    largest = sorted(number, key=lambda name: (-counts[number[name]], name))
    names = largest if len(largest) <= MOST_SECTIONS else [*largest[: MOST_SECTIONS - 1], OTHERS]
    place = {number[name]: n for n, name in enumerate(largest[: len(names)])}
    return names, [place.get(label, len(names) - 1) for label in labels]


def _in_common(urls: Iterable[str]) -> tuple[int, int]:
    """Return on how many hosts pages lie, and how many folders all their paths begin with; none where there are several hosts."""
    hosts: set[str] = set()
    low: list[str] | None = None
    high: list[str] = []
    for url in urls:
        host, path = _split(url)
        hosts.add(host)
        folders = path[:-1]
        low, high = folders if low is None else min(low, folders), max(high, folders)
    if len(hosts) != 1 or low is None:
        return len(hosts), 0
    # What the first and the last of them share, all share.
    return 1, next((n for n, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), min(len(low), len(high)))


def _folder(url: str, hosts: int, shared: int) -> str:
    """Return the first folder of a URL below what all share, behind its host where there are several; what lies in none is at the top."""
    host, path = _split(url)
    is_below = len(path) > shared + 1
    if hosts > 1:
        return f"{host}/{path[shared]}/" if is_below else f"{host}/"
    return f"/{path[shared]}/" if is_below else "(pages at the top)"


def _word(url: str) -> str:
    """Return the first word of a URL's file name."""
    file = _split(url)[1][-1]
    word = _WORD_END.split(file, maxsplit=1)[0]
    return f"{word}-…" if word and word != file.partition(".")[0] else "(single pages)"


def _split(url: str) -> tuple[str, list[str]]:
    """Return the host and the folders of an absolute URL, the file's name last."""
    rest = url.partition("://")[2].partition("#")[0].partition("?")[0]
    host, _, path = rest.partition("/")
    return host, path.split("/")
