"""What the verbs that fetch share: their flags, and how what they are asked to do is carried out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from linkhaul.cli.flags import Command, chosen, configuration, option, setting_options
from linkhaul.cli.stdout import put
from linkhaul.cli.talk import Talk
from linkhaul.config import Config
from linkhaul.errors import OutputError, RunFileError, UsageError

WHILE_STARTING = "stopped while starting; to begin, or to go on, give the same command again"
SOURCES, OUTPUTS, RUN, TALK = "Sources", "Outputs", "The run", "Talk"
EPILOG = """Settings may also stand in linkhaul.toml and in LINKHAUL_* variables (LINKHAUL_PER_HOST=4); flags win. A switch that
is on there is turned off with --no- in front of its name, like --no-unique.
Exit codes: 0 done (pages that failed are rows of --pages), 2 usage, 3 an output or run file, 130 interrupted,
141 the reader of its output went away."""

LISTS = (
    option(
        "--from",
        "lists",
        multiple=True,
        metavar="FILE",
        type=click.Path(),
        section=SOURCES,
        help="a list: a URL a line, or a column of .csv .tsv .jsonl .parquet; may be repeated",
    ),
    option("--column", default="url", metavar="NAME", section=SOURCES, help="the column of --from that holds the URLs [url]"),
)
_OUTPUTS = (
    option(
        "-o",
        "--out",
        multiple=True,
        metavar="FILE",
        type=click.Path(),
        section=OUTPUTS,
        help="write the links: .csv .tsv .jsonl (also with .gz .zst) .parquet .sqlite .xlsx; '-' is standard output, CSV unless --format says; may be repeated",
    ),
    option(
        "--pages",
        multiple=True,
        metavar="FILE",
        type=click.Path(),
        section=OUTPUTS,
        help="write one row per page: status, outcome, failure, times; may be repeated",
    ),
    option("--format", metavar="FORMAT", section=OUTPUTS, help="the format of '-o -' and of other suffixes, such as jsonl or csv.gz"),
    option("--excel", is_flag=True, section=OUTPUTS, help="make CSV files that spreadsheets open right"),
    option("--overwrite", is_flag=True, section=OUTPUTS, help="replace outputs that exist; without it rows are added to them"),
)
REST = (
    option(
        "--run",
        "run_file",
        metavar="FILE",
        type=click.Path(),
        section=RUN,
        help="the run file; without it one is chosen, and the same command finds it again",
    ),
    option("--fresh", is_flag=True, section=RUN, help="start over instead of going on with an interrupted run"),
    option("--yes", is_flag=True, section=RUN, help="with --fresh: destroy the earlier rows without asking"),
    option(
        "--config", "config_file", metavar="FILE", type=click.Path(), section=RUN, help="read settings from here instead of ./linkhaul.toml"
    ),
    option("--print-config", is_flag=True, section=RUN, help="print each setting, its value and where it came from; do nothing else"),
    option("-q", "--quiet", is_flag=True, section=TALK, help="say nothing but errors, whatever -v says"),
    option("-v", "--verbose", is_flag=True, section=TALK, help="say each failure as it happens"),
    option("--log", "log_file", metavar="FILE", type=click.Path(), section=TALK, help="write what happens as JSON Lines"),
)


def fetching_options(leave_out: Iterable[str], other_names: Mapping[str, str] | None = None) -> Callable[[Command], Command]:
    """Return a decorator that adds the flags of a verb that fetches.

    Args:
        leave_out: settings that the verb has no flag for.
        other_names: a flag by which a setting is known here, besides its own.
    """

    def add(command: Command) -> Command:
        for decorate in reversed((*LISTS, *_OUTPUTS, setting_options(leave_out, other_names), *REST)):
            command = decorate(command)
        return command

    return add


def begin(talk: Talk, verb: str, sources: tuple[str, ...], given: dict[str, Any], leave_out: Iterable[str]) -> int:
    """Do what a command asks for and return the exit code.

    Args:
        leave_out: settings that mean nothing to the verb: --print-config does not show them.

    Raises:
        LinkhaulError: it cannot be done.
    """
    talk.is_quiet, talk.is_verbose, talk.if_interrupted = given["quiet"], given["verbose"], WHILE_STARTING
    config, origin = configuration(chosen(given), given["config_file"])
    if given["print_config"]:
        from linkhaul.cli.settings_view import settings_view

        put(settings_view(config, origin, leave_out), ends_line=False)
        return 0
    if not sources and not given["lists"]:
        raise UsageError(
            f"nothing to read: name a URL, an HTML file or folder, '-' for standard input, or a list with --from;"
            f" for example: linkhaul {verb} https://example.org/ -o links.csv"
        )
    return _do(talk, verb, sources, config, given)


def is_terminal(stream: Any) -> bool:
    """Return whether a person is at the other end of a stream, which may be None."""
    return stream is not None and stream.isatty()


def _do(talk: Talk, verb: str, sources: tuple[str, ...], config: Config, given: dict[str, Any]) -> int:
    from linkhaul.api.request import Request
    from linkhaul.api.sources import UrlList, gather
    from linkhaul.cli.carry import carry_out
    from linkhaul.cli.log import Log
    from linkhaul.cli.outputs import outputs_of

    outputs = outputs_of(given, config.rows, is_terminal=is_terminal(sys.stdout))
    if sys.stdout is None and any(spec.path == "-" for spec in (*outputs.links, *outputs.pages)):
        raise OutputError("there is no standard output here to write rows to: name a file with -o links.csv")
    named = [UrlList("-", given["column"]) if source == "-" else _as_path(source) for source in sources]
    named += [UrlList(path, given["column"]) for path in given["lists"]]
    stdin_count = sum(isinstance(source, UrlList) and source.path == "-" for source in named)
    if stdin_count > 1:
        raise UsageError("standard input can be read once only: name '-' once")
    request = Request(
        verb=verb,
        sources=gather(named, given.get("base_url"), may_be_on_disk=verb != "crawl"),
        config=config,
        links=outputs.links,
        pages=outputs.pages,
        run=given["run_file"],
        fresh=given["fresh"],
        may_destroy=lambda path: may_destroy(path, given, reads_stdin=stdin_count > 0),
    )
    if stdin_count and is_terminal(sys.stdin):
        talk.say(f"type URLs, one a line; {'Ctrl-Z and Enter end' if sys.platform == 'win32' else 'Ctrl-D ends'} the list")
    if given["log_file"] is None:
        return carry_out(request, outputs, talk)
    with Log(_free(given["log_file"], outputs)) as log:
        return carry_out(request, outputs, talk, log)


def _as_path(source: str) -> str:
    """Return the path that a file: URL means, as it is copied from a browser; other sources as they are."""
    if not source.lower().startswith("file://"):
        return source
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    return url2pathname(urlsplit(source).path)


def _free(path: str, outputs: Any) -> str:
    """Return the log's path, once no output has it."""
    if any(spec.path != "-" and Path(spec.path).resolve() == Path(path).resolve() for spec in (*outputs.links, *outputs.pages)):
        raise UsageError(f"{path}: is named for an output and for --log; give each its own file")
    return path


def may_destroy(path: Path, given: dict[str, Any], *, reads_stdin: bool) -> bool:
    """Return whether an earlier run's rows may go: at once when it came to its end, else when the person says so.

    Raises:
        UsageError: nobody can be asked.
    """
    from linkhaul.api.runs import Run
    from linkhaul.cli.summary import plural
    from linkhaul.config import RowSettings

    try:
        run = Run(path, RowSettings())
        pages, state = sum(run.outcomes.values()), run.state
    except RunFileError:
        pages, state = None, "damaged"
    if given["yes"] or pages == 0 or (state == "finished" and given["run_file"] is None):
        return True
    rows = (
        "a damaged run"
        if pages is None
        else f"the rows of {plural(pages, 'page')} ({'a finished' if state == 'finished' else 'an unfinished'} run)"
    )
    if reads_stdin or not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise UsageError(f"--fresh would destroy {rows} in {path}: add --yes to agree, or leave --fresh away to go on with it")
    return click.confirm(f"{path} holds {rows}. Destroy them?", default=False, err=True)
