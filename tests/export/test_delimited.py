"""CSV as RFC 4180 says, byte for byte what csv.writer makes of the same rows."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from linkhaul.export.delimited import DelimitedText, Dialect, fresh_dialect
from linkhaul.model.columns import LINKS, Column, Row

TEXTS = (Column("a", "text", False, ""), Column("b", "text", True, ""))


def encoded(rows: list[Row], dialect: Dialect | None = None, columns: tuple[Column, ...] = TEXTS, *, excel: bool = False) -> bytes:
    return DelimitedText(columns, dialect or fresh_dialect("csv", columns), excel=excel).encode(rows)


def test_the_golden_lines() -> None:
    """CRLF, quotes doubled, only what must be quoted is; true and false in words; an absent value is nothing."""
    columns = (*TEXTS, Column("n", "integer", False, ""), Column("ok", "boolean", False, ""), Column("s", "real", True, ""))
    rows: list[Row] = [
        ("x", None, 1, True, None),
        ('say "x"', "a,b", -2, False, 0.1),
        ("l\nm", "c\rd", 3, True, 1e-9),
        (" ;\t ", "'", 0, True, 2.0),
    ]
    assert (
        encoded(rows, columns=columns)
        == b'x,,1,true,\r\n"say ""x""","a,b",-2,false,0.1\r\n"l\nm","c\rd",3,true,1e-09\r\n ;\t ,\',0,true,2.0\r\n'
    )


@given(st.lists(st.tuples(st.integers(-5, 5000) | st.integers(), st.floats(allow_nan=False)), min_size=1))
def test_numbers_are_written_as_python_writes_them(rows: list[Row]) -> None:
    """Whole numbers, small and large, and others that equal them: 2 is "2", and 2.0 is "2.0"."""
    columns = (Column("n", "integer", False, ""), Column("s", "real", False, ""))
    assert encoded(rows, columns=columns).decode().splitlines() == [f"{n},{s}" for n, s in rows]


def test_the_header_of_links_is_fixed() -> None:
    """Programs of the users depend on this line."""
    assert DelimitedText(LINKS, fresh_dialect("csv", LINKS), excel=False).header() == (
        b"page_url,n,url,raw,fragment,kind,tag,attr,text,rel,title,target,hreflang,type,download,region,internal,follow,origin,found_at\r\n"
    )


def test_tsv_has_tabs_and_line_feeds() -> None:
    """A comma is nothing special in TSV; a tab in a text is quoted."""
    assert encoded([("a,b", "c\td")], fresh_dialect("tsv", TEXTS)) == b'a,b\t"c\td"\n'


def test_a_row_follows_the_order_of_the_file() -> None:
    """Another order of the columns, another delimiter, another line ending: the file's own."""
    assert encoded([("1", "x;y"), ("2", None)], Dialect(";", "\n", (1, 0))) == b'"x;y";1\n;2\n'


def test_one_empty_cell_is_not_an_empty_line() -> None:
    """Readers skip empty lines, so a table of one column writes its empty cell between quotes."""
    assert encoded([("",), ("x",)], columns=TEXTS[:1]) == b'""\r\nx\r\n'


@given(
    st.lists(
        st.tuples(st.text(alphabet='ab",;\t\r\n\0 é', max_size=6), st.none() | st.text(alphabet='a",\n', min_size=1, max_size=4)),
        min_size=1,
    )
)
def test_it_writes_what_the_standard_library_writes(rows: list[Row]) -> None:
    """The fast way differs from csv.writer in nothing (which quotes a lone CR from Python 3.13 on; RFC 4180 wants it)."""
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    wanted = lines.getvalue()
    assert list(csv.reader(io.StringIO(encoded(rows).decode(), newline=""))) == [[a, b or ""] for a, b in rows]
    if not any("\r" in str(cell) for row in rows for cell in row):
        assert encoded(rows).decode() == wanted


def test_excel_guards_text_and_leaves_numbers() -> None:
    """A formula in a text gets an apostrophe; a negative number in a column of numbers does not; a fresh file has a BOM."""
    columns = (*TEXTS, Column("n", "integer", False, ""))
    assert encoded([("=1+1", "-x", -5)], columns=columns, excel=True) == b"'=1+1,'-x,-5\r\n"
    assert DelimitedText(columns, fresh_dialect("csv", columns), excel=True).header() == b"\xef\xbb\xbfa,b,n\r\n"
