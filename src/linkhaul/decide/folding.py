"""URLs folded to patterns: what varies from page to page is replaced by what it is.

>>> fold("https://shop.example/p/123-red?size=7&color=blue").pattern
'https://shop.example/p/{n}-red?color={}&size={}'
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SLOTS = re.compile(
    r"(?P<escape>%[0-9a-f]{2})"
    r"|(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"|(?P<date>(?<![0-9])[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?![0-9]))"
    r"|(?P<hex>(?<![0-9a-z])(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,}(?![0-9a-z]))"
    r"|(?P<n>[0-9]+)",
    re.IGNORECASE,
)
_PATH_SESSION = re.compile(r";(jsessionid|phpsessid|sid)=([^/;]*)", re.IGNORECASE)
_SESSION_KEYS = frozenset({
    "phpsessid", "jsessionid", "sessionid", "session_id", "session-id", "sid", "sess", "cfid", "cftoken", "zenid", "oscsid", "sessid",
})  # fmt: skip
_DIGIT = re.compile(r"[0-9]")
_NUMBER = re.compile(r"(%[0-9a-fA-F]{2})|[0-9]+")
_MAYBE_YEAR = re.compile(r"(?<![0-9])[1-9][0-9]{3}")
_YEARS = (
    re.compile(r"(?<![0-9])([1-9][0-9]{3})-(?:0[1-9]|1[0-2])(?:-[0-3][0-9])?(?![0-9])"),
    re.compile(r"/([1-9][0-9]{3})/(?:0?[1-9]|1[0-2])(?:/(?:0?[1-9]|[12][0-9]|3[01]))?(?=[/?]|$)"),
    re.compile(r"[?&](?:[a-z_\-]*year|yr|y)=([1-9][0-9]{3})(?=&|$)", re.IGNORECASE),
    re.compile(r"[?&][a-z_\-]*(?:date|day|month|from|to)=([1-9][0-9]{3})(?:0[1-9]|1[0-2])(?:[0-3][0-9])?(?=&|$)", re.IGNORECASE),
)


class Folded(NamedTuple):
    """A URL's pattern, and what stands in its slots.

    Attributes:
        pattern: host and path with numbers, hashes, UUIDs and dates replaced, then the names of its query, sorted.
        path: the pattern without its query.
        values: what was replaced, in the order of the pattern; two URLs of one pattern have the same number of values.
        names: the names of the query, sorted; a name that comes twice stands twice.
        session: the name and value of a session's id, when there is one.
    """

    pattern: str
    path: str
    values: tuple[str, ...]
    names: tuple[str, ...]
    session: tuple[str, str] | None


def fold(url: str) -> Folded:
    """Return what a URL (absolute, normal, without fragment) is an example of."""
    address, mark, query = url.partition("?")
    start = address.find("/", 8)
    origin, path = (address[:start], address[start:]) if start > 0 else (address, "")
    session = None
    if ";" in path and (found := _PATH_SESSION.search(path)):
        session = (found[1].lower(), found[2])
        path = path[: found.start()] + path[found.end() :]
    values: list[str] = []
    folded = origin + "/".join([_folded(segment, values) for segment in path.split("/")])
    names: list[str] = []
    for name, value in sorted(_fields(query)) if query else ():
        if name.lower() in _SESSION_KEYS:
            session = session or (name.lower(), value)
            continue
        names.append(name)
        values.append(value)
    shown = f"?{'&'.join(f'{name}={{}}' for name in names)}" if mark and names else ""
    return Folded(folded + shown, folded, tuple(values), tuple(names), session)


def _folded(segment: str, values: list[str]) -> str:
    """Return a segment of a path with what varies replaced, and add that to the values."""
    if segment.isdigit():
        values.append(segment)
        return "{n}"
    if not _DIGIT.search(segment):
        return segment

    def slot(found: re.Match[str]) -> str:
        if found.lastgroup == "escape":
            return found[0]
        values.append(found[0])
        return f"{{{found.lastgroup}}}"

    return _SLOTS.sub(slot, segment)


def year_of(url: str) -> int | None:
    """Return the latest year that a URL holds as part of a date; None when it holds no date."""
    if not _MAYBE_YEAR.search(url):
        return None
    years = [int(found) for pattern in _YEARS for found in pattern.findall(url)]
    return max(years, default=None)


def _fields(query: str) -> list[tuple[str, str]]:
    """Return the names and values of a query; the numbers in a name are folded, as in `item[12]`."""
    fields = []
    for field in query.split("&"):
        name, _, value = field.partition("=")
        if field:
            fields.append((_NUMBER.sub(lambda found: found[1] or "{n}", name), value))
    return fields
