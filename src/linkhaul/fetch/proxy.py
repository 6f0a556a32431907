"""Which requests go through a proxy, by the setting or the usual environment variables.

The variables are HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY in either case (and what the system knows on Windows
and macOS). A proxy looks names up itself: the guard then sees only addresses that stand in the URL, not what a name
leads to. So behind a proxy, keeping public pages out of the private network is the proxy's task.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from msgspec import Struct

from linkhaul.errors import SettingError

_HOSTS_KEPT = 10_000
_PORTS = {"http": 80, "https": 443}


class Proxy(Struct, frozen=True):
    """One HTTP proxy.

    Attributes:
        is_secure: whether it is spoken to by TLS.
        hostname: without brackets.
        authorization: the value of its Proxy-Authorization header, a secret; None when its URL holds no user.
    """

    is_secure: bool
    hostname: str
    port: int
    authorization: str | None = None

    def __str__(self) -> str:
        """Return its URL, without user and password."""
        name = f"[{self.hostname}]" if ":" in self.hostname else self.hostname
        return f"{'https' if self.is_secure else 'http'}://{name}:{self.port}"


class Proxies:
    """The proxy for each host, or none.

    Args:
        setting: the proxy's URL from the settings; it then counts for everything, whatever the environment says.
        environment: proxy URLs by scheme, as `urllib.request.getproxies` gives them.

    Raises:
        SettingError: a proxy that is not reached by http or https.
    """

    def __init__(self, setting: str | None, environment: Mapping[str, str] | None = None) -> None:
        known = getproxies() if environment is None else environment
        self._for_all = _proxy(setting, "proxy") if setting else None
        self._by_scheme: dict[str, Proxy] = {}
        for scheme in ("http", "https"):
            name = scheme if known.get(scheme) else "all"
            if not setting and known.get(name):
                self._by_scheme[scheme] = _proxy(known[name], f"the environment variable {name.upper()}_PROXY")
        self._kept: dict[str, Proxy | None] = {}

    @property
    def is_used(self) -> bool:
        """Whether any request may go through a proxy."""
        return self._for_all is not None or bool(self._by_scheme)

    def for_host(self, host: str) -> Proxy | None:
        """Return the proxy for a host (scheme, name and port), or None to ask it directly."""
        if self._for_all is not None:
            return self._for_all
        if host not in self._kept:
            if len(self._kept) >= _HOSTS_KEPT:
                self._kept.clear()
            scheme, _, name = host.partition("://")
            self._kept[host] = None if proxy_bypass(name) else self._by_scheme.get(scheme)
        return self._kept[host]


def _proxy(text: str, where: str) -> Proxy:
    """Return what a proxy's URL says; a host without scheme means http."""
    whole = text if "://" in text else f"http://{text}"
    scheme = whole.partition("://")[0].lower()
    if scheme.startswith("socks"):
        raise SettingError(f"{where}: a {scheme} proxy is not supported; give an HTTP proxy like http://host:port")
    fault = f"{where}: this is not the URL of an HTTP proxy; write it like http://host:port"  # its text may hold a password
    if scheme not in _PORTS:
        raise SettingError(fault)
    try:
        url = urlsplit(whole)
        hostname, port = url.hostname, url.port or _PORTS[scheme]
    except ValueError:
        raise SettingError(fault) from None
    if not hostname:
        raise SettingError(fault)
    authorization = None
    if url.username is not None:
        userinfo = f"{unquote(url.username)}:{unquote(url.password or '')}"
        authorization = f"Basic {b64encode(userinfo.encode()).decode()}"
    return Proxy(scheme == "https", hostname, port, authorization)
