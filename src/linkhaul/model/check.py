"""The records of a check: what was seen of a target, the verdict it leads to, and where the link stands.

How they hang together: while a run goes on, the engine keeps for each checked target its visit (as for any page) and its
`Signs`: the little that a verdict needs and a visit does not hold, because bodies are not stored. Everything else is asked of
the run file afterwards, so that another day's rules can judge the same run: `decide.verdict` turns a visit and its signs into
a `Verdict`, `insight.check` joins it to every `Place` where the link stands, which makes a `Checked`.
"""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

Purpose = Literal["page", "check", "probe"]
"""Why a URL is asked for: to read its links; only to see whether it is there; or because it was made up, to see how its host
answers to what cannot exist. What was made up is in no published table."""

VerdictName = Literal[
    "ok", "redirected", "broken", "soft-404", "blocked", "rate-limited", "needs-login", "unreachable", "unverifiable", "not-checked",
]  # fmt: skip
"""What a check says of a link.

* ok: it is there, and the fragment too when the link names one.
* redirected: it is there, at another address.
* broken: it is not there, seen twice with time between.
* soft-404: it answers 200, but as its host answers to an address that was made up.
* blocked: the host refuses programs (403, 999, a challenge page): a person may well see it.
* rate-limited: 429 to the end.
* needs-login: 401, 407, or a way to a login page.
* unreachable: no answer that could be used: timeouts, an address that cannot be reached, a server's fault that did not pass.
* unverifiable: the page is there; whether the fragment is cannot be seen (the page is built by a script, or too large).
* not-checked: not asked, with the reason (robots, excluded, scheme, out of scope, the run was stopped).
"""
VERDICTS: tuple[VerdictName, ...] = get_args(VerdictName)


class Glance(Struct, frozen=True):
    """What a look at a body shows, whatever its status; made by `read.glance`, judged by `decide.signs`.

    Attributes:
        is_html: it was read as HTML; plain text is read too, anything else is not.
        heading: the first of the page's main headings.
        text: the text a person sees, white space collapsed; of a very long page only the beginning.
        words: how many words that is; None where nothing was read.
        is_brief: more text was there, and was left out because only a short page's was asked for.
        start: the beginning of the source in lower case: where the marks of challenge pages are looked for; empty where it is brief and long.
        has_app_root: an element that scripts are known to fill is there, and empty.
        asks_for_script: its noscript asks for JavaScript.
        anchors: the ids and the names of anchors in document order; only when asked for.
    """

    is_html: bool = False
    title: str | None = None
    heading: str | None = None
    text: str = ""
    words: int | None = None
    is_brief: bool = False
    start: str = ""
    has_password: bool = False
    has_script: bool = False
    has_app_root: bool = False
    asks_for_script: bool = False
    anchors: tuple[str, ...] = ()


class Signs(Struct, frozen=True, omit_defaults=True):
    """What was seen of a reply beyond its visit; stored as JSON beside the visit.

    Attributes:
        headers: the few headers that are evidence (server, www-authenticate, cf-mitigated, ...), lower-case name and value.
        challenge: who refuses programs here, as a person would name it ("Cloudflare"); None when nobody does.
        has_password: the page asks for a password.
        is_scripted: the page looks as if a script builds it: hardly any text, and a script.
        words: words of visible text seen; of an HTML or text body only.
        likeness: 64-bit SimHash of the visible text as a signed integer (SQLite's), for comparing with an answer to a made-up address.
        title: the page's title, for the same comparison; error pages have no title in their visit.
        is_part: only the first part of the body was read.
    """

    headers: tuple[tuple[str, str], ...] = ()
    challenge: str | None = None
    has_password: bool = False
    is_scripted: bool = False
    words: int | None = None
    likeness: int | None = None
    title: str | None = None
    is_part: bool = False


class Seen(Struct, frozen=True):
    """What the engine keeps of a reply for the verdict, stored with its visit.

    Attributes:
        anchors: the ids and names that a fragment may lead to, each once, in document order; None when they are not known: the
            reply was no page, or was not read to its end.
        says_missing: its title or heading reads like that of an error page. It is not stored.
    """

    signs: Signs
    anchors: tuple[str, ...] | None = None
    says_missing: bool = False


class Verdict(Struct, frozen=True):
    """What a check says of one link's URL, with its evidence.

    Attributes:
        name: one of VERDICTS.
        code: a stable word for the exact case: "404", "dns", "permanent", "temporary", "fragment", "made-up", "robots", ...
        detail: a sentence that a person understands: what was asked, what came, how often.
        status: the last HTTP status, if there was one.
        final_url: where it ended, when that is elsewhere.
        instead: the address to write instead: where only permanent redirects lead.
        tries: how often it was asked; 0 for what was not asked.
    """

    name: VerdictName
    code: str
    detail: str
    status: int | None = None
    final_url: str | None = None
    instead: str | None = None
    tries: int = 0


class Place(Struct, frozen=True):
    """One occurrence of a link: on which page, as what, and where in its source when that is a file on disk (lines and columns from 1)."""

    page_url: str
    n: int
    raw: str
    text: str
    kind: str
    tag: str
    attr: str
    internal: bool = False
    line: int | None = None
    column: int | None = None


class Suggestion(Struct, frozen=True):
    """The likeliest live replacement of a broken link, and why it is thought so."""

    url: str
    why: str


class Checked(Struct, frozen=True):
    """One distinct link URL (fragment included) with its verdict and every place where it stands, in order of pages."""

    url: str
    verdict: Verdict
    places: tuple[Place, ...]
    suggestion: Suggestion | None = None
    is_known: bool = False
    """It stands in the baseline: a known problem, which does not fail the check."""


class Coverage(Struct, frozen=True):
    """How much of what was linked could be judged.

    Attributes:
        pages: pages whose links were read.
        links: occurrences of links on them that are of the kinds checked.
        urls: distinct link URLs, fragments included.
        by_verdict: how many of them have each verdict.
        unverified: how many could not be judged, by the code of the reason (blocked, robots, timeout, ...).
    """

    pages: int
    links: int
    urls: int
    by_verdict: dict[str, int]
    unverified: dict[str, int]

    @property
    def verified(self) -> int:
        """Distinct URLs of which it is known whether they are there: ok, redirected, broken and soft-404."""
        return sum(self.by_verdict.get(name, 0) for name in ("ok", "redirected", "broken", "soft-404"))
