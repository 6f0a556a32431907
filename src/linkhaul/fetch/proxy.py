"""Which requests go through a proxy, by the setting or the usual environment variables.

The variables are HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY in either case (and what the system knows on Windows
and macOS). A proxy looks names up itself: the guard then sees only addresses that stand in the URL, not what a name
leads to. So behind a proxy, keeping public pages out of the private network is the proxy's task.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from linkhaul.errors import SettingError

_HOSTS_KEPT = 10_000


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
        self._for_all = _proxy(setting, "the setting proxy") if setting else None
        self._by_scheme: dict[str, URL] = {}
        for scheme in ("http", "https"):
            name = scheme if known.get(scheme) else "all"
            if not setting and known.get(name):
                self._by_scheme[scheme] = _proxy(known[name], f"the environment variable {name.upper()}_PROXY")
        self._kept: dict[str, URL | None] = {}

    @property
    def is_used(self) -> bool:
        """Whether any request may go through a proxy."""
        return self._for_all is not None or bool(self._by_scheme)

    def for_host(self, host: str) -> URL | None:
        """Return the proxy for a host (scheme, name and port), or None to ask it directly."""
        if self._for_all is not None:
            return self._for_all
        if host not in self._kept:
            if len(self._kept) >= _HOSTS_KEPT:
                self._kept.clear()
            scheme, _, name = host.partition("://")
            self._kept[host] = None if proxy_bypass(name) else self._by_scheme.get(scheme)
        return self._kept[host]


def _proxy(text: str, where: str) -> URL:
    """Return a proxy's URL; a host without scheme means http."""
    whole = text if "://" in text else f"http://{text}"
    try:
        url = URL(whole)
        is_complete = bool(url.host and url.port)
    except ValueError:
        is_complete = False
    scheme = whole.partition("://")[0].lower()
    if scheme.startswith("socks"):
        raise SettingError(f"{where} names a {scheme} proxy, which is not supported; give an HTTP proxy like http://host:port")
    if scheme not in {"http", "https"} or not is_complete:
        raise SettingError(f"{where} is not the URL of an HTTP proxy; write it like http://host:port")  # its text may hold a password
    return URL(whole)
