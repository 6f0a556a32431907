"""Findings as values: JSON, JSON Lines and the rows of the tables."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import msgspec
from tests.export.findings import sample

from linkhaul.export.findings.formats import writer
from linkhaul.export.findings.records import json_text
from linkhaul.model.check import Checked, Coverage
from linkhaul.model.columns import FINDINGS, names


def told(format: str) -> str:
    """Return the sample in a format."""
    stream = io.StringIO(newline="")
    writer(format)(sample.everything(), sample.coverage(), sample.context(), stream)
    return stream.getvalue()


def back(entry: dict[str, Any]) -> Checked:
    """Return the record that an object was made of."""
    return msgspec.convert({**entry, "is_known": entry["known"]}, Checked)


def test_json_gives_back_every_record() -> None:
    """Nothing is lost: the records, the coverage and the result can be had from the document."""
    document = json.loads(told("json"))
    assert list(map(back, document["links"])) == sample.everything()
    assert msgspec.convert(document["coverage"], Coverage) == sample.coverage()
    assert document["coverage"]["verified"] == sample.coverage().verified
    assert document["failed"] is True
    assert document["levels"] == {"failure": 7, "warning": 5, "known": 1, "fine": 1, "unasked": 1}


def test_json_lines_say_the_same() -> None:
    """A line is what the document lists, one a link URL."""
    assert [json.loads(line) for line in told("jsonl").splitlines()] == json.loads(told("json"))["links"]


def test_csv_has_a_row_for_each_occurrence() -> None:
    """One row for each place, and one for a link that stands nowhere; texts are what the page says."""
    rows = list(csv.DictReader(io.StringIO(told("csv"), newline="")))
    assert list(rows[0]) == names(FINDINGS)
    assert len(rows) == sample.coverage().links + 1
    assert {row["text"] for row in rows if row["url"].endswith("/gone")} == {sample.SCRIPT, sample.ESCAPES}
    (nowhere,) = [row for row in rows if not row["page_url"]]
    assert nowhere["code"] == "dns"
    assert [row["known"] for row in rows if "old.example" in row["url"]] == ["true"]


def test_any_text_can_be_told() -> None:
    """Beyond ASCII everything is escaped, letters outside the basic plane as pairs; half a pair, which no file can hold, is replaced."""
    assert json_text({"a": "\u00e9\U0001f33f\x7f\x9b"}) == '{"a":"\\u00e9\\ud83c\\udf3f\\u007f\\u009b"}'
    assert json.loads(json_text({"a": ["\U0001f33f", "x\ud83cy", 1]})) == {"a": ["\U0001f33f", "x\ufffdy", 1]}
