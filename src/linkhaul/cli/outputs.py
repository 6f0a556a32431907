"""Where the rows go, as the flags say: files, standard output, or a table in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from linkhaul.api.outputs import check_places
from linkhaul.config import RowSettings
from linkhaul.errors import UsageError
from linkhaul.export.outputs import FORMATS, STDOUT, OutputSpec, format_of, spec_for
from linkhaul.export.selection import Selection
from linkhaul.model.columns import PAGES, Column

DELIMITED = ("csv", "tsv")


class Outputs(NamedTuple):
    """The outputs of each table; `has_table` says that the links are shown in the terminal instead."""

    links: tuple[OutputSpec, ...]
    pages: tuple[OutputSpec, ...]
    has_table: bool


def outputs_of(given: Mapping[str, Any], rows: RowSettings, *, is_terminal: bool) -> Outputs:
    """Return the outputs that the flags --out, --pages, --format, --excel and --overwrite mean.

    Args:
        given: the command's parameters by name.
        is_terminal: standard output is one.

    Raises:
        UsageError: a format that is not known or not used, or one place for two things.
    """
    links, pages, format_asked = list(given["out"]), list(given["pages"]), given["format"]
    takes_stdout = STDOUT in pages
    has_table = not links and format_asked is None and is_terminal and not takes_stdout
    if not links and not has_table and not takes_stdout:
        links = [STDOUT]
    check_places(links, pages)
    _check_format(format_asked, [*links, *pages])
    choices = {"format": format_asked, "excel": given["excel"], "overwrite": given["overwrite"]}
    specs = _specs(links, Selection(rows).columns, "links", choices), _specs(pages, PAGES, "pages", choices)
    if given["excel"] and not any(spec.excel for spec in (*specs[0], *specs[1])):
        raise UsageError("--excel is for CSV and TSV, and no output is one: write -o links.csv, or -o links.xlsx without it")
    return Outputs(*specs, has_table)


def _specs(paths: Sequence[str], columns: tuple[Column, ...], table: str, choices: Mapping[str, Any]) -> tuple[OutputSpec, ...]:
    return tuple(_spec(path, columns, table, choices) for path in paths)


def _spec(path: str, columns: tuple[Column, ...], table: str, choices: Mapping[str, Any]) -> OutputSpec:
    if path != STDOUT and Path(path).is_dir():
        raise UsageError(f"{path}: is a folder; name a file in it: {Path(path) / f'{table}.csv'}")
    asked = None if tells_format(path) else choices["format"] or ("csv" if path == STDOUT else None)
    is_delimited = (asked or path).lower().removesuffix(".gz").removesuffix(".zst").endswith(DELIMITED)
    return spec_for(
        path, columns=columns, table=table, format=asked, excel=choices["excel"] and is_delimited, overwrite=choices["overwrite"]
    )


def tells_format(path: str) -> bool:
    """Return whether a path's suffix is one that says how to write."""
    try:
        return path != STDOUT and bool(format_of(path))
    except UsageError:
        return False


def _check_format(asked: str | None, paths: Sequence[str]) -> None:
    if asked is not None and all(map(tells_format, paths)):
        raise UsageError(f"--format {asked}: every output tells its format by its suffix; it is for '-o -' and for other suffixes")
    if asked is not None:
        try:
            format_of(STDOUT, asked)
        except UsageError:
            raise UsageError(f"--format {asked}: there is no such format; known are {', '.join(FORMATS)}") from None
