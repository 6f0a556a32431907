"""All page rules, and one page judged by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linkhaul.decide.audit import addresses, markup, texts, transport
from linkhaul.decide.audit.rule import WHERES, Examined, Rule

PAGE_RULES: tuple[Rule, ...] = (*texts.RULES, *addresses.RULES, *markup.RULES, *transport.RULES)


def judged(page: Examined, rules: Sequence[Rule]) -> Iterator[tuple[Rule, str]]:
    """Yield which of some page rules a page breaks, each with its evidence."""
    holds = {name: where.holds(page) for name, where in WHERES.items()}
    for rule in rules:
        if holds[rule.where] and rule.look is not None and (evidence := rule.look(page)) is not None:
            yield rule, evidence
