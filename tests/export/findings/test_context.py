"""How much a finding matters under which rules."""

from __future__ import annotations

import pytest

from linkhaul.export.findings.context import Level, Rules, level_of
from linkhaul.model.check import Checked, Verdict, VerdictName

USUAL = Rules()


def finding(name: VerdictName, *, is_known: bool = False) -> Checked:
    """Return a finding with this verdict."""
    return Checked("https://a.example/", Verdict(name, "x", "x"), (), is_known=is_known)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("ok", "fine"), ("redirected", "warning"), ("broken", "failure"), ("soft-404", "failure"), ("blocked", "warning"), ("rate-limited", "warning"),
        ("needs-login", "warning"), ("unreachable", "warning"), ("unverifiable", "warning"), ("not-checked", "unasked"),
    ],
)  # fmt: skip
def test_what_fails_by_default(name: VerdictName, level: Level) -> None:
    """Broken and soft-404 fail; what could not be judged is a warning: never broken, never hidden; what was not asked is only counted."""
    assert level_of(finding(name), USUAL) == level


@pytest.mark.parametrize(("redirects", "level"), [("allow", "fine"), ("warn", "warning"), ("fail", "failure")])
def test_the_redirect_policy_decides(redirects: str, level: Level) -> None:
    """--redirects says what a redirected link counts as."""
    assert level_of(finding("redirected"), Rules(redirects=redirects)) == level  # type: ignore[arg-type]


def test_fail_on_decides_alone() -> None:
    """What --fail-on does not name does not fail, and what it names does, be it what it may."""
    rules = Rules(frozenset({"blocked", "not-checked"}))
    assert [level_of(finding(name), rules) for name in ("broken", "blocked", "not-checked")] == ["warning", "failure", "failure"]


def test_what_is_known_does_not_fail() -> None:
    """A problem of the baseline is shown as known, whether it would fail or only warn."""
    assert level_of(finding("broken", is_known=True), USUAL) == "known"
    assert level_of(finding("blocked", is_known=True), USUAL) == "known"
    assert level_of(finding("ok", is_known=True), USUAL) == "fine"
