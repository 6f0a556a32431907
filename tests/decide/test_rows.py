"""Which links become rows."""

from __future__ import annotations

import pytest

from linkhaul.config import RowSettings
from linkhaul.decide.rows import row_filter
from linkhaul.errors import SettingError
from linkhaul.model.records import Link


def link(url: str | None, *, internal: bool = True) -> Link:
    return Link(
        "http://p/", 1, url, "raw", None, "page", "a", "href", "", None, None, None, None, None, False, "body", internal, True, "html", ""
    )


@pytest.mark.parametrize(
    ("url", "written"),
    [("http://a/", True), ("https://a/", True), ("mailto:a@b.c", False), ("data:,x", False), ("httpx://a/", False), (None, False)],
)
@pytest.mark.parametrize("settings", [RowSettings(), RowSettings(exclude=("never-there",))])
def test_by_default_what_a_person_can_follow(settings: RowSettings, url: str | None, written: bool) -> None:
    """The default kinds are http and https only, with and without other conditions."""
    assert row_filter(settings)(link(url)) is written


@pytest.mark.parametrize("url", ["http://a/", "mailto:a@b.c", "data:,x", None])
@pytest.mark.parametrize("settings", [RowSettings(kinds=("all",)), RowSettings(kinds=("image",), exclude=("never-there",))])
def test_other_kinds_are_written_whole(settings: RowSettings, url: str | None) -> None:
    """Who asks for other kinds gets mailto:, data: and the unresolvable too."""
    assert row_filter(settings)(link(url))


def test_internal_and_external() -> None:
    """`only` takes one side."""
    for only, internal in (("internal", True), ("external", False)):
        passes = row_filter(RowSettings(only=only))  # type: ignore[arg-type]
        assert passes(link("http://a/", internal=internal))
        assert not passes(link("http://a/", internal=not internal))


def test_match_and_exclude() -> None:
    """A URL has to match one of `match`, and none of `exclude`."""
    passes = row_filter(RowSettings(match=(r"\.pdf$", "/doc/"), exclude=("draft",)))
    assert passes(link("http://a/x.pdf"))
    assert passes(link("http://a/doc/x"))
    assert not passes(link("http://a/x.html"))
    assert not passes(link("http://a/doc/draft"))


def test_what_has_no_url_matches_nothing() -> None:
    """An unresolvable link passes `exclude`, not `match`."""
    assert row_filter(RowSettings(kinds=("all",), exclude=("x",)))(link(None))
    assert not row_filter(RowSettings(kinds=("all",), match=("x",)))(link(None))


def test_a_bad_pattern_is_a_setting_error() -> None:
    """The setting is named."""
    with pytest.raises(SettingError, match="match"):
        row_filter(RowSettings(match=("(",)))
