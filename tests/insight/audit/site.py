"""A clean site, and how one fault is put into it: every page comes of one template that no rule finds anything in."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Mapping
from contextlib import closing
from html import escape
from pathlib import Path
from typing import Any

from msgspec import Struct
from tests.motion.world import Answer, Answers, Trial, World

from linkhaul.api.reading import reader
from linkhaul.config import config_from, stored
from linkhaul.decide.traps import Traps
from linkhaul.store.opening import open_to_write

SHOP = "https://shop.example"
OTHER = "https://other.example"
XML = "application/xml"
HEADERS = {
    "cache-control": "max-age=600",
    "content-encoding": "gzip",
    "content-security-policy": "default-src 'self'; frame-ancestors 'self'",
    "etag": '"1"',
    "referrer-policy": "strict-origin-when-cross-origin",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}
_SYLLABLES = ["ba", "do", "fe", "ga", "hi", "ju", "ka", "lo", "mu", "ne", "pa", "qui", "ro", "sa", "ti", "vu", "wo", "xi", "yo", "za"]
_TEMPLATE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{description}">
<link rel="canonical" href="{url}">
<meta property="og:title" content="{title}"><meta property="og:type" content="article">
<meta property="og:image" content="https://shop.example/fern.png"><meta property="og:url" content="{url}">
<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "WebPage"}}</script></head>
<body><header><nav><a href="{home}">The fern shop</a></nav></header>
<main><h1>{title}</h1><p>{text}</p><h2>Picture</h2><img src="/fern.png" alt="A fern" width="40" height="30">{anchors}</main></body></html>
"""


def words(seed: str, count: int) -> str:
    """Return words that are the same for the same seed, and others for every other."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(count))


def page(
    path: str, *changes: tuple[str, str], headers: Mapping[str, str | None] | None = None, links: Iterable[str] = (),
    host: str = SHOP, delay_s: float | None = None, text: str | None = None,
) -> Answer:  # fmt: skip
    """Return the clean page of a path, with changes: each a regular expression and what stands in its place."""
    url = host + path
    html = _TEMPLATE.format(
        title=f"About {words(path, 3)} and more", description=f"What there is to say of {words(path + 'd', 8)} and how to keep it well",
        url=url, text=words(path + "t", 150) if text is None else text, home=SHOP + "/",
        anchors="".join(f'<p><a href="{link}">The page of {words(link, 2)}</a></p>' for link in links),
    )  # fmt: skip
    for pattern, instead in changes:
        html, count = re.subn(pattern, instead, html, flags=re.DOTALL)
        assert count, f"{pattern} is nowhere in the page"
    every = HEADERS | dict(headers or {})
    return Answer(body=html.encode(), headers=tuple((name, value) for name, value in every.items() if value is not None), delay_s=delay_s)


def moved(to: str, status: int = 301) -> Answer:
    """Return a redirect."""
    return Answer(to=to, status=status)


def urlset(urls: Iterable[str]) -> Answer:
    """Return a sitemap."""
    return Answer(body=f"<urlset>{''.join(f'<url><loc>{escape(url)}</loc></url>' for url in urls)}</urlset>".encode(), type=XML)


class Fault(Struct, frozen=True, kw_only=True):
    """A fault put into the clean site, and what is to be found.

    Attributes:
        rule: which rule is to find it.
        pages: answers by path, or by URL at another host, added to the site.
        at: where it is found, by path or URL.
        also: what other rules find, because one fault brings another: where, by rule.
        linked, listed: which of them the home page links to, and the sitemap names; those that are pages when absent.
        sitemap: what the sitemap answers instead.
        robots: what robots.txt says.
        verb: crawl or check.
        seeds: further beginnings.
        settings: of the run.
    """

    rule: str
    pages: Mapping[str, Answers]
    at: tuple[str, ...]
    also: dict[str, tuple[str, ...]] = {}
    linked: tuple[str, ...] | None = None
    listed: tuple[str, ...] | None = None
    sitemap: Answer | None = None
    robots: str = ""
    verb: str = "crawl"
    seeds: tuple[str, ...] = ()
    settings: dict[str, Any] = {}

    @property
    def expected(self) -> dict[str, set[str]]:
        """What is to be found, by rule."""
        return {rule: {absolute(path) for path in paths} for rule, paths in ({self.rule: self.at} | self.also).items()}


CLEAN = Fault(rule="", pages={}, at=())


def absolute(path: str) -> str:
    """Return the URL of a path of the shop."""
    return SHOP + path if path.startswith("/") else path


def world(fault: Fault) -> World:
    """Return the web with a fault in it: the shop's home page links to two clean pages and to those with the fault."""
    own = [path for path, answer in fault.pages.items() if path.startswith("/") and isinstance(answer, Answer)]
    good = [path for path in own if (answer := fault.pages[path]) and isinstance(answer, Answer) and answer.status == 200 and not answer.to]
    linked = own if fault.linked is None else fault.linked
    listed = ["/", "/ferns", "/moss", *(good if fault.listed is None else fault.listed)]
    pages: dict[str, Answers] = {
        "/": page("/", links=["/ferns", "/moss", *linked]), "/ferns": page("/ferns", links=["/moss"]), "/moss": page("/moss"),
        "/robots.txt": Answer(body=f"{fault.robots}\nSitemap: {SHOP}/sitemap.xml\n".encode(), type="text/plain"),
        "/sitemap.xml": fault.sitemap or urlset(map(absolute, listed)),
    }  # fmt: skip
    return World({absolute(path): answer for path, answer in (pages | dict(fault.pages)).items()})


def crawled(fault: Fault, path: Path, **stated: Any) -> Path:
    """Crawl the site with a fault, and return the run file.

    Args:
        stated: values of the run file to be others than those of a crawl that came to its end.
    """
    settings = {"facts": True, "retries": 0, "confirm_after": 0.0} | fault.settings
    config = config_from(settings)
    trial = Trial(path=path, verb=fault.verb, settings=settings, parts={"traps": Traps(2026), "read": reader(config)})
    ended = trial.run(world(fault), [f"{SHOP}/", *fault.seeds])
    assert ended.error is None
    values = {"verb": fault.verb, "state": "finished", "settings": stored(config)} | stated
    with closing(open_to_write(path)) as connection:
        connection.executemany("INSERT OR REPLACE INTO run VALUES (?, ?)", [(name, json.dumps(value)) for name, value in values.items()])
    return path
