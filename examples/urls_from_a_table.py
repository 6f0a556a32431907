"""Sources from a column of a table, and the links of two kinds as packed JSON Lines."""

from __future__ import annotations

import csv
from pathlib import Path

import linkhaul
from linkhaul.demo.server import serve

with serve() as site:
    with Path("products.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["name", "address"])
        rows.writerows([["Cushion moss", f"{site}/shop/cushion-moss/"], ["Maidenhair fern", f"{site}/shop/maidenhair-fern/"]])

    run = linkhaul.links(
        linkhaul.UrlList("products.csv", column="address"),  # CSV, TSV, JSON Lines, Parquet, or a URL a line; .gz and .zst too
        out="assets.jsonl.gz",
        kinds=("image", "css"),
        columns=("page_url", "kind", "url"),
        overwrite=True,
    )

print(f"{len(run.links)} images and style links are in assets.jsonl.gz")
for _, kind, url in run.links.head(3):
    print(f"  {kind}: {url}")
