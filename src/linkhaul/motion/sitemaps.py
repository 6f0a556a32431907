"""Sitemaps of a crawl: those that robots.txt names, /sitemap.xml, and those the user names; read beside the links.

How this works. When the rules of a host within the scope become known, its sitemaps are noted in the run file and asked
for, through the host's pace and robots.txt like any page. What a sitemap names becomes a target with `found_via`
sitemap or feed. It is no click from anywhere, so its depth is unknown until a link leads to it. A sitemap counts as done
when its URLs are in the run file, in one transaction: after a crash it is read again or not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice

from msgspec import Struct

from linkhaul.decide.retry import next_wait
from linkhaul.model.records import Reply, Target
from linkhaul.model.url import from_typed, host_of, join, target_url, url_id
from linkhaul.motion.admit import NO_CLICKS, Admission
from linkhaul.motion.chain import Chain, redirect
from linkhaul.motion.hosts import HostState, Job
from linkhaul.motion.ledger import Ledger
from linkhaul.motion.parts import Parts
from linkhaul.read.sitemap import MAX_DEPTH, SitemapEntry, SitemapFault, read_sitemap
from linkhaul.store.notes import add_listed

LOT = 1_000
MOST_SITEMAPS = 50_000
"""How many sitemaps one run reads: an index of indexes could name a billion."""


class Opened(Struct):
    """A sitemap that is being read, a lot of its entries at a time."""

    url: str
    entries: Iterator[SitemapEntry | SitemapFault]
    level: int
    taken: int = 0
    before: int = 0
    pages: int = 0
    fault: str | None = None


class Sitemaps:
    """Asks for sitemaps and puts what they name into the frontier.

    Args:
        ask: has a request made at a host, through its pace.
        is_wanted: whether a host's own sitemaps are looked for: it is within the scope.
        safely: does a step so that no fault of it gets lost.

    Attributes:
        reading: sitemaps that have arrived and are not read to their end.
    """

    def __init__(  # noqa: PLR0913 - the doors of the engine it works through
        self, parts: Parts, ledger: Ledger, admission: Admission, *, ask: Callable[[str, Job], None],
        is_wanted: Callable[[str], bool], safely: Callable[[Callable[[], None]], None],
    ) -> None:  # fmt: skip
        self._config = parts.config
        self._notes = parts.notes
        self._journal = parts.journal
        self._frontier = parts.frontier
        self._clocks = parts.clocks
        self._admission = admission
        self._ledger = ledger
        self._ask = ask
        self._is_wanted = is_wanted
        self._safely = safely
        self._noted = 0
        self.reading = 0

    def begin(self) -> None:
        """Ask for the sitemaps that the user names, and for those that an earlier process had not done."""
        for url in self._config.crawl.sitemap:
            address = from_typed(url)[0]
            self._frontier.typed_host_id(host_of(address))
            self._note(address, 0)
        for url, level in self._notes.open_sitemaps():
            self._request(url, level)

    def host_is_known(self, host: HostState) -> None:
        """Note the sitemaps of a host whose robots.txt has been read."""
        if host.rules is None or host.unreachable is not None or self._config.crawl.no_sitemaps or not self._is_wanted(host.row.host):
            return
        named = [url for name in host.rules.sitemaps if (url := join(host.row.host + "/robots.txt", name)) and url.startswith("http")]
        usual = host.row.host + "/sitemap.xml"
        is_worth_a_try = host.parked is None and host.rules.allows(usual, self._config.fetch.user_agent)
        for url in named or ([usual] if is_worth_a_try else []):
            if self._note(target_url(url), 0):
                self._request(target_url(url), 0)

    def _note(self, url: str, level: int) -> bool:
        """Put a sitemap into the run file; return whether it is new."""
        if self._noted >= MOST_SITEMAPS:
            return False
        is_new = self._notes.add_sitemap(url, level)
        self._noted += is_new
        return is_new

    def _request(self, url: str, level: int) -> None:
        self._send(Chain(Target(url_id(url), url, host_of(url), found_via="sitemap"), url), level, 0)

    def _send(self, chain: Chain, level: int, attempt: int) -> None:
        typed = self._frontier.host(self._frontier.host_id(host_of(chain.url))).typed
        target = chain.at(typed=typed)
        if not chain.hops:
            target = Target(target.id, target.url, target.host, found_via="sitemap", typed=typed)
        self._ask(target.host, Job(target, lambda host, reply: self._arrived(chain, level, attempt, host, reply), accept="any"))

    def _arrived(self, chain: Chain, level: int, attempt: int, host: HostState, reply: Reply) -> None:
        step = redirect(chain, reply, self._config.fetch.max_redirects)
        if isinstance(step, Chain):
            self._send(step, level, attempt)
            return
        wait_s = None if step is not None else next_wait(reply, attempt, self._config.pace, self._clocks.random())
        if wait_s is not None:
            host.pace.hold_until(self._clocks.monotonic() + wait_s)
            self._send(Chain(chain.target, chain.target.url), level, attempt + 1)
            return
        failure = step or reply.failure
        fault = failure.detail if failure is not None else f"the server answered {reply.status}" if reply.status != 200 else None
        if fault is not None:
            is_guess = chain.target.url.endswith("/sitemap.xml") and reply.status is not None and 400 <= reply.status < 500
            self._end(chain.target.url, 0, fault, is_told=not is_guess)
            return
        self.reading += 1
        self._go_on(Opened(chain.target.url, iter(read_sitemap(reply.body, chain.url)), level))

    def _go_on(self, opened: Opened) -> None:
        """Put a lot of what a sitemap names into the open transaction, and leave the rest for the loop's next turn."""
        new = []
        for entry in islice(opened.entries, LOT):
            opened.taken += 1
            if isinstance(entry, SitemapFault):
                opened.fault = entry.detail
            elif entry.kind == "page":
                opened.pages += 1
                new.append(self._admission.one(target_url(entry.url), NO_CLICKS, entry.via, None))
            elif opened.level < MAX_DEPTH and self._note(target_url(entry.url), opened.level + 1):
                self._request(target_url(entry.url), opened.level + 1)
        self._ledger.add([one for one in new if one.state != "drop"])
        if self._config.audit.facts and new:
            add_listed(self._journal, opened.url, [one.id for one in new])
        if opened.taken % LOT == 0 and opened.taken > opened.before:
            opened.before = opened.taken
            asyncio.get_running_loop().call_soon(self._safely, lambda: self._go_on(opened))
            return
        self.reading -= 1
        self._end(opened.url, opened.pages, opened.fault, is_told=True)

    def _end(self, url: str, found: int, fault: str | None, *, is_told: bool) -> None:
        self._notes.end_sitemap(url, found, fault)
        if fault is not None and is_told:
            self._ledger.progress.note(f"sitemap {url}: {fault}")
