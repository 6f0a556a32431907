"""What the parser tells of one reply: its head, kept within bounds, and its body, read as far as it is of use.

The parser (llhttp, by way of httptools) calls the `on_` methods while it is fed. When the headers are there,
`body.Plans` decides from them alone how the body is read; its pieces are unpacked as they come. What ends the work in the
middle is noted, and `Stop` raised, which leads out of the parser.
"""

from __future__ import annotations

from time import perf_counter
from typing import NoReturn

from httptools import HttpResponseParser

from linkhaul.decide.media import SNIFFED, looks_like_html
from linkhaul.fetch.body import Plan, Plans, announced
from linkhaul.fetch.decode import BodyFault, Decoder, too_large
from linkhaul.fetch.failures import bad_reply, breaks_http
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Failure

LINE_BYTES = 32_768
"""The longest header line, and the longest reason of a status."""
HEADERS = 128
"""The most headers of one reply; trailers are counted with them."""
DRAIN_BYTES = 65_536
"""An unread rest as small as this is read and thrown away: cheaper than a new connection."""

PIECES, PIECE_BYTES = 100_000, 64
"""From so many pieces on, they have to be of so many bytes on average: a body in crumbs costs more time than it is worth."""

_BIT = 4096
"""How much of a packed body is unpacked at once where it will be cut: so that a bomb has no time to swell."""

_NAMES: dict[bytes, str] = {}
_NAMES_KEPT = 2_000


class Stop(Exception):
    """Nothing more is needed of this reply, or it failed: which of the two is noted in the `Content`."""


class Content:
    """One reply as the parser tells it.

    Args:
        accept: what the asker can use.
        plans: decides how bodies are read.
        where: the host's name and port, for sentences.

    Attributes:
        parser: who tells; set by who makes it.
        status: None until the head is there; interim replies are passed over.
        headers: pairs (lower-case name, value) as in `Reply`.
        answered_at: `perf_counter` when the head was there.
        size: bytes of the body that are in memory.
        wire_bytes: bytes of the body as they came; of a body that is not read, what was announced.
        unread: bytes that came since the last byte of a body; counted by who feeds the parser.
        is_enough: nothing more of the body is wanted; what comes is thrown away.
        is_over: the reply came to its end.
        may_stay: the connection can be used again; counts when it is over.
        failure: what is wrong with the reply.
    """

    __slots__ = (
        "_accept", "_decoder", "_fields", "_is_doubtful", "_is_interim", "_left", "_parts", "_pieces", "_plan", "_plans", "_reason_bytes", "_where",
        "answered_at", "failure", "headers", "is_enough", "is_over", "may_stay", "parser", "size", "status", "unread", "wire_bytes",
    )  # fmt: skip
    parser: HttpResponseParser

    def __init__(self, accept: Accept, plans: Plans, where: str) -> None:
        self.status: int | None = None
        self.headers: tuple[tuple[str, str], ...] = ()
        self.answered_at: float | None = None
        self.size = self.wire_bytes = self.unread = 0
        self.is_enough = self.is_over = self.may_stay = False
        self.failure: Failure | None = None
        self._accept: Accept = accept
        self._plans = plans
        self._where = where
        self._fields: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._plan: Plan | None = None
        self._decoder: Decoder | None = None
        self._is_doubtful = self._is_interim = False
        self._left = DRAIN_BYTES
        self._pieces = 0
        self._reason_bytes = 0

    def on_message_begin(self) -> None:
        """A reply begins; what comes behind the first is an answer to nothing, and its connection cannot be trusted."""
        if self.is_over:
            self.may_stay = False
            raise Stop

    def on_status(self, reason: bytes) -> None:
        """A piece of the reason came."""
        self._reason_bytes += len(reason)
        if self._reason_bytes > LINE_BYTES:
            self._fail(breaks_http(self._where, f"its status line is longer than {LINE_BYTES:,} bytes"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header or trailer came."""
        fields = self._fields
        fields.append((name, value))
        if len(fields) > HEADERS:
            self._fail(breaks_http(self._where, f"it sends more than {HEADERS} headers"))

    def on_headers_complete(self) -> None:
        """The head is there: decide what becomes of the body."""
        status = self.parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._is_interim = True
            return
        self.answered_at = perf_counter()
        self.status = status
        self.headers = headers = tuple([(_NAMES.get(name) or _lower(name), value.decode("latin-1")) for name, value in self._fields])
        if status < 200:
            self._fail(bad_reply(f"the server answered {status}, which nobody asked for"))
        if self.unread > LINE_BYTES and any(len(name) + len(value) > LINE_BYTES for name, value in headers):
            self._fail(breaks_http(self._where, f"a header is longer than {LINE_BYTES:,} bytes"))
        named = dict(reversed(headers))
        try:
            self._plan = plan = self._plans.choose(self._accept, status, named)
        except BodyFault as fault:
            self._fail(fault.failure)
        if plan is None:
            self.wire_bytes = announced(named)
            self._had_enough(self.wire_bytes)
        else:
            self._is_doubtful = plan.is_sniffed
            if plan.names:
                self._decoder = Decoder(plan.names, plan.cap)

    def on_body(self, piece: bytes) -> None:
        """A piece of the body came."""
        self.unread = 0
        if self.is_enough:
            self._left -= len(piece)
            if self._left < 0:
                raise Stop
            return
        plan = self._plan
        assert plan is not None, "the plan is made when the headers are complete"
        self.wire_bytes += len(piece)
        self._pieces += 1
        if self._pieces > PIECES and self.wire_bytes < self._pieces * PIECE_BYTES:
            self._fail(breaks_http(self._where, f"its body comes in more than {PIECES:,} pieces of a few bytes each"))
        if self._decoder is not None:
            piece = self._unpacked(self._decoder, piece, plan.cut_at)
        self._parts.append(piece)
        self.size += len(piece)
        if self._is_doubtful or plan.cut_at is not None:
            self._look(plan)
        elif self.size > plan.cap:
            self._fail(too_large(plan.cap))

    def on_message_complete(self) -> None:
        """The reply came to its end; after an interim one the next begins."""
        if self._is_interim:
            self._is_interim = False
            self._fields.clear()
            self._reason_bytes = 0
            return
        self.is_over = True
        self.may_stay = self.parser.should_keep_alive()

    def take_body(self) -> bytes:
        """Return what is wanted of the body, once all of that came.

        Raises:
            BodyFault: it stops in the middle of its packing.
        """
        if self._decoder is not None and not self.is_enough:
            self._decoder.finish()
        if self._is_doubtful:
            return b""
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def _unpacked(self, decoder: Decoder, piece: bytes, cut_at: int | None) -> bytes:
        try:
            if cut_at is None:
                return decoder.feed(piece)
            unpacked = b""
            for at in range(0, len(piece), _BIT):
                unpacked += decoder.feed(piece[at : at + _BIT])
                if self.size + len(unpacked) >= cut_at:
                    break
        except BodyFault as fault:
            self._fail(fault.failure)
        return unpacked

    def _look(self, plan: Plan) -> None:
        """Look whether a body that may be of no use is, and whether there is enough of it."""
        if self._is_doubtful:
            self._is_doubtful = not looks_like_html(b"".join(self._parts))
            if self._is_doubtful and self.size >= SNIFFED:
                self._cut(0)
                return
        if plan.cut_at is not None and self.size >= plan.cut_at:
            self._cut(plan.cut_at)
        elif self.size > plan.cap:
            self._fail(too_large(plan.cap))

    def _cut(self, size: int) -> None:
        self._parts = [b"".join(self._parts)[:size]]
        self.size = size
        self._had_enough(max(0, announced(dict(self.headers)) - self.wire_bytes))

    def _had_enough(self, rest: int) -> None:
        """Throw away what comes from here on, or stop at once if it is known to be much."""
        self.is_enough = True
        if rest > DRAIN_BYTES:
            raise Stop

    def _fail(self, failure: Failure) -> NoReturn:
        self.failure = failure
        raise Stop


def _lower(name: bytes) -> str:
    """Return a header's name in lower case, and remember it: the same few come with every reply."""
    lower = name.decode("latin-1").lower()
    if len(_NAMES) < _NAMES_KEPT:
        _NAMES[name] = lower
    return lower
