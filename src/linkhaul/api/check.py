"""The public call for checking links, and how a request is made of what a person names."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Unpack

from msgspec import Struct
from msgspec.structs import replace

from linkhaul.api.findings import CheckResult
from linkhaul.api.job import Job
from linkhaul.api.judging import Subject, result_of
from linkhaul.api.request import Request
from linkhaul.api.resuming import held
from linkhaul.api.run_file import acknowledge
from linkhaul.api.session import Session
from linkhaul.api.signature import Settings
from linkhaul.api.sources import Source, Sources, from_description, gather
from linkhaul.config import config_from, settings
from linkhaul.decide.checkable import CHECKED_KINDS
from linkhaul.errors import UsageError
from linkhaul.motion.progress import Progress
from linkhaul.store.opening import is_run_file, open_to_read
from linkhaul.store.reader import value

Path_ = str | os.PathLike[str]
_ENDS = ("max_pages", "max_time")
"""Settings that ended the crawl of a run; they do not end its check."""


class Choices(Struct, frozen=True, kw_only=True):
    """What a check is told besides sources and settings.

    Attributes:
        run: the run file; None has one chosen.
        fresh: start over instead of going on.
        base_url: where the files of a folder live on the web.
        root_dir: the folder that files may lead to, and where a path that begins with a slash begins.
        recheck: of a run that is there already, ask again what failed.
        baseline: a file of known problems.
    """

    run: Path_ | None = None
    fresh: bool = False
    base_url: str | None = None
    root_dir: str | None = None
    recheck: bool = False
    baseline: Path_ | None = None


def check(  # noqa: PLR0913 - the door: each is a keyword of its own
    sources: Source | Iterable[Source],
    *,
    run: Path_ | None = None,
    fresh: bool = False,
    base_url: str | None = None,
    root_dir: str | None = None,
    recheck: bool = False,
    baseline: Path_ | None = None,
    **settings: Unpack[Settings],
) -> CheckResult:
    """Ask for every link, and return which are broken and where they stand. Blocks; works anywhere, also inside a running loop.

    A URL is crawled within its scope, and what it links to outside is asked once; of a `UrlList` and a sitemap the pages named are
    read and their links asked; files and folders of HTML or Markdown are read from disk, and their relative links looked up
    there. Of a finished run file only what it has not asked for is asked, and added to it.

    Args:
        run: the run file, to go on with after an interruption; one is chosen when absent.
        fresh: start over instead of going on.
        base_url: where the files of a folder live on the web.
        root_dir: the folder that files may lead to, and where a path that begins with a slash begins.
        recheck: of a run that is there already, ask again what failed.
        baseline: a file of known problems, which then fail nothing.
        settings: see `linkhaul.config`, or docs/settings.md.

    Raises:
        SettingError, SourceError: something cannot be meant; the message says what to write instead.
        RunFileError: the run file cannot be used.
        KeyboardInterrupt: it was interrupted; what it had done is in the run file.
    """
    choices = Choices(run=run, fresh=fresh, base_url=base_url, root_dir=root_dir, recheck=recheck, baseline=baseline)
    request, subject = check_request(sources, dict(settings), choices)
    job = Job(request)
    return _ended(request, subject, job.session, job.wait())


async def acheck(  # noqa: PLR0913 - the door, as above
    sources: Source | Iterable[Source],
    *,
    run: Path_ | None = None,
    fresh: bool = False,
    base_url: str | None = None,
    root_dir: str | None = None,
    recheck: bool = False,
    baseline: Path_ | None = None,
    **settings: Unpack[Settings],
) -> CheckResult:
    """The same as `check`, awaited on the caller's loop. A cancellation ends it; what it had done is kept."""
    choices = Choices(run=run, fresh=fresh, base_url=base_url, root_dir=root_dir, recheck=recheck, baseline=baseline)
    request, subject = check_request(sources, dict(settings), choices)
    session = Session(request)
    try:
        progress = await session.conduct()
    finally:
        session.close()
    return _ended(request, subject, session, progress)


def _ended(request: Request, subject: Subject, session: Session, progress: Progress) -> CheckResult:
    acknowledge(session.path)
    result = result_of(session.path, request.config, subject)
    result.hold = held(request, session.path, progress)
    return result


def check_request(sources: Source | Iterable[Source], given: dict[str, Any], choices: Choices) -> tuple[Request, Subject]:
    """Return what a check asks for, and what it is about.

    Args:
        given: the settings that were given, by name; all kinds of link but forms are checked unless `kinds` is among them.

    Raises:
        SettingError, SourceError: something cannot be meant.
        UsageError: a run file is named beside other sources, or with --run.
        RunFileError: a run file that is named cannot be read.
    """
    path = _run_file(sources)
    if path is not None:
        request, found, title = _of_run(path, given, choices)
    else:
        found = gather(sources, choices.base_url, documents=True, root_dir=choices.root_dir)
        request = Request(
            verb="check",
            sources=found,
            config=config_from({"kinds": CHECKED_KINDS} | given),
            run=None if choices.run is None else os.fspath(choices.run),
            fresh=choices.fresh,
            is_recheck=choices.recheck,
        )
        title = _title(found)
    baseline = None if choices.baseline is None else Path(choices.baseline)
    return request, Subject(title=title, roots=found.roots, baseline=baseline)


def _run_file(sources: Source | Iterable[Source]) -> Path | None:
    """Return the run file that is the one source, or None.

    Raises:
        UsageError: there are other sources beside it.
    """
    listed = [sources] if isinstance(sources, (str, os.PathLike)) else sources if isinstance(sources, (list, tuple)) else ()
    paths = [Path(source) for source in listed if isinstance(source, (str, os.PathLike)) and is_run_file(source)]
    if len(listed) > 1 and paths:
        raise UsageError(f"{paths[0]}: is a run file; check it alone")
    return paths[0] if paths else None


def _of_run(path: Path, given: dict[str, Any], choices: Choices) -> tuple[Request, Sources, str]:
    """Return the request to check a run as it is: nothing of its sources is read again."""
    if choices.run is not None or choices.fresh or choices.base_url is not None:
        raise UsageError(f"{path}: is a run file, and is checked as it is; leave --run, --fresh and --base-url away")
    with closing(open_to_read(path)) as connection:
        kept = value(connection, "settings", {})
        described = value(connection, "sources", [])
    before = {name: kept[name] for name in settings() if name in kept and name not in _ENDS}
    found, _ = from_description(described)
    found = replace(found, open=lambda _: iter(()), sitemaps=(), described=tuple(tuple(words) for words in described))
    request = Request(
        verb="check", sources=found, config=config_from(before | given), run=str(path), is_recheck=choices.recheck, is_as_it_is=True
    )
    return request, found, _title(found) or str(path)


def _title(sources: Sources) -> str:
    """Return what a check is about, in a line."""
    names = [words[1] for words in sources.described]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more" if names else ""
