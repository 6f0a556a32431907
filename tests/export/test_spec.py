"""A path's suffix says the format; what cannot be meant is said at once."""

from __future__ import annotations

import pytest

from linkhaul.errors import UsageError
from linkhaul.export.spec import chunks, format_of, spec_for
from linkhaul.model.columns import LINKS


@pytest.mark.parametrize(
    ("path", "asked", "expected"),
    [
        ("links.csv", None, ("csv", None)),
        ("LINKS.CSV.GZ", None, ("csv", "gz")),
        ("a.b/links.v2.jsonl.zst", None, ("jsonl", "zst")),
        ("x.sqlite", None, ("sqlite", None)),
        ("-", "tsv", ("tsv", None)),
        ("-", "jsonl.gz", ("jsonl", "gz")),
        ("rows.txt", "csv", ("csv", None)),
        ("rows.gz", "csv", ("csv", "gz")),
    ],
)
def test_the_suffix_or_the_asked_format_decides(path: str, asked: str | None, expected: tuple[str, str | None]) -> None:
    """The suffix tells format and compression; a format that is asked for is stronger."""
    assert format_of(path, asked) == expected


@pytest.mark.parametrize(
    ("path", "flags"),
    [
        ("links", {}),
        ("links.txt", {}),
        ("links.gz", {}),
        (".csv/links", {}),
        ("-", {}),
        ("-", {"format": "parquet"}),
        ("x.csv", {"format": "doc"}),
        ("x.csv", {"format": ""}),
        ("x.csv", {"format": "csv.tsv"}),
        ("x.parquet.gz", {}),
        ("x.xlsx.zst", {}),
        ("x.jsonl", {"excel": True}),
        ("x.xlsx", {"excel": True}),
    ],
)
def test_what_cannot_be_meant_is_refused(path: str, flags: dict[str, bool]) -> None:
    """An unknown suffix, a compression where none goes, --excel where it means nothing: a usage error."""
    with pytest.raises(UsageError):
        spec_for(path, columns=LINKS, table="links", **flags)  # type: ignore[arg-type]


def test_an_unknown_suffix_names_the_known_ones() -> None:
    """The message holds every suffix that works."""
    with pytest.raises(UsageError, match=r"links\.txt.*\.csv \.tsv \.jsonl \.parquet \.sqlite \.xlsx.*\.gz or \.zst"):
        spec_for("links.txt", columns=LINKS, table="links")


def test_chunks_keep_order_and_lose_nothing() -> None:
    """Chunks joined are the rows again, none longer than the size, none empty."""
    rows = [(n,) for n in range(10)]
    parts = list(chunks(iter(rows), 4))
    assert [len(part) for part in parts] == [4, 4, 2]
    assert [row for part in parts for row in part] == rows
