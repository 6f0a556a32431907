"""Reading a body in pieces: under a cap, unpacked as it comes, and no further than it is of use."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import NamedTuple

from aiohttp import StreamReader

from linkhaul.fetch.budget import Share
from linkhaul.fetch.decode import BodyFault, Decoder, too_large
from linkhaul.fetch.failures import WEB_FAULTS
from linkhaul.fetch.media import SNIFFED, looks_like_html

DRAIN_BYTES = 65_536
DRAIN_S = 0.25
"""An unread body as small and quick as this is read and thrown away: cheaper than a new connection."""


class Plan(NamedTuple):
    """How one body is read.

    Attributes:
        names: the encodings it is packed with, as `decode.encodings` gives them.
        cap: most bytes after unpacking; a larger body is a failure.
        cut_at: where a body is cut without that being a failure; None for nowhere.
        is_sniffed: whether it is read only if its first bytes look like HTML.
    """

    names: tuple[str, ...]
    cap: int
    cut_at: int | None = None
    is_sniffed: bool = False


async def read_body(content: StreamReader, plan: Plan, share: Share | None) -> tuple[bytes, int]:
    """Return a body after unpacking, and how many bytes came over the wire.

    It may stop before the end (cut, or not HTML): then `content` is not at its end and the connection has to be closed.

    Args:
        content: closed by the caller.
        plan: what to read of it.
        share: where room for the body is taken, if memory is counted.

    Raises:
        BodyFault: too large, or it cannot be unpacked.
        aiohttp.ClientError, TimeoutError: as the connection fails.
    """
    decoder = Decoder(plan.names, plan.cap) if plan.names else None
    parts: list[bytes] = []
    size = wire_bytes = 0
    is_doubtful = plan.is_sniffed
    while piece := await content.readany():
        wire_bytes += len(piece)
        part = piece if decoder is None else decoder.feed(piece)
        size += len(part)
        if size > plan.cap:
            raise BodyFault(too_large(plan.cap))
        if share is not None:
            await share.take(len(part))
        parts.append(part)
        if is_doubtful:
            is_doubtful = not looks_like_html(b"".join(parts))
            if is_doubtful and size >= SNIFFED:
                return b"", wire_bytes
        if plan.cut_at is not None and size >= plan.cut_at:
            return b"".join(parts)[: plan.cut_at], wire_bytes
    if decoder is not None:
        decoder.finish()
    if is_doubtful:
        return b"", wire_bytes
    return parts[0] if len(parts) == 1 else b"".join(parts), wire_bytes


async def drain(content: StreamReader) -> None:
    """Read a body to its end and forget it, if it is small and comes quickly; then the connection can be used again."""
    if content.is_eof():
        return
    with suppress(*WEB_FAULTS):
        async with asyncio.timeout(DRAIN_S):
            left = DRAIN_BYTES
            while left > 0 and (piece := await content.readany()):
                left -= len(piece)
