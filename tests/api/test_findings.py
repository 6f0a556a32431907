"""The result of a check as Python sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.export.findings import sample

from linkhaul.api.findings import CheckResult
from linkhaul.errors import OutputError, SettingError, UsageError
from linkhaul.model.check import Checked, Coverage, Verdict
from linkhaul.model.columns import FINDINGS, names


def result(found: list[Checked] | None = None) -> CheckResult:
    """Return the result of the sample, or of other findings."""
    listed = sample.everything() if found is None else found
    return CheckResult(lambda: iter(listed), sample.coverage(), sample.context())


def test_it_can_be_iterated_again_and_again() -> None:
    """Iterating gives every finding, what is fine too; `problems` are those that somebody has to do with."""
    found = result()
    assert list(found) == list(found) == sample.everything()
    assert {each.verdict.name for each in found} - {each.verdict.name for each in found.problems} == {"ok", "not-checked"}
    assert [each.url for each in found.problems] == sorted(each.url for each in found.problems)
    assert found.failed
    assert not result([]).failed


def test_problems_by_page() -> None:
    """Each page lists its problems in the order in which they stand there."""
    pages = result().by_page()
    guide = pages[f"{sample.ROOT.as_uri()}/docs/guide.md"]
    assert [place.line for place, _ in guide] == [3, 7, 21, 30]
    assert sum(map(len, pages.values())) == sum(len(each.places) for each in result().problems)


def test_problems_by_url_are_joined() -> None:
    """A problem that the baseline knows on one page only is one entry with all its places, and counts as new."""
    broken = Verdict("broken", "404", "gone")
    known = Checked("https://a.example/", broken, (sample.place("https://b.example/2", 1, ""),), is_known=True)
    new = Checked("https://a.example/", broken, (sample.place("https://b.example/1", 1, ""),))
    joined = result([known, new]).by_url()["https://a.example/"]
    assert [place.page_url for place in joined.places] == ["https://b.example/1", "https://b.example/2"]
    assert not joined.is_known


def test_it_becomes_a_table() -> None:
    """An arrow table has the columns of the findings and a row for each occurrence."""
    pytest.importorskip("pyarrow")
    table = result().to_arrow()
    assert table.column_names == names(FINDINGS)
    assert table.num_rows == sample.coverage().links + 1
    assert set(table.column("line").to_pylist()) == {None, 12, 7, 3, 21, 30}


def test_a_notebook_shows_it_harmlessly() -> None:
    """Nothing that a page says becomes an element; failures come first, and no more than fifty problems are shown."""
    shown = result()._repr_html_()
    assert set(re.findall(r"<(\w+)", shown)) <= {"p", "b", "br", "div", "table", "thead", "tbody", "tr", "th", "td", "bdi"}
    assert shown.index("/gone") < shown.index("wall.example") < shown.index("old.example")
    assert "\x9b" not in shown
    hostile = [Checked(f"https://a.example/<img src=x>{n}", Verdict("broken", "404", "<b onclick=x>"), ()) for n in range(60)]
    shown = result(hostile)._repr_html_()
    assert shown.count("&lt;img") == 50
    assert "the first 50 of 60 problems" in shown
    assert "onclick" not in re.sub(r"&lt;.*?&gt;", "", shown)
    assert repr(result()).startswith(
        "<CheckResult https://shop.example/ <b>␛[2J: 6 broken, 1 soft-404 on 12 pages; 11 link URLs of 15 verified"
    )


def test_it_can_be_written(tmp_path: Path) -> None:
    """By suffix or by format; what is there is not replaced unasked, and what cannot be meant is refused."""
    found = result()
    found.write(tmp_path / "a.json")
    found.write(tmp_path / "a.log", "jsonl")
    assert json.loads((tmp_path / "a.json").read_text())["links"] == [
        json.loads(line) for line in (tmp_path / "a.log").read_text().splitlines()
    ]
    with pytest.raises(OutputError, match="--overwrite"):
        found.write(tmp_path / "a.json")
    found.write(tmp_path / "a.json", overwrite=True)
    with pytest.raises(UsageError, match="tells no format"):
        found.write(tmp_path / "a.log2")
    with pytest.raises(SettingError, match="iterate"):
        found.write("-")


def test_an_empty_result_is_told() -> None:
    """Nothing checked and nothing found are shown, too."""
    empty = CheckResult(lambda: iter(()), Coverage(0, 0, 0, {}, {}), sample.context())
    assert "nothing found to fail on" in empty._repr_html_()
    assert not empty.by_page()
    assert not empty.by_url()


def test_what_is_fine_is_read_only_where_it_is_told(tmp_path: Path) -> None:
    """A format that tells problems only is spared the way through a million good links."""

    def walked() -> Iterator[Checked]:
        raise AssertionError("every finding was read")

    found = CheckResult(walked, sample.coverage(), sample.context(), [each for each in sample.everything() if each.verdict.name != "ok"])
    for name in ("a.html", "a.md", "a.txt"):
        found.write(tmp_path / name)
    assert "/gone" in (tmp_path / "a.txt").read_text(encoding="utf-8")
    with pytest.raises(AssertionError, match="every finding"):
        found.write(tmp_path / "a.csv")
