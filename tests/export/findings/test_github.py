"""Workflow commands as the runner reads them."""

from __future__ import annotations

import io
import re

from tests.export.findings import sample

from linkhaul.export.findings.formats import writer
from linkhaul.model.check import Checked, Verdict, VerdictName

COMMAND = re.compile(r"::(?P<kind>\w+) (?P<properties>[^:]*)::(?P<message>.*)")


def read(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Return the commands as the runner takes them apart; a line that is none is a fault."""
    found = []
    for line in text.splitlines():
        command = COMMAND.fullmatch(line)
        assert command is not None, line
        pairs = [pair.split("=", 1) for pair in command["properties"].split(",")]
        properties = {name: value.replace("%3A", ":").replace("%2C", ",").replace("%25", "%") for name, value in pairs}
        found.append((command["kind"], properties, command["message"].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")))
    return found


def commands(checked: list[Checked] | None = None) -> list[tuple[str, dict[str, str], str]]:
    """Return the commands for the sample, or for other findings."""
    stream = io.StringIO(newline="")
    writer("github")(sample.everything() if checked is None else checked, sample.coverage(), sample.context(), stream)
    return read(stream.getvalue())


def test_an_annotation_stands_at_its_line() -> None:
    """File, line and column are those of the link, also when the file's name holds what separates properties."""
    place = {"title": "broken file", "file": "docs/a b,c.md", "line": "12", "col": "5"}
    (message,) = [message for kind, properties, message in commands() if kind == "error" and properties == place]
    assert message.splitlines()[0] == "docs/gone.md#top|`x` on docs/a b,c.md:12:5"
    assert "%0A" in message  # what the page says literally stays what it says


def test_what_fails_is_an_error_and_the_rest_is_not() -> None:
    """Failures are errors, what should be looked at is a warning, redirects and the result are notices, what is fine or known is none."""
    found = commands()
    titles = {(kind, properties["title"]) for kind, properties, _ in found}
    assert ("error", "broken 404") in titles
    assert ("warning", "blocked challenge") in titles
    assert ("notice", "redirected permanent") in titles
    assert found[-1][:2] == ("notice", {"title": "linkhaul"})
    assert not any("old.example" in message or "no-robots" in message for _, _, message in found)


def test_there_are_not_more_than_one_can_read() -> None:
    """Of ten thousand of each kind a few are told, and how many more there are; each link URL once before one is told twice."""
    cases: tuple[tuple[VerdictName, str | None], ...] = (("broken", None), ("blocked", None), ("redirected", "https://c.example/"))
    many = [
        Checked(f"https://a.example/{number:04}", Verdict(name, "x", "x", instead=instead), tuple(sample.place(f"https://b.example/{n}", 1, "") for n in range(3)))
        for name, instead in cases
        for number in range(1_000)
    ]  # fmt: skip
    found = commands(many)
    counts = [sum(kind == wanted for kind, _, _ in found) for wanted in ("error", "warning", "notice")]
    assert counts == [51, 10, 10]
    assert len({message.split(" on ")[0] for kind, _, message in found if kind == "error"}) == 51
    assert any("2,950 more places of 1,000 link URLs" in message for _, _, message in found)
