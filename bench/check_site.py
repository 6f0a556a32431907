"""The site that checkers are measured on: real documentation beside generated pages whose every link is known to be good or bad.

The truth about the generated pages is the generator's; about the documentation it is what the standard library's parser finds in the files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from bench.corpus import TREE, page_names

PAGES = 300
LOCATIONS = """
location /moved/ { rewrite ^/moved/(.*)$ /seeded/$1 permanent; }
location /soft/ { rewrite ^ /seeded/sorry.html break; }
location /wall/ { return 403; }
"""
BAD = (
    "missing",
    "missing everywhere",
    "missing image",
    "no such id",
    "no such id here",
    "soft 404",
    "documentation: missing",
    "documentation: no such id",
)
"""Kinds of links that lead to nothing; a page that refuses programs is none of them."""
HEAD = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>'
TEXT = "<p>" + "Moss grows slowly on the north side of old walls, and faster beside water. " * 12 + "</p>"
SORRY = (
    HEAD.format(title="Not found")
    + "<h1>Sorry</h1><p>"
    + "The page that you look for is not here any more; try the search. " * 6
    + "</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of the site.

    Attributes:
        kinds: each link URL, fragment included, with its kind.
        targets: distinct URLs without their fragments.
        pages: the pages, for those that cannot crawl.
    """

    kinds: dict[str, str]
    targets: int
    pages: list[str]
    counts: Counter[str] = field(default_factory=Counter)

    def bad(self) -> set[str]:
        """Return the link URLs that lead to nothing."""
        return {url for url, kind in self.kinds.items() if kind in BAD}


def build(folder: Path) -> None:
    """Write the site into an empty folder; the documentation is linked to, not copied."""
    (folder / "docs").symlink_to(TREE)
    seeded = folder / "seeded"
    seeded.mkdir()
    for number in range(PAGES):
        links = "".join(_element(href, kind) for href, kind in _links(number))
        body = f'<h1 id="title">Page {number}</h1><p id="caf\u00e9">here</p><a name="old"></a>{TEXT}{links}</body></html>'
        (seeded / f"p{number:03}.html").write_text(HEAD.format(title=f"Page {number} of moss") + body, encoding="utf-8")
    (seeded / "sorry.html").write_text(SORRY, encoding="utf-8")
    (seeded / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    start = '<h1>Start</h1><a href="docs/index.html">manual</a> <a href="seeded/p000.html">moss</a>'
    (folder / "index.html").write_text(HEAD.format(title="Start") + start + "</body></html>", encoding="utf-8")


def known(origins: Sequence[str]) -> Truth:
    """Return what is known of the site that is served there; at each of several origins it is a site of its own, with nothing that leads to another."""
    kinds, pages = _known_at(origins[0])
    for origin in origins[1:]:
        kinds |= {origin + url.removeprefix(origins[0]): kind for url, kind in kinds.items() if url.startswith(origins[0])}
        pages += [origin + url.removeprefix(origins[0]) for url in pages if url.startswith(origins[0])]
    truth = Truth(kinds, len({urldefrag(url)[0] for url in kinds}), pages)
    truth.counts.update(kinds.values())
    return truth


def _known_at(origin: str) -> tuple[dict[str, str], list[str]]:
    """Return each link URL of the site at an origin with its kind, and the site's pages."""
    kinds = {f"{origin}/docs/index.html": "good", f"{origin}/seeded/p000.html": "good"}
    for number in range(PAGES):
        for href, kind in _links(number):
            kinds[urljoin(f"{origin}/seeded/p{number:03}.html", href)] = kind
    kinds |= _documentation(origin)
    pages = [f"{origin}/", *(f"{origin}/seeded/p{number:03}.html" for number in range(PAGES))]
    pages += [f"{origin}/docs/{name}" for name in page_names()]
    return kinds, pages


def _links(number: int) -> Iterator[tuple[str, str]]:
    """Yield the links of a generated page with their kinds; each page has some of its own, and all have some in common."""
    there = f"p{(number + 1) % PAGES:03}.html"
    yield there, "good"
    yield from ((f"p{(number * 7 + step) % PAGES:03}.html", "good") for step in (13, 57, 101))
    yield f"{there}#title", "id"
    yield f"{there}#caf%C3%A9", "id, percent-encoded"
    yield f"{there}#old", "name"
    yield from ((f"#{name}", "top") for name in ("", "top"))
    yield f"{there}#:~:text=Moss", "text fragment"
    yield "/nothing/in-the-menu.html", "missing everywhere"
    yield "dot.svg", "good"
    if number % 5 == 0:
        yield f"gone-{number:03}.html", "missing"
        yield f"{there}#gone-{number:03}", "no such id"
        yield f"#here-{number:03}", "no such id here"
    if number % 10 == 0:
        yield f"/moved/p{number:03}.html", "moved"
        yield f"/soft/{number:03}.html", "soft 404"
        yield f"/wall/{number:03}.html", "refuses programs"
        yield f"gone-{number:03}.png", "missing image"


def _element(href: str, kind: str) -> str:
    return f'<p><img src="{href}" alt="moss"></p>' if kind == "missing image" else f'<p><a href="{href}">{kind}</a></p>'


class _Page(HTMLParser):
    """The addresses a page names, and the places in it that a fragment may lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.hrefs: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value is not None}
        self.anchors.update(values[name] for name in (("id", "name") if tag == "a" else ("id",)) if name in values)
        name = {"a": "href", "area": "href", "link": "href", "img": "src", "script": "src"}.get(tag)
        if name in values:
            self.hrefs.add(values[name].strip())


def _documentation(origin: str) -> dict[str, str]:
    """Return each link URL of the documentation that stays on the site, with its kind."""
    pages = {name: _Page((TREE / name).read_text(encoding="utf-8", errors="replace")) for name in page_names()}
    kinds = {}
    for name, page in pages.items():
        for href in page.hrefs:
            url = urljoin(f"{origin}/docs/{name}", href)
            if url.startswith(origin):
                kinds[url] = _kind(urlsplit(url).path.removeprefix("/docs/"), urldefrag(url)[1], pages)
    return kinds


def _kind(name: str, fragment: str, pages: dict[str, _Page]) -> str:
    if not (TREE / unquote(name)).is_file():
        return "documentation: missing"
    if fragment and name in pages and fragment != "top" and not {fragment, unquote(fragment)} & pages[name].anchors:
        return "documentation: no such id"
    return "documentation: good"
