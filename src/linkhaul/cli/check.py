"""`linkhaul check`: every link asked for, and those that are broken told with where they stand."""

from __future__ import annotations

from typing import Any

import click

from linkhaul.cli.fetching import LISTS, REST, RUN, SOURCES, WHILE_STARTING
from linkhaul.cli.flags import Command, Verb, chosen, completer, configuration, option, setting_options
from linkhaul.cli.stdout import put
from linkhaul.cli.talk import Talk
from linkhaul.config import settings
from linkhaul.decide.unasked import ON_THE_WEB
from linkhaul.errors import UsageError
from linkhaul.export.findings.formats import FORMATS

WHICH, TOLD = "Which links", "What is told"
NO_FLAG = ("only", "match", "unique", "columns")
OWN_WORDS = ("kinds", "exclude")
"""Settings that mean the same here as elsewhere, said for links that are checked instead of rows that are written."""
EPILOG = """\b
Examples:
  linkhaul check https://example.org/
  linkhaul check docs/ --offline -o links.html
  linkhaul check site.run --format csv
  linkhaul check https://example.org/ --baseline known.txt --update-baseline
  linkhaul check docs/ --format github -o markdown:"$GITHUB_STEP_SUMMARY"     in a GitHub workflow
A site is crawled within --scope, and what it links to outside is asked once. What the verdicts mean: docs/verdicts.md.
Settings may also stand in linkhaul.toml and in LINKHAUL_* variables (LINKHAUL_PER_HOST=4); flags win.
Exit codes: 0 nothing was found to fail on, 1 something was, 2 usage, 3 an output or run file, 130 interrupted,
141 the reader of its output went away."""

_SOURCES = (
    *LISTS,
    option("--base-url", metavar="URL", section=SOURCES, help="where the files of a folder live on the web"),
    option("--root-dir", metavar="FOLDER", type=click.Path(), section=SOURCES, help="the folder that a link like /page.html begins at, for files [the source's folder]"),
)  # fmt: skip
_WHICH = (
    option("--kinds", multiple=True, metavar="KIND[,KIND]", section=WHICH, shell_complete=completer("kinds"),
           help="kinds of link to check: page, image, script, ... or all [all but form]"),
    option("--exclude", multiple=True, metavar="REGEX", section=WHICH, help="do not check links whose URL matches one of these regular expressions; may be repeated"),
    option("--only", type=click.Choice(("internal", "external")), section=WHICH, help="only links that stay on the page's registrable domain, or that leave it"),
    option("--offline/--no-offline", "is_offline", default=False, section=WHICH, help=f"ask nothing of the web: only files are checked; the same as --exclude '{ON_THE_WEB}'"),
)  # fmt: skip
_TOLD = (
    option("--format", type=click.Choice(FORMATS), metavar="FORMAT", section=TOLD, help=f"what standard output gets: {', '.join(FORMATS)} [people]"),
    option("-o", "--out", multiple=True, metavar="FILE", type=click.Path(), section=TOLD,
           help="write the findings: .txt .json .jsonl .csv .md .xml (JUnit) .html, or FORMAT:FILE; may be repeated"),
    option("--overwrite", is_flag=True, section=TOLD, help="replace files that exist"),
    option("--baseline", metavar="FILE", type=click.Path(), section=TOLD, help="problems that are known: they are told, and nothing fails by them"),
    option("--update-baseline", is_flag=True, section=TOLD, help="write what fails now to the baseline"),
)  # fmt: skip
_RUN = (option("--recheck", is_flag=True, section=RUN, help="of a finished run: ask again what was not fine"),)


def _options(command: Command) -> Command:
    for decorate in reversed((*_SOURCES, *_TOLD, *_WHICH, setting_options((*NO_FLAG, *OWN_WORDS)), *_RUN, *REST)):
        command = decorate(command)
    return command


@click.command("check", cls=Verb, epilog=EPILOG)
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@_options
@click.pass_obj
def check(talk: Talk, /, sources: tuple[str, ...], **given: Any) -> int:
    """Check every link, and say which are broken and where.

    A SOURCE is a site's URL, a sitemap, a folder or files of HTML or Markdown, a finished run file, or '-' for a list of URLs on standard input.
    Each target is asked once; what looks broken is asked again, later. What refuses programs is told apart from what is broken, and how much could be verified is said at the end.
    """
    talk.is_quiet, talk.is_verbose, talk.if_interrupted = given["quiet"], given["verbose"], WHILE_STARTING
    flags = chosen(given) | ({"only": given["only"]} if given["only"] else {})
    config, origin = configuration(flags, given["config_file"])
    if given["print_config"]:
        from linkhaul.cli.settings_view import settings_view

        put(settings_view(config, origin, NO_FLAG[1:]), ends_line=False)
        return 0
    if not sources and not given["lists"]:
        raise UsageError(
            "nothing to check: name a site, a folder of HTML or Markdown files, a run file, or a list with --from;"
            " for example: linkhaul check https://example.org/"
        )
    values = {name: getattr(getattr(config, setting.part), name) for name, setting in settings().items() if origin[name] != "default"}
    if given["is_offline"]:
        values["exclude"] = (*config.rows.exclude, _left_alone(sources))
    from linkhaul.cli.findings import check_and_tell

    return check_and_tell(talk, sources, values, given)


def _left_alone(sources: tuple[str, ...]) -> str:
    """Return the pattern of what --offline does not ask.

    Raises:
        UsageError: a source is on the web.
    """
    for source in sources:
        if source.startswith(("http://", "https://")):
            raise UsageError(f"{source}: is on the web, which --offline leaves alone; leave one of them away")
    return ON_THE_WEB
