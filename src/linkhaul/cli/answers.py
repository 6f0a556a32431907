"""What the verbs that ask a run share: its file as an argument, and answers on standard output, made harmless first."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

import click

from linkhaul.cli.clean import clean
from linkhaul.cli.flags import option

ANSWER = "The answer"

run_argument = click.argument("run_file", metavar="RUN", type=click.Path())
json_option = option("--json", "as_json", is_flag=True, section=ANSWER, help="as one JSON object")


def answer(lines: Iterable[str]) -> None:
    """Put lines on standard output."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    for line in lines:
        click.echo(clean(line).encode(encoding, "replace").decode(encoding))


def answer_json(value: Any) -> None:
    """Put a value on standard output as JSON; beyond ASCII everything is escaped, so that it is harmless for a terminal too."""
    import msgspec

    text = json.dumps(msgspec.to_builtins(value), indent=2)
    click.echo(text.replace("\x7f", "\\u007f"))
