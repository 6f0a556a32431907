"""The rows as an Arrow table, for all that understands one: pandas, Polars, DuckDB. Needs linkhaul[parquet]."""

from __future__ import annotations

import linkhaul
from linkhaul.demo.server import serve

with serve() as site:
    run = linkhaul.links([f"{site}/", f"{site}/shop/", f"{site}/guide/"], out="links.parquet", overwrite=True)

table = run.links.to_arrow()  # or to_pandas(), to_polars()
print(f"{table.num_rows} rows of {table.num_columns} columns")
for group in table.group_by("region").aggregate([("url", "count_distinct")]).sort_by("region").to_pylist():
    print(f"{group['region']:>8}: {group['url_count_distinct']} different URLs")
