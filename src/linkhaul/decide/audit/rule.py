"""What a rule of an audit is: what it says, why it matters, where it applies, and what it looks at.

How this works. A rule is data with one function or one query. *Page rules* get one page with its facts and say what they saw, or None;
where they apply is declared by a name of `WHERES`, so no rule guards it again. *Site rules* (`insight.audit`) ask the whole run with one
query each, and declare in `needs` what the run must hold for their answer to be worth anything. Ids are stable: they stand in
baselines, in `--rules` and in people's notes.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Literal, NamedTuple

from msgspec import Struct

from linkhaul.model.audit import Finding, Severity
from linkhaul.model.facts import PageFacts, Some
from linkhaul.model.url import hostname_of, target_url

WhereName = Literal["page", "indexable", "translated", "web", "https", "http", "site"]
Need = Literal["facts", "whole", "links", "sitemaps", "looked-for-sitemaps", "outside", "probe", "graph"]
"""What the run must hold: facts of its pages; every page of the site; the links that people follow; what sitemaps name; an answer to
whether there are sitemaps; answers to the links that lead outside; the answer to an address that was made up. And graph: the extra of that name has to be installed."""

_LOCAL = re.compile(r"(?:.+\.)?(?:localhost|local|test|internal)\.?")
_ADDRESSED = re.compile(r"\s*([A-Za-z0-9_.*-]+)\s*:(.*)", re.DOTALL)
_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_FOR_ALL = frozenset({"robots", "x-robots-tag", "googlebot", "*"})


class Examined(Struct, frozen=True, dict=True):
    """One page as a page rule sees it.

    Attributes:
        url: its own address, after redirects.
        charset: the encoding it was read in; `charset_from` what decided it.
        wait_s: seconds to the first byte, or for the whole reply where only that is known.
    """

    url: str
    facts: PageFacts
    status: int | None = None
    charset: str | None = None
    charset_from: str | None = None
    wait_s: float | None = None

    @cached_property
    def robots(self) -> frozenset[str]:
        """The words of robots metas and X-Robots-Tag that are meant for search engines at large."""
        return frozenset(word for who, words in robots_by_who(self.facts) if who in _FOR_ALL for word in words)

    @cached_property
    def is_noindex(self) -> bool:
        """It asks to be left out of the index."""
        return not self.robots.isdisjoint({"noindex", "none"})

    @cached_property
    def canonical(self) -> str | None:
        """The canonical address that search engines take: the first of its head, else of its headers; without fragment."""
        said = (each.url for each in self.facts.canonicals if each.origin != "body" and is_of_web(each.url))
        return next((target_url(url) for url in said if url), None)

    @property
    def is_canonical(self) -> bool:
        """It names no other page as the canonical one."""
        return self.canonical is None or self.canonical == self.url


def is_of_web(url: str | None) -> bool:
    """Whether an absolute URL is one of the web, and not of a disk."""
    return url is not None and url.startswith(("http://", "https://"))


def robots_by_who(facts: PageFacts) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield to whom each robots meta and header speaks, lower case, and its words."""
    for who, content in facts.robots:
        text = content
        addressed = _ADDRESSED.match(content) if who == "x-robots-tag" else None
        if addressed is not None and addressed[1].lower() not in _VALUED:
            who, text = addressed[1].lower(), addressed[2]  # noqa: PLW2901 - who is spoken to stands in the header's text
        yield who, tuple(word.strip().lower() for word in text.split(",") if word.strip())


class Where(NamedTuple):
    """Where rules apply: in words, and as a test of a page."""

    meaning: str
    holds: Callable[[Examined], bool]


def _is_public(url: str) -> bool:
    """Whether an address is out on the web: no file, no private address, none of a machine's own names."""
    import ipaddress  # the only rule that asks is for pages on http

    host = hostname_of(url)
    try:
        return ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." in host and not _LOCAL.fullmatch(host)


WHERES: dict[WhereName, Where] = {
    "page": Where("every HTML page that was read", lambda _: True),
    "indexable": Where(
        "HTML pages that search engines may show: no noindex, and no other page named as canonical",
        lambda page: not page.is_noindex and page.is_canonical,
    ),
    "translated": Where("HTML pages that name other languages with hreflang", lambda page: bool(page.facts.alternates)),
    "web": Where("HTML pages from a web server, not from disk", lambda page: page.url.startswith("http")),
    "https": Where("HTML pages on https", lambda page: page.url.startswith("https://")),
    "http": Where(
        "HTML pages on http, at a host that is out on the web", lambda page: page.url.startswith("http://") and _is_public(page.url)
    ),
    "site": Where("the site as a whole", lambda _: False),
}

Look = Callable[[Examined], str | None]
"""Looks at one page: what is wrong as a short sentence, which is the evidence; None where nothing is."""

SiteRow = tuple[str | None, str, str | None, int]
"""What a site rule finds: the URL at fault, the evidence, the other URL that it has to do with, and how many pages it touches."""

Walk = Callable[[sqlite3.Connection], Iterable[SiteRow]]


class Rule(Struct, frozen=True, kw_only=True):
    """One rule; it has exactly one of look, sql and walk.

    Attributes:
        id: stable, lower case with hyphens.
        where: a name of WHERES.
        what: what is wrong, as a sentence without its subject's address.
        why: why it matters.
        source: who says so: a name and an address.
        mend: what to do.
        other: what the other URL of its findings is, in a word or two before it: "linked from".
        needs: what the run must hold beyond the pages themselves; page rules need their facts.
        look: judges a page.
        sql: a query to the audit's tables and those of the run file: see SiteRow.
        walk: the same by a function, where SQL cannot say it.
    """

    id: str
    severity: Severity
    where: WhereName
    what: str
    why: str
    source: tuple[str, str]
    mend: str
    other: str = ""
    needs: tuple[Need, ...] = ("facts",)
    look: Look | None = None
    sql: str | None = None
    walk: Walk | None = None


class Summary(Struct, frozen=True):
    """What came of one rule.

    Attributes:
        count: how many findings; 0 for one that is kept.
        pages: how many pages they touch together.
        unknown: why nothing, or not all, can be told; None where all could.
        examples: the first findings.
    """

    rule: Rule
    count: int
    pages: int
    unknown: str | None
    examples: tuple[Finding, ...]


def some(found: Some, one: str, many: str) -> str | None:
    """Return how many there are of something, with the first; None when there are none."""
    if not found.count:
        return None
    return f"{found.count:,} {one if found.count == 1 else many}: {listed(found.examples, found.count)}"


def listed(examples: Iterable[str], count: int) -> str:
    """Return examples in a line, and that there are more."""
    shown = [each or "(without an address)" for each in examples]
    return ", ".join(shown) + (", …" if count > len(shown) else "")


def quoted(text: str, most: int = 120) -> str:
    """Return a text in quotes, cut."""
    return f"“{text if len(text) <= most else text[: most - 1] + '…'}”"
