"""URLs folded to patterns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.decide.folding import fold, year_of

H = "https://h.example"


@pytest.mark.parametrize(
    ("url", "pattern"),
    [
        ("/plain/page.html", "/plain/page.html"),
        ("/p/123", "/p/{n}"),
        ("/p/123-red.html", "/p/{n}-red.html"),
        ("/a/3F2504E0-4f89-11d3-9a0c-0305e82c3301", "/a/{uuid}"),
        ("/c/deadbeef01", "/c/{hex}"),
        ("/c/deadbeef", "/c/deadbeef"),
        ("/2024-05-06/x", "/{date}/x"),
        ("/caf%C3%A9/%20", "/caf%C3%A9/%20"),
        ("/?b=1&a=2&b=3", "/?a={}&b={}&b={}"),
        ("/?item[12]=x&item[7]=y", "/?item[{n}]={}&item[{n}]={}"),
        ("/?", "/"),
        ("/?PHPSESSID=abc&x=1", "/?x={}"),
        ("/a;jsessionid=77?x=1", "/a?x={}"),
        ("", ""),
    ],
)
def test_what_varies_is_folded(url: str, pattern: str) -> None:
    """Numbers, hashes, UUIDs and dates of the path go, escapes stay; of a query the sorted names stay, sessions go."""
    assert fold(H + url).pattern == H + pattern


def test_a_host_is_not_folded() -> None:
    """Numbers in a host's name tell hosts apart."""
    assert fold("http://127.0.0.1:8080/1").pattern == "http://127.0.0.1:8080/{n}"


def test_a_session_is_told() -> None:
    """The session's id stands apart, from the path or from the query."""
    assert fold(H + "/a;jsessionid=77").session == ("jsessionid", "77")
    assert fold(H + "/a?SID=9").session == ("sid", "9")
    assert fold(H + "/a?side=9").session is None


@pytest.mark.parametrize(
    ("url", "year"),
    [
        ("/2031/05/", 2031),
        ("/2031/05/06", 2031),
        ("/2031/13/", None),
        ("/p/2031", None),
        ("/x-2031-05-06.html", 2031),
        ("/?month=5&year=2031", 2031),
        ("/?date=20310506", 2031),
        ("/?id=20310506", None),
        ("/12031-05", None),
        ("/1850-01-02/2030-01-01", 2030),
    ],
)
def test_years_are_those_of_dates(url: str, year: int | None) -> None:
    """A number is a year only where the rest of a date, or the parameter's name, says so."""
    assert year_of(H + url) == year


@given(st.text(alphabet="ab01-;=?&/%.{}", max_size=60))
def test_folding_is_total_and_counts_its_slots(tail: str) -> None:
    """Any URL folds, and two URLs of one pattern without braces of their own have as many values."""
    folded = fold(f"{H}/{tail}")
    assert folded.pattern.startswith(H)
    if "{" not in tail and "}" not in tail:
        assert folded.pattern.count("{") - sum(name.count("{") for name in folded.names) == len(folded.values)
