"""A web on loopback whose every byte the test decides, and certificates of every kind."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from linkhaul.config import FetchSettings
from linkhaul.fetch.credentials import Credentials
from linkhaul.fetch.http import HttpFetcher
from linkhaul.model.records import Reply, Target

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


class Web:
    """A server on a loopback port that answers each path with the bytes, or the behaviour, that stand in `pages`.

    Attributes:
        pages: what to answer by path; bytes are written as they are, a function is given the writer. A path that is not
            there gets the answer of `*`.
        asked: the head of each request, in order.
        is_closing: whether the connection is closed after each answer.
        connections: how many were made.
    """

    def __init__(self, port: int, scheme: str, pages: dict[str, Answer]) -> None:
        self.host = f"{scheme}://127.0.0.1:{port}"
        self.port = port
        self.pages = pages
        self.asked: list[str] = []
        self.is_closing = True
        self.connections = 0

    def url(self, path: str = "/") -> str:
        return self.host + path

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._answer(reader, writer)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                self.asked.append(head)
                path = head.split(" ")[1]
                answer = self.pages.get(path, self.pages.get("*", b""))
                if isinstance(answer, bytes):
                    writer.write(answer)
                else:
                    await answer(writer)
                await writer.drain()
                if self.is_closing:
                    break


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Web]]]:
    """Give what starts a server from its pages, or from one answer to all; `tls=` is a server-side context."""
    async with AsyncExitStack() as stack:

        async def start(pages: dict[str, Answer] | Answer, *, tls: ssl.SSLContext | None = None) -> Web:
            web: Web | None = None
            tasks: set[asyncio.Task[None]] = set()

            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                assert web is not None
                task = asyncio.ensure_future(web.serve(reader, writer))
                tasks.add(task)

            async def stop() -> None:
                server.close()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await asyncio.sleep(0)  # lets the transports close

            server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
            stack.push_async_callback(stop)
            web = Web(server.sockets[0].getsockname()[1], "https" if tls else "http", pages if isinstance(pages, dict) else {"*": pages})
            return web

        yield start


@pytest.fixture
async def fetcher() -> AsyncIterator[Callable[..., Awaitable[HttpFetcher]]]:
    """Give what opens a fetcher with such settings; the environment's proxies do not count."""
    async with AsyncExitStack() as stack:

        async def open_one(credentials: Credentials | None = None, **settings: object) -> HttpFetcher:
            chosen = FetchSettings(**settings)  # type: ignore[arg-type]
            opened = HttpFetcher(chosen, concurrency=8, credentials=credentials or Credentials.parse(chosen, []))
            return await stack.enter_async_context(opened)

        yield open_one


@pytest.fixture
def ask(fetcher: Callable[..., Awaitable[HttpFetcher]]) -> Callable[..., Awaitable[Reply]]:
    """Ask once with these settings, as if the user had typed the host."""

    async def once(url: str, *, typed: bool = True, accept: str = "page", **settings: object) -> Reply:
        host = "/".join(url.split("/")[:3])
        return await (await fetcher(**settings)).get(Target(1, url, host, typed=typed), accept)  # type: ignore[arg-type]

    return once


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an authority and what it signed: good, expired, other (another name); and selfsigned."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl command here, which makes the certificates")
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    (folder / "ca.cnf").write_text(_AUTHORITY)
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("01\n")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority", "-days", "30")
    openssl("req", "-x509", *key, "-keyout", "selfsigned.key", "-out", "selfsigned.pem", "-subj", "/CN=self", "-days", "30",
            "-addext", "subjectAltName=IP:127.0.0.1")  # fmt: skip
    for name, alternative, dates in (
        ("good", "IP:127.0.0.1", ("-days", "30")),
        ("expired", "IP:127.0.0.1", ("-startdate", "200101000000Z", "-enddate", "200201000000Z")),
        ("early", "IP:127.0.0.1", ("-startdate", "490101000000Z", "-enddate", "490201000000Z")),
        ("other", "DNS:other.example", ("-days", "30")),
    ):
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / "ext.cnf").write_text(f"subjectAltName={alternative}\n")
        openssl("ca", "-batch", "-config", "ca.cnf", "-in", f"{name}.csr", "-out", f"{name}.pem", "-extfile", "ext.cnf", *dates)
    return folder


_AUTHORITY = """
[ca]
default_ca = here
[here]
new_certs_dir = .
database = index.txt
serial = serial
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""


@pytest.fixture
def trusted(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the test authority the only one that this system trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))
    return certificates


@pytest.fixture
def tls(trusted: Path) -> Callable[[str], ssl.SSLContext]:
    """Return a server's context with the certificate of that name."""

    def context(name: str) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(trusted / f"{name}.pem", trusted / f"{name}.key")
        return made

    return context
