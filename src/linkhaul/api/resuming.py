"""A run file as a request to go on with it: its settings, its sources and its outputs, as they were. And who keeps one that cannot be found again."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

from linkhaul.api.places import Hold
from linkhaul.api.request import Request
from linkhaul.api.sources import from_description
from linkhaul.config import config_from, settings
from linkhaul.export.outputs import OutputSpec
from linkhaul.model.columns import LINKS, PAGES
from linkhaul.motion.progress import Progress
from linkhaul.store.opening import open_to_read
from linkhaul.store.reader import value


def request_to_go_on(path: Path, given: dict[str, Any]) -> tuple[Request, list[str]]:
    """Return the request that goes on with a run, and notices of what it cannot take up again.

    Args:
        path: the run file.
        given: settings that replace the stored ones; secrets (auth, cookie, header, proxy) are not stored.

    Raises:
        RunFileError: there is no run file, or it cannot be read.
        SettingError, SourceError: a setting or a source that cannot be meant.
    """
    with closing(open_to_read(path)) as connection:
        kept = value(connection, "settings", {})
        described = value(connection, "sources", [])
        verb = value(connection, "verb", "links")
        outputs = connection.execute("SELECT path, spec FROM output ORDER BY rowid").fetchall()
    config = config_from({name: kept[name] for name in settings() if name in kept} | given)
    sources, gone = from_description(described)
    notices = [f"{name}: cannot be read again; what was read of it before is gone on with" for name in gone]
    if not described:
        notices.append("the sources came from a program and cannot be read again; what was read of them before is gone on with")
    specs = [spec for path_then, text in outputs if (spec := _spec(path_then, text)) is not None]
    return Request(
        verb=verb,
        sources=sources,
        config=config,
        links=tuple(spec for spec in specs if spec.table == "links"),
        pages=tuple(spec for spec in specs if spec.table == "pages"),
        run=str(path),
    ), notices


def held(request: Request, path: Path, progress: Progress) -> Hold | None:
    """Return what keeps the run file of a job while its result lives; None when it stays anyway.

    It stays when the user named it, when the same call finds it again, and when there is something left to go on with.
    """
    is_lost = request.run is None and not request.sources.names
    return Hold(path) if is_lost and progress.stopped_by is None else None


def _spec(path: str, identity: str) -> OutputSpec | None:
    """Return the output that the run file knows by this path; None for standard output, which has had its rows."""
    kind, compression, columns, table, excel, *_ = json.loads(identity)
    if path == "-":
        return None
    known = {column.name: column for column in (LINKS if table == "links" else PAGES)}
    place = path.removesuffix(f"#{table}") if kind == "sqlite" else path
    return OutputSpec(place, kind, compression, tuple(known[name] for name in columns), table, excel)
