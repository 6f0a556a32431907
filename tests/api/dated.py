"""A small site whose pages have an ETag or a date, and that answers 304 to who has them already."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DATE = "Wed, 21 Oct 2015 07:28:00 GMT"


class Dated:
    """The server.

    Attributes:
        pages: HTML by path; what is not there answers 404, and a path that begins with > redirects to the rest.
        undated: paths that are served without ETag and date.
        by_date: paths that have a date and no ETag.
        told: (path, status) of every request, in order.
        die_after: requests after which nothing is answered any more.
    """

    def __init__(self, pages: Mapping[str, str]) -> None:
        self.pages = dict(pages)
        self.undated: set[str] = set()
        self.by_date: set[str] = set()
        self.told: list[tuple[str, int]] = []
        site = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def statuses(self) -> dict[str, int]:
        """Return the status of each path that was asked for, but robots.txt, and forget them."""
        found, self.told = {path: status for path, status in self.told if path != "/robots.txt"}, []
        return found

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path
        body = self.pages.get(path)
        headers = {"Content-Type": "text/html; charset=utf-8"}
        status = 404 if body is None else 301 if body.startswith(">") else 200
        if status == 301:
            headers["Location"] = (body or "")[1:]
        if status == 200 and path not in self.undated:
            tag = f'"{hashlib.sha256((body or "").encode()).hexdigest()[:8]}"'
            name, value, asked = ("Last-Modified", DATE, "If-Modified-Since") if path in self.by_date else ("ETag", tag, "If-None-Match")
            headers[name] = value
            if request.headers.get(asked) == value:
                status = 304
        sent = b"" if status in (301, 304) else (body or "not here").encode()
        self.told.append((path, status))
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if status != 304:
            request.send_header("Content-Length", str(len(sent)))
        request.end_headers()
        request.wfile.write(sent)


@contextmanager
def dated(pages: Mapping[str, str]) -> Iterator[Dated]:
    """Serve pages until the block is left."""
    site = Dated(pages)
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()
