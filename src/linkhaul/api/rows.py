"""The rows of the tables besides links, with a name for each column; a test compares them with `model.columns`."""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache
from typing import Any, NamedTuple


class PageRow(NamedTuple):
    """One visit: a row of `pages`."""

    url: str
    final_url: str
    hops: int
    status: int | None
    outcome: str
    failure: str | None
    detail: str | None
    content_type: str | None
    charset: str | None
    charset_from: str | None
    bytes: int
    dns_s: float | None
    connect_s: float | None
    wait_s: float | None
    read_s: float | None
    total_s: float
    title: str | None
    lang: str | None
    links: int
    found_via: str
    attempts: int
    visited_at: str


class UrlRow(NamedTuple):
    """One URL that the run has met: a row of `urls`."""

    url: str
    host: str
    state: str
    reason: str | None
    depth: int | None
    found_via: str
    found_on: str | None
    attempts: int


class HopRow(NamedTuple):
    """One redirect: a row of `hops`."""

    asked: str
    n: int
    url: str
    status: int
    location: str


class HostRow(NamedTuple):
    """One host: a row of `hosts`."""

    host: str
    urls: int
    done: int
    queued: int
    robots_status: int | None
    robots_failure: str | None
    parked: str | None
    hold_until: str | None


@lru_cache(maxsize=64)
def row_of(names: tuple[str, ...]) -> Any:
    """Return the class of rows with these columns: a tuple with a name for each; the same class for the same columns."""
    return namedtuple("Row", names)  # noqa: PYI024 - the columns are chosen while it runs
