"""From the links of a page to the URLs the run knows: identity, scope, and what was seen lately.

A page's links mostly lead where the run has been told of before. A bounded memory of URL → id and of id → depth spares
hashing and the run file the same question again; it is dropped when it is full, because forgetting costs only time.
"""

from __future__ import annotations

from collections.abc import Iterable

from linkhaul.decide.scope import Scope
from linkhaul.decide.traps import Traps
from linkhaul.model.records import FoundVia, Link
from linkhaul.model.url import host_of, target_url, url_id
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import NewUrl

MOST_REMEMBERED = 200_000
NO_CLICKS = 1_000_000
"""The depth of what no click leads to: a sitemap names it. It is above every depth that there is."""
_STATES = {"record": "recorded", "drop": "drop"}


class Admission:
    """Decides what becomes of each URL that is found.

    Args:
        traps: what keeps a crawl out of endless spaces; None for a list, which follows nothing.

    Attributes:
        scope: what is followed; replaced when a seed's redirect widens it.
        ids: the ids of link URLs seen lately, by URL as it stands in the link.
    """

    def __init__(self, frontier: Frontier, scope: Scope, *, obey_nofollow: bool, traps: Traps | None = None) -> None:
        self._frontier = frontier
        self._traps = traps
        self._obey_nofollow = obey_nofollow
        self.scope = scope
        self.ids: dict[str, int] = {}
        self._depths: dict[int, int] = {}

    def links(self, links: Iterable[Link], page_id: int, depth: int) -> list[NewUrl]:
        """Return the URLs of a page's links that the run may not know yet, or not so near to a seed.

        Args:
            depth: of the links: one more than the page's.
        """
        found = []
        ids, depths = self.ids, self._depths
        for link in links:
            url = link[2]
            if url is None:
                continue
            id = ids.get(url)
            if id is None:
                id = ids[url] = url_id(target_url(url))
            if depths.get(id, 1_000_000) <= depth:
                continue
            if new := self._decided(id, url, depth, page_id, may_follow=link[17] or not self._obey_nofollow):
                found.append(new)
        return found

    def host_id(self, url: str) -> int:
        """Return the number of a URL's host."""
        return self._frontier.host_id(host_of(url))

    def forget(self) -> None:
        """Drop what is remembered when it is too much; to be called when no link waits to be stored."""
        if len(self.ids) > MOST_REMEMBERED:
            self.ids.clear()

    def one(self, url: str, depth: int, via: FoundVia, parent_id: int | None) -> NewUrl:
        """Return a single URL (a canonical address, a sitemap's entry) as decided, whether it is known or not."""
        state, reason = self._state(url, 0 if depth == NO_CLICKS else depth, via)
        return NewUrl(url_id(url), url, self._frontier.host_id(host_of(url)), depth, state, reason, via, parent_id)

    def _decided(self, id: int, link_url: str, depth: int, page_id: int, *, may_follow: bool) -> NewUrl | None:
        url = target_url(link_url)
        state, reason = self._state(url, depth, "link") if may_follow else ("recorded", "nofollow")
        if state == "drop":
            return None
        if len(self._depths) > MOST_REMEMBERED:
            self._depths.clear()
        if may_follow:  # another link without nofollow may still follow it
            self._depths[id] = depth
        return NewUrl(id, url, self._frontier.host_id(host_of(url)), depth, state, reason, "link", page_id)

    def _state(self, url: str, depth: int, via: FoundVia) -> tuple[str, str]:
        decision = self.scope.decide(url, depth, via)
        if decision.verdict != "follow":
            return _STATES[decision.verdict], decision.rule
        trap = self._traps.admit(url) if self._traps is not None else None
        return ("queued", decision.rule) if trap is None else ("withheld", f"trap:{trap}")
