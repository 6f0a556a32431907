"""A check is believed: good, bad and treacherous targets of every kind, each with the verdict that it deserves, asked for once.

The table is the trial: what stands there was decided by looking at what a person would see, not at what a program gave.
"""

from __future__ import annotations

import html
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.trials.treacherous import Answer, Hosts, page, treacherous

from linkhaul.api.check import check
from linkhaul.model.check import Checked
from linkhaul.model.url import join

Case = tuple[str, str]

# What the site links to, by host and path, and what is to be said of it: (verdict, code).
TABLE: dict[str, Case] = {
    # good
    "honest/": ("ok", "ok"),
    "honest/ok": ("ok", "ok"),
    "honest/ok?size=7&colour=red": ("ok", "ok"),
    "honest/k\xe4se": ("ok", "ok"),
    "honest/no-type": ("ok", "ok"),
    "honest/archive.zip": ("ok", "ok"),
    "honest/nothing": ("ok", "ok"),
    "honest/about-bots": ("ok", "ok"),
    "honest/login": ("ok", "ok"),
    "honest/slow": ("ok", "ok"),
    "honest/huge.iso": ("ok", "ok"),
    "honest/endless.html": ("ok", "ok"),
    "honest/broken-zip": ("ok", "ok"),
    "honest/head-says-no": ("ok", "ok"),
    "good/": ("ok", "ok"),
    # good the second time
    "honest/here-today": ("ok", "ok"),
    "honest/hangs-up-once": ("ok", "ok"),
    "limited/later": ("ok", "ok"),
    "failing/flaky": ("ok", "ok"),
    # elsewhere
    "honest/moved": ("redirected", "permanent"),
    "honest/moved-308": ("redirected", "permanent"),
    "honest/chain-for-good": ("redirected", "permanent"),
    "honest/to-home": ("redirected", "permanent"),
    "honest/found": ("redirected", "temporary"),
    "honest/see-other": ("redirected", "temporary"),
    "honest/for-now": ("redirected", "temporary"),
    "honest/chain": ("redirected", "temporary"),
    # bad
    "honest/missing": ("broken", "404"),
    "honest/head-says-yes": ("broken", "404"),
    "honest/to-missing": ("broken", "404"),
    "honest/gone": ("broken", "410"),
    "honest/bad-request": ("broken", "400"),
    "honest/not-allowed": ("broken", "405"),
    "honest/to-mail": ("broken", "bad-redirect"),
    "honest/circle": ("broken", "redirect-loop"),
    "honest/endless/0": ("broken", "too-many-redirects"),
    "closed/": ("broken", "refused"),
    "http://no-such-host.invalid/": ("broken", "dns"),
    "expired/": ("broken", "certificate"),
    "early/": ("broken", "certificate"),
    "other/": ("broken", "certificate"),
    "selfsigned/": ("broken", "certificate"),
    "https-honest/ok": ("broken", "tls"),
    "http://": ("broken", "bad-url"),
    "http://a b.example/": ("broken", "bad-url"),
    # bad in disguise
    "agreeing/vanished": ("soft-404", "made-up"),
    "agreeing/2019/12/vanished.html?x=1": ("soft-404", "made-up"),
    "agreeing/": ("ok", "ok"),
    "agreeing/real": ("ok", "ok"),
    "home/vanished": ("soft-404", "made-up-redirect"),
    "home/": ("ok", "ok"),
    "home/real": ("ok", "ok"),
    "home/index.html": ("redirected", "permanent"),
    # bad in disguise in some folders only
    "partly/shop/": ("ok", "ok"),
    "partly/shop/boots.html": ("ok", "ok"),
    "partly/shop/vanished.html": ("soft-404", "made-up"),
    "partly/shop/2019/vanished.html": ("soft-404", "made-up"),
    "partly/help/one": ("soft-404", "made-up"),
    "partly/help/two": ("soft-404", "made-up"),
    "partly/gone": ("broken", "404"),
    "partly/old/": ("ok", "ok"),
    "partly/short": ("redirected", "permanent"),
    # bad in disguise, on long pages
    "warehouse/shop/boots": ("ok", "ok"),
    "warehouse/shop/socks": ("ok", "ok"),
    "warehouse/shop/vanished": ("soft-404", "made-up"),
    "warehouse/shop/lost": ("soft-404", "made-up"),
    "warehouse/vanished": ("broken", "404"),
    "nameless/real": ("ok", "ok"),
    "nameless/other": ("ok", "ok"),
    "nameless/vanished": ("soft-404", "made-up"),
    # not for programs
    "honest/forbidden": ("blocked", "403"),
    "honest/teapot": ("blocked", "418"),
    "honest/law": ("blocked", "451"),
    "honest/linkedin": ("blocked", "999"),
    "honest/cloudflare": ("blocked", "challenge"),
    "honest/anubis": ("blocked", "challenge"),
    "honest/akamai": ("blocked", "challenge"),
    "honest/aws": ("blocked", "challenge"),
    "honest/cookie": ("blocked", "cookie"),
    "limited/never": ("rate-limited", "429"),
    "honest/basic": ("needs-login", "401"),
    "honest/pay": ("needs-login", "402"),
    "honest/members": ("needs-login", "403"),
    "honest/wall": ("needs-login", "login"),
    # no answer
    "honest/hangs": ("unreachable", "read-timeout"),
    "honest/hangs-up": ("unreachable", "reset"),
    "honest/no-http": ("unreachable", "bad-reply"),
    "honest/nowhere": ("unreachable", "302"),
    "failing/down": ("unreachable", "503"),
    "failing/crash": ("unreachable", "500"),
    "failing/gateway": ("unreachable", "502"),
    # fragments
    "honest/page#here": ("ok", "ok"),
    "honest/page#named": ("ok", "ok"),
    "honest/page#K%C3%A4se": ("ok", "ok"),
    "honest/page#": ("ok", "ok"),
    "honest/page#TOP": ("ok", "ok"),
    "honest/page#:~:text=boots": ("ok", "ok"),
    "honest/page#here:~:text=boots": ("ok", "ok"),
    "honest/page#!": ("ok", "ok"),
    "honest/page#gone": ("broken", "fragment"),
    "honest/page#Here": ("broken", "fragment"),
    "honest/page#hidden": ("broken", "fragment"),
    "honest/page#/route": ("unverifiable", "router"),
    "honest/page#!route": ("unverifiable", "router"),
    "honest/page#L10-L20": ("unverifiable", "lines"),
    "honest/zipped#deep": ("ok", "ok"),
    "honest/moved-page#here": ("redirected", "permanent"),
    "honest/moved-page#gone": ("broken", "fragment"),
    "honest/shell#part": ("unverifiable", "scripted"),
    "honest/paper.pdf#page=3": ("ok", "ok"),
    "honest/missing#part": ("broken", "404"),
    "site/#own": ("ok", "ok"),
    "site/#none": ("broken", "fragment"),
    # built by scripts
    "shell/": ("ok", "ok"),
    "shell/users/7": ("unverifiable", "scripted"),
    # not asked
    "honest/private/x": ("not-checked", "robots"),
    "secret/": ("not-checked", "robots"),
    "honest/excluded": ("not-checked", "excluded"),
    "ftp://files.example/a": ("not-checked", "scheme"),
    "javascript:void(0)": ("not-checked", "scheme"),
    # text
    "mailto:ann@example.org?subject=x": ("ok", "well-formed"),
    "mailto:ann.example.org": ("broken", "malformed"),
    "tel:+49-30-1234567": ("ok", "well-formed"),
    "tel:call-us": ("broken", "malformed"),
    "data:text/plain,x": ("ok", "well-formed"),
    "data:;base64,x": ("broken", "malformed"),
    # other elements
    "img honest/dot.png": ("ok", "ok"),
    "img honest/missing.png": ("broken", "404"),
}
ASKED_TWICE = ("here-today", "missing", "gone", "bad-request", "not-allowed", "hangs-up-once", "head-says-yes", "missing.png")
"""What is asked more than once, because it looks broken or did not answer."""
PASSED = ("ok", "moved", "page", "to-missing", "to-mail", "cookie", "circle", "circle2")
"""What may be asked more than once, because redirects lead there, or in a circle."""
SETTINGS: dict[str, Any] = {
    "allow_private": True, "no_sitemaps": True, "timeout": 6.0, "connect_timeout": 3.0, "read_timeout": 1.5, "retries": 1, "confirm_after": 0.2,
    "max_redirects": 5, "max_body": 2_000_000,
}  # fmt: skip


def link(case: str, origins: dict[str, str]) -> str:
    """Return the URL that a line of the table stands for."""
    text = case.removeprefix("img ")
    if text.startswith("https-"):
        return text.replace("https-honest", origins["honest"].replace("http:", "https:"), 1)
    host, slash, rest = text.partition("/")
    return origins[host] + slash + rest if host in origins else text


def element(case: str, origins: dict[str, str]) -> str:
    url = html.escape(link(case, origins))
    return f'<img src="{url}" alt="x">' if case.startswith("img ") else f'<p><a href="{url}">{html.escape(case)}</a></p>'


@pytest.fixture
def hosts(tls: Callable[[str], ssl.SSLContext], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Serve them all, with a site that links to each of the table on two pages; no name but those of this machine is known."""
    known = socket.getaddrinfo

    def look_up(host: str, *words: Any, **more: Any) -> Any:
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *words, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    made: list[Hosts] = []

    def site(_method: str, path: str, _times: int) -> Answer:
        if path not in ("/", "/again"):
            return page("Not found", "no", 404)
        links = "\n".join(element(case, made[0].origins) for case in TABLE)
        return page("The site", f'<p id="own"><a href="/again">again</a></p>\n{links}')

    with treacherous(site, tls) as opened:
        made.append(opened)
        closed = socket.create_server(("127.0.0.1", 0))
        opened.origins["closed"] = f"http://127.0.0.1:{closed.getsockname()[1]}"
        closed.close()
        yield opened


def test_every_target_gets_its_verdict(hosts: Hosts, tmp_path: Path) -> None:
    """Each of more than a hundred kinds of target is judged right, names all places where it stands, and is asked for once or twice."""
    result = check(hosts.origins["site"] + "/", run=tmp_path / "check.run", exclude=("/excluded$",), **SETTINGS)
    found = {checked.url: checked for checked in result}
    given = {case: _given(found, link(case, hosts.origins)) for case in TABLE}
    assert {case: got for case, got in given.items() if got != TABLE[case]} == {}
    assert len({(name, code) for name, code in TABLE.values()}) > 40
    pages = {hosts.origins["site"] + "/", hosts.origins["site"] + "/again"}
    assert all({place.page_url for place in found[url].places} == pages for url in found)
    assert found[link("honest/moved-page#here", hosts.origins)].verdict.instead == hosts.origins["honest"] + "/page#here"
    assert result.failed
    assert not [key for key in hosts.asked if key[1] != "GET"]
    made_up = [(host, path) for host, _, path in hosts.asked if "/linkhaul-" in path]
    assert sorted(path.rpartition("/linkhaul-")[0] for host, path in made_up if host == "partly") == ["", "/help", "/shop", "/shop/2019"]
    assert not [host for host, _ in made_up if host in ("good", "closed")]
    often = {path for (host, _, path), count in hosts.asked.items() if host == "honest" and count > 1 and not path.startswith("/endless/")}
    twice = {f"/{name}" for name in ASKED_TWICE} | {"/hangs", "/hangs-up"}
    assert twice - often == set()
    assert often - twice - {f"/{name}" for name in PASSED} == set()


def _given(found: dict[str, Checked], url: str) -> Case | str:
    """Return the verdict and code on a URL, as it stands in the page or in its normal form."""
    checked = found.get(url) or found.get(join("http://x.example/", url) or "")
    return (checked.verdict.name, checked.verdict.code) if checked else "not among the findings"


def test_a_page_of_the_web_may_not_lead_to_a_private_address(hosts: Hosts, tmp_path: Path) -> None:
    """Without leave to, what is at a private address that nobody named is not asked for, and that is said."""
    result = check(hosts.origins["site"] + "/", run=tmp_path / "check.run", no_sitemaps=True, confirm_after=0, retries=0, read_timeout=0.8)
    verdicts = {checked.url: checked.verdict for checked in result}
    verdict = verdicts[hosts.origins["honest"] + "/ok"]
    assert (verdict.name, verdict.code, verdict.tries) == ("not-checked", "guard", 0)
    assert not [key for key in hosts.asked if key[0] != "site"]
