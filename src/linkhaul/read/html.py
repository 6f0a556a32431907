"""A page from the bytes of a reply: its links as rows, and what it says of itself.

Pure: the same bytes, headers and options give the same page. Nothing a page holds makes this raise, but for a parser
that gives up, which is `Unreadable`. The size of what comes back is bounded, see `rows.MAX_CHARACTERS`.
"""

from __future__ import annotations

import re

from linkhaul.model.records import Page
from linkhaul.model.resolve import Resolver
from linkhaul.read import encoding
from linkhaul.read.document import add_links
from linkhaul.read.elements import kind_of_rel
from linkhaul.read.headers import Headers, charset, links_of, refresh_target, robots_words
from linkhaul.read.options import ReadOptions
from linkhaul.read.places import Places
from linkhaul.read.reading import Reading, base_of
from linkhaul.read.rows import Mark, Rows, Traits
from linkhaul.read.survey import survey

_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")
_PARSER_FAULTS = (ValueError, LookupError, ArithmeticError, MemoryError, RuntimeError, SystemError)
_NO_FOLLOW = frozenset({"nofollow", "none"})
_ADDRESSES = frozenset({"location", "content-location"})
_DEFAULT = ReadOptions()


class Unreadable(ValueError):
    """The parser gave up on a document: a fault of the parser's, for which the visit becomes a failure."""


def read_page(body: bytes | str, url: str, headers: Headers = (), *, options: ReadOptions = _DEFAULT, found_at: str = "") -> Page:
    """Return what a document says: its links in document order, those of its HTTP headers first.

    Args:
        body: the content after content decoding; or text, where there never were bytes.
        url: where it is: absolute, in normal form, without fragment.
        headers: of the reply: pairs (lower-case name, value).
        found_at: when it was fetched, for the rows.

    Raises:
        Unreadable: the parser gave up.
    """
    try:
        return _read(body, headers, Rows(url, found_at, options), options)
    except _PARSER_FAULTS as fault:
        raise Unreadable(f"the HTML parser gave up on {url}: {type(fault).__name__}: {fault}") from fault


def _read(body: bytes | str, headers: Headers, rows: Rows, options: ReadOptions) -> Page:
    url, agent = rows.url, options.agent
    if isinstance(body, str):
        body = _HALF_CHARACTERS.sub("\ufffd", body)
    document, charset_from = encoding.parse(body, charset(headers))
    found = survey(document, agent)
    fallback = Resolver(url)
    base = base_of(found, fallback, url)
    words = list(dict.fromkeys([*robots_words(headers, agent), *found.robots]))
    follow = _NO_FOLLOW.isdisjoint(words)
    resolver = fallback if base == url else Resolver(base)
    encode = encoding.query_encoder(document.encoding)
    reading = Reading(
        document=document,
        survey=found,
        rows=rows,
        resolver=resolver,
        places=Places(resolver, encode, rows.home, rows.is_internal),
        fallback=fallback,
        agent=agent,
        encode=encode,
        follow=follow,
    )
    canonical = _header_links(rows, headers, fallback, follow=follow)
    if found.canonical is not None:
        canonical = reading.resolve(found.canonical) or canonical
    add_links(reading)
    facts = None
    if options.facts:
        from linkhaul.read.facts import facts_of  # ordinary runs do without

        facts = facts_of(reading, body, headers, options.likeness)
    return Page(
        url=url,
        base_url=base,
        charset=document.encoding,
        charset_from=charset_from,
        title=found.title or None,
        lang=(found.lang or "").strip() or None,
        canonical=canonical,
        links=rows.links,
        follow=follow,
        robots=",".join(words) or None,
        withheld=rows.withheld,
        characters=rows.spent,
        facts=facts,
        document=document if options.document and facts is None else None,
    )


def _header_links(rows: Rows, headers: Headers, resolver: Resolver, *, follow: bool) -> str | None:
    """Add the links of the HTTP headers, and return the canonical URL if they name one.

    They are relative to the page's own URL, whatever its base element says (RFC 8288, section 3.2).
    """
    canonical = None
    for name, value in headers:
        if name == "link":
            for link in links_of(_text(value)):
                url = resolver.resolve(link.raw)
                kind, traits = _header_traits(link.parameters, follow=follow)
                if kind == "canonical":
                    canonical = canonical or url
                rows.add(link.raw, url, Mark(kind, name, "", "header"), traits)
        elif name == "refresh" or name in _ADDRESSES:
            raw = refresh_target(_text(value)) if name == "refresh" else _text(value).strip()
            if raw:
                rows.add(raw, resolver.resolve(raw), Mark("header", name, "", "header"), Traits(follow=follow))
    return canonical


def _header_traits(parameters: dict[str, str], *, follow: bool) -> tuple[str, Traits]:
    """Return the kind of a link in a Link header, and what the header says of it."""
    rel = " ".join(parameters.get("rel", "").lower().split()) or None
    kind = kind_of_rel(rel or "", parameters.get("type"), parameters.get("as"))
    traits = Traits(
        rel=rel,
        title=parameters.get("title") or None,
        hreflang=parameters.get("hreflang") or None,
        type=parameters.get("type") or None,
        follow=follow and not (rel and "nofollow" in rel.split()),
    )
    return "header" if kind == "other" else kind, traits


def _text(value: str) -> str:
    """Return a header's value as text: the bytes of UTF-8 that came as latin-1 are put right."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return _HALF_CHARACTERS.sub("\ufffd", value)
