"""Redirects as pure steps."""

from __future__ import annotations

import pytest

from linkhaul.model.records import Failure, Hop, Reply, Target
from linkhaul.model.url import url_id
from linkhaul.motion.chain import REDIRECTS, Chain, redirect

START = "https://a.example/dir/page?q=1"
TARGET = Target(url_id(START), START, "https://a.example", depth=3, found_via="link", attempt=2, typed=True)


def reply(location: str | None, status: int = 302) -> Reply:
    return Reply(START, status, (("location", location),) if location is not None else ())


@pytest.mark.parametrize(
    ("location", "to"),
    [
        ("next", "https://a.example/dir/next"),
        ("/next#part", "https://a.example/next"),
        ("//b.example", "https://b.example/"),
        ("HTTP://B.example:80/x", "http://b.example/x"),
        ("https://ann:secret@b.example/x", "https://b.example/x"),
        ("?q=2", "https://a.example/dir/page?q=2"),
        ("/caf\xc3\xa9", "https://a.example/caf%C3%A9"),
        ("/caf\xe9", "https://a.example/caf%C3%A9"),
    ],
)
def test_where_a_location_leads(location: str, to: str) -> None:
    """A Location is resolved against the page, without fragment, user name and password; raw bytes count as UTF-8."""
    step = redirect(Chain(TARGET, START), reply(location), 10)
    assert isinstance(step, Chain)
    assert (step.url, step.hops) == (to, (Hop(START, 302, to),))


@pytest.mark.parametrize("status", [200, 204, 300, 304, 306, 404, 503, None])
def test_only_redirects_redirect(status: int | None) -> None:
    """Of all statuses five redirect; a failed reply never does."""
    assert redirect(Chain(TARGET, START), Reply(START, status, (("location", "/x"),)), 10) is None
    assert frozenset({301, 302, 303, 307, 308}) == REDIRECTS
    broken = Reply(START, 302, (("location", "/x"),), failure=Failure("bad-reply", "cut short"))
    assert redirect(Chain(TARGET, START), broken, 10) is None
    assert redirect(Chain(TARGET, START), reply(None), 10) is None


@pytest.mark.parametrize("location", ["", "#here", START, START + "#x"])
def test_a_page_that_redirects_to_itself_is_a_loop(location: str) -> None:
    """The way back to a URL of the chain is a failure that names it."""
    step = redirect(Chain(TARGET, START), reply(location), 10)
    assert isinstance(step, Failure)
    assert (step.kind, START in step.detail) == ("redirect-loop", True)


def test_the_longest_chain_is_allowed_and_the_next_hop_not() -> None:
    """`max_redirects` hops are followed; one more is a failure that names the flag."""
    chain = Chain(TARGET, START)
    for number in range(3):
        step = redirect(chain, reply(f"/{number}"), 3)
        assert isinstance(step, Chain)
        chain = step
    last = redirect(chain, reply("/4"), 3)
    assert isinstance(last, Failure)
    assert last.kind == "too-many-redirects"
    assert "--max-redirects" in last.detail
    assert isinstance(redirect(Chain(TARGET, START), reply("/1"), 0), Failure)


def test_what_is_asked_next() -> None:
    """The target itself is asked first; a redirect's place keeps its depth and attempt, and is typed only if told so."""
    chain = Chain(TARGET, START)
    assert chain.at(typed=False) is TARGET
    step = redirect(chain, reply("https://b.example/x"), 10)
    assert isinstance(step, Chain)
    url = "https://b.example/x"
    assert step.at(typed=False) == Target(url_id(url), url, "https://b.example", 3, "redirect", 2, typed=False)
