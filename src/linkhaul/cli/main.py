"""The command `linkhaul`: its verbs, and the border where an error becomes one clear line and an exit code.

Exit codes: 0 done, 1 a check found what it fails on, 2 usage, 3 a run file or output, 70 a fault of ours, 130 interrupted,
141 the reader of our output went away.
"""

from __future__ import annotations

import difflib
import errno
import os
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from linkhaul.cli import exits
from linkhaul.cli.stdout import flush, put, stdout_may_fail
from linkhaul.cli.talk import Talk
from linkhaul.crew import memory
from linkhaul.errors import LinkhaulError, SettingError, UsageError

VERBS = {
    "links": ("linkhaul.cli.links", "Write every link of every page named."),
    "crawl": ("linkhaul.cli.crawl", "Follow the links from these URLs as far as the scope reaches."),
    "check": ("linkhaul.cli.check", "Check every link, and say which are broken and where."),
    "status": ("linkhaul.cli.status", "Say how a run stands."),
    "explain": ("linkhaul.cli.explain", "Say what a run knows of a URL, and why it was fetched or not."),
    "urls": ("linkhaul.cli.urls", "List the URLs that a run knows."),
    "export": ("linkhaul.cli.export", "Write a table of a run to a file."),
    "audit": ("linkhaul.cli.audit", "Say what is wrong with a site, worst first."),
    "graph": ("linkhaul.cli.graph", "Say how a site hangs together: clicks, link score, ways, bottlenecks."),
    "diff": ("linkhaul.cli.diff", "Say what has changed between two runs of the same site."),
    "monitor": ("linkhaul.cli.monitor", "Crawl a site anew and say what has changed since the last time."),
    "report": ("linkhaul.cli.report", "Write a report on a site for people."),
    "runs": ("linkhaul.cli.runs", "List the runs whose files linkhaul named itself."),
    "demo": ("linkhaul.cli.demo", "Show linkhaul at work on a small site that comes with it."),
    "completion": ("linkhaul.cli.completion", "Print the script for completion in a shell."),
}

ELSEWHERE = {"--only": "--internal or --external", "--output": "--out", "--url": "the URL alone, without an option", "--input": "--from"}
"""What people type, by other tools' habits or from linkhaul.toml, and what it is called here."""

EPILOG = """\b
To begin with:
  linkhaul demo
  linkhaul links https://example.org/
  linkhaul links --from urls.txt -o links.csv
  linkhaul crawl https://example.org/ -o links.csv"""
_DAMAGED = frozenset({10, 11, 26})
"""What SQLite calls IOERR, CORRUPT and NOTADB."""
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


class Verbs(click.Group):
    """The verbs, each imported when it is used, so that the help is there at once."""

    def make_context(self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any) -> click.Context:
        """Return what was typed; --help and --version answer in here."""
        with stdout_may_fail():
            return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the shape of a group
        """Return the verbs in the order in which they are met."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a verb by name."""
        if cmd_name not in VERBS:
            return None
        found = getattr(import_module(VERBS[cmd_name][0]), cmd_name)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the verbs without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, meaning) for verb, (_, meaning) in VERBS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb that was typed.

        Raises:
            UsageError: there is none of that name; what was probably meant is said.
        """
        word = args[0]
        if word == "help":
            raise UsageError("there is no verb 'help'; 'linkhaul --help' lists the verbs, and 'linkhaul VERB --help' says more about each")
        if word in VERBS or word.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        near = difflib.get_close_matches(word, VERBS, n=1)
        if near:
            raise UsageError(f"there is no verb '{word}'; did you mean 'linkhaul {near[0]}'?")
        if word == "-" or any(mark in word for mark in ".:/\\") or os.path.exists(word):  # noqa: PTH110 - pathlib costs the help time
            raise UsageError(f"'{word}' is no verb; did you mean 'linkhaul links {word}'?")
        raise UsageError(f"there is no verb '{word}'; there are {', '.join(VERBS)}")


def _print_version(ctx: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        put(f"linkhaul {sys.modules['linkhaul'].__version__}")
        ctx.exit()


@click.group(
    cls=Verbs,
    subcommand_metavar="VERB ...",
    epilog=EPILOG,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version and leave.")
@click.pass_context
def linkhaul(ctx: click.Context) -> int:
    """Every link of every page, as clean typed rows.

    'linkhaul VERB --help' says more about each verb.
    """
    if ctx.invoked_subcommand is None:
        put(ctx.get_help())
    return 0


def main(argv: list[str] | None = None) -> int:
    """Do what the command line says and return the exit code.

    Args:
        argv: the words after the command's name; those of the process when absent.
    """
    talk = Talk()
    if argv is None:
        memory.relax()
    try:
        code = linkhaul.main(argv, prog_name="linkhaul", standalone_mode=False, obj=talk)
        flush()
    except (click.Abort, KeyboardInterrupt):
        talk.say(talk.if_interrupted, "bold")
        code = exits.INTERRUPTED
    except click.ClickException as error:
        code = _misused(talk, error)
    except SystemExit as error:  # shell completion leaves so, and rich when nobody reads its tables
        code = exits.CLOSED if isinstance(error.__context__, BrokenPipeError) else error.code
    except BrokenPipeError:
        code = exits.CLOSED
    except LinkhaulError as error:
        code = _refused(talk, error)
    except Exception as error:  # noqa: BLE001 - the border: nothing may reach the person as a bare traceback
        code = _at_fault(talk, error)
    if code in (exits.OUTPUT, exits.CLOSED):
        _abandon_closed_stdout()
    return code if isinstance(code, int) else 0


def _misused(talk: Talk, error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "linkhaul"
    said = _no_option(error, context) or _sentence(error.format_message()) + _near_choice(error)
    talk.error(f"linkhaul: {said} ({command} --help says more)")
    return error.exit_code


def _no_option(error: click.ClickException, context: click.Context | None) -> str | None:
    """Return what is said of an option that there is none of, with the one that was probably meant; None for another error."""
    if not isinstance(error, click.NoSuchOption) or context is None:
        return None
    known = [name for parameter in context.command.params for name in (*parameter.opts, *parameter.secondary_opts)]
    if verb := _verb_with(error.option_name, context.command):
        return f"no such option '{error.option_name}'; 'linkhaul {verb}' has it"
    near = [ELSEWHERE[error.option_name]] if error.option_name in ELSEWHERE else difflib.get_close_matches(error.option_name, known, 1, 0.7)
    return f"no such option '{error.option_name}'" + (f"; did you mean {near[0]}?" if near else "")


def _verb_with(option: str, command: click.Command) -> str | None:
    """Return which of the verbs that fetch has an option that another of them was given."""
    fetching = ("crawl", "links", "check")
    for verb in fetching if command.name in fetching and option not in ELSEWHERE else ():
        other = linkhaul.get_command(click.Context(linkhaul), verb)
        if other is not None and any(option in parameter.opts for parameter in other.params):
            return verb
    return None


def _near_choice(error: click.ClickException) -> str:
    """Return what was probably meant where one of a few words is taken and another was given."""
    if not isinstance(error, click.BadParameter) or error.param is None or not isinstance(error.param.type, click.Choice):
        return ""
    given = error.message.removeprefix("'").partition("'")[0]
    near = difflib.get_close_matches(given, [str(choice) for choice in error.param.type.choices], n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _sentence(message: str) -> str:
    """Return click's message as our own begin and end: no full stop, no capital."""
    text = " ".join(message.split()).removesuffix(".")
    return text[:1].lower() + text[1:]


def _refused(talk: Talk, error: LinkhaulError) -> int:
    if error.exit_code != exits.CLOSED:  # whoever read our rows has gone (`| head`): there is nothing to explain
        talk.error(f"linkhaul: {_as_typed(error)}")
    for note in getattr(error, "__notes__", ()):
        talk.say(note)
    if talk.is_verbose and error.exit_code == exits.FAULT:
        _tell_trace(talk, error)
    return error.exit_code


def _as_typed(error: LinkhaulError) -> str:
    """Return what an error says, a setting called by its flag."""
    if not isinstance(error, SettingError):
        return str(error)
    from linkhaul.cli.flags import with_flag

    return with_flag(str(error))


def _at_fault(talk: Talk, error: Exception) -> int:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
        talk.error(f"linkhaul: the run file cannot be read on ({error}); start over with --fresh, or name another with --run")
        return exits.OUTPUT
    if isinstance(error, OSError) and error.errno in _FULL:
        where = f"{error.filename}: no space left" if error.filename else "no space left on a disk that is written to"
        talk.error(f"linkhaul: {where}; make room and run the same command again")
        return exits.OUTPUT
    talk.error(
        f"linkhaul: a fault of our own, {type(error).__name__}: {error}; what was committed is kept; -v shows where it happened; please report it"
    )
    if talk.is_verbose:
        _tell_trace(talk, error)
    return exits.FAULT


def _tell_trace(talk: Talk, error: BaseException) -> None:
    for line in "".join(traceback.format_exception(error)).rstrip().splitlines():
        talk.error(line)


def _abandon_closed_stdout() -> None:
    """Let what is still in Python's buffer go nowhere, when nobody reads it any more: it would be complained about at exit."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError, AttributeError):
        with suppress(OSError, ValueError, AttributeError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)
