"""Who refuses programs: the marks by which challenge and block pages of known services are told, one row each.

A header that only such an answer carries counts whatever the status. A mark in the body counts with a status that refuses; with one that
does not, only on a short page, because the same scripts and words stand on honest pages too (a page that loads the service's script, an
article about it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from linkhaul.model.check import Glance
from linkhaul.model.records import Reply

REFUSING = frozenset({401, 403, 405, 406, 418, 429, 503, 999})
"""Statuses under which a mark in the body counts however long the page is."""
GOOD = frozenset({200, 202})
SHORT_WORDS = 250
"""A page of more words is no challenge page, unless its status or a header says so."""


class Challenge(Struct, frozen=True):
    """The marks of one service.

    Attributes:
        who: as a person would name it.
        headers: pairs (lower-case name, pattern that the whole value has to match); each alone is enough.
        weak: the same, but they count only with a status of REFUSING: the service puts them on honest answers too.
        body: texts of the source, lower case; each alone is enough.
        titles: beginnings of titles, lower case; each alone is enough.
    """

    who: str
    headers: tuple[tuple[str, str], ...] = ()
    weak: tuple[tuple[str, str], ...] = ()
    body: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


CHALLENGES: tuple[Challenge, ...] = (
    # Source: https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/ for the header;
    # `_cf_chl_opt` stands in challenge pages only, while /cdn-cgi/challenge-platform/ is put into honest pages as well.
    Challenge(
        "Cloudflare", headers=(("cf-mitigated", "challenge"),), body=("_cf_chl_opt", 'id="cf-error-details"'),
        titles=("just a moment", "attention required! | cloudflare"),
    ),
    # Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html: 202 for a challenge, 405 for a
    # CAPTCHA, and the header. `gokuProps` is what the page's script is handed.
    Challenge("AWS WAF", headers=(("x-amzn-waf-action", "challenge|captcha"),), body=("gokuprops",), titles=("human verification",)),
    # Source: https://vercel.com/docs/vercel-firewall: the header, and the title of the checkpoint.
    Challenge("Vercel", headers=(("x-vercel-mitigated", "challenge|deny"),), titles=("vercel security checkpoint",)),
    # Source: https://docs.datadome.co/: a block answers 403 with its cookie and header, its page loads from captcha-delivery.com.
    Challenge("DataDome", headers=(("x-dd-b", ".+"),), weak=(("x-datadome", ".+"),), body=("captcha-delivery.com", "datadome captcha")),
    # Well known: the block page of PerimeterX, now HUMAN, has the element px-captcha; `_pxAppId` alone stands on honest pages.
    Challenge("HUMAN (PerimeterX)", body=("px-captcha", "captcha.px-cdn.net"), titles=("access to this page has been denied",)),
    # Well known: the answers of Imperva name an incident; x-iinfo and x-cdn stand on all it serves.
    Challenge(
        "Imperva", weak=(("x-iinfo", ".+"), ("x-cdn", "(?i)incapsula|imperva")),
        body=("incapsula incident id", "/_incapsula_resource?cwudnsai", "/_incapsula_resource?swudnsai"), titles=("pardon our interruption",),
    ),
    # Well known: Akamai's edge refuses with a reference that leads to errors.edgesuite.net; its bot manager has an interstitial of its own.
    Challenge(
        "Akamai", weak=(("server", "(?i)akamaighost"),), body=("errors.edgesuite.net", "/_sec/cp_challenge/", "sec-if-cpt-container"),
    ),
    # Source: https://docs.sucuri.net/website-firewall/: the block page names the firewall; x-sucuri-id stands on all it serves.
    Challenge(
        "Sucuri", headers=(("x-sucuri-block", ".+"),), weak=(("server", "(?i)sucuri/cloudproxy"),),
        body=("sucuri website firewall - access denied", "sucuri_cloudproxy_js"), titles=("sucuri website firewall",),
    ),
    # Well known: Kasada answers 429 with its token headers and a page that only loads ips.js.
    Challenge("Kasada", weak=(("x-kpsdk-ct", ".+"), ("x-kpsdk-r", ".+")), body=("/ips.js?", "window.kpsdk")),
    # Source: https://anubis.techaro.lol/docs/: its pages load from /.within.website/x/cmd/anubis/; the status may be 200.
    Challenge(
        "Anubis", body=("/.within.website/x/cmd/anubis/", 'id="anubis_challenge"'), titles=("making sure you're not a bot", "making sure you&#39;re not"),
    ),
    # Well known: go-away shows the same kind of page under /.well-known/.
    Challenge("go-away", body=("/cmd/go-away/assets/",), titles=("checking you are not a bot",)),
    # Well known: the interstitial of DDoS-Guard loads from its own path; the server header stands on all it serves.
    Challenge("DDoS-Guard", weak=(("server", "(?i)ddos-guard"),), body=("/.well-known/ddos-guard/",), titles=("ddos-guard",)),
    # Well known: F5's firewall refuses with these words and a support id, under status 200.
    Challenge("F5", body=("the requested url was rejected. please consult with your administrator",)),
    # Source: https://www.wordfence.com/help/blocking/: its block page says who made it.
    Challenge("Wordfence", body=("generated by wordfence",)),
    # Well known: what is suspected of being a program is sent to /sorry/.
    Challenge("Google", body=("our systems have detected unusual traffic from your computer network",)),
    # Well known: LinkedIn answers programs with the status 999, which no standard knows.
    Challenge("LinkedIn", weak=(("x-li-pop", ".+"), ("x-li-fabric", ".+"))),
    # What pages of nobody in particular say.
    Challenge(
        "a captcha",
        titles=(
            "robot check", "are you a robot", "are you human", "bot verification", "human verification", "security check", "captcha",
            "please verify you are", "verify you are human", "verifying you are human", "client challenge", "one moment, please",
            "checking your browser", "ddos protection by",
        ),
        body=("/errors/validatecaptcha",),
    ),
)  # fmt: skip
_WIDGETS = ("g-recaptcha", "h-captcha", "cf-turnstile", "frc-captcha", "geetest")
"""Captchas that anybody may put on a page: marks with a status of REFUSING only."""


_ORDER = {row.who: number for number, row in enumerate(CHALLENGES)}
_STRONG = {name: [(row.who, re.compile(pattern)) for row in CHALLENGES for of, pattern in row.headers if of == name]
           for row in CHALLENGES for name, _ in row.headers}  # fmt: skip
_MARKS = tuple(mark for row in CHALLENGES for mark in row.body)
_TITLES = tuple(title for row in CHALLENGES for title in row.titles)


def challenger(reply: Reply, seen: Glance | None) -> str | None:
    """Return who refuses programs with this reply, as a person would name it; None when nobody does."""
    status = reply.status
    if status is None or (reply.failure is not None and not reply.headers):
        return None
    by_header = _by_header(reply)
    if by_header is not None:
        return by_header
    is_refusal = status in REFUSING
    if seen is not None and (is_refusal or (status in GOOD and seen.words is not None and seen.words <= SHORT_WORDS)):
        by_page = _by_page(seen)
        if by_page is not None:
            return by_page
        if is_refusal and any(widget in seen.start for widget in _WIDGETS):
            return "a captcha"
    if is_refusal and status not in (401, 405, 503):
        by_service = next((row.who for row in CHALLENGES if _has(reply, row.weak)), None)
        return by_service if by_service is not None and status != 429 else None
    return None


def _by_header(reply: Reply) -> str | None:
    """Return whose header a reply carries, the first of CHALLENGES; next to no reply has a header of any of them."""
    named = [
        who
        for key, value in reply.headers
        if key in _STRONG
        for who, pattern in _STRONG[key]
        if pattern.fullmatch(value.strip()) is not None
    ]
    return min(named, key=_ORDER.__getitem__, default=None)


def _by_page(seen: Glance) -> str | None:
    """Return whose marks a page carries, the first of CHALLENGES."""
    start, title = seen.start, (seen.title or "").lower()
    if not title.startswith(_TITLES) and not any(map(start.__contains__, _MARKS)):
        return None  # as nearly all pages
    rows = (row for row in CHALLENGES if any(mark in start for mark in row.body) or title.startswith(row.titles))
    return next((row.who for row in rows), None)


def _has(reply: Reply, marks: Iterable[tuple[str, str]]) -> bool:
    return any(re.fullmatch(pattern, value.strip()) for name, pattern in marks for key, value in reply.headers if key == name)
