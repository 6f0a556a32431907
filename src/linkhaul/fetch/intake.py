"""One reply as its bytes come in: no socket, only bytes in and a `Reply` filled.

How this works: a connection feeds what it receives, the parser tells `content.Content` what that means, and here it is
decided whether that is the end. Four ways lead there, and each sets `is_done`, once:

* all of it came: the connection may stay if the parser says so and nothing came behind the reply;
* it failed: `reply.failure` says why, and the connection cannot be used again;
* enough of it came (not wanted, cut, not HTML): then the rest is *drained*, read and forgotten so that the connection can
  stay, as long as it is small and quick; else the connection is given up;
* the connection ended first: for some replies that is the end of the body, for others a failure.

What a server sends is bounded: each header and their number (`content`), bytes that come without any of the body (a
head, interim replies, chunk extensions, trailers) here, and the body by its plan.

What browsers forgive is forgiven: by the parser itself lines that end with LF alone and spaces behind a chunk's size; the
rest by `mending` a head that the parser has refused, and parsing it once more. Bytes behind
the end of a reply, be they garbage or a second reply, are no fault of the first: they belong to nothing, and the connection is
closed. (Servers that count letters where bytes are meant announce too little; browsers show such pages.)
"""

from __future__ import annotations

from time import perf_counter

from httptools import HttpParserCallbackError, HttpParserError, HttpResponseParser

from linkhaul.fetch.body import Plans
from linkhaul.fetch.content import Content, Stop
from linkhaul.fetch.decode import BodyFault
from linkhaul.fetch.failures import breaks_http, broken_off, closed
from linkhaul.fetch.mending import has_head, may_be_mended, mend
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Failure, Reply

BODILESS_BYTES = 262_144
"""The most that may come without a byte of the body."""
_HEAD_PIECES = 1000
"""In how many pieces a head may come that has to be mended: with each it is looked at again."""

DRAIN_S = 0.25
"""How long the rest of a body that nobody wants may take to come."""


class Intake:
    """Takes in one reply; made for each request, fed by a connection.

    Args:
        reply: filled with status, headers, body, wire_bytes or failure.
        accept: what the asker can use.
        plans: decides how bodies are read.
        where: the host's name and port, for sentences.

    Attributes:
        reply, where: as given; the reply is whole when `is_done`.
        size: bytes of the body that are in memory.
        is_done: nothing more is needed.
        may_stay: the connection can be used again; counts when `is_done`.
        drain_by: `perf_counter` by when what is drained has to have come; None when nothing is drained.
        is_unheard: the connection ended before any byte came.
    """

    __slots__ = (
        "_accept", "_content", "_head", "_parser", "_plans", "_why_refused",
        "drain_by", "is_done", "is_unheard", "may_stay", "reply", "size", "where",
    )  # fmt: skip

    def __init__(self, reply: Reply, accept: Accept, plans: Plans, where: str) -> None:
        self.reply = reply
        self.size = 0
        self.is_done = self.may_stay = self.is_unheard = False
        self.drain_by: float | None = None
        self._accept: Accept = accept
        self._plans = plans
        self.where = where
        self._head: list[bytes] = []
        self._why_refused: str | None = None
        self._parser: HttpResponseParser | None
        self._begin()

    @property
    def answered_at(self) -> float | None:
        """When the headers were there, by `perf_counter`."""
        return self._content.answered_at

    def anew(self) -> Intake:
        """Return an intake for the same reply, as if nothing had been asked yet."""
        self.reply.failure = None
        return Intake(self.reply, self._accept, self._plans, self.where)

    def feed(self, received: bytes) -> None:
        """Take in the next bytes."""
        if self.is_done:
            self.may_stay = False
            return
        content = self._content
        content.unread += len(received)
        if content.status is None:
            self._head.append(received)
        if self._parser is not None:
            self._parse(self._parser, received)
        else:
            self._mend()
        content = self._content
        if content.failure is not None:
            self.fail(content.failure)
        elif content.is_over:
            self._conclude()
        elif not self.is_done:
            self._go_on()

    def ended(self, error: BaseException | None) -> None:
        """Take note that the connection has ended.

        Args:
            error: what broke it off; None when the server closed it.
        """
        if self.is_done:
            self.may_stay = False
        elif self._parser is None:
            self.fail(breaks_http(self.where, self._why_refused or ""))
        elif self._content.is_enough:
            self.settle()
        elif error is not None:
            self.is_unheard = not self._head
            self.fail(broken_off(error, self.where))
        elif self._content.status is None:
            self.is_unheard = not self._head
            self.fail(closed(self.where, "in the middle of its headers" if self._head else "without an answer"))
        elif self._ends_with_connection():
            self._conclude()
            self.may_stay = False
        else:
            self.fail(closed(self.where, "before the whole body had come"))

    def fail(self, failure: Failure) -> None:
        """End with a failure; a status that came stands beside it, what came of the body is forgotten."""
        self._end()
        self.reply.failure = failure
        self.reply.body = b""
        self.size = 0
        self.may_stay = False

    def settle(self) -> None:
        """End with what is there: the rest is not worth the wait."""
        self._end()
        self.may_stay = False
        self._content.is_enough = True  # so that packing which stops here is no fault
        self.reply.body = body = self._content.take_body()
        self.size = len(body)

    def _begin(self, *, is_mended: bool = False) -> None:
        """Begin to understand a reply, or begin anew."""
        self._content = content = Content(self._accept, self._plans, self.where)
        self._parser = content.parser = parser = HttpResponseParser(content)
        parser.set_dangerous_leniencies(
            lenient_headers=is_mended,  # control characters in values: the parser then lets NUL pass, too, which `mending` does not
            lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )

    def _parse(self, parser: HttpResponseParser, received: bytes) -> None:
        content = self._content
        try:
            parser.feed_data(received)
        except HttpParserCallbackError as error:
            if not isinstance(error.__context__, Stop):
                raise
            if content.failure is None and not content.is_over:
                self.settle()
        except HttpParserError as error:
            if content.is_over:
                content.may_stay = False
            elif content.is_enough:
                self.settle()
            elif content.status is None and self._why_refused is None:
                self._why_refused = str(error)
                self._parser = None
            else:
                content.failure = breaks_http(self.where, str(error))
        if self._parser is None and not self.is_done:  # not within the `except`: what is raised there has another context than its own
            self._mend()

    def _mend(self) -> None:
        """Try once more with a head put right, as soon as all of it is there; a reply that cannot be mended has failed."""
        start = b"".join(self._head)
        if not may_be_mended(start) or len(self._head) > _HEAD_PIECES:
            self._content.failure = breaks_http(self.where, self._why_refused or "")
        elif has_head(start):
            self._begin(is_mended=True)
            assert self._parser is not None
            self._content.unread = len(start)
            self._parse(self._parser, mend(start))

    def _go_on(self) -> None:
        """See to it that what is still to come is bounded."""
        content = self._content
        if content.is_enough and self.drain_by is None:
            self.drain_by = perf_counter() + DRAIN_S
        self.size = content.size
        if content.unread > BODILESS_BYTES:
            what = "its headers" if content.status is None else "what stands between the pieces of its body"
            self.fail(breaks_http(self.where, f"{what} come to more than {BODILESS_BYTES:,} bytes"))

    def _conclude(self) -> None:
        """End with all that came."""
        content = self._content
        try:
            body = content.take_body()
        except BodyFault as fault:
            self.fail(fault.failure)
            return
        self._end()
        self.may_stay = content.may_stay and self._why_refused is None
        self.reply.body = body
        self.size = len(body)

    def _end(self) -> None:
        if self.is_done:
            return
        content = self._content
        self.is_done = True
        reply = self.reply
        reply.status = content.status
        reply.headers = content.headers
        reply.wire_bytes = content.wire_bytes
        self._parser = None
        del content.parser  # the two hold each other; without this they would wait for the garbage collector

    def _ends_with_connection(self) -> bool:
        """Whether the end of the connection is the end of the body: it has no length, and is not in chunks (RFC 9112, section 6.3)."""
        for name, value in self._content.headers:
            if name == "content-length" or (name == "transfer-encoding" and value.lower().endswith("chunked")):
                return False
        return self._content.status is not None
