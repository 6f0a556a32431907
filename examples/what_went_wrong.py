"""A page that fails is a row with a sentence, never an exception: ask the run what went wrong."""

from __future__ import annotations

import linkhaul
from linkhaul.demo.server import serve

with serve() as site:
    run = linkhaul.links([f"{site}/shop/", f"{site}/shop/dodo-fern/", f"{site}/shop/basket/", f"{site}/price-list.pdf"])

for kind, count, example, sentence in run.failures:
    print(f"{count} x {kind}: {example}\n    {sentence}")

for page in run.pages:
    print(f"{page.outcome:>10}  {page.status or '-':>3}  {page.links:>3} links  {page.url}")
