"""Findings as workflow commands of GitHub Actions: annotations at the line of the file where the link stands.

A command is one line; what would end it or one of its properties is escaped. Nothing but commands is written, since a line that is
none is searched for `##[`, the older form of them, which a page could hold.

Source: github.com/actions/toolkit, core/src/command.ts (escaping); GitHub shows ten annotations of a kind a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TextIO

from linkhaul.export.clean import clean
from linkhaul.export.findings.context import Context
from linkhaul.export.findings.wording import (
    NO_PAGE,
    Occurrence,
    counted,
    coverage_line,
    file_of,
    headline,
    link_name,
    occurrences,
    page_name,
    quoted,
    remedy,
    sorted_out,
    spot,
    what,
)
from linkhaul.model.check import Checked, Coverage

MOST_ERRORS = 50
MOST_OTHERS = 9
"""One less than GitHub shows, so that the line that says how many more there are is shown."""
PLACES_EACH = 10


def write(checked: Iterable[Checked], coverage: Coverage, context: Context, stream: TextIO) -> None:
    """Write errors for what fails, warnings for what should be looked at, notices for redirects and for the result."""
    levels = sorted_out(checked, context.rules)
    moved = [each for each in levels["warning"] if each.verdict.name == "redirected"]
    others = [each for each in levels["warning"] if each.verdict.name != "redirected"]
    for kind, found, most in (
        ("error", levels["failure"], MOST_ERRORS),
        ("warning", others, MOST_OTHERS),
        ("notice", moved, MOST_OTHERS - 1),
    ):
        listed = list(_spread(found))
        stream.writelines(_command(kind, _properties(each, context), _message(each, context)) for each in listed[:most])
        left = sum(max(1, len(each.places)) for each in found) - min(len(listed), most)
        if left:
            stream.write(
                _command(kind, {"title": "linkhaul"}, f"and {counted(left, 'more place')} of {counted(len(found), 'link URL')} in all")
            )
    stream.write(_command("notice", {"title": "linkhaul"}, f"{clean(context.title)}: {headline(levels)}; {coverage_line(coverage)}"))


def _spread(found: list[Checked]) -> Iterator[Occurrence]:
    """Yield one place of each link URL, then the others, some of each: what is cut off is the repetition."""
    for each in found:
        yield from islice(occurrences([each]), 1)
    for each in found:
        yield from islice(occurrences([each]), 1, PLACES_EACH)


def _properties(found: Occurrence, context: Context) -> dict[str, str]:
    checked, place = found
    properties = {"title": what(checked)}
    file = file_of(place.page_url, context.root) if place else None
    if place is None or file is None:
        return properties
    properties["file"] = file
    if place.line is not None:
        properties["line"] = str(place.line)
        if place.column is not None:
            properties["col"] = str(place.column)
    return properties


def _message(found: Occurrence, context: Context) -> str:
    checked, place = found
    where = f" on {page_name(place.page_url, context)}{':' if spot(place) else ''}{spot(place)}" if place else f", {NO_PAGE}"
    parts = [f"{link_name(checked.url, context)}{where}", clean(checked.verdict.detail), remedy(checked, context), quoted(place)]
    return "\n".join(part for part in parts if part)


def _command(kind: str, properties: dict[str, str], message: str) -> str:
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {listed}::{_escaped(message)}\n"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
