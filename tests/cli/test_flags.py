"""The flags are the settings: every one is there, and what is given reaches the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from linkhaul.cli.flags import NOT_FOR_LISTS, ONLY_FOR_CHECKS, flag_of, size_text
from linkhaul.cli.links import links
from linkhaul.config import settings
from linkhaul.setting import Setting

Command = Callable[..., tuple[int, str, str]]


NOT_OF_LINKS = (*NOT_FOR_LISTS, *ONLY_FOR_CHECKS, "only")


@pytest.mark.parametrize("setting", [setting for name, setting in settings().items() if name not in NOT_OF_LINKS], ids=str)
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
        [
            "Sources",
            "Outputs",
            "Which rows",
            "How a page is asked for",
            "How hard",
            "How far",
            "What is kept",
            "The machine",
            "The run",
            "Talk",
        ]
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
# the secret header is set by --header and not shown; set LINKHAUL_HEADER, give --header again, or write header = ["..."] here
# the secret auth is set by LINKHAUL_AUTH and not shown; leave it there
# the secret proxy is set by linkhaul.toml and not shown; copy its line from linkhaul.toml
[pace]
per_host = 4                 # --per-host
gap = 0.5                    # linkhaul.toml
[crawl]
[audit]
[run]
""")


def test_what_print_config_prints_is_a_config(linkhaul: Command, folder: Path) -> None:
    """The page can be saved as a file of settings and gives the same values; secrets are not in it, and in their place stands what to do."""
    secrets = ["--header", "X-Key: pw", "--header", "X-Other: pw", "--cookie", "a=pw", "--proxy", "http://ann:pw@proxy.example:3128"]
    before = linkhaul("links", "--print-config", "--gap", "0.5", "--columns", "url,text", "--match", 'a"b\\d', *secrets)[1]
    assert "pw" not in before
    assert 'give --header again, or write header = ["...", "..."] here' in before
    (folder / "saved.toml").write_text(before, encoding="utf-8")
    after = linkhaul("links", "--print-config", "--config", "saved.toml")[1]

    def values(page: str) -> list[str]:
        lines = [line.rpartition("  #")[0].rstrip() or line for line in page.splitlines()]
        return [line for line in lines if not line.startswith(("# the secret", "header = ", "cookie = ", "proxy ", "# proxy"))]

    assert values(after) == values(before)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--timeout", "abc"], "linkhaul: --timeout cannot be 'abc': it takes a number above 0"),
        (["--per-host", "0"], "linkhaul: --per-host cannot be '0': it takes a whole number from 1 to 256"),
        (["--internal", "--external"], "--internal and --external leave no link together"),
        (["--config", "none.toml"], "--config none.toml: there is no such file"),
        (["--match", "("], "is not a regular expression"),
        (["--columns", "uri"], "linkhaul: --columns: there is no column 'uri'"),
        (["--columns", "url,text,url"], "linkhaul: --columns: url is named twice; name each column once"),
        (["--proxy", "socks5://127.0.0.1:1"], "proxy: a socks5 proxy is not supported; give an HTTP proxy like http://host:port"),
        (["--user-agent", "Ü"], "user_agent and contact have to be printable ASCII"),
        (["--timeout", "1e400"], "timeout cannot be '1e400': it is too large; it takes a number above 0"),
        (["--only", "internal"], "no such option '--only'; did you mean --internal or --external?"),
        (["--retires", "1"], "no such option '--retires'; did you mean --retries?"),
        (["--from", "."], ".: is a folder, and --from takes a list"),
        (["--from", "https://x.example/urls.txt"], "curl -sL https://x.example/urls.txt | linkhaul links -"),
        (["-o", "."], ".: is a folder; name a file in it: links.csv"),
        (["-o", "-", "-o", "-", "--format", "csv"], "standard output: is named for two outputs"),
        (["file:///none.html"], "none.html: there is no such file or folder"),
        (["--format", "foo"], "--format foo: there is no such format; known are csv"),
        (["-o", "a.csv", "--format", "jsonl"], "every output tells its format by its suffix"),
        (["-o", "a.csv", "--pages", "a.csv"], "a.csv: is named for two outputs"),
        (["-o", "-", "--pages", "-", "--format", "csv"], "cannot both go to standard output"),
        (["-o", "a.foo"], "a.foo: its suffix is not one that can be written"),
        (["-o", "a.jsonl", "--excel"], "--excel is for CSV and TSV"),
        (["--depth", "2"], "no such option '--depth'; 'linkhaul crawl' has it"),
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


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--run", "none/x.run"], "none/x.run: the folder none does not exist; make it first or name another with --run"),
        (["--run", "."], ".: is a folder; a run file is a file, such as site.run"),
        (["--log", "none/x.log"], "--log none/x.log: there is no folder none; make it first"),
        (["-o", "none/x.csv"], "none/x.csv: there is no folder none; make it first"),
    ],
)
def test_a_place_that_is_not_there(linkhaul: Command, words: list[str], sentence: str) -> None:
    """A run file or output that cannot be made is said before anything is begun, and exits with 3."""
    code, out, err = linkhaul("links", "x.example", *words)
    assert (code, out, err) == (3, "", f"linkhaul: {sentence}\n")
    assert list(Path.cwd().iterdir()) == []


def test_a_column_that_is_not_there(linkhaul: Command, folder: Path) -> None:
    """A list without the column is said at once, with the columns it has: no output is begun."""
    (folder / "list.csv").write_text("name,adr\nx,https://x.example/\n")
    code, out, err = linkhaul("links", "--from", "list.csv", "-o", "a.csv")
    assert (code, out) == (2, "")
    assert err == "linkhaul: list.csv has no column 'url'; it has: name, adr; choose one with --column\n"
    assert [path.name for path in folder.iterdir()] == ["list.csv"]


@pytest.mark.parametrize("source", ["site", "./site", "site/index.html"])
def test_a_crawl_is_not_of_a_folder(linkhaul: Command, folder: Path, source: str) -> None:
    """What is on disk is not taken for a host's name: it is said that `links` reads it."""
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("<a href=a>a</a>")
    code, out, err = linkhaul("crawl", source)
    assert (code, out) == (2, "")
    assert err == (
        f"linkhaul: {source}: is on disk, and a crawl follows links on the web;"
        f" 'linkhaul links {source}' reads the links of HTML files and folders\n"
    )


@pytest.mark.parametrize("verb", ["links", "crawl", "check"])
def test_a_file_missing_from_a_folder_is_no_host(linkhaul: Command, folder: Path, verb: str) -> None:
    """What is named below a folder that is here is looked for on disk, and not asked of the network."""
    (folder / "site").mkdir()
    code, out, err = linkhaul(verb, "site/none")
    assert (code, out) == (2, "")
    assert err == "linkhaul: site/none: there is no such file or folder; what is on a host 'site' is named with https:// in front\n"


def test_a_setting_is_called_by_its_flag(linkhaul: Command, folder: Path) -> None:
    """What is said of a setting that changed between two calls names the flag as it is typed."""
    (folder / "a.html").write_text("<a href=https://x.example/>x</a>")
    assert linkhaul("links", "a.html", "--run", "a.run", "-o", "a.csv")[0] == 0
    err = linkhaul("links", "a.html", "--run", "a.run", "-o", "a.csv", "--max-body", "1M")[2]
    assert "\n--max-body is 1000000 now" in err


def test_a_url_of_a_file_is_its_path(linkhaul: Command, folder: Path) -> None:
    """What a browser shows for a page on disk can be given as it is."""
    (folder / "a b.html").write_text("<a href=https://x.example/>x</a>")
    code, out, _ = linkhaul("links", "-q", (folder / "a b.html").as_uri(), "--columns", "url")
    assert (code, out.splitlines()) == (0, ["url", "https://x.example/"])


def test_an_unknown_setting_of_a_file_is_named(linkhaul: Command, folder: Path) -> None:
    """A misspelt key in linkhaul.toml is an error that names the file and the nearest key."""
    (folder / "linkhaul.toml").write_text("per_hots = 3\n")
    code, _, err = linkhaul("links", "x.example")
    assert code == 2
    assert "linkhaul.toml: there is no setting 'per_hots'; did you mean 'per_host'?" in err


def test_sizes_are_shown_as_they_are_typed() -> None:
    """Round sizes carry their letter."""
    assert [size_text(size) for size in (10_000_000, 512_000, 1_000_000_000, 1_234)] == ["10M", "512K", "1G", "1234"]
