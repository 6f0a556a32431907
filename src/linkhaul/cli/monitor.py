"""`linkhaul monitor`: a site crawled anew, and what has changed since the last time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from linkhaul.cli.crawl import NO_FLAG, OTHER_NAMES
from linkhaul.cli.diff import FAIL_ON_HELP, compare, wanted_changes
from linkhaul.cli.fetching import WHILE_STARTING
from linkhaul.cli.flags import Verb, chosen, configuration, option, setting_options
from linkhaul.cli.talk import Talk
from linkhaul.errors import OutputError, UsageError

RUNS, TOLD, TALK = "The runs", "What is told", "Talk"
EPILOG = """\b
Examples:
  linkhaul monitor https://example.org/ --folder runs
  linkhaul monitor https://example.org/ --folder runs --fail-on went,moved --format markdown -o changes.md
  linkhaul monitor https://example.org/ --folder runs --format json | curl --json @- https://hooks.example/site
It schedules nothing: cron, a systemd timer or a CI job calls it; docs/guides/monitoring.md shows how.
Exit codes: 0 nothing of --fail-on changed, 1 something did, 2 usage, 3 an output or run file, 130 interrupted,
141 the reader of its output went away."""


@click.command("monitor", cls=Verb, epilog=EPILOG)
@click.argument("sources", nargs=-1, metavar="URL...")
@option(
    "--folder",
    metavar="DIR",
    type=click.Path(),
    section=RUNS,
    help="keep the runs here, one dated file each; it is made where it is missing",
)
@option("--full", is_flag=True, section=RUNS, help="read every page anew, also those that the server would call unchanged")
@option("--fail-on", "changes", metavar="CHANGES", section=TOLD, help=FAIL_ON_HELP)
@option("--format", type=click.Choice(("text", "json", "markdown")), default="text", section=TOLD, help="how the changes are told [text]")
@option("-o", "--out", metavar="FILE", type=click.Path(), section=TOLD, help="write the changes here instead of to standard output")
@option("--overwrite", is_flag=True, section=TOLD, help="replace what is there")
@setting_options(NO_FLAG, OTHER_NAMES)
@option(
    "--config", "config_file", metavar="FILE", type=click.Path(), section=TALK, help="read settings from here instead of ./linkhaul.toml"
)
@option("-q", "--quiet", is_flag=True, section=TALK, help="say nothing but errors and what has changed, whatever -v says")
@option("-v", "--verbose", is_flag=True, section=TALK, help="say each failure as it happens")
@click.pass_obj
def monitor(talk: Talk, /, sources: tuple[str, ...], **given: Any) -> int:
    """Crawl a site anew and say what has changed since the last time.

    Each run is kept in a file of its own, named for when it began. Pages are asked for with what the server said of them last time (ETag, Last-Modified); those that have not
    changed are taken over, so every run file is whole. Interrupted or killed, the same command goes on with the run that it had begun.
    """
    from linkhaul.insight.diff import CHANGES

    talk.is_quiet, talk.is_verbose, talk.if_interrupted = given["quiet"], given["verbose"], WHILE_STARTING
    if not sources or given["folder"] is None:
        raise UsageError("name what is monitored and where its runs are kept: linkhaul monitor https://example.org/ --folder runs")
    wanted = wanted_changes(given["changes"], CHANGES)
    if given["out"] not in (None, "-") and Path(given["out"]).exists() and not given["overwrite"]:
        raise OutputError(f"{given['out']} exists already; --overwrite replaces it, or name another file")
    return _monitored(talk, sources, wanted, given)


def _monitored(talk: Talk, sources: tuple[str, ...], wanted: set[str], given: dict[str, Any]) -> int:
    """Crawl, compare, and return the exit code."""
    from linkhaul.api.monitoring import next_run
    from linkhaul.api.request import Request
    from linkhaul.api.revisiting import Revisit
    from linkhaul.api.sources import gather
    from linkhaul.cli.carry import carry_out
    from linkhaul.cli.outputs import Outputs

    config, _ = configuration(chosen(given), given["config_file"])
    path, earlier = next_run(Path(given["folder"]), time.time())
    revisit = Revisit(None if given["full"] else earlier)
    request = Request(
        verb="crawl", sources=gather(list(sources), None, may_be_on_disk=False), config=config, run=str(path), revisit=revisit
    )
    code = carry_out(request, Outputs((), (), has_table=False), talk)
    if code:
        return code
    if revisit.kept:
        talk.say(f"{revisit.kept:,} pages had not changed and were taken over")
    if earlier is None:
        talk.say("this is the first run: the next one is compared with it", "bold")
        return 0
    return compare(talk, (earlier, path), wanted, given)
