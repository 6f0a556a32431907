"""How far a crawl follows."""

from __future__ import annotations

from typing import Any, cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.config import CrawlSettings
from linkhaul.decide.scope import Decision, Scope, ScopeName, Verdict
from linkhaul.errors import SettingError
from linkhaul.model.records import FoundVia

SEEDS = ("https://shop.example/guide/fit?x=/y/", "http://127.0.0.1:8080/")


def scope(name: str, **settings: Any) -> Scope:
    return Scope.of(CrawlSettings(scope=cast("ScopeName", name), **settings), SEEDS)


@pytest.mark.parametrize(
    ("name", "url", "verdict"),
    [
        ("page", "https://shop.example/guide/fit", "record"),
        ("prefix", "https://shop.example/guide/", "follow"),
        ("prefix", "https://shop.example/guide/sizes?id=1", "follow"),
        ("prefix", "https://shop.example/guide", "record"),
        ("prefix", "https://shop.example/other", "record"),
        ("host", "https://shop.example/other", "follow"),
        ("host", "https://shop.example:444/", "record"),
        ("host", "http://shop.example/", "record"),
        ("host", "https://www.shop.example/", "record"),
        ("host", "https://shop.example.evil.test/", "record"),
        ("host", "https://shop.example@evil.test/", "record"),
        ("host", "http://127.0.0.1:8080/x", "follow"),
        ("domain", "http://www.shop.example:81/", "follow"),
        ("domain", "https://evilshop.example/", "record"),
        ("domain", "http://127.0.0.1:9/", "follow"),
        ("domain", "http://127.0.0.2:8080/", "record"),
        ("any", "http://elsewhere.test/", "follow"),
    ],
)
def test_each_scope_reaches_as_far_as_its_name_says(name: str, url: str, verdict: Verdict) -> None:
    """In or out, the rule that said so is the scope's name."""
    assert scope(name).decide(url, 1) == Decision(verdict, f"scope:{name}")


@pytest.mark.parametrize(
    "url", ["mailto:a@b.example", "javascript:void(0)", "data:text/html,x", "ftp://shop.example/", "file:///etc/passwd", "about:blank", ""]
)
@pytest.mark.parametrize("name", ["page", "prefix", "host", "domain", "any"])
def test_what_cannot_be_fetched_is_dropped(name: str, url: str) -> None:
    """Only http and https ever become targets by a link; a page cannot lead to a file on our disk."""
    assert scope(name).decide(url, 1) == Decision("drop", "scheme")


def test_what_the_user_named_is_always_followed() -> None:
    """A seed passes the patterns and the scope; a file too, when it was named."""
    narrow = scope("host", include=("nothing",), skip=("shop",), depth=0)
    assert narrow.decide(SEEDS[0], 0, "seed") == Decision("follow", "seed")
    assert narrow.decide("file:///home/a.html", 0, "seed") == Decision("follow", "seed")


def test_a_redirect_belongs_to_its_page() -> None:
    """With scope page a seed's redirect is followed, its links are not."""
    assert scope("page").decide("https://other.example/", 0, "redirect").verdict == "follow"
    assert scope("page").decide("https://other.example/", 1, "canonical").verdict == "record"


@pytest.mark.parametrize(
    ("settings", "url", "depth", "follow", "rule"),
    [
        ({"depth": 2}, "https://shop.example/a", 3, True, "depth"),
        ({"depth": 2}, "https://shop.example/a", 2, True, "scope:host"),
        ({"include": ("/p/", "/q/")}, "https://shop.example/a", 1, True, "include"),
        ({"include": ("/p/", "/q/")}, "https://shop.example/q/", 1, True, "scope:host"),
        ({"skip": (r"\.pdf$",)}, "https://shop.example/a.pdf", 1, True, "skip"),
        ({"include": ("/p/",), "skip": ("x",)}, "https://shop.example/p/x", 1, True, "skip"),
        ({"obey_nofollow": True}, "https://shop.example/a", 1, False, "nofollow"),
        ({}, "https://shop.example/a", 1, False, "scope:host"),
        ({"depth": 0, "skip": ("a",)}, "https://other.example/a", 9, False, "scope:host"),
    ],
)
def test_the_first_rule_that_says_no_is_named(settings: dict[str, object], url: str, depth: int, follow: bool, rule: str) -> None:
    """Scope, depth, include, skip, nofollow: in this order."""
    assert scope("host", **settings).decide(url, depth, follow=follow).rule == rule


def test_widening_adds_a_host_and_keeps_the_rest() -> None:
    """A seed that redirects to www takes the scope along, for a prefix below the same path; the old scope stays as it was."""
    for name, url in (("host", "https://www.shop.example/x"), ("prefix", "https://www.shop.example/guide/x")):
        narrow = scope(name)
        wide = narrow.widened("https://www.shop.example")
        assert narrow.decide(url, 1).verdict == "record"
        assert wide.decide(url, 1).verdict == "follow"
        assert wide.decide("https://shop.example/guide/x", 1).verdict == "follow"
    assert scope("domain").widened("https://new.test").decide("http://a.new.test/", 1).verdict == "follow"
    assert scope("any").widened("https://new.test") == scope("any")


def test_seeds_are_not_read_where_they_do_not_matter() -> None:
    """A list of millions is not gone through, nor held, for the scopes page and any."""
    Scope.of(CrawlSettings(scope="any"), (1 / 0 for _ in "x"))  # type: ignore[misc]
    Scope.of(CrawlSettings(scope="page"), (1 / 0 for _ in "x"))  # type: ignore[misc]


def test_a_bad_pattern_is_told_at_once() -> None:
    """A pattern that is no regular expression stops the run before it begins."""
    with pytest.raises(SettingError, match="include"):
        scope("host", include=("(",))


def test_the_description_says_it_all_in_one_line() -> None:
    """Scope, depth and patterns stand in the first line that is printed, long lists cut."""
    line = scope("host", depth=1, include=("/p/",), skip=("x",), obey_nofollow=True).describe()
    assert (
        line
        == "scope host: pages of http://127.0.0.1:8080, https://shop.example; at most 1 click away; only what matches /p/; not what matches x; no links under nofollow"
    )
    many = Scope.of(CrawlSettings(), (f"https://h{n}.example/" for n in range(9)))
    assert many.describe().endswith("and 4 more")


@given(
    name=st.sampled_from(get_args(ScopeName)),
    url=st.text(max_size=40) | st.builds("{}{}".format, st.sampled_from(["http://", "https://", "file:"]), st.text(max_size=20)),
    depth=st.integers(0, 99),
    via=st.sampled_from(get_args(FoundVia)),
    follow=st.booleans(),
)
def test_every_url_gets_a_decision_with_a_rule(name: str, url: str, depth: int, via: FoundVia, follow: bool) -> None:
    """The decision is total: any text, depth and way of finding has a verdict and a rule's name, and never raises."""
    decision = scope(name, depth=3, include=("a",), skip=("b",), obey_nofollow=True).decide(url, depth, via, follow=follow)
    assert decision.verdict in get_args(Verdict)
    assert decision.rule
