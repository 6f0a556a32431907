"""What the run knows of a page already: who read it, what is on it, how deep it is."""

from __future__ import annotations

import sqlite3
import time

from linkhaul.model.records import Hop, Link, Target, Visit


class Known:
    """Answers from the run file, through the writer's own connection, so that the batch being written counts."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def has_redirects(self) -> bool:
        """Tell whether any visit ended at another URL's page."""
        return self._db.execute("SELECT 1 FROM visit WHERE page_id <> url_id LIMIT 1").fetchone() is not None

    def visit_that_read(self, page_id: int) -> int | None:
        """Return the visit that read the page of this identity, at its own URL or at the end of redirects, or None."""
        own = self._db.execute("SELECT visit FROM url WHERE id = ? AND state = 'done' AND reason = 'ok'", (page_id,)).fetchone()
        return own[0] if own else self.visit_that_was_redirected_to(page_id)

    def visit_that_was_redirected_to(self, page_id: int) -> int | None:
        """Return the visit of another URL whose redirects ended at the page of this identity and read it, or None."""
        sql = "SELECT id FROM visit WHERE page_id = ? AND page_id <> url_id AND outcome = 'ok' LIMIT 1"
        row = self._db.execute(sql, (page_id,)).fetchone()
        return row[0] if row else None

    def visit_again(self, number: int, target: Target, hops: tuple[Hop, ...]) -> Visit:
        """Return a visit of a target that ended at the page another visit read; without the page itself."""
        sql = "SELECT final_url, outcome, status, content_type, bytes, total_s, links FROM visit WHERE id = ?"
        final_url, outcome, status, content_type, size, total_s, links = self._db.execute(sql, (number,)).fetchone()
        return Visit(
            target, final_url, outcome, time.time(), status, None, hops, content_type, size, total_s=total_s, link_count=links
        )  # fmt: skip

    def links_on(self, page_id: int) -> list[Link]:
        """Return the links of a page that was read, as far as following them needs: `url` and `follow`."""
        sql = "SELECT url, follow FROM link JOIN form ON form.id = link.form WHERE link.id > ?1 << 20 AND link.id < (?1 + 1) << 20"
        blank = Link("", 0, None, "", None, "", "", "", "", None, None, None, None, None, False, "", False, True, "", "")
        elsewhere = "SELECT id FROM visit WHERE page_id = ? AND page_id <> url_id AND outcome = 'ok'"
        # They are stored with the first visit that ended at the page; later ones are copies without links.
        for visit in (self.visit_that_read(page_id), *(number for (number,) in self._db.execute(elsewhere, (page_id,)))):
            links = [] if visit is None else self._db.execute(sql, (visit,)).fetchall()
            if links:
                return [blank._replace(url=url, follow=bool(follow)) for url, follow in links]
        return []

    def redirects_of(self, id: int) -> list[str]:
        """Return where the redirects of a URL led, one after the other."""
        sql = "SELECT hop.location FROM url JOIN hop ON hop.visit = url.visit WHERE url.id = ? ORDER BY n"
        return [location for (location,) in self._db.execute(sql, (id,))]

    def depth_of(self, url_id: int) -> int:
        """Return how many clicks a URL is from the nearest seed."""
        (depth,) = self._db.execute("SELECT depth FROM url WHERE id = ?", (url_id,)).fetchone()
        return int(depth)
