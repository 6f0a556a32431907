"""Who we are to whom: headers, cookies and passwords, each bound to the host it was given for.

A secret leaves for its own host only. There is no way to give one to every host, a redirect to another host gets none
(headers are made for each request from the host that is asked), and a Set-Cookie of a server is never stored.

A value may name its host: ``[HOST=]value``. HOST is one of

* ``example.org``: that name on the ports of http and https;
* ``example.org:8080``: that name on that port, by http or https;
* ``https://example.org``: that scheme, name and port only, so that it never travels in the clear.

Without HOST a value is bound to the one host of the sources; to its https form too when that is http on its own port.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from http.cookiejar import DefaultCookiePolicy, LoadError, MozillaCookieJar
from pathlib import Path
from urllib.request import Request

from linkhaul.config import FetchSettings
from linkhaul.errors import SettingError

_BOUND = frozenset({"authorization", "cookie", "proxy-authorization"})
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect", "keep-alive"})
_HOST = re.compile(r"(?:(https?)://)?(\[[0-9A-Fa-f:.]+\]|[^\s:/=@\[\]]+)(?::([0-9]+))?/?", re.IGNORECASE)
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)", re.DOTALL)
_COOKIE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+=.*", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_DEFAULT_PORT = {"http": "80", "https": "443"}

_HOSTS_KEPT = 10_000
"""How many hosts' headers are remembered; then the memory starts anew."""


class Credentials:
    """Gives the headers that go to one host besides those that go to all.

    Made by `parse`; a source's own "user:password" is added with `bind_userinfo`. Holds secrets: never printed.
    """

    def __init__(self, for_all: Mapping[str, str], bound: Sequence[tuple[frozenset[str], str, str]], jar: MozillaCookieJar | None) -> None:
        self._for_all = dict(for_all)
        self._bound = list(bound)
        self._jar = jar
        self._kept: dict[str, dict[str, str]] = {}

    @classmethod
    def parse(cls, settings: FetchSettings, seed_hosts: Sequence[str]) -> Credentials:
        """Return the credentials that the settings give.

        Args:
            settings: their header, cookie, cookies and auth are read.
            seed_hosts: the hosts of the sources as `model.url.host_of` gives them; empty when they are not known yet.

        Raises:
            SettingError: a value that cannot be meant, or one that names no host while the sources have not exactly one.
        """
        for_all: dict[str, str] = {}
        bound: list[tuple[frozenset[str], str, str]] = []
        for text in settings.header:
            host, (name, value) = _header(text)
            if host or name.lower() in _BOUND:
                bound.append((_places(host, seed_hosts, f"header {name}"), name, value))
            else:
                for_all[name] = f"{for_all[name]}, {value}" if name in for_all else value
        for text in settings.cookie:
            host, value = _split(text, _COOKIE)
            if not _COOKIE.fullmatch(value):
                raise SettingError("cookie: write it as '[HOST=]name=value'")
            bound.append((_places(host, seed_hosts, "cookie"), "Cookie", _clean(value, "cookie")))
        for text in settings.auth:
            host, value = _split(text, _AUTH)
            bound.append((_places(host, seed_hosts, "auth"), "Authorization", _authorization(value)))
        return cls(for_all, bound, _jar(settings.cookies))

    def __repr__(self) -> str:
        return f"<Credentials: {len(self._bound)} bound to hosts>"

    @property
    def for_all(self) -> dict[str, str]:
        """The headers that go to every host; nothing secret is meant to be among them."""
        return self._for_all

    def bind_userinfo(self, host: str, userinfo: str) -> None:
        """Send a source's "user:password" as Basic to its host.

        Args:
            host: as `model.url.host_of` gives it.
            userinfo: decoded, as `model.url.from_typed` gives it.
        """
        self._bound.append((_exactly([host]), "Authorization", _basic(userinfo)))
        self._kept.clear()

    def headers_for(self, host: str, url: str) -> dict[str, str]:
        """Return the headers that go with a request for `url` to `host`; empty for a host nothing is bound to.

        The answer is shared: do not change it.
        """
        found = self._kept.get(host)
        if found is None:
            if len(self._kept) >= _HOSTS_KEPT:
                self._kept.clear()
            found = self._kept[host] = self._joined(host)
        return found if self._jar is None else self._with_cookies(found, url)

    def _joined(self, host: str) -> dict[str, str]:
        wanted = _with_port(host)
        joined: dict[str, str] = {}
        for places, name, value in self._bound:
            if wanted in places:
                key = name.title() if name.lower() in _BOUND else name
                joined[key] = f"{joined[key]}; {value}" if key == "Cookie" and key in joined else value
        return joined

    def _with_cookies(self, headers: dict[str, str], url: str) -> dict[str, str]:
        assert self._jar is not None
        request = Request(url)  # noqa: S310 -- only its header is used, nothing is opened
        self._jar.add_cookie_header(request)
        cookies = request.get_header("Cookie")
        if cookies is None:
            return headers
        own = headers.get("Cookie")
        return {**headers, "Cookie": f"{own}; {cookies}" if own else cookies}


_AUTH = re.compile(r"(?:bearer\s+\S|[^:]*:).*", re.IGNORECASE | re.DOTALL)


def _split(text: str, rest: re.Pattern[str]) -> tuple[str | None, str]:
    """Return HOST and value of '[HOST=]value'; HOST only where it looks like one and what follows is a value."""
    before, sign, after = text.partition("=")
    if sign and _HOST.fullmatch(before) and rest.fullmatch(after):
        return before, after
    return None, text


def _header(text: str) -> tuple[str | None, tuple[str, str]]:
    host, rest = _split(text, _HEADER)
    found = _HEADER.fullmatch(rest)
    if not found:
        raise SettingError("header: write it as 'Name: value' or 'HOST=Name: value'")
    name, value = found[1], _clean(found[2].strip(), f"header {found[1]}")
    if name.lower() in _OURS:
        raise SettingError(f"header: {name} is set by the HTTP client itself and cannot be given")
    if name.lower() == "user-agent":
        raise SettingError("header: User-Agent has settings of its own: use user_agent and contact")
    return host, (name, value)


def _clean(value: str, what: str) -> str:
    if _CONTROL.search(value):
        raise SettingError(f"{what}: the value contains a line break or another control character")
    return value


def _authorization(value: str) -> str:
    scheme, _, token = value.partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return f"Bearer {_clean(token.strip(), 'auth')}"
    if ":" not in value:
        raise SettingError("auth: write it as '[HOST=]user:password' or '[HOST=]Bearer TOKEN'")
    return _basic(value)


def _basic(userinfo: str) -> str:
    return f"Basic {b64encode(userinfo.encode()).decode()}"


def _places(host: str | None, seed_hosts: Sequence[str], what: str) -> frozenset[str]:
    """Return where a value may go: scheme://host:port, the port always written out."""
    if host is not None:
        return _named(host)
    names = sorted({_parts(seed)[1] for seed in seed_hosts})
    if len(names) == 1:
        return _exactly(seed_hosts)
    seen = f"the sources have {len(names)} hosts ({', '.join(names[:3])}, ...)" if names else "the sources' host is not known"
    raise SettingError(f"{what}: {seen}, so say which one it is for: 'HOST=...', for example 'example.org=...'")


def _named(host: str) -> frozenset[str]:
    scheme, name, port = _parts(host)
    if scheme:
        return frozenset({f"{scheme}://{name}:{port or _DEFAULT_PORT[scheme]}"})
    return frozenset(f"{each}://{name}:{port or _DEFAULT_PORT[each]}" for each in ("http", "https"))


def _exactly(hosts: Sequence[str]) -> frozenset[str]:
    """Return these hosts, and https for those that are http on its own port: sites redirect from the one to the other."""
    places = {_with_port(host) for host in hosts}
    secured = {f"https://{place[7:-3]}:443" for place in places if place.startswith("http://") and place.endswith(":80")}
    return frozenset(places | secured)


def _with_port(host: str) -> str:
    scheme, name, port = _parts(host)
    return f"{scheme}://{name}:{port or _DEFAULT_PORT.get(scheme, '')}"


def _parts(host: str) -> tuple[str, str, str]:
    """Return scheme, name and port of a host; scheme and port may be empty."""
    found = _HOST.fullmatch(host)
    if not found:
        return "", host.lower(), ""
    return (found[1] or "").lower(), found[2].lower(), found[3] or ""


def _jar(path: str | None) -> MozillaCookieJar | None:
    """Return the cookies of a Netscape cookie file; session cookies count, expired ones do not.

    Raises:
        SettingError: there is no such file, or it is of another format.
    """
    if path is None:
        return None
    # Without this policy the library sends a cookie that was given for one host to that host's subdomains too.
    jar = MozillaCookieJar(Path(path), policy=DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain))
    try:
        jar.load(ignore_discard=True, ignore_expires=True)
    except OSError as error:
        reason = (
            "is not a Netscape cookie file; its first line has to say so"
            if isinstance(error, LoadError)
            else f"cannot be read: {error.strerror}"
        )
        raise SettingError(f"cookies: {path} {reason}") from None
    except UnicodeDecodeError:
        raise SettingError(f"cookies: {path} is not a text file in UTF-8") from None
    for cookie in jar:
        if cookie.expires == 0:  # how curl and browsers write a session cookie; the library knows an empty field only
            cookie.expires, cookie.discard = None, True
    jar.clear_expired_cookies()
    return jar
