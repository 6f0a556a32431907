"""What is looked at before a job begins: what can be refused is refused before anything is made or overwritten."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from linkhaul.api.sources import Sources
from linkhaul.config import Config
from linkhaul.errors import RunFileError, UsageError
from linkhaul.export.outputs import OutputSpec
from linkhaul.fetch.agent import user_agent
from linkhaul.fetch.proxy import Proxies
from linkhaul.store.opening import inspect, open_to_read
from linkhaul.store.reader import value
from linkhaul.store.schema import APPLICATION_ID


def was_run_file(path: Path) -> bool:
    """Return whether a file is a run file, be it a damaged one; any other file is somebody's own."""
    try:
        inspect(path)
    except RunFileError:
        with path.open("rb") as file:
            return int.from_bytes(file.read(72)[68:], "big") == APPLICATION_ID
    return True


def check_beforehand(config: Config, sources: Sources, outputs: Iterable[OutputSpec]) -> None:
    """Raise UsageError for what the engine would refuse later, when outputs have been begun, and for an output that is a list to read.

    Such a list would be read while it grows, or be gone before it is read.
    """
    _ = user_agent(config.fetch), Proxies(config.fetch.proxy)
    lists = {os.path.realpath(words[1]) for words in sources.described if words[0] == "list"}
    for spec in outputs:
        if spec.path != "-" and os.path.realpath(spec.path) in lists:
            raise UsageError(f"{spec.path}: is both a list to read and an output; name another output")


def is_finished(path: Path) -> bool:
    """Whether a run came to its end; what cannot be read is left alone."""
    try:
        with closing(open_to_read(path)) as connection:
            return bool(value(connection, "state") == "finished")
    except (RunFileError, sqlite3.Error):
        return False
