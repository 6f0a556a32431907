"""The formats of findings: each against its golden file, and what holds for all of them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from tests.export.findings import sample

from linkhaul.errors import UsageError
from linkhaul.export.findings.formats import FORMATS, SUFFIXES, Place, place_of, writer
from linkhaul.export.findings.wording import file_of
from linkhaul.model.check import Checked, Coverage

SUFFIX = {"people": "txt", "markdown": "md", "junit": "xml", "github": "github.txt"}
NOTHING = Coverage(0, 0, 0, {}, {})


def told(format: str, *, is_terminal: bool = False, redirects: str = "warn") -> str:
    """Return what a format says of the sample."""
    stream = io.StringIO(newline="")
    writer(format)(sample.everything(), sample.coverage(), sample.context(redirects, is_terminal=is_terminal), stream)
    return stream.getvalue()


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_is_as_its_golden_file(format: str, golden: Callable[[str, str], None]) -> None:
    """What a format says of a fixed, hostile list changes only on purpose."""
    golden(f"findings.{SUFFIX.get(format, format)}", told(format))


def test_the_terminal_is_as_its_golden_file(golden: Callable[[str, str], None]) -> None:
    """On a terminal there are colours and hyperlinks; the numbers that join the parts of one link are left out here."""
    golden("findings.terminal.txt", re.sub(r"\x1b\]8;id=\d+;", "\x1b]8;;", told("people", is_terminal=True)))


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "csv"])
def test_nothing_of_the_web_moves_a_cursor(format: str) -> None:
    """No control, no turn of direction and no half of a pair passes into any format that is read by eye; CSV is data and holds what was found."""
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", told(format)) == []


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_found_can_be_told(format: str) -> None:
    """An empty check is told without a fault."""
    stream = io.StringIO(newline="")
    findings: list[Checked] = []
    writer(format)(findings, NOTHING, sample.context(), stream)
    assert stream.getvalue() or format == "jsonl"


@pytest.mark.parametrize(
    ("text", "asked", "place"),
    [
        ("out.html", None, Place("out.html", "html")),
        ("a.b/OUT.JSON", None, Place("a.b/OUT.JSON", "json")),
        ("junit:-", None, Place("-", "junit")),
        ("Markdown:C:\\sum.txt", None, Place("C:\\sum.txt", "markdown")),
        ("-", None, Place("-", "people")),
        ("-", "github", Place("-", "github")),
        ("odd.log", "csv", Place("odd.log", "csv")),
    ],
)
def test_a_place_tells_its_format(text: str, asked: str | None, place: Place) -> None:
    """By its suffix, by FORMAT: in front, or by the format asked for beside it."""
    assert place_of(text, asked) == place


@pytest.mark.parametrize(
    ("text", "asked", "said"), [("out.log", None, "FORMAT:out.log"), ("noformat:x", None, "FORMAT:"), ("-", "xml", "known are")]
)
def test_a_place_without_a_format_is_refused(text: str, asked: str | None, said: str) -> None:
    """What tells no format gets a sentence with the remedy."""
    with pytest.raises(UsageError, match=said):
        place_of(text, asked)


def test_every_suffix_leads_to_a_format() -> None:
    """The tables of suffixes and formats agree, and every format but the terminal's and GitHub's has a suffix."""
    assert set(SUFFIXES.values()) == set(FORMATS) - {"github"}


def test_a_file_is_named_relative_to_the_root() -> None:
    """Below the root by its relative path, elsewhere by its whole one; a page of the web is no file."""
    assert file_of(f"{sample.ROOT.as_uri()}/a%20b/c%23.md#x", sample.ROOT) == "a b/c#.md"
    assert file_of("file:///etc/motd.html", sample.ROOT) == "/etc/motd.html"
    assert file_of("https://shop.example/", sample.ROOT) is None
    assert file_of("file://[no", sample.ROOT) is None
