"""`linkhaul links`: every link of every page named, as rows."""

from __future__ import annotations

from typing import Any

import click

from linkhaul.cli import fetching
from linkhaul.cli.fetching import begin, fetching_options
from linkhaul.cli.flags import NOT_FOR_LISTS, ONLY_FOR_CHECKS, Verb, option
from linkhaul.cli.talk import Talk

EPILOG = f"""\b
Examples:
  linkhaul links https://example.org/ -o links.csv
  linkhaul links --from list.csv --column url -o links.parquet --pages pages.csv
  cat urls.txt | linkhaul links - --external --unique --columns url,text | less
{fetching.EPILOG}"""


@click.command("links", cls=Verb, epilog=EPILOG)
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@fetching_options((*NOT_FOR_LISTS, *ONLY_FOR_CHECKS))
@option("--base-url", metavar="URL", section=fetching.SOURCES, help="where the HTML files of a folder live on the web")
@click.pass_obj
def links(talk: Talk, /, sources: tuple[str, ...], **given: Any) -> int:
    """Write every link of every page named.

    A SOURCE is a URL (python.org means https://python.org/), an HTML file or a folder of them, or '-' for a list of
    URLs on standard input. Without -o a terminal shows a table and a pipe gets CSV. An output that exists is added to.
    """
    return begin(talk, "links", sources, given, (*NOT_FOR_LISTS, *ONLY_FOR_CHECKS))
