"""`linkhaul explain`: one URL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from inline_snapshot import snapshot

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def crawled(linkhaul: Command, site: str) -> str:
    """Crawl the demo site, three clicks deep, and return its address."""
    assert linkhaul("crawl", "-q", f"{site}/", "--run", "site.run", "-o", "links.csv", "--depth", "3")[0] == 0
    return site


def test_a_refused_page(linkhaul: Command, crawled: str) -> None:
    """State, rule, robots line, way and links, on standard output."""
    code, out, err = linkhaul("explain", "site.run", f"{crawled}/shop/basket/")
    assert (code, err) == (0, "")
    lines = [line for line in out.replace(crawled, "SITE").splitlines() if "visited at" not in line]
    assert "\n".join(lines) == snapshot("""\
SITE/shop/basket/
  done (robots): taken to its end, refused: robots.txt of SITE disallows it (line 3: Disallow: /shop/basket/); --ignore-robots asks anyway
  robots.txt of SITE disallows it: line 3: Disallow: /shop/basket/
the shortest way to it, 2 clicks:
  seed                              SITE/
  link "Shop"                       SITE/shop/
  link "Your basket"                SITE/shop/basket/
1 link on 1 page leads to it:
  SITE/shop/, link 13: "Your basket"  (nofollow)\
""")


def test_a_page_behind_redirects(linkhaul: Command, crawled: str) -> None:
    """Redirects are shown from both ends; a path alone is enough."""
    assert f"  301 {crawled}/visit -> {crawled}/visit/" in linkhaul("explain", "site.run", "/visit")[1].splitlines()
    assert f"it is where {crawled}/visit redirects to" in linkhaul("explain", "site.run", "/about/find-us/")[1]


def test_a_source_and_what_is_too_deep(linkhaul: Command, crawled: str) -> None:
    """A source needs no way; what is too deep names the flag."""
    assert "it is a source" in linkhaul("explain", "site.run", "/")[1]
    with closing(sqlite3.connect("site.run")) as database:
        (url,) = database.execute("SELECT url FROM url WHERE reason = 'depth' LIMIT 1").fetchone()
    out = linkhaul("explain", "site.run", url)[1]
    assert "recorded (depth)" in out
    assert "--depth" in out


def test_an_unknown_url(linkhaul: Command, crawled: str) -> None:
    """A URL that was never met says what would become of it, and what is like it."""
    code, out, _ = linkhaul("explain", "site.run", f"{crawled}/shop")
    assert code == 0
    assert "unknown: the run has never met it; a link to it would be followed" in out
    assert f"\n  {crawled}/shop/\n" in out
    assert "no URL that the run knows resembles it" in linkhaul("explain", "site.run", "nowhere.example/abc")[1]


def test_json(linkhaul: Command, crawled: str) -> None:
    """--json gives the whole answer as one object."""
    found = json.loads(linkhaul("explain", "site.run", f"{crawled}/guide/moss/", "--json")[1])
    assert (found["state"], found["visit"]["status"], found["depth"]) == ("done", 200, 1)
    assert found["link_count"] >= len(found["links"]) > 0


def test_nothing_of_the_web_reaches_the_terminal_raw(linkhaul: Command, crawled: str) -> None:
    """Escapes and marks that turn the writing are shown as signs, in text and in JSON."""
    with closing(sqlite3.connect("site.run")) as database:
        database.execute("UPDATE link SET text = 'a' || char(27) || '[31m' || char(8238) || char(127) WHERE url LIKE '%/guide/moss/'")
        database.execute("UPDATE visit SET title = char(155) || 'x', detail = char(27) WHERE url LIKE '%/guide/moss/'")
        database.commit()
    for words in ([], ["--json"]):
        out = linkhaul("explain", "site.run", "/guide/moss/", *words)[1]
        assert "[31m" in out
        assert not [sign for sign in out if sign != "\n" and not sign.isprintable()]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no run file here"),
        (b"a text of mine" * 20, "this is not a run file"),
        ("foreign", "not a run file"),
        ("newer", "made by a newer linkhaul"),
        ("short", "cut short"),
    ],
)
@pytest.mark.parametrize("verb", [["status"], ["explain"], ["urls"], ["export"]], ids=lambda verb: verb[0])
def test_what_is_no_run_file(linkhaul: Command, crawled: str, verb: list[str], content: bytes | str | None, said: str) -> None:
    """A missing, foreign, newer or truncated file is one clear line and exit code 3, and stays as it was."""
    path = Path("other.run")
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "foreign":
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE mine (x)")
    elif content == "newer":
        path.write_bytes(Path("site.run").read_bytes())
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA user_version = 99")
    elif content == "short":
        path.write_bytes(Path("site.run").read_bytes()[: 8192 * 3 + 100])
    before = path.read_bytes() if path.exists() else None
    url = ["/x"] if verb == ["explain"] else []
    code, out, err = linkhaul(*verb, "other.run", *url)
    assert (code, out) == (3, "")
    assert said in err
    assert err.count("\n") == 1
    assert (path.read_bytes() if path.exists() else None) == before


@pytest.mark.parametrize("verb", [["status"], ["explain"], ["urls"], ["export", "--table", "urls"]], ids=lambda verb: verb[0])
def test_a_run_file_that_is_damaged_inside(linkhaul: Command, crawled: str, verb: list[str]) -> None:
    """Damage that is met only on the way is an error of the run file too, not a fault of ours."""
    whole = Path("site.run").read_bytes()
    Path("other.run").write_bytes(whole[: 8192 * 2] + b"\xa5" * (len(whole) - 8192 * 2))
    name, *flags = verb
    code, _, err = linkhaul(name, "other.run", *(["/x"] if name == "explain" else []), *flags)
    assert code == 3
    assert "run file" in err
    assert err.count("\n") == 1
