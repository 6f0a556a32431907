"""A job from its request to its end: what it leaves in the run file when it is stopped, and how much of the memory its parts take."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.api.site import Site, page

import linkhaul
from linkhaul.store.opening import CACHE_KIB, create, limit_cache

Serve = Callable[..., Site]


def _read_a_little() -> None:
    with Path("links.csv").open("rb") as file:
        file.read(1)


@pytest.mark.skipif(os.name != "posix", reason="there are no named pipes here")
def test_a_run_that_an_output_stopped_says_so(serve: Serve) -> None:
    """A full disk or a closed pipe stops the job in order: the run file says what it was, and the same call goes on."""
    site = serve({"/": page("/1", delay_s=0.3), "/1": page("/2")})
    os.mkfifo("links.csv")
    reader = threading.Thread(target=_read_a_little)
    reader.start()
    with pytest.raises(linkhaul.OutputError):
        linkhaul.crawl(site.url(), "links.csv", run="a.run")
    reader.join(5)
    stopped = linkhaul.open_run("a.run").status()
    assert (stopped.state, stopped.stopped_by) == ("stopped", "an output that could not be written")
    Path("links.csv").unlink()
    linkhaul.crawl(site.url(), "links.csv", run="a.run")
    assert linkhaul.open_run("a.run").status().state == "finished"
    assert len(Path("links.csv").read_text().splitlines()) == 3


@pytest.mark.parametrize("run", [None, "a.run"])
@pytest.mark.parametrize("fault", ["none/x.csv", "other.csv", "none.sqlite"])
def test_a_job_that_is_refused_leaves_nothing(serve: Serve, tmp_path: Path, run: str | None, fault: str) -> None:
    """What was made for a job whose outputs cannot be written is taken back: no run file, and no other output is begun."""
    site = serve({"/": page("/1")})
    Path("other.csv").write_text("a,b\n")
    Path("none.sqlite").write_text("no database")
    with pytest.raises(linkhaul.OutputError):
        linkhaul.links(site.url(), ["first.csv", fault], run=run)
    assert sorted(path.name for path in Path().iterdir()) == ["none.sqlite", "other.csv"]
    assert [path for path in (tmp_path / "state").rglob("*") if path.is_file()] == []


def test_a_job_that_is_refused_leaves_the_run_that_was_there(serve: Serve) -> None:
    """Only a run file that was made for the job goes."""
    site = serve({"/": page("/1")})
    linkhaul.links(site.url(), run="a.run")
    with pytest.raises(linkhaul.OutputError):
        linkhaul.links(site.url(), "none/x.csv", run="a.run")
    assert len(linkhaul.open_run("a.run").links) == 1
    Path("empty.run").touch()
    with pytest.raises(linkhaul.OutputError):
        linkhaul.links(site.url(), "none/x.csv", run="empty.run")
    assert Path("empty.run").exists()


def test_the_cache_of_the_run_file_is_bounded(tmp_path: Path) -> None:
    """It is never larger than usual, and smaller where less is asked for."""
    connection = create(tmp_path / "x.run")
    sizes = []
    for most in (10**12, 8_192_000):
        limit_cache(connection, most)
        sizes.append(connection.execute("PRAGMA cache_size").fetchone()[0])
    connection.close()
    assert sizes == [-CACHE_KIB, -8_000]
