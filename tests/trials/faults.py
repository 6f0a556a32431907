"""What hosts do wrong, with the row that each fault must give in the table of pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tests.fetch.test_faults import FAULTS, PAGE, bomb
from tests.trials.hostile import Answer, moved, page

NOT_HTML = {"no type, and an image", "an image"}
"""Those of the faults that a fetcher meets which end well, and are no pages."""
OTHERS = {"bad Content-Type": "ok", "status 999": "http-error", "redirect without Location": "ok", "204 with a body": "not-html"}


class Row(NamedTuple):
    """What the table of pages must say; None for a column that does not count.

    Attributes:
        words: a part of the sentence.
        hops: how many redirects were taken.
    """

    outcome: str
    failure: str | None = None
    status: int | None = None
    words: str = ""
    hops: int | None = None


class Fault(NamedTuple):
    """What one host answers, and the row of its page "/"."""

    pages: Mapping[str, Answer]
    row: Row


def _of_the_fetcher() -> dict[str, Fault]:
    """Return the table of faults that the fetcher is tried with, as rows; its redirects are replies there and chains here."""
    found = {}
    for fault in FAULTS:
        if isinstance(fault.gives, str):
            row = Row("failed", fault.gives, None, "" if fault.gives == "read-timeout" else fault.words)  # we wait longer
        elif fault.gives // 100 == 3:
            continue
        else:
            row = Row(OTHERS.get(fault.name, "not-html" if fault.name in NOT_HTML else "ok"), None, fault.gives)
        found[fault.name] = Fault({"/": fault.answer}, row)
    return found


def _leading(where: str, failure: str, words: str = "", outcome: str = "failed") -> Fault:
    return Fault({"/": moved(where.encode())}, Row(outcome, failure, None, words))


_NOT_FETCHED = {
    f"redirect to {name}": _leading(where, "bad-redirect", "cannot be fetched")
    for name, where in {
        "a file": "file:///etc/passwd",
        "a file beside us": "file:passwd",
        "data": "data:text/html,<a href=x>",
        "JavaScript": "javascript:alert(1)",
        "mail": "mailto:ann@example.org",
        "ftp": "ftp://127.0.0.1/x",
        "a blob": "blob:http://127.0.0.1/x",
        "a WebSocket": "ws://127.0.0.1/x",
        "a terminal's command": "telnet://127.0.0.1",
        "a page of the browser": "about:blank",
        "an archive": "jar:http://127.0.0.1!/",
    }.items()
}
_NO_URL = {
    "redirect to no URL": _leading("http://[:::/", "bad-redirect", "no URL"),
    "redirect to a port beyond all ports": _leading("http://127.0.0.1:99999/", "bad-redirect", "no URL"),
    "redirect to a host of a space": _leading("http://a b/", "bad-redirect", "no URL"),
    "redirect to no host": _leading("http://", "bad-redirect", "no URL"),
}
_GUARDED = {
    f"redirect to {name}": _leading(where, "guard", words, "refused")
    for name, where, words in (
        ("another address of this machine", "http://127.9.9.9/x", "this very machine"),
        ("another port of this machine", "http://127.0.0.1:9/x", "this very machine"),
        ("this machine by its short address", "http://127.1/x", "this very machine"),
        ("this machine as a number", "http://2130706433/x", "this very machine"),
        ("this machine in hexadecimal", "http://0x7f.0.0.1/x", "this very machine"),
        ("this machine in octal", "http://0177.0.0.1/x", "this very machine"),
        ("this machine in wide digits", "http://１２７.０.０.１/x", "this very machine"),
        ("this machine by name", "http://localhost/x", "this very machine"),
        ("this machine by IPv6", "http://[::1]/x", "this very machine"),
        ("this machine inside IPv6", "http://[::ffff:127.0.0.1]/x", "this very machine"),
        ("this machine by a name of its own", "http://inside.example/x", "this very machine"),
        ("any address", "http://0.0.0.0/x", "unspecified"),
        ("a private network", "http://10.0.0.1/x", "a private address"),
        ("a home router", "//192.168.1.1/x", "a private address"),
        ("the metadata of a cloud", "http://169.254.169.254/latest/meta-data/", "metadata"),
        ("a private IPv6 network", "http://[fd00::1]/x", "a private address"),
        ("a link-local address", "http://[fe80::1]/x", "a link-local address"),
        ("a name with two private addresses", "http://both.example/x", ""),
        ("a private address with credentials", "http://user:secret@10.0.0.1/x", "a private address"),
    )
}
_CHAINS = {
    "redirect to itself": Fault({"/": moved(b"/")}, Row("failed", "redirect-loop", None, "lead back")),
    "redirects in a ring": Fault(
        {"/": moved(b"/a"), "/a": moved(b"/b"), "/b": moved(b"/")}, Row("failed", "redirect-loop", None, "lead back")
    ),
    "redirects without end": Fault(
        {"/": moved(b"/0")} | {f"/{n}": moved(b"/%d" % (n + 1)) for n in range(40)},
        Row("failed", "too-many-redirects", None, "more than 10"),
    ),
    "as many redirects as allowed": Fault(
        {"/": moved(b"/1")} | {f"/{n}": moved(b"/%d" % (n + 1)) for n in range(1, 10)} | {"/10": page(PAGE)}, Row("ok", None, 200, hops=10)
    ),
    "redirect to a page that is gone": Fault({"/": moved(b"/gone")}, Row("http-error", None, 404, hops=1)),
    "redirect to nothing": Fault({"/": moved(b"")}, Row("failed", "redirect-loop")),
    "redirect with a body that is a page": Fault(
        {"/": page(PAGE, b"Location: /b", status=b"302 Found"), "/b": page(PAGE)}, Row("ok", None, 200, hops=1)
    ),
    "redirect with two Locations": Fault(
        {"/": page(b"", b"Location: /b", b"Location: file:///etc/passwd", status=b"302 Found"), "/b": page(PAGE)},
        Row("ok", None, 200, hops=1),
    ),
    "redirect of 100,000 letters": Fault({"/": moved(b"/" + b"a" * 100_000)}, Row("failed", "bad-reply")),
    "redirect in raw UTF-8": Fault({"/": moved("/é".encode()), "/%C3%A9": page(PAGE)}, Row("ok", None, 200, hops=1)),
    "redirect with a tab inside": Fault({"/": moved(b"/a\tb"), "/ab": page(PAGE)}, Row("ok", None, 200, hops=1)),
    "300 with a Location": Fault({"/": moved(b"/b", b"300 Multiple Choices")}, Row("ok", None, 300)),
    "redirect with Refresh as well": Fault({"/": page(PAGE, b"Refresh: 0; url=file:///etc/passwd")}, Row("ok", None, 200)),
}
_REPLIES = {
    "a bomb that says it is an image": Fault({"/": bomb("gzip").replace(b"text/html", b"image/png")}, Row("not-html", None, 200)),
    "a bomb with an error": Fault({"/": bomb("gzip").replace(b"200 OK", b"404 Not Found")}, Row("http-error", None, 404)),
    "a second reply behind the first": Fault({"/": page(PAGE) + page(PAGE)}, Row("ok", None, 200)),
    "500 with a page": Fault({"/": page(PAGE, status=b"500 Oops")}, Row("http-error", None, 500)),
    "429 that wants an hour": Fault({"/": page(b"", b"Retry-After: 3600", status=b"429 Slow")}, Row("http-error", None, 429)),
    "429 that wants a million years": Fault(
        {"/": page(b"", b"Retry-After: 31536000000000", status=b"429 Slow")}, Row("http-error", None, 429)
    ),
    "429 that wants nonsense": Fault({"/": page(b"", b"Retry-After: nan", status=b"429 Slow")}, Row("http-error", None, 429)),
    "401 with a riddle": Fault({"/": page(b"", b'WWW-Authenticate: Basic realm="\xff"', status=b"401 Who")}, Row("http-error", None, 401)),
    "UTF-16 that is none": Fault({"/": page(b"\xfe\xff" + PAGE)}, Row("ok", None, 200)),
    "an encoding that does not exist": Fault({"/": page(PAGE).replace(b"text/html", b"text/html; charset=klingon")}, Row("ok", None, 200)),
    "UTF-7": Fault({"/": page(b"+ADw-a href=x+AD4-").replace(b"text/html", b"text/html; charset=utf-7")}, Row("ok", None, 200)),
    "an empty page": Fault({"/": page(b"")}, Row("ok", None, 200)),
    "zeros": Fault({"/": page(bytes(100_000))}, Row("ok", None, 200)),
    "random bytes": Fault({"/": page(bytes(range(256)) * 400)}, Row("ok", None, 200)),
    "a thousand cookies": Fault(
        {"/": page(PAGE, *[b"Set-Cookie: a%d=b; Domain=example.org; Path=/" % n for n in range(100)])}, Row("ok", None, 200)
    ),
    "X-Robots-Tag of 20,000 letters": Fault({"/": page(PAGE, b"X-Robots-Tag: " + b"noindex, " * 2_000)}, Row("ok", None, 200)),
    "Link of 20,000 letters": Fault({"/": page(PAGE, b"Link: " + b"</a>; rel=" * 2_000)}, Row("ok", None, 200)),
}
_ROBOTS = {
    "robots.txt that fails": Fault({"/robots.txt": page(b"", status=b"503 Busy"), "/": page(PAGE)}, Row("refused", "robots", None, "503")),
    "robots.txt that leads to a private address": Fault(
        {"/robots.txt": moved(b"http://10.0.0.1/robots.txt"), "/": page(PAGE)}, Row("refused", "robots", None, "a private address")
    ),
    "robots.txt that leads to a file": Fault({"/robots.txt": moved(b"file:///etc/passwd"), "/": page(PAGE)}, Row("ok", None, 200)),
    "robots.txt in a ring": Fault({"/robots.txt": moved(b"/robots.txt"), "/": page(PAGE)}, Row("ok", None, 200)),
    "robots.txt that is a page": Fault({"/robots.txt": page(PAGE * 1000), "/": page(PAGE)}, Row("ok", None, 200)),
    "robots.txt of zeros": Fault({"/robots.txt": page(bytes(600_000)), "/": page(PAGE)}, Row("ok", None, 200)),
    "robots.txt of 50,000 rules": Fault(
        {"/robots.txt": page(b"User-agent: *\n" + b"Disallow: /*a*b$\n" * 50_000), "/": page(PAGE)}, Row("ok", None, 200)
    ),
    "robots.txt of stars": Fault(
        {"/robots.txt": page(b"User-agent: *\nDisallow: /" + b"*a" * 3_000 + b"$\n"), "/": page(PAGE)}, Row("ok", None, 200)
    ),
    "robots.txt that forbids": Fault(
        {"/robots.txt": page(b"User-agent: *\nDisallow: /\x1b[31m\nDisallow: /\n"), "/": page(PAGE)},
        Row("refused", "robots", None, "line 3"),
    ),
    "robots.txt that wants an endless delay": Fault(
        {"/robots.txt": page(b"User-agent: *\nCrawl-delay: 1e300\n"), "/": page(PAGE)}, Row("refused", "robots", None, "Crawl-delay")
    ),
    "robots.txt that wants a negative delay": Fault(
        {"/robots.txt": page(b"User-agent: *\nCrawl-delay: -5\n"), "/": page(PAGE)}, Row("ok", None, 200)
    ),
}

TABLE: dict[str, Fault] = _of_the_fetcher() | _NOT_FETCHED | _NO_URL | _GUARDED | _CHAINS | _REPLIES | _ROBOTS
