"""Hosts on loopback that answer as no link checker would like it, each kind of host on a port of its own.

A path's behaviour is a function of how often it has been asked, so that what passes the second time is told apart from what does not.
Nothing is known of HEAD but lies.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NamedTuple

from tests.trials.thread import serving

LONG = "We make boots and shoes of every size, for walking and for work, and tell you how to measure your feet at home. " * 8
SORRY = "Sorry, dear visitor, there is nothing of this name on our server; go back to the front page, or look for it with our search."
MENU = " ".join(
    f"{a}{b}{c}"
    for a in ("boot", "shoe", "sock", "coat", "hat")
    for b in ("red", "blue", "warm", "light")
    for c in "abcdefghijklmnopqrstuvwxyz" * 2
)
"""What stands around the contents on every page of a large shop: more than a thousand words."""
ENDLESS = b"<p>More of the same.</p>\n" * 400


class Answer(NamedTuple):
    """What is sent back.

    Attributes:
        body: sent with a length, unless it is endless.
        delay_s: before the first byte.
        is_raw: the body is all there is: no status line, no headers.
        drops: the connection is closed without a word.
        is_endless: the body is sent again and again without an end.
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[str, ...] = ("Content-Type: text/html; charset=utf-8",)
    delay_s: float = 0.0
    is_raw: bool = False
    drops: bool = False
    is_endless: bool = False


Behave = Callable[[str, str, int], Answer]
"""Gives the answer to a method and a path that was asked so often before."""


def page(title: str, body: str = LONG, status: int = 200, *headers: str) -> Answer:
    """Return a page."""
    text = f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"
    return Answer(status, text.encode(), ("Content-Type: text/html; charset=utf-8", *headers))


def moved(to: str, status: int = 301, *headers: str) -> Answer:
    """Return a redirect."""
    return Answer(status, b"", (f"Location: {to}", *headers))


def first(bad: Answer, then: Answer) -> Callable[[int], Answer]:
    """Return what is bad when it is asked for the first time, and good ever after."""
    return lambda times: then if times else bad


NOT_FOUND = page("Not found", SORRY, 404)
SHELL = page(
    "App", '<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div><script src="/app.js"></script>'
)
ANCHORED = page("Page", f'<h1 id="here">Here</h1><a name="named">x</a><p id="Käse">{LONG}</p><template><p id="hidden">x</p></template>')
ZIPPED = Answer(200, gzip.compress(page("Zipped", '<p id="deep">Deep</p>').body), ("Content-Type: text/html", "Content-Encoding: gzip"))

HONEST: Mapping[str, Answer | Callable[[int], Answer]] = {
    "/robots.txt": Answer(200, b"User-agent: *\nDisallow: /private/\n", ("Content-Type: text/plain",)),
    "/": page("The honest host"),
    "/ok": page("Fine"),
    "/ok?size=7&colour=red": page("Fine too"),
    "/k%C3%A4se": page("Cheese"),
    "/no-type": Answer(200, b"<html><title>x</title>", ()),
    "/archive.zip": Answer(200, b"PK\x03\x04", ("Content-Type: application/zip",)),
    "/nothing": Answer(204, b"", ()),
    "/gone": page("Gone", SORRY, 410),
    "/bad-request": page("Bad request", SORRY, 400),
    "/not-allowed": page("Method not allowed", SORRY, 405),
    "/here-today": first(NOT_FOUND, page("It is back")),
    "/forbidden": page("Forbidden", "nginx", 403, "Server: nginx"),
    "/teapot": page("Teapot", "I am a teapot", 418),
    "/law": page("Unavailable", "for legal reasons", 451),
    "/linkedin": Answer(999, b"<html></html>"),
    "/cloudflare": page("Just a moment...", "<script>window._cf_chl_opt={}</script>", 403, "Server: cloudflare", "cf-mitigated: challenge"),
    "/anubis": page("Making sure you&#39;re not a bot!", '<script id="anubis_challenge" type="application/json">{}</script>'),
    "/akamai": page("Access Denied", "Reference #18.2 https://errors.edgesuite.net/18.2", 403, "Server: AkamaiGHost"),
    "/aws": Answer(202, b"", ("x-amzn-waf-action: challenge",)),
    "/about-bots": page("Just a moment: an essay on challenge pages", LONG * 3, 200, "Server: cloudflare"),
    "/basic": page("Unauthorized", "", 401, 'WWW-Authenticate: Basic realm="x"'),
    "/pay": page("Payment required", "", 402),
    "/members": page("Members", "<form><input type=password></form>", 403),
    "/wall": moved("/login?next=/wall", 302),
    "/login?next=/wall": page("Sign in", "<form><input name=user><input type=password></form>"),
    "/login": page("Sign in", "<form><input name=user><input type=password></form>"),
    "/slow": page("Slow")._replace(delay_s=0.4),
    "/hangs": page("Never")._replace(delay_s=30),
    "/huge.iso": Answer(200, b"\0" * 65_536, ("Content-Type: application/octet-stream",), is_endless=True),
    "/endless.html": Answer(200, ENDLESS, is_endless=True),
    "/hangs-up": Answer(drops=True),
    "/hangs-up-once": first(Answer(drops=True), page("There")),
    "/no-http": Answer(body=b"SSH-2.0-OpenSSH_9.2\r\n", is_raw=True),
    "/broken-zip": Answer(200, b"\x1f\x8bnot gzip at all", ("Content-Type: text/html", "Content-Encoding: gzip")),
    "/moved": moved("/ok"),
    "/moved-308": moved("/ok", 308),
    "/found": moved("/ok", 302),
    "/see-other": moved("/ok", 303),
    "/for-now": moved("/ok", 307),
    "/chain": moved("/chain2"),
    "/chain2": moved("/ok", 302),
    "/chain-for-good": moved("/moved"),
    "/to-home": moved("/"),
    "/to-missing": moved("/missing"),
    "/to-mail": moved("mailto:ann@example.org"),
    "/nowhere": Answer(302, b"", ()),
    "/circle": moved("/circle2"),
    "/circle2": moved("/circle"),
    "/page": ANCHORED,
    "/zipped": ZIPPED,
    "/moved-page": moved("/page"),
    "/shell": SHELL,
    "/paper.pdf": Answer(200, b"%PDF-1.7", ("Content-Type: application/pdf",)),
    "/private/x": page("Private"),
    "/cookie": moved("/cookie", 302, "Set-Cookie: seen=1"),
    "/dot.png": Answer(200, b"\x89PNG", ("Content-Type: image/png",)),
}


def honest(method: str, path: str, times: int) -> Answer:
    """Answer what is in the table, and 404 to what is not; lie to HEAD."""
    if path.startswith("/endless/"):
        return moved(f"/endless/{int(path.rpartition('/')[2]) + 1}", 302)
    if path in ("/head-says-no", "/head-says-yes"):
        return page("GET tells the truth") if (path == "/head-says-no") == (method == "GET") else NOT_FOUND
    found = HONEST.get(path, NOT_FOUND)
    return found if isinstance(found, Answer) else found(times)


def limited(_method: str, path: str, times: int) -> Answer:
    """Answer 429: for once, or for ever."""
    if path == "/later" and times:
        return page("There you are")
    return page("Too many", "", 429, "Retry-After: 1") if path in ("/later", "/never") else NOT_FOUND


def failing(_method: str, path: str, times: int) -> Answer:
    """Answer 503: for once, or for ever; and other faults of a server."""
    if path == "/flaky" and times:
        return page("Up again")
    statuses = {"/flaky": 503, "/down": 503, "/crash": 500, "/gateway": 502}
    return page("Trouble", "", statuses[path]) if path in statuses else NOT_FOUND


def agreeing(_method: str, path: str, _times: int) -> Answer:
    """Answer 200 to everything."""
    if path == "/":
        return page("The agreeing host")
    if path == "/real":
        return page("Boots", LONG + "And this page is about boots, with everything that there is to say of them. " * 6)
    return page("Sorry", f"{SORRY} You asked for {path}.")


def partly(_method: str, path: str, _times: int) -> Answer:
    """Answer honestly at the top; below /shop/ and /help/ answer 200 to everything, and below /old/ send everybody to one page."""
    there = {"/": "Partly", "/shop/": "The shop", "/shop/boots.html": "Boots", "/old/": "Old things", "/short": "The old things"}
    if path == "/short":
        return moved("/old/")
    if path in there:
        return page(there[path], f"{there[path]}. {LONG}")
    if path.startswith("/shop/"):
        return page("Diese Seite wurde nicht gefunden", f"{SORRY} {path}")
    if path.startswith("/help/"):
        return page("Help", f"<h1>Welcome</h1>{SORRY} {SORRY}")
    return moved("/old/", 302) if path.startswith("/old/") else NOT_FOUND


def warehouse(_method: str, path: str, _times: int) -> Answer:
    """Answer honestly at the top, and 200 to everything below /shop/, with a long menu around it and other articles recommended each time."""
    articles = {"/": "All goods", "/shop/boots": "Boots", "/shop/socks": "Socks"}
    if path in articles:
        return page(f"{articles[path]} | Warehouse", f"{MENU} {articles[path]} of this year. {LONG}")
    if path.startswith("/shop/"):
        recommended = " ".join(f"article{chr(97 + (3 * n + sum(path.encode())) % 26)}" for n in range(12))
        return page("Page not found | Warehouse", f"{MENU} {SORRY} {recommended}")
    return NOT_FOUND


def nameless(_method: str, path: str, _times: int) -> Answer:
    """Answer 200 to everything, with one title and a long menu, and on the real pages no more than a line of their own."""
    lines = {"/": "Welcome.", "/real": "Felt slippers from the mountains, grey.", "/other": "Wooden clogs for the garden, in brown."}
    return page("The Shop", f"{MENU} {lines.get(path, 'There is nothing at this place.')}")


def sending_home(_method: str, path: str, _times: int) -> Answer:
    """Send everybody home who asks for what is not there."""
    return {"/": page("Home"), "/real": page("Real"), "/index.html": moved("/")}.get(path) or moved("/", 302)


def shell(_method: str, path: str, _times: int) -> Answer:
    """Send the same page for everything, which a script fills."""
    return Answer(404) if path == "/robots.txt" else SHELL


def secret(_method: str, path: str, _times: int) -> Answer:
    """Let no program in."""
    return Answer(200, b"User-agent: *\nDisallow: /\n", ("Content-Type: text/plain",)) if path == "/robots.txt" else page("Secret")


def plain(_method: str, path: str, _times: int) -> Answer:
    """Answer honestly, by any certificate."""
    return page("Plain") if path == "/" else NOT_FOUND


class Hosts:
    """The hosts by name, each with its origin; and what each was asked: (host's name, method, path)."""

    def __init__(self) -> None:
        self.origins: dict[str, str] = {}
        self.asked: Counter[tuple[str, str, str]] = Counter()
        self._serving: set[asyncio.Task[None]] = set()

    def serve(self, name: str, behave: Behave) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], asyncio.Task[None]]:
        """Return what takes a host's connections."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    begin = await reader.readexactly(1)
                    if begin == b"\x16":  # somebody speaks TLS to us
                        await send(writer, page("400 The plain HTTP request was sent to HTTPS port", "", 400))
                        break
                    head = (begin + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                    method, path = head.split(" ")[:2]
                    answer = behave(method, path, self.asked[name, method, path])
                    self.asked[name, method, path] += 1
                    if not await send(writer, answer):
                        break

        def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> asyncio.Task[None]:
            task = asyncio.ensure_future(serve(reader, writer))
            self._serving.add(task)  # nobody else holds it
            task.add_done_callback(self._serving.discard)
            task.add_done_callback(lambda _: writer.close())  # also of one that is cancelled before its first step
            return task

        return begin


async def send(writer: asyncio.StreamWriter, answer: Answer) -> bool:
    """Send an answer; return whether the connection can go on."""
    await asyncio.sleep(answer.delay_s)
    if answer.drops:
        return False
    if answer.is_raw:
        writer.write(answer.body)
        await writer.drain()
        return False
    length = [] if answer.is_endless else [f"Content-Length: {len(answer.body)}"]
    head = "\r\n".join([f"HTTP/1.1 {answer.status} X", *answer.headers, *length])
    writer.write(head.encode("utf-8") + b"\r\n\r\n" + answer.body)
    await writer.drain()
    while answer.is_endless:
        writer.write(answer.body)
        await writer.drain()
    return True


@contextmanager
def treacherous(index: Behave, tls: Callable[[str], ssl.SSLContext]) -> Iterator[Hosts]:
    """Serve all hosts until the block is left; `index` is the site that links to them.

    Args:
        tls: gives a server's context with the certificate of a name.
    """
    hosts = Hosts()
    kinds: dict[str, tuple[Behave, str | None]] = {
        "site": (index, None), "honest": (honest, None), "limited": (limited, None), "failing": (failing, None), "agreeing": (agreeing, None),
        "partly": (partly, None), "warehouse": (warehouse, None), "nameless": (nameless, None), "home": (sending_home, None), "shell": (shell, None), "secret": (secret, None), "good": (plain, "good"), "expired": (plain, "expired"),
        "early": (plain, "early"), "other": (plain, "other"), "selfsigned": (plain, "selfsigned"), "closed": (plain, None),
    }  # fmt: skip

    async def start() -> list[asyncio.Server]:
        return [
            await asyncio.start_server(hosts.serve(name, behave), "127.0.0.1", 0, ssl=tls(certificate) if certificate else None)
            for name, (behave, certificate) in kinds.items()
        ]

    with serving(start) as sockets:
        for (name, (_, certificate)), (address, port) in zip(kinds.items(), sockets, strict=True):
            hosts.origins[name] = f"{'https' if certificate else 'http'}://{address}:{port}"
        yield hosts
