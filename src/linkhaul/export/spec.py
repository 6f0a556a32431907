"""What an output is: where it goes, in which format, with which columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from linkhaul.errors import UsageError
from linkhaul.model.columns import Column, Row

STDOUT = "-"
TEXT_FORMATS = ("csv", "tsv", "jsonl")
LIVE_FORMATS = (*TEXT_FORMATS, "sqlite")
FORMATS = ("csv", "tsv", "jsonl", "parquet", "sqlite", "xlsx")
COMPRESSIONS = ("gz", "zst")
_KNOWN = ".csv .tsv .jsonl .parquet .sqlite .xlsx; the first three also with .gz or .zst"


class OutputSpec(Struct, frozen=True):
    """One output.

    Attributes:
        path: where it goes; "-" is standard output.
        format: one of FORMATS.
        compression: one of COMPRESSIONS, only for text formats.
        columns: what it holds, in order; rows are tuples in this order.
        table: the name of the table in SQLite, of the sheet in xlsx.
        excel: a CSV or TSV made for spreadsheets, see `export.excel`.
        overwrite: the user asked for an existing file (in SQLite: the table) to be replaced.
    """

    path: str
    format: str
    compression: str | None
    columns: tuple[Column, ...]
    table: str = "links"
    excel: bool = False
    overwrite: bool = False

    @property
    def is_stream(self) -> bool:
        """Whether it goes to standard output or into something that is no file on disk (a pipe, a device)."""
        if self.path == STDOUT:
            return True
        path = Path(self.path)
        return path.exists() and not path.is_file() and not path.is_dir()


def spec_for(  # noqa: PLR0913 - the door: each is a flag of the command
    path: str,
    *,
    columns: tuple[Column, ...],
    table: str,
    format: str | None = None,
    excel: bool = False,
    overwrite: bool = False,
) -> OutputSpec:
    """Return the output that a path and the flags beside it mean.

    Args:
        path: a file whose suffix tells the format, or "-".
        columns: what it holds, in order.
        table: the name of the table in SQLite, of the sheet in xlsx.
        format: a suffix without its first dot, as in `csv` or `jsonl.gz`; stronger than the path's own.
        excel: make a CSV or TSV for spreadsheets.
        overwrite: replace what is there.

    Raises:
        UsageError: a suffix or format that is not known, or that cannot be combined so.
    """
    if format is None and path == STDOUT:
        raise UsageError(f"rows on standard output need --format: {', '.join(TEXT_FORMATS)}")
    kind, compression = format_of(path, format)
    if compression and kind not in TEXT_FORMATS:
        raise UsageError(f"{path}: {kind} is compressed inside; leave .{compression} away")
    if path == STDOUT and kind not in TEXT_FORMATS:
        raise UsageError(f"{kind} cannot be written to standard output; it takes {', '.join(TEXT_FORMATS)}")
    if excel and kind not in ("csv", "tsv"):
        raise UsageError(f"{path}: --excel is for csv and tsv, not for {kind}")
    return OutputSpec(path, kind, compression, columns, table, excel, overwrite)


def format_of(path: str, asked: str | None = None) -> tuple[str, str | None]:
    """Return (format, compression or None) of a path, or of the format that was asked for.

    >>> format_of("links.csv.gz"), format_of("-", "jsonl")
    (('csv', 'gz'), ('jsonl', None))

    Raises:
        UsageError: neither is known.
    """
    words = Path(path).name.lower().split(".")[1:]
    compression = words.pop() if words and words[-1] in COMPRESSIONS else None
    if asked is not None:
        words = asked.lower().lstrip(".").split(".")
        compression = words.pop() if words[-1] in COMPRESSIONS else compression
    if not words or words[-1] not in FORMATS or (asked is not None and len(words) > 1):
        named = f"{path}: its suffix" if asked is None else f"format {asked!r}"
        raise UsageError(f"{named} is not one that can be written: {_KNOWN}")
    return words[-1], compression


def chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Yield the rows in lists of at most `size`, in order."""
    left = iter(rows)
    while chunk := list(islice(left, size)):
        yield chunk
