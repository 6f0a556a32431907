"""The facts of a page that an audit judges by: what its head says, and with `body_facts` what its body holds.

Read from the parsed document when its links have been read. A run that keeps no facts never calls it; one that does pays about as
much again as for the links. Nothing here raises but for the parser, and nothing grows with the page but what is counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from hashlib import blake2b

from turbohtml import Doctype, Element, Namespace

from linkhaul.model.facts import (
    MOST_ADDRESS,
    MOST_ALTERNATES,
    MOST_PROPERTIES,
    MOST_SAID,
    MOST_TEXT,
    Alternate,
    Canonical,
    Origin,
    PageFacts,
    RobotsWords,
)
from linkhaul.read import body_facts
from linkhaul.read.elements import media_type
from linkhaul.read.headers import Headers, charset, links_of
from linkhaul.read.reading import Reading

KEPT_HEADERS = frozenset({
    "age", "cache-control", "content-encoding", "content-language", "content-security-policy", "content-type", "etag", "expires",
    "last-modified", "permissions-policy", "referrer-policy", "server", "strict-transport-security", "vary", "x-content-type-options",
    "x-frame-options",
})  # fmt: skip
"""Headers that are kept; none of them can hold a secret of the person's."""
PRESCAN_BYTES = 65_536
"""Where a meta element that declares the encoding is looked for; the standard wants it in the first 1,024."""

_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(rb"<meta\b([^<>]*+)>", re.IGNORECASE)
_DECLARES = re.compile(rb"\bcharset\s*+=", re.IGNORECASE)
_CHARSET_IN = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)
_ROBOTS_NAMES = frozenset({"robots", "googlebot", "googlebot-news", "bingbot", "slurp", "yandex", "duckduckbot"})


def facts_of(reading: Reading, body: bytes | str, headers: Headers, likeness: Callable[[str], int] | None) -> PageFacts:
    """Return the facts of a page. The document is not to be used afterwards: what is no visible text is taken out of it.

    Args:
        body: as it was parsed.
        headers: of the reply: pairs (lower-case name, value).
        likeness: makes the number of a text by which pages are found that are alike.
    """
    document = reading.document
    facts = PageFacts(
        lang=reading.survey.lang,
        charset_header=charset(headers),
        has_doctype=any(isinstance(node, Doctype) for node in document.children),
        titles=tuple(_cut(title.text) for title in _found(reading, "title") if title.namespace is Namespace.HTML)[:MOST_SAID],
        body_hash=_hash(body),
        bytes=len(body),
        headers={name: value[:MOST_TEXT] for name, value in headers if name in KEPT_HEADERS},
    )
    _read_metas(reading, facts)
    _read_links(reading, headers, facts)
    facts.robots += tuple(RobotsWords(name, _cut(value)) for name, value in headers if name == "x-robots-tag")[:MOST_SAID]
    if facts.charset_meta is not None:
        facts.charset_at = _charset_at(body)
    _read_json_ld(reading, facts)
    body_facts.read(reading, facts, likeness)
    return facts


def _read_metas(reading: Reading, facts: PageFacts) -> None:
    descriptions: list[str] = []
    robots: list[RobotsWords] = []
    for meta in _found(reading, "meta"):
        content = meta.attr("content") or ""
        name = (meta.attr("name") or meta.attr("property") or "").strip().lower()
        if meta.attr("charset") is not None:
            facts.charset_meta = facts.charset_meta or _cut(meta.attr("charset") or "")
        if name == "description":
            descriptions.append(_cut(content))
        elif name in _ROBOTS_NAMES or name == reading.agent:
            robots.append(RobotsWords(name, _cut(content)))
        elif name == "viewport" and facts.viewport is None:
            facts.viewport = _cut(content)
        elif name.startswith(("og:", "article:", "product:")) and len(facts.open_graph) < MOST_PROPERTIES:
            facts.open_graph.setdefault(name[:MOST_TEXT], _cut(content))
        elif name.startswith("twitter:") and len(facts.twitter) < MOST_PROPERTIES:
            facts.twitter.setdefault(name[:MOST_TEXT], _cut(content))
        elif not name:
            _read_http_equiv(meta, content, facts)
    facts.descriptions, facts.robots = tuple(descriptions[:MOST_SAID]), tuple(robots[:MOST_SAID])


def _read_http_equiv(meta: Element, content: str, facts: PageFacts) -> None:
    equivalent = (meta.attr("http-equiv") or "").strip().lower()
    if equivalent == "refresh" and facts.refresh is None:
        facts.refresh = _cut(content)
    elif equivalent == "content-type" and facts.charset_meta is None and (named := _CHARSET_IN.search(content)) is not None:
        facts.charset_meta = named[1]


def _read_links(reading: Reading, headers: Headers, facts: PageFacts) -> None:
    """Note the canonical addresses and the languages, those of the headers last."""
    canonicals: list[Canonical] = []
    alternates: list[Alternate] = []
    for link in _found(reading, "link"):
        words = (link.attr("rel") or "").lower().split()
        raw = (link.attr("href") or "").strip()
        if "canonical" in words and link.attr("href") is not None:
            origin: Origin = "body" if link.closest("body") is not None else "head"
            canonicals.append(Canonical(raw[:MOST_ADDRESS], _address(reading.resolve(raw)), origin))
        elif "alternate" in words and (lang := link.attr("hreflang")) is not None:
            alternates.append(Alternate(lang.strip()[:MOST_TEXT], raw[:MOST_ADDRESS], _address(reading.resolve(raw))))
    for name, value in headers:
        for entry in links_of(value) if name == "link" else ():
            words = entry.parameters.get("rel", "").lower().split()
            url = _address(reading.fallback.resolve(entry.raw))
            if "canonical" in words:
                canonicals.append(Canonical(entry.raw[:MOST_ADDRESS], url, "header"))
            elif "alternate" in words and "hreflang" in entry.parameters:
                alternates.append(Alternate(entry.parameters["hreflang"][:MOST_TEXT], entry.raw[:MOST_ADDRESS], url))
    facts.canonicals, facts.alternates = tuple(canonicals[:MOST_SAID]), tuple(alternates[:MOST_ALTERNATES])


def _read_json_ld(reading: Reading, facts: PageFacts) -> None:
    faults: list[str] = []
    for script in _found(reading, "script"):
        if media_type(script.attr("type") or "") != "application/ld+json":
            continue
        facts.json_ld_count += 1
        text = reading.code.get(script) or script.text
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            faults.append("it is empty" if not text.strip() else _cut(str(error) or "it is nested too deep"))
    facts.json_ld_faults = tuple(faults[:MOST_SAID])


def _found(reading: Reading, name: str) -> Iterable[Element]:
    """Return the elements of a name, in document order, without those inside templates."""
    excluded = reading.survey.excluded
    return [element for element in reading.document.find_all(name) if element not in excluded]


def _charset_at(body: bytes | str) -> int | None:
    """Return where the meta element ends that declares the encoding; None where it is not found among the first bytes."""
    if isinstance(body, str):
        return None
    start = _COMMENT.sub(lambda comment: b" " * len(comment[0]), body[:PRESCAN_BYTES])
    found = next((meta for meta in _META.finditer(start) if _DECLARES.search(meta[1])), None)
    return found.end() if found is not None else PRESCAN_BYTES if len(body) > PRESCAN_BYTES else None


def _hash(body: bytes | str) -> int:
    blob = body.encode("utf-8", "replace") if isinstance(body, str) else body
    return int.from_bytes(blake2b(blob, digest_size=8).digest(), "big", signed=True)


def _address(url: str | None) -> str | None:
    return url if url is None else url[:MOST_ADDRESS]


def _cut(text: str) -> str:
    return " ".join(text[: 8 * MOST_TEXT].split())[:MOST_TEXT]
