"""Everything a run knows of one URL: its state and the rule behind it, the way to it, who links to it, its visit."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from msgspec import Struct, convert

from linkhaul.config import Config
from linkhaul.decide.scope import Scope
from linkhaul.decide.traps import MEANINGS as TRAPS
from linkhaul.decide.traps import TrapReason, Traps
from linkhaul.errors import SourceError
from linkhaul.insight.queries import config_of, scope_of
from linkhaul.insight.resembling import resembling
from linkhaul.model.records import Failure, FailureKind, Hop
from linkhaul.model.times import iso
from linkhaul.model.url import from_typed, host_of, join, target_url, url_id
from linkhaul.read.robots import NOWHERE, rules_for
from linkhaul.store.known import Known
from linkhaul.store.schema import LINK_BITS

SHOWN = 10
NO_CLICKS = 1_000_000
"""The depth that stands for "no click leads to it", as the run file has it."""

_RULES = {
    "seed": "it was named as a source",
    "depth": "it is more clicks from the nearest source than the run goes: a crawl as far as --depth allows, a list none",
    "include": "it matches none of the --include patterns",
    "skip": "it matches one of the --exclude patterns (the setting skip)",
    "nofollow": "every link to it is under nofollow, and --obey-nofollow was given",
    "scheme": "it is no web address",
}
_URL = "SELECT id, url, host_id, depth, state, reason, found_via, parent_id, attempts, not_before, visit FROM url WHERE id = ?"
_VISIT = """
SELECT final_url, outcome, status, failure, detail, content_type, bytes, total_s, title, links, attempts, visited_at, canonical, robots
FROM visit WHERE id = ?
"""
_VISIT_NAMES = (
    "final_url", "outcome", "status", "failure", "detail", "content_type", "bytes", "total_s", "title", "links", "attempts", "visited_at",
    "canonical", "robots",
)  # fmt: skip
_LINKING = """
SELECT v.final_url, l.id & 1048575, l.text, f.follow FROM link l JOIN visit v ON v.id = l.id >> 20 JOIN form f ON f.id = l.form WHERE l.id = ?
"""


class Step(Struct, frozen=True):
    """One URL on the way from a source.

    Attributes:
        via: how it was reached from the one before: seed, link, redirect, sitemap, feed or canonical.
        text: the text of the link that leads here; None where no link does.
    """

    url: str
    via: str
    text: str | None = None


class LinkFrom(Struct, frozen=True):
    """A link that leads to the URL: its page, its number there, its text, and whether it may be followed."""

    page_url: str
    n: int
    text: str
    follow: bool


class Explanation(Struct, frozen=True, kw_only=True):
    """What a run knows of a URL.

    Attributes:
        state: queued, done, recorded, withheld, or unknown: the run has never met it.
        reason: the rule or outcome behind the state; for an unknown URL the rule that would decide.
        meaning: the state and its reason in a sentence.
        depth: clicks from the nearest source; None when no click is known to lead to it.
        retry_at: it is not asked again before then, UTC.
        path: the shortest way from a source, that first; empty for an unknown URL and where only a sitemap leads to it.
        robots: what the host's robots.txt says of it, read again now: the line that decides, or why there is none.
        links: the first SHOWN of the links that lead to it; link_count says how many there are, linking_pages on how many pages.
        redirects: the redirects of its visit, in order.
        redirected_from: the first URLs whose redirects ended here.
        visit: the row of its visit, by column, with the page's canonical address and robots words; None before it.
        verdict: for an unknown URL what would become of a link to it: follow, record, drop or withhold.
        near: known URLs that resemble it, for an unknown one.
    """

    url: str
    state: str
    reason: str | None
    meaning: str
    host: str
    depth: int | None = None
    found_via: str | None = None
    attempts: int = 0
    retry_at: str | None = None
    path: list[Step] = []
    robots: str
    links: list[LinkFrom] = []
    link_count: int = 0
    linking_pages: int = 0
    redirects: list[Hop] = []
    redirected_from: list[str] = []
    visit: dict[str, Any] | None = None
    verdict: str | None = None
    near: list[str] = []


def explain(connection: sqlite3.Connection, text: str) -> Explanation:
    """Return what the run knows of a URL. Cost: a pass over all links, as no index is kept for this.

    Args:
        connection: the run file, opened to read.
        text: the URL as a person types it; a path alone, like /shop/, is taken to be on the first source's host.

    Raises:
        SourceError: it cannot be meant as a URL.
    """
    url = url_typed(connection, text)
    config = config_of(connection)
    row = connection.execute(_URL, (url_id(url),)).fetchone()
    if row is None:
        return _unknown(connection, url, config)
    id, url, host_id, depth, state, reason, via, _, attempts, not_before, number = row
    visit = _visit(connection, number)
    redirected_from = _redirected_from(connection, id)
    links, link_count, linking_pages = _links_to(connection, id)
    return Explanation(
        url=url,
        state=state,
        reason=reason,
        meaning=_meaning(state, reason, visit, redirected_from),
        host=host_of(url),
        depth=None if depth >= NO_CLICKS else depth,
        found_via=via,
        attempts=attempts,
        retry_at=iso(not_before) if not_before is not None and state == "queued" else None,
        path=_path(connection, id),
        robots=_robots(connection, url, config, host_id),
        links=links,
        link_count=link_count,
        linking_pages=linking_pages,
        redirects=[Hop(*hop) for hop in connection.execute("SELECT url, status, location FROM hop WHERE visit = ? ORDER BY n", (number,))],
        redirected_from=redirected_from,
        visit=visit,
    )


def url_typed(connection: sqlite3.Connection, text: str) -> str:
    """Return what a person typed as a URL of the run: a path alone is one of the host of its first seed.

    Raises:
        SourceError: it cannot be meant as a URL.
    """
    if text.startswith("/") and not text.startswith("//"):
        first = connection.execute("SELECT url FROM url WHERE found_via = 'seed' ORDER BY seq LIMIT 1").fetchone()
        joined = join(first[0], text) if first is not None else None
        if joined is None:
            raise SourceError(f"{text!r} names no host, and the run has no source that could give one; write the whole URL")
        return target_url(joined)
    return from_typed(text)[0]


def _unknown(connection: sqlite3.Connection, url: str, config: Config) -> Explanation:
    scope = scope_of(connection)
    verdict, rule = scope.decide(url, 1, "link")
    trap = Traps(time.gmtime().tm_year, config.crawl.allow_pattern).admit(url) if verdict == "follow" else None
    host = connection.execute("SELECT id FROM host WHERE host = ?", (host_of(url),)).fetchone()
    return Explanation(
        url=url,
        state="unknown",
        reason=f"trap:{trap}" if trap else rule,
        meaning=f"the run has never met it; {_would(scope, verdict, f'trap:{trap}' if trap else rule)}",
        host=host_of(url),
        robots=_robots(connection, url, config, host[0])
        if host
        else f"robots.txt of {host_of(url)} was not asked for: the host is not known",
        verdict="withhold" if trap else verdict,
        near=resembling(connection, url, host[0] if host else None),
    )


def _would(scope: Scope, verdict: str, rule: str) -> str:
    """Return what would become of a link that leads there, one click from a source."""
    if rule.startswith("trap:"):
        return f"a link to it would be withheld: {_rule(rule)}"
    if verdict == "follow":
        return f"a link to it would be followed ({scope.describe()})"
    if rule.startswith("scope:"):
        return f"a link to it would be recorded and not followed: {_rule(rule)} ({scope.describe()})"
    return f"a link to it would be recorded and not followed: {_rule(rule)}"


def _rule(reason: str) -> str:
    name, _, rest = reason.partition(":")
    if name == "trap":
        return TRAPS[convert(rest, TrapReason)]
    if name == "scope":
        return f"it is outside the scope '{rest}'"
    return _RULES.get(reason, reason)


def _meaning(state: str, reason: str | None, visit: dict[str, Any] | None, redirected_from: list[str]) -> str:
    why = reason or "no reason is known"
    if state == "done":
        return _ended(why, visit)
    if state == "withheld":
        return f"withheld as a trap: {_rule(why)}"
    if state == "recorded" and why == "redirect":
        read = f"; it was read as the end of {redirected_from[0]}" if redirected_from else ""
        return f"known because a redirect led over it or to it, not asked for by itself{read}"
    if state == "recorded":
        return f"known, and not to be fetched: {_rule(why)}"
    if why.startswith("scope:"):
        return f"to be fetched: it is within the scope '{why.partition(':')[2]}'"
    return f"to be fetched: {_RULES[why]}" if why in _RULES else f"to be fetched again: the last try ended with {why}"


def _ended(reason: str, visit: dict[str, Any] | None) -> str:
    if visit is None:
        return f"taken to its end: {reason}"
    if visit["detail"]:
        return f"taken to its end, {visit['outcome']}: {visit['detail']}"
    status = f", status {visit['status']}" if visit["status"] is not None else ""
    if visit["outcome"] == "redirected":
        return f"taken to its end: it redirects out of the scope, to {visit['final_url']}"
    led = f" after redirects, at {visit['final_url']}" if reason == "redirect" else ""
    return f"taken to its end{led}: {visit['outcome']}{status}"


def _visit(connection: sqlite3.Connection, number: int | None) -> dict[str, Any] | None:
    row = connection.execute(_VISIT, (number,)).fetchone()
    return dict(zip(_VISIT_NAMES, row, strict=True)) if row else None


def _redirected_from(connection: sqlite3.Connection, id: int) -> list[str]:
    sql = "SELECT url FROM visit WHERE page_id = ? AND page_id <> url_id ORDER BY id LIMIT ?"
    return [url for (url,) in connection.execute(sql, (id, SHOWN))]


def _path(connection: sqlite3.Connection, id: int) -> list[Step]:
    """Return the way from a source: each URL was found on the one before, which is as near to a source as any."""
    known, steps = Known(connection), []
    seen: set[int] = set()
    step: int | None = id
    while step is not None and step not in seen:
        seen.add(step)
        row = connection.execute("SELECT url, depth, found_via, parent_id FROM url WHERE id = ?", (step,)).fetchone()
        if row is None:
            break
        url, depth, via, parent = row
        if depth >= NO_CLICKS:
            return []
        via = "seed" if parent is None else "link" if via in ("sitemap", "feed", "seed") else via
        steps.append(Step(url, via, _text(connection, known, parent, step) if via == "link" else None))
        step = parent
    return steps[::-1]


def _text(connection: sqlite3.Connection, known: Known, page_id: int | None, id: int) -> str | None:
    """Return the text of the first link on a page that leads to a URL."""
    visit = known.visit_that_read(page_id) if page_id is not None else None
    if visit is None:
        return None
    sql = "SELECT text FROM link WHERE id > ? AND id < ? AND url_id = ? ORDER BY id LIMIT 1"
    row = connection.execute(sql, (visit << LINK_BITS, (visit + 1) << LINK_BITS, id)).fetchone()
    return row[0] if row else None


def _links_to(connection: sqlite3.Connection, id: int) -> tuple[list[LinkFrom], int, int]:
    """Return the first links that lead to a URL, how many there are, and on how many pages."""
    shown: list[int] = []
    count = pages = last_page = 0
    for (link,) in connection.execute("SELECT id FROM link WHERE url_id = ? ORDER BY id", (id,)):
        count += 1
        if count <= SHOWN:
            shown.append(link)
        pages += link >> LINK_BITS != last_page
        last_page = link >> LINK_BITS
    rows = [connection.execute(_LINKING, (link,)).fetchone() for link in shown]
    return [LinkFrom(page, n, text, bool(follow)) for page, n, text, follow in rows], count, pages


def _robots(connection: sqlite3.Connection, url: str, config: Config, host_id: int) -> str:
    """Return what robots.txt says of a URL, by the body that the run file keeps."""
    sql = "SELECT host, robots_status, robots_body, robots_failure, robots_at FROM host WHERE id = ?"
    host, status, body, told, at = connection.execute(sql, (host_id,)).fetchone()
    if not url.startswith("http"):
        return "a file on disk has no robots.txt"
    if config.pace.ignore_robots:
        return "robots.txt does not count: --ignore-robots was given"
    if at is None:
        return f"robots.txt of {host} was not asked for"
    failure = None
    if told is not None:
        kind, _, detail = told.partition(": ")
        failure = Failure(convert(kind, FailureKind), detail)
    rules = rules_for(status, body or b"", failure)
    token = config.fetch.user_agent
    line = rules.deciding(url, token)
    if rules.refusal is not None:
        return rules.refusal
    if failure is not None and failure.kind in NOWHERE:
        return f"robots.txt of {host} allows it: its redirects lead to none ({failure.detail}), so there are no rules (RFC 9309, 2.3.1.2)"
    verdict = "allows it" if rules.allows(url, token) else "disallows it"
    answer = "" if status is None or 200 <= status < 300 else f"; the server answered {status}, which means that there are no rules"
    return f"robots.txt of {host} {verdict}: {line}" if line else f"robots.txt of {host} {verdict}: no line of it speaks of it{answer}"
