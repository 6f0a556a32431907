"""Findings as plain values: what JSON and JSON Lines say of a link URL, and the rows of the tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from linkhaul.export.findings.context import Level, Rules, level_of
from linkhaul.export.findings.wording import occurrences
from linkhaul.model.check import Checked, Place, Suggestion, Verdict
from linkhaul.model.columns import Row

_ESCAPED = re.compile("[^\x20-\x7e]")
_HALVES = re.compile("[\ud800-\udfff]")
_encoded = msgspec.json.Encoder().encode


class Entry(Struct, frozen=True):
    """A finding as JSON knows it."""

    url: str
    level: Level
    known: bool
    verdict: Verdict
    suggestion: Suggestion | None
    places: tuple[Place, ...]


def entry_of(checked: Checked, rules: Rules) -> Entry:
    """Return a finding with its level."""
    return Entry(checked.url, level_of(checked, rules), checked.is_known, checked.verdict, checked.suggestion, checked.places)


def json_text(value: object) -> str:
    """Return JSON in one line in which everything beyond ASCII is escaped, so that it is harmless for a terminal too."""
    try:
        text = _encoded(value).decode()
    except UnicodeEncodeError:  # half of a pair, which UTF-8 does not have
        text = msgspec.json.encode(_whole(msgspec.to_builtins(value))).decode()
    return text if text.isascii() and "\x7f" not in text else _ESCAPED.sub(_escaped, text)


def rows(checked: Iterable[Checked]) -> Iterator[Row]:
    """Yield a row for each occurrence, in the order of `FINDINGS`."""
    for each, place in occurrences(checked):
        verdict = each.verdict
        yield (
            place.page_url if place else None, each.url, verdict.name, verdict.code, verdict.detail, verdict.status, verdict.instead,
            place.text if place else "", place.line if place else None, place.column if place else None, each.is_known,
            each.suggestion.url if each.suggestion else None,
        )  # fmt: skip


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"\\u{unit:04x}" for unit in memoryview(found[0].encode("utf-16-le")).cast("H"))


def _whole(value: object) -> object:
    """Return a value with the halves of pairs in its texts replaced."""
    if isinstance(value, str):
        return _HALVES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {name: _whole(part) for name, part in value.items()}
    return [_whole(part) for part in value] if isinstance(value, (list, tuple)) else value
