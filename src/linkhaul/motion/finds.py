"""What a check finds to look at: links that lead out of the scope, and the addresses that are made up for their hosts.

See `motion.checking` for how it hangs together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from linkhaul.config import Config
from linkhaul.decide.checkable import is_checked
from linkhaul.decide.fragments import fragment_state
from linkhaul.decide.patterns import finder
from linkhaul.decide.rows import row_filter
from linkhaul.model.records import Link, Visit
from linkhaul.model.sheaf import Sheaf
from linkhaul.model.url import USUAL_LENGTH, target_url, url_id
from linkhaul.motion.admit import Admission
from linkhaul.motion.probing import Probes
from linkhaul.store.checks import Checks, NewCheck
from linkhaul.store.journal import NewUrl

MOST_REMEMBERED = 200_000
MOST_SETTLED = 50_000
PROBE_DEPTH = -1
"""Made-up addresses come first at their host: when one is refused, the host's pages need not be kept for comparing."""
_KEPT_OUT = frozenset({"skip", "excluded"})


class Finds:
    """Collects what is to be looked at, and writes it.

    Args:
        is_on_disk: whether a URL is read from a folder that the user named; None when none is.
        is_source: whether a URL on disk is a page that comes with the sources anyway.
    """

    def __init__(
        self, config: Config, checks: Checks, admission: Admission, *,
        is_on_disk: Callable[[str], bool] | None = None, is_source: Callable[[str], bool] | None = None,
    ) -> None:  # fmt: skip
        self._checks = checks
        self._admission = admission
        self._is_on_disk = is_on_disk
        self._is_source = is_source
        self._passes = row_filter(config.rows)
        self._probes = None if config.check.no_probe else Probes(is_on_disk)
        self._found: list[NewCheck] = []
        self._done: dict[int, bool] = {}
        self._settled: set[str | None] = {None}
        admission.excludes = finder("exclude", config.rows.exclude)

    @property
    def has_some(self) -> bool:
        """Whether `write` would bring new targets."""
        return bool(self._found)

    def take(self, visit: Visit, links: Sequence[Link], page_id: int, depth: int) -> None:
        """Note what a visit that has come to its end gives to look at.

        Args:
            links: those of its page, if they are stored with it.
            depth: of the links: one more than the page's.
        """
        settled = self._settled
        for place, url in enumerate(links.urls if isinstance(links, Sheaf) else [link[2] for link in links]):
            if url not in settled:  # most links of a page lead where others have led before
                self.take_link(links[place], page_id, depth)
        for made_up in self._probes.wanted(visit) if self._probes is not None else ():
            host_id = self._admission.host_id(made_up)
            self._found.append(NewCheck(url_id(made_up), made_up, host_id, PROBE_DEPTH, "probe", "probe", None, purpose="probe"))

    def write(self, hosts: set[int]) -> int:
        """Put what was noted into the open transaction; return how many targets that makes more.

        Args:
            hosts: where the numbers of the hosts are put that got some.
        """
        if not self._found:
            return 0
        found, self._found = self._found, []
        hosts.update(new.host_id for new in found)
        return self._checks.add(found)

    def promote(self, pages: Sequence[NewUrl]) -> int:
        """Make pages of those that were only to be looked at; return how many are queued again."""
        return self._checks.promote(pages)

    def store(self, visits: Sequence[tuple[Visit, bool]], last: int) -> None:
        """Store what was seen with visits that have just been stored, the number of the last of which is told."""
        first = last - len(visits) + 1
        self._checks.keep((number, visit.seen) for number, (visit, _) in enumerate(visits, first) if visit.seen is not None)

    def copied(self, id: int, of_visit: int) -> None:
        """Note what the copy of a visit, just stored, is a copy of."""
        self._checks.copied(id, of_visit)

    def take_link(self, link: Link, page_id: int, depth: int) -> None:
        """Note what a link leads to, if it is to be looked at and was not noted lately."""
        url = link.url
        if url is None or not self._may_ask(url, link.page_url) or not is_checked(link):
            return
        address = target_url(url)
        id = self._admission.ids.get(url) or url_id(address)
        done = self._done.get(id)
        is_whole = not done and fragment_state(link.fragment, None) == "unread"
        if done is not None and (done or not is_whole):
            self._settle(url)
            return
        if not self._passes(link):
            return
        decision = self._admission.scope.decide(address, depth, follow=link.follow)
        if decision.rule in _KEPT_OUT:
            return
        if len(self._done) > MOST_REMEMBERED:
            self._done.clear()
        self._done[id] = is_whole
        self._settle(url)
        if decision.verdict != "follow" and not (self._is_source is not None and self._is_source(address)):
            host_id = self._admission.host_id(address)
            rule = decision.rule if decision.verdict == "record" else "disk"
            self._found.append(NewCheck(id, address, host_id, depth, rule, "link", page_id, is_whole=is_whole))

    def _settle(self, url: str) -> None:
        """Note that nothing can come of another link with this URL, fragment included."""
        if len(self._settled) > MOST_SETTLED:
            self._settled = {None}
        if len(url) <= USUAL_LENGTH:
            self._settled.add(url)

    def _may_ask(self, url: str, page_url: str) -> bool:
        """Return whether a URL can be looked at from a page: on the web, or in a folder that was named, from a page that is on disk itself."""
        if url.startswith(("http://", "https://")):
            return True
        return self._is_on_disk is not None and url.startswith("file:") and self._is_on_disk(url) and self._is_on_disk(page_url)
