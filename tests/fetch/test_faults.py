"""What servers do wrong, and the one reply that each fault gives. Nothing is raised, nothing hangs."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
import sys
import threading
import zlib
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import brotli
import pytest

from linkhaul.model.records import FAILURE_KINDS, Target

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\n"
HTML = b"Content-Type: text/html\r\n"
PAGE = b"<html><a href=x>x</a></html>"
PATIENCE = {"timeout": 0.5, "read_timeout": 0.2, "connect_timeout": 0.3, "max_body": 200_000}


class Fault(NamedTuple):
    """One fault: what the server does; the kind of failure or the status that it gives; words that the sentence has."""

    name: str
    answer: Answer
    gives: str | int
    words: str = ""
    body: bytes | None = None


def reply(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 " + status + b"\r\n" + HTML + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


def packed(label: bytes, body: bytes) -> bytes:
    return reply(body, b"Content-Encoding: " + label)


def chunked(body: bytes) -> bytes:
    return OK + HTML + b"Transfer-Encoding: chunked\r\n\r\n" + body


def bomb(label: str) -> bytes:
    zeros = bytes(3_000_000)
    made = {"gzip": gzip.compress, "deflate": zlib.compress, "br": lambda body: brotli.compress(body, quality=5), "zstd": zstd.compress}
    return packed(label.encode(), made[label](zeros))


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def stall_in_head(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"Content-Ty")
    await asyncio.Event().wait()


async def stall_in_body(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + HTML + b"Content-Length: 1000\r\n\r\n<html>")
    await asyncio.Event().wait()


def drip(start: bytes, drop: bytes) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    async def dripping(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.02)

    return dripping


def endless(start: bytes, piece: bytes) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    async def flooding(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()

    return flooding


def reset_after(start: bytes) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    async def resetting(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        await asyncio.sleep(0.02)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(1 if sys.platform == "linux" else 0xFFFF, 13 if sys.platform == "linux" else 0x80, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return resetting


def in_two(first: bytes, second: bytes) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    async def sending(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(second)

    return sending


FAULTS = [
    # Connections that end or wait
    Fault("close without an answer", b"", "reset", "without an answer"),
    Fault("reset without an answer", reset_after(b""), "reset", "hung up"),
    Fault("close inside the status line", b"HTTP/1.1 20", "reset", "closed the connection"),
    Fault("close inside the headers", OK + b"Content-Type: text/h", "reset", "headers"),
    Fault("silence", silent, "read-timeout", "sent nothing for 0.2 s"),
    Fault("stall inside the headers", stall_in_head, "read-timeout", "sent nothing for 0.2 s"),
    Fault("stall inside the body", stall_in_body, "read-timeout", "sent nothing for 0.2 s"),
    Fault("body by drops", drip(OK + HTML + b"Content-Length: 100000\r\n\r\n", b"x"), "read-timeout", "within 0.5 s"),
    Fault("headers by drops", drip(OK, b"X-A: b\r\n"), "read-timeout", "within 0.5 s"),
    Fault("endless 103", drip(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), "read-timeout", "within 0.5 s"),
    # Sizes that do not fit
    Fault("body shorter than announced", OK + HTML + b"Content-Length: 100\r\n\r\n" + PAGE, "reset", "before the whole body"),
    Fault("reset inside the body", reset_after(OK + HTML + b"Content-Length: 100\r\n\r\n<html>"), "reset"),
    Fault("body longer than announced", OK + HTML + b"Content-Length: 6\r\n\r\n" + PAGE, 200, body=PAGE[:6]),
    Fault("body longer than announced, in two", in_two(OK + HTML + b"Content-Length: 6\r\n\r\n", PAGE), 200, body=PAGE[:6]),
    Fault("larger than allowed, announced", OK + HTML + b"Content-Length: 300000000\r\n\r\n", "too-large", "300,000,000 bytes"),
    Fault("larger than allowed, by Content-Length a little", reply(b"x" * 200_001), "too-large", "--max-body"),
    Fault("as large as allowed", reply(b"x" * 200_000), 200, body=b"x" * 200_000),
    Fault("endless body", endless(OK + HTML + b"\r\n", b"x" * 65536), "too-large", "200,000"),
    Fault("endless chunks", endless(OK + HTML + b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\nhello\r\n" * 5000), "too-large"),
    Fault("negative Content-Length", OK + HTML + b"Content-Length: -5\r\n\r\n" + PAGE, "bad-reply", "breaks HTTP"),
    Fault("Content-Length in words", OK + HTML + b"Content-Length: five\r\n\r\nhello", "bad-reply", "breaks HTTP"),
    Fault("Content-Length beyond 64 bits", OK + HTML + b"Content-Length: 99999999999999999999\r\n\r\n", "bad-reply", "breaks HTTP"),
    Fault("two Content-Lengths", OK + HTML + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\nhello", "bad-reply", "breaks HTTP"),
    Fault("Content-Length twice alike", OK + HTML + b"Content-Length: 28\r\nContent-Length: 28\r\n\r\n" + PAGE, 200, body=PAGE),
    Fault("length and chunks", OK + HTML + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "bad-reply"),
    # Chunks
    Fault("good chunks", chunked(b"5\r\nhello\r\n0\r\n\r\n"), 200, body=b"hello"),
    Fault("chunk size is no number", chunked(b"zz\r\nhello\r\n0\r\n\r\n"), "bad-reply", "breaks HTTP"),
    Fault("chunk longer than its size", chunked(b"3\r\nhello\r\n0\r\n\r\n"), "bad-reply", "breaks HTTP"),
    Fault("bad chunk size after a good one", in_two(chunked(b"5\r\nhello\r\n"), b"zz\r\n"), "bad-reply", "breaks HTTP"),
    Fault("last chunk is missing", chunked(b"5\r\nhello\r\n"), "reset", "before the whole body"),
    Fault("close inside a chunk", chunked(b"ff\r\nhello"), "reset", "before the whole body"),
    Fault("chunk of enormous size", chunked(b"fffffffffffffffffffff\r\nhello"), "bad-reply"),
    Fault("flood of chunk extension", endless(OK + HTML + b"Transfer-Encoding: chunked\r\n\r\n5;", b"x" * 65536), "bad-reply", "262,144 bytes"),
    # Heads that are no HTTP
    Fault("HTTP/0.9", b"<html>hello</html>", "bad-reply", "breaks HTTP"),
    Fault("a banner of another protocol", b"SSH-2.0-OpenSSH_9.2\r\n", "bad-reply", "breaks HTTP"),
    Fault("HTTP/2 preface", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", "bad-reply", "breaks HTTP"),
    Fault("status that is no number", b"HTTP/1.1 abc OK\r\n\r\n", "bad-reply", "breaks HTTP"),
    Fault("status of four digits", b"HTTP/1.1 2000 OK\r\n\r\n", "bad-reply", "breaks HTTP"),
    Fault("NUL in a header", OK + b"X-A: b\x00c\r\n\r\n", "bad-reply", "breaks HTTP"),
    Fault("header without a colon", OK + b"nonsense\r\n\r\n", "bad-reply", "breaks HTTP"),
    Fault("header with an empty name", OK + b": x\r\n\r\n", "bad-reply", "breaks HTTP"),
    Fault("header line of 100,000 bytes", OK + b"X-A: " + b"a" * 100_000 + b"\r\n\r\n", "bad-reply", "breaks HTTP"),
    Fault("status line of 100,000 bytes", b"HTTP/1.1 200 " + b"a" * 100_000 + b"\r\n\r\n", "bad-reply", "breaks HTTP"),
    Fault("header line without end", endless(OK + b"X-A: ", b"a" * 65536), "bad-reply", "breaks HTTP"),
    Fault("10,000 headers", OK + b"X-A: b\r\n" * 10_000 + b"\r\n", "bad-reply", "breaks HTTP"),
    Fault("headers without end", endless(OK, b"X-A: b\r\n" * 1000), "bad-reply", "breaks HTTP"),
    Fault("101 that nobody asked for", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "bad-reply", "101"),
    # Odd but usable
    Fault("HTTP/1.0 that ends with the connection", b"HTTP/1.0 200 OK\r\n" + HTML + b"\r\n" + PAGE, 200, body=PAGE),
    Fault("no length and close", OK + HTML + b"\r\n" + PAGE, 200, body=PAGE),
    Fault("lines that end with LF", OK.replace(b"\r", b"") + b"Content-Type: text/html\nContent-Length: 5\n\nhello", 200, body=b"hello"),
    Fault("103 before 200", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + reply(PAGE), 200, body=PAGE),
    Fault("204 with a body", reply(PAGE, status=b"204 No Content"), 204, body=b""),
    Fault("304 with a body", reply(PAGE, status=b"304 Not Modified"), 304, body=b""),
    Fault("status 999", reply(PAGE, status=b"999 Denied"), 999, body=b""),
    Fault("empty reason", OK.replace(b" OK", b" ") + HTML + b"Content-Length: 5\r\n\r\nhello", 200, body=b"hello"),
    Fault("latin-1 in a header", reply(PAGE, b"X-A: caf\xe9"), 200, body=PAGE),
    Fault("hostile Set-Cookie", reply(PAGE, b"Set-Cookie: " + b"a=b;" * 3000, b"Set-Cookie: \x01;;=;="), 200, body=PAGE),
    # Bodies that are not what they say
    Fault("no type, but HTML", OK + b"Content-Length: 28\r\n\r\n" + PAGE, 200, body=PAGE),
    Fault("no type, and an image", OK + b"Content-Length: 1500\r\n\r\n" + b"\x89PNG" * 375, 200, body=b""),
    Fault("an image", reply(b"\x89PNG").replace(b"text/html", b"image/png"), 200, body=b""),
    Fault("bad Content-Type", reply(PAGE).replace(b"text/html", b";;;=text"), 200, body=PAGE),
    # Encodings
    Fault("labelled gzip, but plain", packed(b"gzip", PAGE), "bad-encoding", "labelled gzip"),
    Fault("labelled br, but plain", packed(b"br", PAGE * 5), "bad-encoding", "labelled br"),
    Fault("labelled zstd, but plain", packed(b"zstd", PAGE), "bad-encoding", "labelled zstd"),
    Fault("labelled gzip, and empty", packed(b"gzip", b""), 200, body=b""),
    Fault("an encoding that is none", packed(b"utf-8", PAGE), 200, body=PAGE),
    Fault("an encoding we did not offer", packed(b"compress", PAGE), "bad-encoding", "'compress'"),
    Fault("packed ten times over", packed(b"gzip," * 9 + b"gzip", PAGE), "bad-encoding", "10 times"),
    Fault("gzip cut short", packed(b"gzip", gzip.compress(PAGE * 99, mtime=0)[:-20]), "bad-encoding", "stops in the middle"),
    Fault("gzip with a wrong checksum", packed(b"gzip", gzip.compress(PAGE, mtime=0)[:-8] + bytes(8)), "bad-encoding", "cannot be unpacked"),
    Fault("gzip with garbage after it", packed(b"gzip", gzip.compress(PAGE, mtime=0) + b"garbage"), 200, body=PAGE),
    Fault("raw deflate", packed(b"deflate", zlib.compress(PAGE)[2:-4]), 200, body=PAGE),
    Fault("gzip inside brotli", packed(b"gzip, br", brotli.compress(gzip.compress(PAGE, mtime=0))), 200, body=PAGE),
    Fault("bomb in gzip", bomb("gzip"), "too-large", "200,000"),
    Fault("bomb in deflate", bomb("deflate"), "too-large", "200,000"),
    Fault("bomb in brotli", bomb("br"), "too-large", "200,000"),
    Fault("bomb in zstd", bomb("zstd"), "too-large", "200,000"),
    Fault("bomb in a bomb", packed(b"br, gzip", gzip.compress(brotli.compress(bytes(3_000_000), quality=5))), "too-large", "200,000"),
    Fault("100,000 empty gzip members", packed(b"gzip", gzip.compress(b"", mtime=0) * 9_000), "bad-encoding", "streams"),
    # Redirects are replies
    Fault("redirect", reply(b"moved", b"Location: /b", status=b"301 Moved"), 301, body=b""),
    Fault("redirect without Location", reply(b"moved", status=b"302 Found"), 302, body=b""),
    Fault("redirect with an endless body", endless(b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n", b"x" * 9999), 302, body=b""),
    Fault("redirect to nonsense", reply(b"", b"Location: http://[:::/\xff", status=b"302 Found"), 302, body=b""),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_each_fault_gives_its_reply(fault: Fault, serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """Whatever a server sends, there is one reply: a status, or a failure of the one kind that fits, with a sentence."""
    web = await serve(fault.answer)
    got = await ask(web.url("/"), **PATIENCE)
    if isinstance(fault.gives, int):
        assert (got.status, got.failure) == (fault.gives, None)
    else:
        assert fault.gives in FAILURE_KINDS
        assert got.failure is not None
        assert (got.failure.kind, fault.words in got.failure.detail) == (fault.gives, True), got.failure
        assert got.failure.detail.isprintable()
        assert got.body == b""
    if fault.body is not None:
        assert got.body == fault.body
    assert got.total_s < 2.0
    assert len(web.asked) == 1, "nothing is asked twice"


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("expired", "has expired"),
        ("early", "is not valid yet"),
        ("selfsigned", "is self-signed"),
        ("other", "is for another"),
    ],
)
async def test_each_wrong_certificate_is_named(
    certificate: str, words: str, serve: Callable[..., Any], ask: Callable[..., Any], tls: Callable[[str], ssl.SSLContext]
) -> None:
    """A certificate that cannot be trusted is a failure that says what is wrong with it, and will not pass by waiting."""
    web = await serve(reply(PAGE), tls=tls(certificate))
    got = await ask(web.url("/"), **PATIENCE)
    assert got.failure is not None
    assert (got.failure.kind, got.failure.may_pass, words in got.failure.detail) == ("tls", False, True), got.failure
    assert web.asked == []
    assert (await ask(web.url("/"), insecure=True)).body == PAGE


async def test_a_good_certificate_is_accepted(
    serve: Callable[..., Any], ask: Callable[..., Any], tls: Callable[[str], ssl.SSLContext]
) -> None:
    """The fixture's authority is trusted, so that the faults above are about what they say."""
    got = await ask((await serve(reply(PAGE), tls=tls("good"))).url("/"))
    assert (got.failure, got.body) == (None, PAGE)


async def test_plain_http_on_a_tls_port_is_named(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """https:// to a server that speaks plain HTTP says so."""

    async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(no_tls, "127.0.0.1", 0)
    got = await ask(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", **PATIENCE | {"connect_timeout": 10.0})
    server.close()
    assert got.failure is not None
    assert (got.failure.kind, "does not speak TLS" in got.failure.detail) == ("tls", True), got.failure


async def test_http_to_a_tls_port_is_a_bad_reply_or_a_reset(
    serve: Callable[..., Any], ask: Callable[..., Any], tls: Callable[[str], ssl.SSLContext]
) -> None:
    """http:// to a server that speaks TLS is a failure, not an exception."""
    web = await serve(reply(PAGE), tls=tls("good"))
    got = await ask(web.url("/").replace("https", "http"), **PATIENCE)
    assert got.failure is not None
    assert got.failure.kind in {"reset", "bad-reply"}


async def test_a_closed_port_is_refused(ask: Callable[..., Any], unused_tcp_port: int) -> None:
    """Nobody listening is `refused`, which may pass."""
    got = await ask(f"http://127.0.0.1:{unused_tcp_port}/")
    assert got.failure is not None
    assert (got.failure.kind, got.failure.may_pass, got.status) == ("refused", True, None)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".example", "a..b"])
async def test_a_name_that_does_not_exist(host: str, ask: Callable[..., Any]) -> None:
    """A host that the DNS does not know, or cannot know, is `dns` with the name in the sentence."""
    got = await ask(f"http://{host}/", connect_timeout=5)
    assert got.failure is not None
    assert (got.failure.kind, host in got.failure.detail) == ("dns", True), got.failure


async def test_a_look_up_that_fails_just_now_may_pass(monkeypatch: pytest.MonkeyPatch, ask: Callable[..., Any]) -> None:
    """A DNS that does not answer is told from a name that does not exist: asking again may help."""

    def no_answer(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", no_answer)
    got = await ask("http://example.org/")
    assert got.failure is not None
    assert (got.failure.kind, got.failure.may_pass, "just now" in got.failure.detail) == ("dns", True, True)


async def test_a_dead_name_does_not_hold_up_others(monkeypatch: pytest.MonkeyPatch, fetcher: Callable[..., Any]) -> None:
    """Names whose look-up hangs do not keep another host's from being looked up; leaving does not wait for them."""
    hang = threading.Event()

    def look_up(host: str, *_: object, **__: object) -> None:
        if host.startswith("dead"):
            hang.wait(5)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    http = await fetcher(connect_timeout=0.2)
    dead = [asyncio.ensure_future(http.get(Target(n, f"http://dead{n}.example/", f"http://dead{n}.example"))) for n in range(7)]
    await asyncio.sleep(0)
    alive = await http.get(Target(9, "http://alive.example/", "http://alive.example"))
    assert alive.failure.kind == "dns"
    assert alive.total_s < 0.2
    failures = [reply.failure for reply in await asyncio.gather(*dead)]
    hang.set()
    assert {(failure.kind, "no address in the DNS" in failure.detail) for failure in failures if failure} == {("connect-timeout", True)}


async def test_no_connection_in_time(monkeypatch: pytest.MonkeyPatch, ask: Callable[..., Any]) -> None:
    """A host that does not answer at all is `connect-timeout`, which may pass."""

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", never)
    got = await ask("http://127.0.0.1:9/", connect_timeout=0.05)
    assert got.failure is not None
    assert (got.failure.kind, got.failure.may_pass, "0.05 s" in got.failure.detail) == ("connect-timeout", True, True)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/hostname", "http:///", "http://2130706433/", "about:blank"])
async def test_a_url_that_cannot_be_asked(url: str, ask: Callable[..., Any]) -> None:
    """What is no web address is `bad-url`: it neither raises nor reads a file."""
    got = await ask(url)
    assert got.failure is not None
    assert got.failure.kind == "bad-url", got.failure


async def test_cancelling_passes_through(serve: Callable[..., Any], ask: Callable[..., Any]) -> None:
    """A cancelled request ends as cancelled, not as a failure of the web."""
    arrived = asyncio.Event()

    async def swallow(writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await asyncio.Event().wait()

    web = await serve(swallow)
    task = asyncio.ensure_future(ask(web.url("/")))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_the_table_is_long_enough() -> None:
    """The table holds the faults we promise, each once."""
    assert len(FAULTS) >= 60
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
