"""Findings as one JSON object: what was checked and how, the coverage, and every link URL with its verdict and all its places.

It is written as it comes, so the counts stand at its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

import msgspec

from linkhaul.export.findings.context import Context
from linkhaul.export.findings.records import entry_of, json_text
from linkhaul.model.check import Checked, Coverage

FORMAT = 1
"""The version of the object's shape: a key may be added without a new one."""


def write(checked: Iterable[Checked], coverage: Coverage, context: Context, stream: TextIO) -> None:
    """Write the object: linkhaul, format, title, started, rules, coverage, links, levels, failed; a line for each of these, and for each link URL."""
    head: dict[str, object] = {
        "linkhaul": context.version,
        "format": FORMAT,
        "title": context.title,
        "started": context.started,
        "rules": {"fail_on": sorted(context.rules.fail_on), "redirects": context.rules.redirects},
        "coverage": {**msgspec.to_builtins(coverage), "verified": coverage.verified},
    }
    lines = "".join(f'"{name}": {json_text(value)},\n' for name, value in head.items())
    stream.write("{\n" + lines + '"links": [')
    levels = dict.fromkeys(("failure", "warning", "known", "fine", "unasked"), 0)
    separator = "\n"
    for each in checked:
        entry = entry_of(each, context.rules)
        levels[entry.level] += 1
        stream.write(separator + json_text(entry))
        separator = ",\n"
    stream.write(f'\n],\n"levels": {json_text(levels)},\n"failed": {json_text(levels["failure"] > 0)}\n' + "}\n")
