"""What an earlier run of the same site knows of its pages: what each can be asked for again by, and the page itself.

A page that has not changed is given back as it was read then, so a run that is told so for every page is as whole as its predecessor.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

import msgspec

from linkhaul.model.facts import PageFacts
from linkhaul.model.records import Page
from linkhaul.store.opening import open_to_read
from linkhaul.store.reader import links_between

# Validators stand with the visit that read the page, be it on behalf of another URL that was redirected to it.
_KNOWN = """
SELECT v.id, k.etag, k.modified, v.bytes, v.content_type, v.charset FROM visit v JOIN validator k ON k.visit = v.id
WHERE v.id IN (SELECT visit FROM url WHERE id = ?1 UNION ALL SELECT id FROM visit WHERE page_id = ?1 AND page_id <> url_id)
    AND v.page_id = ?1 AND v.outcome = 'ok' AND v.status = 200 LIMIT 1
"""
_PAGE = "SELECT charset, charset_from, title, lang, canonical, robots FROM visit WHERE id = ?"


class Known(NamedTuple):
    """What is known of a page: the visit that read it, its ETag and Last-Modified ("" for one that is absent), its size and type."""

    visit: int
    etag: str
    modified: str
    bytes: int
    content_type: str | None
    charset: str | None


class Revisited:
    """An earlier run file, opened to read.

    Raises:
        RunFileError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._db: sqlite3.Connection = open_to_read(path)
        tables = {name for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        self._has_validators, self._has_facts = "validator" in tables, "fact" in tables

    def known(self, url_id: int) -> Known | None:
        """Return what is known of the page at a URL, by its identity; None where it cannot be asked for again."""
        row = self._db.execute(_KNOWN, (url_id,)).fetchone() if self._has_validators else None
        return None if row is None else Known(*row)

    def page(self, known: Known, url: str, found_at: str) -> Page:
        """Return a page as it was read.

        Args:
            url: its address.
            found_at: when it was asked for this time.
        """
        charset, charset_from, title, lang, canonical, robots = self._db.execute(_PAGE, (known.visit,)).fetchone()
        links = [link._replace(found_at=found_at) for link in links_between(self._db, known.visit - 1, known.visit)]
        return Page(
            url=url, base_url=url, charset=charset, charset_from=charset_from, title=title, lang=lang, canonical=canonical, robots=robots,
            links=links, characters=sum([len(link.url or "") + len(link.text) for link in links]),
            facts=self._facts(known.visit), validators=(known.etag, known.modified),
        )  # fmt: skip

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _facts(self, visit: int) -> PageFacts | None:
        row = self._db.execute("SELECT facts FROM fact WHERE visit = ?", (visit,)).fetchone() if self._has_facts else None
        return None if row is None else msgspec.json.decode(row[0], type=PageFacts)
