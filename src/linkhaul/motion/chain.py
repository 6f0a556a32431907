"""What a reply means for its target: pure steps along a chain of redirects."""

from __future__ import annotations

from msgspec import Struct

from linkhaul.model.records import Failure, Hop, Reply, Target
from linkhaul.model.url import host_of, join, target_url, url_id

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Statuses that lead elsewhere when they name a Location. Source: RFC 9110, section 15.4."""


class Chain(Struct, frozen=True, gc=False):
    """A target and the redirects it has taken so far.

    Attributes:
        target: what was asked for first: what the visit is of.
        url: where the chain stands now, without fragment.
        is_read: the page at its end is read for its links; not where it leads out of the scope and is only looked at.
    """

    target: Target
    url: str
    hops: tuple[Hop, ...] = ()
    is_read: bool = True

    def at(self, *, typed: bool) -> Target:
        """Return what is to be asked next: the target itself, or the place it has been redirected to."""
        if not self.hops:
            return self.target
        target = self.target
        return Target(url_id(self.url), self.url, host_of(self.url), target.depth, "redirect", target.attempt, typed)


def redirect(chain: Chain, reply: Reply, most_hops: int) -> Chain | Failure | None:
    """Return where a reply redirects the chain, or why it cannot go there; None when the reply is no redirect.

    Source: RFC 9110, section 15.4; loops and long chains end as the user agent chooses.
    """
    if reply.status not in REDIRECTS or reply.failure is not None:
        return None
    location = reply.header("location")
    if location is None:
        return None
    joined = join(chain.url, _as_utf8(location))
    url = target_url(joined) if joined else None
    if url is None or not (url.startswith(("http://", "https://")) or (url.startswith("file:") and chain.url.startswith("file:"))):
        where = "that is no URL" if url is None else "that cannot be fetched"
        return Failure("bad-redirect", f"{chain.url} redirects to an address {where}: {location[:200]!r}")
    hops = (*chain.hops, Hop(chain.url, reply.status, url))
    if any(hop.url == url for hop in hops):
        return Failure("redirect-loop", f"the redirects lead back to {url} after {len(hops)} hops")
    if len(hops) > most_hops:
        return Failure("too-many-redirects", f"more than {most_hops} redirects, the last one to {url}; --max-redirects allows more")
    return Chain(chain.target, url, hops, chain.is_read)


def _as_utf8(location: str) -> str:
    """Return a Location header's text with raw bytes beyond ASCII read as UTF-8, as browsers do."""
    try:
        return location.encode("latin-1").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return location
