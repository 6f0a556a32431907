"""The main job: every link of every listed page, as rows of a CSV file, and what became of each page in another."""

from __future__ import annotations

import linkhaul
from linkhaul.demo.server import serve

with serve() as site:  # a small bundled site; put your own addresses in the list instead
    run = linkhaul.links(
        [f"{site}/", f"{site}/guide/", f"{site}/shop/dodo-fern/", f"{site}/ja/"],
        out="links.csv",
        pages="pages.csv",
        overwrite=True,  # without it, the rows are added to those of an earlier run
    )

print(f"{len(run.links)} links of {len(run.pages)} pages are in links.csv")
print("How the visits ended:", run.outcomes)
for link in run.links.head(3):
    print(f"  {link.text!r} leads to {link.url}")
