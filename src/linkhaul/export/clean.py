"""Text from the web, made harmless for a terminal."""

from __future__ import annotations

import re

# Controls (C0, DEL, C1), line and paragraph separators, what turns the direction of writing, halves of surrogate pairs, and the two
# characters that are none (U+FFFE, U+FFFF): no XML may hold them.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]")
_BLANK = "\t\n\r\x0b\x0c\x85\u2028\u2029"


def clean(text: str) -> str:
    r"""Return text of one line that cannot move a cursor, change a colour or turn its neighbours around.

    >>> clean("a\x1b[31mb\nc")
    'a␛[31mb c'
    """
    return text if text.isprintable() else _UNSAFE.sub(_shown, text)


def shortened(text: str, most: int) -> str:
    """Return at most so many characters, the last of them "…" if there were more."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _shown(found: re.Match[str]) -> str:
    character = found[0]
    if character in _BLANK:
        return " "
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"
