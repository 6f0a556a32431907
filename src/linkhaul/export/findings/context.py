"""What a telling of findings needs to know besides the findings: whose, when, and what counts as a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from msgspec import Struct

from linkhaul.model.check import Checked

Level = Literal["failure", "warning", "known", "fine", "unasked"]
"""How much a finding matters.

* failure: the check fails by it.
* warning: somebody should look at it: a problem that the rules do not fail on, or a link that could not be judged.
* known: it would be a failure, and stands in the baseline.
* fine: there is nothing to do.
* unasked: it was not asked for; the coverage counts it.
"""


class Rules(Struct, frozen=True):
    """What counts as a failure.

    Attributes:
        fail_on: names of verdicts.
        redirects: what a link counts as that is redirected: "allow" (fine), "warn" or "fail".
    """

    fail_on: frozenset[str] = frozenset({"broken", "soft-404"})
    redirects: Literal["allow", "warn", "fail"] = "warn"


class Context(Struct, frozen=True):
    """What a telling needs besides the findings.

    Attributes:
        title: what was checked, as the person named it.
        started: when, UTC, ISO 8601.
        version: of linkhaul.
        root: files below this folder are named relative to it; an absolute path.
        is_terminal: the stream takes colours and hyperlinks; only the telling for people asks.
    """

    title: str
    started: str
    rules: Rules
    version: str
    root: Path
    is_terminal: bool = False


def level_of(checked: Checked, rules: Rules) -> Level:
    """Return how much a finding matters under these rules."""
    name = checked.verdict.name
    if name in rules.fail_on or (name == "redirected" and rules.redirects == "fail"):
        return "known" if checked.is_known else "failure"
    if name == "not-checked":
        return "unasked"
    if name == "ok" or (name == "redirected" and rules.redirects == "allow"):
        return "fine"
    return "known" if checked.is_known else "warning"
