"""URLs that a run knows and that resemble one that it does not: what was probably meant."""

from __future__ import annotations

import sqlite3
from heapq import nlargest
from itertools import takewhile

from linkhaul.model.url import host_of, url_id

NEAR = 5
MOST_HOSTS = 100
"""On how many hosts the same path is looked for."""


def resembling(connection: sqlite3.Connection, url: str, host_id: int | None) -> list[str]:
    """Return known URLs that resemble one: the same but for a slash, scheme, query or host first, then others of its host."""
    hosts = [host for (host,) in connection.execute("SELECT host FROM host ORDER BY id LIMIT ?", (MOST_HOSTS,))]
    elsewhere = [host + url[len(host_of(url)) :] for host in hosts]
    found = [
        other
        for other in (*_variants(url), *elsewhere)
        if connection.execute("SELECT 1 FROM url WHERE id = ?", (url_id(other),)).fetchone()
    ]
    if host_id is not None and len(found) < NEAR:
        sql = "SELECT url FROM url WHERE host_id = ?"
        alike = nlargest(NEAR, (other for (other,) in connection.execute(sql, (host_id,))), key=lambda other: _likeness(url, other))
        found += alike
    return list(dict.fromkeys(found))[:NEAR]


def _variants(url: str) -> list[str]:
    scheme, _, rest = url.partition("://")
    other_scheme = f"{'http' if scheme == 'https' else 'https'}://{rest}"
    other_host = f"{scheme}://{rest.removeprefix('www.') if rest.startswith('www.') else f'www.{rest}'}"
    plain = [url, other_scheme, other_host, other_host.replace(f"{scheme}://", other_scheme.partition("://")[0] + "://", 1)]
    every = []
    for each in plain:
        address = each.partition("?")[0]
        every += [each, address, address.rstrip("/") if address.count("/") > 3 else address, f"{address}/"]
    return list(dict.fromkeys(every))


def _likeness(url: str, other: str) -> int:
    """Return how many characters two URLs share at the beginning and at the end, less what the other has too much."""
    shared = _shared(url, other)
    tail = _shared(url[shared:][::-1], other[shared:][::-1])
    return shared + tail - abs(len(url) - len(other)) // 2


def _shared(text: str, other: str) -> int:
    """Return how many characters two texts share at their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))
