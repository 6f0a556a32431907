"""A fault for each site rule."""

from __future__ import annotations

from tests.insight.audit.faults_of_pages import CANONICAL, DESCRIPTION, THREE, TITLE, head, languages
from tests.insight.audit.site import OTHER, SHOP, Fault, absolute, moved, page, urlset, words
from tests.motion.world import Answer

from linkhaul.motion.probing import made_up_url

GONE = Answer(status=404)
NOINDEX = head('<meta name="robots" content="noindex">')
SOFT = (CANONICAL, ""), (TITLE, "<title>Nothing is here any more</title>")
LONG = f"/{'fern-and-moss-' * 150}end"
NOTHING = page("/x", *SOFT, text=words("nothing", 80))


def names(path: str) -> tuple[str, str]:
    """Return the change that names another page as canonical."""
    return CANONICAL, f'<link rel="canonical" href="{absolute(path)}">'


def island(path: str, to: str) -> Answer:
    """Return a page that links to one other only, and not home."""
    return page(path, ("<header>.*?</header>", ""), links=[to])


FAULTS: tuple[Fault, ...] = (
    Fault(rule="link-broken", pages={"/x": page("/x", links=["/gone"])}, at=("/gone",)),
    Fault(
        rule="link-broken-outside", pages={"/x": page("/x", links=[f"{OTHER}/gone"])}, at=(f"{OTHER}/gone",), verb="check",
    ),
    Fault(
        rule="soft-404", pages={"/x": NOTHING, made_up_url(SHOP): NOTHING}, at=("/x",), also={"canonical-missing": ("/x",)}, verb="check",
        linked=("/x",), listed=("/x",),
    ),
    Fault(rule="page-failed", pages={"/x": Answer(status=500)}, at=("/x",)),
    Fault(rule="link-to-redirect", pages={"/x": moved("/ferns")}, at=("/x",)),
    Fault(rule="link-to-http", pages={"/x": page("/x", links=["http://shop.example/ferns"])}, at=("http://shop.example/ferns",)),
    Fault(rule="link-nofollow", pages={"/x": page("/x", ("</main>", '<a rel="nofollow" href="/ferns">Ferns</a></main>'))}, at=("/ferns",)),
    Fault(rule="noindex-linked", pages={"/x": page("/x", NOINDEX)}, at=("/x",), listed=()),
    Fault(rule="orphan", pages={"/x": page("/x")}, at=("/x",), linked=()),
    Fault(rule="unreached", pages={"/x": island("/x", "/y"), "/y": island("/y", "/x")}, at=("/x", "/y"), linked=()),
    Fault(
        rule="page-deep", at=("/e",), linked=("/a",),
        pages={"/a": page("/a", links=["/b"]), "/b": page("/b", links=["/c"]), "/c": page("/c", links=["/d"]), "/d": page("/d", links=["/e"]),
               "/e": page("/e")},
    ),
    Fault(rule="dead-end", pages={"/x": page("/x", ("<header>.*?</header>", ""))}, at=("/x",)),
    Fault(
        rule="redirect-chain", pages={"/x": moved("/y"), "/y": moved("/ferns")}, at=("/x",), linked=("/x",), also={"link-to-redirect": ("/x",)},
    ),
    Fault(rule="redirect-loop", pages={"/x": moved("/y"), "/y": moved("/x")}, at=("/x",), linked=("/x",), also={"link-broken": ("/x",)}),
    Fault(rule="redirect-broken", pages={"/x": moved("/gone"), "/gone": GONE}, at=("/x",), linked=("/x",), also={"link-broken": ("/x",)}),
    Fault(rule="redirect-temporary", pages={"/x": moved("/ferns", 302)}, at=("/x",), also={"link-to-redirect": ("/x",)}),
    Fault(
        rule="canonical-to-redirect", pages={"/x": page("/x", names("/old")), "/old": moved("/ferns")}, at=("/x",), listed=(),
        also={"link-to-redirect": ("/old",)},
    ),
    Fault(
        rule="canonical-to-broken", pages={"/x": page("/x", names("/gone")), "/gone": GONE}, at=("/x",), listed=(),
        also={"link-broken": ("/gone",)},
    ),
    Fault(
        rule="canonical-chain", pages={"/x": page("/x", names("/y")), "/y": page("/y", names("/ferns"))}, at=("/x",), listed=(),
    ),
    Fault(
        rule="canonical-circle", pages={"/x": page("/x", names("/y")), "/y": page("/y", names("/x"))}, at=("/x", "/y"), listed=(),
    ),
    Fault(
        rule="canonical-to-noindex", pages={"/x": page("/x", names("/y")), "/y": page("/y", NOINDEX)}, at=("/x",), listed=(),
        also={"noindex-linked": ("/y",)},
    ),
    Fault(rule="hreflang-no-return", pages={"/x": page("/x", languages("/x", *THREE)), "/y": page("/y")}, at=("/x",)),
    Fault(
        rule="hreflang-to-broken", pages={"/x": page("/x", languages("/x", *THREE)), "/y": GONE}, at=("/x",), listed=("/x",),
        also={"link-broken": ("/y",)},
    ),
    Fault(
        rule="hreflang-to-other", at=("/x",), listed=("/x",), also={"noindex-linked": ("/y",)},
        pages={"/x": page("/x", languages("/x", *THREE)), "/y": page("/y", NOINDEX, languages("/y", *THREE))},
    ),
    Fault(rule="sitemap-missing", pages={}, at=("/sitemap.xml",), sitemap=GONE),
    Fault(
        rule="sitemap-unreadable", pages={"/broken.xml": Answer(body=b"<urlset><url>", type="application/xml")}, at=("/broken.xml",), linked=(), listed=(),
        robots=f"Sitemap: {SHOP}/broken.xml",
    ),
    Fault(
        rule="sitemap-too-large", pages={}, at=("/sitemap.xml",), sitemap=urlset([f"{SHOP}/", f"{SHOP}/moss", *[f"{SHOP}/ferns"] * 50_000]),
    ),
    Fault(rule="sitemap-other-host", pages={}, at=(f"{OTHER}/x",), listed=(f"{OTHER}/x",)),
    Fault(rule="sitemap-not-200", pages={"/gone": GONE}, at=("/gone",), linked=(), listed=("/gone",)),
    Fault(rule="sitemap-redirect", pages={"/old": moved("/ferns")}, at=("/old",), linked=(), listed=("/old",)),
    Fault(rule="sitemap-not-canonical", pages={"/x": page("/x", names("/ferns"))}, at=("/x",)),
    Fault(rule="sitemap-noindex", pages={"/x": page("/x", NOINDEX)}, at=("/x",), linked=()),
    Fault(rule="sitemap-blocked", pages={"/x": page("/x")}, at=("/x",), robots="User-agent: *\nDisallow: /x"),
    Fault(rule="sitemap-lacks-page", pages={"/x": page("/x")}, at=("/x",), listed=()),
    Fault(
        rule="robots-txt-error", pages={f"{OTHER}/robots.txt": Answer(status=500)}, at=(f"{OTHER}/robots.txt",), seeds=(f"{OTHER}/",),
    ),
    Fault(
        rule="title-duplicate", pages={path: page(path, (TITLE, "<title>All ferns of the shop</title>")) for path in ("/x", "/y")}, at=("/x", "/y"),
    ),
    Fault(
        rule="description-duplicate", at=("/x", "/y"),
        pages={path: page(path, (DESCRIPTION, f'<meta name="description" content="{words("d", 9)}">')) for path in ("/x", "/y")},
    ),
    Fault(
        rule="duplicate-exact", pages={path: page("/x", (CANONICAL, "")) for path in ("/x", "/y")}, at=("/x", "/y"),
        also=dict.fromkeys(("title-duplicate", "description-duplicate", "canonical-missing"), ("/x", "/y")),
    ),
    Fault(
        rule="duplicate-near", at=("/x", "/y"),
        pages={"/x": page("/x", ("<h1>.*?</h1>", "<h1>The fern</h1>"), text=words("near", 200)), "/y": page("/y", ("<h1>.*?</h1>", "<h1>The moss</h1>"), text=words("near", 200))},
    ),
    Fault(rule="url-too-long", pages={}, at=(LONG,), linked=(LONG,), listed=()),
    Fault(rule="url-variants", pages={"/x": page("/x"), "/x/": page("/x/")}, at=("/x", "/x/")),
)  # fmt: skip
