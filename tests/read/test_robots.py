"""robots.txt by RFC 9309."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.model.records import Failure, FailureKind
from linkhaul.read.robots import MAX_BYTES, Rules, product_token, rules_for

US = "linkhaul"


def may(body: str | bytes, path: str, token: str = US) -> bool:
    return Rules(body.encode() if isinstance(body, str) else body).allows(f"https://h.example{path}", token)


@pytest.mark.parametrize(
    ("body", "path", "allowed"),
    [
        # nothing said
        ("", "/a", True),
        ("Disallow: /", "/a", True),  # no group: section 2.2.1
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),  # section 2.2.2
        # groups: 2.2.1
        ("User-agent: *\nDisallow: /\nUser-agent: linkhaul\nAllow: /", "/a", True),
        ("User-agent: LinkHaul\nDisallow: /a", "/a", False),
        ("User-agent: linkhaul/2.0 (x)\nDisallow: /a", "/a", False),
        ("User-agent: link\nDisallow: /", "/a", True),
        ("User-agent: linkhauler\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: linkhaul\nDisallow: /a", "/a", False),
        ("User-agent: linkhaul\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: linkhaul\nDisallow: /b", "/b", False),
        ("User-agent: linkhaul\nDisallow:\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: x\nDisallow: /", "/a", True),
        # other records do not end a group: 2.2.4
        ("User-agent: linkhaul\nCrawl-delay: 5\nUser-agent: x\nDisallow: /a", "/a", False),
        ("User-agent: linkhaul\nSitemap: https://h.example/s.xml\nUser-agent: x\nDisallow: /a", "/a", False),
        ("User-agent: linkhaul\nClean-param: ref\n\n\nUser-agent: x\nDisallow: /a", "/a", False),
        # the longest match; equal: allow: 2.2.2
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/c", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nAllow: /\nDisallow: /*.pdf$", "/x.pdf", False),
        # special characters: 2.2.3
        ("User-agent: *\nDisallow: /*/private$", "/a/b/private", False),
        ("User-agent: *\nDisallow: /*/private$", "/a/private/x", True),
        ("User-agent: *\nDisallow: /a # why", "/a", False),
        ("User-agent: *\nDisallow: /*?id=", "/x?id=1", False),
        ("User-agent: *\nDisallow: /A", "/a", True),
        # percent-encoding: 2.2.2
        ("User-agent: *\nDisallow: /caf\u00e9", "/caf%C3%A9", False),
        ("User-agent: *\nDisallow: /caf%c3%a9", "/caf%C3%A9", False),
        ("User-agent: *\nDisallow: /%61", "/a", False),
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", True),
        (b"User-agent: *\nDisallow: /caf\xe9\n", "/caf%E9", False),
        (b"User-agent: *\nDisallow: /caf\xe9\nDisallow: /b", "/b", False),
        # lines and encodings
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\rDisallow: /a\r", "/a", False),
        ("User-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("  USER-AGENT :*\n\t disallow:/a", "/a", False),
        ("User-agent: *\nDisallow: /x\u2028Disallow: /y", "/y", True),
        ("User-agent: *\nDisallow: /a".encode("utf-16"), "/a", False),
        # common slips
        ("Useragent: *\nDissallow /a", "/a", False),
        ("<html><body>User-agent: * Disallow: /</body></html>", "/a", True),
    ],
)
def test_rules_of_the_standard(body: str | bytes, path: str, allowed: bool) -> None:
    """Groups, precedence, wildcards and encodings as RFC 9309 has them."""
    assert may(body, path) is allowed


@pytest.mark.parametrize(
    ("status", "failure", "allowed"),
    [
        (200, None, False),
        (206, None, False),
        (404, None, True),
        (401, None, True),
        (403, None, True),
        (410, None, True),
        (302, None, True),
        (None, "too-many-redirects", True),
        (302, "redirect-loop", True),
        (429, None, False),
        (500, None, False),
        (503, None, False),
        (None, "dns", False),
        (None, "connect-timeout", False),
        (200, "read-timeout", False),
        (200, "too-large", False),
        (None, None, False),
    ],
)
def test_what_each_answer_amounts_to(status: int | None, failure: FailureKind | None, allowed: bool) -> None:
    """4xx and endless redirects: no rules. 5xx, 429 and no answer: nothing may be asked for, with the reason."""
    body = b"User-agent: *\nDisallow: /\n"
    rules = rules_for(status, body, Failure(failure, "it broke") if failure else None)
    assert rules.allows("https://h.example/a", US) is allowed
    assert (rules.deciding("https://h.example/a", US) is None) is allowed
    if rules.refusal is not None:
        assert "robots.txt" in rules.refusal


def test_a_huge_file_counts_to_its_last_whole_line() -> None:
    """500 KiB are read, no half rule at the cut, nothing behind it; a file too large to fetch counts as far as it came."""
    head = b"User-agent: *\nDisallow: /first\n"
    filler = b"# x\n" * ((MAX_BYTES - len(head) - 12) // 4)
    body = head + filler + b"Disallow: /cut-here-and-no-further\nDisallow: /behind\n"
    rules = rules_for(200, body, Failure("too-large", ""))
    assert not rules.allows("https://h.example/first", US)
    for path in ("/cut", "/cut-here-and-no-further", "/behind", "/"):
        assert rules.allows(f"https://h.example{path}", US)


def test_crawl_delay_counts_for_every_agent_of_its_group() -> None:
    """Fractions count, the longest of several counts, what is no number does not, and another group's does not."""
    body = b"User-agent: linkhaul\nCrawl-delay: 2.5\nUser-agent: b\nDisallow: /x\nCrawl-delay: 1\nCrawl-delay: soon\n\nUser-agent: *\nCrawl-delay: 9"
    rules = Rules(body)
    assert [rules.crawl_delay(token) for token in (US, "b", "other")] == [2.5, 2.5, 9.0]
    for odd in (b"nan", b"inf", b"-1", b"1e999", b""):
        assert Rules(b"User-agent: *\nCrawl-delay: " + odd).crawl_delay(US) is None
    assert rules_for(503, b"", None).crawl_delay(US) is None


def test_sitemaps_are_those_of_the_whole_file() -> None:
    """They belong to no group, and come as written, in order."""
    body = b"Sitemap: https://h.example/a.xml\nUser-agent: x\nDisallow: /\nsitemap:/b.xml\n"
    assert Rules(body).sitemaps == ["https://h.example/a.xml", "/b.xml"]
    assert rules_for(503, body, None).sitemaps == []


def test_the_deciding_line_is_told() -> None:
    """With its number and its text, whatever it says, harmless to a terminal; nothing where no line speaks of the URL."""
    rules = Rules(b"# hello\nUser-agent: *\nDisallow: /a # no\x1b[31m\nAllow: /a/b\n")
    assert rules.deciding("https://h.example/a/x", US) == "line 3: Disallow: /a # no\ufffd[31m"
    assert rules.deciding("https://h.example/a/b", US) == "line 4: Allow: /a/b"
    assert rules.deciding("https://h.example/c", US) is None
    assert rules.deciding("https://h.example/robots.txt", US) is None


def test_a_product_token_is_the_start_of_a_name() -> None:
    """Version and comment go; a star alone is everyone."""
    assert [product_token(name) for name in ("LinkHaul/1.0 (x)", " * ", "*bot*", "", "\u00fc")] == ["linkhaul", "*", "bot", "", ""]


PIECES = st.sampled_from(["/", "a", "b", "*", "$", "?", "=", "%61", "%2F", "index.html", "\u00e9", "&"])
VALUES = st.lists(PIECES, max_size=5).map(lambda pieces: "/" + "".join(pieces))
PATHS = st.lists(st.sampled_from(["/", "a", "b", "?", "%2F", "index.html", "%C3%A9", "%24"]), max_size=5).map(
    lambda pieces: "/" + "".join(pieces)
)


@given(rules=st.lists(st.tuples(st.sampled_from(["Allow", "Disallow"]), VALUES), max_size=6), path=PATHS)
def test_the_deciding_line_says_what_is_decided(rules: list[tuple[str, str]], path: str) -> None:
    """What is refused has a Disallow that decides; what a line decides is what is answered."""
    file = Rules("\n".join(["User-agent: *", *(f"{record}: {value}" for record, value in rules)]).encode())
    allowed = file.allows(f"https://h.example{path}", US)
    deciding = file.deciding(f"https://h.example{path}", US)
    assert allowed or deciding is not None
    if deciding is not None:
        found = re.fullmatch(r"line \d+: (Allow|Disallow): .*", deciding)
        assert found
        assert (found[1] == "Allow") is allowed


@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode), status=st.none() | st.integers(100, 999))
def test_reading_never_raises(body: bytes, status: int | None) -> None:
    """Any bytes and any status are rules."""
    rules = rules_for(status, body, None)
    rules.deciding("https://h.example/a?b", US)
    assert rules.allows("https://h.example/a?b", US) in {True, False}
    assert (rules.crawl_delay(US) or 0.0) >= 0.0
