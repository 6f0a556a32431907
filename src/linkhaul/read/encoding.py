"""In which encoding a page is written, and how the queries of its links are encoded in it.

The parser finds the encoding as the HTML standard says: byte order mark, then the transport's charset, then a meta
element, then the fallback, which is UTF-8 for what is valid UTF-8 and windows-1252 for the rest.

Sources: https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding;
https://url.spec.whatwg.org/#string-percent-encode-after-encoding
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import turbohtml

QueryEncoder = Callable[[str], str]
"""Takes a link's text, gives it with its query percent-encoded in the page's encoding."""

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_UNICODE = frozenset({"UTF-8", "UTF-16LE", "UTF-16BE", "replacement"})
_CODECS = {  # where Python's codec of the same name is another encoding, or has another name
    "Big5": "cp950",
    "EUC-KR": "cp949",
    "ISO-8859-8-I": "iso8859-8",
    "Shift_JIS": "cp932",
    "macintosh": "mac_roman",
    "windows-874": "cp874",
    "x-mac-cyrillic": "mac_cyrillic",
}
_SPECIAL = re.compile(r"(?:https?|ftp|file):", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_IGNORED = re.compile(r"[\t\n\r]")
_SAFE_BYTES = frozenset(range(0x21, 0x7F)) - frozenset(b"\"#<>'")


def parse(body: bytes | str, label: str | None) -> tuple[turbohtml.Document, str | None]:
    """Return the parsed document and what decided its encoding: bom, header, meta or default; None for text.

    Args:
        label: the charset that the transport named; one that is unknown counts as none.
    """
    if isinstance(body, str):
        return turbohtml.parse(body, positions=False), None
    if label is not None:
        try:
            return turbohtml.parse(body, encoding=label, positions=False), "bom" if body.startswith(_MARKS) else "header"
        except LookupError:
            pass
    document = turbohtml.parse(body, positions=False)
    if document.encoding_confidence != "certain":
        return document, "default"
    return document, "bom" if body.startswith(_MARKS) else "meta"


@lru_cache(maxsize=64)
def query_encoder(charset: str | None) -> QueryEncoder | None:
    """Return what encodes the queries of a page's links, or None where they are UTF-8, as a URL's parser does itself.

    Args:
        charset: the WHATWG name of the page's encoding; None for text that was never bytes.
    """
    if charset is None or charset in _UNICODE:
        return None
    codec = _CODECS.get(charset, charset)
    try:
        "".encode(codec)
    except LookupError:
        return None

    def encode(raw: str) -> str:
        return raw if raw.isascii() or "?" not in raw else _encode_query(raw, codec)

    return encode


def _encode_query(raw: str, codec: str) -> str:
    """Return a link's text with its query in the codec's bytes; only schemes of the web are treated so."""
    text = _IGNORED.sub("", raw).strip("".join(map(chr, range(0x21))))
    if _SCHEME.match(text) and not _SPECIAL.match(text):
        return raw
    address, sharp, fragment = text.partition("#")
    path, mark, query = address.partition("?")
    encoded = "".join(chr(byte) if byte in _SAFE_BYTES else f"%{byte:02X}" for byte in _encoded(query, codec))
    return f"{path}{mark}{encoded}{sharp}{fragment}"


def _encoded(text: str, codec: str) -> bytes:
    """Return the text's bytes; a character that the encoding lacks becomes its number, as in a form that is sent."""
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return b"".join(_encoded_letter(letter, codec) for letter in text)


def _encoded_letter(letter: str, codec: str) -> bytes:
    try:
        return letter.encode(codec)
    except UnicodeEncodeError:
        return b"%%26%%23%d%%3B" % ord(letter)
