"""A report goes to the place and has the format that its name or the person says."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from tests.export.report import sample

from linkhaul.errors import OutputError, UsageError
from linkhaul.export.report.writing import report_format, write_report


@pytest.mark.parametrize(
    ("path", "asked", "format"),
    [
        ("a.html", None, "html"),
        ("A.HTM", None, "html"),
        ("a.md", None, "md"),
        ("a.xlsx", None, "xlsx"),
        ("-", None, "md"),
        ("a.txt", "html", "html"),
    ],
)
def test_formats(path: str, asked: str | None, format: str) -> None:
    """By the suffix, unless one is asked for."""
    assert report_format(path, asked) == format


@pytest.mark.parametrize(("path", "asked"), [("a.pdf", None), ("a", None), ("a.html", "pdf"), ("-", "xlsx")])
def test_formats_that_are_none(path: str, asked: str | None) -> None:
    """A sentence says which there are."""
    with pytest.raises(UsageError, match=r"\.xlsx|xlsx"):
        report_format(path, asked)


def test_a_workbook_has_a_sheet_for_each_table(tmp_path: Path) -> None:
    """Health and counts first; no text becomes a formula or a link, and no part is left beside it."""
    write_report(sample.report(), str(tmp_path / "r.xlsx"), "xlsx")
    with zipfile.ZipFile(tmp_path / "r.xlsx") as archive:
        held = {name: archive.read(name).decode() for name in archive.namelist()}
    assert re.findall(r'<sheet name="([^"]+)"', held["xl/workbook.xml"]) == ["health", "counts", "pages", "few rows"]
    assert not any("<f>" in text or "hyperlink" in text for text in held.values())
    assert [path.name for path in tmp_path.iterdir()] == ["r.xlsx"]


def test_what_cannot_be_written(tmp_path: Path) -> None:
    """It is said in a sentence, for each format, and nothing is left behind."""
    (tmp_path / "there").write_text("x")
    for format in ("html", "md", "xlsx"):
        with pytest.raises(OutputError):
            write_report(sample.report(), str(tmp_path / "there" / f"r.{format}"), format)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
