"""What a disk, a pipe or another program may refuse, said in a sentence with the remedy."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from linkhaul.errors import OutputError

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_CLOSED = (errno.EPIPE, errno.ESHUTDOWN)
_CLOSED_STDOUT = (*_CLOSED, errno.EINVAL) if sys.platform == "win32" else _CLOSED


class ClosedPipe(OutputError):
    """Whoever read our output went away (`| head`): stop in order, there is nothing to explain."""

    exit_code = 141  # what a shell says of the tools that SIGPIPE ends


class Behind(OutputError):
    """An output lost rows that were written to it; what is there may be cut back and fed again from the first row.

    Attributes:
        begin: what to hand to `open_live` as the mark before feeding every row again.
    """

    def __init__(self, path: str, begin: str | None) -> None:
        super().__init__(f"{path}: rows that were written are missing from it; it has to be fed again from the first row")
        self.begin = begin


def refusal(path: str, error: OSError, kept: str = ", nothing committed is lost") -> OutputError:
    """Return the exception to raise for a file or pipe that would not be opened or written.

    Args:
        kept: said behind the remedy; empty where nothing is committed.
    """
    where = "standard output" if path == "-" else path
    if error.errno in (_CLOSED_STDOUT if path == "-" else _CLOSED):
        return ClosedPipe(f"{where}: the reader closed it")
    if error.errno in _FULL:
        return OutputError(f"{where}: no space left; make room and run the same command again{kept}")
    if error.errno in _REFUSED:
        return OutputError(
            f"{where}: may not be written ({error.strerror}); close the program that holds it, change its permissions or choose another place"
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return OutputError(f"{where}: there is no folder {Path(path).parent}; make it first")
    if error.errno == errno.EISDIR:
        return OutputError(f"{where}: is a folder; name a file in it")
    return OutputError(f"{where}: cannot be written: {error.strerror or error}; run the same command again{kept}")


def sync_folder(folder: Path) -> None:
    """Make a file's name in its folder outlive a power cut; where folders cannot be opened (Windows) the system does it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
