"""`linkhaul crawl` from its sources to its outputs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from inline_snapshot import snapshot
from tests.api.site import Reply, Site, moved, page, served

from linkhaul.cli.crawl import NO_FLAG, crawl
from linkhaul.cli.flags import flag_of
from linkhaul.config import settings

Command = Callable[..., tuple[int, str, str]]
PLAIN = (("Content-Type", "text/plain"),)


@pytest.fixture
def web() -> Iterator[Site]:
    """Serve a site with a trap, a refused page, another site and a sitemap."""
    pages = {
        "/robots.txt": Reply("User-agent: *\nDisallow: /secret\n", headers=PLAIN),
        "/": page("/a", "/secret", "/x/x/x/1", "/x/x/x/2", "https://other.example/"),
        "/a": page("/a/b", "/"),
        "/a/b": page("/a/b/c"),
        "/a/b/c": page(),
    }
    with served(pages) as site:
        site.pages["/sitemap.xml"] = Reply(f"{site.url('/a')}\n{site.url('/alone')}\n", headers=PLAIN)
        site.pages["/alone"] = page()
        yield site


def paths(site: Site, out: str) -> set[str]:
    """Return the pages that the rows of a CSV text are of."""
    return {row["page_url"].removeprefix(site.url("")) for row in csv.DictReader(io.StringIO(out, newline=""))}


def test_the_whole_site_and_what_is_said_of_it(linkhaul: Command, web: Site) -> None:
    """Rows go to standard output; the scope is said first, then what was found, what was withheld, and how to go on."""
    code, out, err = linkhaul("crawl", web.url(), "--run", "x.run")
    assert code == 0
    assert paths(web, out) == {"/", "/a", "/a/b"}
    told = err.replace(web.url(""), "SITE").splitlines()
    assert told[0] == "scope host: pages of SITE"
    assert "6 pages: 5 ok, 1 refused" in told
    assert "1 sitemap read, with 2 URLs" in told
    assert "1 URL known and not followed: scope:host 1" in told
    assert "run file: x.run ('linkhaul status' and 'linkhaul explain' ask it)" in told
    begin = told.index("2 URLs withheld, as they look like a space without an end:")
    assert "\n".join(told[begin + 1 : begin + 4]) == snapshot("""\
      2  SITE/x/**: the path repeats a segment 3 times in a row or 4 times in all
         such as SITE/x/x/x/1
         let it through with --allow-pattern 'SITE/x/**'\
""")


def test_what_was_withheld_is_let_through(linkhaul: Command, web: Site) -> None:
    """The flag that the report names, on the same command, fetches what was withheld."""
    err = linkhaul("crawl", web.url(), "--run", "x.run", "-o", "x.csv")[2]
    assert web.asked["/x/x/x/1"] == 0
    (hint,) = [line.split("--allow-pattern ")[1].strip("'") for line in err.splitlines() if "--allow-pattern" in line]
    code, _, err = linkhaul("crawl", web.url(), "--run", "x.run", "-o", "x.csv", "--allow-pattern", hint)
    assert (code, web.asked["/x/x/x/1"], web.asked["/x/x/x/2"], web.asked["/a"]) == (0, 1, 1, 1)
    assert "what was found before is decided again" in err
    assert "withheld" not in err


def test_the_flags_of_the_scope(linkhaul: Command, web: Site) -> None:
    """--depth, --exclude, --include, --scope and --no-sitemaps bound what is fetched; --match bounds the rows alone."""

    def fetched(*words: str) -> set[str]:
        web.forget()
        assert linkhaul("crawl", "-q", web.url("/a"), "--run", f"{abs(hash(words))}.run", "-o", f"{abs(hash(words))}.csv", *words)[0] == 0
        return {path for path, count in web.asked.items() if count and path.startswith("/a")}

    assert fetched("--depth", "1", "--no-sitemaps") == {"/a", "/a/b"}
    assert fetched("--exclude", "/c$") == fetched("--skip", "/c$") == {"/a", "/a/b", "/alone"}
    assert fetched("--include", "/c$") == {"/a"}
    assert fetched("--scope", "page") == {"/a"}
    assert fetched("--match", "nothing") == {"/a", "/a/b", "/a/b/c", "/alone"}


def test_a_limit_and_going_on(linkhaul: Command, web: Site) -> None:
    """What a limit left is fetched by the same command with a larger one, and the rows are there once."""
    err = linkhaul("crawl", web.url(), "--max-pages", "2", "-o", "x.csv", "--run", "x.run")[2]
    assert "stopped by --max-pages; with a larger one the same command goes on" in err
    code, _, err = linkhaul("crawl", web.url(), "-o", "x.csv", "--run", "x.run")
    assert code == 0
    assert err.splitlines()[:2] == [f"scope host: pages of {web.url('')}", "going on with the earlier run; --fresh starts over"]
    rows = Path("x.csv").read_text().splitlines()[1:]
    assert len(rows) == len(set(rows)) == 8


def test_a_source_that_moved_widens_the_scope(linkhaul: Command) -> None:
    """Where the source redirects to another host, a notice says what the scope is now."""
    with served({"/": page("/a"), "/a": page()}) as there, served({"/": moved(there.url())}) as here:
        code, _, err = linkhaul("crawl", here.url(), "--allow-private", "--run", "x.run")
        assert code == 0
        assert f"{here.url()} redirects to {there.url()}: the scope now is scope host" in err
        assert there.asked["/a"] == 1


def test_lists_and_pages(linkhaul: Command, web: Site) -> None:
    """Sources come from a list too, and --pages writes a row for each page."""
    Path("list.txt").write_text(web.url("/a") + "\n")
    assert linkhaul("crawl", "--from", "list.txt", "--no-sitemaps", "-o", "x.csv", "--pages", "p.csv")[0] == 0
    with Path("p.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 5


@pytest.mark.parametrize(
    "setting", [setting for name, setting in settings().items() if name not in (*NO_FLAG, "only")], ids=lambda s: s.name
)
def test_every_setting_is_a_flag(setting: object) -> None:
    """Each setting has its flag, but for the rows' own exclude: --exclude means the scope here."""
    flags = [flag for option in crawl.params for flag in option.opts]
    assert flag_of(setting.name) in flags  # type: ignore[attr-defined]


def test_exclude_is_the_scopes(linkhaul: Command) -> None:
    """--exclude sets `skip` and not `exclude`; linkhaul.toml may still set that."""
    out = linkhaul("crawl", "--print-config", "--exclude", "/a")[1]
    told = {line.split(" = ")[0]: line for line in out.splitlines() if " = " in line}
    assert told["skip"].startswith('skip = ["/a"]')
    assert told["exclude"].startswith("exclude = []")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "for example: linkhaul crawl https://example.org/ -o links.csv"),
        (["x.example", "--scope", "world"], "--scope"),
        (["x.example", "--exclude", "["], "skip: '[' is not a regular expression"),
        (["x.example", "--depth", "-1"], "--depth"),
    ],
)
def test_what_cannot_be_meant(linkhaul: Command, words: list[str], said: str) -> None:
    """A usage error is one line and exit code 2, before anything is asked or made."""
    code, out, err = linkhaul("crawl", *words, "--run", "x.run")
    assert (code, out) == (2, "")
    assert said in err


def test_the_log_names_the_scope(linkhaul: Command, web: Site) -> None:
    """The log's first event holds verb and scope."""
    assert linkhaul("crawl", "-q", web.url(), "--log", "x.log", "-o", "x.csv")[0] == 0
    first = json.loads(Path("x.log").read_text().splitlines()[0])
    assert (first["verb"], first["scope"]) == ("crawl", f"scope host: pages of {web.url('')}")


def test_the_run_of_another_verb_is_refused(linkhaul: Command, web: Site) -> None:
    """A run file of `links` is not gone on with by `crawl`."""
    assert linkhaul("links", "-q", web.url(), "--run", "x.run", "-o", "x.csv")[0] == 0
    code, _, err = linkhaul("crawl", web.url(), "--run", "x.run", "-o", "x.csv")
    assert code == 3
    assert "linkhaul links" in err
