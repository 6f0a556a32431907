"""`linkhaul export`: a table of a run, written once more."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from linkhaul.cli.answers import run_argument
from linkhaul.cli.flags import Command, Verb, chosen, configuration, option, setting_options
from linkhaul.cli.talk import Talk
from linkhaul.config import settings
from linkhaul.errors import UsageError
from linkhaul.model.columns import TABLES, Column

OUTPUT = "Where to"
LINKS_ONLY = ("only", "match", "exclude", "unique", "columns")
EPILOG = """\b
Examples:
  linkhaul export site.run --table pages -o pages.csv
  linkhaul export site.run --table links --external --unique --columns url -o outgoing.csv
  linkhaul export site.run --table hosts --format jsonl
A run's own outputs are kept up to date by the run itself; an export stands alone, and replaces nothing without --overwrite."""


def output_options(*, must: bool) -> Callable[[Command], Command]:
    """Return a decorator that adds the flags for one output.

    Args:
        must: the help says what happens without one.
    """
    without = "standard output when absent" if must else "without it a table, or CSV into a pipe"
    each = (
        option("-o", "--out", metavar="FILE", type=click.Path(), section=OUTPUT,
               help=f"write here: .csv .tsv .jsonl (also with .gz .zst) .parquet .sqlite .xlsx; {without}"),
        option("--format", metavar="FORMAT", section=OUTPUT, help="the format of standard output and of other suffixes, such as jsonl [csv]"),
        option("--excel", is_flag=True, section=OUTPUT, help="make a CSV file that spreadsheets open right"),
        option("--overwrite", is_flag=True, section=OUTPUT, help="replace what is there"),
    )  # fmt: skip

    def add(command: Command) -> Command:
        for decorate in reversed(each):
            command = decorate(command)
        return command

    return add


@click.command("export", cls=Verb, epilog=EPILOG, context_settings={"allow_extra_args": True})
@run_argument
@option("--table", type=click.Choice(list(TABLES)), default="links", section=OUTPUT, help="which table [links]")
@output_options(must=True)
@setting_options(leave_out=[name for name in settings() if name not in LINKS_ONLY])
@click.pass_context
def export(ctx: click.Context, /, *, run_file: str, table: str, out: str | None, **given: Any) -> int:
    """Write a table of a run to a file.

    Without -o it goes to standard output. The run in the file RUN may go on meanwhile: what is committed when the export begins is written. Which rows and columns of the links
    are written is chosen as in 'linkhaul links'; the other tables are written whole.
    """
    from linkhaul.api.runs import opened

    if ctx.args:
        raise UsageError(_surplus(ctx.args[0]))
    flags = chosen(given)
    if table != "links" and flags:
        raise UsageError(
            f"{', '.join(sorted(f'--{name}' for name in flags))}: only the table links is selected from; {table} is written whole"
        )
    config, _ = configuration(flags, None)
    run = opened(Path(run_file), config.rows)
    found = getattr(run, table)
    write(ctx.obj, (table, found.columns), found, out, given)
    return 0


def _surplus(word: str) -> str:
    """Return what is said of a word behind the run file."""
    near = difflib.get_close_matches(word, TABLES, n=1, cutoff=0.8)
    return f"'{word}' is one word too many; " + (f"did you mean --table {near[0]}?" if near else "--table names the table, and -o the file")


def write(talk: Talk, table: tuple[str, tuple[Column, ...]], rows: Iterable[Any], out: str | None, given: Any) -> int:
    """Write rows where the flags say, tell how many, and return that.

    Args:
        table: its name and columns.
        given: the command's parameters by name.

    Raises:
        OutputError: something is there and may not be replaced, or it cannot be written.
    """
    from linkhaul.api.writing import write_rows
    from linkhaul.export.outputs import STDOUT, spec_for

    path = STDOUT if out is None else out
    format = given["format"] or ("csv" if path == STDOUT else None)
    spec = spec_for(path, columns=table[1], table=table[0], format=format, excel=given["excel"], overwrite=given["overwrite"])
    count = write_rows(spec, rows)
    talk.say(f"{count:,} row{'' if count == 1 else 's'} of {table[0]} written to {'standard output' if path == STDOUT else path}", "green")
    return count
