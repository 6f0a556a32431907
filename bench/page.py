"""The blocks of docs/performance.md that are made from the figures: tables, and what machine and versions they are of.

A block stands between ``<!-- made by python -m bench report: NAME -->`` and ``<!-- end of NAME -->``; what is outside is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.aims import Aim, aims, contestants
from bench.budget_table import budget_tables
from bench.figures import Figures
from bench.plots import plots

BLOCK = re.compile(
    r"(?P<begin><!-- made by python -m bench report: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end of (?P=name) -->)", re.DOTALL
)
PAGE = "performance.md"
IMAGES = "img"
NOT_YET = "*Not measured yet.*\n"
NAMES = {
    "linkhaul": "linkhaul, one process", "linkhaul-2": "linkhaul, two processes", "lychee": "lychee", "scrapy": "Scrapy",
    "linkhaul-default": "linkhaul, as it comes", "linkhaul-at-once": "linkhaul, no wait before a second try", "lychee-of-files": "lychee, handed the files", "first-script": "the first script", "wget2-spider": "wget2 --spider", "wget2": "wget2",
}  # fmt: skip
TITLES = {
    "list": "documentation pages", "large": "pages of 200 KB", "crawl": "a whole site", "workers": "1,000 hosts", "million": "1,000,000 pages", "deadhosts": "slow hosts",
    "folder": "a folder", "start": "start", "schedule": "the scheduler", "budget": "the budget", "slow": "the slow peers",
    "check": "checking a site", "check-wide": "checking five sites", "check-far": "checking a site 10 ms away",
}  # fmt: skip


def made(docs: Path, figures: Mapping[str, Figures]) -> dict[Path, str]:
    """Return the page and its plots as they should be, by file.

    Raises:
        ValueError: the page lacks a block, or has one that nobody makes.
    """
    blocks = _blocks(figures)
    file = docs / PAGE
    text = file.read_text(encoding="utf-8")
    found = [match["name"] for match in BLOCK.finditer(text)]
    if sorted(found) != sorted(blocks):
        raise ValueError(f"{file} should hold each of these blocks once: {', '.join(sorted(blocks))}; it holds {', '.join(sorted(found))}")
    pictures = {docs / IMAGES / f"performance-{name}.svg": svg for name, svg in plots(figures).items()}
    return {file: BLOCK.sub(lambda match: f"{match['begin']}{blocks[match['name']]}{match['end']}", text)} | pictures


def _blocks(figures: Mapping[str, Figures]) -> dict[str, str]:
    compared = {name: _compared(figures.get(name)) for name in ("list", "large", "crawl", "folder", "workers", "slow")}
    if "million" in figures:
        compared["workers"] += f"\n{_compared(figures['million'])}"
    checked = {name: _checked(figures.get(name)) for name in ("check", "check-wide", "check-far")}
    return (
        compared
        | checked
        | {
            "aims": _aims(aims(figures)),
            "machine": _machine(figures),
            "deadhosts": _deadhosts(figures.get("deadhosts")),
            "schedule": _schedule(figures.get("schedule")),
            "start": _start(figures.get("start")),
            "budget": budget_tables(figures.get("budget")) or NOT_YET,
            "peers": _peers(figures),
        }
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    return "".join(f"| {' | '.join(line)} |\n" for line in (heads, ["---"] * len(heads), *rows))


def _aims(found: Sequence[Aim]) -> str:
    rows = []
    for aim in found:
        target = f"at {'least' if aim.is_least else 'most'} {aim.target:.3g}{aim.unit}"
        measured = "not measured yet" if aim.found is None else f"{aim.found:.3g}{aim.unit}" + (f" ({aim.remark})" if aim.remark else "")
        verdict = "" if aim.found is None else "reached" if aim.is_kept else "**not reached**"
        rows.append((TITLES[aim.line], aim.what, target, measured, verdict))
    return table(("work", "what is compared", "aim", "measured", ""), rows)


def _machine(figures: Mapping[str, Figures]) -> str:
    lines: dict[str, list[str]] = {}
    for name, line in figures.items():
        machine = line["machine"]
        words = f"{machine['cores']} cores of an {machine['cpu'] or 'unknown processor'}, {machine['system']}, Python {machine['python']}"
        lines.setdefault(f"{words}, {line['at'][:10]}", []).append(name)
    if not lines:
        return NOT_YET
    loads = [line["load"] for line in figures.values()]
    shown = [words if len(lines) == 1 else f"{words}: {', '.join(TITLES[name] for name in names)}" for words, names in lines.items()]
    return f"{'; '.join(shown)}. The load of the machine at the end of each line was {min(loads):g} to {max(loads):g}, its own work included.\n"


def _compared(line: Figures | None) -> str:
    """Return the table of a line in which contestants ran by turns."""
    who = contestants(line)
    if line is None or not who:
        return NOT_YET
    pages = line["pages"]
    has_requests = any(each.get("requests") for each in who.values())
    heads = [
        "",
        "wall s",
        "pages/s",
        "CPU µs/page",
        "largest process MB",
        "all processes MB",
        *(["requests"] if has_requests else []),
        "rows",
    ]
    rows = [
        [
            NAMES.get(name, name), _span(each["wall_s"]), f"{pages / each['wall_s'][0]:,.0f}", _span(each["cpu_us"]), f"{each['peak_mb'][0]:,.0f}",
            f"{each['sum_mb'][0]:,.0f}", *([_count(each.get("requests"))] if has_requests else []), _count(each.get("rows")),
        ]
        for name, each in who.items()
    ]  # fmt: skip
    if "parsing_us" in line:
        rows.append(["parsing alone", "", "", _span(line["parsing_us"]), *[""] * (len(heads) - 4)])
    told = f"{pages:,} pages, {_rounds(line)}."
    if "page_bytes" in line:
        told += f" A page has {line['page_bytes'] / 1000:,.0f} KB and {line['page_links']:,.0f} links."
    if "server_us" in line:
        told += f" The server took {line['server_us'][0]:,.0f} µs of CPU a page, on the same cores."
    return f"{told}\n\n{table(heads, rows)}{_remarks(line)}"


def _checked(line: Figures | None) -> str:
    """Return the table of a line in which links were checked; there linkhaul has as many processes as it comes with."""
    who = contestants(line)
    if line is None or not who:
        return NOT_YET
    rows = [
        [
            name if name == "linkhaul" else NAMES.get(name, name), _span(each["wall_s"]), _span(each["cpu_us"]), f"{each['sum_mb'][0]:,.0f}",
            f"{each['requests'] / line['targets']:.2f}", _count(each["missed"]), _count(each["false"]),
        ]
        for name, each in who.items()
    ]  # fmt: skip
    heads = ("", "wall s", "CPU µs/page", "all processes MB", "requests a target", "missed", "falsely called broken")
    return f"{line['pages']:,} pages, {line['targets']:,} targets, {_rounds(line)}.\n\n{table(heads, rows)}"


def _remarks(line: Figures) -> str:
    said = []
    for each in line["who"]:
        name = NAMES.get(each["name"], each["name"])
        if each.get("missing"):
            said.append(f"{name} misses {each['missing']:,} pairs (page, link)")
        if each.get("extra"):
            said.append(f"{name} writes {each['extra']:,} pairs (page, link) that are of no `a` or `area`")
        if "trouble" in each:
            said.append(f"{name} could not be run")
    return f"\n{'; '.join(said)}.\n" if said else ""


def _deadhosts(line: Figures | None) -> str:
    if line is None:
        return NOT_YET
    rows = [
        (f"{run['in_flight']:,}", str(run["dead"]), f"{run['limit']:,.0f}", _span(run["requests_s"]), f"{run['requests_s'][0] / run['limit']:.2f}",
         _span(run["pages_s"]), _span(run["cpu_us"]))
        for run in line["runs"]
    ]  # fmt: skip
    told = f"{line['hosts']:,} hosts, {line['latency_s'] * 1000:.0f} ms each, {line['per_host']} at once a host; {_rounds(line)}."
    heads = ("in flight", "dead hosts", "requests/s the latency allows", "requests/s", "part", "pages/s", "CPU µs/page")
    return f"{told}\n\n{table(heads, rows)}"


def _schedule(line: Figures | None) -> str:
    if line is None:
        return NOT_YET
    rows = [(f"{int(active):,}", _span(each)) for active, each in line["each_us"].items()]
    told = f"{line['known']:,} hosts known, each active one asked once a second; {_rounds(line)}."
    return f"{told}\n\n{table(('active hosts', 'CPU µs of the scheduler a request'), rows)}"


def _start(line: Figures | None) -> str:
    if line is None:
        return NOT_YET
    rows = [(name, _span(walls)) for name, walls in line["walls_s"].items()]
    return f"{_rounds(line).capitalize()}.\n\n{table(('', 'seconds'), rows)}"


def _peers(figures: Mapping[str, Figures]) -> str:
    seen: dict[tuple[str, str], str] = {}
    for name in ("list", "large", "crawl", "slow", "folder", "workers", "check", "check-wide", "check-far"):
        for each in figures.get(name, {}).get("who", ()):
            if each["command"]:
                seen.setdefault((each["version"], each["command"].replace("|", "\\|")), TITLES[name])
    rows = [(where, version, f"`{command}`") for (version, command), where in seen.items()]
    return table(("work", "version", "command"), rows) if rows else NOT_YET


def _rounds(line: Figures) -> str:
    return "one round" if line["rounds"] == 1 else f"medians of {line['rounds']} rounds (smallest-largest)"


def _span(figures: Sequence[float]) -> str:
    middle, least, most = (f"{each:,.0f}" if each >= 100 else f"{each:,.3g}" for each in figures)
    return middle if least == middle == most else f"{middle} ({least}-{most})"


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
