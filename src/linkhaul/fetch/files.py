"""HTML files on disk, asked for as if they were on the web; for a check Markdown files too, which are read as the HTML they stand for.

A root maps the URLs that begin with a prefix to a folder: `https://example.org/docs/` to `site/docs`, or the folder's own
`file:///` URL to itself. Nothing outside the folder is ever read, whatever a URL or a symbolic link says.
"""

from __future__ import annotations

import asyncio
import mimetypes
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from stat import S_ISDIR, S_ISLNK
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from linkhaul.decide.media import is_page
from linkhaul.fetch.decode import too_large
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Failure, Reply, Target, Timings

_HTML = {".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml", ".xht": "application/xhtml+xml"}
_MARKDOWN = {".md": "text/markdown", ".markdown": "text/markdown"}
_INDEX = ("index.html", "index.htm", "index.xhtml")
_DOCUMENTS = (*_INDEX, "README.md", "readme.md", "index.md")
_NOT_DOCUMENTS = frozenset({"node_modules"})
"""A folder of that name holds the documents of others; so does one that is hidden."""

_PAGES_ONLY = frozenset({"page", "glance", "whole"})
_NOT_PLAIN = frozenset({"", ".", ".."})


class _Found(NamedTuple):
    """What stands at a path, every link in it resolved."""

    path: str
    is_folder: bool
    size: int


class FileFetcher:
    """Reads pages from disk.

    Args:
        roots: pairs (the URL prefix, ending with a slash; the folder). Where two prefixes fit, the longer one counts.
        max_body: most bytes of a page.
        clock: wall clock, seconds since 1970.
        is_check: Markdown files are pages too, and a folder may have one for its index.
    """

    def __init__(
        self,
        roots: Sequence[tuple[str, Path]],
        *,
        max_body: int = 10_000_000,
        clock: Callable[[], float] = time.time,
        is_check: bool = False,
    ) -> None:
        self._roots = sorted(((prefix, os.path.realpath(root)) for prefix, root in roots), key=lambda pair: -len(pair[0]))
        self._prefixes = tuple(prefix for prefix, _ in self._roots)
        self._max_body = max_body
        self._clock = clock
        self._index = _DOCUMENTS if is_check else _INDEX
        self._is_check = is_check

    def covers(self, url: str) -> bool:
        """Return whether a URL lies under one of the roots."""
        return url.startswith(self._prefixes)

    async def get(self, target: Target, accept: Accept = "page") -> Reply:
        """Return the file's content; a folder is its index page, and a folder without a slash redirects to itself with one.

        Not in a check of a folder that is nowhere on the web: who links to `guide` there means the folder.

        The file is read at once, without a thread: from a disk's cache that is faster than waking one. Before, the loop gets its turn:
        nothing here ever waits, and signals, timers and pages that come back from their readers would.
        """
        await asyncio.sleep(0)
        reply = Reply(target.url, started_at=self._clock())
        began_at = time.perf_counter()
        address = target.url.partition("#")[0].partition("?")[0]
        try:
            self._fill(reply, address, accept)
        except OSError as error:
            reply.failure = Failure("file", f"{address}: the file cannot be read: {error.strerror or error}")
        reply.total_s = time.perf_counter() - began_at
        reply.timings = Timings(read_s=reply.total_s)
        return reply

    def _fill(self, reply: Reply, address: str, accept: Accept) -> None:
        found = self._found(address)
        if isinstance(found, Failure):
            reply.failure = found
            return
        if found.is_folder:
            if not address.endswith("/") and not (self._is_check and address.startswith("file:")):
                reply.status, reply.headers = 301, (("location", f"{address}/"),)
                return
            index = next((name for name in self._index if os.path.isfile(os.path.join(found.path, name))), None)  # noqa: PTH113, PTH118
            if index is None:
                reply.failure = Failure("file", f"{found.path} is a folder without an index page")
                return
            found = self._found(f"{address.rstrip('/')}/{index}")  # it may be a link, too
            if isinstance(found, Failure):
                reply.failure = found
                return
        path, _, size = found
        media = media_of(path)
        reply.status, reply.wire_bytes = 200, size
        reply.headers = (("content-type", media), ("content-length", str(size)))
        is_markdown = self._is_check and media == "text/markdown"
        if accept in _PAGES_ONLY and not is_page(200, media) and not is_markdown:
            return
        if size > self._max_body:
            reply.failure = too_large(self._max_body, size)
            return
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 -- as `Path.read_bytes`, at two thirds of its price
            reply.body = file.read()
        if is_markdown:
            from linkhaul.read.markdown import to_html

            reply.body = to_html(reply.body.decode("utf-8", "replace")).encode()
            reply.headers = (("content-type", "text/html; charset=utf-8"), ("content-length", str(size)))

    def _found(self, address: str) -> _Found | Failure:
        """Return the file or folder that a URL means, or why there is none."""
        prefix, root = next((pair for pair in self._roots if address.startswith(pair[0])), ("", ""))
        if not root:
            return Failure("file", f"{address} lies outside the folders that were named")
        name = os.fsdecode(unquote_to_bytes(address[len(prefix) :]))
        if "\0" in name:
            return Failure("file", f"{address} is not the name of a file")
        found = _without_links(root, name)
        if found is not None:
            return found
        path = os.path.realpath(os.path.join(root, name))  # noqa: PTH118
        if path != root and not path.startswith(root.rstrip(os.sep) + os.sep):
            return Failure("file", f"{address} leads out of the folder {root}; nothing outside it is read")
        try:
            return _looked_at(path)
        except OSError:
            return Failure("file", f"there is no file {path}")


def _looked_at(path: str) -> _Found:
    found = os.stat(path)  # noqa: PTH116 -- plain text is faster than a Path
    return _Found(path, S_ISDIR(found.st_mode), found.st_size)


def _without_links(root: str, name: str) -> _Found | None:
    """Return what stands at a plain name below a folder whose own path holds no link; None where a link is on the way, or nothing is there.

    `os.path.realpath` looks at each folder from the top of the disk on, and takes a third of the time that a small page takes to parse.
    """
    if os.sep != "/":
        return None
    path, found = root.rstrip("/"), None
    for part in name.split("/"):
        if part in _NOT_PLAIN:
            return None
        path = f"{path}/{part}"
        try:
            found = os.lstat(path)
        except OSError:
            return None
        if S_ISLNK(found.st_mode):
            return None
    return None if found is None else _Found(path, S_ISDIR(found.st_mode), found.st_size)


def find_html(folder: Path, *, documents: bool = False) -> Iterator[Path]:
    """Yield the HTML files of a folder and its folders, sorted by name in each; holds one folder's names at a time.

    Links to folders are not followed, so that no file comes twice.

    Args:
        documents: Markdown files too, but for those in hidden folders and in what others wrote.
    """
    suffixes = _HTML | _MARKDOWN if documents else _HTML
    with os.scandir(folder) as entries:
        names = sorted(entries, key=lambda entry: entry.name)
    for entry in names:
        if entry.is_dir(follow_symlinks=False):
            if not documents or not (entry.name.startswith(".") or entry.name in _NOT_DOCUMENTS):
                yield from find_html(Path(entry.path), documents=documents)
        elif os.path.splitext(entry.name)[1].lower() in suffixes and entry.is_file():  # noqa: PTH122
            yield Path(entry.path)


def is_document(folders: Sequence[tuple[str, Path]]) -> Callable[[str], bool]:
    """Return the test whether a URL is one of the files that `find_html` finds in some folders, documents included.

    Args:
        folders: pairs (the URL prefix, ending with a slash; the folder).
    """

    def test(url: str) -> bool:
        prefix, folder = next((pair for pair in folders if url.startswith(pair[0])), ("", Path()))
        if not prefix or os.path.splitext(url)[1].lower() not in _HTML | _MARKDOWN:  # noqa: PTH122
            return False
        name = os.fsdecode(unquote_to_bytes(url[len(prefix) :]))
        path = os.path.join(folder, name.replace("/", os.sep))  # noqa: PTH118
        is_hidden = any(part.startswith(".") or part in _NOT_DOCUMENTS for part in name.split("/")[:-1])
        return not is_hidden and "\0" not in name and os.path.realpath(path) == path and os.path.isfile(path)  # noqa: PTH113

    return test


def media_of(path: str) -> str:
    """Return the media type that a file's name says."""
    suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122
    return _HTML.get(suffix) or _MARKDOWN.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
