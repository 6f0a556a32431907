"""A fault for each page rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.insight.audit.site import OTHER, SHOP, Fault, page, words

TITLE, DESCRIPTION, CANONICAL = "<title>.*?</title>", '<meta name="description"[^>]*>', '<link rel="canonical"[^>]*>'
HEAD, MAIN = "</head>", "</main>"


def one(rule: str, *changes: tuple[str, str], headers: Mapping[str, str | None] | None = None, path: str = "/x", **more: Any) -> Fault:
    """Return a fault of one page."""
    also: dict[str, tuple[str, ...]] = dict.fromkeys(more.pop("also", ()), (path,))
    delay_s = more.pop("delay_s", None)
    text = more.pop("text", None)
    return Fault(rule=rule, pages={path: page(path, *changes, headers=headers, delay_s=delay_s, text=text)}, at=(path,), also=also, **more)


def head(markup: str) -> tuple[str, str]:
    """Return the change that adds markup to the head."""
    return HEAD, f"{markup}</head>"


def body(markup: str) -> tuple[str, str]:
    """Return the change that adds markup to the content."""
    return MAIN, f"{markup}</main>"


def languages(path: str, *entries: tuple[str, str]) -> tuple[str, str]:
    """Return the change that adds hreflang links: pairs (code, path)."""
    return head("".join(f'<link rel="alternate" hreflang="{code}" href="{SHOP}{to}">' for code, to in entries))


TWO = (("en", "/x"), ("de", "/y"))
THREE = (*TWO, ("x-default", "/x"))

FAULTS: tuple[Fault, ...] = (
    one("title-missing", (TITLE, "")),
    one("title-many", (TITLE, r"\g<0><title>A second title here</title>")),
    one("title-too-long", (TITLE, f"<title>{words('long', 12)}</title>")),
    one("title-says-nothing", (TITLE, "<title>Index</title>")),
    one("description-missing", (DESCRIPTION, "")),
    one("description-many", (DESCRIPTION, r'\g<0><meta name="description" content="Another one of them, long enough to be taken for one">')),
    one("description-too-long", (DESCRIPTION, f'<meta name="description" content="{words("long", 40)}">')),
    one("description-too-short", (DESCRIPTION, '<meta name="description" content="Ferns.">')),
    one("h1-missing", ("<h1>(.*?)</h1>", r"<h2>\1</h2>")),
    one("h1-many", body("<h1>Another name</h1>")),
    one("heading-skipped", ("</h1>", "</h1><h3>Below nothing</h3>")),
    one("heading-empty", body("<h2> </h2>")),
    one("thin-page", text="Ferns are sold out for now."),
    one("canonical-missing", (CANONICAL, "")),
    one("canonical-many", head(f'<link rel="canonical" href="{SHOP}/ferns">')),
    one("canonical-relative", (CANONICAL, '<link rel="canonical" href="/x">')),
    one("canonical-unusable", (CANONICAL, '<link rel="canonical" href="file:///build/x.html">')),
    one("canonical-in-body", (f"({CANONICAL})(.*?)</main>", r"\2\1</main>")),
    one("canonical-fragment", (CANONICAL, f'<link rel="canonical" href="{SHOP}/x#top">')),
    one("canonical-other-host", (CANONICAL, f'<link rel="canonical" href="{OTHER}/x">'), listed=()),
    one(
        "canonical-contradicts-hreflang", (CANONICAL, f'<link rel="canonical" href="{SHOP}/ferns">'),
        languages("/x", ("en", "/x"), ("x-default", "/x")), listed=(),
    ),
    one("hreflang-wrong-code", languages("/x", ("en-UK", "/x"), ("x-default", "/x"))),
    Fault(
        rule="hreflang-no-default", pages={path: page(path, languages(path, *TWO)) for path in ("/x", "/y")}, at=("/x", "/y"),
    ),
    Fault(
        rule="hreflang-not-itself", at=("/x",),
        pages={"/x": page("/x", languages("/x", *THREE[1:2], ("x-default", "/y"))), "/y": page("/y", languages("/y", *THREE))},
    ),
    Fault(
        rule="hreflang-contradictory", at=("/x",),
        pages={
            "/x": page("/x", languages("/x", ("en", "/x"), ("en", "/y"), ("x-default", "/x"))),
            "/y": page("/y", languages("/y", ("en", "/y"), ("x-default", "/x"))),
        },
    ),
    one("hreflang-relative", head('<link rel="alternate" hreflang="en" href="/x"><link rel="alternate" hreflang="x-default" href="https://shop.example/x">')),
    one("robots-contradictory", head('<meta name="robots" content="follow, nofollow">'), also=("robots-nofollow",)),
    one("robots-nofollow", headers={"x-robots-tag": "googlebot: nofollow"}),
    one("url-capitals", path="/Ferns-And-Moss"),
    one("url-underscores", path="/size_chart"),
    one("url-double-slash", path="/shop//ferns"),
    one("url-session", path="/cart?PHPSESSID=0a1b2c3d4e5f"),
    one("url-many-parameters", path="/list?a=1&b=2&c=3&d=4&e=5"),
    one("url-space", path="/ferns%20and%20moss"),
    one("lang-missing", ('<html lang="en">', "<html>")),
    one("lang-wrong", ('<html lang="en">', '<html lang="english_us">')),
    one("charset-missing", ('<meta charset="utf-8">', "")),
    one("charset-late", ('<meta charset="utf-8">', f'<!-- {"x" * 1100} --><meta charset="utf-8">')),
    one("charset-not-utf-8", ('<meta charset="utf-8">', '<meta charset="iso-8859-1">')),
    one("doctype-missing", ("<!DOCTYPE html>", "")),
    one("viewport-missing", ('<meta name="viewport"[^>]*>', "")),
    one("viewport-locked", ("initial-scale=1", "initial-scale=1, user-scalable=no")),
    one("meta-refresh", head('<meta http-equiv="refresh" content="300">')),
    one("open-graph-missing", ('<meta property="og:[^>]*>', "")),
    one("open-graph-incomplete", ('<meta property="og:image[^>]*>', "")),
    one("preview-relative", ("https://shop.example/fern.png", "/fern.png")),
    one("twitter-card-wrong", head('<meta name="twitter:card" content="huge">')),
    one("json-ld-broken", ('"@type": "WebPage"', '"@type": "WebPage",')),
    one("image-without-alt", body('<img src="/a.png" width="1" height="1">')),
    one("image-without-size", body('<img src="/a.png" alt="">')),
    one("link-says-nothing", body('<a href="/ferns">Click here!</a>')),
    one("link-without-text", body('<a href="/ferns"><img src="/a.png" alt="" width="1" height="1"></a>')),
    one("link-without-noopener", body(f'<a target="_blank" href="{OTHER}/">Another shop</a>')),
    one("slow-reply", delay_s=1.2),
    one("page-heavy", body(f"<!-- {'x' * 1_000_000} -->")),
    one("uncompressed", headers={"content-encoding": None}),
    one("inline-code", body(f"<script>{'x;' * 51_000}</script>")),
    one("caching-missing", headers={"cache-control": None, "etag": None}),
    one("hsts-missing", headers={"strict-transport-security": "max-age=0"}),
    one("nosniff-missing", headers={"x-content-type-options": None}),
    one("csp-missing", headers={"content-security-policy": None, "x-frame-options": "DENY"}),
    one("framing-allowed", headers={"content-security-policy": "default-src 'self'", "x-frame-options": "ALLOW-FROM https://a.example"}),
    one("referrer-policy-missing", headers={"referrer-policy": None}),
    one("mixed-scripts", body(f'<script src="http://{OTHER[8:]}/a.js"></script>')),
    one("mixed-images", body(f'<img src="http://{OTHER[8:]}/a.png" alt="" width="1" height="1">')),
    one("form-to-http", body('<form action="http://shop.example/send"></form>')),
    Fault(
        rule="http-page", pages={"http://shop.example/x": page("/x", host="http://shop.example")}, at=("http://shop.example/x",),
        seeds=("http://shop.example/x",),
    ),
)  # fmt: skip
