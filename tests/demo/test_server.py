"""The demo site holds what it is said to hold, and its server serves that and nothing else."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import io
import time
import urllib.error
import urllib.request
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.robotparser import RobotFileParser

import ada_url
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from linkhaul.demo import __main__ as command
from linkhaul.demo import pages, routes
from linkhaul.demo.server import serve

HOST_OF_THE_WORLD = ("schema.org", "www.w3.org", "www.sitemaps.org")  # names of vocabularies; nothing is fetched from there


class Got(NamedTuple):
    status: int
    headers: Message
    body: bytes
    url: str

    @property
    def html(self) -> str:
        body = gzip.decompress(self.body) if self.headers["Content-Encoding"] == "gzip" else self.body
        charset = {"/ja/": "shift_jis", "/blog/letter-from-lyon/": "cp1252", "/blog/old-catalogue/": "cp1252"}
        return body.decode(charset.get(urlsplit(self.url).path, "utf-8-sig"))


class _Follow(urllib.request.HTTPRedirectHandler):
    def __init__(self) -> None:
        self.seen: list[tuple[int, str]] = []

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:  # noqa: PLR0917  # as the library calls it
        self.seen.append((code, headers["Location"]))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def get(url: str, follow: _Follow | None = None) -> Got:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), follow or _Follow())
    try:
        reply = opener.open(url, timeout=10)
    except urllib.error.HTTPError as error:
        reply = error
    with reply:
        return Got(reply.status, reply.headers, reply.read(), reply.url)


def followable(html: str, url: str) -> list[str]:
    """Return what a person can follow, found by the second parser."""
    tree = LexborHTMLParser(html)
    base = tree.css_first("base[href]")
    found = []
    for node in tree.css("a, area"):
        href = node.attributes.get("href", node.attributes.get("xlink:href"))
        if "href" not in node.attributes and "xlink:href" not in node.attributes:
            continue
        try:
            found.append(ada_url.join_url(ada_url.join_url(url, base.attributes["href"] or "") if base else url, href or ""))
        except ValueError:
            continue
    for frame in tree.css("iframe[srcdoc]"):
        found += followable(frame.attributes["srcdoc"] or "", url)
    return [link for link in found if link.startswith("http")]


def test_the_list_is_the_table(expected: dict[str, Any]) -> None:
    """The demo reads some thirty-odd pages, each once, and the table knows every one."""
    assert pages() == list(dict.fromkeys(pages()))
    assert pages() == list(expected)
    assert 30 <= len(pages()) <= 40


@pytest.mark.parametrize("path", pages())
def test_each_page_is_served_as_the_table_says(site_url: str, expected: dict[str, Any], path: str) -> None:
    """Status, redirects, type and the number of links are those of the table, counted by the second parser."""
    follow = _Follow()
    got = get(site_url + path, follow)
    want = expected[path]
    assert got.status == (want.status or 200)
    assert len(follow.seen) == want.hops
    if want.outcome == "not-html":
        assert not got.headers["Content-Type"].startswith("text/html")
    elif want.outcome != "refused":
        assert got.headers["Content-Type"].startswith("text/html")
        assert len(followable(got.html, got.url)) == want.links


SORTS = {
    "/": ["a[href]", "a[title]", "link[rel=stylesheet]", "link[rel=icon]", "link[rel=canonical]", "link[rel=alternate][type]",
          "link[hreflang]", "link[imagesrcset]", "link[rel=license]", "script[src]", 'script[type="application/ld+json"]',
          "picture source[srcset]", "img[srcset]", "form[action]", "nav a", "header a", "footer a", "aside a", "main a"],
    "/guide/moss/": ["img[srcset*=',wide']", "q[cite]", "link[rel=prev]", "a[href^='../../']"],
    "/guide/ferns/": ["area[href]", "area[nohref]", "img[longdesc]", "a[rel~=noopener][target=_blank]"],
    "/guide/light/": ["a[href='']", "a[href^='?']", "a[href^='#']", "a[href^='//']", "a[href='../']", "a[href='./']", "a[href^=' ']", "a[name]:not([href])"],
    "/guide/water/": ["iframe[srcdoc]", "iframe[src]", "blockquote[cite]"],
    "/guide/spores/": ["svg a[href]", "svg use[href]", "svg image[href]", "template", "del[cite]", "ins[cite]"],
    "/guide/terrariums/": ["audio[src]", "audio source[src]", "video source[src]", "video[poster]", "track[src]", "a[download]"],
    "/guide/pests/": ["base[href]"],
    "/guide/calendar/": ["object[data]", "embed[src]", "table[background]", "a[hreflang]", "a[type]"],
    "/shop/": ["a[rel=nofollow]"],
    "/shop/maidenhair-fern/": ["style", "[style*=url]", "a img[alt]"],
    "/shop/gift-cards/": ["button[formaction]", "input[src]"],
    "/blog/a-wall-of-moss/": ["meta[name=robots][content*=nofollow]", "a[rel~=ugc]"],
    "/about/": ["a[href^='mailto:']", "a[href^='tel:']", "a[href^='javascript:']", "a[href^='data:']", "a[href^='ftp:']"],
    "/friends/": ["a[href^='https://bücher']", "a[href^='https://xn--']", "a[rel~=sponsored]"],
    "/moved/": ["meta[http-equiv=refresh]"],
}  # fmt: skip


@pytest.mark.parametrize("path", SORTS)
def test_every_sort_of_link_is_there(site_url: str, path: str) -> None:
    """Between them the pages hold each element and attribute that can hold a link."""
    tree = LexborHTMLParser(get(site_url + path).html)
    assert [selector for selector in SORTS[path] if not tree.css(selector)] == []


def test_styles_and_headers_hold_links(site_url: str) -> None:
    """Imports and images in styles, and the Link, Refresh, Content-Location and X-Robots-Tag headers."""
    fern = get(f"{site_url}/shop/maidenhair-fern/").html
    assert fern.count("@import") == 2
    assert 'rel="next"' in get(f"{site_url}/shop/").headers["Link"]
    assert get(f"{site_url}/moved/").headers["Refresh"] == "30; url=../about/"
    assert get(f"{site_url}/ja/").headers["Content-Location"] == "index.html"
    assert "nofollow" in get(f"{site_url}/blog/archive/").headers["X-Robots-Tag"]
    assert b"@import" in get(f"{site_url}/css/site.css").body


def test_the_chain_has_three_hops(site_url: str) -> None:
    """An absolute path, a relative one and a permanent one, each with its own status."""
    follow = _Follow()
    assert get(f"{site_url}/visit", follow).url == f"{site_url}/about/find-us/"
    assert follow.seen == [(301, "/visit/"), (302, "find-us"), (308, "/about/find-us/")]


def test_a_folder_without_its_slash_redirects(site_url: str) -> None:
    """As servers of files do, so that relative links resolve."""
    assert get(f"{site_url}/guide/moss").url == f"{site_url}/guide/moss/"


def test_encodings_are_as_told_and_as_hidden(site_url: str) -> None:
    """Shift_JIS by its meta, windows-1252 by a header that says ISO-8859-1, UTF-8 by a mark against its header, and none."""
    ja = get(f"{site_url}/ja/")
    assert ja.headers["Content-Type"] == "text/html"
    assert "<title>苔と羊歯</title>" in ja.body.decode("shift_jis")
    assert b"charset=Shift_JIS" in ja.body
    assert "/search/?q=苔".encode("shift_jis") in ja.body
    with pytest.raises(UnicodeDecodeError):
        ja.body.decode("utf-8")
    lyon = get(f"{site_url}/blog/letter-from-lyon/")
    assert lyon.headers["Content-Type"] == "text/html; charset=ISO-8859-1"
    assert "d’été" in lyon.body.decode("cp1252")
    assert get(f"{site_url}/press/").body.startswith(b"\xef\xbb\xbf<!doctype")
    soup = get(f"{site_url}/blog/old-catalogue/").body
    assert b"charset" not in soup.lower()
    assert b"\xe9" in soup


def test_the_packed_page_is_packed(site_url: str) -> None:
    """It comes as gzip whatever was asked for."""
    got = get(f"{site_url}/blog/archive/")
    assert got.headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(got.body)) > len(got.body)


def test_duplicates_are_there(site_url: str) -> None:
    """One page links to the same place again and again, in several spellings."""
    links = followable(get(f"{site_url}/shop/seed-trays/").html, f"{site_url}/shop/seed-trays/")
    assert sum(link.partition("#")[0] == f"{site_url}/shop/basket/?add=tray" for link in links) == 5


def test_robots_txt_keeps_one_page_to_people(site_url: str) -> None:
    """The basket is disallowed, all else of the list allowed, and the sitemap is named with the site's own address."""
    robots = RobotFileParser()
    robots.parse(get(f"{site_url}/robots.txt").body.decode().splitlines())
    assert [path for path in pages() if not robots.can_fetch("linkhaul", site_url + path)] == ["/shop/basket/"]
    assert robots.site_maps() == [f"{site_url}/sitemap.xml"]
    assert f"<loc>{site_url}/secret-garden/</loc>" in get(f"{site_url}/sitemap.xml").body.decode()
    assert f'href="{site_url}/blog/"' in get(f"{site_url}/feed.xml").body.decode()


def _addresses(node: LexborNode) -> list[str]:
    values = [
        node.attributes.get(name) or "" for name in ("href", "src", "data", "poster", "action", "formaction", "longdesc", "background")
    ]
    values += [candidate.split()[0] for candidate in (node.attributes.get("srcset") or "").split(", ") if candidate]
    return [value for value in values if value]


def test_nothing_is_dead_by_accident() -> None:
    """Every address of the site that a page of it names is served, except those that are meant to be gone."""
    dead = set()
    for path, file in routes.site_files().items():
        if not file.name.endswith(".html") or path.startswith("/blog/old-catalogue"):
            continue
        charset = "shift_jis" if path.startswith("/ja/") else "cp1252" if "lyon" in path else "utf-8-sig"
        tree = LexborHTMLParser(file.read_bytes().decode(charset))
        base = tree.css_first("base[href]")
        start = f"http://site.example{path}" if base is None else f"http://site.example{base.attributes['href']}"
        for address in (a for node in tree.css("body *, link") for a in _addresses(node)):
            url = ada_url.URL(address, base=start)
            if url.host == "site.example":
                status = routes.answer(unquote(url.pathname), url.search[1:], "").status
                dead |= {(url.pathname, status)} if status >= 400 else set()
    assert dead == {("/shop/dodo-fern/", 404), ("/blog/summer-sale/", 410)}


def test_the_site_sends_nobody_into_the_world() -> None:
    """Every other host is a name or number reserved for examples, so that a crawl of the demo asks no stranger."""
    hosts = set()
    for file in set(routes.site_files().values()):
        for word in file.read_bytes().decode("latin-1").replace("&quot;", '"').split("://")[1:]:
            hosts.add(word.encode("latin-1").decode("utf-8", "replace").split("/")[0].split('"')[0].split("<")[0])
    strangers = {host.partition(":")[0] for host in hosts} - set(HOST_OF_THE_WORLD)
    assert {host for host in strangers if not host.endswith((".example", "192.0.2.7", "[broken", "{base}", "exa mple.example"))} == set()


def test_the_slow_page_waits_and_the_others_do_not() -> None:
    """Only the weather takes its time, and it holds up nobody else."""
    with serve(slow_s=0.2) as url:
        get(f"{url}/search/")
        start = time.monotonic()
        get(f"{url}/weather/")
        assert time.monotonic() - start >= 0.2
    assert [path for path in pages() if routes.answer(path, "", "").is_slow] == ["/weather/"]


@pytest.mark.parametrize(
    "path", ["/../routes.py", "/%2e%2e/routes.py", "/..%2froutes.py", "//etc/passwd", "/guide/../../server.py", "/\\..\\server.py", "/%00"]
)
def test_only_the_site_is_served(site_url: str, path: str) -> None:
    """No spelling of a path leads out of the site's folder."""
    connection = http.client.HTTPConnection(urlsplit(site_url).netloc, timeout=10)
    connection.putrequest("GET", path, skip_host=False)
    connection.endheaders()
    reply = connection.getresponse()
    assert reply.status in {400, 404}
    assert b"import" not in reply.read()
    connection.close()


def test_head_and_other_methods(site_url: str) -> None:
    """HEAD gives the headers alone; what would change something is refused."""
    connection = http.client.HTTPConnection(urlsplit(site_url).netloc, timeout=10)
    connection.request("HEAD", "/")
    reply = connection.getresponse()
    assert (reply.status, reply.read()) == (200, b"")
    assert int(reply.headers["Content-Length"]) > 1000
    connection.request("POST", "/search/", body=b"q=fern")
    assert connection.getresponse().status == 405
    connection.close()


def test_the_server_ends_with_its_block() -> None:
    """Two servers run side by side on their own ports, a taken port is an error, and none of them stays."""
    with serve() as first, serve() as second:
        assert first != second
        assert get(first + "/").body == get(second + "/").body
        port = urlsplit(first).port
        assert port is not None
        with pytest.raises(OSError), serve(port):
            pytest.fail("the port was given twice")
    with pytest.raises(urllib.error.URLError):
        get(first + "/")


async def test_the_server_runs_beside_a_running_loop() -> None:
    """As in a notebook's cell: the block may be entered where an event loop runs already."""
    with serve() as url:
        assert (await asyncio.to_thread(get, f"{url}/")).status == 200


def test_the_command_serves_until_interrupted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m linkhaul.demo --port 0 --list` prints the addresses of the list, serves, and ends well on Ctrl-C."""
    answers = []

    class Visitor:
        def wait(self) -> None:
            address = capsys.readouterr().out.splitlines()[1]
            answers.append(get(address).status)
            raise KeyboardInterrupt

    monkeypatch.setattr(command, "Event", Visitor)
    assert command.main(["--port", "0", "--list"]) == 0
    assert answers == [200]


def test_the_leaflet_is_a_pdf(site_url: str) -> None:
    """Its table of objects points where the objects are, so that a reader opens it."""
    body = get(f"{site_url}/price-list.pdf").body
    assert body.startswith(b"%PDF-1.4")
    start = int(body.split(b"startxref\n")[1].split(b"\n")[0])
    assert body[start:].startswith(b"xref")
    offsets = [int(line[:10]) for line in io.BytesIO(body[start:]).readlines()[3:9]]
    assert [body[at : at + 7] for at in offsets] == [f"{n} 0 obj".encode() for n in range(1, 7)]
