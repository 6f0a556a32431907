"""Site rules of links and redirects: what is broken, what leads on, what nothing leads to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from linkhaul.decide.audit import sources
from linkhaul.decide.audit.rule import Rule, SiteRow
from linkhaul.decide.verdict import Rules, verdict_of
from linkhaul.insight.targets import Targets
from linkhaul.model.check import VerdictName
from linkhaul.model.url import host_of
from linkhaul.store.reader import value

DEEP = 4
LONGEST_URL = 2_000
_SUSPECTS = """
SELECT k.url_id, u.url, k.pages, first.final_url FROM linked k JOIN url u ON u.id = k.url_id JOIN visit v ON v.id = u.visit
JOIN visit first ON first.id = k.first WHERE {which} ORDER BY k.pages DESC, u.url
"""
_FAILED = "v.outcome IN ('http-error', 'failed') AND k.is_internal = {side}"
_ISLAND = """
SELECT p.url, k.pages, first.final_url FROM page p JOIN linked k ON k.url_id = p.id JOIN visit first ON first.id = k.first
WHERE p.is_indexable AND p.id = ?
"""
_GOOD = "v.outcome IN ('ok', 'checked', 'not-html')"


def _judged(connection: sqlite3.Connection, which: str, name: VerdictName) -> Iterator[SiteRow]:
    """Yield linked targets that have a verdict, by the same words as a check says them."""
    targets = Targets(connection)
    is_check = value(connection, "verb") == "check" or value(connection, "check") is not None
    rules = Rules(tries=2 if is_check else 1)
    for id, url, pages, first in connection.execute(_SUSPECTS.format(which=which)):
        facts = targets.of(id, url).facts
        hosts = dict.fromkeys((host_of(url), host_of(facts.final_url or url)))
        probes = [probe for host in hosts for probe in targets.probes(host)]
        verdict = verdict_of(facts, rules, probes)
        if verdict.name == name:
            yield url, verdict.detail, first, pages


def _broken_inside(connection: sqlite3.Connection) -> Iterator[SiteRow]:
    return _judged(connection, _FAILED.format(side=1), "broken")


def _broken_outside(connection: sqlite3.Connection) -> Iterator[SiteRow]:
    return _judged(connection, _FAILED.format(side=0), "broken")


def _soft(connection: sqlite3.Connection) -> Iterator[SiteRow]:
    return _judged(connection, _GOOD, "soft-404")


def _unreached(connection: sqlite3.Connection) -> Iterator[SiteRow]:
    """Yield pages that links lead to, but no way of links from where the run began."""
    from linkhaul.insight.linkage import load
    from linkhaul.insight.paths import UNREACHED, ways_from

    graph = load(connection)
    unreached = graph.is_read & (ways_from(graph, graph.seeds).clicks == UNREACHED)
    for id in graph.ids[unreached]:
        row = connection.execute(_ISLAND, (int(id),)).fetchone()
        if row is not None:
            url, pages, first = row
            yield url, f"{pages:,} {'page links' if pages == 1 else 'pages link'} to it, and cannot be reached either", first, 1


_HOPS_OF = "(SELECT group_concat(place, ' → ') FROM (SELECT hop.url || ' (' || hop.status || ')' AS place FROM hop WHERE hop.visit = v.id ORDER BY hop.n))"
_LINKING = "coalesce((SELECT k.pages FROM linked k WHERE k.url_id = v.url_id), 1)"
_NOT_LINKED = """
NOT EXISTS (SELECT 1 FROM linked k WHERE k.url_id = p.id)
AND NOT EXISTS (SELECT 1 FROM visit v JOIN linked k ON k.url_id = v.url_id WHERE v.page_id = p.id AND v.page_id <> v.url_id)
AND p.id NOT IN (SELECT v.page_id FROM visit v WHERE v.found_via = 'seed')
"""

RULES: tuple[Rule, ...] = (
    Rule(
        id="link-broken", other="linked from", severity="error", where="site", needs=("links",), walk=_broken_inside, what="A link within the site is broken",
        why="Visitors and search engines end up nowhere.",
        source=sources.STATUSES, mend="Let the link lead to where the content is now, or take it away. 'linkhaul check' tells every place.",
    ),
    Rule(
        id="link-broken-outside", other="linked from", severity="warning", where="site", needs=("links", "outside"), walk=_broken_outside,
        what="A link to another site is broken",
        why="Visitors end up nowhere, and the page looks forgotten.",
        source=sources.STATUSES, mend="Link to what has taken its place, or to a copy in an archive. 'linkhaul check' tells every place.",
    ),
    Rule(
        id="soft-404", other="linked from", severity="error", where="site", needs=("links", "probe"), walk=_soft, what="A page that is missing answers 200",
        why="It reads like what the host answers to an address that was made up. Search engines go on asking for it.",
        source=sources.STATUSES, mend="Let the server answer 404 or 410, or redirect to what has taken its place.",
    ),
    Rule(
        id="page-failed", severity="error", where="site", needs=(), what="An address of the site gives an error of the server's or no answer",
        why="Search engines slow down at such answers, and drop the page when they last.",
        source=sources.STATUSES, mend="Look into the server's log at that time; ask again with 'linkhaul check'.",
        sql="""
            SELECT v.url, CASE WHEN v.status >= 500 THEN 'it answers ' || v.status ELSE coalesce(v.detail, v.failure) END, NULL, 1 FROM visit v
            JOIN url u ON u.id = v.url_id AND u.visit = v.id WHERE u.purpose = 'page'
            AND ((v.outcome = 'http-error' AND v.status >= 500) OR (v.outcome = 'failed'
                AND v.failure NOT IN ('redirect-loop', 'too-many-redirects', 'bad-redirect', 'bad-url', 'dns'))) ORDER BY v.url
        """,
    ),
    Rule(
        id="link-to-redirect", other="linked from", severity="warning", where="site", needs=("links",), what="A link within the site leads to a redirect",
        why="Each click takes a request more, and a search engine finds the page a step later.",
        source=sources.REDIRECTS, mend="Link to the address where it ends.",
        sql="""
            SELECT t.url, 'it leads on to ' || t.final_url, first.final_url, k.pages FROM linked k JOIN target t ON t.id = k.url_id
            JOIN visit first ON first.id = k.first WHERE k.is_internal AND t.what = 'redirect' AND t.final_url IS NOT NULL
            ORDER BY k.pages DESC, t.url
        """,
    ),
    Rule(
        id="link-to-http", other="linked from", severity="warning", where="site", needs=("links",), what="A link on an https page leads to http within the site",
        why="Visitors leave the safe connection, if only for a redirect back to it.",
        source=sources.HTTPS, mend="Write the link with https://, or without scheme and host.",
        sql="""
            SELECT u.url, 'from https to http', first.final_url, k.pages FROM linked k JOIN url u ON u.id = k.url_id
            JOIN visit first ON first.id = k.first WHERE k.is_internal AND u.url GLOB 'http://*' AND first.final_url GLOB 'https://*'
            ORDER BY k.pages DESC, u.url
        """,
    ),
    Rule(
        id="link-nofollow", other="linked from", severity="warning", where="site", needs=("links",), what="A link within the site is nofollow",
        why="It keeps search engines from pages of your own, and lends them no weight.",
        source=sources.LINK_RELATIONS, mend='Take rel="nofollow" away; what should not be found is kept out by noindex or robots.txt.',
        sql="""
            SELECT u.url, k.nofollow || ' of ' || k.pages || ' pages that link there say nofollow', first.final_url, k.nofollow
            FROM linked k JOIN url u ON u.id = k.url_id JOIN visit first ON first.id = k.first_nofollow WHERE k.is_internal
            ORDER BY k.nofollow DESC, u.url
        """,
    ),
    Rule(
        id="noindex-linked", other="linked from", severity="notice", where="site", needs=("facts", "links"), what="A page that asks to be left out of the index is linked",
        why="Search engines come back to it again and again without showing it. That is right for a login, and a fault for a page that should be found.",
        source=sources.BLOCKING, mend="Make sure that it is meant.",
        sql="""
            SELECT p.url, 'noindex', first.final_url, k.pages FROM page p JOIN linked k ON k.url_id = p.id JOIN visit first ON first.id = k.first
            WHERE p.is_noindex ORDER BY k.pages DESC, p.url
        """,
    ),
    Rule(
        id="orphan", severity="warning", where="site", needs=("facts", "links", "sitemaps", "whole"), what="No link leads to the page",
        why="Only sitemaps know of it: visitors do not find it, and search engines take it for unimportant.",
        source=sources.LINKS, mend="Link to it where it belongs, or take it away.",
        sql=f"""
            SELECT p.url, 'known from a ' || CASE u.found_via WHEN 'feed' THEN 'feed' ELSE 'sitemap' END || ' only', NULL, 1 FROM page p
            JOIN url u ON u.id = p.id WHERE p.is_indexable AND {_NOT_LINKED} ORDER BY p.url
        """,
    ),
    Rule(
        id="unreached", other="linked from", severity="warning", where="site", needs=("facts", "links", "whole", "graph"), walk=_unreached,
        what="No way of links leads to the page",
        why="Pages link to it that cannot be reached themselves: an island.",
        source=sources.LINKS, mend="Link to one page of the island from the site.",
    ),
    Rule(
        id="page-deep", other="found on", severity="notice", where="site", needs=("facts", "links", "whole"), what=f"The page is more than {DEEP} clicks away",
        why="The farther a page is from where visitors begin, the fewer find it, and the less often search engines come.",
        source=sources.STARTER, mend="Link to it from a page nearer to the start, such as an overview of its subject.",
        sql=f"""
            SELECT p.url, u.depth || ' clicks from where the run began', parent.url, 1 FROM page p JOIN url u ON u.id = p.id
            LEFT JOIN url parent ON parent.id = u.parent_id WHERE p.is_indexable AND u.depth > {DEEP} AND u.depth < 1000000
            ORDER BY u.depth DESC, p.url
        """,
    ),
    Rule(
        id="dead-end", severity="notice", where="site", needs=("facts", "links"), what="No link leads on from the page",
        why="Visitors can only go back, and what the page is worth to search engines is passed to no other.",
        source=sources.LINKS, mend="Link to the overview that it belongs to.",
        sql="""
            SELECT p.url, 'no link to another page of the site', NULL, 1 FROM page p WHERE p.is_indexable AND NOT EXISTS (
                SELECT 1 FROM link l JOIN form f ON f.id = l.form WHERE l.id > p.visit << 20 AND l.id < (p.visit + 1) << 20
                AND f.kind = 'page' AND f.internal AND l.url_id IS NOT NULL AND l.url_id <> p.id) ORDER BY p.url
        """,
    ),
    Rule(
        id="url-too-long", severity="warning", where="site", needs=(), other="linked from", what=f"An address of the site has more than {LONGEST_URL:,} characters",
        why="HTTP asks for support of 8,000 octets; browsers, mail programs, search engines and logs stop at about 2,000.",
        source=sources.URL_LENGTH, mend="Move what is long into the page's own state or a POST request.",
        sql=f"""
            SELECT u.url, length(u.url) || ' characters', first.final_url, coalesce(k.pages, 1) FROM url u LEFT JOIN linked k ON k.url_id = u.id
            LEFT JOIN visit first ON first.id = k.first WHERE length(u.url) > {LONGEST_URL} AND u.purpose = 'page'
            AND (k.is_internal OR EXISTS (SELECT 1 FROM page p WHERE p.id = u.id)) ORDER BY length(u.url) DESC, u.url
        """,
    ),
    Rule(
        id="redirect-chain", other="ends at", severity="warning", where="site", needs=(), what="Redirects lead to redirects",
        why="Each takes a request; search engines follow no more than some, and browsers twenty.",
        source=sources.REDIRECTS, mend="Let the first lead where the last does.",
        sql=f"""
            SELECT v.url, v.hops || ' redirects: ' || {_HOPS_OF}, v.final_url, {_LINKING} FROM visit v
            WHERE v.hops > 1 AND v.found_via <> 'probe' AND coalesce(v.failure, '') NOT IN ('redirect-loop', 'too-many-redirects')
            ORDER BY v.hops DESC, v.url
        """,
    ),
    Rule(
        id="redirect-loop", severity="error", where="site", needs=(), what="Redirects lead in a circle",
        why="Nobody ever arrives.",
        source=sources.REDIRECTS, mend="Look at the rules for https, www and the trailing slash: two of them undo each other, as a rule.",
        sql=f"""
            SELECT v.url, coalesce(v.detail, v.failure), NULL, {_LINKING} FROM visit v
            WHERE v.failure IN ('redirect-loop', 'too-many-redirects') ORDER BY v.url
        """,
    ),
    Rule(
        id="redirect-broken", other="ends at", severity="error", where="site", needs=(), what="A redirect leads to an error",
        why="The address still works, and what it leads to does not.",
        source=sources.REDIRECTS, mend="Redirect to what has taken its place, or let the address answer 410.",
        sql=f"""
            SELECT v.url, 'where it ends answers ' || v.status, v.final_url, {_LINKING} FROM visit v
            WHERE v.hops > 0 AND v.outcome = 'http-error' AND v.status IN (404, 410) AND v.found_via <> 'probe' ORDER BY v.url
        """,
    ),
    Rule(
        id="redirect-temporary", other="ends at", severity="notice", where="site", needs=("links",), what="A linked address redirects for the time being only",
        why="A 302, 303 or 307 says that the page will be back; search engines may keep the old address. A move is a 301 or 308.",
        source=sources.REDIRECTS, mend="Answer 301 or 308 where the move is for good.",
        sql="""
            SELECT v.url, 'it answers ' || hop.status, v.final_url, k.pages FROM visit v
            JOIN hop ON hop.visit = v.id AND hop.n = 1 JOIN linked k ON k.url_id = v.url_id
            WHERE k.is_internal AND hop.status IN (302, 303, 307) AND v.outcome = 'ok' ORDER BY k.pages DESC, v.url
        """,
    ),
)  # fmt: skip
