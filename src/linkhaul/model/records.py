"""The records that travel: target → reply → page → visit, and the link, which is one row.

A `Link` is a tuple in the order of the columns of `links` (see `model.columns`), so that the same object is handed to
the run file and to every output without being copied: there are twenty times more links than of anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from msgspec import Struct

from linkhaul.config import Kind
from linkhaul.model.check import Purpose, Seen
from linkhaul.model.facts import PageFacts

FoundVia = Literal["seed", "link", "redirect", "sitemap", "feed", "canonical", "probe"]

KINDS: tuple[Kind, ...] = get_args(Kind)

Region = Literal["nav", "header", "footer", "main", "aside", "body"]

Outcome = Literal["ok", "not-html", "redirected", "http-error", "failed", "refused", "checked"]
"""How a visit ended: read; recorded but not HTML; at a redirect that leaves the scope; an answer of 400 and above; no answer
we could use; not asked; there, but only looked at, for a check."""

FailureKind = Literal[
    "dns", "refused", "reset", "tls", "connect-timeout", "read-timeout", "too-large", "bad-encoding", "bad-reply",
    "redirect-loop", "too-many-redirects", "bad-redirect", "guard", "robots", "unreadable", "bad-url", "file", "network",
]  # fmt: skip
FAILURE_KINDS: tuple[FailureKind, ...] = get_args(FailureKind)


class Link(NamedTuple):
    """One occurrence of one URL on one page: one row of `links`, in the order of its columns."""

    page_url: str
    n: int
    url: str | None
    raw: str
    fragment: str | None
    kind: str
    tag: str
    attr: str
    text: str
    rel: str | None
    title: str | None
    target: str | None
    hreflang: str | None
    type: str | None
    download: bool
    region: str
    internal: bool
    follow: bool
    origin: str
    found_at: str


class Target(Struct, frozen=True, gc=False):
    """A URL that the run may fetch, and how it was found.

    Attributes:
        id: the URL's identity, see `model.url.url_id`.
        url: absolute, normalised, without fragment and without user name or password.
        host: scheme, host and port as `model.url.host_of` gives them: the unit of politeness.
        depth: clicks from the nearest seed; a redirect is not a click.
        attempt: how often it has been tried before.
        typed: the user named this host: it may be at a private address.
        purpose: what for; see `model.check`.
        is_whole: it is wanted to its end although only to be looked at: a fragment leads into it.
        conditions: headers by which the server may answer that nothing has changed (RFC 9110, section 13.1).
    """

    id: int
    url: str
    host: str
    depth: int = 0
    found_via: FoundVia = "seed"
    attempt: int = 0
    typed: bool = False
    purpose: Purpose = "page"
    is_whole: bool = False
    conditions: tuple[tuple[str, str], ...] = ()


class Timings(Struct, frozen=True, gc=False):
    """Seconds spent in each phase of one request; None for a phase that did not happen (a connection reused)."""

    dns_s: float | None = None
    connect_s: float | None = None
    wait_s: float | None = None
    read_s: float | None = None


class Failure(Struct, frozen=True, gc=False):
    """Why there is no usable reply.

    Attributes:
        kind: one of FAILURE_KINDS.
        detail: a sentence that a person understands, with what was expected and seen; no secret in it.
        may_pass: whether asking again later could help.
    """

    kind: FailureKind
    detail: str
    may_pass: bool = False


class Hop(Struct, frozen=True, gc=False):
    """One redirect: what was asked, what was answered, where it pointed."""

    url: str
    status: int
    location: str


class Reply(Struct, gc=False):
    """What came back for one request: a status with headers and body, or a failure (a status may stand beside it).

    Attributes:
        url: the URL that was asked, without fragment.
        status: the HTTP status; None when no status line was understood.
        headers: pairs (lower-case name, value) in the order received; values are text, bytes beyond ASCII as latin-1.
        body: the content after content decoding, at most `max_body` bytes; empty for a redirect.
        wire_bytes: bytes of the body as they came over the wire.
        started_at: wall clock at the start, seconds since 1970 (UTC).
        retry_after_s: what the server asked us to wait, when it did; already bounded below by 0.
        address: what was connected to; None when a connection was used again.
        kept: the visit of an earlier run that read the page: nothing has changed since, and there is no body.
    """

    url: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    wire_bytes: int = 0
    failure: Failure | None = None
    timings: Timings = Timings()
    started_at: float = 0.0
    total_s: float = 0.0
    retry_after_s: float | None = None
    address: str | None = None
    kept: int | None = None

    def header(self, name: str) -> str | None:
        """Return the first value of a header (lower-case name), or None."""
        for key, value in self.headers:  # half the cost of a generator, at twice a page
            if key == name:
                return value
        return None


Text = tuple[int, bytes]
"""Rows of one output as they stand in it: how many, and their bytes."""


class Page(Struct, gc=False):
    """What reading one document gives.

    Attributes:
        url: where the document is: the final URL after redirects.
        base_url: what relative links are resolved against.
        charset: the WHATWG name of the encoding it was read in.
        charset_from: what decided it: bom, header, meta, or default.
        links: in document order; the links of the HTTP headers come first.
        follow: False under a page-wide nofollow (meta robots or X-Robots-Tag).
        robots: the words of meta robots and X-Robots-Tag, lower case, comma-separated; None when absent.
        withheld: how many links were left out because the page has more than the limit.
        characters: of its links' addresses and texts together: a long base stands in each, and a text in those around it, too.
        facts: what an audit needs; None unless the run keeps that.
        validators: ETag and Last-Modified, "" for one that is absent; None unless the run keeps them.
        texts: the rows of its links for each text output of the run, in the order of the outputs; None where nobody has made them yet.
        document: what the parser made of it, for one more look; whoever takes that lets go of it. None unless it was asked for.
        seen: what that look saw, where the page was read elsewhere; likewise.
    """

    url: str
    base_url: str
    charset: str | None = None
    charset_from: str | None = None
    title: str | None = None
    lang: str | None = None
    canonical: str | None = None
    links: Sequence[Link] = []
    follow: bool = True
    robots: str | None = None
    withheld: int = 0
    characters: int = 0
    facts: PageFacts | None = None
    validators: tuple[str, str] | None = None
    texts: tuple[Text, ...] | None = None
    document: object | None = None
    seen: Seen | None = None


class Visit(Struct, gc=False):
    """A target that was taken to its end: one row of `pages`, with what the engine learned besides.

    Attributes:
        target: what was asked for.
        final_url: where it ended after `hops`; the page's own address, which the links carry as `page_url`.
        link_count: how many links the page has, of the kinds that are read.
        visited_at: wall clock, seconds since 1970 (UTC).
        seen: what a check keeps of its last reply.
    """

    target: Target
    final_url: str
    outcome: Outcome
    visited_at: float
    status: int | None = None
    failure: Failure | None = None
    hops: tuple[Hop, ...] = ()
    content_type: str | None = None
    bytes: int = 0
    timings: Timings = Timings()
    total_s: float = 0.0
    page: Page | None = None
    link_count: int = 0
    seen: Seen | None = None

    @property
    def url(self) -> str:
        """The URL that was asked for."""
        return self.target.url

    @property
    def links(self) -> Sequence[Link]:
        """The page's links in document order; empty when no page was read."""
        return self.page.links if self.page else []

    @property
    def title(self) -> str | None:
        """The page's title."""
        return self.page.title if self.page else None
