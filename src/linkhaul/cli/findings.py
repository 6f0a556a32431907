"""A check carried out before the person's eyes, and what it found put where the flags say."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from linkhaul.api.check import Choices, check_request
from linkhaul.api.findings import CheckResult, tell
from linkhaul.api.judging import Subject, result_of
from linkhaul.api.request import Request
from linkhaul.api.run_file import acknowledge
from linkhaul.api.sources import UrlList
from linkhaul.cli import exits
from linkhaul.cli.carry import watched
from linkhaul.cli.clean import shortened
from linkhaul.cli.fetching import is_terminal, may_destroy
from linkhaul.cli.log import Log
from linkhaul.cli.outputs import Outputs
from linkhaul.cli.summary import MOST_FAULTS, URL_SHOWN, Ended, duration, plural
from linkhaul.cli.talk import Talk, has_colours
from linkhaul.decide.checkable import kinds_left_out
from linkhaul.errors import OutputError, SettingError, UsageError
from linkhaul.export.findings.context import level_of
from linkhaul.export.findings.formats import Place, place_of
from linkhaul.export.findings.wording import coverage_line, headline, sorted_out
from linkhaul.export.findings.writing import check_is_free
from linkhaul.export.spec import STDOUT
from linkhaul.insight.baseline import Baseline, updated

NO_ROWS = Outputs((), (), has_table=False)


def check_and_tell(talk: Talk, sources: tuple[str, ...], settings: dict[str, Any], given: Mapping[str, Any]) -> int:
    """Do a check, show how it goes, tell what it found, and return the exit code.

    Args:
        settings: those that somebody gave, by name.
        given: the command's parameters by name.

    Raises:
        LinkhaulError: it cannot be done, or not to its end; what was committed is kept.
    """
    places = places_of(given)
    for place in places:
        check_is_free(place.path, overwrite=given["overwrite"])
    baseline = _baseline(given)
    named = _sources(sources, given)
    choices = Choices(
        run=given["run_file"],
        fresh=given["fresh"],
        base_url=given["base_url"],
        root_dir=given["root_dir"],
        recheck=given["recheck"],
        baseline=baseline if baseline is not None and baseline.exists() else None,
    )
    request, subject = check_request(named, settings, choices)
    reads_stdin = any(isinstance(source, UrlList) and source.path == STDOUT for source in named)
    request = replace(request, may_destroy=lambda path: may_destroy(path, dict(given), reads_stdin=reads_stdin))
    if reads_stdin and is_terminal(sys.stdin):
        talk.say(f"type URLs, one a line; {'Ctrl-Z and Enter end' if sys.platform == 'win32' else 'Ctrl-D ends'} the list")
    if given["log_file"] is None:
        return _carry_out(talk, (request, subject), places, given, None)
    with Log(_free(given["log_file"], places)) as log:
        return _carry_out(talk, (request, subject), places, given, log)


def places_of(given: Mapping[str, Any]) -> list[Place]:
    """Return where the findings go: standard output when --format or no -o says so, then each -o.

    Raises:
        UsageError: a format cannot be told, or two go to one place.
    """
    named = [place_of(path, given["format"] if path == STDOUT else None) for path in given["out"]]
    if not named or (given["format"] and all(place.path != STDOUT for place in named)):
        named.insert(0, place_of(STDOUT, given["format"]))
    seen = set()
    for place in named:
        where = place.path if place.path == STDOUT else str(Path(place.path).resolve())
        if where in seen:
            raise UsageError(f"{'standard output' if place.path == STDOUT else place.path}: is named twice; give each output its own place")
        seen.add(where)
    return named


def _sources(sources: tuple[str, ...], given: Mapping[str, Any]) -> list[str | UrlList]:
    named: list[str | UrlList] = [UrlList(STDOUT, given["column"]) if source == STDOUT else source for source in sources]
    named += [UrlList(path, given["column"]) for path in given["lists"]]
    if sum(isinstance(source, UrlList) and source.path == STDOUT for source in named) > 1:
        raise UsageError("standard input can be read once only: name '-' once")
    return named


def _baseline(given: Mapping[str, Any]) -> Path | None:
    """Return the baseline's file.

    Raises:
        UsageError: it is to be written and not named, or to be read and not there.
    """
    if given["baseline"] is None:
        if given["update_baseline"]:
            raise UsageError("--update-baseline: which file? Name it with --baseline FILE")
        return None
    path = Path(given["baseline"])
    if given["update_baseline"]:
        if not path.parent.is_dir():
            raise OutputError(f"--baseline {path}: there is no folder {path.parent}; make it first")
    elif not path.is_file():
        raise SettingError(f"--baseline {path}: there is no such file; add --update-baseline to have it written")
    return path


def _free(path: str, places: list[Place]) -> str:
    if any(place.path != STDOUT and Path(place.path).resolve() == Path(path).resolve() for place in places):
        raise UsageError(f"{path}: is named for an output and for --log; give each its own file")
    return path


def _carry_out(talk: Talk, asked: tuple[Request, Subject], places: list[Place], given: Mapping[str, Any], log: Log | None) -> int:
    request, subject = asked
    ended = watched(request, NO_ROWS, talk, log)
    result = result_of(ended.run.path, request.config, subject)
    for place in places:
        is_shown = place.path == STDOUT and has_colours(sys.stdout)
        tell(result, place, replace(result.context, is_terminal=is_shown))
    has_failed = result.failed
    if given["baseline"] is not None:
        has_failed = _tell_baseline(talk, result, subject, given) and has_failed
    code = exits.FOUND if has_failed or _read_nothing(talk, ended) else 0
    if ended.progress.stopped_by == "interrupt":
        code = exits.INTERRUPTED
    _tell(talk, result, ended, places)
    if request.is_as_it_is and (left_out := kinds_left_out(ended.settings.kinds)):
        talk.say(
            f"links of other kinds ({left_out}) were not read by this run, so they are not judged; 'linkhaul check URL' reads all kinds"
        )
    acknowledge(ended.run.path)
    if log is not None:
        log.progress(ended.progress, "end", seconds=round(ended.progress.seconds, 3), verdicts=result.coverage.by_verdict, exit_code=code)
    return code


def _tell_baseline(talk: Talk, result: CheckResult, subject: Subject, given: Mapping[str, Any]) -> bool:
    """Write the baseline anew where that was asked for; return whether what fails still counts.

    Raises:
        OutputError: it cannot be written.
    """
    path = Path(given["baseline"])
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if not given["update_baseline"]:
        stale = Baseline.read(before, subject.root_url(path)).stale(result.problems)
        if stale:
            talk.say(f"{plural(len(stale), 'line')} of {path} no longer true; --update-baseline takes such lines out", "yellow")
        return True
    kept = [each for each in result.problems if level_of(each, result.context.rules) in ("failure", "known")]
    after = updated(before, kept, subject.root_url(path))
    try:
        path.write_text(after, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"--baseline {path}: cannot be written: {error.strerror}") from None
    talk.say(f"{plural(sum(1 for _ in _problem_lines(after)), 'known problem')} written to {path}", "green")
    return False


def _problem_lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _read_nothing(talk: Talk, ended: Ended) -> bool:
    """Say so, and return true, when not one page could be read: a check that looked at nothing has not passed."""
    outcomes = ended.run.outcomes
    if ended.progress.stopped_by is not None or any(outcomes.get(name) for name in ("ok", "not-html", "checked")):
        return False
    faults, failures = ended.progress.faults, ended.run.failures
    why = f": {failures[0][0]}, such as {failures[0][2]}" if failures else f": {faults[0]}" if faults else ""
    talk.error(f"no page of the sources could be read{why}")
    return True


def _tell(talk: Talk, result: CheckResult, ended: Ended, places: list[Place]) -> None:
    """Say the result where standard output does not, how long it took, and where everything is."""
    if not any(place == Place(STDOUT, "people") for place in places):
        levels = sorted_out(result.problems, result.context.rules)
        talk.say(f"{result.context.title}: {headline(levels)}", "red" if result.failed else "green")
        talk.say(coverage_line(result.coverage))
    progress = ended.progress
    if progress.fault_count:
        talk.say(f"{plural(progress.fault_count, 'line')} of the sources could not be used, such as:", "yellow")
        for fault in progress.faults[:MOST_FAULTS]:
            talk.say(f"  {shortened(fault, URL_SHOWN)}")
    talk.say(f"{plural(progress.done, 'target')} asked in {duration(progress.seconds)}")
    for place in places:
        if place.path != STDOUT:
            talk.say(f"{place.format} written to {place.path}", "green")
    talk.say(f"run file: {ended.run.path} ('linkhaul check' on it judges it again, 'linkhaul explain' asks it)")
    if progress.stopped_by == "interrupt":
        talk.say("to go on, give the same command again; --fresh starts over", "bold")
    elif progress.stopped_by is not None:
        talk.say(f"stopped by --{progress.stopped_by.replace('_', '-')}; what was not asked is not-checked", "bold")
