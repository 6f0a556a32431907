"""Files on disk as pages, and never anything outside the folders that were named."""

from __future__ import annotations

import ntpath
import os
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest

from linkhaul.fetch.files import FileFetcher, find_html, is_document
from linkhaul.fetch.router import Router
from linkhaul.model.fetcher import Accept
from linkhaul.model.records import Reply, Target

PREFIX = "https://example.org/docs/"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    for name in ("index.html", "a b.html", "sub/index.htm", "sub/ü.xhtml", "sub/picture.png", "empty/readme.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    (tmp_path / "secret.html").write_text("secret")
    return root


async def got(root: Path, path: str, accept: Accept = "page", max_body: int = 1000) -> Reply:
    return await FileFetcher([(PREFIX, root)], max_body=max_body).get(Target(1, PREFIX + path, "https://example.org"), accept)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("index.html", "index.html"),
        ("", "index.html"),
        ("a%20b.html", "a b.html"),
        ("a%20b.html?x=1", "a b.html"),
        ("sub/", "sub/index.htm"),
        ("sub/%C3%BC.xhtml", "sub/ü.xhtml"),
        ("sub/../index.html", "index.html"),
    ],
)
async def test_a_url_is_a_file(path: str, body: str, site: Path) -> None:
    """A URL under the prefix is the file of that name, decoded and without its query; a folder is its index page."""
    reply = await got(site, path)
    assert (reply.status, reply.failure, reply.body) == (200, None, body.encode())
    assert (reply.header("content-type") or "").endswith(("html", "xhtml+xml"))
    assert reply.wire_bytes == len(reply.body)


async def test_a_folder_without_a_slash_redirects(site: Path) -> None:
    """Relative links need the slash, so a folder redirects as a server would."""
    reply = await got(site, "sub")
    assert (reply.status, reply.header("location")) == (301, f"{PREFIX}sub/")


async def test_what_is_not_html_is_not_read(site: Path) -> None:
    """An image is recorded with its size and type; asked for as `any` it is read."""
    reply = await got(site, "sub/picture.png")
    assert (reply.status, reply.body, reply.wire_bytes, reply.header("content-type")) == (200, b"", 15, "image/png")
    assert (await got(site, "sub/picture.png", "any")).body == b"sub/picture.png"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing.html", "there is no file"),
        ("empty/", "without an index page"),
        ("../secret.html", "leads out of"),
        ("%2e%2e/secret.html", "leads out of"),
        ("..%2Fsecret.html", "leads out of"),
        ("sub/%2e%2e/%2e%2e/secret.html", "leads out of"),
        ("/etc/hostname", "leads out of"),
        ("%2Fetc%2Fhostname", "leads out of"),
        ("a%00.html", "not the name of a file"),
        ("index.html/x", "no file"),
        ("x" * 5000, "no file"),
    ],
)
async def test_what_cannot_be_read_is_a_failure(path: str, words: str, site: Path) -> None:
    """A missing file, and every way out of the folder, is a failure that says so."""
    reply = await got(site, path)
    assert reply.failure is not None
    assert (reply.failure.kind, reply.status, reply.body) == ("file", None, b"")
    assert words in reply.failure.detail, reply.failure


@pytest.mark.skipif(os.name != "posix", reason="symbolic links need rights on Windows")
async def test_a_link_out_of_the_folder_is_refused(site: Path) -> None:
    """A symbolic link inside the folder is followed; one that leads out is not."""
    (site / "in.html").symlink_to(site / "index.html")
    (site / "out.html").symlink_to(site.parent / "secret.html")
    assert (await got(site, "in.html")).body == b"index.html"
    reply = await got(site, "out.html")
    assert reply.failure is not None
    assert "leads out of" in reply.failure.detail


@pytest.mark.skipif(os.name != "posix", reason="symbolic links need rights on Windows")
async def test_no_link_on_the_way_leads_out(site: Path) -> None:
    """A folder that is a link, and a folder's index page that is one, are followed within the folder and not out of it."""
    (site / "near").symlink_to(site / "sub")
    (site / "far").symlink_to(site.parent)
    (site / "empty" / "index.html").symlink_to(site.parent / "secret.html")
    assert (await got(site, "near/index.htm")).body == b"sub/index.htm"
    for path in ("far/secret.html", "far/site/../secret.html", "empty/", "empty/index.html"):
        reply = await got(site, path)
        assert (reply.status, reply.body) == (None, b""), path
        assert reply.failure is not None
        assert "leads out of" in reply.failure.detail, path


async def test_a_file_that_is_too_large(site: Path) -> None:
    """The cap on bodies counts on disk too."""
    reply = await got(site, "index.html", max_body=3)
    assert reply.failure is not None
    assert reply.failure.kind == "too-large"


def test_html_files_come_in_order(site: Path) -> None:
    """A folder's HTML files come sorted, those of its folders in their place; nothing else comes."""
    assert [path.relative_to(site).as_posix() for path in find_html(site)] == ["a b.html", "index.html", "sub/index.htm", "sub/ü.xhtml"]


async def test_the_router_chooses(site: Path) -> None:
    """URLs under a root are files, the longest prefix first; every other URL, other files included, goes to the web."""

    class Recorded:
        async def get(self, target: Target, accept: Accept = "page") -> Reply:
            return Reply(target.url, 418)

    router = Router(FileFetcher([(PREFIX, site), (PREFIX + "deep/", site / "sub")]), Recorded())

    async def asked(url: str) -> Reply:
        return await router.get(Target(1, url, ""))

    assert (await asked(PREFIX)).body == b"index.html"
    assert (await asked(PREFIX + "deep/")).body == b"sub/index.htm"
    assert (await asked("https://example.org/")).status == 418
    assert (await asked(f"file://{site}/index.html")).status == 418


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    root = tmp_path / "documents"
    for name, text in {
        "README.md": "# Hello\n[a](guide/a.md)", "guide/a.md": "# A", "guide/index.html": "<p>index", "notes/README.md": "# Notes", "bare/x.txt": "x",
        ".git/b.md": "b", "node_modules/c/d.md": "d",
    }.items():  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


async def checked(root: Path, path: str, accept: Accept = "glance") -> Reply:
    prefix = root.as_uri() + "/"
    return await FileFetcher([(prefix, root)], is_check=True).get(Target(1, prefix + path, "file://"), accept)


@pytest.mark.parametrize("accept", ["glance", "whole"])
async def test_a_check_reads_markdown_as_the_page_it_stands_for(documents: Path, accept: Accept) -> None:
    """Its body is HTML with the ids of its headings, and its type says so."""
    reply = await checked(documents, "README.md", accept)
    assert (reply.status, reply.header("content-type")) == (200, "text/html; charset=utf-8")
    assert reply.body.decode() == '<h1 id="hello">Hello</h1>\n<p><a href="guide/a.md">a</a></p>\n'


async def test_markdown_is_no_page_otherwise(documents: Path) -> None:
    """Who reads the links of HTML files does not get those of documents."""
    reply = await got(documents, "README.md")
    assert (reply.header("content-type"), reply.body) == ("text/markdown", b"")


@pytest.mark.parametrize(("path", "text"), [("guide/", "index"), ("guide", "index"), ("notes/", "Notes"), ("", "Hello")])
async def test_a_folder_in_a_check_is_its_index_or_its_readme(documents: Path, path: str, text: str) -> None:
    """With or without the slash, and an index page goes before a README."""
    assert text in (await checked(documents, path)).body.decode()


async def test_a_folder_without_an_index_is_told(documents: Path) -> None:
    """It is no page, and says what it is."""
    failure = (await checked(documents, "bare/")).failure
    assert failure is not None
    assert "a folder without an index page" in failure.detail


def test_documents_of_a_folder(documents: Path) -> None:
    """Markdown is found too when asked for, but for what is hidden and what others wrote; `is_document` tells the same of URLs."""
    found = {path.relative_to(documents).as_posix() for path in find_html(documents, documents=True)}
    assert found == {"README.md", "guide/a.md", "guide/index.html", "notes/README.md"}
    prefix = documents.as_uri() + "/"
    test = is_document([(prefix, documents)])
    every = {path.relative_to(documents).as_posix() for path in documents.rglob("*")} | {"gone.md", "guide/", "%00.md"}
    assert {name for name in every if test(prefix + name)} == found
    assert not test("https://example.org/README.md")


def test_documents_of_folders_within_are_known_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """There a path has backslashes, and what the system resolves is compared with that."""
    inside = SimpleNamespace(join=ntpath.join, splitext=ntpath.splitext, realpath=ntpath.normpath, isfile=lambda _: True)
    monkeypatch.setattr("linkhaul.fetch.files.os", SimpleNamespace(path=inside, sep=ntpath.sep, fsdecode=os.fsdecode))
    test = is_document([("file:///C:/docs/", PureWindowsPath("C:\\docs"))])  # type: ignore[list-item]
    assert test("file:///C:/docs/guide/a%20b.md")
    assert not test("file:///C:/docs/guide//a%20b.md")
    assert not test("file:///C:/other/a.md")
