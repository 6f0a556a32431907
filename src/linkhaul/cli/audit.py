"""`linkhaul audit`: what is wrong with a site, by rules that say why it matters and how to mend it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from linkhaul.cli.answers import run_argument
from linkhaul.cli.export import output_options, write
from linkhaul.cli.flags import Verb, option
from linkhaul.cli.stdout import flush
from linkhaul.cli.talk import Talk
from linkhaul.errors import OutputError

WHICH = "Which rules"
WORDS = ("text", "markdown", "json")
SUFFIXES = {".txt": "text", ".md": "markdown", ".json": "json"}
EPILOG = """\b
Examples:
  linkhaul crawl https://example.org/ --facts --run site.run -o links.csv
  linkhaul audit site.run
  linkhaul audit site.run --severity warning -o audit.md
  linkhaul audit site.run --rules 'title-*,canonical-*'       only these
  linkhaul audit site.run --rules -csp-missing,-hsts-missing  all but these
  linkhaul audit site.run --fail-on error,orphan -o audit.csv
  linkhaul audit https://example.org/                         crawls first
Every rule has its section in docs/rules.md. Exit codes: 0 done, 1 --fail-on found something, 2 usage, 3 an output or run file."""


def _list_rules(ctx: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        from linkhaul.cli.answers import answer
        from linkhaul.cli.audit_words import rule_lines

        answer(rule_lines())
        ctx.exit()


@click.command("audit", cls=Verb, epilog=EPILOG)
@run_argument
@option(
    "--rules",
    metavar="ID[,ID]",
    multiple=True,
    section=WHICH,
    help="only these rules, '*' standing for any ending; one with a hyphen in front is left out; may be repeated",
)
@option("--severity", type=click.Choice(("error", "warning", "notice")), section=WHICH, help="only rules of this severity and worse ones")
@option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_list_rules, section=WHICH, help="list the rules and leave")
@option(
    "--fail-on",
    metavar="WHAT[,WHAT]",
    multiple=True,
    section=WHICH,
    help="exit 1 when one of these is found: error, warning (or worse), notice (or worse), or ids of rules",
)
@output_options(must=False)
@click.pass_obj
def audit(talk: Talk, /, *, run_file: str, rules: tuple[str, ...], out: str | None, **given: Any) -> int:
    """Say what is wrong with a site, worst first.

    RUN is the run file of a crawl with --facts, or a site's URL, which is crawled first. What needs the whole site is said only when the run supports
    it. Without -o it is told in words; --format text, markdown or json choose how, and the table formats give a row for each finding.
    """
    from linkhaul.api.audits import audit_of, wanted

    fail_on = wanted(given["fail_on"])
    audit_of(Path(run_file), rules, given["severity"])  # what cannot be meant is said before a site is crawled
    format = given["format"] or SUFFIXES.get(Path(out or "").suffix.lower())
    path = Path(out) if out is not None and out != "-" else None
    if path is not None and format in WORDS and path.exists() and not given["overwrite"]:
        raise OutputError(f"{path} exists already; --overwrite replaces it, or name another file")
    run = _crawled(talk, run_file) if run_file.startswith(("http://", "https://")) else Path(run_file)
    found = audit_of(run, rules, given["severity"])
    if format in WORDS or (format is None and path is None):
        _tell(found, run, format or "text", path)
        if format != "json" and any(summary.count > len(summary.examples) for summary in found.summaries):
            talk.say("the first findings of each rule are told; '-o audit.csv' writes all of them")
    else:
        write(talk, ("audit", found.columns), found, out, given)
    return 1 if found.has_failed(fail_on) else 0


def _tell(found: Any, run: Path, format: str, path: Path | None) -> None:
    """Say it in words, on standard output or in a file.

    Raises:
        OutputError: the file cannot be written.
    """
    from linkhaul.cli import audit_words
    from linkhaul.cli.answers import answer

    lines = {"text": audit_words.text, "markdown": audit_words.markdown, "json": audit_words.json_lines}[format](found, run.name)
    if path is None:
        answer(lines)
        return
    try:
        with path.open("w", encoding="utf-8", errors="replace") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from None


def _crawled(talk: Talk, url: str) -> Path:
    """Crawl a site with facts, before the person's eyes, and return the run file.

    Raises:
        LinkhaulError: it cannot be done, or not to its end.
    """
    from linkhaul.api.request import Request
    from linkhaul.api.run_file import acknowledge
    from linkhaul.api.sources import gather
    from linkhaul.cli.carry import watched
    from linkhaul.cli.flags import configuration
    from linkhaul.cli.outputs import Outputs
    from linkhaul.cli.summary import tell

    config, _ = configuration({"facts": "true"}, None)
    ended = watched(
        Request(verb="crawl", sources=gather([url], None, may_be_on_disk=False), config=config), Outputs((), (), has_table=False), talk
    )
    tell(talk, ended)
    acknowledge(ended.run.path)
    flush()
    return ended.run.path
