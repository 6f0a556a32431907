"""The findings of an audit as they travel: one row each."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from linkhaul.model.columns import Column

Severity = Literal["error", "warning", "notice"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The worst first."""

State = Literal["found", "unknown"]

AUDIT: tuple[Column, ...] = (
    Column("rule", "text", False, "the rule's id"),
    Column("severity", "text", False, "error, warning or notice"),
    Column("state", "text", False, "found, or unknown: it cannot be told, or not of all pages, and `evidence` says why"),
    Column("url", "text", True, "the page or address at fault; absent when it cannot be told"),
    Column("evidence", "text", False, "what was seen, in a sentence"),
    Column("other", "text", True, "the other address that it has to do with: a page that links there, a twin, a target"),
    Column("pages", "integer", False, "how many pages it touches: 1, or as many as link to a faulty address"),
)


class Finding(NamedTuple):
    """One thing that a rule noticed: a row of AUDIT."""

    rule: str
    severity: Severity
    state: State
    url: str | None
    evidence: str
    other: str | None
    pages: int
