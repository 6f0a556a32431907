"""`--log FILE`: what happens, as JSON Lines: start, failure, notice, progress, end. No secret is in it."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from linkhaul.errors import OutputError
from linkhaul.model.records import Visit
from linkhaul.model.times import iso
from linkhaul.motion.progress import Progress


class Log:
    """A log that is added to; a disk that is full does not stop the job, it only ends the log.

    Raises:
        OutputError: the file cannot be opened.
    """

    def __init__(self, path: str) -> None:
        try:
            self._file = Path(path).open("a", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 - closed by __exit__
        except FileNotFoundError:
            raise OutputError(f"--log {path}: there is no folder {Path(path).parent}; make it first") from None
        except OSError as error:
            raise OutputError(f"--log {path}: cannot be written: {error.strerror}") from None

    def event(self, name: str, **fields: Any) -> None:
        """Write one event with the time it happened."""
        with suppress(OSError, ValueError):
            self._file.write(json.dumps({"at": iso(time.time()), "event": name, **fields}, ensure_ascii=False) + "\n")
            self._file.flush()

    def failure(self, visit: Visit) -> None:
        """Write a page that failed."""
        kind, detail = failure_of(visit)
        self.event("failure", url=visit.url, final_url=visit.final_url, kind=kind, status=visit.status, detail=detail)

    def progress(self, progress: Progress, name: str = "progress", **fields: Any) -> None:
        """Write the numbers."""
        numbers = ("done", "done_before", "waiting", "in_flight", "links", "links_written", "bytes", "duplicates", "fault_count")
        counts = {number: getattr(progress, number) for number in numbers}
        self.event(name, **counts, failures=dict(progress.failures), stopped_by=progress.stopped_by, **fields)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is not None:
            self.event("error", kind=kind.__name__, detail=str(error))
        with suppress(OSError):
            self._file.close()


def failure_of(visit: Visit) -> tuple[str, str]:
    """Return what failed at a visit, a kind or a status, and its sentence."""
    if visit.failure is not None:
        return visit.failure.kind, visit.failure.detail
    return str(visit.status), f"the answer was {visit.status}"
