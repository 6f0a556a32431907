"""Hostile servers, end to end: the run finishes, nothing is raised, each fault is the row it must be, with a sentence."""

from __future__ import annotations

import asyncio
import gzip
import socket
import sqlite3
import ssl
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from tests.fetch.test_faults import PAGE
from tests.trials.faults import TABLE, Fault
from tests.trials.hostile import Answer, Kept, hostile, page

from linkhaul.api.doors import crawl, links
from linkhaul.model.columns import PAGES, names

PATIENCE: dict[str, Any] = {"timeout": 2.5, "read_timeout": 1.0, "connect_timeout": 10.0, "max_body": 200_000, "retries": 0}
NAMES = {"localhost": ["127.0.0.1"], "inside.example": ["127.0.0.1"], "both.example": ["10.0.0.7", "127.0.0.1"]}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8")
Rows = dict[str, dict[str, Any]]
WAITING = {"429 that wants an hour", "429 that wants a million years"}
"""What makes a host wait that has more than one page: see the test of their own."""
QUICK = {name: fault for name, fault in TABLE.items() if name not in WAITING}


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer for the names of the table, and for no other; return the names that were asked."""
    asked: list[str] = []

    def look_up(host: str, port: int, *words: Any, **named: Any) -> list[Any]:
        asked.append(host)
        if host not in NAMES:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in NAMES[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def rows_of(run: Any) -> Rows:
    columns = names(PAGES)
    return {row[0]: dict(zip(columns, row, strict=True)) for row in run.pages}


@pytest.mark.usefixtures("dns")
def test_each_fault_is_the_row_it_must_be() -> None:
    """One run over all faults at once finishes, with one row for each, as the table says, and a sentence for what failed."""
    with hostile({name: fault.pages for name, fault in TABLE.items()}) as web:
        run = links([web.url(name) for name in TABLE], "links.csv", pages="pages.csv", **PATIENCE)
        rows = {name: rows_of(run)[web.url(name)] for name in TABLE}
    shown = ("outcome", "failure", "status", "detail", "hops")
    wrong = [
        f"{name}: {[rows[name][key] for key in shown]}, not {fault.row}" for name, fault in TABLE.items() if not is_as(rows[name], fault)
    ]
    assert not wrong, "\n".join(wrong)
    assert run.state == "finished"
    assert len(list(run.pages)) == len(TABLE)


def is_as(row: dict[str, Any], fault: Fault) -> bool:
    """Return whether a row is what the fault must give; what failed or was refused has a sentence, printable and without secrets."""
    wanted = fault.row
    if (row["outcome"], row["failure"]) != (wanted.outcome, wanted.failure):
        return False
    if wanted.failure is None:
        return row["detail"] is None and row["status"] == wanted.status and wanted.hops in (None, row["hops"])
    detail = row["detail"]
    return wanted.words in detail and detail.isprintable() and len(detail) > 20 and "secret" not in detail


def test_the_table_is_long_enough() -> None:
    """The table holds more faults than promised."""
    assert len(TABLE) >= 120


@pytest.mark.usefixtures("dns")
def test_each_fault_of_a_robots_file_is_survived() -> None:
    """Whatever comes instead of robots.txt, the page behind it is read or refused or fails like its host, always with a sentence."""
    with hostile({name: {"/robots.txt": fault.pages["/"], "/": page(PAGE)} for name, fault in QUICK.items()}) as web:
        run = links([web.url(name) for name in QUICK], **PATIENCE | {"retries": 1})
        rows = {name: rows_of(run)[web.url(name)] for name in QUICK}
        asked = {name: [head.split(" ")[1] for head in heads] for name, heads in web.asked.items()}
    assert len(rows) == len(QUICK)
    for name, row in rows.items():
        assert ("/" in asked[name]) == (row["outcome"] == "ok"), f"{name}: {row} {asked[name]}"
        assert row["outcome"] in {"ok", "refused", "failed"}, f"{name}: {row}"
        assert row["outcome"] == "ok" or (len(row["detail"]) > 20 and row["detail"].isprintable()), f"{name}: {row}"
    assert {row["outcome"] for row in rows.values()} == {"ok", "refused", "failed"}
    assert rows["silence"]["failure"] == "read-timeout"
    assert rows["redirect to a home router"]["failure"] == "robots"  # the redirect is refused, not the host that sent it
    assert rows["500 with a page"]["failure"] == "robots"


@pytest.mark.usefixtures("dns")
def test_each_fault_of_a_sitemap_is_survived() -> None:
    """Whatever comes instead of a sitemap, the crawl reads its page and comes to its end, and the sitemap is not asked for again."""
    with hostile({name: {"/sitemap.xml": fault.pages["/"], "/": page(PAGE), "/x": page(b"")} for name, fault in QUICK.items()}) as web:
        run = crawl([web.url(name) for name in QUICK], run="sitemaps.linkhaul", **PATIENCE | {"retries": 1})
        rows = rows_of(run)
        assert run.state == "finished"
        assert [name for name in QUICK if rows[web.url(name)]["outcome"] != "ok" or rows[web.url(name, "/x")]["outcome"] != "ok"] == []
        assert [name for name in QUICK if sum(" /sitemap.xml " in head for head in web.asked[name]) > 2] == []


def test_notices_are_bounded() -> None:
    """A host with a thousand broken sitemaps does not fill the memory, or the screen, with a thousand sentences."""
    index = b"<sitemapindex>" + b"".join(b"<sitemap><loc>/none/%d.xml</loc></sitemap>" % n for n in range(1_000)) + b"</sitemapindex>"
    with hostile({"one": {"/sitemap.xml": page(index), "/": page(b"")}}) as web:
        run = crawl(web.url("one"), retries=0)
        assert len(web.asked["one"]) == 1_003
    assert 1 <= len(run.progress.notices) <= 200


SITEMAPS = {
    "an entity bomb": b'<!DOCTYPE u [<!ENTITY a "aaaaaaaaaa">' + b"".join(b'<!ENTITY %s "%s">' % (bytes([98 + n]), b"&%s;" % bytes([97 + n]) * 10) for n in range(9))
    + b"]><urlset><url><loc>&j;</loc></url></urlset>",
    "an outside entity": b'<!DOCTYPE u [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><url><loc>&a;</loc></url></urlset>',
    "an outside DTD": b'<!DOCTYPE u SYSTEM "http://127.0.0.1:9/x.dtd"><urlset/>',
    "an index of itself": b"<sitemapindex><sitemap><loc>/sitemap.xml</loc></sitemap></sitemapindex>",
    "an index of sitemaps that are not there": b"<sitemapindex>" + b"".join(b"<sitemap><loc>/none/%d.xml</loc></sitemap>" % n for n in range(40)) + b"</sitemapindex>",
    "nesting 100,000 deep": b"<a>" * 100_000,
    "an element that does not end": b"<urlset><url><loc>" + b"x" * 3_000_000,
    "URLs of other schemes": b"<urlset><url><loc>file:///etc/passwd</loc></url><url><loc>javascript:1</loc></url></urlset>",
    "URLs of a private network": b"<urlset><url><loc>http://10.0.0.1/</loc></url></urlset>",
    "a list of terminal escapes": b"http://a.example/\x1b[31m\n\x00\nhttp://b.example/\x9b\n",
    "gzip inside": gzip.compress(b"<urlset>" + b"<url><loc>/x</loc></url>" * 30_000 + b"</urlset>", mtime=0),
    "a bomb": gzip.compress(bytes(120_000_000), mtime=0),
    "UTF-32": "<urlset/>".encode("utf-32"),
    "30,000 hosts": b"<urlset>" + b"".join(b"<url><loc>http://h%d.example/</loc></url>" % n for n in range(30_000)) + b"</urlset>",
}  # fmt: skip


def test_hostile_sitemaps_are_bounded() -> None:
    """Entity bombs, endless indexes and gigabytes of zeros end as notices; no file is read, no other host asked, and the pages are read."""
    with hostile({name: {"/sitemap.xml": page(body), "/": page(PAGE), "/x": page(b"")} for name, body in SITEMAPS.items()}) as web:
        run = crawl([web.url(name) for name in SITEMAPS], run="sitemaps.linkhaul", retries=0)
        rows = rows_of(run)
        assert run.state == "finished"
        assert set(rows) == {web.url(name, path) for name in SITEMAPS for path in ("/", "/x")}
        assert {row["outcome"] for row in rows.values()} == {"ok"}
        notices = " ".join(run.progress.notices)
        for name in ("an entity bomb", "an outside entity", "a bomb", "nesting 100,000 deep", "an element that does not end"):
            assert f"{web.origins[name]}/sitemap.xml: " in notices, name
        assert notices.isprintable()
        assert "root:" not in notices
        assert len(web.asked["an index of itself"]) == 4
    with closing(sqlite3.connect(run.path)) as db:
        assert db.execute("SELECT count(*) FROM urls WHERE state = 'recorded' AND url LIKE 'http://h%.example/'").fetchone() == (30_000,)
        assert db.execute("SELECT count(*) FROM urls WHERE url NOT LIKE 'http%'").fetchone() == (0,)


@pytest.mark.parametrize(
    ("certificate", "words"),
    [("expired", "has expired"), ("early", "is not valid yet"), ("selfsigned", "is self-signed"), ("other", "is for another")],
)
def test_a_wrong_certificate_is_a_row(certificate: str, words: str, tls: Callable[[str], ssl.SSLContext]) -> None:
    """Pages behind a certificate that cannot be trusted are not asked for: each is a row that says what is wrong with it."""
    with hostile({"one": {"/": page(PAGE)}}, tls(certificate)) as web:
        run = links([web.url("one"), web.url("one", "/b")], retries=0)
        rows = list(rows_of(run).values())
        assert web.asked["one"] == []
    assert [(row["outcome"], row["failure"]) for row in rows] == [("failed", "tls")] * 2
    assert words in rows[0]["detail"], rows[0]["detail"]


def test_cookies_stay_where_they_are() -> None:
    """No server can make us carry a cookie, to itself or to another."""
    cookies = (b"Set-Cookie: a=1", b"Set-Cookie: b=2; Domain=127.0.10.2; Path=/", b"Set-Cookie: c=3; Domain=.0.10.2")
    pages = {"/": page(b"<a href=/b>", *cookies), "/b": page(b"", *cookies)}
    with hostile({"one": pages, "other": pages}) as web:
        crawl([web.url("one"), web.url("other")], run="cookies.linkhaul")
        heads = [head for name in ("one", "other") for head in web.asked[name]]
    assert len(heads) == 8
    assert [head for head in heads if "cookie" in head.lower()] == []


def test_a_smuggled_reply_answers_nobody() -> None:
    """What a server sends behind a reply is never taken for the answer to the next request on that connection."""
    smuggled = page(b"<a href=/evil>", b"X-Smuggled: 1")
    pages: dict[str, Answer] = {f"/{n}": Kept(page(b"<a href=/good/%d>" % n) + smuggled) for n in range(8)}

    async def late(writer: asyncio.StreamWriter) -> None:
        writer.write(page(b"<a href=/good/late>"))
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(smuggled)
        await writer.drain()
        await asyncio.sleep(1)

    with hostile({"at once": pages | {"/8": page(b"<a href=/good/8>")}, "later": {"/late": late, "/9": page(b"<a href=/good/9>")}}) as web:
        run = links(
            [*[web.url("at once", f"/{n}") for n in range(9)], web.url("later", "/late"), web.url("later", "/9")], gap=0.15, retries=3
        )
        found = sorted(link.url.rpartition("/")[2] for link in run.links)
    assert found == sorted([*map(str, range(10)), "late"])


def test_kept_connections_that_are_not() -> None:
    """A server that promises to keep its connections and hangs up costs retries, not pages."""
    lying = page(PAGE, b"Connection: keep-alive", b"Keep-Alive: timeout=60, max=1000")
    with hostile({"one": {f"/{n}": bytes(lying) for n in range(4)}}) as web:
        run = links([web.url("one", f"/{n}") for n in range(4)], per_host=1, retries=3)
    assert run.outcomes == {"ok": 4}


def test_a_host_that_wants_us_gone_for_ever_is_not_waited_for() -> None:
    """A Retry-After beyond reason holds its own host only: the rest is read, and the run ends and says what is left."""
    away = page(b"", b"Retry-After: 31536000000000", status=b"429 Slow")
    with hostile({"away": {"/": away, "/b": page(PAGE)}, "here": {"/": page(PAGE), "/b": page(PAGE)}}) as web:
        run = links([web.url(name, path) for name in ("away", "here") for path in ("/", "/b")], per_host=1, retries=0)
        rows = rows_of(run)
        assert sum(" /robots.txt " not in head for head in web.asked["away"]) == 1
    assert [rows[web.url("here", path)]["outcome"] for path in ("/", "/b")] == ["ok", "ok"]
    assert run.state == "stopped"
    assert any("Retry-After" in notice for notice in run.progress.notices)
