"""What HTTP headers say of a page: links, refresh, charset and robots words.

Sources: RFC 8288 (Link); https://html.spec.whatwg.org/multipage/semantics.html#attr-meta-http-equiv-refresh;
RFC 9110, section 8.3 (Content-Type). X-Robots-Tag has no standard: its form is what search engines document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

Headers = Sequence[tuple[str, str]]
"""Pairs (lower-case name, value), in the order received."""

_CHARSET = re.compile(r""";\s*charset\s*=\s*(?:"([^"]*)"?|'([^']*)'?|([^\s;"']+))""", re.IGNORECASE)
_LINK = re.compile(r"[\s,]*<([^>]*)>")
_PARAMETER = re.compile(r"""\s*;\s*(?:([^\s=;,"<>]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*+)"?|([^\s;,]*)))?)?""")
_NEXT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*+(?:"|\\?\Z))*+,?')
_REFRESH = re.compile(r"[\t\n\f\r ]*(?:[0-9]++|(?=\.))[0-9.]*+(?=[;,\t\n\f\r ])[\t\n\f\r ]*[;,]?[\t\n\f\r ]*")
_REFRESH_URL = re.compile(r"url[\t\n\f\r ]*=[\t\n\f\r ]*", re.IGNORECASE)
_AGENT = re.compile(r"\s*([A-Za-z0-9_.*\-]+)\s*:")
_VALUED_WORDS = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


class HeaderLink(NamedTuple):
    """One link of a Link header; `parameters` has lower-case names, of several equal ones the first."""

    raw: str
    parameters: dict[str, str]


def charset(headers: Headers) -> str | None:
    """Return the charset label that Content-Type names, or None."""
    for name, value in headers:
        if name == "content-type" and (label := _label(value)) is not None:
            return label or None
    return None


@lru_cache(maxsize=64)
def _label(value: str) -> str | None:
    """Return the label in one Content-Type; None when there is none. The pages of a site all have the same few."""
    found = _CHARSET.search(value)
    return (found[1] or found[2] or found[3] or "").strip() if found else None


def links_of(value: str) -> Iterator[HeaderLink]:
    """Yield the links of one Link header; what cannot be understood is passed over up to the next comma."""
    position = 0
    while position < len(value):
        found = _LINK.match(value, position)
        if found is None:
            skipped = _NEXT.match(value, position)
            position = max(skipped.end() if skipped else 0, position + 1)
            continue
        position = found.end()
        parameters: dict[str, str] = {}
        while (parameter := _PARAMETER.match(value, position)) is not None:
            position = parameter.end()
            name, quoted, plain = parameter.groups()
            if name:
                text = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain or ""
                parameters.setdefault(name.lower(), text)
        yield HeaderLink(found[1].strip(), parameters)


def refresh_target(value: str) -> str | None:
    """Return the URL in a Refresh header or meta refresh; None when it names none and so reloads the page itself.

    >>> refresh_target("5; URL='next.html'")
    'next.html'
    """
    found = _REFRESH.match(value)
    if found is None:
        return None
    rest = value[found.end() :]
    named = _REFRESH_URL.match(rest)
    if named:
        rest = rest[named.end() :]
    if rest[:1] in {'"', "'"} and rest:
        rest = rest[1:].partition(rest[0])[0]
    return rest or None


def robots_words(headers: Headers, agent: str) -> list[str]:
    """Return the words of X-Robots-Tag that are meant for everyone or for our agent, lower case, in order."""
    words: list[str] = []
    for name, value in headers:
        if name == "x-robots-tag":
            addressed = _AGENT.match(value)
            if addressed is None or addressed[1].lower() in _VALUED_WORDS:
                words += split_words(value)
            elif addressed[1].lower() in {agent, "*"}:
                words += split_words(value[addressed.end() :])
    return words


def split_words(value: str) -> list[str]:
    """Return the words of a robots value, which commas separate, lower case.

    >>> split_words("NoIndex, nofollow")
    ['noindex', 'nofollow']
    """
    return [word for word in (" ".join(part.split()).lower() for part in value.split(",")) if word]
