"""`linkhaul monitor`: a site crawled anew, and what has changed since the last time."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.api.dated import Dated, dated

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def site() -> Iterator[Dated]:
    """Serve three pages."""
    with dated({"/": '<a href="/a">A</a><a href="/b">B</a>', "/a": "<title>A</title>", "/b": "B"}) as found:
        yield found


def test_from_run_to_run(linkhaul: Command, site: Dated, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first has nothing to be compared with; then nothing has changed, and nothing is read; then what has changed is told."""
    words = ("monitor", site.url(), "--folder", "runs", "--no-sitemaps", "--fail-on", "went,unlinked")
    now = iter(range(1_000_000, 2_000_000, 1_000))
    monkeypatch.setattr("linkhaul.cli.monitor.time.time", lambda: next(now))
    code, out, err = linkhaul(*words)
    assert (code, out) == (0, "")
    assert "this is the first run" in err
    code, out, err = linkhaul(*words)
    assert (code, out) == (0, "")
    assert "3 pages had not changed" in err
    assert "nothing has changed" in err
    site.pages |= {"/": '<a href="/b">B</a>', "/b": "<title>Now with a title</title>"}
    code, out, _ = linkhaul(*words)
    assert code == 1
    assert f"- {site.url('/a')}  no link leads to it any more" in out
    assert "“Now with a title”" in out
    assert len(list((folder / "runs").glob("*.run"))) == 3
    site.statuses()
    assert linkhaul(*words, "--full")[0] == 0
    assert set(site.statuses().values()) == {200}


def test_documents(linkhaul: Command, site: Dated, folder: Path) -> None:
    """JSON for a program, Markdown for a person, text for a file; a file that is there is refused before anything is asked for."""
    words = ("monitor", site.url(), "--folder", "runs", "--no-sitemaps", "-q")
    assert linkhaul(*words)[0] == 0
    first = next((folder / "runs").glob("*.run"))
    first.rename(first.with_name("2001.run"))
    site.pages["/a"] = "<title>Other</title>"
    code, out, _ = linkhaul(*words, "--format", "json")
    assert code == 0
    assert json.loads(out)["counts"] == [{"what": "page", "change": "changed", "count": 1}]
    newest = max((folder / "runs").glob("*.run"))
    for format in ("markdown", "text"):
        newest.unlink(missing_ok=True)
        assert linkhaul(*words, "--format", format, "-o", f"changes.{format}")[0] == 0
        newest = max((folder / "runs").glob("*.run"))
        assert "Other" in (folder / f"changes.{format}").read_text("utf-8")
    site.statuses()
    assert linkhaul(*words, "-o", "changes.text")[0] == 3
    assert site.statuses() == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("http://127.0.0.1:1/",), "--folder runs"),
        (("--folder", "runs"), "--folder runs"),
        (("http://a/", "--folder", "x", "--fail-on", "gone"), "no such change"),
    ],
)
def test_what_cannot_be_meant(linkhaul: Command, words: tuple[str, ...], said: str) -> None:
    """Exit 2 and a sentence."""
    code, _, err = linkhaul("monitor", *words)
    assert code == 2
    assert said in err


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")
def test_killed_it_goes_on(linkhaul: Command, site: Dated, folder: Path, start: Callable[..., object]) -> None:
    """The same command finishes the run that it had begun, and compares it with the one before: nothing lost, nothing doubled."""
    site.pages = {"/": "".join(f'<a href="/{n}">{n}</a>' for n in range(40)), **{f"/{n}": f"<title>{n}</title>" for n in range(40)}}
    words = ("monitor", site.url(), "--folder", "runs", "--no-sitemaps", "--gap", "0.05", "-q")
    assert linkhaul(*words[:-1], "--gap", "0", "-q")[0] == 0
    first = next((folder / "runs").glob("*.run"))
    first.rename(first.with_name("2001.run"))
    site.pages["/39"] = "<title>new</title>"
    site.statuses()
    process = start(*words)
    deadline = time.monotonic() + 30
    while len(site.told) < 12 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)  # type: ignore[attr-defined]
    process.wait()  # type: ignore[attr-defined]
    code, out, _ = linkhaul(*words[:-1], "--gap", "0", "-q", "--format", "json")
    assert code == 0
    assert [(row["page_url"], row["new"]) for row in json.loads(out)["changes"]] == [(site.url("/39"), "new")]
    assert len(list((folder / "runs").glob("*.run"))) == 2
