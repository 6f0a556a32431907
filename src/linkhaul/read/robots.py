"""What a robots.txt allows, and which of its lines says so.

How this works: the lines are read here, the matching is protego's. Our own reading of the lines is what RFC 9309 asks for and
protego does otherwise: a byte order mark is no part of the first line; a record that is not of the protocol (Crawl-delay)
between two User-agent lines does not end their group; a group is ours when its product token *equals* ours, where protego
takes the group of `link` for `linkhaul` too. So protego is only ever given the rules that are ours, as one group.

Whom a Crawl-delay concerns is not in the standard: it counts for every agent of its group, the longest where there are
several.

Source: https://www.rfc-editor.org/rfc/rfc9309
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from protego import Protego

from linkhaul.model.records import Failure, FailureKind

MAX_BYTES = 512_000
"""What is read of a robots.txt: the 500 KiB that the standard asks for at least (section 2.5)."""
MAX_REDIRECTS = 5
"""How many redirects are followed to a robots.txt (section 2.3.1.2)."""
NOWHERE: frozenset[FailureKind] = frozenset({"too-many-redirects", "redirect-loop", "bad-redirect"})
"""Redirects at whose end there is no robots.txt: too many, in a ring, to what is no address of the web. The server has answered, and
named no rules, so there are none, as for a 404. An end that cannot be reached (no such host, a private address, which we do not
ask) is another thing: there may be rules, which we cannot know, so nothing may be asked for (sections 2.3.1.2 to 2.3.1.4)."""
MAX_AGE_S = 86_400.0
"""How long an answer may be used (section 2.4)."""

_LINE_END = re.compile(r"\r\n|\n|\r")
_RECORD = re.compile(
    r"(?P<agent>user[ -]?agent)|(?P<allow>allow)|(?P<disallow>disallow|dissallow|dissalow|disalow|diasllow|disallaw)"
    r"|(?P<delay>crawl[ -]delay)|(?P<sitemap>site-?maps?)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[ \t]*:[ \t]*|[ \t]+")
_TOKEN = re.compile(r"[A-Za-z0-9_.\-]+")
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_BREAKING = re.compile(r"[\x00-\x1f\x7f-\xa0\u2028\u2029]")
_STRAY_BYTE = re.compile("[\udc80-\udcff]")


class Line(NamedTuple):
    """One line that says something: its number from 1, the record it is, its value, and its text as it stands."""

    number: int
    record: str
    value: str
    text: str


class _Group:
    """The rules for one product token.

    Attributes:
        lines: its Allow and Disallow lines that have a value.
        protego: the same, as what answers.
    """

    def __init__(self, lines: list[Line]) -> None:
        self.lines = [line for line in lines if line.record != "delay" and line.value]
        self.protego = _protego(self.lines)
        delays = [seconds for line in lines if line.record == "delay" and (seconds := _seconds(line.value)) is not None]
        self.crawl_delay_s = max(delays, default=None)
        self._alone: list[Protego] = []

    def deciding(self, url: str) -> Line | None:
        """Return the line that decides: of those that match and say what the whole group says, the longest.

        Each line is put to protego alone, so that there is one matcher. It is asked for what was refused only.
        """
        if not self._alone:
            refuse_all = Line(0, "disallow", "/", "")
            self._alone = [_protego([line] if line.record == "disallow" else [refuse_all, line]) for line in self.lines]
        if urlsplit(url).path == "/robots.txt":
            return None  # it may always be asked for (section 2.2.2)
        verdict = self.protego.can_fetch(url, "*")
        found = [
            line
            for line, alone in zip(self.lines, self._alone, strict=True)
            if (line.record == "allow") == verdict == alone.can_fetch(url, "*")
        ]
        return max(found, key=lambda line: len(line.value), default=None)


class Rules:
    """The rules of one host.

    Args:
        body: the file; its first MAX_BYTES count, to the last whole line.
        refusal: why nothing may be asked for, whatever the file says; None when the file decides.

    Attributes:
        sitemaps: the sitemaps it names, in its order, as written.
        size: how many bytes it holds in memory, roughly: for a cache with a limit.
    """

    def __init__(self, body: bytes = b"", refusal: str | None = None) -> None:
        self.refusal = refusal
        self._lines = _lines(_decoded(body)) if refusal is None else []
        self._groups: dict[str, _Group] = {}
        self.sitemaps = [line.value for line in self._lines if line.record == "sitemap"]
        self.size = 1000 + 2000 * len(self._lines)

    def allows(self, url: str, token: str) -> bool:
        """Return whether an agent of this product token may ask for a URL (absolute, normal)."""
        if self.refusal is not None:
            return False
        group = self._group(token)
        return not group.lines or group.protego.can_fetch(url, "*")

    def deciding(self, url: str, token: str) -> str | None:
        """Return what decides on a URL, for people: 'line 12: Disallow: /search', a sentence, or None when no line speaks of it."""
        if self.refusal is not None:
            return self.refusal
        found = self._group(token).deciding(url)
        return None if found is None else f"line {found.number}: {found.text}"

    def crawl_delay(self, token: str) -> float | None:
        """Return the Crawl-delay for an agent of this product token, in seconds; None when there is none."""
        return None if self.refusal is not None else self._group(token).crawl_delay_s

    def _group(self, token: str) -> _Group:
        name = product_token(token)
        group = self._groups.get(name)
        if group is None:
            group = self._groups[name] = _group(self._lines, name)
        return group


def rules_for(status: int | None, body: bytes, failure: Failure | None) -> Rules:
    """Return the rules that a reply to the question for robots.txt amounts to.

    2xx: the file decides. 4xx and redirects that lead nowhere: there are no rules. 5xx, 429 (which says 'not now', not
    'there is none') and no usable answer: nothing may be asked for.

    Args:
        status: that of the last reply; a 3xx means that the redirects were too many or broken.
        body: the file; empty unless 2xx.
        failure: why there was no usable answer; a file that was too large counts as far as it came.

    Source: RFC 9309, sections 2.3.1.1 to 2.3.1.4; 429 as common practice has it.
    """
    if failure is not None and failure.kind in NOWHERE:
        return Rules()
    is_file = status is not None and 200 <= status < 300
    if failure is not None and not (failure.kind == "too-large" and body and is_file):
        return Rules(refusal=f"robots.txt could not be fetched, so nothing may be: {failure.detail}")
    if status is None:
        return Rules(refusal="robots.txt could not be fetched, so nothing may be")
    if status >= 500 or status == 429:
        return Rules(refusal=f"robots.txt answered {status}, so nothing may be fetched for now")
    return Rules(body) if is_file else Rules()


@lru_cache(maxsize=64)  # asked for each page, and nearly always of the same name
def product_token(name: str) -> str:
    """Return the product token at the start of an agent's name, lower case; `*` for every agent; empty when there is none.

    >>> product_token("LinkHaul/1.0 (+https://example.org)")
    'linkhaul'
    """
    text = name.strip()
    if text == "*" or text.startswith(("* ", "*\t")):
        return "*"
    found = _TOKEN.match(text.lstrip("*"))
    return found[0].lower() if found else ""


def _decoded(body: bytes) -> str:
    """Return the text; bytes that are no UTF-8 are escaped, as they would be in a URL."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body[:MAX_BYTES].decode("utf-16", "replace")
    if len(body) > MAX_BYTES:
        body = body[: 1 + max(body.rfind(b"\n", 0, MAX_BYTES), body.rfind(b"\r", 0, MAX_BYTES))]
    text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return _STRAY_BYTE.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", text)


def _lines(text: str) -> list[Line]:
    """Return the lines that hold a record we know, in order."""
    found = []
    for number, line in enumerate(_LINE_END.split(text), 1):
        meant = line.partition("#")[0].strip(" \t")
        record = _RECORD.match(meant)
        separator = _SEPARATOR.match(meant, record.end()) if record else None
        if record and separator:
            shown = _NOT_SHOWN.sub("\ufffd", line.strip())
            found.append(Line(number, record.lastgroup or "", meant[separator.end() :].strip(), shown[:500]))
    return found


def _group(lines: list[Line], token: str) -> _Group:
    """Return the rules for a token: of all groups that name it, else of all groups for every agent."""
    groups: list[tuple[set[str], list[Line]]] = []
    has_rules = True
    for line in lines:
        if line.record == "agent":
            if has_rules:
                groups.append((set(), []))
            has_rules = False
            groups[-1][0].add(product_token(line.value))
        elif line.record != "sitemap" and groups:
            has_rules = has_rules or line.record != "delay"
            groups[-1][1].append(line)
    name = token if any(token in agents for agents, _ in groups) else "*"
    return _Group([line for agents, members in groups if name in agents for line in members])


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _protego(lines: list[Line]) -> Protego:
    """Return these rules as one group for every agent; what protego takes for the end of a line, and the standard does not, is escaped."""
    rules = [f"{line.record}: {_BREAKING.sub(lambda sign: quote(sign[0]), line.value)}" for line in lines]
    return Protego.parse("\n".join(["User-agent: *", *rules]))
