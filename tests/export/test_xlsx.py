"""A workbook holds text as text, and a table longer than a sheet goes on on the next."""

from __future__ import annotations

import gc
import re
import sys
import zipfile
from pathlib import Path

import pytest

from linkhaul.errors import SourceError
from linkhaul.export.spec import spec_for
from linkhaul.export.xlsx import read_xlsx, write_xlsx, xlsx_cell
from linkhaul.model.columns import Column, Row


def parts(path: Path) -> dict[str, str]:
    """Return the text of each part of the workbook."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_long_table_goes_on_on_the_next_sheet(tmp_path: Path, columns: tuple[Column, ...], rows: list[Row]) -> None:
    """Every sheet has the header, frozen, with a filter; rows read back in order."""
    path = tmp_path / "x.xlsx"
    assert write_xlsx(spec_for(str(path), columns=columns, table="links"), path, [rows], sheet_rows=41) == 100
    held = parts(path)
    assert re.findall(r'<sheet name="([^"]+)"', held["xl/workbook.xml"]) == ["links", "links 2", "links 3"]
    for number in (1, 2, 3):
        assert 'state="frozen"' in held[f"xl/worksheets/sheet{number}.xml"]
        assert "<autoFilter" in held[f"xl/worksheets/sheet{number}.xml"]
    assert list(read_xlsx(path, columns)) == rows


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """No formula, no link, no markup is made of a text, not even of what looks like xlsxwriter's own rich text."""
    columns = (Column("text", "text", False, ""),)
    texts = ["=1+1", "{=1+1}", "https://a.example/", "internal:Sheet1!A1", "<r><t>x</t></is></c><c><f>1+1</f></c></r>", "12", "_x0041_"]
    path = tmp_path / "x.xlsx"
    write_xlsx(spec_for(str(path), columns=columns, table="links"), path, [[(text,) for text in texts]])
    sheet = parts(path)["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert list(read_xlsx(path, columns)) == [(xlsx_cell(text),) for text in texts]
    assert [text for text in texts if xlsx_cell(text) != text] == texts[4:5]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.filterwarnings("error")
def test_a_full_disk_is_told_once(columns: tuple[Column, ...], rows: list[Row]) -> None:
    """What the disk refuses is one OSError: the archive that was begun does not complain again when it goes."""
    unraised: list[object] = []
    hook, sys.unraisablehook = sys.unraisablehook, unraised.append
    try:
        with pytest.raises(OSError, match="No space left"):
            write_xlsx(spec_for("x.xlsx", columns=columns, table="links"), Path("/dev/full"), [rows])
        gc.collect()
    finally:
        sys.unraisablehook = hook
    assert unraised == []


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        ('<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>', "another program saved"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>', "document type"),
        ("<worksheet><", "damaged"),
    ],
)
def test_a_foreign_workbook_is_refused(tmp_path: Path, columns: tuple[Column, ...], sheet: str, words: str) -> None:
    """What we did not write is not guessed at; entity bombs are not unpacked."""
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    with pytest.raises(SourceError, match=words):
        list(read_xlsx(path, columns))
