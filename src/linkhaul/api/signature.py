"""The keyword arguments of the public calls, for type checkers: every setting of `linkhaul.config`, by name.

A test compares the two; defaults and meanings stand in `config` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict


class Settings(TypedDict, total=False):
    """Any of the settings."""

    kinds: Sequence[str] | str
    only: str | None
    match: Sequence[str] | str
    exclude: Sequence[str] | str
    unique: bool
    columns: Sequence[str] | str
    timeout: float
    connect_timeout: float
    read_timeout: float
    max_body: int | str
    max_redirects: int
    header: Sequence[str] | str
    cookie: Sequence[str] | str
    cookies: str | None
    auth: Sequence[str] | str
    proxy: str | None
    user_agent: str
    contact: str | None
    insecure: bool
    allow_private: bool
    concurrency: int
    per_host: int
    per_address: int
    gap: float
    retries: int
    max_crawl_delay: float
    ignore_robots: bool
    scope: str
    include: Sequence[str] | str
    skip: Sequence[str] | str
    depth: int | None
    max_pages: int | None
    max_time: float | None
    max_links_per_page: int
    sitemap: Sequence[str] | str
    no_sitemaps: bool
    obey_nofollow: bool
    allow_pattern: Sequence[str] | str
    accept: str
    redirects: str
    fail_on: Sequence[str] | str
    confirm_after: float
    no_probe: bool
    max_age: int | None
    suggest: bool
    facts: bool
    memory: int | str
    workers: int | None
