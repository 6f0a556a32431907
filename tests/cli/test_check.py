"""`linkhaul check`: what it says, where it says it, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Command

from linkhaul.cli.check import NO_FLAG, OWN_WORDS, check
from linkhaul.cli.findings import places_of
from linkhaul.cli.flags import flag_of
from linkhaul.config import settings
from linkhaul.errors import UsageError
from linkhaul.export.findings.formats import FORMATS, Place

QUICK = ("--confirm-after", "0")


@pytest.fixture
def docs(folder: Path) -> Path:
    """Make a folder of two Markdown files with one broken link, one broken fragment and one link to the web."""
    made = folder / "docs"
    made.mkdir()
    (made / "guide.md").write_text(
        "# Guide\n\nSee [sizes](sizes.md#eu), [gone](gone.md),\n[no](sizes.md#no) and [web](https://shop.example/).\n"
    )
    (made / "sizes.md").write_text("# Sizes\n\n## EU\n")
    return made


def test_a_folder_is_told_by_page(linkhaul: Command, docs: Path) -> None:
    """What is broken stands below its file, with line and column; the exit code is 1; talk goes to stderr."""
    done = linkhaul("check", "docs", "--offline")
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0] == "docs/guide.md"
    assert re.fullmatch(r"  3:\d+ +broken file  docs/gone\.md  \"gone\"", lines[1])
    assert re.fullmatch(r"  4:6 +broken fragment  docs/sizes\.md#no  \"no\"", lines[3])
    assert "\ndocs: 2 broken on 1 page\n" in done.out
    assert "3 link URLs of 4 verified; 1 not (--offline 1)" in done.out
    assert "run file:" in done.err
    assert "\x1b" not in done.out


def test_nothing_to_fail_on_ends_with_0(linkhaul: Command, docs: Path) -> None:
    """Where everything is there, and where --fail-on names nothing that was found."""
    (docs / "gone.md").write_text("# Here\n")
    assert linkhaul("check", "docs", "--offline", "--fail-on", "soft-404").code == 0
    (docs / "sizes.md").write_text("# Sizes\n\n## EU\n\n## No\n")
    done = linkhaul("check", "docs", "--offline", "-q")
    assert (done.code, done.err) == (0, "")
    assert "nothing found to fail on" in done.out


def test_formats_and_places(linkhaul: Command, docs: Path, folder: Path) -> None:
    """--format is standard output's; each -o gets its own; the summary says the result where standard output does not."""
    done = linkhaul("check", "docs", "--offline", "--format", "csv", "-o", "a.html", "-o", "junit:b", "-o", "c.json")
    assert done.code == 1
    rows = list(csv.DictReader(io.StringIO(done.out, newline="")))
    assert {(row["verdict"], row["code"]) for row in rows} == {
        ("broken", "file"),
        ("broken", "fragment"),
        ("ok", "ok"),
        ("not-checked", "offline"),
    }
    assert (folder / "a.html").read_text().startswith("<!DOCTYPE html>")
    assert (folder / "b").read_text().startswith("<?xml")
    assert json.loads((folder / "c.json").read_text())["failed"] is True
    assert "2 broken on 1 page" in done.err
    assert "html written to a.html" in done.err


def test_the_lines_that_github_reads(linkhaul: Command, docs: Path) -> None:
    """Annotations name the file as the workspace has it, also when a folder below it was checked."""
    done = linkhaul("check", "docs", "--offline", "--format", "github", "-q")
    assert re.search(r"^::error title=broken fragment,file=docs/guide\.md,line=4,col=6::", done.out, re.MULTILINE)
    assert all(line.startswith("::") for line in done.out.splitlines())


def test_a_baseline_lets_known_problems_pass(linkhaul: Command, docs: Path, folder: Path) -> None:
    """--update-baseline writes what fails and ends with 0; then only a new problem fails; a mended one is named as stale and taken out."""
    assert linkhaul("check", "docs", "--offline", "--baseline", "known.txt", "--update-baseline", "-q").code == 0
    known = [line for line in (folder / "known.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert len(known) == 2
    assert all(line.startswith("./docs/guide.md\t./docs/") and str(folder) not in line for line in known)
    (folder / "README.md").write_text("[guide](docs/guide.md)\n")
    done = linkhaul("check", "docs", "README.md", "--offline", "--baseline", "known.txt")
    assert done.code == 0
    assert "2 known problems" in done.out
    (docs / "gone.md").write_text("[new](newly-gone.md)\n")
    done = linkhaul("check", "docs", "--offline", "--baseline", "known.txt")
    assert done.code == 1
    assert "1 broken on 1 page" in done.out
    assert "1 line of known.txt no longer true" in done.err
    done = linkhaul("check", "docs", "--offline", "--baseline", "known.txt", "--update-baseline")
    assert done.code == 0
    assert "2 known problems written to known.txt" in done.err
    assert "newly-gone.md" in (folder / "known.txt").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to check: name a site"),
        (("docs", "--update-baseline"), "Name it with --baseline FILE"),
        (("docs", "--baseline", "no.txt"), "add --update-baseline"),
        (("docs", "-o", "a.log"), "FORMAT:a.log"),
        (("docs", "-o", "a.html", "-o", "html:./a.html"), "is named twice"),
        (("docs", "--format", "xml"), "xml"),
        (("https://shop.example/", "--offline"), "--offline leaves alone"),
        (("-", "--from", "-"), "standard input can be read once"),
        (("docs", "-o", "a.html", "--log", "a.html"), "for --log"),
        (("docs", "--fail-on", "brokn"), "did you mean 'broken'"),
        (("docs", "--accept", "2xx"), "2xx"),
    ],
)  # fmt: skip
def test_bad_use_is_a_sentence(linkhaul: Command, docs: Path, words: tuple[str, ...], said: str) -> None:
    """What cannot be meant ends with 2, and the sentence names the remedy; nothing was begun."""
    done = linkhaul("check", *words)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_a_taken_output_is_refused_before_anything_is_asked(linkhaul: Command, docs: Path, folder: Path) -> None:
    """A file that exists stays as it is without --overwrite, and the exit code is 3."""
    (folder / "a.html").write_text("mine")
    done = linkhaul("check", "docs", "--offline", "-o", "a.html")
    assert (done.code, (folder / "a.html").read_text()) == (3, "mine")
    assert "--overwrite" in done.err
    assert linkhaul("check", "docs", "--offline", "-o", "a.html", "--overwrite", "-q").code == 1
    assert (folder / "a.html").read_text() != "mine"


def test_a_site_is_crawled_and_checked(linkhaul: Command, site: str, folder: Path) -> None:
    """The demo site's dead link is found, on the pages that hold it; its run file is judged again without asking anything."""
    done = linkhaul("check", f"{site}/", "--only", "internal", "--run", "shop.run", *QUICK)
    assert done.code == 1
    assert "broken 404" in done.out
    assert "link URLs of" in done.out
    again = linkhaul("check", "shop.run", "--only", "internal", *QUICK)
    assert again.code == 1
    assert again.out.splitlines()[:-1] == done.out.splitlines()[:-1]
    assert "0 targets asked" in again.err
    assert "not read by this run" not in again.err


def test_what_a_run_did_not_read_is_told(linkhaul: Command, site: str, folder: Path) -> None:
    """A run of another verb has the links that a person follows: who checks it is told that stylesheets and images are not judged."""
    assert linkhaul("links", f"{site}/", "-o", "a.csv", "--run", "a.run", "-q").code == 0
    done = linkhaul("check", "a.run", "--only", "internal", *QUICK)
    assert "links of other kinds (image, script, style, ...) were not read by this run" in done.err


def test_a_source_that_is_dead_does_not_pass(linkhaul: Command, site: str, folder: Path) -> None:
    """A typing error in a workflow must not look like success: a source that is not there is told like a broken link, also of a list."""
    (folder / "urls.txt").write_text(f"{site}/about/\n{site}/no-such-page/\nno url\n")
    done = linkhaul("check", "--from", "urls.txt", "--only", "internal", *QUICK)
    assert done.code == 1
    assert done.out.splitlines()[:2] == ["named as a source or in a sitemap", f"  broken 404  {site}/no-such-page/"]
    assert "1 line of the sources could not be used" in done.err
    assert "urls.txt, line 3" in done.err


def test_a_check_that_looked_at_nothing_does_not_pass(linkhaul: Command, site: str) -> None:
    """Where robots.txt lets no source be read, nothing is broken, and the check ends with 1 and says why."""
    done = linkhaul("check", f"{site}/shop/basket/", "--no-sitemaps", *QUICK)
    assert done.code == 1
    assert "no page of the sources could be read: robots, such as" in done.err


def test_colours_are_for_terminals(linkhaul: Command, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where standard output is a terminal, there are colours and hyperlinks."""
    monkeypatch.setattr("linkhaul.cli.findings.has_colours", lambda _: True)
    done = linkhaul("check", "docs", "--offline", "-q")
    assert "\x1b[31mbroken file\x1b[0m" in done.out
    assert "\x1b]8;" in done.out


def test_every_setting_has_its_flag_or_a_reason() -> None:
    """A check has a flag for each setting, but for those that choose rows and columns of links."""
    flags = {name for parameter in check.params for name in parameter.opts}
    missing = {name for name in settings() if flag_of(name) not in flags}
    assert missing <= set(NO_FLAG) - {"only"}
    assert {flag_of(name) for name in OWN_WORDS} <= flags


@pytest.mark.parametrize(
    ("format", "out", "places"),
    [
        (None, (), [Place("-", "people")]),
        ("json", (), [Place("-", "json")]),
        (None, ("a.md",), [Place("a.md", "markdown")]),
        ("github", ("a.md",), [Place("-", "github"), Place("a.md", "markdown")]),
        ("csv", ("-",), [Place("-", "csv")]),
        (None, ("csv:-", "people:b"), [Place("-", "csv"), Place("b", "people")]),
    ],
)
def test_where_findings_go(format: str | None, out: tuple[str, ...], places: list[Place]) -> None:
    """Standard output gets what --format says, or people's telling when there is no -o."""
    assert places_of({"format": format, "out": out}) == places


def test_two_outputs_in_one_place_are_refused() -> None:
    """Also when one is named in two ways."""
    with pytest.raises(UsageError, match="twice"):
        places_of({"format": "csv", "out": ("json:-", "csv:-")})


def test_the_help_names_every_format(linkhaul: Command) -> None:
    """The help lists the formats, and says how a workflow of GitHub asks."""
    done = linkhaul("check", "--help")
    assert all(re.search(rf"\b{format}\b", done.out) for format in FORMATS)
    assert "--format github" in done.out


@pytest.mark.skipif(os.name != "posix", reason="Windows cannot send Ctrl-C to one process of a console alone")
def test_an_interrupt_tells_what_was_found_so_far(start: Callable[..., subprocess.Popen[bytes]], held: Any) -> None:
    """Ctrl-C ends with 130; what was not asked counts as not checked, and how to go on is said."""
    process = start("check", f"{held.url}/held/1", "--run", "a.run", *QUICK)
    assert held.came.acquire(timeout=20)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert any(b"stopping" in line for line in process.stderr)
    held.let_go()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert b"link URLs" in out or b"link URL" in out
    assert b"to go on, give the same command again" in err


@pytest.mark.parametrize(("typed", "offered"), [("check --fo", "--format"), ("check --fail-on br", "broken"), ("che", "check")])
def test_the_shell_completes_it(typed: str, offered: str) -> None:
    """The verb, its flags and the words of --fail-on are completed."""
    from click.shell_completion import ShellComplete

    from linkhaul.cli.main import linkhaul as root

    *before, last = typed.split()
    found = ShellComplete(root, {}, "linkhaul", "_LINKHAUL_COMPLETE").get_completions(before, last)
    assert offered in [item.value for item in found]
