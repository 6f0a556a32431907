"""What a check does besides a crawl: links that lead out of the scope are looked at, and what looks broken is asked twice.

How this works. The engine of a crawl runs unchanged: the same scheduler, pace, robots.txt, guard and retries. Its parts ask
here at a few places, and not at all when nothing is checked:

* `Finds`: what a crawl would only record becomes a target with the purpose *check*, in the transaction that stores the page:
  asked for once, by `glance`, and its links are not read. Where a link names a place on it, it is wanted whole, for its ids.
* `Probes`: hosts that have answered with a page get a request for an address that was made up, with the purpose *probe*.
* `Checking`: what a reply means for a check. What looks broken goes back to the frontier once, like a retry; of every other
  reply the little is kept that a verdict needs (`model.check.Seen`).

A URL is wanted for more as the run goes on: a page, where it was only to be looked at; or whole. The row of the URL says what it is
wanted for by now, so a reply that came for less is asked for again, and nothing has to be remembered.

Verdicts are not made here: `insight.check` asks the run file, and another day's rules can judge the same run.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from linkhaul.config import Config
from linkhaul.crew.looking import Wish, look
from linkhaul.decide.media import is_page, media_type
from linkhaul.decide.statuses import ranges_of
from linkhaul.decide.verdict import Rules, is_suspect
from linkhaul.model.check import Seen
from linkhaul.model.fetcher import GLANCE_BYTES, Accept
from linkhaul.model.records import Failure, Page, Reply, Target, Visit
from linkhaul.model.url import host_of, url_id
from linkhaul.motion.chain import Chain
from linkhaul.motion.probing import MOST_REMEMBERED, made_up_beside, made_up_url
from linkhaul.store.checks import Sights

CONFIRM = "confirm:"
"""What the reason of a target begins with that waits for its second try."""
SHARE_OF_WAIT = 0.2
"""How much of the wait a host's own word takes, such as a 404: a name that is not found or a door that is shut passes later."""
SHARE_WHERE_TRUE = 0.05
TRUE_WORDS = 3
"""The same, once a host has said so many times what it had said before, and never anything else: its word is worth more then, also where
it was given before."""
NEVER = -1_000_000_000
"""So many times less a host's word has held that once said something else the second time."""


class Checking:
    """Decides on targets and replies of a check.

    Args:
        sooner: has nothing wait longer than so many seconds for its second try at a host, named, where a host's word is what it waits for.
    """

    def __init__(
        self, config: Config, known: Sights, is_on_disk: Callable[[str], bool] | None, sooner: Callable[[str, float], None]
    ) -> None:
        self._sooner = sooner
        self._is_on_disk = is_on_disk
        self._known = known
        self._confirm_after_s = config.check.confirm_after
        self._rules = Rules(accept=ranges_of(config.check.accept))
        self._is_probing = not config.check.no_probe
        self._refused: dict[str, bool] = {}
        self._true_words: dict[str, int] = {}
        self._looked_up: set[str] = set()

    def accept(self, chain: Chain) -> Accept:
        """Return what the body at the end of a chain is wanted for."""
        return "whole" if (chain.target.purpose == "page" and chain.is_read) or chain.target.is_whole else "glance"

    def current(self, target: Target) -> Target:
        """Return a target as it is wanted by now: more may have been found since it was taken from the frontier."""
        if not self._known.may_have_changed(target.id):
            return target
        purpose, is_whole, _ = self._known.standing(target.id)
        return target if (purpose, is_whole) == (target.purpose, target.is_whole) else replace(target, purpose=purpose, is_whole=is_whole)

    def visit_that_saw(self, target: Target, id: int) -> int | None:
        """Return a visit that has seen what stands at a URL, so that a target that only looks at it need not ask."""
        return self._known.visit_that_saw(id, is_whole=target.is_whole)

    def second_try(self, chain: Chain, reply: Reply, failure: Failure | None) -> tuple[float, str] | None:
        """Return after how many seconds what looks broken is asked once more, and the reason to note; None when it is not.

        Args:
            failure: what is wrong with where the chain has come.
        """
        if chain.target.purpose == "probe":
            return None
        is_bad = is_suspect(reply.status, failure, self._rules)
        if not is_bad and not chain.target.attempt:
            return None
        host, is_word = host_of(chain.url), reply.failure is None and failure is None
        if self._known.standing(chain.target.id).reason.startswith(CONFIRM):
            self._note(host, is_same=is_bad and is_word)
            return None
        if not is_bad:
            return None
        share = 1.0 if not is_word else SHARE_WHERE_TRUE if self._true_words.get(host, 0) >= TRUE_WORDS else SHARE_OF_WAIT
        return share * self._confirm_after_s, CONFIRM + (failure.kind if failure is not None else str(reply.status))

    def _note(self, host: str, *, is_same: bool) -> None:
        """Note what a second try came to: how often a host's word has held, or that it does not, which stays."""
        if len(self._true_words) > MOST_REMEMBERED:
            self._true_words.clear()
        self._true_words[host] = held = self._true_words.get(host, 0) + 1 if is_same else NEVER
        if held == TRUE_WORDS:
            self._sooner(host, SHARE_WHERE_TRUE * self._confirm_after_s)

    def seen(self, chain: Chain, reply: Reply, page: Page | None) -> Seen:
        """Return what is kept of the last reply of a chain.

        Args:
            page: what was read of it; the parsed document, or what was seen where it was read, is taken from it.
        """
        document = None
        if page is not None:
            seen, page.seen = page.seen, None
            if seen is not None:
                return seen
            document, page.document = page.document, None
        return look(reply, self.wish(chain, reply), document)

    def wish(self, chain: Chain, reply: Reply) -> Wish:
        """Return what is to be known of the last reply of a chain; a made-up address has been answered then."""
        may_be_page = is_page(reply.status or 0, media_type(reply.header("content-type"))) and reply.failure is None
        is_part = len(reply.body) >= GLANCE_BYTES and not (may_be_page and self.accept(chain) == "whole")
        if chain.target.purpose == "probe":
            self._refused[chain.target.url] = reply.failure is not None or (reply.status or 0) >= 400
        return Wish(may_be_page and not is_part, is_part, self._is_compared(chain))

    def _is_compared(self, chain: Chain) -> bool:
        """Return whether the end of a chain may have to be compared with an answer to a made-up address, as far as is known by now."""
        if chain.target.purpose == "probe":
            return True
        if not self._is_probing or (self._is_on_disk is not None and self._is_on_disk(chain.url)):
            return False
        places = (chain.url,) if chain.url == chain.target.url else (chain.url, chain.target.url)
        for place in places:
            if self._is_refused(made_up_url(host_of(place))) is not True:
                return True
        return any(self._is_refused(made_up_beside(place)) is False for place in places)

    def _is_refused(self, made_up: str) -> bool | None:
        """Return whether what cannot exist was answered as it should be: then good answers need no second thought; None while unknown."""
        known = self._refused.get(made_up)
        if known is None and made_up not in self._looked_up:
            if len(self._looked_up) > MOST_REMEMBERED:
                self._looked_up.clear()
                self._refused.clear()
            self._looked_up.add(made_up)
            known = self._known.is_refused(url_id(made_up))
            if known is not None:
                self._refused[made_up] = known
        return known

    def is_outdated(self, visit: Visit) -> bool:
        """Return whether a target is wanted for more by now than this visit of it gives."""
        target = visit.target
        if target.purpose != "check" or visit.outcome != "checked":
            return False
        purpose, is_whole, _ = self._known.standing(target.id)
        return purpose == "page" or (is_whole and not target.is_whole and visit.seen is not None and visit.seen.signs.is_part)
