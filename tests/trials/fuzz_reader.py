"""Mutated pages, headers and sitemaps for the readers: `python -m tests.trials.fuzz_reader --seconds 60` (make fuzz).

Whatever bytes come, a reader gives a value or says in its own words that it cannot; what it gives keeps what the columns promise.
A fault prints the seed of its input, which `--seed N --rounds 1` makes again.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count

import ada_url

from linkhaul.model.columns import LINKS
from linkhaul.model.records import KINDS, Link
from linkhaul.model.url import parse
from linkhaul.read.html import Unreadable, read_page
from linkhaul.read.options import ReadOptions
from linkhaul.read.robots import rules_for
from linkhaul.read.sitemap import SitemapEntry, read_sitemap

URL = "https://docs.example:8099/a/b?c=d"
LONGEST_S = 2.0
MOST_FAULTS = 20
MOST_LINKS = 500

PAGES = [
    (
        b"<!doctype html><html lang=en><base href=/x/><title>T</title><meta name=robots content=nofollow><link rel=canonical href=y>"
        b"<nav><a href='../a?b=c&amp;d#e' rel='nofollow  UGC' title=t hreflang=de download>Te<b>x</b>t</a></nav><img srcset='a 1x, b 2x' alt=i>"
        b"<main><area href=//h.example/ alt=z><form action=f></form><iframe srcdoc='<a href=in>s</a>'></iframe></main>"
    ),
    b"<meta charset=shift_jis><style>@import 'a.css'; b{background:url(  'c d.png' )}</style><p style=\"background:url(x)\"><a href='\x83\x65'>\x83\x58</a>",
    (
        b"<svg><a xlink:href=q><text>v</text></a><use href=#u></svg><math><mtext href=m></math><template><a href=no></a></template>"
        b"<meta http-equiv=refresh content='3; url=\"r\"'><video poster=p><source src=s></video><object data=o></object><base target=_top>"
    ),
    (
        b'<script type="application/ld+json">{"@id":"https://a.example/","url":["b",{"sameAs":"c\\u0000"}]}</script><a href="java\tscript:1">j</a>'
        b"<table><a href=1><tr><td><a href=2></table><select><a href=3></select><noscript><a href=4></noscript><!-- <a href=5> --><plaintext><a href=6>"
    ),
    "\ufeff<a href='http://ex\u00e4mple.\u00df/\u202e\u0000'>\ud800</a><a href='http://[::1]:99999/'>x</a><a href=' \n h\tttps://u:p@e.example '>y</a>".encode(
        "utf-16", "surrogatepass"
    ),
]
HEADERS = [
    ("content-type", "text/html; charset=utf-8"), ("content-type", 'text/html;charset="shift_jis"'), ("link", '</a>; rel="next"; title*=UTF-8\'\'x, <b>; rel=preload'),
    ("refresh", "5; url='/r'"), ("content-location", "/c"), ("x-robots-tag", "linkhaul: nofollow, noindex"), ("location", "\xff/l"),
]  # fmt: skip
SITEMAPS = [
    b'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://docs.example/a?b&amp;c</loc></url></urlset>',
    b"<sitemapindex><sitemap><loc> /s.xml </loc><lastmod>2020</lastmod></sitemap></sitemapindex>",
    b"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='/x/'><link href='a'/><entry><link rel='alternate' href='b'/></entry></feed>",
    b"<rss version='2.0'><channel><link>/c</link><item><link>d</link><guid isPermaLink='true'>e</guid></item></channel></rss>",
    b"https://docs.example/1\r\nhttps://docs.example/2\n\nnonsense\n",
]
ROBOTS = [
    b"\xef\xbb\xbfUser-agent: *\nDisallow: /a*b$\nAllow: /\r\nCrawl-delay: 0.5\nSitemap: /s.xml\n\nUser-agent: linkhaul\nDisallow: /%zz\n"
]
TOKENS = [
    b"<", b">", b"&", b"'", b'"', b"=", b"/", b"\x00", b"\x1b[31m", b"\xff", b"\xfe\xff", b"\xed\xa0\x80", b"&#x110000;", b"&#0;", b"&#xD800;", b"<!--", b"-->",
    b"<![CDATA[", b"]]>", b"</", b"<a href=", b"<base href=", b"<svg>", b"<math>", b"<template>", b"<plaintext>", b"</script", b"<title>", b"<table>", b"\xe2\x80\xae",
    b"javascript:", b"http://", b"http://[", b"data:,", b"//", b"\\\\", b"%", b"%00", b"#", b"?", b"99999999999999999999", b"<!ENTITY a 'b'>", b"\x1f\x8b\x08", b"{" * 50, b"[" * 500,
]  # fmt: skip


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    """Return one of the seeds after some cuts, copies, flips and insertions."""
    made = bytearray(chance.choice(seeds))
    for _ in range(chance.choice([0, 1, 2, 4, 8, 16, 64])):
        at = chance.randrange(len(made) + 1)
        to = min(len(made), at + chance.choice([1, 2, 8, 64]))
        match chance.randrange(6):
            case 0:
                made[at:at] = chance.choice(TOKENS)
            case 1:
                del made[at:to]
            case 2:
                made[at:to] = bytes(chance.randrange(256) for _ in range(to - at))
            case 3:
                made[at:at] = made[at:to] * chance.choice([1, 2, 50])
            case 4:
                other = chance.choice(seeds)
                made[at:to] = other[chance.randrange(len(other)) :][: chance.choice([4, 30, 300])]
            case _ if at < len(made):
                made[at] ^= 1 << chance.randrange(8)
    return bytes(made[:100_000])


def try_page(chance: random.Random) -> None:
    """Read a mutated page with mutated headers."""
    body = mutated(chance, PAGES)
    headers = [
        (name, mutated(chance, [value.encode("latin-1")]).decode("latin-1")) for name, value in chance.sample(HEADERS, chance.randrange(4))
    ]
    options = ReadOptions(kinds=frozenset(KINDS), max_links=MOST_LINKS)
    try:
        page = read_page(body, parse(URL), tuple(headers), options=options, found_at="2026-01-01T00:00:00.000Z")
    except Unreadable:
        return
    assert len(page.links) <= MOST_LINKS
    for n, link in enumerate(page.links, 1):
        check(link, n)


def check(link: Link, n: int) -> None:
    """Assert what the columns of `links` promise of every row."""
    assert link.n == n
    assert link.page_url == parse(URL)
    assert link.kind in KINDS
    for column, value in zip(LINKS, link, strict=True):
        kinds: dict[str, type] = {"text": str, "integer": int, "boolean": bool}
        assert (column.nullable and value is None) or isinstance(value, kinds[column.type]), f"{column.name} is {value!r}"
        assert not (column.nullable and value == ""), f"{column.name} is empty instead of absent"
        if isinstance(value, str):
            value.encode()  # what cannot be encoded cannot be written
    assert link.text == " ".join(link.text.split(" ")).strip(), f"white space in {link.text!r}"
    if link.url is not None:
        assert link.url.isascii(), link.url
        assert ada_url.URL(link.url).href == link.url, f"{link.url} is not normal"


def try_sitemap(chance: random.Random) -> None:
    """Read a mutated sitemap, feed or list."""
    body = mutated(chance, SITEMAPS)
    for entry in read_sitemap(body, URL):
        if isinstance(entry, SitemapEntry):
            assert entry.url.startswith(("http://", "https://"))
            assert "#" not in entry.url
        else:
            assert entry.detail.isprintable(), repr(entry.detail)


def try_robots(chance: random.Random) -> None:
    """Read a mutated robots.txt and ask it."""
    body = mutated(chance, ROBOTS)
    rules = rules_for(200, body, None)
    rules.allows(URL, "linkhaul")
    delay = rules.crawl_delay("linkhaul")
    assert delay is None or delay >= 0
    why = rules.deciding(URL, "linkhaul")
    assert why is None or why.isprintable(), repr(why)


TRIALS: list[Callable[[random.Random], None]] = [try_page, try_page, try_page, try_sitemap, try_robots]


def fuzz(seconds: float, seed: int, rounds: int | None = None) -> Iterator[str | None]:
    """Try inputs for so long; yield a line for each fault, and None for each input that was no trouble.

    Args:
        rounds: how many inputs, where that is given.
    """
    ends_at = time.monotonic() + seconds
    for number in count(seed) if rounds is None else range(seed, seed + rounds):
        if time.monotonic() > ends_at:
            return
        chance = random.Random(number)
        trial = chance.choice(TRIALS)
        began = time.process_time()
        try:
            trial(chance)
            took = time.process_time() - began
            assert took < LONGEST_S, f"it took {took:.1f} s"
        except Exception as fault:  # noqa: BLE001 - any exception is what is looked for
            yield f"{trial.__name__}, seed {number}: {type(fault).__name__}: {fault}"
        else:
            yield None


def main() -> int:
    """Fuzz; 1 when a fault was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.trials.fuzz_reader")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()) * 1_000)
    parser.add_argument("--rounds", type=int)
    given = parser.parse_args()
    faults = inputs = 0
    for fault in fuzz(given.seconds, given.seed, given.rounds):
        inputs += 1
        if fault is not None:
            faults += 1
            sys.stdout.write(fault + "\n")
        if faults == MOST_FAULTS:
            break
    sys.stdout.write(f"{inputs:,} inputs from seed {given.seed} on: {faults or 'no'} faults\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
