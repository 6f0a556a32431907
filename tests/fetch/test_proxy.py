"""Proxies: who goes through one, and what still may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from linkhaul.errors import SettingError
from linkhaul.fetch.proxy import Proxies

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"


def test_the_setting_counts_for_everything() -> None:
    """A proxy in the settings wins over the environment, NO_PROXY included."""
    proxies = Proxies("http://p.example:3128", {"http": "http://q.example:1", "no": "a.example"})
    assert str(proxies.for_host("https://a.example")) == "http://p.example:3128"


def test_the_environment_by_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each scheme has its variable, ALL_PROXY the rest, and NO_PROXY the exceptions."""
    monkeypatch.setenv("http_proxy", "p.example:1")
    monkeypatch.setenv("all_proxy", "http://q.example:2")
    monkeypatch.setenv("no_proxy", ".intern.example,b.example:8080")
    proxies = Proxies(None)
    assert str(proxies.for_host("http://a.example")) == "http://p.example:1"
    assert str(proxies.for_host("https://a.example")) == "http://q.example:2"
    assert proxies.for_host("http://x.intern.example") is None
    assert proxies.for_host("http://b.example:8080") is None
    assert proxies.for_host("http://b.example:8081") is not None


def test_without_any() -> None:
    """Without a proxy nothing is asked for each host."""
    assert not Proxies(None, {}).is_used


@pytest.mark.parametrize("url", ["socks5://u:hidden@p.example:1080", "socks4://hidden", "ftp://u:hidden@p.example:1", "http://u:hidden@:x"])
def test_what_is_no_http_proxy(url: str) -> None:
    """A SOCKS proxy and nonsense are errors with the remedy and without the password."""
    with pytest.raises(SettingError, match="http://host:port") as caught:
        Proxies(url, {})
    assert "hidden" not in str(caught.value)


async def test_requests_go_to_the_proxy(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """The proxy, even at a private address, is asked for the whole URL, with its own password and without looking names up."""
    web = await serve(PAGE)
    got = await ask("http://far.example/a?b", typed=False, proxy=f"http://u:p@127.0.0.1:{web.port}")
    assert (got.failure, got.body) == (None, b"hi")
    assert web.asked[0].startswith("GET http://far.example/a?b HTTP/1.1\r\nHost: far.example\r\n")
    assert "Proxy-Authorization: Basic dTpw" in web.asked[0]


@pytest.mark.parametrize("host", ["http://127.0.0.1", "http://localhost", "http://169.254.169.254", "http://[::1]:8080"])
async def test_private_addresses_are_refused_before_the_proxy(host: str, serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """A page cannot make the proxy fetch an address that shows itself to be private."""
    web = await serve(PAGE)
    got = await ask(f"{host}/", typed=False, proxy=web.host)
    assert got.failure is not None
    assert (got.failure.kind, web.asked) == ("guard", [])


async def test_a_proxy_that_fails_is_not_the_hosts_fault(serve: Callable[..., Any], ask: Callable[..., Any], unused_tcp_port: int) -> None:
    """A proxy that cannot be reached, or that refuses, is `network`, and the sentence names the proxy without its password."""
    dead = await ask("http://far.example/", proxy=f"http://u:hidden@127.0.0.1:{unused_tcp_port}")
    web = await serve(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    refusing = await ask("https://far.example/", proxy=f"http://u:hidden@127.0.0.1:{web.port}")
    for got in (dead, refusing):
        assert got.failure is not None
        assert (got.failure.kind, "proxy" in got.failure.detail, "hidden" in got.failure.detail) == ("network", True, False)
