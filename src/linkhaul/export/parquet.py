"""Rows → one Parquet file, zstd inside, a row group per 50,000 rows. It has no footer until it is closed."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from linkhaul.errors import MissingExtra
from linkhaul.export.spec import OutputSpec, chunks
from linkhaul.model.columns import Column, Row, names

_GROUP_ROWS = 50_000
_READ_ROWS = 10_000


def require() -> Any:
    """Return pyarrow.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        importlib.import_module("pyarrow.parquet")
        return importlib.import_module("pyarrow")
    except ImportError as error:
        raise MissingExtra("Parquet", "parquet") from error


def schema_of(columns: tuple[Column, ...]) -> Any:
    """Return the Arrow schema of a table: string, int64, double, bool; nullable as the columns say."""
    arrow = require()
    types = {"text": arrow.string(), "integer": arrow.int64(), "real": arrow.float64(), "boolean": arrow.bool_()}
    return arrow.schema([arrow.field(column.name, types[column.type], nullable=column.nullable) for column in columns])


def write_parquet(spec: OutputSpec, path: Path, batches: Iterable[Iterable[Row]]) -> int:
    """Write a whole file to `path` and return the number of rows; batches of any size become even row groups."""
    arrow = require()
    schema = schema_of(spec.columns)
    written = 0
    with arrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in chunks(chain.from_iterable(batches), _GROUP_ROWS):
            arrays = [arrow.array(values, field.type) for values, field in zip(zip(*group, strict=True), schema, strict=True)]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema), row_group_size=_GROUP_ROWS)
            written += len(group)
    return written


def read_parquet(path: Path, columns: tuple[Column, ...]) -> Iterator[Row]:
    """Yield the rows of a file, these columns in this order; KeyError names one that it does not have."""
    arrow = require()
    with arrow.parquet.ParquetFile(path) as file:
        for name in names(columns):
            if name not in file.schema_arrow.names:
                raise KeyError(name)
        for batch in file.iter_batches(_READ_ROWS, columns=names(columns)):
            yield from zip(*(batch.column(name).to_pylist() for name in names(columns)), strict=True)
