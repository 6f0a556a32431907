"""URLs as text: parsed once by the WHATWG standard (ada), then only sliced.

Everything here takes and gives plain `str`. Three forms travel:

* a link's URL: absolute and normalised, with its fragment and with whatever user name the page wrote;
* a target's URL (`target_url`): the same without fragment, user name and password: what may be asked for;
* a key (`key`, `url_id`): a URL without its fragment, the identity by which two links lead to the same place.

What ada gives is ASCII and canonical, so the slices below need no second parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import unquote

from ada_url import idna, normalize_url

from linkhaul.errors import SourceError
from linkhaul.model.resolve import resolver

USUAL_LENGTH = 250
"""Characters that a URL rarely has more of. Where URLs are remembered, longer ones are not, or count for more: a `data:` URL may hold an image."""

_AUTHORITY = re.compile(r"[a-z][a-z0-9+.\-]*://(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^/?#:]*)(?::[0-9]*)?")
_USERINFO = re.compile(r"([a-z][a-z0-9+.\-]*://)([^/?#]*)@")
_WEB = ("http://", "https://")
_FETCHABLE = re.compile(r"(?:https?://[^/?#]|file:///)")

_TYPED_WEB = re.compile(r"(?:https?|file):", re.IGNORECASE)
_TYPED_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):(?![0-9]+(?:[/?#]|$))")
_NOT_A_HOST = re.compile(r"[\s\x00-\x1f\x7f]")
_LOOPBACK = re.compile(r"(?:.+\.)?localhost\.?|127(?:\.[0-9]+){3}|\[::1\]|0\.0\.0\.0")
_ESCAPES = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")


def parse(text: str) -> str:
    """Return an absolute URL in its normal form, without fragment, user name and password.

    >>> parse("HTTPS://ann:pw@Python.org:443/a/../b#top")
    'https://python.org/b'

    Raises:
        SourceError: the text is no absolute URL, or its scheme is not http, https or file.
    """
    try:
        url = normalize_url(text)
    except ValueError:
        raise SourceError(f"{_shown(text)} is not an absolute URL; write it like https://example.org/page") from None
    return _fetchable(url, text)


def _fetchable(url: str, text: str) -> str:
    """Return a normal URL as one that can be asked for.

    Args:
        text: what to call it in the message.
    """
    url = target_url(url)
    if not _FETCHABLE.match(url):
        raise SourceError(f"{_shown(text)} cannot be fetched; a URL begins with https://, http:// or file:///")
    return url


def from_typed(text: str) -> tuple[str, str | None]:
    """Return what a person typed as a URL like `parse` gives, and the "user:password" it contained, or None.

    A host alone means https; one that is this very machine means http, because nobody has a certificate for that.

    >>> from_typed(" python.org ")
    ('https://python.org/', None)
    >>> from_typed("localhost:8000/x")
    ('http://localhost:8000/x', None)

    Raises:
        SourceError: the text cannot be meant as a URL.
    """
    typed = text.strip()
    if not typed:
        raise SourceError("an empty text is not a URL; write it like https://example.org/page")
    if _NOT_A_HOST.search(typed):
        raise SourceError(f"{_shown(typed)} is not one URL: there is white space inside; write a space in a URL as %20")
    url = _complete(typed)
    found = _USERINFO.match(url)
    return _fetchable(url, url), _credentials(found[2]) if found else None


def _complete(typed: str) -> str:
    """Return what was typed as an absolute normal URL, with a scheme put in front where there is none."""
    if _TYPED_WEB.match(typed):
        return _normal(typed, typed)
    rest = typed.removeprefix("//")
    scheme = _TYPED_SCHEME.match(rest)
    if scheme and not _is_userinfo(rest, scheme[1]):
        raise SourceError(f"{_shown(typed)} has the scheme {scheme[1]}:, which cannot be fetched; a URL begins with https:// or http://")
    if rest[:1] in {"/", ".", "?", "#", "\\"}:
        raise SourceError(f"{_shown(typed)} names no host; write it like https://example.org/page")
    # Both are tried because a port that is the scheme's own vanishes: localhost:443 and example.org:80 must keep theirs.
    plain = _normal(f"http://{rest}", typed)
    return plain if _LOOPBACK.fullmatch(hostname_of(plain)) else _normal(f"https://{rest}", typed)


def _is_userinfo(rest: str, scheme: str) -> bool:
    """Tell whether what looks like a scheme is a user name, as in ann:secret@example.org."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return "@" in authority and scheme.lower() not in {"mailto", "sip", "sips", "xmpp", "acct", "javascript", "data"}


def _normal(url: str, typed: str) -> str:
    try:
        return normalize_url(url)
    except ValueError:
        raise SourceError(f"{_shown(typed)} is not a URL; write it like https://example.org/page") from None


def _credentials(userinfo: str) -> str:
    user, _, password = userinfo.partition(":")
    return f"{unquote(user)}:{unquote(password)}"


def _shown(text: str) -> str:
    """Return a text for a message: quoted, of bounded length, and without a password."""
    hidden = re.sub(r"(?<=:)[^:/@\s]*@", "***@", text)
    return repr(hidden if len(hidden) <= 200 else hidden[:197] + "...")


def join(base: str, raw: str) -> str | None:
    """Return the absolute URL that `raw` means on a page at `base`, with its fragment, or None if it cannot be parsed.

    Args:
        base: an absolute URL in normal form.

    Source: https://url.spec.whatwg.org/#concept-basic-url-parser
    """
    return resolver(base).resolve(raw)


def split_fragment(url: str) -> tuple[str, str | None]:
    """Return a URL without its fragment, and the fragment; None when there is none or it is empty."""
    address, _, fragment = url.partition("#")
    return address, fragment or None


def target_url(link_url: str) -> str:
    """Return the URL to ask for when a link is followed: without fragment, user name and password."""
    address = link_url.partition("#")[0] if "#" in link_url else link_url
    return _USERINFO.sub(r"\1", address, count=1) if "@" in address else address


def key(url: str) -> str:
    """Return the identity of what a URL leads to: the URL without its fragment."""
    return url.partition("#")[0]


def url_id(key: str) -> int:
    """Return a key's 64-bit hash as a signed integer (what SQLite holds): the same in every run and on every machine."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def host_of(url: str) -> str:
    """Return scheme, host and port of a normal URL, the unit of politeness.

    >>> host_of("https://ann@example.org:8443/a?b")
    'https://example.org:8443'
    """
    if "@" not in url and url.startswith(_WEB) and (end := url.find("/", 8)) > 0:
        return url[:end]
    address = target_url(url)
    found = _AUTHORITY.match(address)
    return found[0] if found else address.partition(":")[0] + ":"


def hostname_of(url: str) -> str:
    """Return the host name of a normal URL, without port; empty where a URL has none (file, mailto)."""
    found = _AUTHORITY.match(url)
    return found[1] if found else ""


@lru_cache(maxsize=16_384)
def registrable_domain(hostname: str) -> str:
    """Return the domain somebody registered: `bbc.co.uk` for `news.bbc.co.uk`.

    An IP address, a name without dots and a public suffix itself are their own.

    Source: https://publicsuffix.org/list/, the private section included (two users of github.io are two sites).
    """
    name = hostname.rstrip(".")
    if "." not in name or name.startswith("[") or name.rpartition(".")[2].isdigit():
        return name or hostname
    if "xn--" not in name:
        return _private_suffix()(name) or name
    suffix = _private_suffix()(idna.decode(name))
    return idna.encode(suffix).decode() if suffix else name


@lru_cache(maxsize=1)
def _private_suffix() -> Callable[[str], str | None]:
    """Load the list when two hosts are compared first: it takes 0.05 s, and twice that if it had to hold ASCII forms."""
    from publicsuffixlist import PublicSuffixList

    suffix: Callable[[str], str | None] = PublicSuffixList(accept_encoded_idn=False).privatesuffix
    return suffix


def is_internal(page_hostname: str, link_url: str) -> bool:
    """Tell whether a link stays on the page's registrable domain; for a page from disk, whether it stays on disk."""
    hostname = hostname_of(link_url)
    if hostname == page_hostname:
        return bool(hostname) or link_url.startswith("file:")
    return bool(hostname and page_hostname) and is_same_site(page_hostname, hostname)


@lru_cache(maxsize=16_384)
def is_same_site(hostname: str, other: str) -> bool:
    """Tell whether two host names belong to one registrable domain.

    Names that share one end alike: most are told apart by their last two labels, and the list of suffixes need not be loaded.
    """
    if hostname == other or _end_of(hostname) != _end_of(other):
        return hostname == other
    return registrable_domain(hostname) == registrable_domain(other)


def _end_of(hostname: str) -> list[str]:
    return hostname.rstrip(".").rsplit(".", 2)[-2:]


def idn(url: str) -> str:
    """Return a URL for people to read: its host name in its own script, its escapes as the letters they stand for.

    Only for showing: it may not parse back to the same URL.

    >>> idn("https://xn--mnchen-3ya.de/%C3%A4?q=%20")
    'https://münchen.de/ä?q=%20'
    """
    found = _AUTHORITY.match(url)
    if found and "xn--" in found[1]:
        name = idna.decode(found[1])
        if name.isprintable():  # marks that turn the direction of writing are not
            url = url[: found.start(1)] + name + url[found.end(1) :]
    return _ESCAPES.sub(_readable, url)


def _readable(escapes: re.Match[str]) -> str:
    try:
        letters = bytes.fromhex(escapes[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return escapes[0]
    return letters if letters.isprintable() and " " not in letters else escapes[0]
