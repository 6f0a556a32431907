"""What is said to the person, on stderr: sentences, errors and the one line that changes. Rows never come this way."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from linkhaul.cli.clean import clean

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
FALLBACK_WIDTH = 80
LEFT = "left at once; what was committed is kept, and the same command goes on with it"
STOPPED = "to go on, give the same command again; --fresh starts over"


class Talk:
    """Says things on stderr. Nothing that goes wrong there stops a job.

    Attributes:
        is_quiet: only errors are said.
        is_verbose: details are said, too.
        is_terminal: somebody watches, so that a line may be replaced.
        if_interrupted: what is said when Ctrl-C comes just now, and nobody else hears it.
        if_left: what is said when Ctrl-C comes a second time and the command leaves at once; in ASCII.
        if_stopped: how to go on when Ctrl-C has ended the job in order.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._drawn = 0
        self.is_quiet = False
        self.is_verbose = False
        self.if_interrupted = "stopped while starting; nothing was begun"
        self.if_left = LEFT
        self.if_stopped = STOPPED

    @property
    def is_terminal(self) -> bool:
        """Whether a person watches the stream."""
        with suppress(OSError, ValueError, AttributeError):
            return self._out.isatty()
        return False

    @property
    def width(self) -> int:
        """The terminal's columns."""
        with suppress(OSError, ValueError, AttributeError):
            return os.get_terminal_size(self._out.fileno()).columns or FALLBACK_WIDTH
        return FALLBACK_WIDTH

    def say(self, text: str = "", style: str | None = None) -> None:
        """Say one line, unless quiet."""
        if not self.is_quiet:
            self._line(text, style)

    def detail(self, text: str) -> None:
        """Say one line under -v."""
        if self.is_verbose:
            self.say(text, "dim")

    def error(self, text: str) -> None:
        """Say one line in any case."""
        self._line(text, "red")

    def draw(self, text: str) -> None:
        """Show a line that the next one replaces; only on a terminal."""
        text = clean(text)[: self.width - 1]
        self._write("\r" + text + " " * (self._drawn - len(text)))
        self._drawn = len(text)

    def clear(self) -> None:
        """Take the drawn line away."""
        if self._drawn:
            self._write("\r" + " " * self._drawn + "\r")
            self._drawn = 0

    @property
    def _out(self) -> TextIO:
        return self._stream or sys.stderr

    def _line(self, text: str, style: str | None) -> None:
        self.clear()
        text = clean(text)
        self._write(f"\x1b[{_STYLES[style]}m{text}\x1b[0m\n" if style and has_colours(self._out) else f"{text}\n")

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError, AttributeError):
            try:
                self._out.write(text)
            except UnicodeEncodeError:
                self._out.write(text.encode("ascii", "replace").decode())
            self._out.flush()


def has_colours(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that takes colours and whose user wants them."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or (sys.platform == "win32" and "WT_SESSION" not in os.environ):
        return False
    with suppress(OSError, ValueError, AttributeError):
        return stream.isatty()
    return False
