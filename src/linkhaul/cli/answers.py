"""What the verbs that ask a run share: its file as an argument, and answers on standard output, made harmless first."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from linkhaul.cli.clean import clean, shortened
from linkhaul.cli.flags import option
from linkhaul.cli.stdout import put
from linkhaul.errors import UsageError

ANSWER = "The answer"
RECENT = 5


class Asked(click.Argument):
    """An argument of a verb that asks a run: where it is missing, the runs used last are listed, and how one is named is said."""

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Return the argument.

        Raises:
            UsageError: it is missing.
        """
        if self.value_is_missing(value) and not ctx.resilient_parsing:
            raise _which(ctx)
        return super().process_value(ctx, value)


run_argument = click.argument("run_file", metavar="RUN", type=click.Path(), cls=Asked)
json_option = option("--json", "as_json", is_flag=True, section=ANSWER, help="as one JSON object")


def answer(lines: Iterable[str]) -> None:
    """Put lines on standard output."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    for line in lines:
        put(clean(line).encode(encoding, "replace").decode(encoding))


def answer_json(value: Any) -> None:
    """Put a value on standard output as JSON; beyond ASCII everything is escaped, so that it is harmless for a terminal too."""
    import msgspec

    text = json.dumps(msgspec.to_builtins(value), indent=2)
    put(text.replace("\x7f", "\\u007f"))


def run_lines(runs: Iterable[Any]) -> Iterator[str]:
    """Say of each run where its file is, when it was used last, how it stands, how many pages it has, and what it was asked to do."""
    for run in runs:
        pages = f"{run.pages:,} page{'' if run.pages == 1 else 's'}"
        yield run.path
        yield f"  {run.used_at[:16].replace('T', ' ')} UTC  {run.state}, {pages}: {_command(run)}"


def _command(run: Any) -> str:
    if not run.verb:
        return "it cannot be read"
    more = f" and {run.source_count - len(run.sources):,} more" if run.source_count > len(run.sources) else ""
    sources = " ".join(run.sources) if run.source_count else "sources of a program"
    outputs = "".join(f" -o {path}" for path in run.outputs)
    return f"{run.verb} {shortened(sources, 200)}{more}{outputs}"


def _which(ctx: click.Context) -> UsageError:
    """Return what is said where an argument is missing: how to give it, and below it the runs used last."""
    from pathlib import Path

    from linkhaul.api.kept import kept_runs

    words = " ".join(str(argument.metavar) for argument in ctx.command.params if isinstance(argument, click.Argument))
    given = ctx.params.get("run_file")
    if given is not None and Path(given).is_file():
        return UsageError(f"which {words.partition(' ')[2]}? For example: {ctx.command_path} {given} https://example.org/")
    found = kept_runs(RECENT)
    how = f"which run? Name its file: {ctx.command_path} {words}"
    if not found:
        return UsageError(f"{how}; no run is known here, and 'linkhaul crawl https://example.org/ --run site.run' makes one")
    error = UsageError(f"{how}; those used last are below, and 'linkhaul runs' lists all that were not named with --run")
    for line in run_lines(found):
        error.add_note(line)
    return error
