"""What has happened and is not yet written: collected, written in one transaction a batch, then echoed to the outputs.

How this works. *Writing* puts a batch into the open transaction, where the frontier can see it; it is done whenever the
engine needs new targets. *Committing* makes it durable, about once a second. Only what is committed is echoed to the
sinks, and only then do their marks move (with the next commit): an output may be ahead of its mark after a crash, and is
cut back to it; it is never behind what its mark says.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from linkhaul.errors import RunFileError
from linkhaul.model.records import Hop, Page, Target, Visit
from linkhaul.model.url import target_url, url_id
from linkhaul.motion.admit import NO_CLICKS, Admission
from linkhaul.motion.finds import Finds
from linkhaul.motion.hosts import HostState
from linkhaul.motion.parts import Sink
from linkhaul.motion.progress import Progress
from linkhaul.store.journal import Again, Journal, NewUrl
from linkhaul.store.known import Known

COMMIT_EVERY_S = 1.0
MOST_LINKS = 40_000
MOST_BYTES, MEMORY_SHARE = 32_000_000, 8
"""Of what pages hold, with their links and the rows made of these, behind which they are echoed; and the part of a small memory that this may be."""
LINKS_AT_ONCE = 2_000
"""So many are written before a commit is due: the loop, and readers that wait for pages, have their turn every few milliseconds."""
MOST_VISITS = 1_000


class Ledger:
    """Collects visits, retries and new URLs, and writes them.

    Attributes:
        has_redirects: some visit of the run ended elsewhere than it began: only then can a page come twice.
        room: how many bytes of pages may come together before they are committed.
        finds: what a check finds to look at; None when nothing is checked.
        found_hosts: hosts that got new targets with the last writes; the engine takes them from here.
        released: hosts of which something finished has been written; likewise.
    """

    def __init__(self, journal: Journal, known: Known, admission: Admission, sinks: Sequence[Sink], progress: Progress) -> None:
        self._journal = journal
        self._known = known
        self._admission = admission
        self._sinks = sinks
        self.progress = progress
        self._visits: list[tuple[Visit, bool]] = []
        self._again: list[Again] = []
        self._urls: list[NewUrl] = []
        self._looked_at = 0
        self._held: list[tuple[HostState, int]] = []
        self._waiting: list[HostState] = []
        self._echo: list[Page] = []
        self._pages: set[int] = set()
        self._links = self._unwritten = self._bytes = 0
        self._committed_at = 0.0
        self._marked_upto = journal.last_visit
        self.has_redirects = known.has_redirects()
        self.room = MOST_BYTES
        self.finds: Finds | None = None
        self.found_hosts: set[int] = set()
        self.released: dict[int, HostState] = {}

    def visit(self, host: HostState, visit: Visit) -> None:
        """Take a visit that has come to its end."""
        target, page = visit.target, visit.page
        page_id = url_id(visit.final_url) if visit.hops else target.id
        with_links = page is not None and not self._was_read(page_id, is_redirected=bool(visit.hops))
        # A shorter way may have been found while it was on its way.
        depth = self._known.depth_of(target.id) if target.depth else 0
        if visit.hops:
            self._urls += self._passed(target.id, [hop.location for hop in visit.hops], depth)
        if page is not None and with_links:
            self._pages.add(page_id)
            self._bytes += visit.bytes + page.characters + sum([len(text) for _, text in page.texts or ()])
            self._links += len(page.links)
            self._unwritten += len(page.links)
            below = min(depth + 1, NO_CLICKS)
            self._urls += self._admission.links(page.links, page_id, below)
            if page.canonical and page.canonical != visit.final_url and page.canonical.startswith("http"):
                self._urls.append(self._admission.one(target_url(page.canonical), below, "canonical", page_id))
            self.progress.links += len(page.links)
            if page.withheld:
                self.progress.note(
                    f"{page.url} has {page.withheld:,} links more than are read of one page; --max-links-per-page reads more"
                )
        self._visits.append((visit, with_links))
        if self.finds is not None:
            self.finds.take(visit, page.links if page is not None and with_links else (), page_id, min(depth + 1, NO_CLICKS))
        self._end(host, target)
        self._count(visit)

    def copy(self, host: HostState, target: Target, hops: Sequence[Hop], of_visit: int) -> None:
        """Take a visit that ends at a page which has been read already."""
        self.write()
        self._journal.add_copy(target, hops, of_visit)
        if self.finds is not None:
            self.finds.copied(target.id, of_visit)
        self._urls += self._passed(target.id, [hop.location for hop in hops], self._known.depth_of(target.id))
        self._end(host, target)

    def _passed(self, from_id: int, places: list[str], depth: int) -> list[NewUrl]:
        """Return the URLs that redirects led over and to: a redirect is no click, so they are as near as where it began."""
        host_id = self._admission.host_id
        return [NewUrl(url_id(url), url, host_id(url), depth, "recorded", "redirect", "redirect", from_id) for url in places]

    def _end(self, host: HostState, target: Target) -> None:
        self._held.append((host, target.id))
        self.progress.waiting -= 1
        self.progress.done += 1

    def again(self, host: HostState, again: Again) -> None:
        """Take a target that is to be asked again later."""
        self._again.append(again)
        self._held.append((host, again.target.id))
        self._waiting.append(host)

    def write(self, *, if_finds: bool = False) -> bool:
        """Put what was collected into the open transaction; return whether there was something.

        Args:
            if_finds: only when it may bring new work.
        """
        if if_finds and not self._finds_work():
            return False
        if not (self._visits or self._again or self._urls or self._held):
            return False
        if self._visits:
            self._write_visits()
        if self._again:
            self._journal.add_again(self._again)
            self._again = []
            for host in self._waiting:  # so that it is looked up when its next retry is due
                host.has_more = host.has_retries = True
            self._waiting = []
        if self._urls:
            urls, self._urls, self._looked_at = self._urls, [], 0
            self.add(urls)
        if self.finds is not None:
            self.progress.waiting += self.finds.write(self.found_hosts)
        self._admission.forget()
        self._pages.clear()
        self._release()
        return True

    def add(self, urls: list[NewUrl]) -> int:
        """Put URLs into the open transaction at once; those that bring a read page nearer bring its links nearer too.

        Returns:
            how many of them were not queued or done already.
        """
        fresh = 0
        while urls:
            near: list[NewUrl] = []
            for state in ("queued", "recorded", "withheld"):
                some = [new for new in urls if new.state == state]
                if not some:
                    continue
                count, nearer = self._journal.add_urls(some)
                if self.finds is not None and state == "queued":
                    count += self.finds.promote(some)
                if state == "queued" and count:
                    fresh += count
                    self.found_hosts.update(new.host_id for new in some)
                for id in nearer:
                    depth = self._known.depth_of(id)
                    near += self._passed(id, self._known.redirects_of(id), depth)
                    near += self._admission.links(self._known.links_on(id), id, min(depth + 1, NO_CLICKS))
            urls = near
        self.progress.waiting += fresh
        return fresh

    def commit(self, now: float, *, if_due: bool = False) -> None:
        """Write, make durable, and echo to the sinks.

        Args:
            if_due: only when a second has passed since the last time, or much has come together.
        """
        is_much = self._links >= MOST_LINKS or self._bytes >= self.room or len(self._visits) >= MOST_VISITS
        is_due = is_much or now - self._committed_at >= COMMIT_EVERY_S
        if if_due and not is_due:
            if self._unwritten >= LINKS_AT_ONCE:
                self.write()
            return
        self.write()
        self._journal.commit()
        self._committed_at = now
        self._links = self._bytes = 0
        upto = self._journal.last_visit
        if upto == self._marked_upto:
            return
        echo, self._echo = self._echo, []
        marks = []
        # None until all have taken it: behind a failure nothing may be echoed, for what failed would be missing before it.
        sinks, self._sinks = self._sinks, ()
        for sink in sinks:
            mark, rows = sink.take(upto, echo)
            self.progress.links_written += rows
            marks.append((mark, upto, sink.path))
        self._sinks = sinks
        if marks:
            self._journal.put("UPDATE output SET mark = ?, upto = ? WHERE path = ?", marks)
        self._marked_upto = upto

    def save(self) -> None:
        """Write and make durable what can be, without the sinks: the last thing after a failure."""
        if self._journal.is_broken:
            return
        with suppress(RunFileError):
            self.write()
            self._journal.commit()

    def _was_read(self, page_id: int, *, is_redirected: bool) -> bool:
        """Whether the page's links are stored already: only where redirects lead can a page come twice."""
        if is_redirected:
            self.has_redirects = True
            return page_id in self._pages or self._known.visit_that_read(page_id) is not None
        if not self.has_redirects:
            return False
        return page_id in self._pages or self._known.visit_that_was_redirected_to(page_id) is not None

    def _write_visits(self) -> None:
        visits, self._visits, self._unwritten = self._visits, [], 0
        self._journal.add_visits(visits, self._admission.ids)
        if self.finds is not None:
            self.finds.store(visits, self._journal.last_visit)
        if self._sinks:
            for visit, with_links in visits:
                if with_links and visit.page is not None:
                    self._echo.append(visit.page)

    def _finds_work(self) -> bool:
        """Whether something that waits to be written is to be fetched; each new URL is looked at once."""
        if self.finds is not None and self.finds.has_some:
            return True
        looked_at, self._looked_at = self._looked_at, len(self._urls)
        return bool(self._again) or any(self._urls[index].state == "queued" for index in range(looked_at, self._looked_at))

    def _count(self, visit: Visit) -> None:
        if visit.target.purpose == "probe":
            return  # that what was made up is missing is no failure
        if visit.failure is not None:
            self.progress.failures[visit.failure.kind] += 1
        elif visit.outcome == "http-error":
            self.progress.failures[str(visit.status)] += 1

    def _release(self) -> None:
        for host, id in self._held:
            host.held.discard(id)
            self.released[host.row.id] = host
        self._held = []
