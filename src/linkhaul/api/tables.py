"""The tables of a run as Python sees them: iterate, count, show, and convert to what is installed."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

from linkhaul.errors import MissingExtra
from linkhaul.model.columns import Column, names

RowType = TypeVar("RowType", bound=tuple[Any, ...])
SHOWN = 20
LOT = 20_000


class Table(Generic[RowType]):
    """Rows of a run, read from its run file each time they are asked for; never all in memory unless converted.

    Args:
        columns: what a row holds, in order.
        rows: gives the rows anew.
        count: tells how many rows there are without giving them; None where it cannot be told so: then they are walked.
    """

    def __init__(
        self, name: str, columns: tuple[Column, ...], rows: Callable[[], Iterator[RowType]], count: Callable[[], int | None] = lambda: None
    ) -> None:
        self.name = name
        self.columns = columns
        self._rows = rows
        self._count = count

    def __iter__(self) -> Iterator[RowType]:
        return self._rows()

    def __len__(self) -> int:
        count = self._count()
        return sum(1 for _ in self._rows()) if count is None else count

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self):,} rows of {', '.join(names(self.columns))}>"

    def head(self, count: int = SHOWN) -> list[RowType]:
        """Return the first rows."""
        return list(islice(self, count))

    def to_arrow(self) -> Any:
        """Return a pyarrow.Table; it holds all rows in memory.

        Raises:
            MissingExtra: pyarrow is not installed.
        """
        try:
            import pyarrow as pa
        except ImportError:
            raise MissingExtra("to_arrow()", "parquet") from None
        kinds = {"text": pa.string(), "integer": pa.int64(), "real": pa.float64(), "boolean": pa.bool_()}
        schema = pa.schema([pa.field(c.name, kinds[c.type], c.nullable) for c in self.columns])
        rows, lots = iter(self), []
        while lot := list(islice(rows, LOT)):
            arrays = [pa.array(list(values), field.type) for values, field in zip(zip(*lot, strict=True), schema, strict=True)]
            lots.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
        return pa.Table.from_batches(lots, schema=schema)

    def to_pandas(self) -> Any:
        """Return a pandas.DataFrame; a whole number or a boolean that may be absent is of a type that knows absence (Int64, boolean).

        Raises:
            MissingExtra: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise MissingExtra("to_pandas()", "", "pandas") from None
        kinds = {"integer": ("int64", "Int64"), "real": ("float64", "float64"), "boolean": ("bool", "boolean"), "text": (None, None)}
        values = list(zip(*self, strict=True)) or [()] * len(self.columns)
        return pd.DataFrame({
            column.name: pd.Series(list(own), dtype=kinds[column.type][column.nullable])
            for column, own in zip(self.columns, values, strict=True)
        })  # fmt: skip

    def to_polars(self) -> Any:
        """Return a polars.DataFrame.

        Raises:
            MissingExtra: polars is not installed.
        """
        try:
            import polars as pl
        except ImportError:
            raise MissingExtra("to_polars()", "", "polars") from None
        kinds = {"text": pl.String, "integer": pl.Int64, "real": pl.Float64, "boolean": pl.Boolean}
        return pl.DataFrame([tuple(row) for row in self], schema={c.name: kinds[c.type] for c in self.columns}, orient="row")

    def _repr_html_(self) -> str:
        shown = self.head()
        head = "".join(f"<th>{html.escape(name)}</th>" for name in names(self.columns))
        body = "".join(f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>" for row in shown)
        more = f"<p>the first {len(shown)} rows of {self.name}</p>"
        return f"<div style='overflow-x:auto'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return html.escape(text if len(text) <= 80 else text[:79] + "…")
