"""Scrapy at its best on the same job: a list of pages, or whole sites, to a CSV feed. Run as a file, in bench's own venv.

Tuned as Scrapy's documentation advises for speed (its page "Optimization"): uvloop, quiet logs, no cookies, no retries,
no delays, the per-domain limit raised to the overall one, unused parts off, one XPath per page. Robots off, which saves
it a request. bench/README.md says what each variant gave.
"""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

AIOHTTP = "scrapy.core.downloader.handlers._aiohttp.AiohttpDownloadHandler"


class LinkSpider(scrapy.Spider):
    """Yields one item per link of every page; follows those of the start hosts when `follow` is true."""

    name = "links"

    def __init__(self, source: Path, follow: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source
        self.follow = follow
        self.hosts = {urlsplit(line).netloc for line in source.read_text(encoding="utf-8").split()} if follow else set()

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Yield a request per line of the list."""
        with self.source.open(encoding="utf-8") as lines:
            for line in lines:
                yield scrapy.Request(line.strip(), dont_filter=not self.follow)

    def parse(self, response: Response) -> Iterator[dict[str, str] | scrapy.Request]:
        """Yield the links of one page, and requests for those to follow."""
        if not isinstance(response, scrapy.http.HtmlResponse):
            return
        page_url = response.url
        for href in response.xpath("//a/@href | //area/@href").getall():
            url = response.urljoin(href)
            if not url.startswith(("http:", "https:")):
                continue
            yield {"page_url": page_url, "url": url}
            if self.follow and urlsplit(url).netloc in self.hosts:
                yield scrapy.Request(url)


def settings(out: Path, concurrency: int, handler: str, loop: str) -> dict[str, Any]:
    """Return the settings of a fast crawl that writes `out`."""
    quick: dict[str, Any] = {
        "FEEDS": {str(out): {"format": "csv", "fields": ["page_url", "url"], "overwrite": True}},
        "CONCURRENT_REQUESTS": concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_TIMEOUT": 30,
        "ROBOTSTXT_OBEY": False,
        "COOKIES_ENABLED": False,
        "RETRY_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "REFERER_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_LEVEL": "WARNING",
    }
    if loop != "asyncio":
        quick["ASYNCIO_EVENT_LOOP"] = "uvloop.Loop"
    quick["TWISTED_REACTOR_ENABLED"] = loop != "no-reactor"
    if handler == "aiohttp":
        quick["DOWNLOAD_HANDLERS"] = {"http": AIOHTTP, "https": AIOHTTP}
    return quick


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("list", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--follow", action="store_true", help="crawl the hosts of the list, following their links")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--handler", choices=("http11", "aiohttp"), default="http11")
    parser.add_argument("--loop", choices=("asyncio", "uvloop", "no-reactor"), default="uvloop")
    given = parser.parse_args()
    process = AsyncCrawlerProcess(settings(given.out, given.concurrency, given.handler, given.loop))
    process.crawl(LinkSpider, source=given.list, follow=given.follow)
    process.start()
