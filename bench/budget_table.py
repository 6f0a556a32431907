"""The budget of CPU by stage, beside what the first design aimed at."""

from __future__ import annotations

from bench.figures import Figures

STAGES = ("fetch", "parse", "links and survey", "resolve", "decide", "store", "write CSV")
SETS = {"manual": "Documentation pages", "generated": "Pages of 200 KB"}
PLANNED_PAGE_US = {"manual": {"fetch": 110, "parse": 70}, "generated": {"fetch": 110, "parse": 650}}
PLANNED_LINK_US = {"links and survey": 0.7, "resolve": 1.6, "store": 1.0, "write CSV": 2.3}
"""The first plan's budget: a page's fetching and parsing, and per link its attributes and text, its resolving, its row in SQLite and its line of CSV."""
PROTOTYPE_US = {"manual": 450, "generated": 2950}
"""What a bare prototype of the whole way took then."""


def planned(name: str, links: float) -> dict[str, float]:
    """Return the first plan's µs a page by stage, for a page set whose pages have so many links."""
    return PLANNED_PAGE_US[name] | {stage: each * links for stage, each in PLANNED_LINK_US.items()}


def measured(budget: Figures) -> dict[str, float]:
    """Return µs a page by stage, then what the engine takes beside them."""
    stages = {stage: float(budget["stages_us"][stage][0]) for stage in STAGES}
    return stages | {"engine and the rest": float(budget["stages_us"]["whole"][0]) - sum(stages.values())}


def budget_tables(line: Figures | None) -> str:
    """Return a table for each page set that was measured; empty when none was."""
    if line is None:
        return ""
    parts = ["One round, one process.\n" if line["rounds"] == 1 else f"Medians of {line['rounds']} rounds, one process.\n"]
    for name, title in SETS.items():
        if name in line["sets"]:
            parts.append(_table(title, name, line["sets"][name]))
    return "\n".join(parts)


def _table(title: str, name: str, budget: Figures) -> str:
    links, whole = budget["page_links"], budget["stages_us"]["whole"][0]
    plan, found = planned(name, links), measured(budget)
    stages = [(stage, found[stage], plan.get(stage)) for stage in STAGES]
    total, aimed = sum(found[stage] for stage in STAGES), sum(plan.values())
    rows = [*stages, ("sum", total, aimed), ("engine and the rest", whole - total, None), ("whole", whole, PROTOTYPE_US[name])]
    lines = [
        f"| {stage} | {each:,.0f} | {each / links:,.2f} | {each / whole:.0%} | {f'{aim:,.0f}' if aim else ''} |"
        for stage, each, aim in rows
    ]
    heads = "| stage | µs/page | µs/link | of the whole | aimed at, µs/page |\n| --- | --- | --- | --- | --- |\n"
    told = f"**{title}**: {budget['page_bytes'] / 1000:,.0f} KB and {links:,.0f} links each"
    read = sum(found[stage] for stage in STAGES[1:])
    after = f"From bytes to rows: {read:,.0f} µs a page, {read / found['parse']:.1f} times parsing alone."
    return f"{told}\n\n{heads}{chr(10).join(lines)}\n\n{after}\n"
