"""An audit in words: for a terminal, as Markdown, as JSON; and the list of rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from linkhaul.api.audits import AuditResult, counted, every_rule
from linkhaul.cli.clean import clean, shortened
from linkhaul.decide.audit.rule import Rule, Summary

URL_SHOWN, EVIDENCE_SHOWN = 160, 200


def rule_lines() -> Iterator[str]:
    """Yield a line for each rule: severity, id and what is wrong."""
    for rule in every_rule():
        yield f"{rule.severity:<8} {rule.id:<32} {rule.what}"


def text(found: AuditResult, name: str) -> Iterator[str]:
    """Yield the audit for a person: each rule that found something with its first findings and how to mend it; then what cannot be told."""
    yield _pages(found, name)
    for summary in found.summaries:
        if not summary.count:
            continue
        rule = summary.rule
        yield ""
        yield f"{rule.severity}  {rule.id}: {rule.what} ({_extent(summary)})"
        for finding in summary.examples:
            yield f"    {shortened(finding.url or '', URL_SHOWN)}"
            yield f"        {shortened(finding.evidence, EVIDENCE_SHOWN)}{_other(rule, finding.other)}"
        if summary.count > len(summary.examples):
            yield f"    and {summary.count - len(summary.examples):,} more"
        yield f"    To mend: {rule.mend}"
    unknown = list(_unknown(found))
    if unknown:
        yield ""
        yield from (f"cannot tell  {', '.join(ids)}: {why}" for why, ids in unknown)
    yield ""
    yield _summary(found)


def markdown(found: AuditResult, name: str) -> Iterator[str]:
    """Yield the audit as a Markdown document."""
    yield f"# Audit of {_plain(name)}"
    yield ""
    yield f"{_plain(_pages(found, name))}. {_summary(found)}."
    broken = [summary for summary in found.summaries if summary.count]
    if broken:
        yield ""
        yield "| severity | rule | what | findings | pages |"
        yield "| --- | --- | --- | ---: | ---: |"
        yield from (f"| {s.rule.severity} | {s.rule.id} | {_plain(s.rule.what)} | {s.count:,} | {s.pages:,} |" for s in broken)
    for summary in broken:
        rule = summary.rule
        yield ""
        yield f"## {rule.id}"
        yield ""
        yield f"{_plain(rule.what)}: {_extent(summary)}. {_plain(rule.why)} ([{rule.source[0]}]({rule.source[1]}))"
        yield ""
        yield from (
            f"* {_plain(finding.url or '')}: {_plain(finding.evidence)}{_plain(_other(rule, finding.other))}"
            for finding in summary.examples
        )
        if summary.count > len(summary.examples):
            yield f"* and {summary.count - len(summary.examples):,} more"
        yield ""
        yield f"**To mend:** {_plain(rule.mend)}"
    unknown = list(_unknown(found))
    if unknown:
        yield ""
        yield "## Cannot tell"
        yield ""
        yield from (f"* {', '.join(ids)}: {_plain(why)}" for why, ids in unknown)


def json_lines(found: AuditResult, name: str) -> Iterator[str]:
    """Yield the lines of one JSON object: `rules`, what came of each, and `findings`, every one."""
    pages, with_facts = found.pages
    rules = [_described(summary) for summary in found.summaries]
    head = {"run": name, "pages": pages, "pages_with_facts": with_facts, "rules": rules}
    yield f"{json.dumps(head, indent=2)[:-2]},"
    yield '  "findings": ['
    before = None
    for finding in found:
        if before is not None:
            yield f"    {before},"
        before = json.dumps(finding._asdict())
    if before is not None:
        yield f"    {before}"
    yield "  ]"
    yield "}"


def _described(summary: Summary) -> dict[str, Any]:
    rule = summary.rule
    return {
        "id": rule.id, "severity": rule.severity, "what": rule.what, "why": rule.why, "source": rule.source[1], "mend": rule.mend,
        "findings": summary.count, "pages": summary.pages, "unknown": summary.unknown,
    }  # fmt: skip


def _pages(found: AuditResult, name: str) -> str:
    pages, with_facts = found.pages
    facts = "" if pages == with_facts else ", none with facts" if not with_facts else f", {with_facts:,} with facts"
    return f"{name}: {pages:,} page{'' if pages == 1 else 's'} read{facts}"


def _extent(summary: Summary) -> str:
    pages = f"{summary.pages:,} page{'' if summary.pages == 1 else 's'}"
    return pages if summary.pages == summary.count else f"{summary.count:,} address{'' if summary.count == 1 else 'es'}, {pages}"


def _other(rule: Rule, other: str | None) -> str:
    return f"; {rule.other + ': ' if rule.other else ''}{shortened(other, URL_SHOWN)}" if other else ""


def _unknown(found: AuditResult) -> Iterator[tuple[str, list[str]]]:
    """Yield why things cannot be told, each with the ids of its rules."""
    by_why: dict[str, list[str]] = {}
    for id, why in found.unknown.items():
        by_why.setdefault(why, []).append(id)
    for why, ids in by_why.items():
        yield why, ids if len(ids) <= 8 else [*ids[:7], f"and {len(ids) - 7} more rules"]


def _summary(found: AuditResult) -> str:
    broken = ", ".join(counted(found.summaries))
    unknown = len(found.unknown)
    less = f"; {unknown} rule{'' if unknown == 1 else 's'} cannot tell" if unknown else ""
    return f"{broken or 'nothing was found'}, of {len(found.summaries)} rules{less}"


def _plain(text: str) -> str:
    """Return text that is no markup: nothing a page says becomes a link, an element or a table's border."""
    escaped = clean(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`").replace("[", "\\[")
    return escaped.replace("*", "\\*").replace("_", "\\_")
