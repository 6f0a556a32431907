"""The formats in which findings can be told, and which of them a place means."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Protocol, TextIO

from msgspec import Struct

from linkhaul.errors import UsageError
from linkhaul.export.findings.context import Context
from linkhaul.export.spec import STDOUT
from linkhaul.model.check import Checked, Coverage

FORMATS = {
    "people": "people",
    "json": "json_document",
    "jsonl": "json_lines",
    "csv": "csv_rows",
    "markdown": "markdown",
    "junit": "junit",
    "github": "github",
    "html": "html_page",
}
"""Each format with its module."""
WHOLE = ("json", "jsonl", "csv", "junit")
"""Formats that say of every link URL how it is; the others are content with those that somebody has to do with."""
SUFFIXES = {
    ".txt": "people",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".md": "markdown",
    ".xml": "junit",
    ".html": "html",
    ".htm": "html",
}


class Write(Protocol):
    """What each format gives."""

    def __call__(self, checked: Iterable[Checked], coverage: Coverage, context: Context, stream: TextIO, /) -> None:
        """Write the findings to a stream."""


class Place(Struct, frozen=True):
    """Where findings go ("-" is standard output), and in which format."""

    path: str
    format: str


def writer(format: str) -> Write:
    """Return the function that writes a format."""
    found: Write = import_module(f"linkhaul.export.findings.{FORMATS[format]}").write
    return found


def place_of(text: str, asked: str | None = None) -> Place:
    """Return what a person means by FILE, whose suffix tells the format, by FORMAT:FILE, or by FILE and a format beside it.

    >>> place_of("links.xml"), place_of("markdown:$summary")
    (Place(path='links.xml', format='junit'), Place(path='$summary', format='markdown'))

    Raises:
        UsageError: the format cannot be told, or is none.
    """
    if asked is not None and asked not in FORMATS:
        raise UsageError(f"--format {asked}: there is no such format; known are {', '.join(FORMATS)}")
    before, colon, after = text.partition(":")
    if colon and after and before.lower() in FORMATS:
        return Place(after, before.lower())
    if asked is not None:
        return Place(text, asked)
    if text == STDOUT:
        return Place(STDOUT, "people")
    suffix = Path(text).suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{text}: its suffix tells no format; write FORMAT:{text}, with one of {', '.join(FORMATS)}")
    return Place(text, SUFFIXES[suffix])
