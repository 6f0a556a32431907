"""Sections are what a person would call them, whatever a site's addresses look like."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from linkhaul.insight.report.sections import MOST_SECTIONS, OTHERS, sections

SITE = "https://a.example"


def test_first_folders_below_what_all_share() -> None:
    """What every address begins with says nothing."""
    urls = [f"{SITE}/docs/15/{end}" for end in ("", "sql/a.html", "sql/b/c.html", "admin/x", "about.html")]
    assert sections(urls) == (["(pages at the top)", "/sql/", "/admin/"], [0, 1, 1, 2, 0])


def test_pages_side_by_side_are_told_apart_by_their_names() -> None:
    """By the first word, up to a hyphen, an underscore or a dot."""
    urls = [f"{SITE}/{name}.html" for name in ("sql-select", "sql-merge", "app_psql", "index", "")]
    assert sections(urls) == (["(single pages)", "sql-…", "app-…"], [1, 1, 2, 0, 0])


def test_hosts_are_sections_of_their_own() -> None:
    """With their folders."""
    names, _ = sections(["https://a.example/x/1", "https://a.example/x/2", "https://b.example/x/1", "https://b.example/"])
    assert names == ["a.example/x/", "b.example/", "b.example/x/"]


def test_the_small_ones_go_together() -> None:
    """No more sections than can be drawn."""
    names, numbers = sections([f"{SITE}/{n}/{m}" for n in range(40) for m in range(n + 1)])
    assert len(names) == MOST_SECTIONS
    assert names[0] == "/39/"
    assert names[-1] == OTHERS
    assert max(numbers) == MOST_SECTIONS - 1


@given(st.lists(st.from_regex(r"https?://[ab](/[a-c]{0,2}){0,4}(-x)?(\?q)?", fullmatch=True)))
def test_every_page_has_its_section(urls: list[str]) -> None:
    """A number for each, and a page for each name."""
    names, numbers = sections(urls)
    assert len(numbers) == len(urls)
    assert set(numbers) == set(range(len(names)))
