"""Regular expressions that a person gave."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linkhaul.decide.patterns import finder
from linkhaul.errors import SettingError


def test_no_patterns_are_no_test() -> None:
    """Nothing given means no check at all, not one that always says yes."""
    assert finder("include", ()) is None


@pytest.mark.parametrize("patterns", [("a",), ("x", "a"), ("(?i)A", "x"), (r"(q)\1", r"(h)(t)\2p"), ("^z", "a$")])
def test_any_of_them_finds(patterns: tuple[str, ...]) -> None:
    """Several patterns find what any of them finds, with flags and back references of their own."""
    find = finder("include", patterns)
    assert find is not None
    assert find("http://a")
    assert not find("ftp://b")


@pytest.mark.parametrize("bad", ["(", "[a", "*", "a{5,2}", "(?P<n>a)(?P<n>b)", "(?P=x)"])
def test_a_bad_pattern_is_named(bad: str) -> None:
    """The message holds the setting and the pattern."""
    with pytest.raises(SettingError) as caught:
        finder("skip", ("fine", bad))
    assert "skip" in str(caught.value)
    assert repr(bad) in str(caught.value)


@given(st.text(max_size=12))
@example("[[a]")
def test_any_text_compiles_or_is_a_setting_error(text: str) -> None:
    """No text a person can type comes out as another exception."""
    try:
        find = finder("include", (text,))
    except SettingError:
        return
    assert find is not None
    find("http://example.org/")
