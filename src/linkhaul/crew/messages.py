"""What the process of a run and its readers say to each other: frames over a pair of sockets.

A frame is two lengths (four bytes each, little-endian) and two parts of so many bytes. To a reader goes first its `Order`, then
for each page an `Errand` with the body; back come, in the same order, an `Answer` and nothing. Answers need no number: a reader
does one thing after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct as Layout

from msgspec import Struct, msgpack

from linkhaul.config import RowSettings
from linkhaul.crew.looking import Wish
from linkhaul.decide.likeness import simhash
from linkhaul.export.recipe import Recipe
from linkhaul.model.records import Page
from linkhaul.model.sheaf import Cell, Form, Sheaf
from linkhaul.read.options import ReadOptions

HEAD = Layout("<II")


class Order(Struct, frozen=True):
    """What is read of each page: the first thing a reader is told. See `read.options` for what the first fields mean.

    Attributes:
        rows: which links become rows of the outputs.
        recipes: how each text output writes them; a page comes back with its texts. None of both leaves that to the run.
    """

    kinds: frozenset[str]
    max_links: int
    agent: str
    facts: bool
    rows: RowSettings = RowSettings()
    recipes: tuple[Recipe, ...] = ()

    def options(self) -> ReadOptions:
        """Return what the reader of pages is told."""
        return ReadOptions(
            kinds=self.kinds, max_links=self.max_links, agent=self.agent, facts=self.facts, likeness=simhash if self.facts else None
        )


class Errand(Struct, frozen=True, array_like=True):
    """A page that is to be read; its body is the frame's second part.

    Attributes:
        url: where it is.
        found_at: when it was fetched, for its rows.
        headers, status: of its reply.
        wish: what a check wants to know of it besides; None where nothing is checked.
    """

    url: str
    found_at: str
    headers: tuple[tuple[str, str], ...]
    status: int | None = None
    wish: Wish | None = None


class Answer(Struct, array_like=True):
    """What became of an errand.

    Attributes:
        page: what the document says, but for its links.
        fault: the sentence of the parser that gave up.
        cells, forms: the links of the page, see `model.sheaf`.

    With neither, whoever asked has to read it himself: what the page holds cannot travel, or reading it went wrong in a way
    that must not be hidden in another process.
    """

    page: Page | None = None
    fault: str | None = None
    cells: list[Cell] = []
    forms: list[Form] = []

    def told(self, found_at: str) -> Page | str | None:
        """Return the page with its links, the sentence, or None."""
        if self.page is None:
            return self.fault
        self.page.links = Sheaf(self.page.url, found_at, self.cells, self.forms)
        return self.page


class Frames:
    """Takes bytes as they come and gives the frames that are complete."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def feed(self, received: bytes | memoryview) -> Iterator[tuple[bytes, bytes]]:
        """Add what has come; yield each complete frame as its two parts. To be taken to the end before the next call."""
        kept = self._kept
        kept += received
        at = 0
        while len(kept) - at >= HEAD.size:
            first, second = HEAD.unpack_from(kept, at)
            start = at + HEAD.size
            if len(kept) < start + first + second:
                break
            with memoryview(kept) as view:
                frame = bytes(view[start : start + first]), bytes(view[start + first : start + first + second])
            at = start + first + second
            yield frame
        del kept[:at]


def framed(first: bytes, second: bytes = b"") -> bytes:
    """Return a frame of two parts."""
    return b"".join((HEAD.pack(len(first), len(second)), first, second))


encode = msgpack.Encoder().encode
order_of = msgpack.Decoder(Order).decode
errand_of = msgpack.Decoder(Errand).decode
answer_of = msgpack.Decoder(Answer).decode
