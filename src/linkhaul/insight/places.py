"""Findings with the line and column of each link, where the page is a file whose source can be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import NamedTuple

from msgspec.structs import replace

from linkhaul.model.check import Checked, Place

Position = tuple[int, int]
_RAWS = "SELECT id & 1048575, raw FROM link WHERE id > ?1 << 20 AND id < (?1 + 1) << 20 ORDER BY id"


class Source(NamedTuple):
    """The text of a page's file, and whether it is Markdown."""

    text: str
    is_markdown: bool = False


def located(connection: sqlite3.Connection, findings: Iterable[Checked], source_of: Callable[[str], Source | None]) -> list[Checked]:
    """Return findings whose places have lines and columns, where they can be told; it holds them all in memory.

    Args:
        connection: the run file, opened to read.
        source_of: gives the source of a page by its URL; None for one that is no file, or cannot be read. Asked once a page.
    """
    every = list(findings)
    pages = dict.fromkeys(place.page_url for checked in every for place in checked.places)
    known = {page: source for page in pages if (source := source_of(page)) is not None}
    if not known:
        return every
    found = {page: _on_page(connection, visit, known[page]) for page, visit in _visits(connection, known).items()}
    return [replace(checked, places=tuple(_placed(place, found) for place in checked.places)) for checked in every]


def _placed(place: Place, found: dict[str, dict[int, Position]]) -> Place:
    position = found.get(place.page_url, {}).get(place.n)
    return place if position is None else replace(place, line=position[0], column=position[1])


def _visits(connection: sqlite3.Connection, pages: Iterable[str]) -> dict[str, int]:
    """Return the visit that read each of these pages. Cost: a pass over all visits."""
    wanted = set(pages)
    rows = connection.execute("SELECT final_url, id FROM visit WHERE outcome = 'ok' AND links > 0 ORDER BY id DESC")
    return {url: visit for url, visit in rows if url in wanted}


def _on_page(connection: sqlite3.Connection, visit: int, source: Source) -> dict[int, Position]:
    """Return where the links of a page stand, by their number on it."""
    from linkhaul.read.positions import positions  # with its parser: only where there are files

    links = connection.execute(_RAWS, (visit,)).fetchall()
    found = positions(source.text, [raw for _, raw in links], is_markdown=source.is_markdown)
    return {n: position for (n, _), position in zip(links, found, strict=True) if position is not None}
