"""Which other sites a set of pages leads to, and whether the links count for search engines."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

import linkhaul
from linkhaul.demo.server import serve

with serve() as site:
    run = linkhaul.links([f"{site}/friends/", f"{site}/about/", f"{site}/blog/a-wall-of-moss/"], only="external")

hosts = Counter(urlsplit(link.url).hostname for link in run.links)
for host, count in hosts.most_common():
    print(f"{count} x {host}")

followed = sum(link.follow for link in run.links)
print(f"{followed} of {len(run.links)} links to other sites are followed")
