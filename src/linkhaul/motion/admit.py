"""From the links of a page to the URLs the run knows: identity, scope, and what was seen lately.

A page's links mostly lead where the run has been told of before. A bounded memory of URL → id and of id → depth spares
hashing and the run file the same question again; it is dropped when it is full, because forgetting costs only time.

The traps count what they are asked about, so they are asked once for each URL of a run, be it found again after everything in memory was
forgotten, or by the next process: what the run file says of a URL is what was decided.
"""

from __future__ import annotations

from collections.abc import Iterable

from linkhaul.decide.patterns import Finds
from linkhaul.decide.scope import Scope
from linkhaul.decide.traps import Traps
from linkhaul.model.records import FoundVia, Link
from linkhaul.model.sheaf import Sheaf
from linkhaul.model.url import USUAL_LENGTH, host_of, target_url, url_id
from linkhaul.store.frontier import Frontier
from linkhaul.store.journal import NewUrl

MOST_REMEMBERED = 200_000
BYTES_REMEMBERED = 5_120
"""How much of the memory a run may take there has to be for each URL that is remembered; it takes a tenth of that."""
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
        room: how many URLs are remembered.
        excludes: what a check is to leave alone, whole; None when nothing is.
    """

    def __init__(self, frontier: Frontier, scope: Scope, *, obey_nofollow: bool, traps: Traps | None = None) -> None:
        self._frontier = frontier
        self._traps = traps
        self._obey_nofollow = obey_nofollow
        self.scope = scope
        self.room = MOST_REMEMBERED
        self.ids: dict[str, int] = {}
        self._characters = 0
        self._depths: dict[int, int] = {}
        self._judged: dict[int, tuple[str, str]] = {}
        self.excludes: Finds | None = None

    def links(self, links: Iterable[Link], page_id: int, depth: int) -> list[NewUrl]:
        """Return the URLs of a page's links that the run may not know yet, or not so near to a seed.

        Args:
            depth: of the links: one more than the page's.
        """
        if isinstance(links, Sheaf):
            return self._of_sheaf(links, page_id, depth)
        found = []
        ids, depths = self.ids, self._depths
        for link in links:
            url = link[2]
            if url is None:
                continue
            id = ids.get(url)
            if id is None:  # a page is linked to by many fragments
                address = target_url(url)
                id = ids[url] = ids[address] = ids.get(address) or url_id(address)
                self._characters += len(url)
            if depths.get(id, NO_CLICKS + 1) <= depth:
                continue
            if new := self._decided(id, url, depth, page_id, may_follow=link[17] or not self._obey_nofollow):
                found.append(new)
        return found

    def host_id(self, url: str) -> int:
        """Return the number of a URL's host."""
        return self._frontier.host_id(host_of(url))

    def forget(self) -> None:
        """Drop what is remembered when it is too much; to be called when neither a link nor a URL waits to be stored."""
        if len(self.ids) > self.room or self._characters > self.room * USUAL_LENGTH:
            self.ids.clear()
            self._characters = 0
        if len(self._judged) > self.room:
            self._judged.clear()

    def one(self, url: str, depth: int, via: FoundVia, parent_id: int | None) -> NewUrl:
        """Return a single URL (a canonical address, a sitemap's entry) as decided, whether it is known or not."""
        id = url_id(url)
        state, reason = self._state(id, url, 0 if depth == NO_CLICKS else depth, via)
        return NewUrl(id, url, self._frontier.host_id(host_of(url)), depth, state, reason, via, parent_id)

    def _of_sheaf(self, sheaf: Sheaf, page_id: int, depth: int) -> list[NewUrl]:
        """Do the same for links that are made when they are asked for: only for those that lead where none as near has led lately."""
        found = []
        depths = self._depths
        for place, id in enumerate(sheaf.ids):
            if id is not None and depths.get(id, NO_CLICKS + 1) > depth:
                link = sheaf[place]
                if new := self._decided(id, link.url or "", depth, page_id, may_follow=link.follow or not self._obey_nofollow):
                    found.append(new)
        return found

    def _decided(self, id: int, link_url: str, depth: int, page_id: int, *, may_follow: bool) -> NewUrl | None:
        url = target_url(link_url)
        state, reason = self._state(id, url, depth, "link") if may_follow else ("recorded", "nofollow")
        if state == "drop":
            return None
        if len(self._depths) > self.room:
            self._depths.clear()
        if may_follow:  # another link without nofollow may still follow it
            self._depths[id] = depth
        return NewUrl(id, url, self._frontier.host_id(host_of(url)), depth, state, reason, "link", page_id)

    def _state(self, id: int, url: str, depth: int, via: FoundVia) -> tuple[str, str]:
        decision = self.scope.decide(url, depth, via)
        if decision.verdict != "follow":
            return _STATES[decision.verdict], decision.rule
        if self.excludes is not None and self.excludes(url):
            return "recorded", "excluded"
        if self._traps is None or not self._traps.is_watched(url):
            return "queued", decision.rule
        judged = self._judged.get(id) or self._judged_before(id)
        if judged is None:
            trap = self._traps.admit(url)
            judged = ("queued", decision.rule) if trap is None else ("withheld", f"trap:{trap}")
        self._judged[id] = judged
        return judged

    def _judged_before(self, id: int) -> tuple[str, str] | None:
        """Return what became of a URL that the traps were asked about; what was only recorded is a new question."""
        found = self._frontier.decision_on(id)
        if found is None or found[0] == "recorded":
            return None
        return found if found[0] == "withheld" else ("queued", found[1])
