"""What the system refuses becomes one sentence with a remedy."""

from __future__ import annotations

import errno
import os

import pytest

from linkhaul.export.disk import ClosedPipe, refusal


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no space left; make room"),
        (errno.EACCES, "may not be written"),
        (errno.EROFS, "may not be written"),
        (errno.ENOENT, "there is no folder"),
        (errno.EISDIR, "is a folder"),
        (errno.EIO, "cannot be written"),
    ],
)
def test_each_refusal_names_the_file_and_the_remedy(number: int, words: str) -> None:
    """The path comes first, then what is wrong in words."""
    error = refusal("out/links.csv", OSError(number, os.strerror(number)))
    assert str(error).startswith("out/links.csv: ")
    assert words in str(error)
    assert not isinstance(error, ClosedPipe)


def test_a_closed_pipe_is_its_own_kind() -> None:
    """The caller stops in order when the reader has gone."""
    assert isinstance(refusal("-", BrokenPipeError(errno.EPIPE, "Broken pipe")), ClosedPipe)
