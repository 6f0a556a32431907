"""URLs: what people type, what they become, and what is sliced from them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ada_url import check_url, normalize_url
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhaul.errors import SourceError
from linkhaul.model import url as urls


@pytest.mark.parametrize(
    ("typed", "url", "credentials"),
    [
        ("python.org", "https://python.org/", None),
        ("  python.org\n", "https://python.org/", None),
        ("python.org/a b".replace(" ", "%20"), "https://python.org/a%20b", None),
        ("HTTP://Python.ORG:80/a/../b#top", "http://python.org/b", None),
        ("//python.org/a", "https://python.org/a", None),
        ("example.org:80", "https://example.org:80/", None),
        ("example.org:8443/x", "https://example.org:8443/x", None),
        ("localhost:8000/x", "http://localhost:8000/x", None),
        ("localhost:443", "http://localhost:443/", None),
        ("127.0.0.1:8000", "http://127.0.0.1:8000/", None),
        ("[::1]:8000/a", "http://[::1]:8000/a", None),
        ("app.localhost", "http://app.localhost/", None),
        ("https://localhost/", "https://localhost/", None),
        ("localhost.example.org", "https://localhost.example.org/", None),
        ("münchen.de/ä", "https://xn--mnchen-3ya.de/%C3%A4", None),
        ("ann:secret@example.org", "https://example.org/", "ann:secret"),
        ("http://ann:p%40ss@example.org/#x", "http://example.org/", "ann:p@ss"),
        ("http://ann@example.org/", "http://example.org/", "ann:"),
        ("file:///tmp/page.html", "file:///tmp/page.html", None),
    ],
)
def test_what_is_typed_becomes_a_url(typed: str, url: str, credentials: str | None) -> None:
    """A host alone means https, this machine means http, and user names are kept apart."""
    assert urls.from_typed(typed) == (url, credentials)


NO_URLS = (
    "", "  ", "a b.org", "x.org/\ty", "javascript:alert(1)", "data:text/html,x", "mailto:joe@x.org", "ftp://x.org/", "about:blank",
    "http://", "http://[", "http://a b/", "/etc/hosts", "./x.html", "?q", "#x", "1.2.3.4:99999", "x.org:8080x", "%zz", "blob:http://x/y",
)  # fmt: skip


@pytest.mark.parametrize("typed", NO_URLS)
def test_what_cannot_be_a_url_is_refused_with_a_remedy(typed: str) -> None:
    """Text that cannot be meant as a web address is a SourceError whose sentence says what to write."""
    with pytest.raises(SourceError, match=r"https://|%20"):
        urls.from_typed(typed)


@pytest.mark.parametrize("typed", ["ftp://ann:hush@x.org/", "ann:hush@x y", "http://ann:hush@[/"])
def test_no_message_repeats_a_password(typed: str) -> None:
    """What stands where a password does never reaches a message."""
    with pytest.raises(SourceError) as raised:
        urls.from_typed(typed)
    assert "hush" not in str(raised.value)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_typed_text_is_a_url_or_a_source_error(text: str) -> None:
    """Whatever is typed gives a URL that may be fetched, or a SourceError; and typing the URL again changes nothing."""
    try:
        url, _ = urls.from_typed(text)
    except SourceError:
        return
    assert check_url(url)
    assert url.startswith(("https://", "http://", "file:///"))
    assert urls.from_typed(url) == (url, None)
    assert urls.parse(url) == url == normalize_url(url)


@pytest.mark.parametrize("text", ["", "x", "/a", "python.org", "javascript:1", "mailto:a@b", "ftp://x/", "http://[", "http://\ud800/"])
def test_only_absolute_urls_of_the_web_parse(text: str) -> None:
    """`parse` takes absolute http, https and file URLs only."""
    with pytest.raises(SourceError):
        urls.parse(text)


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("https://ann:pw@x.org/a?b#c", "https://x.org/a?b"),
        ("https://x.org/@ann?m=a@b#c@d", "https://x.org/@ann?m=a@b"),
        ("mailto:ann@x.org", "mailto:ann@x.org"),
        ("https://x.org/", "https://x.org/"),
    ],
)
def test_a_target_has_no_fragment_and_no_user_name(link: str, target: str) -> None:
    """What is asked for carries neither fragment nor user name; an @ elsewhere stays."""
    assert urls.target_url(link) == target
    assert urls.target_url(target) == target


@pytest.mark.parametrize(
    ("url", "host", "hostname"),
    [
        ("https://example.org/a:b/c", "https://example.org", "example.org"),
        ("http://ann:pw@example.org:8080/?x@y", "http://example.org:8080", "example.org"),
        ("http://[::1]:80/", "http://[::1]:80", "[::1]"),
        ("http://127.0.0.1:8099/x", "http://127.0.0.1:8099", "127.0.0.1"),
        ("file:///a//b", "file://", ""),
        ("mailto:a@b?u=http://c/", "mailto:", ""),
        ("git://h.example?x", "git://h.example", "h.example"),
    ],
)
def test_host_is_sliced_from_the_url(url: str, host: str, hostname: str) -> None:
    """A host is scheme, host and port; a host name is without both."""
    assert (urls.host_of(url), urls.hostname_of(url)) == (host, hostname)


def test_an_empty_fragment_is_none() -> None:
    """`#` with nothing behind it is no fragment."""
    assert urls.split_fragment("https://x.org/#a#b") == ("https://x.org/", "a#b")
    assert urls.split_fragment("https://x.org/#") == ("https://x.org/", None)
    assert urls.split_fragment("https://x.org/") == ("https://x.org/", None)
    assert urls.key("https://x.org/?a#b") == "https://x.org/?a"


def test_ids_are_stable() -> None:
    """An id is the same on every machine and in every run, and fits a signed 64-bit integer."""
    assert urls.url_id("https://example.org/") == 7982605172991246264
    assert all(-(2**63) <= urls.url_id(f"https://example.org/{i}") < 2**63 for i in range(100))


@pytest.mark.parametrize(
    ("hostname", "domain"),
    [
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("example.org", "example.org"),
        ("a.example.org.", "example.org"),
        ("ann.github.io", "ann.github.io"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"),
        ("192.168.1.10", "192.168.1.10"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("", ""),
    ],
)
def test_registrable_domain(hostname: str, domain: str) -> None:
    """The registrable domain follows the public suffix list; addresses and single names are their own."""
    assert urls.registrable_domain(hostname) == domain


@pytest.mark.parametrize(
    ("hostname", "link", "internal"),
    [
        ("www.example.org", "https://shop.example.org:8443/x", True),
        ("example.org", "http://example.org/", True),
        ("example.org", "https://example.com/", False),
        ("ann.github.io", "https://bob.github.io/", False),
        ("10.0.0.1", "http://10.0.0.2/", False),
        ("example.org", "mailto:ann@example.org", False),
        ("example.org", "file:///x", False),
        ("", "file:///x", True),
        ("", "mailto:x", False),
        ("", "https://example.org/", False),
    ],
)
def test_internal_is_one_registrable_domain(hostname: str, link: str, internal: bool) -> None:
    """A link is internal on the page's registrable domain, and a page from disk's on disk."""
    assert urls.is_internal(hostname, link) is internal


def test_urls_are_shown_in_their_own_script() -> None:
    """A readable form decodes host and letters, and neither spaces, controls, broken bytes nor marks of direction."""
    assert urls.idn("https://xn--mnchen-3ya.de:8443/%C3%A4") == "https://münchen.de:8443/ä"
    for untouched in ("https://x.org/%20%0A%00", "https://x.org/%FF%FE", "https://x.org/%E2%80%AE", "mailto:%41"):
        assert urls.idn(untouched) == untouched


@pytest.mark.parametrize(
    ("hostname", "other", "is_same"),
    [
        ("www.one.example", "two.example", False),
        ("127.0.0.1", "www.two.example", False),
        ("one.co.example", "one.com.example", False),
        ("localhost", "localhost.", True),
        ("a.one.example", "b.one.example.", True),
    ],
)
def test_the_list_is_loaded_only_for_names_that_end_alike(
    monkeypatch: pytest.MonkeyPatch, hostname: str, other: str, is_same: bool
) -> None:
    """Two hosts of different last labels belong to two sites, whatever the list of suffixes says; it takes long to load."""
    loaded: list[None] = []

    def load() -> Callable[[str], str]:
        loaded.append(None)
        return lambda name: ".".join(name.split(".")[-2:])

    monkeypatch.setattr(urls, "_private_suffix", load)
    urls.registrable_domain.cache_clear()
    urls.is_same_site.cache_clear()
    assert urls.is_same_site(hostname, other) is is_same
    assert bool(loaded) is (is_same and "." in hostname)
    urls.registrable_domain.cache_clear()
    urls.is_same_site.cache_clear()
