"""Plots of docs/performance.md as SVG files: bars, with their figures beside them, in light and dark.

They hold no script and no reference, and the same figures give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from bench.aims import Aim, aims, contestants
from bench.budget_table import SETS, STAGES, measured, planned
from bench.figures import Figures

STYLE = """  <style>
    text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
    .small { font-size: 12px; fill: #59636e }
    .name { font-weight: 600 }
    .own { fill: #0969da } .other { fill: #818b98 } .kept { fill: #1a7f37 } .missed { fill: #cf222e }
    .line { stroke: #59636e; stroke-dasharray: 3 3 }
    .s0 { fill: #0969da } .s1 { fill: #8250df } .s2 { fill: #1a7f37 } .s3 { fill: #bf8700 } .s4 { fill: #cf222e } .s5 { fill: #1b7c83 }
    .s6 { fill: #bc4c00 } .s7 { fill: #818b98 }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .small { fill: #9198a1 }
      .own { fill: #4493f8 } .other { fill: #656c76 } .kept { fill: #3fb950 } .missed { fill: #f85149 }
      .line { stroke: #9198a1 }
      .s0 { fill: #4493f8 } .s1 { fill: #ab7df8 } .s2 { fill: #3fb950 } .s3 { fill: #d29922 } .s4 { fill: #f85149 } .s5 { fill: #39c5cf }
      .s6 { fill: #db6d28 } .s7 { fill: #656c76 }
    }
  </style>
"""
WIDTH = 760
LINE = 22
TITLE = 30
LABEL = {"bars": 180, "aims": 350, "budget": 200}
SHORT = {"linkhaul": "linkhaul", "linkhaul-2": "linkhaul, two", "first-script": "the first script", "wget2-spider": "wget2 --spider"}
MOST_SHARE = 2.0
"""Aims that are reached more than so often end at the edge."""


class Bar(NamedTuple):
    """One bar: what it is of, how long it is, and whether it is ours."""

    label: str
    size: float
    is_own: bool


def plots(figures: Mapping[str, Figures]) -> dict[str, str]:
    """Return the SVG of each plot by its name; one whose figures are missing is empty of bars."""
    return {
        "aims": _aims_plot([aim for aim in aims(figures) if aim.found is not None]),
        "list": _compared_plot("A list of documentation pages", figures.get("list")),
        "large": _compared_plot("A list of pages of 200 KB", figures.get("large")),
        "budget": _budget_plot(figures.get("budget")),
    }


def _compared_plot(title: str, line: Figures | None) -> str:
    who = contestants(line)
    panels: list[tuple[str, list[Bar]]] = []
    if line and who:
        keys = (("CPU, µs a page", "cpu_us"), ("time, s", "wall_s"), ("memory of all processes, MB", "sum_mb"))
        for words, key in keys:
            bars = [Bar(SHORT.get(name, name), each[key][0], name.startswith("linkhaul")) for name, each in who.items()]
            if key == "cpu_us" and "parsing_us" in line:
                bars.append(Bar("parsing alone", line["parsing_us"][0], is_own=False))
            panels.append((words, bars))
    parts, top = [], TITLE
    for words, bars in panels:
        parts.append(f'<text class="name" x="{LABEL["bars"]}" y="{top + 14}">{escape(words)}</text>')
        parts += _bars(bars, top + LINE)
        top += LINE * (len(bars) + 1) + 10
    return _svg(top, title, "; ".join(f"{words}: {_told(bars)}" for words, bars in panels), parts)


def _bars(bars: Sequence[Bar], top: float) -> list[str]:
    left, room = LABEL["bars"], WIDTH - LABEL["bars"] - 90
    most = max((bar.size for bar in bars), default=0) or 1
    return [
        f'<text x="{left - 10}" y="{top + n * LINE + 14}" text-anchor="end">{escape(bar.label)}</text>'
        f'<rect class="{"own" if bar.is_own else "other"}" x="{left}" y="{top + n * LINE + 3}" width="{room * bar.size / most:.1f}" height="15" rx="2"/>'
        f'<text class="small" x="{left + room * bar.size / most + 8:.1f}" y="{top + n * LINE + 14}">{_figure(bar.size)}</text>'
        for n, bar in enumerate(bars)
    ]


def _aims_plot(found: Sequence[Aim]) -> str:
    left, room = LABEL["aims"], WIDTH - LABEL["aims"] - 80
    parts = []
    for n, aim in enumerate(found):
        top, width = TITLE + n * LINE, room * min(aim.share, MOST_SHARE) / MOST_SHARE
        words = f"{aim.line}: {aim.brief or aim.what}".replace("`", "")
        parts.append(
            f'<text class="small" x="{left - 10}" y="{top + 14}" text-anchor="end">{escape(words)}</text>'
            f'<rect class="{"kept" if aim.is_kept else "missed"}" x="{left}" y="{top + 3}" width="{width:.1f}" height="15" rx="2"/>'
            f'<text class="small" x="{WIDTH - 20}" y="{top + 14}" text-anchor="end">{aim.share:.2f}</text>'
        )
    height = TITLE + len(found) * LINE
    at = left + room / MOST_SHARE
    parts.append(f'<path class="line" d="M{at:.1f} {TITLE - 4}V{height + 2}"/>')
    told = "; ".join(f"{aim.line}: {aim.what} {aim.share:.2f}" for aim in found)
    return _svg(height + 8, "How often each aim is reached: 1, the broken line, is just so, and more is better", told, parts)


def _budget_plot(line: Figures | None) -> str:
    stages = (*STAGES, "engine and the rest")
    parts, told, top = [], [], TITLE
    for name, title in SETS.items():
        if line is None or name not in line["sets"]:
            continue
        budget = line["sets"][name]
        rows = {"measured": measured(budget), "aimed at first": planned(name, budget["page_links"])}
        parts.append(f'<text class="name" x="10" y="{top + 14}">{escape(title)}, µs a page</text>')
        most = max(sum(max(each, 0.0) for each in row.values()) for row in rows.values())
        for n, (words, row) in enumerate(rows.items()):
            parts += _stacked(words, [row.get(stage, 0.0) for stage in stages], top + LINE * (n + 1), most)
        told.append(f"{title}: {', '.join(f'{stage} {each:,.0f}' for stage, each in rows['measured'].items())}")
        top += LINE * 3 + 8
    for n, stage in enumerate(stages):
        x, y = 10 + n % 4 * 185, top + n // 4 * LINE
        parts.append(
            f'<rect class="s{n}" x="{x}" y="{y + 3}" width="14" height="14" rx="2"/><text class="small" x="{x + 20}" y="{y + 14}">{stage}</text>'
        )
    return _svg(top + 2 * LINE + 8, "CPU of each stage of a page's way", "; ".join(told), parts)


def _stacked(words: str, sizes: Sequence[float], top: float, most: float) -> list[str]:
    left, room = LABEL["budget"], WIDTH - LABEL["budget"] - 70
    parts, x = [f'<text class="small" x="{left - 10}" y="{top + 14}" text-anchor="end">{words}</text>'], float(left)
    for n, size in enumerate(sizes):
        width = room * max(size, 0.0) / most
        if width >= 0.1:
            parts.append(f'<rect class="s{n}" x="{x:.1f}" y="{top + 2}" width="{width:.1f}" height="17"/>')
        x += width
    return [*parts, f'<text class="small" x="{x + 8:.1f}" y="{top + 14}">{_figure(sum(sizes))}</text>']


def _told(bars: Sequence[Bar]) -> str:
    return ", ".join(f"{bar.label} {_figure(bar.size)}" for bar in bars)


def _figure(size: float) -> str:
    return f"{size:,.0f}" if size >= 100 else f"{size:,.3g}"


def _svg(height: float, title: str, told: str, parts: Sequence[str]) -> str:
    inside = "\n  ".join([f'<text class="name" x="10" y="18">{escape(title)}</text>', *parts])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}" role="img" aria-labelledby="t d">\n'
        f'  <title id="t">{escape(title)}</title>\n  <desc id="d">{escape(told)}</desc>\n{STYLE}  {inside}\n</svg>\n'
    )
