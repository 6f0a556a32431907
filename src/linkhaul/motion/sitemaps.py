"""Sitemaps of a crawl: those that robots.txt names, /sitemap.xml, and those the user names; read beside the links.

How this works. When the rules of a host within the scope become known, its sitemaps are noted in the run file and asked
for, through the host's pace and robots.txt like any page. What a sitemap names becomes a target with `found_via`
sitemap or feed. It is no click from anywhere, so its depth is unknown until a link leads to it. A sitemap counts as done
when its URLs are in the run file, in one transaction: after a crash it is read again or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from linkhaul.motion.admit import NO_CLICKS, Admission
from linkhaul.motion.chain import Chain, redirect
from linkhaul.motion.hosts import HostState, Job
from linkhaul.motion.ledger import Ledger
from linkhaul.motion.parts import Parts
from linkhaul.decide.retry import next_wait
from linkhaul.model.records import Reply, Target
from linkhaul.model.url import from_typed, host_of, join, target_url, url_id
from linkhaul.read.sitemap import MAX_DEPTH, SitemapEntry, SitemapFault, read_sitemap

LOT = 1_000
MOST_SITEMAPS = 50_000
"""How many sitemaps one run reads: an index of indexes could name a billion."""


class Sitemaps:
    """Asks for sitemaps and puts what they name into the frontier.

    Args:
        ask: has a request made at a host, through its pace.
        is_wanted: whether a host's own sitemaps are looked for: it is within the scope.
    """

    def __init__(
        self, parts: Parts, ledger: Ledger, admission: Admission, *, ask: Callable[[str, Job], None], is_wanted: Callable[[str], bool]
    ) -> None:
        self._config = parts.config
        self._notes = parts.notes
        self._frontier = parts.frontier
        self._clocks = parts.clocks
        self._admission = admission
        self._ledger = ledger
        self._ask = ask
        self._is_wanted = is_wanted
        self._noted = 0

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
        for url in named or [host.row.host + "/sitemap.xml"]:
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
        found, fault = 0, failure.detail if failure is not None else f"the server answered {reply.status}" if reply.status != 200 else None
        if fault is None:
            found, fault = self._read(reply.body, chain.url, level)
        self._notes.end_sitemap(chain.target.url, found, fault)
        is_guess = chain.target.url.endswith("/sitemap.xml") and reply.status is not None and 400 <= reply.status < 500
        if fault is not None and not is_guess:
            self._ledger.progress.notices.append(f"sitemap {chain.target.url}: {fault}")

    def _read(self, body: bytes, url: str, level: int) -> tuple[int, str | None]:
        """Put what a sitemap names into the open transaction; return how many URLs that were, and its fault."""
        fault: str | None = None
        pages = 0
        entries: Iterable[SitemapEntry | SitemapFault] = iter(read_sitemap(body, url))
        while lot := list(islice(entries, LOT)):
            new = []
            for entry in lot:
                if isinstance(entry, SitemapFault):
                    fault = entry.detail
                elif entry.kind == "page":
                    new.append(self._admission.one(target_url(entry.url), NO_CLICKS, entry.via, None))
                elif level < MAX_DEPTH and self._note(target_url(entry.url), level + 1):
                    self._request(target_url(entry.url), level + 1)
            pages += len(new)
            self._ledger.add([one for one in new if one.state != "drop"])
        return pages, fault
