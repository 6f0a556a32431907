"""The border: what is typed wrongly, what goes wrong, and the help."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable

import click
import pytest
from inline_snapshot import snapshot

from linkhaul.cli import main as border
from linkhaul.errors import BrokenInvariant, OutputError, RunLocked
from linkhaul.export.outputs import ClosedPipe

Command = Callable[..., tuple[int, str, str]]


def test_the_help_names_the_verbs(linkhaul: Command) -> None:
    """`linkhaul`, -h and --help print the same page on standard output."""
    code, out, err = linkhaul("--help")
    assert (code, err) == (0, "")
    assert linkhaul() == linkhaul("-h") == (code, out, err)
    assert out == snapshot("""\
Usage: linkhaul [OPTIONS] VERB ...

  Every link of every page, as clean typed rows.

  'linkhaul VERB --help' says more about each verb.

Options:
  --version   Print the version and leave.
  -h, --help  Show this message and exit.

Verbs:
  links       Write every link of every page named.
  crawl       Follow the links from these URLs as far as the scope reaches.
  check       Check every link, and say which are broken and where.
  status      Say how a run stands.
  explain     Say what a run knows of a URL, and why it was fetched or not.
  urls        List the URLs that a run knows.
  export      Write a table of a run to a file.
  audit       Say what is wrong with a site, worst first.
  graph       Say how a site hangs together: clicks, link score, ways, bottlenecks.
  diff        Say what has changed between two runs of the same site.
  monitor     Crawl a site anew and say what has changed since the last time.
  report      Write a report on a site for people.
  runs        List the runs whose files linkhaul named itself.
  demo        Show linkhaul at work on a small site that comes with it.
  completion  Print the script for completion in a shell.

  To begin with:
    linkhaul demo
    linkhaul links https://example.org/
    linkhaul links --from urls.txt -o links.csv
    linkhaul crawl https://example.org/ -o links.csv
""")


def test_every_verb_is_there_and_says_what_the_list_says() -> None:
    """The table of verbs, which spares their import, does not drift from the verbs."""
    context = click.Context(border.linkhaul)
    for verb, (_, meaning) in border.VERBS.items():
        command = border.linkhaul.get_command(context, verb)
        assert command is not None
        assert command.name == verb
        assert meaning.rstrip(".") in command.get_short_help_str(200).replace(": of verbs, flags and values", "")


def test_the_version_is_the_packages(linkhaul: Command) -> None:
    """--version prints the version alone."""
    import linkhaul as package

    assert linkhaul("--version") == (0, f"linkhaul {package.__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["lnks"], "there is no verb 'lnks'; did you mean 'linkhaul links'?"),
        (["frobnicate"], f"there is no verb 'frobnicate'; there are {', '.join(border.VERBS)}"),
        (["https://example.org/"], "'https://example.org/' is no verb; did you mean 'linkhaul links https://example.org/'?"),
        (["python.org"], "'python.org' is no verb; did you mean 'linkhaul links python.org'?"),
        (["--nope"], "no such option '--nope'"),
        (["help"], "'linkhaul --help' lists the verbs"),
        (["links", "--conurrency", "3"], "--concurrency"),
        (["links", "--out"], "'--out' requires an argument"),
        (["links"], "for example: linkhaul links https://example.org/ -o links.csv"),
        (["completion", "tcsh"], "bash"),
        (["demo", "--port", "70000"], "70000"),
    ],
)
def test_what_is_typed_wrongly_is_one_line(linkhaul: Command, words: list[str], sentence: str) -> None:
    """A usage error is one line on stderr that says what to type instead, and exit code 2."""
    code, out, err = linkhaul(*words)
    assert (code, out) == (2, "")
    assert err.startswith("linkhaul: ")
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OutputError("links.csv: is full"), 3, "linkhaul: links.csv: is full\n"),
        (RunLocked("x.run: is being worked on"), 3, "linkhaul: x.run: is being worked on\n"),
        (ClosedPipe("standard output: the reader closed it"), 141, ""),
        (BrokenPipeError(), 141, ""),
        (BrokenInvariant("two and two"), 70, "linkhaul: two and two\n"),
        (KeyboardInterrupt(), 130, "\nstopped while starting; to begin, or to go on, give the same command again\n"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    linkhaul: Command, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    """Each kind of error has its exit code; who closed our pipe is told nothing."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("linkhaul.cli.fetching._do", fail)
    assert linkhaul("links", "x.example") == (code, "", said)


def test_a_fault_of_ours_is_a_sentence(linkhaul: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that nobody expected is a sentence and exit code 70; its trace comes under -v only."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("division \x1b[2J by zero")

    monkeypatch.setattr("linkhaul.cli.fetching._do", fail)
    code, _, err = linkhaul("links", "x.example")
    assert code == 70
    assert "ZeroDivisionError: division ␛[2J by zero" in err
    assert "Traceback" not in err
    assert "Traceback" in linkhaul("links", "-v", "x.example")[2]


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["links", "--help"], ["completion", "bash"], ["demo"]], ids=" ".join)
def test_a_reader_that_goes_away(words: list[str]) -> None:
    """Who reads what we say and goes away ends the command as it ends other tools, without an error."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as stdout:
        done = subprocess.run([sys.executable, "-m", "linkhaul", *words], stdout=stdout, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 141
    assert b"linkhaul: " not in done.stderr


def test_completion_knows_the_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shells' scripts are printed, and what they call completes verbs, flags and kinds."""
    for shell in ("zsh", "fish"):
        done = subprocess.run([sys.executable, "-m", "linkhaul", "completion", shell], capture_output=True, text=True, check=True)
        assert "_LINKHAUL_COMPLETE" in done.stdout
    monkeypatch.setenv("_LINKHAUL_COMPLETE", "bash_complete")

    def completed(words: str, at: int) -> str:
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(at))
        return subprocess.run([sys.executable, "-m", "linkhaul"], capture_output=True, text=True, check=True).stdout

    assert completed("linkhaul li", 1) == "plain,links\n"
    assert "plain,--per-host" in completed("linkhaul links --per", 2)
    assert completed("linkhaul links --kinds page,im", 3) == "plain,page,image\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")  # noqa: PTH110 - a device
def test_a_full_disk_is_told_of() -> None:
    """What cannot be printed for want of room is an error of its own, and no fault of ours."""
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = subprocess.run([sys.executable, "-m", "linkhaul", "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr == "linkhaul: standard output: no space left; make room and run the same command again\n"


@pytest.mark.parametrize(
    ("named", "said"),
    [((), "no space left on a disk that is written to"), (("/full/x",), "/full/x: no space left")],
    ids=["unnamed", "named"],
)
def test_a_full_disk_elsewhere_is_not_put_on_standard_output(
    linkhaul: Command, monkeypatch: pytest.MonkeyPatch, named: tuple[str, ...], said: str
) -> None:
    """Only what is written to standard output is told of it; another file is called by its name, or none is."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", *named)

    monkeypatch.setattr("linkhaul.cli.fetching._do", fail)
    assert linkhaul("links", "x.example") == (3, "", f"linkhaul: {said}; make room and run the same command again\n")
