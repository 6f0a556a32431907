"""`links`: the same call in a script, a thread and a running loop, and what it raises."""

from __future__ import annotations

import _thread
import asyncio
import csv
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.api.site import Reply, Site, page

import linkhaul
from linkhaul.api.job import Job
from linkhaul.api.request import Request
from linkhaul.api.sources import gather
from linkhaul.config import Config
from linkhaul.errors import OutputError, RunFileError, RunLocked, SettingError, SourceError
from linkhaul.store.lock import RunLock

Serve = Callable[[object], Site]
PAGES = {"/": page("/a", "/b#x", "https://example.org/"), "/a": page("/"), "/b": page(), "/slow": page("/z", delay_s=30)}


def urls_in(path: str) -> list[str]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        return [row["url"] for row in csv.DictReader(file)]


def test_every_link_of_every_page(serve: Serve) -> None:
    """A call gives a run with every link, in the order of its pages, and the same rows in the file."""
    site = serve(PAGES)
    run = linkhaul.links([site.url(), site.url("/a")], "links.csv", concurrency=1)
    assert [(link.page_url, link.url) for link in run.links] == [
        (site.url(), site.url("/a")), (site.url(), site.url("/b#x")), (site.url(), "https://example.org/"), (site.url("/a"), site.url("/")),
    ]  # fmt: skip
    assert urls_in("links.csv") == [link.url for link in run.links]
    assert run.state == "finished"
    assert (run.progress.done, run.progress.links_written) == (2, 4)


@pytest.mark.parametrize(
    "given", [str, lambda url: [url], lambda url: (url,), lambda url: {url}, lambda url: iter([url]), lambda url: (u for u in [url])]
)
def test_sources_come_in_any_shape(serve: Serve, given: Callable[[str], object]) -> None:
    """One URL, a list, a tuple, a set, an iterator and a generator are all sources."""
    site = serve(PAGES)
    assert len(linkhaul.links(given(site.url())).links) == 3  # type: ignore[arg-type]


def test_files_are_sources(tmp_path: Path, serve: Serve) -> None:
    """HTML files on disk are read without any network, and a list in a file is read line by line."""
    site = serve(PAGES)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "one.html").write_text('<a href="two.html#x">two</a><a href="../up">up</a>')
    run = linkhaul.links(tmp_path / "pages", base_url="https://example.org/docs/")
    assert [link.url for link in run.links] == ["https://example.org/docs/two.html#x", "https://example.org/up"]
    (tmp_path / "list.txt").write_text(f"# pages\n{site.url()}\n\nnot a url\n{site.url('/a')}\n{site.url()}\n")
    run = linkhaul.links(linkhaul.UrlList(str(tmp_path / "list.txt")))
    assert (run.progress.done, run.progress.duplicates, run.progress.fault_count) == (2, 1, 1)
    assert "line 4" in run.progress.faults[0]


async def test_inside_a_running_loop(serve: Serve) -> None:
    """The blocking call works where a loop is running already, as in a notebook, twice in a row."""
    site = serve(PAGES)
    asyncio.get_running_loop()
    for _ in range(2):
        assert len(linkhaul.links(site.url(), fresh=True).links) == 3


def test_in_threads(serve: Serve) -> None:
    """Several calls at once, each in its thread, do not meet."""
    site = serve({f"/{n}": page(*(f"/{n}/{m}" for m in range(n))) for n in range(6)})
    with ThreadPoolExecutor(6) as pool:
        runs = list(pool.map(lambda n: linkhaul.links(site.url(f"/{n}"), f"{n}.csv"), range(6)))
    assert [len(run.links) for run in runs] == list(range(6))
    assert [len(urls_in(f"{n}.csv")) for n in range(6)] == list(range(6))


def test_nothing_is_left_running(serve: Serve) -> None:
    """After the call no thread of ours is alive."""
    before = set(threading.enumerate())  # a demo site of other tests may be open
    linkhaul.links(serve(PAGES).url())
    left = set(threading.enumerate()) - before
    assert [thread.name for thread in left if thread.name.startswith("linkhaul")] == []


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give what is in flight no time: the tests do not sleep."""
    stop = Job.stop
    monkeypatch.setattr(Job, "stop", lambda self, why="interrupt", grace_s=None: stop(self, why, 0.0))


@pytest.mark.usefixtures("_hasty")
def test_an_interrupt_keeps_what_was_done_and_the_same_call_goes_on(serve: Serve) -> None:
    """KeyboardInterrupt comes out of the call; rows are in the file; the same call asks only for what is left."""
    site = serve({**{f"/{n}": page(f"/x{n}") for n in range(20)}, "/slow": [page(delay_s=30), page("/end")]})
    urls = [site.url(f"/{n}") for n in range(20)] + [site.url("/slow")]
    before = site.total

    def interrupt() -> None:
        waited = threading.Event()
        while site.total - before < 22:
            waited.wait(0.005)
        waited.wait(0.1)
        _thread.interrupt_main()

    watcher = threading.Thread(target=interrupt)
    watcher.start()
    with pytest.raises(KeyboardInterrupt):
        linkhaul.links(urls, "links.csv")
    watcher.join()
    assert len(urls_in("links.csv")) == 20
    run = linkhaul.links(urls, "links.csv")
    assert {path: times for path, times in site.asked.items() if times > 1} == {"/slow": 2}
    assert (
        sorted(urls_in("links.csv"))
        == sorted(str(link.url) for link in run.links)
        == sorted([*(site.url(f"/x{n}") for n in range(20)), site.url("/end")])
    )
    assert (run.progress.done, run.progress.done_before) == (1, 20)


def test_a_finished_run_begins_anew_and_appends(serve: Serve) -> None:
    """The same call after the end asks again, and adds its rows behind those that are there, the header once."""
    site = serve(PAGES)
    linkhaul.links(site.url(), "links.csv")
    run = linkhaul.links(site.url(), "links.csv")
    assert (site.asked["/"], len(run.links), len(urls_in("links.csv"))) == (2, 3, 6)
    assert Path("links.csv").read_text().count("page_url") == 1


def test_a_named_run_is_gone_on_with(serve: Serve) -> None:
    """With `run` the rows of all calls come together, and no page is asked for twice; `fresh` starts over."""
    site = serve(PAGES)
    linkhaul.links(site.url(), run="all.run")
    run = linkhaul.links([site.url(), site.url("/a")], run="all.run")
    assert (site.asked["/"], len(run.links), len(run.pages)) == (1, 4, 2)
    run = linkhaul.links(site.url(), run="all.run", fresh=True)
    assert (site.asked["/"], len(run.links), len(run.pages)) == (2, 3, 1)


def test_a_run_file_belongs_to_one_job_at_a_time(serve: Serve) -> None:
    """A second job on the same run file is refused and told who works on it; afterwards it may."""
    site = serve(PAGES)
    lock = RunLock(Path("all.run"))
    with pytest.raises(RunLocked, match=f"process {os.getpid()}"):
        linkhaul.links(site.url(), run="all.run")
    lock.release()
    linkhaul.links(site.url(), run="all.run")
    assert not Path("all.run.lock").exists()


@pytest.mark.parametrize("fresh", [False, True])
def test_a_file_that_is_no_run_file_is_left_alone(serve: Serve, *, fresh: bool) -> None:
    """A run file's name that is somebody's own file is refused, also with `fresh`, and nothing is asked."""
    site = serve(PAGES)
    Path("thesis.txt").write_text("My thesis.\n" * 100)
    with pytest.raises(RunFileError, match="thesis"):
        linkhaul.links(site.url(), run="thesis.txt", fresh=fresh)
    assert Path("thesis.txt").read_text() == "My thesis.\n" * 100
    assert site.total == 0


def test_a_damaged_run_file_is_an_error_of_the_run_file(serve: Serve) -> None:
    """Pages of the database that hold nonsense are reported as what they are; `fresh` starts over."""
    site = serve({f"/{n}": page(*(f"/{n}/{m}" for m in range(300))) for n in range(6)})
    urls = [site.url(f"/{n}") for n in range(6)]
    linkhaul.links(urls[:5], run="all.run")
    content = Path("all.run").read_bytes()
    Path("all.run").write_bytes(content[:8192] + b"\xa5" * (len(content) - 8192))
    with pytest.raises(RunFileError, match=r"all\.run"):
        len(linkhaul.links(urls, run="all.run").links)
    assert len(linkhaul.links(urls, run="all.run", fresh=True).links) == 1_800


def test_what_cannot_be_done_changes_nothing(serve: Serve) -> None:
    """When an output cannot be used the rows of the run before stay, also with `fresh`."""
    site = serve(PAGES)
    linkhaul.links(site.url(), "links.parquet", run="all.run")
    linkhaul.links(site.url("/a"), run="all.run")
    asked = site.total
    with pytest.raises(OutputError, match="overwrite"):
        linkhaul.links(site.url(), "links.parquet", run="all.run", fresh=True)
    assert site.total == asked
    assert len(linkhaul.links(site.url(), run="all.run").links) == 4


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"concurency": 3}, "concurrency"),
        ({"concurrency": 0}, "concurrency"),
        ({"timeout": "soon"}, "timeout"),
        ({"kinds": "pages"}, "page"),
        ({"columns": "urls"}, "url"),
        ({"match": "("}, "match"),
        ({"max_links_per_page": 2**20}, "max_links_per_page"),
    ],
)
def test_a_setting_that_cannot_be_meant(serve: Serve, settings: dict[str, object], match: str) -> None:
    """Settings are checked at the call, before anything is made or asked; the message names the remedy."""
    site = serve(PAGES)
    with pytest.raises(SettingError, match=match):
        linkhaul.links(site.url(), **settings)  # type: ignore[arg-type]
    assert site.total == 0
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    "settings", [{"depth": 2}, {"depth": None}, {"max_pages": 5}, {"max_time": 2.5}, {"max_time": 2}, {"only": "internal"}]
)
def test_settings_that_may_be_absent_may_be_given(serve: Serve, settings: dict[str, object]) -> None:
    """A setting without a default takes a value, and None for none."""
    assert linkhaul.links(serve(PAGES).url("/b"), **settings).progress.done == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("urls", "match"), [([], "nothing to read"), (["ftp://example.org/"], "https://"), ("not a url", "white space"), ([""], "empty")]
)
def test_sources_that_cannot_be_meant(urls: object, match: str) -> None:
    """A list without a usable URL is an error at the call."""
    with pytest.raises(SourceError, match=match):
        linkhaul.links(urls)  # type: ignore[arg-type]


def test_standard_output_is_for_the_command_line(serve: Serve) -> None:
    """`out='-'` says what to do instead."""
    with pytest.raises(SettingError, match=r"run\.links"):
        linkhaul.links(serve(PAGES).url(), "-")


def test_no_secret_reaches_a_file(serve: Serve, tmp_path: Path) -> None:
    """User names, passwords, tokens, cookies and proxies stand neither in the run file nor in an output."""
    site = serve({"/": page("/a"), "/a": page()})
    secret = "correct-horse"
    url = site.url().replace("//", f"//ann:{secret}@")
    linkhaul.links(
        [url], ["links.csv", "links.sqlite"], pages="pages.jsonl", run="all.run", auth=f"ann:{secret}", header=[f"X-Key: {secret}"],
        cookie=f"session={secret}",
    )  # fmt: skip
    assert site.asked["/"] == 1
    for path in (found for found in tmp_path.rglob("*") if found.is_file()):
        assert secret.encode() not in path.read_bytes(), path


def test_settings_are_kept_with_the_run(serve: Serve) -> None:
    """The run file says with which settings it was made, secrets left out; others on going on are told."""
    site = serve(PAGES)
    linkhaul.links(site.url(), run="all.run", gap=0.01, auth="ann:pw")
    job = Job(Request(verb="links", sources=gather(site.url()), config=Config(), run="all.run"))
    job.wait()
    assert ["gap" in notice for notice in job.session.notices] == [True]


def test_a_stop_that_comes_at_once_counts(serve: Serve) -> None:
    """A job that is stopped before it has begun ends, too."""
    site = serve({"/": page(delay_s=60)})
    job = Job(Request(verb="links", sources=gather(site.url()), config=Config()))
    job.stop("interrupt", 0.0)
    assert job.join(10.0)


def test_an_output_that_cannot_be_made_is_told_at_once(serve: Serve) -> None:
    """A folder that is not there is an error before anything is asked."""
    site = serve(PAGES)
    with pytest.raises(OutputError, match="nowhere"):
        linkhaul.links(site.url(), "nowhere/links.csv")
    assert site.total == 0


def test_http_failures_are_rows(serve: Serve) -> None:
    """A dead host, a refused page and an error page end as rows with a sentence; the call raises nothing."""
    site = serve(
        {
            "/": page(),
            "/robots.txt": Reply("User-agent: *\nDisallow: /no", headers=(("Content-Type", "text/plain"),)),
            "/gone": Reply(status=410),
        }
    )
    run = linkhaul.links([site.url(), site.url("/no"), site.url("/gone"), "http://127.0.0.1:1/"], retries=0)
    assert run.outcomes == {"ok": 1, "refused": 1, "http-error": 1, "failed": 1}
    assert {kind: number for kind, number, _, _ in run.failures} == {"robots": 1, "410": 1, "refused": 1}


def test_a_sitemap_is_a_source(serve: Serve) -> None:
    """A source that is a sitemap by its name stands for the pages it names; it is no page itself."""
    xml = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>/a</loc></url><url><loc>/b</loc></url></urlset>'
    site = serve({"/sitemap-pages.xml": Reply(xml, headers=(("Content-Type", "application/xml"),)), "/a": page("/x"), "/b": page("/y")})
    run = linkhaul.links(site.url("/sitemap-pages.xml"))
    assert sorted(str(link.url) for link in run.links) == [site.url("/x"), site.url("/y")]
    assert sorted(str(row[0]) for row in run.pages) == [site.url("/a"), site.url("/b")]
