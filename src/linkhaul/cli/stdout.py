"""Standard output, as the verbs write to it: what it refuses is said of it, and of no file that is written meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def stdout_may_fail() -> Iterator[None]:
    """Stand around what writes to standard output, and nothing else.

    Raises:
        ClosedPipe: whoever read it has gone; click would make an exit code of its own of that.
        OutputError: what it goes to is full, or takes no more for another reason.
    """
    try:
        yield
    except OSError as error:
        from linkhaul.export.disk import refusal

        raise refusal("-", error, kept="") from None


def put(text: str, *, ends_line: bool = True) -> None:
    """Put text on standard output; raises what `stdout_may_fail` raises."""
    with stdout_may_fail():
        click.echo(text, nl=ends_line)


def flush() -> None:
    """Hand over what waits for standard output, where there is one; raises what `stdout_may_fail` raises."""
    if sys.stdout is not None:
        with stdout_may_fail():
            sys.stdout.flush()
