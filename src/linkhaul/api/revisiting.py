"""Pages asked for again with what an earlier run knows of them: those that have not changed are taken from there.

How this works. A page's ETag and Last-Modified are kept beside its visit. The next run sends them with its request; a server that
answers 304 sends no body, and the page is given as the earlier run read it, with its links. To everybody else that is a page like any
other, read anew: it is written, followed and survives a crash by the same rules, and the new run file needs no other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from linkhaul.config import Config, stored
from linkhaul.model.fetcher import Accept, Fetcher
from linkhaul.model.records import Page, Reply, Target
from linkhaul.model.url import url_id
from linkhaul.motion.parts import Read
from linkhaul.store.opening import open_to_read
from linkhaul.store.reader import value
from linkhaul.store.revisited import Known, Revisited

AS_BEFORE = ("kinds", "max_links_per_page", "facts", "user_agent")
"""Settings that say what is read of a page: where they have changed, every page is read anew."""
_FIT = re.compile(r"[\x20-\x7e]{1,1000}")
"""What may be sent back to a server."""


class Revisit(Struct):
    """That a run keeps what its pages can be asked for again by, and the earlier run that did.

    Attributes:
        earlier: its run file; None where there is none, or where everything is to be read anew.
        kept: how many pages had not changed.
    """

    earlier: Path | None = None
    kept: int = 0


class Visitor:
    """Fetches and reads with what an earlier run knows.

    Args:
        earlier: None to keep validators only.
        revisit: where pages that had not changed are counted.
    """

    def __init__(self, fetcher: Fetcher, read: Read, earlier: Revisited | None, revisit: Revisit) -> None:
        self._fetcher = fetcher
        self._read = read
        self._earlier = earlier
        self._revisit = revisit

    async def get(self, target: Target, accept: Accept = "page") -> Reply:
        """Return the reply to a request; one that says that nothing has changed is given as the reply that it stands for, without a body."""
        known = self._earlier.known(target.id) if self._earlier is not None and accept == "page" else None
        conditions = _conditions(known) if known is not None else ()
        if known is None or not conditions:
            return await self._fetcher.get(target, accept)
        reply = await self._fetcher.get(replace(target, conditions=conditions), accept)
        if reply.status == 304 and reply.failure is None:
            reply.status, reply.kept, reply.wire_bytes = 200, known.visit, known.bytes
            reply.headers = (
                *(pair for pair in reply.headers if pair[0] != "content-type"),
                ("content-type", known.content_type or "text/html"),
            )
        return reply

    def read(self, reply: Reply, url: str, found_at: str) -> Page:
        """Return a page, with its validators; see `motion.parts.Read`."""
        known = self._earlier.known(url_id(url)) if self._earlier is not None and reply.kept is not None else None
        if known is not None and self._earlier is not None:
            self._revisit.kept += 1
            return self._earlier.page(known, url, found_at)
        page = self._read(reply, url, found_at)
        validators = (reply.header("etag") or "", reply.header("last-modified") or "")
        page.validators = validators if any(validators) else None
        return page


@contextmanager
def revisiting(revisit: Revisit | None, config: Config, fetcher: Fetcher, read: Read) -> Iterator[tuple[Fetcher, Read]]:
    """Give what fetches and what reads, with what an earlier run knows; both as they are where nothing is to be kept."""
    if revisit is None:
        yield fetcher, read
    elif revisit.earlier is None or not _reads_alike(revisit.earlier, config):
        visitor = Visitor(fetcher, read, None, revisit)
        yield visitor, visitor.read
    else:
        with closing(Revisited(revisit.earlier)) as earlier:
            visitor = Visitor(fetcher, read, earlier, revisit)
            yield visitor, visitor.read


def _conditions(known: Known) -> tuple[tuple[str, str], ...]:
    pairs = (("If-None-Match", known.etag), ("If-Modified-Since", known.modified))
    return tuple((name, text) for name, text in pairs if _FIT.fullmatch(text))


def _reads_alike(earlier: Path, config: Config) -> bool:
    with closing(open_to_read(earlier)) as connection:
        before, now = value(connection, "settings", {}), json.loads(json.dumps(stored(config)))
    return all(before.get(name) == now[name] for name in AS_BEFORE)
