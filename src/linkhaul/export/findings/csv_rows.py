"""Findings as CSV: a row for each occurrence of each link URL, in the columns of `FINDINGS`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from linkhaul.export.delimited import DelimitedText, fresh_dialect
from linkhaul.export.findings.context import Context
from linkhaul.export.findings.records import rows
from linkhaul.export.spec import chunks
from linkhaul.model.check import Checked, Coverage
from linkhaul.model.columns import FINDINGS

LOT = 500


def write(checked: Iterable[Checked], _coverage: Coverage, _context: Context, stream: TextIO) -> None:
    """Write the header and the rows."""
    text = DelimitedText(FINDINGS, fresh_dialect("csv", FINDINGS), excel=False)
    stream.write(text.header().decode())
    stream.writelines(text.encode(lot).decode() for lot in chunks(rows(checked), LOT))
