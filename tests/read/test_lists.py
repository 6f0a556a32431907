"""Lists of URLs are read in every form, and nothing in them stops the reading."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhaul.errors import MissingExtra, SourceError
from linkhaul.read import textlines
from linkhaul.read.lists import Entry, Form, form_of, urls_in

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

A, B, C = "https://a.example/", "https://b.example/?q=1,2", "https://c.example/ü"
TEXT_FORMS: tuple[Form, ...] = ("lines", "csv", "tsv", "jsonl")


def read(content: bytes | str, form: Form = "lines", column: str = "url") -> list[Entry]:
    content = content.encode() if isinstance(content, str) else content
    return list(urls_in(io.BytesIO(content), form, column, "urls"))


def texts(content: bytes | str, form: Form = "lines", column: str = "url") -> list[str]:
    entries = read(content, form, column)
    assert [entry for entry in entries if entry.fault] == []
    return [entry.text for entry in entries]


def test_lines_without_urls_are_left_out_and_counted() -> None:
    """Blank lines and comments are no entries, and an entry knows its line."""
    assert read(f"\n# seeds\n{A}\n   \n  # more\n\t{B}  \n") == [Entry(3, A), Entry(6, B)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_understood(end: str) -> None:
    """LF, CRLF and the CR of old files end a line, and the last line needs none."""
    assert texts(end.join([A, B, C])) == [A, B, C]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", TEXT_FORMS)
def test_a_byte_order_mark_is_no_text(form: Form, encoding: str) -> None:
    """UTF-8 with and without a mark, and UTF-16 with one, give the same URLs in every text form."""
    mark = "\ufeff" if encoding in {"utf-16-le", "utf-16-be"} else ""
    head = "url\n" if form in {"csv", "tsv"} else ""
    body = f'"{A}"\n"{C}"\n' if form == "jsonl" else f"{A}\n{C}\n"
    assert texts((mark + head + body).encode(encoding), form) == [A, C]


@pytest.mark.parametrize("line", [f'"{B}"', f"'{B}'", f"<{B}>", f'"{B}",', f" '{B}' ; ", f'" {B} "'])
def test_a_line_may_stand_in_quotes_or_brackets(line: str) -> None:
    """What a program's list or a mail wraps around a URL is taken off, with the comma behind it."""
    assert texts(line) == [B]


@pytest.mark.parametrize("url", [f"{A}a,", f"{A}it's", f'{A}"', f"{A}a;b;", f"{A}#top"])
def test_what_may_belong_to_a_url_stays(url: str) -> None:
    """Commas, quotes and fragments at the end of a bare line are the URL's own."""
    assert texts(url) == [url]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"https://a.example/\xff", "not UTF-8"),
        (b"https://a.example/\x00x", "U+0000"),
        (b"https://a.example/\ttitle", "tab"),
        (b"https://a.example/\xc2\x9bx", "U+009B"),
    ],
)
def test_a_line_that_holds_no_text_is_a_fault_and_the_next_is_read(line: bytes, why: str) -> None:
    """A broken line gives a sentence and a harmless excerpt; the list goes on behind it."""
    broken, good = read(line + b"\n" + A.encode())
    assert why in str(broken.fault)
    assert broken.text.startswith("https://a.example/\N{REPLACEMENT CHARACTER}")
    assert good == Entry(2, A)


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_a_line_too_long_is_passed_over(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line beyond the limit is a fault with its number, and the lines around it are read."""
    monkeypatch.setattr(textlines, "LONGEST_LINE", 100)
    good = {"jsonl": json.dumps(A)}.get(form, A)
    head = ["url"] if form in {"csv", "tsv"} else []
    entries = read("\n".join([*head, good, "x" * 1234, good]), form)
    first = len(head) + 1
    assert [(entry.line, entry.fault is None) for entry in entries] == [(first, True), (first + 1, False), (first + 2, True)]
    assert "longer than 100 characters" in str(entries[1].fault)


def test_the_column_is_found_by_name_in_any_case() -> None:
    """The very name wins over the same name in other case; other columns and blank cells do not matter."""
    assert texts(f"n,URL,url\n1,x,{A}\n2,x,\n3,x,{A}b\n", "csv") == [A, f"{A}b"]
    assert texts(f"n, Address \n1,{A}\n", "csv", "address") == [A]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_may_use_the_delimiter_of_its_country(delimiter: str) -> None:
    """The delimiter is the one by which the header has the column; Excel's line about it is passed over."""
    rows = delimiter.join(["n", "url"]) + "\n" + delimiter.join(["1", f'"{B}"']) + "\n"
    assert texts(rows, "csv") == [B]
    assert texts(f"sep={delimiter}\n{rows}", "csv") == [B]


@pytest.mark.parametrize("head", ["", "url\n", '"url"\r\n'])
def test_urls_alone_need_neither_header_nor_quotes(head: str) -> None:
    """A file of one column may begin with a URL, and commas in its URLs are theirs."""
    assert texts(f"{head}{A}\n{B}\n", "csv") == [A, B]


def test_a_missing_column_names_those_there_are() -> None:
    """An unknown column is an error at the call, with the file, its columns and the flag that chooses."""
    for content, form in [("page,title\nx,y\n", "csv"), ("page\ttitle\n", "tsv"), ('{"page": 1, "title": 2}\n', "jsonl")]:
        with pytest.raises(SourceError, match=r"urls has no column 'url'; it has: page, title; choose one with --column"):
            urls_in(io.BytesIO(content.encode()), form, name="urls")  # type: ignore[arg-type]  # a plain str in a list


def test_a_row_without_the_cell_is_a_fault() -> None:
    """A row too short says how many cells it has; an empty row says nothing."""
    entries = read(f"n,url\n1\n\n,\n2,{A}\n", "csv")
    assert [(entry.line, entry.text) for entry in entries] == [(2, "1"), (5, A)]
    assert "1 cells" in str(entries[0].fault)


def test_rows_of_several_lines_keep_the_count() -> None:
    """A quoted cell over several lines does not shift the numbers of what follows."""
    assert read(f'note,url\n"two\nlines",{A}\nx,{B[:20]}\n', "csv") == [Entry(2, A), Entry(4, B[:20])]


def test_a_quote_never_closed_does_not_swallow_the_list_silently() -> None:
    """What an open quote swallows is shown as a fault, never as one wrong URL."""
    endless = "url,n\n" + f'"{A},1\n' + f"{A},2\n" * 20
    (entry,) = read(endless, "csv")
    assert "never closed" in str(entry.fault)
    swallowed = read("url,n\n" + f'"{A},1\n' + f"{A},2\n" * 20_000, "csv")
    assert "never closed" in str(swallowed[0].fault)
    assert sum(entry.fault is None for entry in swallowed) > 10_000


def test_broken_bytes_in_another_column_do_not_matter() -> None:
    """Only the URL's own cell must be text."""
    assert texts(b"title,url\n\xff\xfe\x00," + A.encode() + b"\n", "csv") == [A]


def test_json_lines_hold_strings_or_objects() -> None:
    """Strings and objects may be mixed; null and blank lines are no entries, and names are exact."""
    content = f'"{A}"\n\n{{"n": 1, "url": "{C}", "more": [{{"url": "x"}}]}}\n{{"url": null}}\n'
    assert read(content, "jsonl") == [Entry(1, A), Entry(3, C)]


@pytest.mark.parametrize(
    "line", [b"{", b"3", b'{"url": 3}', b'{"URL": "x"}', b'"\\ud800"', b'"\\u0000"', b'"\xff"', b'{"a":' * 50_000, b'{"url": "x"} y']
)
def test_broken_json_is_a_fault_and_the_next_line_is_read(line: bytes) -> None:
    """Whatever a line holds, it gives a fault and the list goes on."""
    first, broken, good = read(b'"x"\n' + line + b'\n"y"\n', "jsonl")
    assert (first, good) == (Entry(1, "x"), Entry(3, "y"))
    assert broken.fault


def test_a_json_array_is_told_from_json_lines() -> None:
    """A file that is one array, pretty-printed or not, names the way out."""
    for array in (f'["{A}"]', f'[\n  "{A}"\n]'):
        with pytest.raises(SourceError, match="JSON array"):
            read(array, "jsonl")


def packed_by_gzip(content: bytes) -> bytes:
    return gzip.compress(content[:9], mtime=0) + gzip.compress(content[9:], mtime=0)


@pytest.mark.parametrize("pack", [gzip.compress, packed_by_gzip, zstd.compress])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_packed_lists_are_unpacked_by_their_first_bytes(pack: Callable[[bytes], bytes], encoding: str) -> None:
    """Gzip, of several members too, and zstd need no suffix; the mark inside is still found."""
    assert texts(pack(f"{A}\n{C}\n".encode(encoding))) == [A, C]


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_a_packed_list_cut_short_gives_what_it_has_and_says_so(pack: Callable[[bytes], bytes]) -> None:
    """What was readable is not lost, and the end is not mistaken for the end of the list."""
    lines = [f"https://a.example/{n * 7919 % 10007}" for n in range(9000)]
    whole = pack("\n".join(lines).encode())
    *good, last = read(whole[: len(whole) * 3 // 4])
    assert len(good) > 1000
    assert [entry.text for entry in good] == lines[: len(good)]
    assert "breaks off" in str(last.fault)


def test_the_stream_stays_open_and_is_read_as_asked() -> None:
    """The caller owns the stream; an entry is given without waiting for the rest."""

    class Slow(io.RawIOBase):
        def __init__(self) -> None:
            self.chunks = iter([b"https://a.exa", b"mple/\nhttps://b", b".example/\n"])
            self.given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as in the module
            chunk = next(self.chunks, b"")
            self.given += 1
            buffer[: len(chunk)] = chunk
            return len(chunk)

    slow = Slow()
    stream = io.BufferedReader(slow)
    entries = urls_in(stream, "lines")
    assert next(entries) == Entry(1, A)
    assert slow.given == 2
    assert [entry.text for entry in entries] == ["https://b.example/"]
    del entries
    assert not stream.closed


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_a_list_is_never_held_in_memory(form: Form) -> None:
    """Twenty thousand entries take no more memory than the reader's own buffers."""
    line = json.dumps(A) if form == "jsonl" else A
    stream = io.BytesIO((("url\n" if form in {"csv", "tsv"} else "") + f"{line}\n" * 20_000).encode())
    entries = urls_in(stream, form)
    next(entries)
    tracemalloc.start()
    assert sum(1 for _ in entries) == 19_999
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("a.csv", "csv"), ("A.CSV.GZ", "csv"), ("a.tsv.zst", "tsv"), ("a.tab", "tsv"), ("a.jsonl", "jsonl"), ("a.ndjson", "jsonl"),
        ("a.parquet", "parquet"), ("a.txt", "lines"), ("a.txt.gz", "lines"), ("urls", "lines"), (".csv", "lines"), ("a.gz", "lines"), ("a.csv/urls", "lines"),
    ],
)  # fmt: skip
def test_the_suffix_names_the_form(path: str, form: Form) -> None:
    """A known suffix, in any case, also under that of a packer; anything else is lines."""
    assert form_of(path) == form
    assert form_of(Path(path)) == form


def parquet_file(columns: dict[str, object]) -> BinaryIO:
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow (the extra 'parquet')")
    parquet = pytest.importorskip("pyarrow.parquet")
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file, row_group_size=3)
    file.seek(0)
    return file


def test_parquet_columns_are_read_by_batches() -> None:
    """Rows come in order with their numbers, over row groups; null and empty cells are left out."""
    file = parquet_file({"n": [1, 2, 3, 4, 5], "URL": [A, None, B, "", C]})
    assert list(urls_in(file, "parquet")) == [Entry(1, A), Entry(3, B), Entry(5, C)]
    assert not file.closed


@pytest.mark.parametrize("kind", ["string", "large_string", "binary", "dictionary"])
def test_every_kind_of_text_column_is_read(kind: str) -> None:
    """Plain, large, dictionary-encoded and binary columns are text; bytes that are not UTF-8 are faults."""
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow (the extra 'parquet')")
    type_of = {"dictionary": pa.dictionary(pa.int32(), pa.string())}.get(kind) or getattr(pa, kind)()
    assert [e.text for e in urls_in(parquet_file({"url": pa.array([A, C, A], type_of)}), "parquet")] == [A, C, A]
    if kind == "binary":
        (broken,) = urls_in(parquet_file({"url": [b"\xff"]}), "parquet")
        assert "not UTF-8" in str(broken.fault)


def test_parquet_that_cannot_be_read_is_an_error_at_the_call() -> None:
    """No such column, a column of numbers, no Parquet at all, a pipe: each names the thing and the remedy."""
    with pytest.raises(SourceError, match="it has: page; choose one with --column"):
        urls_in(parquet_file({"page": [A]}), "parquet")
    with pytest.raises(SourceError, match="holds int64, not text"):
        urls_in(parquet_file({"url": [1]}), "parquet")
    with pytest.raises(SourceError, match="cannot be read as parquet"):
        urls_in(io.BytesIO(b"https://a.example/\n"), "parquet")
    with pytest.raises(SourceError, match="give the path of a file"):
        urls_in(io.RawIOBase(), "parquet")  # type: ignore[arg-type]  # a BinaryIO in all but name


def test_parquet_without_pyarrow_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing extra is one clear line with the command that installs it."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"pip install 'linkhaul\[parquet\]'"):
        urls_in(io.BytesIO(b""), "parquet")


@settings(max_examples=50)
@given(content=st.binary() | st.text().map(str.encode), form=st.sampled_from(TEXT_FORMS))
def test_reading_never_raises_and_gives_clean_text(content: bytes, form: Form) -> None:
    """Any bytes in any form give entries without control characters or lone surrogates, or a SourceError at the call."""
    try:
        entries = urls_in(io.BytesIO(content), form)
    except SourceError:
        return
    last = 0
    for entry in entries:
        assert entry.line > last
        last = entry.line
        assert entry.text.encode().decode() == entry.text
        assert not any(char < " " for char in entry.text)
        assert entry.text == entry.text.strip()
        assert entry.text or entry.fault


@settings(max_examples=50)
@given(st.lists(st.from_regex(r"https?://[a-zé.]{1,9}/[!-~]{0,20}", fullmatch=True)), st.sampled_from(["csv", "tsv", "jsonl"]))
def test_what_a_program_wrote_is_read_back(urls: list[str], form: Form) -> None:
    """URLs written by the usual writers come back as they were, however they look."""
    file = io.StringIO(newline="")
    if form == "jsonl":
        file.writelines(json.dumps({"n": n, "url": url}) + "\n" for n, url in enumerate(urls))
    else:
        csv.writer(file, delimiter="\t" if form == "tsv" else ",").writerows([["n", "url"], *enumerate(urls)])
    assert texts(file.getvalue(), form) == urls
