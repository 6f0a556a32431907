"""`linkhaul crawl`: every link of every page of a site."""

from __future__ import annotations

from typing import Any

import click

from linkhaul.cli import fetching
from linkhaul.cli.fetching import begin, fetching_options
from linkhaul.cli.flags import ONLY_FOR_CHECKS, Verb
from linkhaul.cli.talk import Talk

# --exclude is what people type to keep a crawl out of a part of a site, so it stands for the setting `skip` here. The
# setting `exclude`, which leaves rows out of the outputs, has no flag in a crawl; linkhaul.toml and LINKHAUL_EXCLUDE set it.
NO_FLAG = ("exclude", *ONLY_FOR_CHECKS)
OTHER_NAMES = {"skip": "--exclude"}
EPILOG = f"""\b
Examples:
  linkhaul crawl https://example.org/ -o links.csv --pages pages.csv
  linkhaul crawl https://example.org/docs/ --scope prefix --depth 3 --run docs.run
  linkhaul crawl https://example.org/ --scope domain --exclude '/search' --external -o outgoing.csv
To go on after an interruption, give the same command again.
--include and --exclude say which URLs are followed; --match, --internal and --external say which links become rows.
{fetching.EPILOG}"""


@click.command("crawl", cls=Verb, epilog=EPILOG)
@click.argument("sources", nargs=-1, metavar="URL...")
@fetching_options(NO_FLAG, OTHER_NAMES)
@click.pass_obj
def crawl(talk: Talk, /, sources: tuple[str, ...], **given: Any) -> int:
    """Follow the links from these URLs as far as the scope reaches.

    Every link of every page on the way is written. Without more, it reads all pages of the URLs' hosts, as politely as their robots.txt asks. What lies outside the scope is
    written as a link and not asked for. Everything is kept in a run file: 'linkhaul status' and 'linkhaul explain' ask it.
    """
    return begin(talk, "crawl", sources, given, ONLY_FOR_CHECKS)
