"""Made-up pages of the size and make-up of large pages of the real web: 200 KB each, with 170 links for people to follow.

What a page says is made from its number and the seed alone, so that every run reads the same bytes. The proportions are those
of front pages of news sites and shops: a quarter of the bytes is inline script and style, a menu of some 60 links that all pages
share stands in `nav`, the rest is cards (a linked picture with `srcset` and `data-` attributes, a linked heading, a linked tag)
in `main`, links within prose, an `aside` and a `footer` with links to other sites.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

ORIGIN = "https://shop.example"
PAGES = 200
"""Of the site: so many that the pages of a run know little of each other's links, and few enough to be kept in memory."""
_WORDS = [
    "harbour",
    "lantern",
    "gravel",
    "meadow",
    "timber",
    "copper",
    "orchard",
    "velvet",
    "saddle",
    "marble",
    "pepper",
    "anchor",
    "willow",
    "ribbon",
    "candle",
    "thunder",
    "winter",
    "summer",
    "kitchen",
    "garden",
    "paper",
    "silver",
    "window",
    "carpet",
    "bottle",
    "button",
    "jacket",
    "leather",
    "cotton",
    "basket",
    "mirror",
    "ladder",
]
_ELSEWHERE = (
    "https://www.social.example/share",
    "https://news.example.org/archive",
    "https://cdn.example.net/app",
    "https://help.shop.example/topic",
)
_ICON = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 10-10S17.52 2 12 2z"/></svg>'


def generated(count: int = PAGES, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yield pairs (URL, body) of a made-up site."""
    shared = random.Random(seed)
    menu, script = _menu(shared), _script(shared, 36_000)
    for number in range(count):
        yield _address(number), _page(number, count, seed, (menu, script)).encode()


def _address(number: int) -> str:
    return f"{ORIGIN}/{_WORDS[number % 7]}/{_WORDS[number % 11]}-{number}"


def _page(number: int, count: int, seed: int, shared: tuple[str, str]) -> str:
    draw = random.Random(seed * 1_000_003 + number)
    menu, script = shared
    cards = "".join(_card(draw, count) for _ in range(26))
    prose = "".join(_paragraph(draw, count) for _ in range(20))
    beside = "".join(
        f'<li class="beside__entry"><a href="{_place(draw, count)}#{draw.choice(_WORDS)}">{_text(draw, 5)}</a></li>' for _ in range(6)
    )
    comments = "".join(_comment(draw) for _ in range(111))
    title = _text(draw, 4)
    return (
        f'<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n<title>{title} | Shop</title>\n'
        f'<meta name="description" content="{_text(draw, 20)}">\n<meta name="robots" content="max-image-preview:large">\n'
        f'<link rel="canonical" href="{_address(number)}">\n<link rel="stylesheet" href="/assets/app.5f3c.css">\n'
        f"<style>{_style(draw)}</style>\n<script>{script}</script>\n"
        f'<script type="application/ld+json">{{"@context":"https://schema.org","@type":"WebPage","url":"{_address(number)}"}}</script>\n'
        f'</head>\n<body class="page page--{number % 5}" data-page="{number}">\n{menu}\n<main id="content" class="content">\n'
        f'<h1 class="headline">{title}</h1>\n<div class="grid grid--wide">\n{cards}</div>\n<article class="story">\n{prose}</article>\n'
        f'<section class="comments" id="comments">\n{comments}</section>\n</main>\n'
        f'<aside class="beside"><ul class="beside__list">{beside}</ul></aside>\n{_footer(draw)}\n<script>{_script(draw, 5_000)}</script>\n</body>\n</html>\n'
    )


def _menu(draw: random.Random) -> str:
    groups = []
    for group in range(6):
        name = _WORDS[group]
        entries = "".join(
            f'<li class="menu__item" data-track="menu-{group}-{n}"><a class="menu__link" href="/{name}/{word}/" title="{word.title()}">'
            f'<span class="menu__label">\n          {word.title()}\n        </span></a></li>\n'
            for n, word in enumerate(draw.sample(_WORDS, 9))
        )
        groups.append(
            f'<li class="menu__group"><button type="button" aria-expanded="false">{_ICON}{name.title()}</button><ul class="menu__list">{entries}</ul></li>\n'
        )
    return (
        f'<a class="skip" href="#content">Skip to content</a>\n<header class="masthead"><a class="logo" href="/" aria-label="Home"><img src="/assets/logo.svg" '
        f'alt="Shop" width="120" height="32"></a>\n<nav class="menu" aria-label="Main"><ul>{"".join(groups)}</ul></nav>\n'
        f'<form action="/search" role="search"><input name="q" type="search"><button>{_ICON}</button></form></header>'
    )


def _card(draw: random.Random, count: int) -> str:
    place, key = _place(draw, count), draw.randrange(10**6)
    sizes = ", ".join(f"https://cdn.example.net/i/{key}-{width}.jpg?fit=crop&amp;w={width} {width}w" for width in (320, 480, 640, 960))
    return (
        f'<div class="card card--{draw.randrange(4)}" data-id="{key}" data-position="{draw.randrange(99)}" data-payload=\'{{"id":{key},"list":"front"}}\'>\n'
        f'  <a class="card__media" href="{place}" tabindex="-1">\n    <picture><source type="image/webp" srcset="{sizes}">'
        f'<img class="card__image" loading="lazy" src="https://cdn.example.net/i/{key}-640.jpg" srcset="{sizes}" sizes="(min-width: 60em) 25vw, 50vw" '
        f'alt="{_text(draw, 4)}" width="640" height="360"></picture>\n  </a>\n  <div class="card__body">\n    <h3 class="card__title">\n'
        f'      <a href="{place}">{_text(draw, 7)}</a>\n    </h3>\n    <p class="card__text">{_text(draw, 22)}</p>\n'
        f'    <div class="card__meta"><time datetime="2026-01-{draw.randrange(10, 29)}">{draw.randrange(2, 23)} hours ago</time> '
        f'<a class="tag" rel="tag" href="/tag/{draw.choice(_WORDS)}?page={draw.randrange(1, 9)}&amp;sort=new">{draw.choice(_WORDS)}</a></div>\n  </div>\n</div>\n'
    )


def _paragraph(draw: random.Random, count: int) -> str:
    near = f'<a href="{_place(draw, count)}">{_text(draw, 3)}</a>'
    return f'<p class="story__text">{_text(draw, 45)} {near} {_text(draw, 45)}&nbsp;&mdash; <em>{_text(draw, 5)}</em> caf\u00e9.</p>\n'


def _comment(draw: random.Random) -> str:
    return (
        f'<div class="comment" id="c{draw.randrange(10**6)}"><div class="comment__head"><span class="comment__author">{_text(draw, 2)}</span>\n'
        f'<time datetime="2026-02-{draw.randrange(10, 28)}">{draw.randrange(2, 23)} minutes ago</time></div>\n'
        f'<div class="comment__body"><p>{_text(draw, 40)}</p></div><button class="comment__vote" data-vote="up">{_ICON}</button></div>\n'
    )


def _footer(draw: random.Random) -> str:
    entries = "".join(
        f'<li><a href="{draw.choice(_ELSEWHERE)}/{draw.choice(_WORDS)}?from=footer" target="_blank" rel="noopener nofollow">{_text(draw, 2)}</a></li>\n'
        for _ in range(9)
    )
    return f'<footer class="footer"><ul>{entries}</ul><p><a href="mailto:help@shop.example">Write to us</a></p></footer>'


def _place(draw: random.Random, count: int) -> str:
    """Return where a link leads: mostly a page of the site, written from its root, in full or from where it stands."""
    other = _address(draw.randrange(count))
    style = draw.randrange(10)
    if style < 6:
        return other.removeprefix(ORIGIN)
    return other if style < 9 else f"../{other.removeprefix(ORIGIN + '/')}"


def _text(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(_WORDS, k=words)).capitalize()


def _style(draw: random.Random) -> str:
    return "".join(
        f".{draw.choice(_WORDS)}-{n}{{margin:{draw.randrange(40)}px;background:url(/assets/{n}.png) no-repeat;color:#{draw.randrange(16**6):06x}}}"
        for n in range(120)
    )


def _script(draw: random.Random, size: int) -> str:
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(
            f'window.{draw.choice(_WORDS)}=function(a,b){{return a<b&&"{draw.choice(_WORDS)}".length>{draw.randrange(99)}?a:b+{draw.random():.6f}}};'
        )
        length += len(parts[-1])
    return "".join(parts)
