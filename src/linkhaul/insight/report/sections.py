"""The sections of a site, from the addresses of its pages: what the picture of its links is made of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

MOST_SECTIONS = 14
OTHERS = "others"
_WORD_END = re.compile(r"[-_.]")


def sections(urls: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return the sections' names, the largest first, and the number of each page's section.

    A section is the first part of the path, below what all pages share, behind the host when there are several. A site whose pages
    lie side by side is told apart by the first word of their file names.
    """
    labels = _by_folder(urls)
    counts = Counter(labels)
    if len(counts) < 3:
        labels = [label if label.endswith("/") else word for label, word in zip(labels, _by_word(urls), strict=True)]
        counts = Counter(labels)
    largest = [name for name, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    names = largest if len(largest) <= MOST_SECTIONS else [*largest[: MOST_SECTIONS - 1], OTHERS]
    number = {name: n for n, name in enumerate(names)}
    return names, [number.get(label, len(names) - 1) for label in labels]


def _by_folder(urls: Sequence[str]) -> list[str]:
    """Return for each URL the first folder of its path below what all share; "pages here" for what lies in none."""
    split = [_split(url) for url in urls]
    hosts = {host for host, _ in split}
    shared = _shared([folders[:-1] for _, folders in split]) if len(hosts) == 1 else 0
    return [
        (host if len(hosts) > 1 else "") + (f"/{folders[shared]}/" if len(folders) > shared + 1 else "/") if len(hosts) > 1 or len(folders) > shared + 1
        else "(pages at the top)"
        for host, folders in split
    ]  # fmt: skip


def _shared(paths: Sequence[list[str]]) -> int:
    """Return how many folders all paths begin with."""
    low, high = min(paths, default=[]), max(paths, default=[])  # what these two share, all share
    return next((n for n, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), min(len(low), len(high)))


def _by_word(urls: Iterable[str]) -> list[str]:
    """Return for each URL the first word of its file's name."""
    found = []
    for url in urls:
        file = _split(url)[1][-1]
        word = _WORD_END.split(file, maxsplit=1)[0]
        found.append(f"{word}-…" if word and word != file.partition(".")[0] else "(single pages)")
    return found


def _split(url: str) -> tuple[str, list[str]]:
    parts = urlsplit(url)
    return parts.netloc, parts.path.split("/")[1:] or [""]
