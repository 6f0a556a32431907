"""`linkhaul report`: a run as a document for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from linkhaul.cli.answers import run_argument
from linkhaul.cli.flags import Verb, option
from linkhaul.cli.talk import Talk

WHAT = "What"
OUTPUT = "Where to"
EPILOG = """\b
Examples:
  linkhaul report site.run -o report.html
  linkhaul report today.run --against last-week.run -o report.html
  linkhaul report site.run -o report.xlsx              a sheet for each table
  linkhaul report site.run > report.md
The HTML file needs nothing else: it opens from disk, asks nobody for anything, and can be sent by mail."""


@click.command("report", cls=Verb, epilog=EPILOG)
@run_argument
@option(
    "--against", metavar="OLD", type=click.Path(), section=WHAT, help="an older run of the same site: what has changed since is told, too"
)
@option(
    "-o",
    "--out",
    metavar="FILE",
    type=click.Path(),
    section=OUTPUT,
    help="write here: .html, .md or .xlsx; Markdown goes to standard output when absent",
)
@option("--format", type=click.Choice(("html", "md", "xlsx")), section=OUTPUT, help="the format of standard output and of other suffixes")
@option("--overwrite", is_flag=True, section=OUTPUT, help="replace what is there")
@click.pass_obj
def report(talk: Talk, /, *, run_file: str, against: str | None, out: str | None, **given: Any) -> int:
    """Write a report on a site for people: is it healthy, what to mend first, what has changed.

    Everything is read from the run in the file RUN; nothing is asked of the web. Then come outcomes, depth, times, sizes, redirects, hosts outside, how the
    site hangs together, findings by rule, and how much of the site the run has seen.
    """
    from linkhaul.api.reports import report_to
    from linkhaul.export.spec import STDOUT

    older = None if against is None else (Path(against), against)
    path = STDOUT if out is None else out
    made = report_to(path, (Path(run_file), run_file), older=older, format=given["format"], overwrite=given["overwrite"])
    talk.say(made.health.sentence, "green" if made.health.level == "good" else "yellow")
    if out is not None:
        talk.say(f"report written to {out}", "green")
    return 0
