"""Site rules of canonical addresses, languages, sitemaps and robots.txt: what one page says against what another is."""

from __future__ import annotations

from linkhaul.decide.audit import sources
from linkhaul.decide.audit.rule import Rule

MOST_IN_SITEMAP = 50_000
_CANONICAL = """
SELECT p.url, {evidence}, p.canonical, 1 FROM page p JOIN target t ON t.id = p.canonical_id
LEFT JOIN page q ON q.id = p.canonical_id WHERE {which} ORDER BY p.url
"""
_ALTERNATE = """
SELECT p.url, {evidence}, a.url, 1 FROM page p JOIN alternate a ON a.page_id = p.id JOIN target t ON t.id = a.url_id
LEFT JOIN page q ON q.id = a.url_id WHERE a.url_id <> p.id AND {which} GROUP BY p.id, a.url_id ORDER BY p.url, a.lang
"""
_LISTED = """
SELECT t.url, {evidence}, min(s.sitemap), 1 FROM listed s JOIN target t ON t.id = s.url_id LEFT JOIN page p ON p.id = s.url_id
WHERE {which} GROUP BY s.url_id ORDER BY t.url
"""
_ANSWERS = "CASE t.what WHEN 'failed' THEN 'it gives no answer' ELSE coalesce('it answers ' || t.status, 'it is broken') END"
_LEADS_ON = "'it leads on' || coalesce(' to ' || t.final_url, '')"

RULES: tuple[Rule, ...] = (
    Rule(
        id="canonical-to-redirect", other="canonical", severity="error", where="site", what="The canonical address redirects",
        why="A canonical address is where the page is, not where it was; search engines then choose themselves.",
        source=sources.CANONICALS, mend="Name the address where the redirect ends.",
        sql=_CANONICAL.format(evidence=_LEADS_ON, which="t.what = 'redirect'"),
    ),
    Rule(
        id="canonical-to-broken", other="canonical", severity="error", where="site", what="The canonical address is an error",
        why="The page says that one stands for it which is not there, and may vanish from results with it.",
        source=sources.CANONICALS, mend="Name an address that answers 200: mostly the page's own.",
        sql=_CANONICAL.format(evidence=_ANSWERS, which="t.what IN ('broken', 'failed')"),
    ),
    Rule(
        id="canonical-chain", other="canonical", severity="warning", where="site", what="The canonical page names yet another",
        why="Canonical addresses are hints, and hints that lead on are followed by nobody for sure.",
        source=sources.CANONICAL_LINK, mend="Name the last one on all pages.",
        sql=_CANONICAL.format(evidence="'which names ' || q.canonical", which="q.canonical_id IS NOT NULL AND q.canonical_id <> p.id"),
    ),
    Rule(
        id="canonical-circle", other="canonical", severity="error", where="site", what="Two pages name each other as canonical",
        why="Neither stands for both, so the hint says nothing.",
        source=sources.CANONICAL_LINK, mend="Decide for one of them.",
        sql=_CANONICAL.format(evidence="'which names this page'", which="q.canonical_id = p.id"),
    ),
    Rule(
        id="canonical-to-noindex", other="canonical", severity="error", where="site", what="The canonical page is noindex",
        why="The page that should be shown asks not to be: neither of the two is.",
        source=sources.CANONICALS, mend="Take noindex from the canonical page, or give each its own canonical.",
        sql=_CANONICAL.format(evidence="'it is noindex'", which="q.is_noindex"),
    ),
    Rule(
        id="hreflang-no-return", other="there", severity="error", where="site", what="The page in another language does not link back",
        why="Languages count only where the pages name each other; otherwise anybody could claim them.",
        source=sources.HREFLANG, mend="Let all pages of the group list the same addresses.",
        sql=_ALTERNATE.format(
            evidence="'the page for ' || group_concat(DISTINCT a.lang) || ' does not name this one'",
            which="q.has_facts AND NOT EXISTS (SELECT 1 FROM alternate b WHERE b.page_id = a.url_id AND b.url_id = p.id)",
        ),
    ),
    Rule(
        id="hreflang-to-broken", other="there", severity="error", where="site", what="A hreflang leads to an error or a redirect",
        why="Only addresses that answer 200 belong to a group of languages.",
        source=sources.HREFLANG, mend="Name the address where the page is.",
        sql=_ALTERNATE.format(
            evidence=f"a.lang || ': ' || CASE t.what WHEN 'redirect' THEN {_LEADS_ON} ELSE {_ANSWERS} END",
            which="t.what IN ('broken', 'failed', 'redirect')",
        ),
    ),
    Rule(
        id="hreflang-to-other", other="there", severity="error", where="site", what="A hreflang leads to a page that stands for no language",
        why="A page that is noindex, or that names another as canonical, drops out of the group.",
        source=sources.HREFLANG, mend="Name the canonical page of that language.",
        sql=_ALTERNATE.format(
            evidence="a.lang || ': ' || CASE WHEN q.is_noindex THEN 'it is noindex' ELSE 'its canonical is ' || q.canonical END",
            which="q.has_facts AND NOT q.is_indexable",
        ),
    ),
    Rule(
        id="sitemap-missing", severity="notice", where="site", needs=("looked-for-sitemaps",), what="The site has no sitemap",
        why="New pages, and those that few links lead to, are then found late or never.",
        source=sources.SITEMAP_GUIDE, mend="Publish a sitemap, and name it in robots.txt: Sitemap: https://example.org/sitemap.xml",
        sql="""
            SELECT url, 'looked for in robots.txt and here: ' || coalesce(fault, 'not there'), NULL, 1 FROM sitemap
            WHERE NOT EXISTS (SELECT 1 FROM sitemap WHERE found > 0) AND fault LIKE 'the server answered 4%' ORDER BY level, url LIMIT 1
        """,
    ),
    Rule(
        id="sitemap-unreadable", severity="error", where="site", needs=("looked-for-sitemaps",), what="A sitemap cannot be read, or not to its end",
        why="What it names is not found through it.",
        source=sources.SITEMAPS, mend="Mend what is said of it.",
        sql="""
            SELECT url, fault, NULL, 1 FROM sitemap WHERE fault IS NOT NULL AND NOT (url LIKE '%/sitemap.xml' AND fault LIKE 'the server answered 4%')
            ORDER BY url
        """,
    ),
    Rule(
        id="sitemap-too-large", severity="error", where="site", needs=("sitemaps",), what=f"A sitemap names more than {MOST_IN_SITEMAP:,} URLs",
        why="That is the limit of the protocol; search engines leave the rest unread, or all of it.",
        source=sources.SITEMAPS, mend="Split it, and name the parts in a sitemap index.",
        sql=f"SELECT url, printf('%,d URLs', found), NULL, 1 FROM sitemap WHERE found > {MOST_IN_SITEMAP} ORDER BY url",
    ),
    Rule(
        id="sitemap-other-host", other="named in", severity="warning", where="site", needs=("sitemaps",), what="A sitemap names pages of another host",
        why="A sitemap speaks for its own host; others count only where their robots.txt names it.",
        source=sources.SITEMAPS, mend="Give each host its own sitemap; mind http and https, and www.",
        sql="""
            SELECT u.url, 'another host than the sitemap''s', min(s.sitemap), 1 FROM listed s JOIN url u ON u.id = s.url_id
            WHERE host_of(u.url) <> host_of(s.sitemap) GROUP BY u.id ORDER BY u.url
        """,
    ),
    Rule(
        id="sitemap-not-200", other="named in", severity="error", where="site", needs=("sitemaps",), what="A sitemap names an address that is an error",
        why="A sitemap is a list of pages to show. Search engines trust one less that names what is not there.",
        source=sources.SITEMAP_GUIDE, mend="Take it out of the sitemap, or mend the page.",
        sql=_LISTED.format(evidence=_ANSWERS, which="t.what IN ('broken', 'failed')"),
    ),
    Rule(
        id="sitemap-redirect", other="named in", severity="warning", where="site", needs=("sitemaps",), what="A sitemap names an address that redirects",
        why="It should name where pages are.",
        source=sources.SITEMAP_GUIDE, mend="Name the address where the redirect ends.",
        sql=_LISTED.format(evidence=_LEADS_ON, which="t.what = 'redirect'"),
    ),
    Rule(
        id="sitemap-not-canonical", other="named in", severity="warning", where="site", needs=("facts", "sitemaps"), what="A sitemap names a page that names another as canonical",
        why="Both are hints at what to show, and here they contradict each other.",
        source=sources.SITEMAP_GUIDE, mend="Name only canonical pages in the sitemap.",
        sql=_LISTED.format(evidence="'its canonical is ' || p.canonical", which="p.canonical_id IS NOT NULL"),
    ),
    Rule(
        id="sitemap-noindex", other="named in", severity="error", where="site", needs=("facts", "sitemaps"), what="A sitemap names a page that is noindex",
        why="One asks to show it, the other not to.",
        source=sources.SITEMAP_GUIDE, mend="Take it out of the sitemap, or take noindex away.",
        sql=_LISTED.format(evidence="'it is noindex'", which="p.is_noindex"),
    ),
    Rule(
        id="sitemap-blocked", other="named in", severity="error", where="site", needs=("sitemaps",), what="A sitemap names what robots.txt forbids",
        why="Search engines are sent to a page that they may not ask for.",
        source=sources.ROBOTS_TXT, mend="Allow it in robots.txt, or take it out of the sitemap.",
        sql=_LISTED.format(
            evidence="'robots.txt forbids it'",
            which="EXISTS (SELECT 1 FROM url u JOIN visit v ON v.id = u.visit WHERE u.id = s.url_id AND v.failure = 'robots')",
        ),
    ),
    Rule(
        id="sitemap-lacks-page", severity="notice", where="site", needs=("facts", "sitemaps"), what="No sitemap names the page",
        why="The sitemap is where search engines look for what is new.",
        source=sources.SITEMAP_GUIDE, mend="Let the sitemap be made from all pages that should be found.",
        sql="""
            SELECT p.url, 'it may be shown, and stands in no sitemap', NULL, 1 FROM page p
            WHERE p.is_indexable AND NOT EXISTS (SELECT 1 FROM listed s WHERE s.url_id = p.id)
            AND host_of(p.url) IN (SELECT host_of(sitemap) FROM (SELECT DISTINCT sitemap FROM listed)) ORDER BY p.url
        """,
    ),
    Rule(
        id="robots-txt-error", severity="error", where="site", needs=(), what="robots.txt cannot be had",
        why="While it answers with an error of the server's, or not at all, robots must take everything for forbidden.",
        source=("RFC 9309, section 2.3.1.4", "https://www.rfc-editor.org/rfc/rfc9309.html#section-2.3.1.4"),
        mend="Let it answer 200 with rules, or 404 where there are none.",
        sql="""
            SELECT h.host || '/robots.txt', coalesce('it answers ' || h.robots_status, h.robots_failure), NULL, 1 FROM host h
            WHERE (h.robots_status >= 500 OR (h.robots_status IS NULL AND h.robots_failure IS NOT NULL))
            AND EXISTS (SELECT 1 FROM url u WHERE u.host_id = h.id AND u.purpose = 'page' AND u.state = 'done') ORDER BY h.host
        """,
    ),
)  # fmt: skip
