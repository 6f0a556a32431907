"""Rows on standard output: bytes where there are bytes, text elsewhere; a reader that goes away ends it in order."""

from __future__ import annotations

import gzip
import io
import os
import sys
from pathlib import Path

import pytest

from linkhaul.errors import OutputError
from linkhaul.export.disk import ClosedPipe
from linkhaul.export.outputs import check, open_live
from linkhaul.export.spec import OutputSpec, spec_for
from linkhaul.model.columns import Column

COLUMNS = (Column("n", "integer", False, ""), Column("text", "text", False, ""))


def stdout(form: str = "csv") -> OutputSpec:
    return spec_for("-", columns=COLUMNS, table="links", format=form)


def test_rows_go_to_the_bytes_under_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """Line endings and UTF-8 are ours, not the terminal's."""
    under = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(under, encoding="ascii", newline="\r\n"))
    writer = open_live(stdout(), None)
    writer.write([(1, "é")])
    writer.flush()
    assert under.getvalue() == "n,text\r\n1,é\r\n".encode()


def test_a_stand_in_without_bytes_takes_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook's standard output has no buffer; compressed rows are refused there."""
    stand_in = io.StringIO(newline="")
    monkeypatch.setattr(sys, "stdout", stand_in)
    writer = open_live(stdout("jsonl"), None)
    writer.write([(1, "é")])
    writer.close()
    assert stand_in.getvalue() == '{"n":1,"text":"é"}\n'
    with pytest.raises(OutputError, match="name a file"):
        open_live(stdout("csv.gz"), None)


def test_a_stream_begins_anew_with_its_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark of a stream says nothing: the next process begins with the header again."""
    under = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(under))
    first = open_live(stdout("csv.gz"), None)
    mark = first.flush(durable=True, last=True)
    open_live(stdout("csv.gz"), mark).close()
    assert gzip.decompress(under.getvalue()) == b"n,text\r\n" * 2


def test_a_reader_that_went_away_is_a_closed_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """`| head` closes the pipe; closing the writer afterwards is quiet."""
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb", buffering=0) as raw:  # noqa: PTH123
        out = io.TextIOWrapper(raw, write_through=True)
        monkeypatch.setattr(sys, "stdout", out)
        with pytest.raises(ClosedPipe):
            open_live(stdout(), None).flush()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which only Linux has")
def test_a_full_device_is_an_output_error() -> None:
    """What is no file on disk is written like a pipe; a full disk behind it says so."""
    spec = spec_for("/dev/full", columns=COLUMNS, table="links", format="csv")
    check(spec, ours=False)
    with pytest.raises(OutputError, match="no space left"):
        open_live(spec, None)
