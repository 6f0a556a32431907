"""A report written to its place, in the format that its name or the person says."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from linkhaul.errors import UsageError
from linkhaul.export.disk import refusal
from linkhaul.export.findings.writing import put_text
from linkhaul.export.report import html_page, markdown
from linkhaul.export.spec import STDOUT
from linkhaul.export.xlsx import write_sheets
from linkhaul.model.columns import Column, Row
from linkhaul.model.report import Report

REPORT_FORMATS = ("html", "md", "xlsx")
_SUFFIXES = {".html": "html", ".htm": "html", ".md": "md", ".markdown": "md", ".xlsx": "xlsx"}
_HEALTH = (Column("what", "text", False, "what is told"), Column("value", "text", False, "it"), Column("note", "text", True, "more of it"))
_COUNTS = (
    Column("part", "text", False, "the part of the report"),
    Column("plot", "text", False, "what is counted"),
    Column("label", "text", False, "of what"),
    Column("count", "integer", False, "how many there are"),
)
_WRITERS = {"html": html_page.write, "md": markdown.write}


def report_format(path: str, asked: str | None = None) -> str:
    """Return the format of a report: the one asked for, else the one its path means; standard output gets Markdown.

    >>> report_format("site.html"), report_format("-"), report_format("-", "html")
    ('html', 'md', 'html')

    Raises:
        UsageError: there is none such, or a workbook is to go to standard output.
    """
    format = asked or ("md" if path == STDOUT else _SUFFIXES.get(Path(path).suffix.lower()))
    if format not in REPORT_FORMATS:
        named = f"{path}: its suffix" if asked is None else f"format {asked!r}"
        raise UsageError(f"{named} is not one that a report has: .html, .md or .xlsx")
    if format == "xlsx" and path == STDOUT:
        raise UsageError("a workbook cannot be written to standard output; name a file: -o report.xlsx")
    return format


def write_report(report: Report, path: str, format: str) -> None:
    """Write a report; a file appears when it is whole.

    Raises:
        OutputError: it cannot be written.
        MissingExtra: xlsxwriter is not installed.
    """
    if format == "xlsx":
        _workbook(report, Path(path))
    else:
        put_text(path, partial(_WRITERS[format], report))


def _workbook(report: Report, path: Path) -> None:
    """Write a workbook: the health, what the plots show, and a sheet for each table."""
    health = [("site", report.title, ""), ("health", report.health.level, report.health.sentence), *report.health.numbers]
    counts = [(part.title, plot.title, bar.label, bar.size) for part in report.parts for plot in part.plots for bar in plot.bars]
    tables = [(grid.name[:31], grid.columns, grid.rows) for part in report.parts for grid in part.grids]
    sheets: list[tuple[str, tuple[Column, ...], Sequence[Row]]] = [("health", _HEALTH, health), ("counts", _COUNTS, counts), *tables]
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write_sheets(beside, sheets)
        beside.replace(path)
    except OSError as error:
        raise refusal(str(path), error) from error
    finally:
        with suppress(OSError):
            beside.unlink()
