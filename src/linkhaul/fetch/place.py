"""Where the requests of one host go, and the part of them that is the same for all: worked out once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address

from linkhaul.fetch.proxy import Proxy

_HOST = re.compile(r"(https?)://(\[[0-9A-Fa-f:.]+\]|[!-.0-9;=A-Z^-~]+)(?::([0-9]{1,5}))?")
_PORTS = {"http": 80, "https": 443}


class Place:
    """One host, as a request needs it.

    Args:
        host: scheme, host and port as `model.url.host_of` gives them.
        standing: the headers that go to every host, in order.
        proxy: what its requests go through; None for nothing.

    Attributes:
        where: name and port for sentences, as they stand in the URL.
        hostname, port: what the URL names; without brackets.
        is_tunnelled: whether a proxy has to open a way first, so that it sees nothing of the request.
        key: by which connections are kept: those to a proxy that sees the requests serve all hosts.

    Raises:
        ValueError: no request can be made to such a host.
    """

    __slots__ = (
        "_headers",
        "_host",
        "_rest",
        "_standing",
        "_start",
        "hostname",
        "is_secure",
        "is_tunnelled",
        "key",
        "port",
        "proxy",
        "where",
    )

    def __init__(self, host: str, standing: Mapping[str, str], proxy: Proxy | None) -> None:
        found = _HOST.fullmatch(host)
        if found is None:
            raise ValueError("no host of the web")
        scheme, name, port = found[1], found[2], found[3]
        self.where = host.partition("://")[2]
        self.hostname = name.strip("[]")
        self.port = int(port or _PORTS[scheme])
        if name[0] == "[":
            IPv6Address(self.hostname)
        elif not name.strip("0123456789."):
            IPv4Address(name)
        self.is_secure = scheme == "https"
        self.proxy = proxy
        self.is_tunnelled = proxy is not None and self.is_secure
        self.key = host if proxy is None or self.is_secure else str(proxy)
        self._host = host
        self._start = f"GET {host}" if proxy is not None and not self.is_secure else "GET "
        self._standing = standing
        self._headers: Mapping[str, str] | None = None
        self._rest = ""

    def request(self, url: str, headers: Mapping[str, str], conditions: Sequence[tuple[str, str]] = ()) -> bytes | None:
        """Return a request, ready to be sent: the URL's path and query stand in it as they are in the URL.

        Args:
            url: of this host.
            headers: what goes to this host besides what goes to all; of one URL after the other it is the same object.
            conditions: headers of this one request, fit to be sent; those that go to all requests win.

        Returns:
            None when no request can be made of the URL.
        """
        if headers is not self._headers:
            self._rest = self._joined(headers)
            self._headers = headers
        path = url[len(self._host) :]
        if not url.startswith(self._host) or not path.isascii() or not path.isprintable() or " " in path:
            return None
        if path[:1] != "/":
            if path[:1] not in ("", "?"):
                return None
            path = f"/{path}"
        if not conditions:
            return f"{self._start}{path}{self._rest}".encode()
        standing = self._rest.lower()
        more = "".join(f"{name}: {value}\r\n" for name, value in conditions if f"\n{name.lower()}:" not in standing)
        return f"{self._start}{path}{self._rest[:-2]}{more}\r\n".encode()

    def _joined(self, headers: Mapping[str, str]) -> str:
        """Return all of a request that stands behind the path."""
        default = f":{_PORTS['https' if self.is_secure else 'http']}"
        joined = {"host": ("Host", self.where.removesuffix(default))}
        for name, value in (*self._standing.items(), *headers.items()):
            joined[name.lower()] = (name, value)
        if self.proxy is not None and self.proxy.authorization is not None and not self.is_secure:
            joined["proxy-authorization"] = ("Proxy-Authorization", self.proxy.authorization)
        lines = "".join(f"{name}: {value}\r\n" for name, value in joined.values())
        return f" HTTP/1.1\r\n{lines}\r\n"
