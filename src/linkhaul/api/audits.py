"""The audit of a run, as Python sees it: a table of findings, with what came of each rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from linkhaul.api.tables import Table
from linkhaul.decide.audit.rule import Rule, Summary
from linkhaul.errors import SettingError
from linkhaul.model.audit import AUDIT, SEVERITIES, Finding


class AuditResult(Table[Finding]):
    """What an audit found: a row for each finding, worst first; then one for each rule that could not tell, with state "unknown".

    It is worked out when something is first asked of it, and kept beside the run file in temporary tables while it lives.

    Attributes:
        hold: what keeps the run file there and open, see `linkhaul.api.questions.Questions`.
    """

    def __init__(self, audit: Any) -> None:
        self._audit = audit
        self.hold: object = None
        super().__init__("audit", AUDIT, audit.findings, lambda: None)

    def __iter__(self) -> Iterator[Finding]:
        yield from super().__iter__()  # whoever walks holds this value, and with it what keeps the run file

    @property
    def summaries(self) -> list[Summary]:
        """What came of each rule: how many findings on how many pages, the first of them, and why it could not tell, if it could not."""
        found: list[Summary] = self._audit.summaries
        return found

    @property
    def unknown(self) -> dict[str, str]:
        """Why rules could not tell, or could not tell all, by their ids."""
        return {summary.rule.id: summary.unknown for summary in self.summaries if summary.unknown is not None}

    @property
    def pages(self) -> tuple[int, int]:
        """How many pages were read, and of how many there are facts."""
        pages, with_facts = self._audit.pages
        return pages, with_facts

    def of(self, rule: str) -> list[Finding]:
        """Return the findings of one rule."""
        return [finding for finding in self if finding.rule == rule and finding.state == "found"]

    def has_failed(self, on: str | Iterable[str]) -> bool:
        """Return whether there are findings that are failed on.

        Args:
            on: severities (each with the worse ones) and ids of rules; a text may hold several with commas.

        Raises:
            SettingError: there is no such severity or rule.
        """
        from linkhaul.insight.audit.audit import is_failed

        return is_failed(self._audit, wanted(on))

    def _repr_html_(self) -> str:
        return f"<p>{', '.join(counted(self.summaries)) or 'nothing was found'}</p>{super()._repr_html_()}"


def audit_of(path: Path, rules: str | Iterable[str] = (), severity: str | None = None) -> AuditResult:
    """Return the audit of a run file; nothing is read yet.

    Raises:
        SettingError: there is no such rule or severity.
    """
    from linkhaul.insight.audit.audit import Audit
    from linkhaul.insight.audit.rules import chosen

    worst = next((each for each in SEVERITIES if each == severity), None)
    if severity is not None and worst is None:
        raise SettingError(f"there is no severity '{severity}'; there are {', '.join(SEVERITIES)}")
    return AuditResult(Audit(path, chosen(_words(rules), worst)))


def every_rule() -> tuple[Rule, ...]:
    """Return all rules there are, the worst first."""
    from linkhaul.insight.audit.rules import RULES

    return RULES


def wanted(on: str | Iterable[str]) -> set[str]:
    """Return the severities and ids of rules that are meant.

    Raises:
        SettingError: there is no such severity or rule.
    """
    from linkhaul.insight.audit.rules import matching

    found: set[str] = set()
    for word in _words(on):
        found.update([word] if word in SEVERITIES else () if word == "none" else matching(word))
    return found


def counted(summaries: Iterable[Summary]) -> Iterator[str]:
    """Yield how many rules of each severity found something, as "3 errors"."""
    broken = [summary.rule.severity for summary in summaries if summary.count]
    for severity in SEVERITIES:
        if count := broken.count(severity):
            yield f"{count} {severity}{'' if count == 1 else 's'}"


def _words(words: str | Iterable[str]) -> list[str]:
    listed = [words] if isinstance(words, str) else list(words)
    return [word.strip() for text in listed for word in text.split(",") if word.strip()]
