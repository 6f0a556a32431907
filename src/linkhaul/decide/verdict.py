"""What a check says of a target: a verdict from what the run saw of it, its signs, and its host's answer to a made-up address.

How this works. The questions are asked in this order, and the first that can be answered decides: was it asked at all; did redirects or
the network fail; is the status one that counts as an answer; if not, what does the status mean, and does somebody refuse programs; if it
does: is it a way to a login page, is it what the host answers to made-up addresses, has it moved. A status that came decides whatever
happened to the body afterwards. Nothing is called broken on one try, but for what asking again cannot change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from linkhaul.decide.codes import phrase
from linkhaul.decide.login import is_way_to_login
from linkhaul.decide.soft import asked_about, is_alike, is_home
from linkhaul.decide.statuses import Ranges, within
from linkhaul.decide.unasked import unasked
from linkhaul.model.check import Signs, Verdict, VerdictName
from linkhaul.model.records import Failure, FailureKind, Hop
from linkhaul.model.url import host_of

PERMANENT = frozenset({301, 308})
CERTAIN = frozenset({"bad-url", "bad-redirect", "malformed", "file", "fragment"})
"""What asking again cannot change."""

_BEFORE_STATUS: frozenset[FailureKind] = frozenset({"robots", "guard", "bad-redirect", "redirect-loop", "too-many-redirects"})
"""Failures that count whatever status stands beside them: it is a redirect's, or there is none."""
_NAMED: dict[int, VerdictName] = {
    401: "needs-login", 402: "needs-login", 403: "blocked", 406: "blocked", 407: "needs-login", 408: "unreachable", 418: "blocked",
    420: "rate-limited", 425: "unreachable", 429: "rate-limited", 451: "blocked", 509: "rate-limited", 999: "blocked",
}  # fmt: skip
# Kind of failure, words of its sentence, verdict, code: the first row that fits; what none fits is unreachable. That fetching uses these
# words is held by tests.
_FAILURES: tuple[tuple[FailureKind, str, VerdictName, str], ...] = (
    ("robots", "", "not-checked", "robots"),
    ("guard", "", "not-checked", "guard"),
    ("file", "outside the folders", "not-checked", "outside"),
    ("file", "leads out of the folder", "not-checked", "outside"),
    ("file", "a folder without an index page", "unverifiable", "folder"),
    ("file", "", "broken", "file"),
    ("dns", "there is no host named", "broken", "dns"),
    ("refused", "", "broken", "refused"),
    ("tls", "asks for a certificate of ours", "unreachable", "tls"),
    ("tls", "certificate", "broken", "certificate"),
    ("tls", "does not speak TLS", "broken", "tls"),
    ("tls", "serves no host of this name", "broken", "tls"),
    ("tls", "no longer safe", "broken", "tls"),
    ("bad-url", "", "broken", "bad-url"),
    ("bad-redirect", "", "broken", "bad-redirect"),
    ("redirect-loop", "", "broken", "redirect-loop"),
    ("too-many-redirects", "", "broken", "too-many-redirects"),
)
_CIRCLES = frozenset({"redirect-loop", "too-many-redirects"})
_REMEDY = re.compile(r"; --(?:insecure|max-redirects|ignore-robots)\b[^;]*$")


class Facts(Struct, frozen=True, kw_only=True):
    """What a run knows of one target.

    Attributes:
        state, reason: of the URL in the run: done, queued, recorded or withheld, and the rule or failure behind it.
        tries: how often it was asked; 0 for what was not.
        failure, detail: kind and sentence, where there was one.
        hops: the redirects, in order.
    """

    url: str
    state: str = "done"
    reason: str | None = None
    tries: int = 0
    status: int | None = None
    failure: FailureKind | None = None
    detail: str | None = None
    outcome: str | None = None
    final_url: str | None = None
    hops: tuple[Hop, ...] = ()
    content_type: str | None = None
    title: str | None = None
    signs: Signs | None = None


class Rules(Struct, frozen=True):
    """What counts.

    Attributes:
        accept: the statuses that count as an answer.
        tries: how often a target has to be asked before it is called broken; 1 for a run that asks nothing twice, such as a crawl.
    """

    accept: Ranges = ((200, 299),)
    tries: int = 2


_DEFAULT = Rules()
_OUTSIDE = Verdict(
    "not-checked", "outside", "it lies outside the folders that were named, and was not looked up; --root-dir names a wider one"
)


def verdict_of(facts: Facts, rules: Rules = _DEFAULT, probes: Sequence[Facts] = ()) -> Verdict:
    """Return the verdict on a target, its fragment left aside.

    Args:
        probes: what is known of made-up addresses at the host that was asked and at the one where it ended.
    """
    if facts.state == "unknown" and facts.url.startswith("file:"):
        return _OUTSIDE
    is_seen = facts.status is not None or facts.failure is not None or facts.outcome is not None
    found = unasked(facts.state if is_seen or facts.state != "done" else "unknown", facts.reason, facts.tries)
    if found is None:
        found = _failed(facts, rules) or _refused(facts, rules) or _answered(facts, probes)
    if found.name == "broken" and found.code not in CERTAIN and facts.tries < rules.tries:
        again = f"asked {_times(facts.tries)} only, so it is not called broken; --recheck asks again"
        found = replace(found, name="not-checked", code="unconfirmed", detail=f"{found.detail}; {again}")
    ended = facts.final_url if facts.final_url != facts.url else None
    return replace(found, status=facts.status, final_url=ended, tries=0 if found.code in ("robots", "guard") else facts.tries)


def is_suspect(status: int | None, failure: Failure | None, rules: Rules = _DEFAULT) -> bool:
    """Tell whether a reply would make its target broken if it came again: then it is to be asked a second time, later."""
    if failure is None and (status is None or within(rules.accept, status)):
        return False
    kind, detail = (failure.kind, failure.detail) if failure is not None else (None, None)
    facts = Facts(url="", tries=rules.tries, status=status, failure=kind, detail=detail)
    found = _failed(facts, rules) or _refused(facts, rules)
    return found is not None and found.name == "broken" and found.code not in CERTAIN


def _failed(facts: Facts, rules: Rules) -> Verdict | None:
    """Return the verdict on what failed; None where a status came that can be judged."""
    if facts.outcome == "redirected":
        return Verdict("not-checked", "scope", f"it redirects to {facts.final_url}, which is outside the scope and was not asked")
    if facts.failure is None:
        return None
    if facts.failure not in _BEFORE_STATUS and facts.status is not None and (within(rules.accept, facts.status) or facts.status >= 400):
        return None
    detail = facts.detail or f"the request failed: {facts.failure}"
    unreachable: tuple[FailureKind, str, VerdictName, str] = (facts.failure, "", "unreachable", facts.failure)
    rows = (row for row in _FAILURES if row[0] == facts.failure and row[1] in detail)
    *_, name, code = next(rows, unreachable)
    if code in _CIRCLES and facts.signs is not None and dict(facts.signs.headers).get("set-cookie") is not None:
        return Verdict("blocked", "cookie", f"{_REMEDY.sub('', detail)}: it wants a cookie kept, as browsers do; a person may well see it")
    return Verdict(name, code, detail if name == "not-checked" else f"{_REMEDY.sub('', detail)}{_asked(facts)}")


def _refused(facts: Facts, rules: Rules) -> Verdict | None:
    """Return the verdict on a status that is no answer; None where it is one."""
    status, signs = facts.status, facts.signs or Signs()
    if status is None:
        return None
    is_accepted = within(rules.accept, status)
    if is_accepted and status >= 400:
        return Verdict("ok", "accepted", f"it answers {phrase(status)}, which --accept names")
    if signs.challenge is not None:
        who = signs.challenge
        return Verdict(
            "blocked", "challenge", f"{who} keeps programs out: it answers {phrase(status)} in the page's place; a person may well see it"
        )
    if is_accepted:
        return None
    return _by_status(facts, status, signs)


def _by_status(facts: Facts, status: int, signs: Signs) -> Verdict:
    name = "needs-login" if status == 403 and signs.has_password else _NAMED.get(status)
    told = f"{_subject(facts)} answers {phrase(status)}"
    if name is None:
        name = "broken" if 400 <= status < 500 else "unreachable"
    return Verdict(name, str(status), told + _besides(facts, name, status, dict(signs.headers)))


def _besides(facts: Facts, name: VerdictName, status: int, headers: dict[str, str]) -> str:
    """Return what else is worth telling of a status."""
    if name == "needs-login":
        return " with a form for a password" if status == 403 else ""
    if name == "blocked":
        by = f" (server: {headers['server']})" if "server" in headers else ""
        return f"{by}: it refuses us, a person may well see it"
    if name == "rate-limited" and "retry-after" in headers:
        return f" and asks to wait (Retry-After: {headers['retry-after']}){_asked(facts)}"
    return " and leads nowhere" if 300 <= status < 400 else _asked(facts)


def _answered(facts: Facts, probes: Sequence[Facts]) -> Verdict:
    """Return the verdict on a target that answered well."""
    final = facts.final_url or facts.url
    signs = facts.signs or Signs()
    if facts.hops and is_way_to_login(facts.url, final, has_password=signs.has_password):
        return Verdict("needs-login", "login", f"it leads to a page for signing in, {final}")
    return _missing(facts, final, signs, probes) or _there(facts, final)


def _missing(facts: Facts, final: str, signs: Signs, probes: Sequence[Facts]) -> Verdict | None:
    """Return the verdict on a page that its host would give for any address; None for others."""
    if signs.challenge is not None:
        return None
    for probe in probes:
        if probe.url == facts.url or not _is_lie(probe):
            continue
        ended = probe.final_url or probe.url
        is_sent_there = bool(facts.hops and probe.hops) and ended == final and facts.url.startswith(asked_about(probe.url))
        is_same = probe.signs is not None and is_alike(signs, final, probe.signs, ended)  # hardly any page is: the rest is asked of those
        if not (is_sent_there or is_same) or is_home(facts.url):
            continue
        if is_sent_there:
            return Verdict("soft-404", "made-up-redirect", f"it redirects to {final}, where its host sends made-up addresses too")
        if is_home(final) or host_of(ended) != host_of(final):
            continue
        if signs.is_scripted:
            return Verdict("unverifiable", "scripted", "a script builds the page, and its host sends the same page for a made-up address")
        answer = phrase(facts.status) if facts.status else "well"
        return Verdict("soft-404", "made-up", f"it answers {answer}, but the page is the one its host shows for a made-up address")
    return None


def _is_lie(probe: Facts) -> bool:
    """Tell whether a made-up address was answered as if it were there; one that was refused or failed tells nothing."""
    is_good = probe.status is not None and probe.status < 400 and probe.failure is None
    return is_good and (probe.signs is None or probe.signs.challenge is None)


def _there(facts: Facts, final: str) -> Verdict:
    if not facts.hops:
        return Verdict("ok", "ok", f"it answers {phrase(facts.status)}" if facts.status is not None else "it is there")
    over = "" if len(facts.hops) == 1 else f" over {len(facts.hops)} redirects"
    if all(hop.status in PERMANENT for hop in facts.hops):
        return Verdict("redirected", "permanent", f"it has moved for good to {final}{over}", instead=final)
    statuses = ", ".join(str(hop.status) for hop in facts.hops)
    return Verdict("redirected", "temporary", f"it redirects to {final}{over} ({statuses}), not for good")


def _subject(facts: Facts) -> str:
    return f"it redirects to {facts.final_url}, which" if facts.hops and facts.final_url not in (None, facts.url) else "it"


def _asked(facts: Facts) -> str:
    return f" (asked {_times(facts.tries)})" if facts.tries > 1 else ""


def _times(count: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(count, f"{count} times")
