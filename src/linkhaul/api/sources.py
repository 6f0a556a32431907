"""What a person names as sources, as a stream of seeds: URLs, lists of URLs, HTML files and folders."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from linkhaul.errors import SourceError
from linkhaul.fetch.files import find_html
from linkhaul.model.url import from_typed, host_of, parse
from linkhaul.motion.seeds import Seed
from linkhaul.read.lists import form_of, urls_in

HTML_SUFFIXES = (".html", ".htm", ".xhtml")
DOCUMENT_SUFFIXES = (*HTML_SUFFIXES, ".md", ".markdown")
# What is typed like this is meant as a path, although a host could have such a name: ./page, ~/page, C:\page, page.html, urls.txt.
_PATH_LIKE = re.compile(r"(?:\.{0,2}[/\\](?!/)|~[/\\]|[A-Za-z]:[/\\]).*|[^/]+\.x?html?", re.IGNORECASE | re.DOTALL)
_LIST_LIKE = re.compile(r"[^/]+\.(?:txt|csv|tsv|jsonl|ndjson|parquet)(?:\.gz|\.zst)?", re.IGNORECASE)
_MARKDOWN_LIKE = re.compile(r"[^/]+\.(?:md|markdown)", re.IGNORECASE)
_HOST_LIKE = re.compile(r"\.[a-z][a-z0-9-]+(?::\d+)?$|^[^:]+:\d+$", re.IGNORECASE)
"""A first part of a path that is rather a host's name: many keep what they write of a site in a folder of that name."""
_PLAIN_NAME = re.compile(r"[\w-]+(?:[./][\w-]+)*", re.ASCII)
OnUserinfo = Callable[[str, str], None]


class UrlList(Struct, frozen=True):
    """A file that names a URL a line, or in a column.

    Attributes:
        path: the file; "-" is standard input. CSV, TSV, JSON Lines and Parquet are told by the suffix.
        column: the column that holds the URLs, where there are columns.
    """

    path: str
    column: str = "url"


_SITEMAP = re.compile(r"/sitemap[^/?]*\.(?:xml|txt)(?:\.gz)?(?:\?|$)", re.IGNORECASE)

Source = str | os.PathLike[str] | UrlList


class Sources(Struct, frozen=True):
    """The sources of a run.

    Attributes:
        names: what tells one set of sources from another: the identity of the run; empty when it cannot be told.
        hosts: the hosts of the URLs that were named one by one.
        roots: pairs (URL prefix, folder) under which files on disk are found.
        described: what `from_description` needs to name the same sources again: ("url", URL), ("list", path, column) or
            ("files", path, base URL or nothing); empty when it cannot be told.
        sitemaps: sources that are sitemaps by their name: what they name is read, not they themselves.
        folders: pairs (URL prefix, folder) of the folders whose documents are all sources of a check.
        open: begins the stream; it calls back with (host, "user:password") for each URL that carries one.
    """

    names: tuple[str, ...]
    hosts: tuple[str, ...]
    roots: tuple[tuple[str, Path], ...]
    open: Callable[[OnUserinfo], Iterator[Seed]]
    described: tuple[tuple[str, ...], ...] = ()
    sitemaps: tuple[str, ...] = ()
    folders: tuple[tuple[str, Path], ...] = ()


def gather(
    given: Source | Iterable[Source],
    base_url: str | None = None,
    *,
    may_be_on_disk: bool = True,
    documents: bool = False,
    root_dir: str | None = None,
) -> Sources:
    """Return the sources as a stream.

    Args:
        given: one source, or any iterable of them. A list is checked here, at the call; another iterable is read as the
            run goes on, and what is no URL in it becomes a fault of the run.
        base_url: where the HTML files on disk live on the web.
        may_be_on_disk: HTML files and folders are sources; a crawl, which follows links, has no use for them.
        documents: Markdown files are sources too, and a file's links may lead to all of the working directory that it lies in.
        root_dir: the folder that files on disk may lead to, and where a path that begins with a slash begins.

    Raises:
        SourceError: a source that cannot be meant, or none at all.
    """
    one = isinstance(given, (str, os.PathLike, UrlList))
    if isinstance(given, Iterable) and not one and not isinstance(given, (list, tuple, set, frozenset, bytes)):
        return Sources((), (), (), lambda on_userinfo: _from_iterable(given, on_userinfo))
    listed = _listed(given)
    parts: list[Callable[[OnUserinfo], Iterator[Seed]]] = []
    names, hosts, roots, sitemaps, folders = [], [], [], [], []
    described: list[tuple[str, ...]] = []
    for source in listed:
        if isinstance(source, UrlList):
            names.append(f"from {_place(source.path)} {source.column}")
            parts.append(_list_reader(source))
            described.append(("list", _place(source.path), source.column))
        elif (path := _html_path(source, is_alone=one or len(listed) <= 1_000, documents=documents)) is not None:
            if not may_be_on_disk:
                raise SourceError(_on_disk(os.fspath(source)))
            root = _root(path, documents=documents and base_url is None, root_dir=root_dir)
            prefix = _prefix(base_url, root)
            names.append(f"files {path} {prefix}")
            roots.append((prefix, root))
            if documents and path.is_dir():
                folders.append((prefix if path == root else f"{prefix}{_quoted(path.relative_to(root))}/", path))
            parts.append(_file_reader(path, root, prefix, documents=documents))
            described.append(("files", str(path), base_url or "", *(("documents", root_dir or "") if documents else ())))
        else:
            url, userinfo = from_typed(os.fspath(source))
            names.append(url)
            hosts.append(host_of(url))
            if _SITEMAP.search(url):
                sitemaps.append(url)
            else:
                parts.append(_one(url, userinfo))
            described.append(("url", url))
    if base_url is not None and len({root for _, root in roots}) != 1:
        raise SourceError("--base-url says where one folder of HTML files lives on the web: name exactly one folder with it")
    return Sources(
        tuple(names), tuple(hosts), tuple(dict.fromkeys(roots)), lambda tell: (seed for part in parts for seed in part(tell)), tuple(described),
        tuple(sitemaps), tuple(folders),
    )  # fmt: skip


def from_description(described: Iterable[Sequence[str]]) -> tuple[Sources, list[str]]:
    """Return the sources of an earlier run, and those that cannot be had again: standard input, a file that has gone.

    Raises:
        SourceError: what is there now cannot be meant.
    """
    sources: list[Source] = []
    gone: list[str] = []
    base_url = root_dir = None
    documents = False
    for kind, *words in described:
        if kind == "url":
            sources.append(words[0])
        elif words[0] == "-" or not Path(words[0]).exists():
            gone.append("standard input" if words[0] == "-" else words[0])
        elif kind == "list":
            sources.append(UrlList(*words))
        else:
            sources.append(Path(words[0]))
            base_url = words[1] or None
            documents = len(words) > 2
            root_dir = words[3] or None if documents else None
    return (gather(sources, base_url, documents=documents, root_dir=root_dir) if sources else Sources((), (), (), lambda _: iter(()))), gone


def read_ahead(sources: Sources) -> tuple[Sources, list[str]]:
    """Return the same sources read to their end, and their URLs: a crawl's scope depends on all of them. They are held in memory."""
    told: list[tuple[str, str]] = []
    seeds = list(sources.open(lambda host, userinfo: told.append((host, userinfo))))

    def again(on_userinfo: OnUserinfo) -> Iterator[Seed]:
        for host, userinfo in told:
            on_userinfo(host, userinfo)
        return iter(seeds)

    return replace(sources, open=again), [seed.url for seed in seeds if seed.url is not None]


def _one(url: str, userinfo: str | None) -> Callable[[OnUserinfo], Iterator[Seed]]:
    def read(on_userinfo: OnUserinfo) -> Iterator[Seed]:
        if userinfo is not None:
            on_userinfo(host_of(url), userinfo)
        yield Seed(url)

    return read


def _from_iterable(given: Iterable[object], on_userinfo: OnUserinfo) -> Iterator[Seed]:
    for number, item in enumerate(given, 1):
        if item is None or isinstance(item, (bytes, int, float)):  # an empty cell of a table, mostly
            yield Seed(None, f"source {number}: {_no_source(item)}")
            continue
        yield _seed(str(item), f"source {number}", on_userinfo)


def _seed(text: str, where: str, on_userinfo: OnUserinfo) -> Seed:
    try:
        url, userinfo = from_typed(text)
    except SourceError as error:
        return Seed(None, f"{where}: {error}")
    if userinfo is not None:
        on_userinfo(host_of(url), userinfo)
    return Seed(url)


def _list_reader(source: UrlList) -> Callable[[OnUserinfo], Iterator[Seed]]:
    path = Path(source.path)
    if source.path != "-" and (path.is_dir() or not path.exists()):
        raise SourceError(_no_list(source.path, path))

    form = "lines" if source.path == "-" else form_of(source.path)
    if form != "lines" and path.is_file():  # a column that is not there is told now, before anything is made
        with _opened(source.path) as stream:
            next(iter(urls_in(stream, form, source.column, source.path)), None)

    def read(on_userinfo: OnUserinfo) -> Iterator[Seed]:
        with _opened(source.path) as stream:
            for entry in urls_in(stream, form, source.column, source.path):
                where = f"{source.path}, line {entry.line}"
                yield Seed(None, f"{where}: {entry.fault}") if entry.fault else _seed(entry.text, where, on_userinfo)

    return read


def _opened(path: str) -> BinaryIO:
    if path == "-":
        return io.open(sys.stdin.fileno(), "rb", closefd=False)  # noqa: UP020 - the builtin is this layer's own name
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from None


def _root(path: Path, *, documents: bool, root_dir: str | None) -> Path:
    """Return the folder that what is read of a path may lead to.

    Raises:
        SourceError: it does not hold the path.
    """
    if root_dir is not None:
        root = Path(root_dir).resolve()
        if not root.is_dir() or not path.is_relative_to(root):
            raise SourceError(f"--root-dir {root_dir}: is no folder that holds {path}")
        return root
    if path.is_dir():
        return path
    here = Path.cwd().resolve()
    return here if documents and path.is_relative_to(here) else path.parent


def _file_reader(path: Path, root: Path, prefix: str, *, documents: bool) -> Callable[[OnUserinfo], Iterator[Seed]]:
    top = len(os.path.join(root, ""))  # noqa: PTH118 -- with the separator behind it
    is_normal = parse(prefix) == prefix

    def read(_: OnUserinfo) -> Iterator[Seed]:
        for found in find_html(path, documents=documents) if path.is_dir() else [path]:
            name = os.fspath(found)[top:]
            # What is plain stands in a URL as it is; all else is quoted, and the URL is put in its normal form.
            yield Seed(prefix + name if is_normal and _PLAIN_NAME.fullmatch(name) else parse(prefix + _quoted(Path(name))))

    return read


def _quoted(relative: Path) -> str:
    from urllib.parse import quote

    return quote(relative.as_posix())


def _prefix(base_url: str | None, root: Path) -> str:
    if base_url is None:
        return root.as_uri().rstrip("/") + "/"
    url = from_typed(base_url)[0]
    return url if url.endswith("/") else url + "/"


def _html_path(source: str | os.PathLike[str], *, is_alone: bool, documents: bool) -> Path | None:
    """Return the HTML (or Markdown) file or the folder that a source names, or None when it is no path.

    Raises:
        SourceError: it is a file, but not of HTML.
    """
    text = os.fspath(source)
    is_path = not isinstance(source, str)
    if not is_path and (not text.strip() or not is_alone or "://" in text or len(text) > 4_000 or "\0" in text):
        return None
    path = Path(text)
    if path.is_dir() or (path.is_file() and path.suffix.lower() in (DOCUMENT_SUFFIXES if documents else HTML_SUFFIXES)):
        return path.resolve()
    if path.is_file():
        raise SourceError(
            f"{text}: is a file, but not of HTML{' or Markdown' if documents else ''}; a list of URLs is read with --from {text},"
            f" in Python as UrlList({text!r})"
        )
    if documents and _MARKDOWN_LIKE.fullmatch(text):
        raise SourceError(f"{text}: there is no such file; the site of that name is https://{text}/")
    if is_path or _PATH_LIKE.match(text):
        raise SourceError(f"{text}: there is no such file or folder")
    first, slash, _ = text.partition("/")
    if slash and first and not _HOST_LIKE.search(first) and Path(first).is_dir():
        raise SourceError(f"{text}: there is no such file or folder; what is on a host '{first}' is named with https:// in front")
    if _LIST_LIKE.fullmatch(text):
        raise SourceError(f"{text}: there is no such file; a list of URLs is read with --from FILE")
    return None


def _listed(given: object) -> list[Source]:
    """Return the sources that were given at once.

    Raises:
        SourceError: there are none, or one of them is of a kind that cannot be meant.
    """
    several = isinstance(given, (list, tuple, set, frozenset))
    listed: list[Any] = list(given) if several else [given]  # type: ignore[call-overload]
    for source in listed:
        if not isinstance(source, (str, os.PathLike, UrlList)):
            raise SourceError(_no_source(source))
    if not listed:
        raise SourceError("there is nothing to read: name a URL, a file with --from, or a folder of HTML files")
    return listed


def _no_source(given: object) -> str:
    return f"{repr(given)[:80]} is no source: give a URL as text, a Path, a UrlList, or an iterable of them"


def _no_list(text: str, path: Path) -> str:
    if path.is_dir():
        return f"{text}: is a folder, and --from takes a list; the HTML files of a folder are read without it: linkhaul links {text}"
    if "://" in text:
        return f"{text}: --from takes a file on this machine; a list on the web can be piped in: curl -sL {text} | linkhaul links -"
    return f"{text}: there is no such file to read URLs from"


def _on_disk(text: str) -> str:
    named = "" if "/" in text or "." not in text.strip(".") else f"; the site of that name is https://{text}/"
    return f"{text}: is on disk, and a crawl follows links on the web; 'linkhaul links {text}' reads the links of HTML files and folders{named}"


def _place(path: str) -> str:
    return path if path == "-" else str(Path(path).resolve())
