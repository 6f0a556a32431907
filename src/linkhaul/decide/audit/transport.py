"""Rules of how a page comes: its time and weight, its headers, and what it takes from http."""

from __future__ import annotations

from linkhaul.decide.audit import sources
from linkhaul.decide.audit.rule import Examined, Rule, some

SLOW_S = 0.8
HEAVY_BYTES = 1_000_000
WORTH_PACKING_BYTES = 1_400
"""What fits into one packet gains nothing by being packed."""
MUCH_CODE = 100_000
LEAST_HSTS_S = 86_400


def _slow(page: Examined) -> str | None:
    return f"{page.wait_s:.2f} s to the first byte" if page.wait_s is not None and page.wait_s > SLOW_S else None


def _heavy(page: Examined) -> str | None:
    return f"{page.facts.bytes:,} bytes of HTML" if page.facts.bytes > HEAVY_BYTES else None


def _unpacked(page: Examined) -> str | None:
    facts = page.facts
    if facts.headers.get("content-encoding", "identity").strip().lower() != "identity" or facts.bytes <= WORTH_PACKING_BYTES:
        return None
    return f"{facts.bytes:,} bytes came as they are"


def _inline(page: Examined) -> str | None:
    facts = page.facts
    code = facts.inline_script_bytes + facts.inline_style_bytes
    return (
        f"{code:,} of {facts.bytes:,} characters: scripts {facts.inline_script_bytes:,}, styles {facts.inline_style_bytes:,}"
        if code > MUCH_CODE
        else None
    )


def _caching(page: Examined) -> str | None:
    there = {"cache-control", "expires", "etag", "last-modified"} & page.facts.headers.keys()
    return None if there else "no Cache-Control, Expires, ETag or Last-Modified"


def _hsts(page: Examined) -> str | None:
    value = page.facts.headers.get("strict-transport-security")
    if value is None:
        return "no Strict-Transport-Security"
    age = next((part.partition("=")[2].strip().strip('"') for part in value.split(";") if part.strip().lower().startswith("max-age")), "")
    return None if age.isdigit() and int(age) >= LEAST_HSTS_S else f"Strict-Transport-Security: {value}"


def _nosniff(page: Examined) -> str | None:
    value = page.facts.headers.get("x-content-type-options")
    return (
        None
        if (value or "").strip().lower() == "nosniff"
        else "no X-Content-Type-Options"
        if value is None
        else f"X-Content-Type-Options: {value}"
    )


def _policy(page: Examined) -> str | None:
    return None if page.facts.headers.get("content-security-policy") else "no Content-Security-Policy"


def _frames(page: Examined) -> str | None:
    headers = page.facts.headers
    if "frame-ancestors" in headers.get("content-security-policy", "").lower():
        return None
    value = headers.get("x-frame-options")
    if value is None:
        return "neither frame-ancestors nor X-Frame-Options"
    return None if value.strip().lower() in ("deny", "sameorigin") else f"X-Frame-Options: {value}, which browsers ignore"


def _referrer(page: Examined) -> str | None:
    value = page.facts.headers.get("referrer-policy")
    return "no Referrer-Policy" if value is None else f"Referrer-Policy: {value}" if value.strip().lower() == "unsafe-url" else None


RULES: tuple[Rule, ...] = (
    Rule(
        id="slow-reply", severity="warning", where="web", look=_slow, what=f"The page's first byte takes more than {SLOW_S} s",
        why="Everything else waits for it; 0.8 s is what web.dev calls good. Seen from here and now, while a crawl asked for other pages, too.",
        source=sources.FIRST_BYTE, mend="Cache the page, or look at what the server does before it answers.",
    ),
    Rule(
        id="page-heavy", severity="warning", where="web", look=_heavy, what="The page's HTML is larger than 1 MB",
        why="An HTML page of a typical site has some 30 kB. It is parsed before anything is shown, and search engines read only so much of one.",
        source=sources.SIZE_LIMIT, mend="Split the page, and move data, styles and scripts into files of their own.",
    ),
    Rule(
        id="uncompressed", severity="warning", where="web", look=_unpacked, what="The page is not compressed",
        why="HTML packs to a quarter or less, and this one was asked for with gzip, Brotli and Zstandard allowed.",
        source=sources.ENCODINGS, mend="Turn on compression for text/html at the server or the CDN.",
    ),
    Rule(
        id="inline-code", severity="notice", where="web", look=_inline, what="More than 100 kB of scripts and styles stand in the page",
        why="They come with every page and are never cached for the next.",
        source=sources.SIZE_LIMIT, mend="Move them into files of their own.",
    ),
    Rule(
        id="caching-missing", severity="notice", where="web", look=_caching, what="Nothing says how the page may be cached",
        why="Without a date, a tag or a lifetime, each visit and each robot takes the whole page again.",
        source=sources.CACHING, mend="Send ETag or Last-Modified, and Cache-Control with what you want.",
    ),
    Rule(
        id="http-page", severity="warning", where="http", what="The page is served on http",
        look=lambda page: f"{page.url} answered {page.status} without TLS",
        why="Whoever stands between can read and change it; browsers call it not secure, and search engines prefer https.",
        source=sources.HTTPS, mend="Redirect every address to https for good.",
    ),
    Rule(
        id="hsts-missing", severity="notice", where="https", look=_hsts, what="The page does not ask browsers to stay on https",
        why="Without it, the first request of each visit may go out on http, where it can be taken over.",
        source=sources.HSTS, mend="Send Strict-Transport-Security: max-age=31536000, once all of the site works on https.",
    ),
    Rule(
        id="nosniff-missing", severity="notice", where="web", look=_nosniff, what="Browsers may guess types",
        why="A file that visitors have put on the site may then be run as a script.",
        source=sources.NOSNIFF, mend="Send X-Content-Type-Options: nosniff.",
    ),
    Rule(
        id="csp-missing", severity="notice", where="web", look=_policy, what="The page has no Content-Security-Policy",
        why="It is the second line of defence where somebody gets a script into a page.",
        source=sources.CSP, mend="Begin with Content-Security-Policy-Report-Only, and tighten it.",
    ),
    Rule(
        id="framing-allowed", severity="notice", where="web", look=_frames, what="Any site may put the page in a frame",
        why="Clicks meant for another page can then be led to yours.",
        source=sources.FRAMES, mend="Send Content-Security-Policy: frame-ancestors 'self', or those that may.",
    ),
    Rule(
        id="referrer-policy-missing", severity="notice", where="web", look=_referrer, what="Nothing limits what other sites learn of where visitors come from",
        why="Browsers of today send only the host to other sites; older ones send the whole address, with what stands in it.",
        source=sources.REFERRER, mend="Send Referrer-Policy: strict-origin-when-cross-origin.",
    ),
    Rule(
        id="mixed-scripts", severity="error", where="https", what="The page takes scripts, styles or frames from http",
        look=lambda page: some(page.facts.mixed_active, "address", "addresses"),
        why="Browsers refuse them, so part of the page does not work.",
        source=sources.MIXED, mend="Take them from https.",
    ),
    Rule(
        id="mixed-images", severity="warning", where="https", what="The page takes images or media from http",
        look=lambda page: some(page.facts.mixed_passive, "address", "addresses"),
        why="Browsers ask for them on https instead and show nothing where that fails.",
        source=sources.MIXED, mend="Take them from https.",
    ),
    Rule(
        id="form-to-http", severity="error", where="https", what="A form sends to http",
        look=lambda page: some(page.facts.http_forms, "form", "forms"),
        why="What visitors write travels where everybody on the way can read it, and browsers warn of it.",
        source=sources.MIXED, mend="Let it send to https.",
    ),
)  # fmt: skip
