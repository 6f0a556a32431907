"""Findings with the line and column of each link."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from linkhaul.api.check import check
from linkhaul.insight.check import judge
from linkhaul.insight.places import Source, located
from linkhaul.store.opening import open_to_read


def test_links_in_files_have_lines_and_columns(tmp_path: Path) -> None:
    """Each place on a page whose source is given has its line and column; on other pages there are none."""
    folder = tmp_path / "docs"
    folder.mkdir()
    source = '<!doctype html>\n<p>See <a href="no.html?a=1&amp;b=2">one</a> and\n  <a href="b.html">two</a>\n'
    (folder / "a.html").write_text(source)
    (folder / "b.html").write_text('<!doctype html><a href="no.html?a=1&b=2">x</a>')
    check(folder, run=tmp_path / "x.run", confirm_after=0)
    with closing(open_to_read(tmp_path / "x.run")) as connection:
        found = located(connection, judge(connection), lambda url: Source(source) if url.endswith("/a.html") else None)
        assert located(connection, judge(connection), lambda _: None) == list(judge(connection))
    places = [(place.page_url.rpartition("/")[2], place.line, place.column) for each in found for place in each.places]
    assert sorted(places, key=str) == [("a.html", 2, 17), ("a.html", 3, 12), ("b.html", None, None)]
