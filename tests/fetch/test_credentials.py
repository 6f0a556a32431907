"""Credentials go to the host they were given for, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linkhaul.config import FetchSettings
from linkhaul.errors import SettingError
from linkhaul.fetch.credentials import Credentials

A, B = "https://a.example", "https://b.example"
BASIC = "Basic dTpw"  # u:p


def made(seeds: list[str] | None = None, **settings: Any) -> Credentials:
    return Credentials.parse(FetchSettings(**settings), [A] if seeds is None else seeds)


def given(credentials: Credentials, host: str, path: str = "/") -> dict[str, str]:
    return credentials.headers_for(host, host + path)


def test_without_a_host_it_is_the_sources_host() -> None:
    """A value without HOST goes to the one host of the sources."""
    credentials = made(auth=("u:p",), cookie=("s=1", "t=2"), header=("X-All: yes", "Proxy-Authorization: x"))
    assert given(credentials, A) == {"Authorization": BASIC, "Cookie": "s=1; t=2", "Proxy-Authorization": "x"}
    assert given(credentials, B) == {}
    assert given(credentials, "https://sub.a.example") == {}
    assert given(credentials, "https://a.example:8443") == {}
    assert credentials.for_all == {"X-All": "yes"}


def test_from_http_up_to_https_but_never_down() -> None:
    """What was given for http on its own port also goes to https there, because sites redirect so; never the other way."""
    assert given(made(["http://a.example"], auth=("u:p",)), A) == {"Authorization": BASIC}
    assert given(made([A], auth=("u:p",)), "http://a.example") == {}
    assert given(made(["http://a.example:8080"], auth=("u:p",)), "https://a.example:8080") == {}


@pytest.mark.parametrize(
    ("host", "goes_to", "stays_from"),
    [
        ("b.example", [B, "http://b.example", "https://b.example:443"], [A, "https://b.example:8443"]),
        ("b.example:8443", ["https://b.example:8443", "http://b.example:8443"], [B]),
        ("https://b.example", [B], ["http://b.example", "https://b.example:8443"]),
        ("B.Example", [B], [A]),
        ("[::1]:8080", ["http://[::1]:8080"], ["http://[::1]"]),
    ],
)
def test_a_named_host(host: str, goes_to: list[str], stays_from: list[str]) -> None:
    """HOST= binds to a name, a name and port, or a scheme, name and port."""
    credentials = made(auth=(f"{host}=u:p",), cookie=(f"{host}=s=1",), header=(f"{host}=X-Key: k",))
    for place in goes_to:
        assert given(credentials, place) == {"Authorization": BASIC, "Cookie": "s=1", "X-Key": "k"}, place
    for place in stays_from:
        assert given(credentials, place) == {}, place


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ("u:p", BASIC),
        ("u:p=q", "Basic dTpwPXE="),
        ("u:1=x", "Basic dToxPXg="),
        ("Bearer abc==", "Bearer abc=="),
        ("bearer  abc", "Bearer abc"),
        ("ü:ß", "Basic w7w6w58="),
        ("a.example=Bearer t=", "Bearer t="),
    ],
)
def test_what_auth_may_be(auth: str, header: str) -> None:
    """User and password become Basic, a token Bearer; an equals sign in a password is not taken for a host."""
    assert given(made(auth=(auth,)), A) == {"Authorization": header}


@pytest.mark.parametrize("seeds", [[], [A, B]])
@pytest.mark.parametrize("settings", [{"auth": ("u:hidden",)}, {"cookie": ("s=hidden",)}, {"header": ("Authorization: hidden",)}])
def test_an_unclear_host_is_an_error_that_shows_the_way(seeds: list[str], settings: dict[str, Any]) -> None:
    """With no host or several, a value must say which one it is for; the message does not repeat the secret."""
    with pytest.raises(SettingError, match="HOST=") as caught:
        made(seeds, **settings)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"header": ("hidden",)},
        {"header": ("X-A: a\r\nX-Hidden: b",)},
        {"header": ("Host: hidden",)},
        {"header": ("User-Agent: hidden",)},
        {"header": ("Content-Length: 5",)},
        {"cookie": ("hidden",)},
        {"cookie": ("s=hidden\r\n",)},
        {"auth": ("hidden",)},
        {"auth": ("Bearer ",)},
    ],
)
def test_what_cannot_be_meant(settings: dict[str, Any]) -> None:
    """A value of the wrong form, or one that would break or fake the request, is refused without repeating it."""
    with pytest.raises(SettingError) as caught:
        made(**settings)
    assert "hidden" not in str(caught.value)


def test_userinfo_of_a_source() -> None:
    """A source's own user and password go to its host, also after its headers were asked for before."""
    credentials = made([A, B])
    assert given(credentials, A) == {}
    credentials.bind_userinfo(A, "u:p")
    assert given(credentials, A) == {"Authorization": BASIC}
    assert given(credentials, B) == {}
    assert "u:p" not in repr(credentials)
    assert BASIC not in repr(credentials)


COOKIES = """# Netscape HTTP Cookie File
.a.example\tTRUE\t/\tFALSE\t4000000000\twide\t1
a.example\tFALSE\t/deep\tFALSE\t4000000000\tdeep\t2
a.example\tFALSE\t/\tTRUE\t4000000000\tsecure\t3
a.example\tFALSE\t/\tFALSE\t1\told\t4
#HttpOnly_a.example\tFALSE\t/\tFALSE\t0\tsession\t5
b.example\tFALSE\t/\tFALSE\t4000000000\tother\t6
"""


def test_a_cookie_file(tmp_path: Path) -> None:
    """Each cookie of a Netscape file goes where its domain, path and scheme say, until it expires."""
    file = tmp_path / "cookies.txt"
    file.write_text(COOKIES)
    credentials = made(cookies=str(file), cookie=("own=0",))

    def sent(host: str, path: str = "/") -> set[str]:
        return set(given(credentials, host, path).get("Cookie", "").split("; "))

    assert sent(A) == {"own=0", "wide=1", "secure=3", "session=5"}
    assert sent(A, "/deep/er") == {"own=0", "wide=1", "deep=2", "secure=3", "session=5"}
    assert sent("http://a.example") == {"wide=1", "session=5"}
    assert sent("https://www.a.example") == {"wide=1"}
    assert sent(B) == {"other=6"}
    assert sent("https://c.example") == {""}


@pytest.mark.parametrize("content", [None, b"not a cookie file\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_cookie_file(content: bytes | None, tmp_path: Path) -> None:
    """A missing or foreign file is an error that names it."""
    file = tmp_path / "cookies.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingError, match=r"cookies\.txt"):
        made(cookies=str(file))


def test_memory_of_hosts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand hosts do not make it grow."""
    monkeypatch.setattr("linkhaul.fetch.credentials._HOSTS_KEPT", 10)
    credentials = made(auth=("u:p",))
    for n in range(100):
        assert given(credentials, f"https://{n}.example") == {}
    assert len(credentials._kept) <= 10
    assert given(credentials, A) == {"Authorization": BASIC}
