"""The URLs of a sitemap, a sitemap index, a feed or a plain list; streamed, bounded, and never an exception.

How this works: the pieces of the file go through `read.gunzip` (which tells gzip by its first bytes), then into one of two
readers: expat for XML, or lines. What was read before a fault is kept; the fault comes last, as a value that becomes a row.

Bounds: bytes after unpacking, number of URLs, depth of nesting, length of one URL and of one piece of markup. A document
that declares entities is refused: a sitemap has no use for them, and they are how a few bytes become gigabytes.

Source: https://www.sitemaps.org/protocol.html; https://www.rssboard.org/rss-specification; RFC 4287 (Atom)
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Literal, NamedTuple
from xml.parsers import expat

from linkhaul.model.url import join, target_url
from linkhaul.read.feeds import Markup, MarkupError
from linkhaul.read.gunzip import PackingError, unpacked

MAX_DEPTH = 3
"""How many sitemap indexes deep a sitemap may be named; the protocol allows one."""
MAX_URL_LENGTH = 8_192
MAX_UNUSABLE = 1_000
"""How many entries may be no web addresses before the rest is left unread."""
MAX_MARKUP_BYTES = 1_000_000
"""How long one tag or comment may be: expat holds it whole."""

_WEB = ("http://", "https://")
_BLANK = b"\t\n\r "
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_LINE_END = re.compile(r"\r\n|\n|\r")
_WEB_LINE = re.compile(r"https?://", re.IGNORECASE)


class SitemapEntry(NamedTuple):
    """One URL that a sitemap or a feed names: absolute, normal, without fragment; and its date as written, or None."""

    url: str
    kind: Literal["page", "sitemap"]
    via: Literal["sitemap", "feed"]
    lastmod: str | None = None


class SitemapFault(NamedTuple):
    """Why a sitemap was not read to its end, or what of it could not be used, in a sentence."""

    detail: str


class SitemapLimits(NamedTuple):
    """What is read of one file. The protocol says 50 MB and 50,000 URLs; who writes more means all of them."""

    max_bytes: int = 100_000_000
    max_urls: int = 200_000


class _NoAddress(NamedTuple):
    text: str


_Found = SitemapEntry | SitemapFault | _NoAddress

LIMITS = SitemapLimits()


def read_sitemap(source: bytes | Iterable[bytes], url: str, limits: SitemapLimits = LIMITS) -> Iterator[SitemapEntry | SitemapFault]:
    """Yield the URLs of a sitemap in its order, then at most one fault.

    Never raises, whatever the bytes are. Relative URLs are resolved; what is not http or https is left out, and counted in
    the fault. Memory does not grow with the file.

    Args:
        source: the file, whole or in pieces; gzipped or not.
        url: where it came from: absolute, normal.
        limits: what is read at most.
    """
    count = unusable = 0
    example = ""
    ending = None
    for found in _entries(source, url, limits):
        if isinstance(found, SitemapFault):
            ending = found
            break
        if isinstance(found, _NoAddress):
            unusable += 1
            example = example or found.text[:200]
            if unusable > MAX_UNUSABLE:
                break
        elif count == limits.max_urls:
            ending = SitemapFault(f"it names more than {count} URLs; the others are left out")
            break
        else:
            count += 1
            yield found
    if ending is None and unusable:
        several = f"{unusable} of its entries are" if unusable > 1 else "one of its entries is"
        ending = SitemapFault(f"{several} no web address; the first is {example!r}")
    if ending is None and not count:
        ending = SitemapFault("it names no URLs")
    if ending is not None:
        yield ending


def _entries(source: bytes | Iterable[bytes], url: str, limits: SitemapLimits) -> Iterator[_Found]:
    """Yield what a file names, then what made reading it end early."""
    pieces = _from_first_sign(unpacked([source] if isinstance(source, bytes) else source, limits.max_bytes))
    try:
        head = next(pieces, b"")
        is_markup = head[:1] == b"<" or (head[:2] in _UTF16_BOMS and b"<" in head[2:4])
        yield from (_markup(chain([head], pieces), url) if is_markup else _lines(chain([head], pieces), head[:2] in _UTF16_BOMS))
    except PackingError as error:
        yield SitemapFault(str(error))


def _from_first_sign(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the pieces without a BOM of UTF-8 and white space before the first sign, which XML forbids and servers send.

    The first piece has at least four bytes, where there are so many.
    """
    head = b""
    for piece in pieces:
        head = (head + piece).lstrip(_BLANK).removeprefix(_UTF8_BOM).lstrip(_BLANK)
        if len(head) >= 4:
            yield head
            yield from pieces
            return
    if head:
        yield head


def _markup(pieces: Iterable[bytes], url: str) -> Iterator[_Found]:
    """Yield what XML names; what stands before a fault counts."""
    reader = Markup()
    for piece in chain(pieces, [None]):
        fault = _fed(reader, piece)
        via: Literal["sitemap", "feed"] = "feed" if reader.is_feed else "sitemap"
        for address, is_sitemap, date in reader.taken():
            joined = join(url, address) if 0 < len(address) <= MAX_URL_LENGTH else None
            if joined is None or not joined.startswith(_WEB):
                yield _NoAddress(address)
            else:
                yield SitemapEntry(target_url(joined), "sitemap" if is_sitemap else "page", via, date)
        if fault is not None:
            yield SitemapFault(fault)
            return


def _fed(reader: Markup, piece: bytes | None) -> str | None:
    """Give the reader a piece, None after the last; return the fault that ended it, in a sentence."""
    try:
        waiting = reader.feed(piece or b"", is_last=piece is None)
    except MarkupError as error:
        return str(error)
    except expat.ExpatError as error:
        return f"its XML is broken in line {error.lineno}, column {error.offset + 1}: {expat.ErrorString(error.code)}"
    except (ValueError, LookupError) as error:  # an encoding that expat cannot be taught
        return f"its encoding cannot be read: {error}"
    return "one tag or comment in it is longer than 1 MB" if waiting > MAX_MARKUP_BYTES else None


def _lines(pieces: Iterable[bytes], is_utf16: bool) -> Iterator[_Found]:
    """Yield the lines of a plain list that are web addresses; they have to be whole, so that no prose is taken for one."""
    decoder = codecs.getincrementaldecoder("utf-16" if is_utf16 else "utf-8")("replace")
    pending = ""
    for piece in chain(pieces, [b"\n\0" if is_utf16 else b"\n"]):
        *whole, pending = _LINE_END.split(pending + decoder.decode(piece))
        pending = pending[: MAX_URL_LENGTH + 1]
        for line in filter(None, map(str.strip, whole)):
            joined = join(line, "") if _WEB_LINE.match(line) and len(line) <= MAX_URL_LENGTH else None
            yield _NoAddress(line) if joined is None else SitemapEntry(target_url(joined), "page", "sitemap")
