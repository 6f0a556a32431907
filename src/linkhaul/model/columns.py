"""The columns of the tables that face the user: one list each, from which outputs, the run file and the docs are made.

A column that may be absent is nullable and never holds an empty text, so that a CSV file, which knows no difference
between the two, gives back exactly what was written.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

ColumnType = Literal["text", "integer", "real", "boolean"]
Value = str | int | float | bool | None
Row = tuple[Value, ...]


class Column(NamedTuple):
    """One column: its name, the type of its values, whether it may be absent, and what it means."""

    name: str
    type: ColumnType
    nullable: bool
    meaning: str


LINKS: tuple[Column, ...] = (
    Column("page_url", "text", False, "the page's own address, after redirects"),
    Column("n", "integer", False, "the link's number on its page, from 1, in document order; header links come first"),
    Column("url", "text", True, "the absolute URL, resolved and normalised by the WHATWG URL standard; absent when it cannot be parsed"),
    Column("raw", "text", False, "what the page says, untouched"),
    Column("fragment", "text", True, "the part of `url` after #"),
    Column("kind", "text", False, "what the link is for: page, image, script, style, media, frame, form, alternate, canonical, feed, icon, header, css, data, other"),
    Column("tag", "text", False, "the element that holds it; for a header its name, lower case"),
    Column("attr", "text", False, "the attribute that holds it; empty where there is none (text of a style element, a header)"),
    Column("text", "text", False, "the anchor's text, white space collapsed, or the alt text of its image"),
    Column("rel", "text", True, "the words of rel, lower case, separated by one space"),
    Column("title", "text", True, "the title attribute, untouched: its line breaks, too"),
    Column("target", "text", True, "the target attribute"),
    Column("hreflang", "text", True, "the language of what it leads to, as the page says"),
    Column("type", "text", True, "the media type of what it leads to, as the page says"),
    Column("download", "boolean", False, "whether the link asks to be saved instead of opened"),
    Column("region", "text", False, "the nearest of nav, header, footer, main, aside around it, else body"),
    Column("internal", "boolean", False, "whether it stays on the page's registrable domain"),
    Column("follow", "boolean", False, "false under rel=nofollow or a nofollow for the whole page"),
    Column("origin", "text", False, "where it was read: html, header, css or json-ld"),
    Column("found_at", "text", False, "when the page was fetched, UTC, ISO 8601"),
)

PAGES: tuple[Column, ...] = (
    Column("url", "text", False, "the URL that was asked for"),
    Column("final_url", "text", False, "where it ended, after redirects"),
    Column("hops", "integer", False, "how many redirects there were"),
    Column("status", "integer", True, "the HTTP status of the last reply; absent when there was none"),
    Column("outcome", "text", False, "ok, not-html, redirected (out of the scope), http-error, failed, refused, or checked (there, and only looked at, for a check)"),
    Column("failure", "text", True, "the kind of failure"),
    Column("detail", "text", True, "the failure in a sentence"),
    Column("content_type", "text", True, "the media type the server named, without parameters"),
    Column("charset", "text", True, "the encoding the page was read in, by its WHATWG name"),
    Column("charset_from", "text", True, "what decided the encoding: bom, header, meta or default"),
    Column("bytes", "integer", False, "size of the body after content decoding, in bytes"),
    Column("dns_s", "real", True, "seconds to look the name up; absent when a connection was reused"),
    Column("connect_s", "real", True, "seconds to connect, TLS included; absent when a connection was reused"),
    Column("wait_s", "real", True, "seconds from the request to the first byte of the answer"),
    Column("read_s", "real", True, "seconds to read the body"),
    Column("total_s", "real", False, "seconds for the last request in all"),
    Column("title", "text", True, "the page's title, white space collapsed"),
    Column("lang", "text", True, "the lang attribute of the html element"),
    Column("links", "integer", False, "how many links the page has, of the kinds that are read"),
    Column("found_via", "text", False, "how the URL was found: seed, link, redirect, sitemap, feed or canonical"),
    Column("attempts", "integer", False, "how often it was asked"),
    Column("visited_at", "text", False, "when the last request began, UTC, ISO 8601"),
)

URLS: tuple[Column, ...] = (
    Column("url", "text", False, "the URL, without fragment"),
    Column("host", "text", False, "scheme, host and port: the unit of politeness"),
    Column("state", "text", False, "queued, done, recorded (known, not fetched) or withheld (kept out as a trap)"),
    Column("reason", "text", True, "the rule or the outcome that put it into this state; for a retry that waits: what went wrong the last time"),
    Column("depth", "integer", True, "clicks from the nearest source; absent when only a sitemap names it"),
    Column("found_via", "text", False, "how it was found: seed, link, redirect, sitemap, feed or canonical"),
    Column("found_on", "text", True, "the page that it was found on, on the shortest way to it"),
    Column("attempts", "integer", False, "how often it was asked"),
)

HOPS: tuple[Column, ...] = (
    Column("asked", "text", False, "the URL that was asked for first"),
    Column("n", "integer", False, "the redirect's number on the way from it, from 1"),
    Column("url", "text", False, "what was asked at this step"),
    Column("status", "integer", False, "the redirect's HTTP status"),
    Column("location", "text", False, "where it pointed, absolute"),
)

HOSTS: tuple[Column, ...] = (
    Column("host", "text", False, "scheme, host and port"),
    Column("urls", "integer", False, "how many URLs of it are known"),
    Column("done", "integer", False, "how many of them were taken to their end"),
    Column("queued", "integer", False, "how many of them are still to be asked for"),
    Column("robots_status", "integer", True, "the HTTP status of the answer to robots.txt; absent when it was not asked for, or there was no answer"),
    Column("robots_failure", "text", True, "why robots.txt could not be had"),
    Column("parked", "text", True, "why nothing of it is asked"),
    Column("hold_until", "text", True, "it asked us to stay away until then, UTC, ISO 8601"),
)

FINDINGS: tuple[Column, ...] = (
    Column("page_url", "text", True, "the page that holds the link; absent for a source that no page links to"),
    Column("url", "text", False, "the link's absolute URL, fragment included"),
    Column("verdict", "text", False, "ok, redirected, broken, soft-404, blocked, rate-limited, needs-login, unreachable, unverifiable or not-checked"),
    Column("code", "text", False, "a stable word for the exact case: a status, dns, permanent, fragment, robots, ..."),
    Column("detail", "text", False, "what was asked and what came, in a sentence"),
    Column("status", "integer", True, "the last HTTP status"),
    Column("instead", "text", True, "the address to write instead: where only permanent redirects lead"),
    Column("text", "text", False, "the anchor's text, white space collapsed, or the alt text of its image"),
    Column("line", "integer", True, "the line of a file on disk where the link stands, from 1"),
    Column("column", "integer", True, "the column there, from 1"),
    Column("known", "boolean", False, "whether it stands in the baseline"),
    Column("suggestion", "text", True, "the likeliest live replacement"),
)
"""What a check found, a row for each occurrence of a link."""

TABLES: dict[str, tuple[Column, ...]] = {"links": LINKS, "pages": PAGES, "urls": URLS, "hops": HOPS, "hosts": HOSTS}
"""Every table of a run that faces the user, by its name."""


def names(columns: tuple[Column, ...]) -> list[str]:
    """Return the columns' names, in order."""
    return [column.name for column in columns]
