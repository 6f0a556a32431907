"""`linkhaul runs`: the run files that linkhaul named itself, and taking finished ones away."""

from __future__ import annotations

import click

from linkhaul.cli.answers import ANSWER, answer, answer_json, json_option, run_lines
from linkhaul.cli.flags import Verb, option

EPILOG = """\b
Examples:
  linkhaul runs
  linkhaul runs --delete-finished
A run whose file you named with --run is not listed. Finished ones go by themselves after 30 days, or, the oldest first, when all
together take more than 5 GB; those of the last day and unfinished ones stay."""


@click.command("runs", cls=Verb, epilog=EPILOG)
@option("--delete-finished", is_flag=True, section=ANSWER, help="take those away that have come to their end")
@json_option
def runs(*, delete_finished: bool, as_json: bool) -> int:
    """List the runs whose files linkhaul named itself.

    Without --run each command gets a run file of its own in one folder. The one used last comes first.
    """
    from linkhaul.api.kept import delete_finished as delete
    from linkhaul.api.kept import kept_runs
    from linkhaul.api.places import state_folder

    found = kept_runs()
    if delete_finished:
        found = delete(found)
    if as_json:
        answer_json(found)
        return 0
    size = f"{sum(run.bytes for run in found) / 1e6:,.1f} MB"
    where = "deleted" if delete_finished else f"in {state_folder()}"
    answer(run_lines(found))
    answer([f"{len(found):,} run{'' if len(found) == 1 else 's'}, {size}, {where}"])
    return 0
