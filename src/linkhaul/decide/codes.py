"""Every verdict with every code it may have: what it means and what to do. The page docs/verdicts.md is made of this table."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus

from msgspec import Struct

from linkhaul.model.check import VerdictName


class Code(Struct, frozen=True):
    """One case of a verdict.

    Attributes:
        code: as in `Verdict.code`; "4xx" stands for every other status of that hundred.
        meaning: what was seen.
        remedy: what the owner of the page that links there can do; empty where there is nothing to do.
    """

    name: VerdictName
    code: str
    meaning: str
    remedy: str = ""


VERDICT_MEANINGS: dict[VerdictName, str] = {
    "ok": "It is there, and what its fragment names too.",
    "redirected": "It is there, at another address.",
    "broken": "It is not there: seen twice, with time between, or certain by its nature.",
    "soft-404": "It answers well, but as its host answers to what cannot exist.",
    "blocked": "The host refuses programs; a person may well see it.",
    "rate-limited": "We asked too often for the host's liking, to the end.",
    "needs-login": "It is there for people who sign in, or pay.",
    "unreachable": "No answer came that could be used. It may come tomorrow.",
    "unverifiable": "The page is there; whether what was meant is on it cannot be seen.",
    "not-checked": "It was not asked for, with the reason; or not often enough.",
}

_TRY = "try it in a browser; if it stays so, link elsewhere"

CODES: tuple[Code, ...] = (
    Code("ok", "ok", "it is there"),
    Code("ok", "accepted", "it answers with a status that --accept names"),
    Code("ok", "well-formed", "the address (mailto:, tel:, sms:, data:) is written as its standard says; nobody was asked"),
    Code("redirected", "permanent", "it has moved for good; only permanent redirects lead on", "write the new address, which is named"),
    Code("redirected", "temporary", "it is elsewhere for the time being", "leave it: the site says that the old address will do again"),
    Code(
        "broken",
        "404",
        "there is no such page",
        "correct the address, or take the link away; --suggest looks for the likeliest replacement",
    ),
    Code("broken", "410", "the page is gone for good", "take the link away, or link to what replaces it"),
    Code(
        "broken",
        "4xx",
        "the server refuses the request for another reason",
        "look at it in a browser: the address may be cut short or need a form",
    ),
    Code("broken", "dns", "there is no such host", "look for a typing error in the host's name; the site may have been given up"),
    Code("broken", "refused", "nothing listens at the host's port", "look for a wrong port or scheme; the site may have been given up"),
    Code(
        "broken",
        "certificate",
        "browsers warn of the host's certificate",
        "tell the site's owner; look whether the name with or without www fits",
    ),
    Code("broken", "tls", "the host does not speak TLS there, or not for this name", "look whether the address should begin with http://"),
    Code("broken", "bad-url", "the link's text is no URL", "correct the link's text"),
    Code("broken", "bad-redirect", "it redirects to what is no web address", "tell the site's owner, or link to where it should lead"),
    Code("broken", "redirect-loop", "its redirects lead in a circle", "look at it in a browser: some sites do so until a cookie is kept"),
    Code("broken", "too-many-redirects", "there is no end to its redirects", "look at it in a browser; --max-redirects allows more"),
    Code("broken", "fragment", "the page is there, and nothing on it has this id", "correct what stands behind the #, or take it away"),
    Code("broken", "malformed", "the address (mailto:, tel:, sms:, data:) breaks the rules of its standard", "correct the address"),
    Code("broken", "file", "there is no such file", "correct the path"),
    Code(
        "soft-404",
        "made-up",
        "it answers like its host does to a made-up address: the page is most likely gone",
        "look at it, and link elsewhere",
    ),
    Code("soft-404", "made-up-redirect", "it redirects to where its host sends made-up addresses too", "look at it, and link elsewhere"),
    Code(
        "blocked",
        "challenge",
        "a service that keeps programs out answered; it is named",
        "look at it in a browser: a person most likely sees the page",
    ),
    Code(
        "blocked",
        "403",
        "the host refuses us; a person may well see the page",
        "look at it in a browser; --auth or --cookie where you have an account",
    ),
    Code("blocked", "999", "the host refuses programs, as LinkedIn does", "look at it in a browser"),
    Code("blocked", "cookie", "it redirects in a circle until a cookie is kept", "look at it in a browser; --cookie may help"),
    Code("blocked", "406", "the host refuses what we are or what we ask for", "look at it in a browser"),
    Code("blocked", "418", "the host refuses programs, and makes fun of them", "look at it in a browser"),
    Code("blocked", "451", "the host refuses for legal reasons, perhaps in this country only", "look at it from where your readers are"),
    Code("rate-limited", "429", "too many requests, to the end", "check again later, or with --gap"),
    Code("rate-limited", "420", "too many requests, in an older manner", "check again later, or with --gap"),
    Code("rate-limited", "509", "the site has used up its traffic", "check again later"),
    Code(
        "needs-login",
        "401",
        "it asks for a user and a password",
        "--auth or --cookie where you have an account; leave it where your readers have one",
    ),
    Code("needs-login", "402", "it asks for money", "look whether your readers can see it"),
    Code("needs-login", "403", "it refuses, with a form for a password", "--cookie where you have an account"),
    Code("needs-login", "407", "a proxy asks for a user and a password", "give them in the URL of --proxy"),
    Code(
        "needs-login",
        "login",
        "it redirects to a page for signing in",
        "--cookie where you have an account; leave it where your readers have one",
    ),
    Code("unreachable", "dns", "the name could not be looked up just now", "look whether this machine is online, and check again"),
    Code("unreachable", "connect-timeout", "no connection in time", "check again later; --connect-timeout waits longer"),
    Code("unreachable", "read-timeout", "no answer in time", "check again later; --timeout waits longer"),
    Code("unreachable", "reset", "the server hung up", _TRY),
    Code("unreachable", "network", "there is no way to the host", "look whether this machine is online, and check again"),
    Code("unreachable", "tls", "the handshake of TLS failed, for a reason that may be ours", _TRY),
    Code("unreachable", "bad-reply", "the answer breaks HTTP", _TRY),
    Code("unreachable", "bad-encoding", "the answer cannot be unpacked", _TRY),
    Code("unreachable", "too-large", "the answer is too large to be read, and nothing else is known of it", "--max-body reads more"),
    Code("unreachable", "unreadable", "the answer cannot be read", _TRY),
    Code("unreachable", "408", "the server gave up waiting", "check again later"),
    Code("unreachable", "425", "the server does not want the request yet", "check again later"),
    Code("unreachable", "3xx", "a redirect that names no address", _TRY),
    Code("unreachable", "5xx", "a fault of the server's that did not pass", "check again later; tell the site's owner if it stays"),
    Code("unreachable", "status", "a status that no standard knows", _TRY),
    Code("unverifiable", "scripted", "a script builds the page, so what is on it cannot be seen", "look at it in a browser"),
    Code("unverifiable", "router", "what stands behind the # is for the page's script", "look at it in a browser"),
    Code("unverifiable", "part", "only the first part of the page was read, and the fragment is not in it", "--max-body reads more"),
    Code("unverifiable", "unread", "the page is there and was not read, so its ids are not known", "--recheck reads it"),
    Code("unverifiable", "lines", "the site's script makes these line numbers", "look at it in a browser"),
    Code("unverifiable", "folder", "the folder is there, without an index page: what is shown depends on the server"),
    Code("not-checked", "robots", "robots.txt disallows it, or the host could not be asked for it", "--ignore-robots, where you may"),
    Code("not-checked", "guard", "it is at a private address, where pages of the web may not lead", "--allow-private"),
    Code("not-checked", "outside", "the file lies outside the folders that were named", "name a folder around both"),
    Code("not-checked", "scheme", "no program can ask for this kind of address"),
    Code("not-checked", "excluded", "it matches --exclude"),
    Code("not-checked", "offline", "--offline was given: nothing of the web was asked"),
    Code("not-checked", "scope", "it is outside the scope of the run"),
    Code("not-checked", "depth", "it is more clicks away than --depth allows", "--depth"),
    Code("not-checked", "include", "it matches none of --include"),
    Code("not-checked", "skip", "it matches the setting skip"),
    Code("not-checked", "nofollow", "every link to it is under nofollow, and --obey-nofollow was given"),
    Code("not-checked", "trap", "it was withheld as a trap", "--allow-pattern lets its pattern through"),
    Code("not-checked", "stopped", "the run ended before its turn came", "the same command again goes on"),
    Code("not-checked", "unconfirmed", "it failed once, and was not asked again", "--recheck asks again"),
    Code("not-checked", "unasked", "the run knows no more of it than the link", "--recheck asks for it"),
)


def is_code(name: VerdictName, code: str) -> bool:
    """Tell whether the table has this code for this verdict, by itself or as a status of a hundred."""
    general = f"{code[0]}xx" if len(code) == 3 and code.isdigit() else "status"
    return any(row.name == name and row.code in (code, general) for row in CODES) or (name == "unreachable" and code.isdigit())


def remedy_of(name: VerdictName, code: str) -> str:
    """Return what to do about a verdict; empty where there is nothing to do or to say."""
    rows = {(row.name, row.code): row.remedy for row in CODES}
    general = f"{code[0]}xx" if len(code) == 3 and code.isdigit() else code
    other = "status" if code.isdigit() else code
    return rows.get((name, code)) or rows.get((name, general)) or rows.get((name, other)) or ""


@lru_cache(1024)
def phrase(status: int) -> str:
    """Return a status as people know it.

    >>> phrase(404)
    '404 (not found)'
    """
    try:
        return f"{status} ({HTTPStatus(status).phrase.lower()})"
    except ValueError:
        return str(status)
