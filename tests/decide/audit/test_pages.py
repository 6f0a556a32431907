"""What page rules see in a page: where they apply, and the finer points of some."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from linkhaul.decide.audit.pages import PAGE_RULES, judged
from linkhaul.decide.audit.rule import WHERES, Examined, robots_by_who
from linkhaul.model.facts import Alternate, Canonical, Heading, PageFacts, RobotsWords, Some

URL = "https://shop.example/x"


def page(url: str = URL, **facts: Any) -> Examined:
    """Return a page with these facts."""
    return Examined(url, PageFacts(**facts), 200, "UTF-8", "meta", 0.1)


def broken(seen: Examined, *among: str) -> dict[str, str]:
    """Return what is found by rules whose ids begin so, with the evidence."""
    return {rule.id: evidence for rule, evidence in judged(seen, PAGE_RULES) if rule.id.startswith(among)}


def robots(*words: tuple[str, str]) -> tuple[RobotsWords, ...]:
    """Return robots metas and headers."""
    return tuple(RobotsWords(*pair) for pair in words)


@pytest.mark.parametrize(
    ("said", "is_noindex"),
    [
        ([("robots", "NoIndex")], True),
        ([("robots", "none")], True),
        ([("googlebot", "noindex")], True),
        ([("x-robots-tag", "noindex, nofollow")], True),
        ([("x-robots-tag", "googlebot: noindex")], True),
        ([("x-robots-tag", "otherbot: noindex")], False),
        ([("x-robots-tag", "unavailable_after: 25 Jun 2026 15:00:00 PST")], False),
        ([("bingbot", "noindex")], False),
        ([("robots", "index, follow, max-snippet:-1")], False),
        ([], False),
    ],
    ids=["meta", "none", "named", "header", "header-named", "header-other", "header-valued", "other", "positive", "nothing"],
)
def test_noindex_is_understood(said: list[tuple[str, str]], is_noindex: bool) -> None:
    """It counts where search engines at large are meant, in a meta element or a header."""
    assert page(robots=robots(*said)).is_noindex is is_noindex


def test_whom_a_header_speaks_to() -> None:
    """The name before the colon; a value with a colon is no name."""
    facts = PageFacts(robots=robots(("x-robots-tag", "BingBot: noindex"), ("x-robots-tag", "max-snippet: 10, nofollow")))
    assert list(robots_by_who(facts)) == [("bingbot", ("noindex",)), ("x-robots-tag", ("max-snippet: 10", "nofollow"))]


def test_a_page_is_indexable_by_its_own_word() -> None:
    """A canonical of its own or none: yes; of another page, or noindex: no. What stands in the body, or on a disk, does not count."""
    elsewhere = Canonical("https://shop.example/y", "https://shop.example/y", "head")
    holds = WHERES["indexable"].holds
    assert holds(page())
    assert holds(page(canonicals=(Canonical("/x#a", URL + "#a", "head"),)))
    assert holds(page(canonicals=(Canonical("/y", "https://shop.example/y", "body"),)))
    assert holds(page(canonicals=(Canonical("file:///y", "file:///y", "head"),)))
    assert not holds(page(canonicals=(elsewhere,)))
    assert not holds(page(robots=robots(("robots", "noindex"))))
    assert "description-missing" in broken(page(), "description")
    assert broken(page(canonicals=(elsewhere,)), "description") == {}


@pytest.mark.parametrize(
    ("url", "is_public"),
    [
        ("http://shop.example/", True), ("http://127.0.0.1:8000/", False), ("http://[::1]/", False), ("http://10.0.0.5/", False),
        ("http://localhost/", False), ("http://printer.local/", False), ("http://intranet/", False), ("http://93.184.216.34/", True),
        ("https://shop.example/", False),
    ],
)  # fmt: skip
def test_http_is_a_fault_only_out_on_the_web(url: str, is_public: bool) -> None:
    """A test server on one's own machine or network may speak http."""
    assert WHERES["http"].holds(page(url)) is is_public


def test_pages_from_disk_have_no_server() -> None:
    """Rules of headers, times and addresses do not apply to files."""
    assert broken(page("file:///docs/My_Page.html"), "csp", "uncompressed", "url-", "slow", "caching", "hsts") == {}
    assert {"csp-missing", "caching-missing", "hsts-missing"} <= broken(page(), "csp", "caching", "hsts").keys()


def test_levels_may_rise_by_any_step() -> None:
    """An h2 after an h4 begins a new part; an h4 after an h2 leaves one out. What the page begins with is another rule's."""
    fine = (Heading(2, "a"), Heading(3, "b"), Heading(4, "c"), Heading(2, "d"), Heading(1, "e"), Heading(2, "f"))
    assert broken(page(headings=fine), "heading-skipped") == {}
    found = broken(page(headings=(*fine, Heading(4, "g"))), "heading-skipped")
    assert found == {"heading-skipped": "an h4 follows an h2: “g” after “f”"}


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        ("/%C3%A4pfel", set()), ("/a%2Fb", set()), ("/a?B=C_D", set()), ("/_next/a", set()), ("/a__b", set()), ("/A", {"url-capitals"}),
        ("/a_b/c", {"url-underscores"}), ("/a//b", {"url-double-slash"}), ("/a?u=https://x//y", set()), ("/a;jsessionid=0123456789", {"url-session"}),
        ("/sid=1", set()), ("/?sid=42", set()),
    ],
)  # fmt: skip
def test_addresses_are_judged_by_their_path(path: str, rules: set[str]) -> None:
    """Escapes are no capitals, a query is no path, a leading underscore joins no words, and short values are no sessions."""
    assert set(broken(page("https://shop.example" + path), "url-")) == rules


def test_previews_may_say_it_in_full() -> None:
    """og:image:url stands for og:image; a page with no property at all is another rule's."""
    whole = {"og:title": "a", "og:type": "b", "og:image:url": "https://a.example/i.png", "og:url": URL}
    assert broken(page(open_graph=whole), "open-graph") == {}
    assert broken(page(), "open-graph").keys() == {"open-graph-missing"}
    assert broken(page(open_graph={"og:title": "a"}), "open-graph")["open-graph-incomplete"] == "it lacks og:type, og:image, og:url"


def test_an_encoding_may_be_declared_anywhere() -> None:
    """A header, a meta element or a byte order mark; late counts only where no header says it before."""
    assert broken(page(charset_header="utf-8", charset_at=5_000), "charset") == {}
    assert broken(replace(page(), charset_from="bom"), "charset") == {}
    assert broken(page(charset_meta="utf-8", charset_at=5_000), "charset").keys() == {"charset-late"}
    assert broken(page(), "charset").keys() == {"charset-missing"}


def test_small_pages_need_no_packing() -> None:
    """What fits into one packet gains nothing."""
    assert broken(page(bytes=1_000), "uncompressed") == {}
    assert broken(page(bytes=9_000, headers={"content-encoding": "br"}), "uncompressed") == {}
    assert broken(page(bytes=9_000, headers={"content-encoding": "identity"}), "uncompressed")


def test_headers_are_read_as_browsers_do() -> None:
    """Values count, not presence: max-age=0 ends HSTS, ALLOW-FROM is ignored, unsafe-url hides nothing."""
    good = {
        "strict-transport-security": "max-age=63072000; includeSubDomains", "x-frame-options": "sameorigin", "x-content-type-options": "NoSniff",
        "content-security-policy": "default-src 'self'", "referrer-policy": "no-referrer", "etag": "1",
    }  # fmt: skip
    ids = ("hsts", "framing", "nosniff", "csp", "referrer", "caching")
    assert broken(page(headers=good), *ids) == {}
    bad = {"strict-transport-security": "max-age=0", "x-frame-options": "ALLOW-FROM x", "referrer-policy": "unsafe-url"}
    assert broken(page(headers=good | bad), *ids).keys() == {"hsts-missing", "framing-allowed", "referrer-policy-missing"}


def test_evidence_counts_and_names_some() -> None:
    """How many there are, the first of them, and that there are more."""
    found = broken(page(images_without_alt=Some(5, ("a.png", "b.png"))), "image")
    assert found == {"image-without-alt": "5 images: a.png, b.png, …"}
    alternates = tuple(Alternate(code, "/a", None) for code in ("en-UK", "zz", "de"))
    assert (
        broken(page(alternates=alternates), "hreflang-wrong")["hreflang-wrong-code"]
        == "“en-UK”: uk is no region; gb may be meant; and 1 more"
    )
