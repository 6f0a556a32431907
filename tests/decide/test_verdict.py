"""What a check says of a target: every verdict and code, and what may never happen."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.config import FetchSettings
from linkhaul.decide.codes import CODES, is_code, remedy_of
from linkhaul.decide.likeness import simhash
from linkhaul.decide.verdict import Facts, Rules, is_suspect, verdict_of
from linkhaul.fetch.failures import failure_of
from linkhaul.fetch.files import FileFetcher
from linkhaul.fetch.journey import Journey
from linkhaul.model.check import VERDICTS, Signs
from linkhaul.model.records import FAILURE_KINDS, Failure, Hop, Target

URL = "https://shop.example/guide/fit"
FINAL = "https://shop.example/guide/sizes"
WORDS = "we are sorry but the page that you are looking for is not on this server go to the front page or search for it"
SORRY = Signs(words=24, likeness=simhash(WORDS), title="Page not found")
OTHER = Signs(words=26, likeness=simhash("how to measure your feet and choose the size of a boot " * 2), title="Sizes")
LIE = Facts(
    url="https://shop.example/guide/qzx7made0up1word",
    status=200,
    tries=1,
    final_url="https://shop.example/guide/qzx7made0up1word",
    signs=SORRY,
)
HONEST = Facts(url="https://shop.example/guide/qzx7made0up1word", status=404, tries=1, signs=SORRY)


def seen(status: int | None = 200, **more: object) -> Facts:
    """Return the facts of a target that was asked twice."""
    return Facts(**{"url": URL, "status": status, "tries": 2, "final_url": URL, "outcome": "ok", **more})  # type: ignore[arg-type]


def failed(kind: str, detail: str = "", **more: object) -> Facts:
    return seen(None, failure=kind, detail=detail or f"it failed: {kind}", outcome="failed", **more)


def hops(*statuses: int, to: str = FINAL) -> dict[str, Any]:
    return {"hops": tuple(Hop(URL, status, to) for status in statuses), "final_url": to}


CASES: dict[str, tuple[Facts, str, str]] = {
    "200": (seen(), "ok", "ok"),
    "204": (seen(204), "ok", "ok"),
    "a file": (seen(None, url="file:///a.html"), "ok", "ok"),
    "a body broken off": (seen(200, failure="reset", detail="closed early", outcome="failed"), "ok", "ok"),
    "a body too large": (seen(200, failure="too-large", detail="too large", outcome="failed"), "ok", "ok"),
    "moved for good": (seen(**hops(301)), "redirected", "permanent"),
    "moved for good twice": (seen(**hops(301, 308)), "redirected", "permanent"),
    "moved for now": (seen(**hops(302)), "redirected", "temporary"),
    "moved for good, then for now": (seen(**hops(301, 307)), "redirected", "temporary"),
    "404": (seen(404, outcome="http-error"), "broken", "404"),
    "404 and broken off": (seen(404, failure="reset", detail="x", outcome="failed"), "broken", "404"),
    "410": (seen(410), "broken", "410"),
    "400": (seen(400), "broken", "400"),
    "405": (seen(405), "broken", "405"),
    "a redirect to a 404": (seen(404, **hops(301)), "broken", "404"),
    "no such host": (failed("dns", "there is no host named shpo.example in the DNS"), "broken", "dns"),
    "no look-up now": (failed("dns", "the name shop.example could not be looked up just now"), "unreachable", "dns"),
    "refused": (failed("refused"), "broken", "refused"),
    "expired": (failed("tls", "shop.example: its certificate has expired; --insecure would not look"), "broken", "certificate"),
    "another name": (failed("tls", "shop.example: its certificate is for another name"), "broken", "certificate"),
    "no TLS": (failed("tls", "shop.example: it does not speak TLS on this port; is it http:// ?"), "broken", "tls"),
    "wants our certificate": (failed("tls", "shop.example: it asks for a certificate of ours"), "unreachable", "tls"),
    "a handshake": (failed("tls", "shop.example: it hung up during the TLS handshake"), "unreachable", "tls"),
    "no URL": (failed("bad-url", tries=1), "broken", "bad-url"),
    "a redirect to nothing": (seen(302, failure="bad-redirect", detail="x", outcome="failed", tries=1), "broken", "bad-redirect"),
    "a circle until a cookie is kept": (
        seen(302, failure="redirect-loop", detail="x", outcome="failed", signs=Signs(headers=(("set-cookie", ""),))),
        "blocked",
        "cookie",
    ),
    "a circle": (seen(302, failure="redirect-loop", detail="x", outcome="failed"), "broken", "redirect-loop"),
    "too many redirects": (seen(302, failure="too-many-redirects", detail="x", outcome="failed"), "broken", "too-many-redirects"),
    "no file": (failed("file", "there is no file /a/b.html", tries=1), "broken", "file"),
    "a folder": (failed("file", "/a is a folder without an index page", tries=1), "unverifiable", "folder"),
    "outside": (failed("file", "file:///etc lies outside the folders that were named", tries=1), "not-checked", "outside"),
    "403": (seen(403), "blocked", "403"),
    "406": (seen(406), "blocked", "406"),
    "418": (seen(418), "blocked", "418"),
    "451": (seen(451), "blocked", "451"),
    "999": (seen(999), "blocked", "999"),
    "a challenge under 403": (seen(403, signs=Signs(challenge="Cloudflare")), "blocked", "challenge"),
    "a challenge under 200": (seen(200, signs=Signs(challenge="Anubis")), "blocked", "challenge"),
    "a challenge under 429": (seen(429, signs=Signs(challenge="Kasada")), "blocked", "challenge"),
    "429": (seen(429), "rate-limited", "429"),
    "420": (seen(420), "rate-limited", "420"),
    "509": (seen(509), "rate-limited", "509"),
    "401": (seen(401), "needs-login", "401"),
    "402": (seen(402), "needs-login", "402"),
    "407": (seen(407), "needs-login", "407"),
    "403 with a form": (seen(403, signs=Signs(has_password=True)), "needs-login", "403"),
    "to a login page": (seen(signs=Signs(has_password=True), **hops(302, to="https://shop.example/login")), "needs-login", "login"),
    "to a login page with the way back": (seen(**hops(302, to="https://id.example/sso?next=%2Fguide%2Ffit")), "needs-login", "login"),
    "a timeout": (failed("read-timeout"), "unreachable", "read-timeout"),
    "no connection": (failed("connect-timeout"), "unreachable", "connect-timeout"),
    "reset": (failed("reset"), "unreachable", "reset"),
    "network": (failed("network"), "unreachable", "network"),
    "no HTTP": (failed("bad-reply"), "unreachable", "bad-reply"),
    "not unpacked": (failed("bad-encoding"), "unreachable", "bad-encoding"),
    "not read": (failed("unreadable"), "unreachable", "unreadable"),
    "too large, nothing known": (failed("too-large"), "unreachable", "too-large"),
    "500": (seen(500), "unreachable", "500"),
    "503": (seen(503), "unreachable", "503"),
    "408": (seen(408), "unreachable", "408"),
    "425": (seen(425), "unreachable", "425"),
    "302 to nowhere": (seen(302), "unreachable", "302"),
    "a status nobody knows": (seen(777), "unreachable", "777"),
    "robots": (failed("robots", "robots.txt of https://shop.example disallows it"), "not-checked", "robots"),
    "guard": (failed("guard", "10.0.0.1 is private"), "not-checked", "guard"),
    "a redirect out of the scope": (seen(301, outcome="redirected", **hops(301)), "not-checked", "scope"),
    "404 once": (seen(404, tries=1), "not-checked", "unconfirmed"),
    "refused once": (failed("refused", tries=1), "not-checked", "unconfirmed"),
    "stopped before its second try": (Facts(url=URL, state="queued", reason="404", tries=1), "not-checked", "unconfirmed"),
    "stopped": (Facts(url=URL, state="queued", reason="scope:host"), "not-checked", "stopped"),
    "depth": (Facts(url=URL, state="recorded", reason="depth"), "not-checked", "depth"),
    "scope": (Facts(url=URL, state="recorded", reason="scope:host"), "not-checked", "scope"),
    "include": (Facts(url=URL, state="recorded", reason="include"), "not-checked", "include"),
    "skip": (Facts(url=URL, state="recorded", reason="skip"), "not-checked", "skip"),
    "nofollow": (Facts(url=URL, state="recorded", reason="nofollow"), "not-checked", "nofollow"),
    "excluded": (Facts(url=URL, state="recorded", reason="excluded"), "not-checked", "excluded"),
    "offline": (Facts(url=URL, state="recorded", reason="offline"), "not-checked", "offline"),
    "a step of redirects": (Facts(url=URL, state="recorded", reason="redirect"), "not-checked", "unasked"),
    "a trap": (Facts(url=URL, state="withheld", reason="trap:dates"), "not-checked", "trap"),
    "done, and nothing seen": (Facts(url=URL, state="done", reason="ok", tries=1), "not-checked", "unasked"),
    "unknown": (Facts(url=URL, state="unknown"), "not-checked", "unasked"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_case_has_its_verdict(case: str) -> None:
    """What was seen of a target leads to one verdict and one code, and a sentence."""
    facts, name, code = CASES[case]
    verdict = verdict_of(facts)
    assert (verdict.name, verdict.code) == (name, code)
    assert verdict.detail
    assert is_code(verdict.name, verdict.code)


def test_every_code_of_a_target_is_shown() -> None:
    """The table above has a case of each code that a target can have; the others belong to text, fragments, probes and options."""
    elsewhere = {
        ("ok", "accepted"), ("ok", "well-formed"), ("broken", "malformed"), ("broken", "fragment"), ("soft-404", "made-up"), ("soft-404", "made-up-redirect"),
        ("unverifiable", "scripted"), ("unverifiable", "router"), ("unverifiable", "part"), ("unverifiable", "unread"), ("unverifiable", "lines"),
        ("not-checked", "scheme"),
    }  # fmt: skip
    shown = {(name, code) for _, name, code in CASES.values()}
    hundreds = {(name, f"{code[0]}xx") for name, code in shown if code.isdigit()} | {("unreachable", "status")}
    assert {(row.name, row.code) for row in CODES} - shown - hundreds == elsewhere
    assert {name for name, _ in shown | elsewhere} == set(VERDICTS)


def test_what_is_accepted_is_ok() -> None:
    """A status that --accept names is an answer, a challenge page or not; one it leaves out is none."""
    rules = Rules(accept=((200, 200), (403, 403)))
    assert verdict_of(seen(403, signs=Signs(challenge="Akamai")), rules).code == "accepted"
    assert verdict_of(seen(204), rules).name == "unreachable"


def test_a_run_that_asks_once_may_say_so() -> None:
    """With one try asked for, a 404 seen once is broken."""
    assert verdict_of(seen(404, tries=1), Rules(tries=1)).name == "broken"


def test_only_permanent_redirects_name_the_address_to_write() -> None:
    """`instead` is where permanent redirects lead, and nothing where one of them is temporary or the end is not there."""
    assert verdict_of(seen(**hops(301, 308))).instead == FINAL
    assert verdict_of(seen(**hops(301, 302))).instead is None
    assert verdict_of(seen(404, **hops(301))).instead is None


def test_the_sentence_says_how_often_and_where() -> None:
    """A broken link's sentence names the status, the end of the redirects and the tries; the remedy of a flag stays out."""
    assert verdict_of(seen(404, tries=3, **hops(301))).detail == f"it redirects to {FINAL}, which answers 404 (not found) (asked 3 times)"
    told = verdict_of(failed("tls", "a.example: its certificate has expired; --insecure would not look")).detail
    assert told == "a.example: its certificate has expired (asked twice)"
    waits = Signs(headers=(("retry-after", "120"),))
    assert "Retry-After: 120" in verdict_of(seen(429, signs=waits)).detail
    assert "Cloudflare" in verdict_of(seen(403, signs=Signs(challenge="Cloudflare"))).detail


def test_a_page_like_the_answer_to_a_made_up_address_is_missing() -> None:
    """A 200 that reads like the host's answer to a made-up address is a soft 404, and only where the host does answer so."""
    assert verdict_of(seen(signs=SORRY), probes=[LIE]).name == "soft-404"
    assert verdict_of(seen(signs=OTHER), probes=[LIE]).name == "ok"
    assert verdict_of(seen(signs=SORRY), probes=[HONEST]).name == "ok"
    assert verdict_of(seen(signs=SORRY)).name == "ok"
    assert verdict_of(seen(signs=SORRY), probes=[Facts(url=LIE.url, failure="reset", signs=SORRY)]).name == "ok"


def test_a_front_page_is_never_missing() -> None:
    """Where a host answers everything with its front page, the front page itself is there."""
    home = "https://shop.example/"
    assert verdict_of(seen(url=home, final_url=home, signs=SORRY), probes=[LIE]).name == "ok"
    assert (
        verdict_of(
            seen(**hops(302, to=home)), probes=[Facts(url=LIE.url, status=200, hops=(Hop(LIE.url, 302, home),), final_url=home)]
        ).name
        == "soft-404"
    )
    moved = Facts(url="https://shop.example/index.html", status=200, tries=1, final_url=home, hops=(Hop(URL, 301, home),))
    assert verdict_of(moved, probes=[Facts(url=LIE.url, status=200, hops=(Hop(LIE.url, 301, home),), final_url=home)]).name == "redirected"


def test_a_redirect_to_home_is_honest_where_made_up_addresses_are() -> None:
    """A redirect to the front page is a redirect, where the host says 404 to a made-up address."""
    assert verdict_of(seen(**hops(301, to="https://shop.example/")), probes=[HONEST]).code == "permanent"


def test_a_folder_that_sends_everybody_to_one_page_says_nothing_of_the_others() -> None:
    """What a made-up address in a folder was redirected to condemns redirects from that folder only."""
    end = "https://shop.example/old/"
    probe = Facts(url=f"{end}linkhaul-0123", status=200, hops=(Hop(f"{end}linkhaul-0123", 302, end),), final_url=end)
    for url, name in ((f"{end}gone.html", "soft-404"), ("https://shop.example/short", "redirected")):
        facts = Facts(url=url, status=200, tries=1, final_url=end, hops=(Hop(url, 302, end),), signs=OTHER)
        assert verdict_of(facts, probes=[probe]).name == name


def test_a_shell_that_scripts_fill_is_unverifiable() -> None:
    """A host that sends the same empty page for everything, which a script fills, cannot be judged."""
    shell = Signs(words=3, likeness=simhash("please wait"), title="App", is_scripted=True)
    probe = Facts(url=LIE.url, status=200, final_url=LIE.url, signs=shell)
    assert verdict_of(seen(signs=shell), probes=[probe]).code == "scripted"


def test_another_hosts_answer_does_not_count() -> None:
    """What one host says to a made-up address tells nothing of a page at another."""
    probe = Facts(url="https://other.example/qzx7made0up1word", status=200, final_url="https://other.example/qzx7made0up1word", signs=SORRY)
    assert verdict_of(seen(signs=SORRY), probes=[probe]).name == "ok"


def test_a_file_outside_the_folders_says_so() -> None:
    """A file that the run has never heard of lies outside the folders that were named; a URL of the web was not asked for."""
    assert verdict_of(Facts(url="file:///etc/passwd", state="unknown")).code == "outside"
    assert verdict_of(Facts(url=URL, state="unknown")).code == "unasked"


def test_a_link_to_a_login_page_is_fine() -> None:
    """Who links to a page for signing in got what was asked for, redirected or not."""
    facts = Facts(
        url="https://shop.example/login", status=200, tries=1, final_url="https://id.example/login?next=/", hops=(Hop("a", 302, "b"),)
    )
    assert verdict_of(facts).name == "redirected"
    assert verdict_of(seen(signs=Signs(has_password=True))).name == "ok"


@pytest.mark.parametrize(
    ("status", "failure", "suspect"),
    [
        (404, None, True), (410, None, True), (403, None, False), (429, None, False), (503, None, False), (200, None, False),
        (None, Failure("refused", "refused"), True), (None, Failure("read-timeout", "slow"), False),
        (None, Failure("dns", "there is no host named x in the DNS"), True), (None, Failure("tls", "its certificate has expired"), True),
        (None, Failure("bad-url", "x"), False), (302, Failure("redirect-loop", "x"), True), (None, Failure("robots", "x"), False),
    ],
    ids=str,
)  # fmt: skip
def test_what_looks_broken_is_to_be_asked_again(status: int | None, failure: Failure | None, suspect: bool) -> None:
    """Exactly what would be broken, and may not be the next time, is suspect."""
    assert is_suspect(status, failure) is suspect


def test_the_words_of_failures_are_those_of_fetching() -> None:
    """Failures that are told apart by their words are worded so where they are made."""

    def verdict(error: OSError) -> tuple[str, str]:
        failure = failure_of(error, "shop.example", Journey(0.0), FetchSettings())
        found = verdict_of(failed(failure.kind, failure.detail))
        return found.name, found.code

    def certificate(code: int) -> ssl.SSLCertVerificationError:
        error = ssl.SSLCertVerificationError(1, "certificate verify failed")
        error.verify_code, error.verify_message = code, "odd"
        return error

    def handshake(reason: str) -> ssl.SSLError:
        error = ssl.SSLError(1, reason)
        error.reason = reason
        return error

    assert verdict(socket.gaierror(socket.EAI_NONAME, "x")) == ("broken", "dns")
    assert verdict(socket.gaierror(socket.EAI_AGAIN, "x")) == ("unreachable", "dns")
    assert [verdict(certificate(code)) for code in (10, 9, 18, 19, 20, 62, 64, 99)] == [("broken", "certificate")] * 8
    assert verdict(handshake("WRONG_VERSION_NUMBER")) == ("broken", "tls")
    assert verdict(handshake("TLSV1_UNRECOGNIZED_NAME")) == ("broken", "tls")
    assert verdict(handshake("UNSUPPORTED_PROTOCOL")) == ("broken", "tls")
    assert verdict(handshake("TLSV13_ALERT_CERTIFICATE_REQUIRED")) == ("unreachable", "tls")
    assert verdict(handshake("SSLV3_ALERT_HANDSHAKE_FAILURE")) == ("unreachable", "tls")
    assert verdict(ConnectionRefusedError(errno.ECONNREFUSED, "x")) == ("broken", "refused")


def test_the_words_of_missing_files_are_those_of_fetching(tmp_path: Path) -> None:
    """A file that is not there is broken, one outside was not checked, and a folder without an index page cannot be judged."""
    (tmp_path / "docs" / "empty").mkdir(parents=True)
    root = (tmp_path / "docs").as_uri() + "/"
    fetcher = FileFetcher([(root, tmp_path / "docs")])

    def verdict(url: str) -> tuple[str, str]:
        failure = asyncio.run(fetcher.get(Target(1, url, "file:"))).failure
        assert failure is not None
        found = verdict_of(failed(failure.kind, failure.detail, tries=1))
        return found.name, found.code

    assert verdict(root + "no.html") == ("broken", "file")
    assert verdict(root + "empty/") == ("unverifiable", "folder")
    assert verdict("file:///elsewhere/a.html") == ("not-checked", "outside")
    assert verdict(root + "%2e%2e/secret") == ("not-checked", "outside")


TEXT = st.text(max_size=20)
SIGNS = st.builds(
    Signs, challenge=st.none() | TEXT, has_password=st.booleans(), is_scripted=st.booleans(), words=st.none() | st.integers(0, 10_000),
    likeness=st.none() | st.integers(-(2**63), 2**63 - 1), title=st.none() | TEXT, is_part=st.booleans(),
    headers=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
)  # fmt: skip
URLS = st.sampled_from([URL, FINAL, "https://shop.example/", "file:///a", "mailto:a", "", "http://[::1]/x?y#z"]) | TEXT
FACTS = st.builds(
    Facts, url=URLS, state=st.sampled_from(["done", "done", "done", "queued", "recorded", "withheld", "odd"]), reason=st.none() | TEXT,
    tries=st.integers(0, 5), status=st.none() | st.integers(100, 999), failure=st.none() | st.sampled_from(FAILURE_KINDS), detail=st.none() | TEXT,
    outcome=st.sampled_from([None, "ok", "redirected", "failed"]), final_url=st.none() | URLS,
    hops=st.lists(st.builds(Hop, URLS, st.integers(300, 308), URLS), max_size=3).map(tuple), signs=st.none() | SIGNS,
)  # fmt: skip


@given(FACTS, st.lists(FACTS, max_size=2), st.sampled_from([1, 2]))
def test_any_facts_have_a_verdict(facts: Facts, probes: list[Facts], tries: int) -> None:
    """Whatever was seen, there is one verdict of the list with a code of the table; nothing is broken on one try that might pass."""
    verdict = verdict_of(facts, Rules(tries=tries), probes)
    assert verdict.name in VERDICTS
    assert is_code(verdict.name, verdict.code)
    if verdict.name == "broken" and verdict.code not in ("bad-url", "bad-redirect", "file"):
        assert facts.tries >= tries
    if verdict.instead is not None:
        assert verdict.name == "redirected"


def test_remedies_are_found_by_status_too() -> None:
    """What to do is known for a code, and for a status by its hundred."""
    assert "browser" in remedy_of("broken", "405")
    assert remedy_of("broken", "404").startswith("correct the address")
    assert remedy_of("ok", "ok") == ""
