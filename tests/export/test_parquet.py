"""One schema for every Parquet file, made from the columns."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet
import pytest

from linkhaul.export import parquet
from linkhaul.export.spec import spec_for
from linkhaul.model.columns import Column, Row


def test_the_schema_and_the_row_groups(
    tmp_path: Path, columns: tuple[Column, ...], rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Types and nullability are the columns'; batches of any size become even row groups; zstd inside."""
    monkeypatch.setattr(parquet, "_GROUP_ROWS", 40)
    path = tmp_path / "x.parquet"
    assert parquet.write_parquet(spec_for(str(path), columns=columns, table="links"), path, [rows[:7], [], rows[7:]]) == 100
    with pyarrow.parquet.ParquetFile(path) as file:
        assert [(field.name, str(field.type), field.nullable) for field in file.schema_arrow] == [
            ("n", "int64", False),
            ("url", "string", True),
            ("text", "string", False),
            ("internal", "bool", False),
            ("wait_s", "double", True),
        ]
        assert [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] == [40, 40, 20]
        assert file.metadata.row_group(0).column(1).compression == "ZSTD"


def test_no_rows_make_a_readable_file(tmp_path: Path, columns: tuple[Column, ...]) -> None:
    """An empty table has its schema."""
    path = tmp_path / "x.parquet"
    assert parquet.write_parquet(spec_for(str(path), columns=columns, table="links"), path, []) == 0
    assert list(parquet.read_parquet(path, columns)) == []
