"""The script that this began as: gather every page at once, BeautifulSoup, one CSV. Run as a file, in bench's own venv.

What it does is kept: one session, one task per URL from the start (aiohttp's default of 100 connections is what holds
it back), `html.parser`, only what starts with http, rows appended at the end, errors printed. `--relative` makes it do
the job of the others: every link, relative ones resolved.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
from bs4 import BeautifulSoup

Rows = list[tuple[str, str]]


def find_links(page_url: str, text: str, relative: bool) -> Rows:
    """Return pairs (page, link) of one page, in document order."""
    soup = BeautifulSoup(text, "html.parser")
    hrefs = (str(anchor["href"]) for anchor in soup.find_all("a", href=True))
    if relative:
        hrefs = (urljoin(page_url, href) for href in hrefs)
    return [(page_url, href) for href in hrefs if href.startswith("http")]


async def fetch_links(session: aiohttp.ClientSession, url: str, relative: bool) -> Rows:
    """Return the links of one page; a page that fails is printed and gives none."""
    try:
        async with session.get(url) as response:
            response.raise_for_status()
            return find_links(url, await response.text(), relative)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        print(f"{url}: {type(error).__name__} {error}")
        return []


async def main(urls: list[str], out: Path, relative: bool) -> None:
    """Fetch all the URLs and append their links to `out`."""
    async with aiohttp.ClientSession() as session:
        found = await asyncio.gather(*(fetch_links(session, url, relative) for url in urls))
    with out.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("page_url", "url"))
        for rows in found:
            writer.writerows(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("list", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--relative", action="store_true", help="resolve relative links too")
    given = parser.parse_args()
    asyncio.run(main(given.list.read_text(encoding="utf-8").split(), given.out, given.relative))
