"""What browsers forgive in the head of a reply and the parser does not, put right before it is parsed again.

The parser (llhttp) forgives some faults by itself, see `intake`. It cannot be told to forgive these, which real servers
make and every browser reads; each was tried with httptools 0.9.0. Only a head that was refused comes here, so that a
correct one costs nothing.

Not mended, because nobody can know what was meant: NUL, a line without a colon, a header without a name, lengths that
contradict each other, a length beside chunks (RFC 9112, section 6.3).
"""

from __future__ import annotations

import re

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"[ \t]*(?:HTTP/([0-9])(?:\.([0-9]))?|ICY)[ \t]+([0-9]{3})(?![0-9])[ \t]*([^\n]*)", re.IGNORECASE)
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SPACE = b" \t\r"
_STATUS_BYTES = 64
"""How far a status line is waited for; only the reason of a real one stands beyond that."""


def may_be_mended(start: bytes) -> bool:
    """Return whether what has come so far begins as a reply does, if with faults; or may do so once its first line has come."""
    if b"\n" not in start[:_STATUS_BYTES] and len(start) < _STATUS_BYTES:
        return b"\0" not in start and start.lstrip(b" \t")[:1].upper() in (b"", b"H", b"I")
    if _STATUS.match(start) is None:
        return False
    nul = start.find(b"\0")
    return nul < 0 or has_head(start[:nul])


def has_head(start: bytes) -> bool:
    """Return whether the head of a reply has come to its end."""
    return b"\n\n" in start or b"\n\r\n" in start


def mend(start: bytes) -> bytes:
    """Return the beginning of a reply with its head mended as far as it can be.

    Args:
        start: what has come: the whole head (see `has_head`), and whatever came with it.
    """
    found = _HEAD_END.search(start)
    assert found is not None, "the head has come to its end"
    lines = _unfolded(start[: found.start()])
    status = _STATUS.fullmatch(lines[0])
    mended = lines[:1]
    if status is not None:
        mended = [b"HTTP/1.%b %b %b" % (b"0" if (status[1], status[2]) == (b"1", b"0") else b"1", status[3], status[4])]
    lengths: set[bytes] = set()
    for line in lines[1:]:
        mended += _mended(line, lengths)
    return b"\r\n".join((*mended, b"", start[found.end() :]))


def _unfolded(head: bytes) -> list[bytes]:
    """Return the lines of a head, without space at their ends; a line that begins with space goes on with the one before it.

    Not by a pattern that looks for space before a line's end: of a long run of spaces it looks at every part.
    """
    lines: list[list[bytes]] = []
    for line in head.split(b"\n"):
        if lines and line[:1] in (b" ", b"\t"):
            lines[-1].append(line.strip(_SPACE))
        else:
            lines.append([line.rstrip(_SPACE)])
    return [b" ".join(parts).rstrip(_SPACE) for parts in lines]


def _mended(line: bytes, lengths: set[bytes]) -> list[bytes]:
    """Return what stands for one header line: itself, put right, or nothing.

    Args:
        lengths: the values of Content-Length so far; the same once more is left out.
    """
    name, colon, value = line.partition(b":")
    bare = name.rstrip(_SPACE)
    if not colon or not bare:
        return [line]
    if not _TOKEN.fullmatch(bare):
        return []  # "Content Type: x": browsers pass over it
    value = value.strip(_SPACE)
    match bare.lower():
        case b"content-length":
            same = {part.strip(_SPACE) for part in value.split(b",")}
            value = same.pop() if len(same) == 1 else value
            if not value or value in lengths:
                return []
            lengths.add(value)
        case b"transfer-encoding" if value.lower() == b"identity":
            return []  # it says that nothing was done (RFC 2616; gone from RFC 9112)
    return [bare + b": " + value]
