"""A report on a run, put together and written."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from pathlib import Path

from linkhaul.export.findings.writing import check_is_free
from linkhaul.export.report.writing import report_format, write_report
from linkhaul.insight.report.asked import Asked
from linkhaul.insight.report.whole import report
from linkhaul.model.report import Report
from linkhaul.store.opening import open_to_read, sound

Named = tuple[Path, str]
"""A run file, and what the person calls it."""


def report_to(out: str, run: Named, *, older: Named | None = None, format: str | None = None, overwrite: bool = False) -> Report:
    """Write the report on a run, and return it.

    Args:
        out: a path, or "-" for standard output.
        older: another run of the same site: what has changed since is told.
        format: html, md or xlsx; told by the path when absent.

    Raises:
        UsageError: the format cannot be told, or is none.
        OutputError: something is there and may not be replaced, or it cannot be written.
        RunFileError: a run file cannot be read.
        MissingExtra: a workbook needs xlsxwriter.
    """
    kind = report_format(out, format)
    check_is_free(out, overwrite=overwrite)
    with ExitStack() as stack:
        opened = [each and (stack.enter_context(closing(open_to_read(each[0]))), each[1]) for each in (run, older)]
        stack.enter_context(sound(run[0]))
        assert opened[0] is not None
        made = report(Asked(opened[0][0], *run), time.time(), older=opened[1])
    write_report(made, out, kind)
    return made
