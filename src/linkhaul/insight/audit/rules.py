"""Every rule of the audit, and the choice of some of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from fnmatch import fnmatchcase

from linkhaul.decide.audit.pages import PAGE_RULES
from linkhaul.decide.audit.rule import Rule
from linkhaul.errors import SettingError
from linkhaul.insight.audit import duplicates, links, sitewide
from linkhaul.model.audit import SEVERITIES, Severity

RULES: tuple[Rule, ...] = tuple(
    sorted((*PAGE_RULES, *links.RULES, *sitewide.RULES, *duplicates.RULES), key=lambda rule: (SEVERITIES.index(rule.severity), rule.id))
)
"""The worst first, then by id."""
BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}


def chosen(names: Iterable[str] = (), severity: Severity | None = None) -> tuple[Rule, ...]:
    """Return the rules that are asked for.

    Args:
        names: ids; `canonical-*` names all that begin so, and one with a hyphen in front is left out. All rules when only such are named.
        severity: only these and worse ones.

    Raises:
        SettingError: there is no such rule; the nearest is named.
    """
    wanted = [name.strip() for name in names if name.strip()]
    inside = [name for name in wanted if not name.startswith("-")]
    outside = [name[1:] for name in wanted if name.startswith("-")]
    taken = {id for name in inside for id in matching(name)} if inside else set(BY_ID)
    taken -= {id for name in outside for id in matching(name)}
    worst = SEVERITIES if severity is None else SEVERITIES[: SEVERITIES.index(severity) + 1]
    return tuple(rule for rule in RULES if rule.id in taken and rule.severity in worst)


def matching(name: str) -> list[str]:
    """Return the ids that a name stands for.

    Raises:
        SettingError: none.
    """
    found = [id for id in BY_ID if fnmatchcase(id, name)]
    if not found:
        near = difflib.get_close_matches(name, BY_ID, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise SettingError(f"there is no rule '{name}'{hint} 'linkhaul audit --list' lists them")
    return found
