"""docs/performance.md says what the figures say, and nothing on it knows a machine."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bench import figures, page, plots, report
from bench.aims import aims, most
from bench.everything import LIMIT_S, LINES

Results = dict[str, dict[str, object]]


def written_to(folder: Path, results: Results) -> Path:
    """Write results as a run of the benchmark leaves them."""
    for name, content in results.items():
        (folder / f"{name}-20260101-000000.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_the_page_is_not_stale() -> None:
    """The tables and plots are what the figures make of them now; `python -m bench report` writes them."""
    assert report.stale() == []


def test_a_changed_page_is_noticed(tmp_path: Path) -> None:
    """A word changed within a block, or a plot that is gone, is found."""
    shutil.copy(report.DOCS / page.PAGE, tmp_path)
    shutil.copytree(report.DOCS / page.IMAGES, tmp_path / page.IMAGES)
    assert report.stale(tmp_path) == []
    file = tmp_path / page.PAGE
    file.write_text(file.read_text(encoding="utf-8").replace("| what is compared |", "| what is said |", 1), encoding="utf-8")
    (tmp_path / page.IMAGES / "performance-aims.svg").unlink()
    assert report.stale(tmp_path) == [page.PAGE, "performance-aims.svg"]


def test_a_page_without_its_block_is_noticed(tmp_path: Path) -> None:
    """Taking a mark away is an error, so that a table cannot leave the check by accident."""
    (tmp_path / page.PAGE).write_text("# Performance\n", encoding="utf-8")
    with pytest.raises(ValueError, match="aims"):
        report.stale(tmp_path)


def test_the_figures_name_no_folder_and_no_host() -> None:
    """What is kept holds versions, commands and numbers: no path of a machine, no port, no host's name."""
    text = figures.FIGURES.read_text(encoding="utf-8")
    assert re.findall(r'"/|[ =]/(?:home|root|work|tmp|usr)|127\.0\.0\.1:\d', text) == []


def test_what_was_measured_comes_to_the_page(tmp_path: Path, results: Results) -> None:
    """Medians, smallest and largest of each contestant stand in its line's table, and every block has figures."""
    shutil.copy(report.DOCS / page.PAGE, tmp_path)
    gathered = figures.gather(written_to(tmp_path, results), {})
    text = page.made(tmp_path, gathered)[tmp_path / page.PAGE]
    assert "| linkhaul, one process | 0.25 | 4,000 | 510 (500-520) | 80 | 90 | 1,000 | 10,000 |" in text
    assert "| parsing alone |  |  | 655 (650-660) |" in text
    assert "| lychee | 1.25 | 25,500 (25,000-26,000) | 90 | 0.83 | 3 | 2 |" in text
    assert page.NOT_YET not in text


def test_a_page_without_any_figure_can_be_made(tmp_path: Path) -> None:
    """Before anything is measured the page says so, line by line."""
    shutil.copy(report.DOCS / page.PAGE, tmp_path)
    text = page.made(tmp_path, {})[tmp_path / page.PAGE]
    assert text.count(page.NOT_YET) == len(page.BLOCK.findall(text)) - 1
    assert "not measured yet" in text


def test_the_newest_result_counts(tmp_path: Path, results: Results) -> None:
    """Of several results the newest counts; one in another form is left aside; a line that was not measured again keeps its figures."""
    old = figures.gather(written_to(tmp_path, results), {})
    later = {"list": results["list"] | {"at": "2026-02-01T00:00:00+00:00", "pages": 2000}}
    (tmp_path / "list-20260201-000000.json").write_text(json.dumps(later["list"]), encoding="utf-8")
    (tmp_path / "list-20260301-000000.json").write_text('{"kind": "list", "at": "2026-03-01T00:00:00+00:00"}', encoding="utf-8")
    new = figures.gather(tmp_path, old)
    assert new["list"]["pages"] == 2000
    assert {name: line for name, line in new.items() if name != "list"} == {name: line for name, line in old.items() if name != "list"}
    assert figures.gather(tmp_path / "nowhere", new) == new


def test_an_aim_is_reached_or_not(tmp_path: Path, results: Results) -> None:
    """A figure below what it may be at most, or above what it must be at least, reaches its aim, and its share says by how much."""
    found = {(aim.line, aim.what): aim for aim in aims(figures.gather(written_to(tmp_path, results), {}))}
    cpu = found["list", "CPU a page, of lychee's; one process"]
    assert cpu.is_kept
    assert (cpu.found, cpu.share) == pytest.approx((0.5 / 0.7, 0.7 / 0.5), rel=1e-3)
    scrapy = found["crawl", "pages/s, of Scrapy's; one process"]
    assert not scrapy.is_kept
    assert scrapy.found == pytest.approx(10.0)
    assert found["start", "linkhaul --help"].is_kept
    assert not found["start", "linkhaul, first request"].is_kept
    assert all(aim.found is not None for aim in found.values())


def test_a_long_run_stands_beside_the_short_one(tmp_path: Path, results: Results) -> None:
    """The run that is too long for every day has a table and aims of its own, once it was made."""
    shutil.copy(report.DOCS / page.PAGE, tmp_path)
    short = figures.gather(written_to(tmp_path, results), {})
    gathered = figures.gather(written_to(tmp_path, {"million": results["workers"] | {"pages": 1_000_000}}), short)
    assert len(aims(gathered)) == len(aims(short)) + 2
    assert "\n1,000,000 pages, medians of 5 rounds" in page.made(tmp_path, gathered)[tmp_path / page.PAGE]
    assert "\n1,000,000 pages" not in page.made(tmp_path, short)[tmp_path / page.PAGE]


def test_an_aim_that_was_not_measured_is_not_reached() -> None:
    """Without figures every aim is listed, and none is called reached."""
    found = aims({})
    assert len(found) >= 14
    assert not any(aim.is_kept or aim.share for aim in found)


def test_the_plots_are_whole_pictures(tmp_path: Path, results: Results) -> None:
    """Each plot is XML that says in words what it shows, and holds no bar beyond its edge."""
    for name, text in plots.plots(figures.gather(written_to(tmp_path, results), {})).items():
        root = ElementTree.fromstring(text)
        title, told = (root.find(f"{{http://www.w3.org/2000/svg}}{part}") for part in ("title", "desc"))
        assert title is not None
        assert told is not None
        assert told.text, name
        bars = list(root.iter("{http://www.w3.org/2000/svg}rect"))
        assert bars
        assert all(float(bar.attrib["x"]) + float(bar.attrib["width"]) <= plots.WIDTH for bar in bars)
        assert "nan" not in text


def test_what_two_processes_can_be_worth() -> None:
    """Two cores allow twice the CPU of one, divided by all the CPU of the run with two."""
    assert most(1000, 1000, 0) == 2
    assert most(1000, 1150, 100) == 1.6


def test_everything_fits_into_forty_minutes() -> None:
    """What the lines are estimated to take together is within the limit, with room; each has five rounds or more."""
    assert sum(line.estimate(1.0, None) for line in LINES) <= 0.9 * LIMIT_S
    assert min(line.repeats for line in LINES) >= 5
    assert {line.name for line in LINES} == {*figures.ROUNDS, *figures.OTHERS}
