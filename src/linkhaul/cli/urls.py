"""`linkhaul urls`: the URLs that a run knows, by state and reason."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import click

from linkhaul.cli.answers import run_argument
from linkhaul.cli.export import output_options, write
from linkhaul.cli.fetching import is_terminal
from linkhaul.cli.flags import Verb, option
from linkhaul.cli.talk import Talk

STATES = ("queued", "done", "recorded", "withheld")
WHICH = "Which"
MOST_ROWS = 400
SHARES = (0.1, 0.15, 0.07, 0.68)
EPILOG = """\b
Examples:
  linkhaul urls site.run --state recorded
  linkhaul urls site.run --reason robots -o refused.csv
  linkhaul urls site.run --state withheld --reason trap --format jsonl
Reasons are those that 'linkhaul status' counts; what stands before a colon is enough: trap for trap:dates."""


@click.command("urls", cls=Verb, epilog=EPILOG)
@run_argument
@option("--state", type=click.Choice(STATES), section=WHICH, help="only those in this state")
@option("--reason", metavar="REASON", section=WHICH, help="only those with this reason, such as depth, robots, scope or trap:dates")
@output_options(must=False)
@click.pass_obj
def urls(talk: Talk, /, *, run_file: str, state: str | None, reason: str | None, out: str | None, **given: object) -> int:
    """List the URLs that a run knows.

    Each URL that the run in the file RUN has ever met is there, with its state and the reason for it. Without -o a terminal shows a table and a pipe gets CSV.
    """
    from linkhaul.insight import queries
    from linkhaul.model.columns import URLS
    from linkhaul.store.opening import open_to_read, sound

    with closing(open_to_read(Path(run_file))) as connection, sound(Path(run_file)):
        rows = queries.urls(connection, state, reason)
        if out is None and given["format"] is None and is_terminal(sys.stdout):
            shown = _show(talk, rows)
        else:
            shown = write(talk, ("urls", URLS), rows, out, given)
        if not shown and reason is not None:
            known = sorted({name for its, name, _ in queries.state_counts(connection) if name and state in (None, its)})
            talk.say(f"no URL of the run has the reason '{reason}'; there are: {', '.join(known) or 'none'}", "yellow")
    return 0


def _show(talk: Talk, rows: Iterable[tuple[object, ...]]) -> int:
    """Show rows in the terminal, and return how many."""
    from linkhaul.cli.table import Paper

    paper, shown = Paper(), 0
    for url, _, state, reason, depth, *_ in rows:
        if shown == 0:
            paper.cells(["state", "reason", "depth", "url"], "bold", SHARES)
        if shown == MOST_ROWS:
            talk.say(f"more than the {MOST_ROWS} above are not shown here; '-o urls.csv' writes all of them, '| less' pages through them")
            break
        paper.cells([str(state), str(reason or ""), "" if depth is None else str(depth), str(url)], shares=SHARES)
        shown += 1
    return shown
