"""What is measured is what is said: memory of a family of processes, commands as a reader types them, rows, pages."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from bench import aims, contestants, everything, family, figures
from bench.everything import Line
from bench.measure import ROOT, Usage
from bench.pages import ORIGIN
from bench.rounds import Course, Plan, run_rounds
from bench.site import LINKS, Site, made_before, made_now
from bench.tally import count, tally_rows
from bench.tree import write_tree

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory of others is read from /proc")
PARENT = """
import subprocess, sys
kept = bytearray(40_000_000)
child = subprocess.Popen([sys.executable, "-c", "kept = bytearray(80_000_000); import time; time.sleep(0.6)"])
child.wait()
"""
MEASURE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from bench.measure import run_measured
print(json.dumps(asdict(run_measured([sys.executable, "-c", sys.argv[1]], Path(sys.argv[2]), 30))))
"""


@LINUX
def test_memory_is_that_of_all_processes(tmp_path: Path) -> None:
    """The sum is that of a process and its child at one moment, and each has its own figure, the largest first."""
    # From a small process: until it runs a program of its own, what is started counts as large as whoever started it.
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, PARENT, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=50, check=True
    )
    used = Usage(**json.loads(done.stdout))
    assert used.code == 0
    child, parent = used.each_mb
    assert child > 76
    assert 38 < parent < child
    assert used.sum_mb == pytest.approx(child + parent, rel=0.2)
    assert used.peak_mb < used.sum_mb


@LINUX
def test_a_process_that_is_gone_takes_nothing() -> None:
    """Of a process that does not exist neither memory nor CPU nor children are found."""
    gone = 2**22 + 1  # above the largest id that Linux gives
    assert (family.resident_mb(gone), family.cpu_s(gone), list(family.family(gone))) == (0.0, 0.0, [gone])


@pytest.mark.parametrize("module", [aims, contestants, everything, figures], ids=lambda module: module.__name__)
def test_the_samples_in_the_docstrings_hold(module: ModuleType) -> None:
    """What a docstring shows is what happens."""
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def test_the_generated_pages_lie_where_their_links_lead(tmp_path: Path) -> None:
    """A tree's links stay on the origin that it is made for, and its anchors are counted as html.parser finds them."""
    tree = write_tree(tmp_path / "site", 3, "http://127.0.0.1:1")
    assert len(tree.names) == 3
    assert tree.size == sum((tmp_path / "site" / name).stat().st_size for name in tree.names)
    assert not any(ORIGIN.encode() in (tmp_path / "site" / name).read_bytes() for name in tree.names)
    pages, output = tmp_path / "pages.txt", tmp_path / "links.csv"
    pages.write_text("".join(f"http://127.0.0.1:1/{name}\n" for name in tree.names), encoding="utf-8")
    output.write_text("page_url,url\n", encoding="utf-8")
    found = count(output, pages, tmp_path / "site")
    assert 0 < found.missing <= tree.links


def test_rows_are_counted(tmp_path: Path) -> None:
    """Rows that are missing, and those too many, are told without reading the pages."""
    output = tmp_path / "links.csv"
    output.write_bytes(b"page_url,url\r\na,b\r\nc,d\r\n")
    assert [tally_rows(output, expected).missing for expected in (1, 2, 3)] == [0, 0, 1]
    assert [tally_rows(output, expected).extra for expected in (1, 2, 3)] == [1, 0, 0]


def test_a_stored_site_says_the_same() -> None:
    """A page that was made before is, byte for byte, the one that is made when it is asked for; what is not there is not there."""
    site = Site(50, 5, 8000)
    before, now = made_before(site), made_now(site)
    paths = [b"/", b"/robots.txt", b"/p/50", *(b"/p/%d" % number for number in range(50))]
    assert [before(path) for path in paths] == [now(path) for path in paths]
    assert now(b"/p/7").count(b"<a href=") == LINKS


def test_contestants_run_by_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A B A B, each round followed by what is measured beside; who cannot run is left out, with the reason."""
    monkeypatch.setattr("bench.rounds.WORK", tmp_path)
    order: list[str] = []

    def of(name: str, absence: str | None = None) -> contestants.Contestant:
        def command(job: contestants.Job) -> list[str]:
            order.append(name)
            return [sys.executable, "-c", "open('links.csv', 'w').write('url\\nx\\n')"]

        return contestants.Contestant(name, command, "links.csv", lambda _: absence, lambda _: [sys.executable, "--version"])

    course = Course(tmp_path / "urls.txt", lambda output: tally_rows(output, 1), after_round=lambda: order.append("beside"))
    entrants = [of("one"), of("two"), of("absent", "it is not installed")]
    records = run_rounds(Plan(sys.executable, 2, 1, 1, 30, ()), entrants, course)
    assert order == ["one", "two", "beside", "one", "two", "beside"]
    assert [(record.name, len(record.runs), record.trouble) for record in records] == [
        ("one", 2, ""), ("two", 2, ""), ("absent", 0, "it is not installed"),
    ]  # fmt: skip
    assert records[0].tallies[0].rows == 1
    assert "round 2  two" in capsys.readouterr().out


def test_a_scaled_line_is_shorter() -> None:
    """--scale shortens lists and not rounds; a length is never nothing, and what has no length stays as it is."""
    line = Line("list", "list", 5, 100.0, ("--times", 10), ("--only", "lychee"))
    words = line.command(0.2, None, "python")
    assert words[words.index("--times") + 1] == "2"
    assert words[words.index("--repeats") + 1] == "5"
    assert line.command(0.01, None, "python")[words.index("--times") + 1] == "1"
    assert line.estimate(0.2, None) == 20
    assert line.estimate(1.0, 1) == 20
    assert Line("start", "start", 15, 60.0).estimate(0.2, None) == 60


def test_a_line_that_nobody_knows_is_said() -> None:
    """A line of another name is an error that names those there are."""
    with pytest.raises(ValueError, match="no line is called nothing; there are start"):
        everything.run_all(["nothing"], 1.0, None, sys.executable)
