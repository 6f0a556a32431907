"""A folder of generated pages of 200 KB, of any size: what nginx serves for `large`, and what `folder` reads from disk."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from bench.pages import ORIGIN, generated

ANCHOR = re.compile(rb'<a [^>]*href="(?!mailto:)')
"""An anchor that leads to the web: the pages are ours, and hold no other."""


class Tree(NamedTuple):
    """What was written.

    Attributes:
        names: paths below the folder, in the order of the site.
        size: bytes in all.
        links: anchors that lead to the web, in all.
    """

    names: list[str]
    size: int
    links: int


def write_tree(folder: Path, pages: int, origin: str, suffix: str = "") -> Tree:
    """Write so many generated pages below a folder, each where its address says.

    Args:
        origin: where the site is said to live, in its links.
        suffix: of the files' names; the links have none.
    """
    names: list[str] = []
    size = links = 0
    old, new = ORIGIN.encode(), origin.encode()
    for url, text in generated(pages):
        names.append(url.removeprefix(f"{ORIGIN}/") + suffix)
        file = folder / names[-1]
        file.parent.mkdir(parents=True, exist_ok=True)
        body = text.replace(old, new)
        file.write_bytes(body)
        size, links = size + len(body), links + len(ANCHOR.findall(body))
    return Tree(names, size, links)
