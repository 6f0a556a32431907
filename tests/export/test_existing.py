"""An existing file is added to in its own way, or refused with a sentence; it is never changed by looking."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from linkhaul.errors import OutputError
from linkhaul.export.compression import open_plain
from linkhaul.export.existing import survey
from linkhaul.export.outputs import open_live
from linkhaul.export.reading import read_rows
from linkhaul.export.spec import OutputSpec
from linkhaul.model.columns import Column, Row

Named = Callable[..., OutputSpec]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"n,url,text,internal,wait_s\r\n", b"7,,x,true,\r\n"),
        (b"n,url,text,internal,wait_s\n1,,y,true,\n", b"7,,x,true,\n"),
        (b"\xef\xbb\xbfn,url,text,internal,wait_s\r\n", b"7,,x,true,\r\n"),
        (b"n;url;text;internal;wait_s\n", b"7;;x;true;\n"),
        (b'"text","n","url","wait_s","internal"\r\n', b"x,7,,,true\r\n"),
        (b"n,url,text,internal,wait_s", b"\r\n7,,x,true,\r\n"),
        (b'n,url,text,internal,wait_s\n1,,"a\nb",true,\n', b"7,,x,true,\n"),
    ],
)
def test_rows_are_added_in_the_way_of_the_file(output: Named, before: bytes, after: bytes) -> None:
    """Delimiter, line ending, BOM and order of columns stay the file's; what was there is not touched."""
    spec = output("x.csv")
    Path(spec.path).write_bytes(before)
    writer = open_live(spec, None)
    writer.write([(7, None, "x", True, None)])
    writer.close()
    assert Path(spec.path).read_bytes() == before + after


@pytest.mark.parametrize(
    ("name", "before"), [("x.csv", b""), ("x.csv", b"\xef\xbb\xbf"), ("x.csv.gz", b""), ("x.csv.gz", gzip.compress(b"", mtime=0))]
)
def test_an_empty_file_is_begun(output: Named, name: str, before: bytes) -> None:
    """Nothing, nothing compressed and nothing but a byte order mark are nothing: the header comes."""
    spec = output(name)
    Path(spec.path).write_bytes(before)
    open_live(spec, None).close()
    with open_plain(Path(spec.path), spec.compression) as file:
        assert file.read() == b"n,url,text,internal,wait_s\r\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.csv", b"n,url,title,internal,wait_s\r\n", "column 3 is 'title', should be 'text'.*--overwrite"),
        ("x.csv", b"n,url,text,internal\r\n", "column 5 is missing, should be 'wait_s'.*--overwrite"),
        ("x.csv", b"n,url,text,internal,wait_s,more\r\n", "column 6 is 'more', should not be there.*--overwrite"),
        ("x.csv", b"just a letter\n", "column 1 is 'just a letter', should be 'n'"),
        ("x.csv", b"n,url,text,internal,wait_s\r\n1,,cut", "no line ending.*--overwrite"),
        ("x.csv", b'n,url,text,internal,wait_s\n1,,"cut\n', "inside a quoted cell.*--overwrite"),
        ("x.csv", "n,url\n".encode("utf-16"), "UTF-16"),
        ("x.csv", b"\x89PNG\r\n", "not UTF-8"),
        ("x.jsonl", b'{"n":1,"url":null,"text":"","internal":true}\n', "column 5 is missing, should be 'wait_s'"),
        ("x.jsonl", b"[1]\n", "not a JSON object.*--overwrite"),
        ("x.jsonl", b"n,url\n", "not JSON.*--overwrite"),
        ("x.jsonl", b'{"n":1,"url":null,"text":"","internal":true,"wait_s":1}\n{"n"', "no line ending"),
        ("x.csv.gz", b"n,url,text,internal,wait_s\r\n", "damaged or cut off"),
        ("x.csv.gz", gzip.compress(b"n,url,text,internal,wait_s\r\n" * 9, mtime=0)[:-5], "damaged or cut off"),
        ("x.csv.gz", gzip.compress(b"n,url,text,internal,wait_s\r\n1,", mtime=0), "no line ending"),
        ("x.csv.zst", b"n,url,text,internal,wait_s\r\n", "damaged or cut off"),
    ],
)
def test_a_file_that_cannot_be_added_to_is_refused_and_unchanged(output: Named, name: str, content: bytes, words: str) -> None:
    """The sentence names the file, the first difference and the remedy; no byte changes."""
    spec = output(name)
    Path(spec.path).write_bytes(content)
    with pytest.raises(OutputError, match=f"{name}: .*{words}") as caught:
        open_live(spec, None)
    assert "\n" not in str(caught.value)
    assert Path(spec.path).read_bytes() == content


def test_overwrite_replaces_what_is_there(output: Named) -> None:
    """Asked for, a file with other columns is begun anew."""
    spec = output("x.csv", overwrite=True)
    Path(spec.path).write_bytes(b"something else")
    open_live(spec, None).close()
    assert Path(spec.path).read_bytes() == b"n,url,text,internal,wait_s\r\n"


def test_json_keys_may_stand_in_any_order(output: Named) -> None:
    """JSON objects have no order: the same keys are the same columns."""
    spec = output("x.jsonl")
    Path(spec.path).write_bytes(b'{"wait_s":1,"text":"","internal":true,"n":1,"url":null}\n')
    assert survey(spec).delimiter


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.jsonl", "x.csv.gz", "x.jsonl.zst", "x.sqlite"])
def test_a_second_run_adds_to_the_first(output: Named, columns: tuple[Column, ...], rows: list[Row], name: str) -> None:
    """Two runs into one file: all rows of both, the header once."""
    spec = output(name)
    for part in (rows[:40], rows[40:]):
        writer = open_live(spec, None)
        writer.write(part)
        writer.close()
    assert list(read_rows(spec.path, columns)) == rows
