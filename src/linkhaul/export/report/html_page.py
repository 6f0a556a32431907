"""A report as one HTML file: readable from disk without a network or a script, in the dark, on a phone, on paper and by a screen reader.

The policy in the head lets nothing be loaded and nothing run but the page's own style and script, which it names by their digests. The
script only adds to what is there: sorting and filtering.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TextIO

from linkhaul.export.clean import clean, shortened
from linkhaul.export.html_head import html_head
from linkhaul.export.report.marks import heading, link, number, plain, text, tone
from linkhaul.export.report.page_style import SCRIPT, STYLE
from linkhaul.export.report.plots import picture_svg, plot_svg
from linkhaul.model.columns import Column, Value
from linkhaul.model.report import Grid, Health, Part, Report

FILTER_FROM = 9
"""Rows from which a table is worth filtering."""
WORDS = {"good": "Good", "look": "Worth a look", "bad": "Needs repair", "unknown": "Cannot tell"}


def write(report: Report, stream: TextIO) -> None:
    """Write the page."""
    stream.write(_head(report.title))
    stream.writelines(_opening(report))
    for part in report.parts:
        stream.writelines(_part(part))
    told = "".join(f"<div><dt>{escape(word)}</dt><dd>{text(said)}</dd></div>" for word, said in report.about)
    stream.write(f'</main>\n<footer><h2 id="about">About this report</h2><dl class="about">{told}</dl></footer>\n')
    stream.write(f"<script>{SCRIPT}</script>\n</body>\n</html>\n")


def _head(title: str) -> str:
    head = html_head(f"Report on {escape(shortened(clean(title), 200))}", STYLE, SCRIPT)
    return f'{head}<header><p class="kind">Report</p><h1>{text(title, 300)}</h1></header>\n'


def _opening(report: Report) -> Iterator[str]:
    """Yield what stands first: the parts to jump to, and whether the site is healthy."""
    entries = "".join(f'<li><a href="#{part.anchor}">{escape(part.title)}</a></li>' for part in report.parts)
    yield f'<nav aria-label="Parts"><ul>{entries}</ul></nav>\n<main>\n'
    yield from _health(report.health)


def _health(health: Health) -> Iterator[str]:
    yield f'<section aria-labelledby="health" class="health {health.level}">\n<h2 id="health">Is the site healthy?</h2>\n'
    yield f'<p class="verdict"><span class="badge">{WORDS[health.level]}</span> {escape(health.sentence)}</p>\n'
    yield "".join(f"<p>{escape(note)}</p>\n" for note in health.notes)
    tiles = "".join(
        f"<div><dt>{escape(each.label)}</dt><dd><b>{escape(each.value)}</b>{f'<small>{escape(each.note)}</small>' if each.note else ''}</dd></div>"
        for each in health.numbers
    )
    yield f'<dl class="numbers">{tiles}</dl>\n</section>\n'


def _part(part: Part) -> Iterator[str]:
    yield f'<section aria-labelledby="{part.anchor}">\n<h2 id="{part.anchor}">{escape(part.title)}</h2>\n'
    yield "".join(f"<p>{text(sentence, 600)}</p>\n" for sentence in part.said)
    if part.plots:
        yield '<div class="plots">\n'
        for n, plot in enumerate(part.plots):
            yield f"<figure><figcaption>{escape(plot.title)}</figcaption>{plot_svg(plot, f'{part.anchor}-plot{n}')}</figure>\n"
        yield "</div>\n"
    if part.picture is not None:
        picture = part.picture
        said = (
            f"{picture.title}. A circle is a section, as large as it has pages; a line is as thick as there are links, in either direction."
            f" {len(picture.edges):,} of {picture.ties:,} ties are drawn, the strongest; links that nearly every page has are left out."
        )
        name = f"{part.anchor}-picture"
        board = f'<div class="wide" role="region" aria-label="{escape(picture.title)}" tabindex="0">{picture_svg(picture, name)}</div>'
        yield f"<figure>{board}<figcaption>{escape(said)}</figcaption></figure>\n"
    for grid in part.grids:
        yield from _grid(grid)
    yield "</section>\n"


def _grid(grid: Grid) -> Iterator[str]:
    name = f"table-{grid.name.replace(' ', '-')}"
    if len(grid.rows) >= FILTER_FROM:
        yield f'<p class="tools" hidden><label>Show rows with <input type="search" autocomplete="off" aria-controls="{name}" aria-describedby="{name}-caption"></label> <output></output></p>\n'
    yield f'<div class="wide tall" role="region" aria-labelledby="{name}-caption" tabindex="0"><table id="{name}">\n'
    heads = "".join(
        f'<th scope="col"{_class(column)} title="{escape(column.meaning)}">{escape(heading(column))}</th>' for column in grid.columns
    )
    yield f'<caption id="{name}-caption">{escape(grid.caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
    for row in grid.rows:
        yield f"<tr>{''.join(map(_cell, row))}</tr>\n"
    yield "</tbody>\n</table></div>\n"
    if grid.total > len(grid.rows):
        yield f'<p class="rest">The first {len(grid.rows):,} of {grid.total:,} rows.{_command(grid.rest)}</p>\n'


def _command(rest: str) -> str:
    return f" All of them: <code>{text(rest, 400)}</code>" if rest else ""


def _class(column: Column) -> str:
    return ' class="number"' if column.type in ("integer", "real") else ""


def _cell(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return f"<td>{plain(value)}</td>"
    if isinstance(value, str):
        judged = tone(value)
        return f'<td class="{judged}">{text(value)}</td>' if judged else f"<td>{link(value)}</td>"
    shown = number(value)
    raw = "" if shown == str(value) else f' data-value="{value}"'
    return f'<td class="number"{raw}>{shown}</td>'
