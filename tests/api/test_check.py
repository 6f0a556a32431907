"""`check`: a site, lists, folders of pages and documents, and finished runs, each with what it has to say of its links."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import Reply, Site, moved, page

import linkhaul
from linkhaul.api.findings import CheckResult
from linkhaul.errors import SettingError, SourceError, UsageError
from linkhaul.insight import check as insight_check

Serve = Callable[[object], Site]
AT_ONCE: dict[str, Any] = {"confirm_after": 0.0, "allow_private": True}
PDF = Reply("%PDF", headers=(("Content-Type", "application/pdf"),))


def verdicts(result: CheckResult) -> dict[str, str]:
    """Return the verdict and its code on each link URL, by its path and what follows; by all of it where it has no path."""
    return {_short(found.url): f"{found.verdict.name}/{found.verdict.code}" for found in result}


def _short(url: str) -> str:
    path = "/" + url.partition("://")[2].partition("/")[2]
    return path if "://" in url and len(path) > 1 else url


def wrong(result: CheckResult) -> dict[str, str]:
    """Return what is not fine."""
    return {url: verdict for url, verdict in verdicts(result).items() if not verdict.startswith("ok/")}


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder and return it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_site_is_crawled_and_what_leaves_it_asked_once(serve: Serve) -> None:
    """Pages within the scope are read, outside targets looked at; each verdict stands with every place."""
    other = serve({"/x": page("/never", title="Outside"), "/gone": Reply("no", 404), "/robots.txt": Reply("", 404)})
    site = serve(
        {
            "/": page("/a", "/a#here", "/a#nowhere", other.url("/x"), other.url("/gone")),
            "/a": Reply('<p id="here">Here <a href="/gone">x</a>'),
        }
    )
    result = linkhaul.check(site.url("/"), **AT_ONCE)
    assert wrong(result) == {"/a#nowhere": "broken/fragment", "/gone": "broken/404"}
    assert (site.asked["/a"], other.asked["/x"], other.asked["/never"], other.asked["/gone"]) == (1, 1, 0, 2)
    assert result.failed
    assert result.coverage.pages == 2
    assert {place.page_url for found in result for place in found.places if found.url == other.url("/gone")} == {site.url("/")}


def test_a_site_without_a_fault(serve: Serve) -> None:
    """What is fine is said to be fine, and nothing fails."""
    site = serve({"/": page("/a", "mailto:ann@example.org", "/#top", "/f.pdf#page=2"), "/a": page("/"), "/f.pdf": PDF})
    result = linkhaul.check(site.url("/"), **AT_ONCE)
    assert wrong(result) == {}
    assert not result.failed
    assert result.problems == []


def test_a_soft_404_is_known_by_a_made_up_address(serve: Serve) -> None:
    """A page that a host shows for every address is no page."""
    text = "<title>Not here</title><p>" + "Sorry, what you are looking for is not to be found on this site any more. " * 5
    site = serve({})
    site.pages = _Everything(  # type: ignore[assignment]
        {"/": page("/gone", "/real"), "/real": page(title="Real")}, Reply(text)
    )
    assert wrong(linkhaul.check(site.url("/"), **AT_ONCE)) == {"/gone": "soft-404/made-up"}
    assert wrong(linkhaul.check(site.url("/"), no_probe=True, fresh=True, **AT_ONCE)) == {}


class _Everything(dict[str, Reply]):
    """Answers for what is not there."""

    def __init__(self, pages: Mapping[str, Reply], other: Reply) -> None:
        super().__init__(pages)
        self.other = other

    def get(self, path: str, default: Any = None) -> Any:
        return super().get(path, self.other if path != "/robots.txt" else default)


class _Below(_Everything):
    """Answers for what is not there below a path."""

    def __init__(self, top: str, pages: Mapping[str, Reply], other: Reply) -> None:
        super().__init__(pages, other)
        self.top = top

    def get(self, path: str, default: Any = None) -> Any:
        return super().get(path, default) if path in self or path.startswith(self.top) else default


def test_the_pages_of_a_list_are_read_and_no_more(serve: Serve) -> None:
    """Of a list every page is read; what they link to is looked at, also on their own host."""
    site = serve({"/1": page("/2", "/gone"), "/2": page("/3"), "/3": page("/never"), "/4": page()})
    Path("urls.txt").write_text(f"{site.url('/1')}\n{site.url('/2')}\n")
    assert wrong(linkhaul.check(linkhaul.UrlList("urls.txt"), **AT_ONCE)) == {"/gone": "broken/404"}
    assert (site.asked["/2"], site.asked["/3"], site.asked["/never"]) == (1, 1, 0)


def test_the_pages_of_a_sitemap_are_read_and_no_more(serve: Serve) -> None:
    """Likewise for a sitemap."""
    site = serve({"/1": page("/2", "/gone"), "/2": page("/never")})
    entries = f"<url><loc>{site.url('/1')}</loc></url>"
    site.pages["/sitemap.xml"] = Reply(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>')
    assert wrong(linkhaul.check(site.url("/sitemap.xml"), **AT_ONCE)) == {"/gone": "broken/404"}
    assert (site.asked["/1"], site.asked["/2"], site.asked["/never"]) == (1, 1, 0)


def test_html_files_are_checked_on_disk(tmp_path: Path) -> None:
    """Relative links and those from the top are looked up in the folder; each broken one says where it stands."""
    folder = written(
        tmp_path / "site",
        {
            "index.html": '<h1 id="a">x</h1>\n<a href="sub/">s</a> <a href="sub">s</a> <a href="sub/b.html#b">b</a>\n  <a href="gone.html">g</a>',
            "sub/index.html": '<a href="../index.html#a">up</a> <a href="/index.html#z">top</a> <a href="/sub/b.html">b</a> <a href="//">x</a>',
            "sub/b.html": '<p id="b"><img src="pic.png"><img src="none.png"> <a href="../../out.html">out</a>',
            "sub/pic.png": "",
        },
    )
    (tmp_path / "out.html").write_text("outside")
    result = linkhaul.check(folder, **AT_ONCE)
    found = {checked.url.removeprefix(folder.as_uri()): checked for checked in result if checked.verdict.name not in ("ok", "redirected")}
    named = {url: f"{checked.verdict.name}/{checked.verdict.code}" for url, checked in found.items()}
    outside = named.pop((tmp_path / "out.html").as_uri())
    assert named.pop("file:///", None) in (None, "not-checked/unasked", "not-checked/outside")
    assert named == {"/gone.html": "broken/file", "/index.html#z": "broken/fragment", "/sub/none.png": "broken/file"}
    assert outside.startswith("not-checked/")
    assert [(place.line, place.column) for place in found["/gone.html"].places] == [(3, 12)]


def test_markdown_files_are_checked_on_disk(tmp_path: Path) -> None:
    """Documents lead to documents, to their headings, to folders and pictures; hidden folders and others' modules are not read."""
    folder = written(
        tmp_path / "docs",
        {
            "README.md": "# Hello\n\n[one](guide/one.md#second-part) [self](#hello) [no](#bye)\n[gone](guide/gone.md) [dir](guide/) ![p](p.png)\n",
            "guide/one.md": "# One\n## Second part\n[top](/README.md#hello) [bad](../README.md#nothing)\n",
            "guide/README.md": "x",
            "p.png": "",
            ".hidden/a.md": "[gone](nowhere.md)",
            "node_modules/m/README.md": "[gone](nowhere.md)",
        },
    )
    result = linkhaul.check(folder, **AT_ONCE)
    broken = {found.url.removeprefix(folder.as_uri()): found for found in result if found.verdict.name == "broken"}
    assert {url: found.verdict.code for url, found in broken.items()} == {
        "/README.md#bye": "fragment", "/guide/gone.md": "file", "/README.md#nothing": "fragment",
    }  # fmt: skip
    assert [(place.line, place.column) for place in broken["/guide/gone.md"].places] == [(4, 8)]
    assert result.coverage.pages == 3


def test_one_document_may_lead_to_all_of_the_working_directory(tmp_path: Path) -> None:
    """A file that is named alone belongs to the folder that the person stands in."""
    written(Path.cwd(), {"docs/a.md": "[up](../README.md) [gone](../none.md)", "README.md": "x"})
    assert list(wrong(linkhaul.check("docs/a.md", **AT_ONCE)).values()) == ["broken/file"]


def test_the_top_of_the_files_can_be_told(tmp_path: Path) -> None:
    """With root_dir a path from the top begins there, and links may lead to all of it."""
    root = written(tmp_path / "public", {"docs/a.html": '<a href="/b.html">b</a> <a href="../b.html">b</a>', "b.html": "b"})
    assert wrong(linkhaul.check(root / "docs", root_dir=str(root), **AT_ONCE)) == {}
    with pytest.raises(SourceError, match="no folder that holds"):
        linkhaul.check(root / "docs", root_dir=str(tmp_path / "elsewhere"))


def test_a_folder_that_lives_on_the_web(tmp_path: Path, serve: Serve) -> None:
    """With base_url links that lead to the folder's place on the web are looked up on disk, the others asked for."""
    site = serve({"/other": page()})
    folder = written(
        tmp_path / "site",
        {"a.html": f'<a href="{site.url("/docs/b.html")}">b</a> <a href="/other">o</a> <a href="/docs/c.html">c</a>', "b.html": ""},
    )
    result = linkhaul.check(folder, base_url=site.url("/docs/"), **AT_ONCE)
    assert wrong(result) == {"/docs/c.html": "broken/file"}
    assert (site.asked["/docs/b.html"], site.asked["/other"]) == (0, 1)


def test_a_document_that_is_not_there_is_no_host() -> None:
    """A typing error in a file's name is told, not looked up in the DNS of Moldova."""
    with pytest.raises(SourceError, match="there is no such file"):
        linkhaul.check("NONE.md")


def test_a_finished_run_is_checked_without_asking_again(serve: Serve) -> None:
    """Of a crawl's run only what it recorded is asked for; what it asked is judged as it was seen."""
    other = serve({"/x": page(), "/y": Reply("", 404)})
    site = serve({"/": page("/a", other.url("/x"), other.url("/y")), "/a": page("/b"), "/b": page()})
    run = linkhaul.crawl(site.url("/"), run="site.run", max_pages=2)
    assert run.state == "stopped"
    asked = dict(site.asked)
    result = linkhaul.check("site.run", **AT_ONCE)
    assert wrong(result) == {"/y": "broken/404"}
    assert {path: site.asked[path] for path in ("/", "/a")} == {path: asked[path] for path in ("/", "/a")}
    assert (site.asked["/b"], other.asked["/x"], other.asked["/y"]) == (1, 1, 2)
    total = site.total + other.total
    assert verdicts(linkhaul.check("site.run", **AT_ONCE)) == verdicts(result)
    assert site.total + other.total == total
    assert linkhaul.open_run("site.run").state == "finished"


def test_the_run_of_a_crawl_stays_one(serve: Serve) -> None:
    """Being checked, a run keeps its verb and settings, and can be gone on with."""
    site = serve({"/": page("/a"), "/a": page()})
    run = linkhaul.crawl(site.url("/"), run="site.run")
    linkhaul.check(run.path, **AT_ONCE)
    assert linkhaul.crawl(site.url("/"), run="site.run").state == "finished"


def test_a_run_checks_itself(serve: Serve) -> None:
    """`run.check()` is the same."""
    site = serve({"/": page("/gone")})
    assert wrong(linkhaul.links(site.url("/")).check(**AT_ONCE)) == {"/gone": "broken/404"}


def test_recheck_asks_again_what_failed(serve: Serve) -> None:
    """Of a finished check what failed is asked again, and nothing else."""
    site = serve({"/": page("/a", "/b"), "/a": [Reply("", 404), Reply("", 404), page()], "/b": page()})
    assert wrong(linkhaul.check(site.url("/"), run="c.run", **AT_ONCE)) == {"/a": "broken/404"}
    assert wrong(linkhaul.check(site.url("/"), run="c.run", recheck=True, **AT_ONCE)) == {}
    assert (site.asked["/a"], site.asked["/b"]) == (3, 1)
    assert [count for path, count in site.asked.items() if "/linkhaul-" in path] == [1]
    assert linkhaul.open_run("c.run").outcomes == {"ok": 3}


def test_other_rules_judge_the_same_run(serve: Serve) -> None:
    """What is only judged can be told otherwise without asking anything again."""
    site = serve({"/": page("/gone", "/old"), "/gone": Reply("", 410), "/old": moved("/", 301)})
    first = linkhaul.check(site.url("/"), run="c.run", **AT_ONCE)
    total = site.total
    second = linkhaul.check(site.url("/"), run="c.run", accept="200..=299,410", redirects="fail", **AT_ONCE)
    assert (first.failed, second.failed) == (True, True)
    assert verdicts(first)["/gone"] == "broken/410"
    assert verdicts(second)["/gone"] == "ok/accepted"
    assert site.total == total


def test_a_judgement_binds_no_other() -> None:
    """Rules that a finished run was judged by once do not stick to it: the next time counts what is said then."""
    written(Path("docs"), {"a.md": "[x](gone.md) [y](mailto:ann) [z](a.md)"})
    first = linkhaul.check("docs", run="c.run", **AT_ONCE)
    assert len(list(linkhaul.check("c.run", exclude="gone", kinds="image", **AT_ONCE))) == 0
    assert verdicts(linkhaul.check("c.run", **AT_ONCE)) == verdicts(first)


def test_what_is_too_much_to_be_held_is_told_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings that are read anew each time are those that are held in memory, where there are few."""
    written(Path("docs"), {"a.md": "[x](gone.md) [y](mailto:ann) [z](a.md)\n\n[x](gone.md#a) [z](b.md)", "b.md": "[z](a.md) [x](gone.md)"})
    held = linkhaul.check("docs", run="c.run", **AT_ONCE)
    monkeypatch.setattr(insight_check, "MOST_HELD", 6)
    anew = linkhaul.check("c.run", **AT_ONCE)
    assert list(anew) == list(held) == list(anew)
    assert (anew.coverage, anew.problems) == (held.coverage, held.problems)
    Path("c.run").unlink()
    assert len(list(held)) == len(held.problems) + 2


def test_a_dead_entry_of_a_sitemap_is_found(serve: Serve) -> None:
    """A page that only a sitemap names is named without a place, whether the sitemap is the source or the site's own."""
    site = serve({"/": page("/a"), "/a": page()})
    entries = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in ("/", "/lost"))
    text = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    site.pages["/sitemap.xml"] = Reply(text, headers=(("Content-Type", "application/xml"),))
    for source in ("/sitemap.xml", "/"):
        result = linkhaul.check(site.url(source), run=f"{len(source)}.run", **AT_ONCE)
        assert wrong(result) == {"/lost": "broken/404"}
        assert result.failed


def test_a_site_that_says_sorry_a_hundred_times_is_no_trap(serve: Serve) -> None:
    """Pages of error that answer 200 are alike; each is named, and none withheld as an endless space."""
    chain = {f"/p{number}": page(f"/soft/{number}", f"/p{number + 1}", title=f"Page {number}") for number in range(60)}
    sorry = Reply("<title>Not found</title><p>" + "There is nothing here. " * 30)
    site = serve({})
    site.pages = _Below("/soft/", {"/": page("/p0"), **chain, "/p60": page()}, sorry)  # type: ignore[assignment]
    assert set(wrong(linkhaul.check(site.url("/"), **AT_ONCE)).values()) == {"soft-404/made-up"}
    assert [count for path, count in site.asked.items() if "/linkhaul-" in path] == [1, 1]


def test_what_is_no_longer_excluded_is_asked_for(serve: Serve) -> None:
    """Going on with fewer exclusions asks for what they had kept out."""
    other = serve({"/x": Reply("", 404)})
    site = serve({"/": page(other.url("/x"))})
    first = linkhaul.check(site.url("/"), run="c.run", exclude="/x", **AT_ONCE)
    assert verdicts(first) == {"/x": "not-checked/excluded"}
    assert wrong(linkhaul.check(site.url("/"), run="c.run", **AT_ONCE)) == {"/x": "broken/404"}


def test_a_baseline_lets_known_problems_pass(serve: Serve) -> None:
    """What stands in the baseline fails nothing; what is new does."""
    site = serve({"/": page("/old-problem")})
    Path("known.txt").write_text(f"*\t{site.url('/old-problem')}\tbroken/404\n")
    assert not linkhaul.check(site.url("/"), baseline="known.txt", **AT_ONCE).failed
    with pytest.raises(SettingError, match="there is no such baseline"):
        linkhaul.check(site.url("/"), baseline="none.txt", fresh=True, **AT_ONCE)


async def test_a_check_is_awaited(serve: Serve) -> None:
    """`acheck` is the same call for those who have a loop; `check` works inside one too."""
    site = serve({"/": page("/gone")})
    assert wrong(await linkhaul.acheck(site.url("/"), **AT_ONCE)) == {"/gone": "broken/404"}
    assert wrong(await asyncio.to_thread(linkhaul.check, site.url("/"), fresh=True, **AT_ONCE)) == {"/gone": "broken/404"}
    assert wrong(linkhaul.check(site.url("/"), fresh=True, **AT_ONCE)) == {"/gone": "broken/404"}


def test_a_run_file_is_checked_alone(serve: Serve) -> None:
    """Beside other sources, or with a run file of its own, it is told that this cannot be meant."""
    site = serve({"/": page()})
    linkhaul.links(site.url("/"), run="a.run")
    with pytest.raises(UsageError, match="check it alone"):
        linkhaul.check(["a.run", site.url("/")])
    with pytest.raises(UsageError, match="as it is"):
        linkhaul.check("a.run", run="b.run")


def test_kinds_that_are_asked_for(serve: Serve) -> None:
    """All kinds of link are checked but forms; fewer when they are named."""
    html = '<img src="/i.png"><form action="/f"></form><script src="/s.js"></script><a href="/a">a</a>'
    site = serve({"/": Reply(html)})
    assert set(wrong(linkhaul.check(site.url("/"), **AT_ONCE))) == {"/i.png", "/s.js", "/a"}
    assert set(wrong(linkhaul.check(site.url("/"), kinds="image", fresh=True, **AT_ONCE))) == {"/i.png"}


def test_what_was_fine_lately_is_not_asked_again(serve: Serve) -> None:
    """With max_age the next check of the same sources asks its own site, and of others what was not fine; the verdicts are the same."""
    text = "Sorry, there is nothing to be found at this place on our site any more, look at the front page. " * 5
    other = serve({"/x": Reply('<p id="a">A'), "/gone": Reply("", 404), "/old": moved("/x", 301), "/robots.txt": Reply("", 404)})
    liar = serve({})
    liar.pages = _Everything({}, Reply(text))  # type: ignore[assignment]
    site = serve(
        {"/": page(other.url("/x"), other.url("/x#a"), other.url("/gone"), other.url("/old"), liar.url("/soft"), "/in"), "/in": page()}
    )
    first = linkhaul.check(site.url("/"), max_age=1, **AT_ONCE)
    asked = dict(other.asked), dict(liar.asked), site.asked["/in"]
    second = linkhaul.check(site.url("/"), max_age=1, **AT_ONCE)
    assert verdicts(second) == verdicts(first)
    assert wrong(second) == {"/gone": "broken/404", "/old": "redirected/permanent", "/soft": "soft-404/made-up"}
    assert (other.asked["/x"], other.asked["/old"], other.asked["/gone"]) == (asked[0]["/x"], asked[0]["/old"], 4)
    assert dict(liar.asked) == asked[1]
    assert site.asked["/in"] == asked[2] + 1
    linkhaul.check(site.url("/"), **AT_ONCE)
    assert other.asked["/x"] == asked[0]["/x"] + 1


def test_what_is_too_old_is_asked_again(serve: Serve) -> None:
    """What the last check found out counts for as long as it was told to."""
    other = serve({"/x": page()})
    site = serve({"/": page(other.url("/x"))})
    linkhaul.check(site.url("/"), run="c.run", **AT_ONCE)
    with closing(sqlite3.connect("c.run")) as db:
        db.execute("UPDATE visit SET visited_at = '2026-01-01T00:00:00.000Z'")
        db.commit()
    linkhaul.check(site.url("/"), run="c.run", fresh=True, max_age=1, **AT_ONCE)
    assert other.asked["/x"] == 2
    assert not list(Path().glob("c.run-before*"))
