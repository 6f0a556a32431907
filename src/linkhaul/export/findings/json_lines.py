"""Findings as JSON Lines: an object a link URL, the same that the JSON document lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from linkhaul.export.findings.context import Context
from linkhaul.export.findings.records import entry_of, json_text
from linkhaul.model.check import Checked, Coverage


def write(checked: Iterable[Checked], _coverage: Coverage, context: Context, stream: TextIO) -> None:
    """Write a line for each link URL."""
    stream.writelines(json_text(entry_of(each, context.rules)) + "\n" for each in checked)
