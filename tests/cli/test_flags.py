"""The flags are the settings: every one is there, and what is given reaches the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from linkhaul.cli.flags import NOT_FOR_LISTS, flag_of, size_text
from linkhaul.cli.links import links
from linkhaul.config import Setting, settings

Command = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("setting", [setting for name, setting in settings().items() if name not in (*NOT_FOR_LISTS, "only")], ids=str)
def test_every_setting_is_a_flag(linkhaul: Command, setting: Setting) -> None:
    """Each setting of a list has a flag with its name and its meaning in the help."""
    flags = [flag for option in links.params for flag in option.opts]
    assert flag_of(setting.name) in flags
    shown = " ".join(linkhaul("links", "--help")[1].split())
    assert " ".join(setting.meaning.split()) in shown


def test_the_headings_of_the_help(linkhaul: Command) -> None:
    """The help groups the flags; no switch shows its opposite."""
    out = linkhaul("links", "--help")[1]
    headings = [line.rstrip(":") for line in out.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == snapshot(
        ["Sources", "Outputs", "Which rows", "How a page is asked for", "How hard", "How far", "The machine", "The run", "Talk"]
    )
    assert "--no-insecure" not in out


def test_print_config_says_where_each_value_is_from(linkhaul: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defaults, linkhaul.toml, environment and flags, the nearer one wins, and no secret is shown."""
    (folder / "linkhaul.toml").write_text(
        'timeout = 5\n[pace]\nper_host = 2\ngap = 0.5\n[fetch]\nproxy = "http://ann:pw@proxy.example:3128"\n'
    )
    monkeypatch.setenv("LINKHAUL_PER_HOST", "3")
    monkeypatch.setenv("LINKHAUL_AUTH", "ann:pw")
    flags = ["--per-host", "4", "--internal", "--kinds", "page,image", "--header", "X-Key: pw", "--max-body", "2M", "--no-unique"]
    code, out, err = linkhaul("links", "--print-config", *flags)
    assert (code, err) == (0, "")
    assert "pw" not in out
    told = [line for line in out.splitlines() if line and not line.endswith("# default")]
    assert "\n".join(told) + "\n" == snapshot("""\
[rows]
kinds = ["page", "image"]    # --kinds
only = "internal"            # --internal
unique = false               # --unique
[fetch]
timeout = 5.0                # linkhaul.toml
max_body = "2M"              # --max-body
header = ["***"]             # --header
auth = ["***"]               # LINKHAUL_AUTH
proxy = "***"                # linkhaul.toml
[pace]
per_host = 4                 # --per-host
gap = 0.5                    # linkhaul.toml
[crawl]
[run]
""")


def test_what_print_config_prints_is_a_config(linkhaul: Command, folder: Path) -> None:
    """The page can be saved as a file of settings and gives the same values."""
    before = linkhaul("links", "--print-config", "--gap", "0.5", "--columns", "url,text", "--match", 'a"b\\d')[1]
    (folder / "saved.toml").write_text(before, encoding="utf-8")
    after = linkhaul("links", "--print-config", "--config", "saved.toml")[1]

    def values(page: str) -> list[str]:
        return [line.rpartition("#")[0].rstrip() for line in page.splitlines()]

    assert values(after) == values(before)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--timeout", "abc"], "--timeout: timeout cannot be 'abc'"),
        (["--per-host", "0"], "--per-host: per_host cannot be '0'"),
        (["--internal", "--external"], "--internal and --external leave no link together"),
        (["--config", "none.toml"], "--config none.toml: there is no such file"),
        (["--match", "("], "is not a regular expression"),
        (["--columns", "uri"], "there is no column 'uri'"),
        (["--format", "foo"], "--format foo: there is no such format; known are csv"),
        (["-o", "a.csv", "--format", "jsonl"], "every output tells its format by its suffix"),
        (["-o", "a.csv", "--pages", "a.csv"], "a.csv: is named for two outputs"),
        (["-o", "-", "--pages", "-", "--format", "csv"], "cannot both go to standard output"),
        (["-o", "a.foo"], "a.foo: its suffix is not one that can be written"),
        (["-o", "a.jsonl", "--excel"], "--excel is for CSV and TSV"),
        (["-o", "-"], "need --format"),
        (["-", "-"], "standard input can be read once only"),
        (["--from", "none.txt"], "none.txt: there is no such file"),
        (["none.html"], "none.html: there is no such file"),
        (["./none"], "./none: there is no such file"),
        (["urls.txt"], "urls.txt: there is no such file; a list of URLs is read with --from"),
        (["-o", "x.log", "--format", "csv", "--log", "x.log"], "x.log: is named for an output and for --log"),
    ],
)
def test_a_setting_that_cannot_be_meant(linkhaul: Command, words: list[str], sentence: str) -> None:
    """What cannot be meant is said before anything is begun, with the flag's name, and exits with 2."""
    code, out, err = linkhaul("links", "x.example", *words)
    assert (code, out) == (2, "")
    assert sentence in err
    assert list(Path.cwd().iterdir()) == []


def test_an_unknown_setting_of_a_file_is_named(linkhaul: Command, folder: Path) -> None:
    """A misspelt key in linkhaul.toml is an error that names the file and the nearest key."""
    (folder / "linkhaul.toml").write_text("per_hots = 3\n")
    code, _, err = linkhaul("links", "x.example")
    assert code == 2
    assert "linkhaul.toml: there is no setting 'per_hots'; did you mean 'per_host'?" in err


def test_sizes_are_shown_as_they_are_typed() -> None:
    """Round sizes carry their letter."""
    assert [size_text(size) for size in (10_000_000, 512_000, 1_000_000_000, 1_234)] == ["10M", "512K", "1G", "1234"]
