"""A report as Markdown. Whatever comes from the web stands in code spans, where nothing is markup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from linkhaul.export.clean import shortened
from linkhaul.export.findings.markdown import code
from linkhaul.export.report.marks import heading, plain
from linkhaul.model.columns import Value
from linkhaul.model.report import Grid, Part, Plot, Report

MOST_ROWS = 25
MOST_TEXT = 200


def write(report: Report, stream: TextIO) -> None:
    """Write the document."""
    stream.write(f"# Report on {code(report.title)}\n\n**{_sentence(report.health.sentence)}**\n\n")
    stream.writelines(f"{note}\n\n" for note in report.health.notes)
    stream.write("| | |\n| --- | ---: |\n")
    stream.writelines(f"| {each.label} | {' '.join(filter(None, (each.value, each.note)))} |\n" for each in report.health.numbers)
    for part in report.parts:
        stream.writelines(_part(part))
    stream.write("\n" + "; ".join(f"{word}: {code(said)}" for word, said in report.about) + "\n")


def _part(part: Part) -> Iterator[str]:
    yield f"\n## {part.title}\n"
    for sentence in part.said:
        yield f"\n{_sentence(sentence)}\n"
    for plot in part.plots:
        yield from _plot(plot)
    if part.picture is not None:
        yield f"\n{_sentence(part.picture.told)}\n"
    for grid in part.grids:
        yield from _grid(grid)


def _plot(plot: Plot) -> Iterator[str]:
    yield f"\n| {_sentence(plot.title)} | {plot.unit} |\n| --- | ---: |\n"
    yield from (f"| {code(bar.label)} | {bar.size:,} |\n" for bar in plot.bars)


def _grid(grid: Grid) -> Iterator[str]:
    yield f"\n**{_sentence(grid.caption)}**\n\n| {' | '.join(heading(column) for column in grid.columns)} |\n"
    yield f"|{'|'.join(' ---: ' if column.type in ('integer', 'real') else ' --- ' for column in grid.columns)}|\n"
    for row in grid.rows[:MOST_ROWS]:
        yield f"| {' | '.join(map(_cell, row))} |\n"
    if grid.total > MOST_ROWS:
        rest = f": {code(grid.rest)}" if grid.rest else ""
        yield f"\nThe first {MOST_ROWS} of {grid.total:,} rows{rest}\n"


def _cell(value: Value) -> str:
    return code(shortened(value, MOST_TEXT)) if isinstance(value, str) else plain(value)


def _sentence(text: str) -> str:
    """Return a sentence of ours that may hold names from the web: what could be markup in it is taken for what it is."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#@" else letter for letter in text if letter.isprintable())
