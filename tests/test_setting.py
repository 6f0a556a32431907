"""Every setting takes what it says it takes, and refuses all else in a sentence with its name in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.config import Config, config_from, layered, settings
from linkhaul.errors import SettingError
from linkhaul.setting import Setting, takes

NAMES = list(settings())
OF_A_LIBRARY = ("Expected", "msgspec", "ValidationError", "at `$")
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.integers() | st.text(), max_size=3),
    st.dictionaries(st.text(), st.integers(), max_size=2), st.complex_numbers(), st.just(10**5000), st.just(object()),
)  # fmt: skip


def is_taken(setting: Setting, value: Any) -> bool:
    """Return whether a value has the type of a setting, said a second time and plainly."""
    if value is None:
        return setting.optional
    if setting.type is tuple:
        return isinstance(value, str) or (isinstance(value, list) and all(isinstance(word, str) for word in value))
    if setting.type is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value) is setting.type or (setting.is_size and isinstance(value, str))


@given(name=st.sampled_from(NAMES), value=ANYTHING)
def test_any_value_is_taken_or_refused_by_name(name: str, value: Any) -> None:
    """A value of any kind is either a configuration or a SettingError that names the setting; one of a wrong type never passes."""
    told, config = "", Config()
    try:
        config = config_from({name: value}, "somewhere")
    except SettingError as error:
        told = str(error)
    if told:
        assert told.startswith(f"somewhere: {name} cannot be ")
        assert not any(word in told for word in OF_A_LIBRARY)
        assert len(told) < 500
    else:
        assert is_taken(settings()[name], value)
        assert type(getattr(getattr(config, settings()[name].part), name)) in (settings()[name].type, type(None))


@given(name=st.sampled_from(NAMES), text=st.text().filter(lambda text: "\x00" not in text))
def test_any_text_of_the_environment_is_taken_or_refused_by_name(name: str, text: str) -> None:
    """The same of what the environment gives, which is text: a refusal names the variable."""
    variable = f"LINKHAUL_{name.upper()}"
    told = ""
    try:
        layered({}, environment={variable: text})
    except SettingError as error:
        told = str(error)
    assert not told or told.startswith(f"environment variable {variable} cannot be ")
    assert not any(word in told for word in OF_A_LIBRARY)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('concurrency = "16"', "concurrency cannot be '16': it takes a whole number from 1 to 2000 without quotation marks"),
        ("concurrency = 16.0", "concurrency cannot be 16.0: it takes a whole number from 1 to 2000"),
        ("concurrency = true", "concurrency cannot be True: it takes a whole number from 1 to 2000"),
        ("concurrency = 100_000", "concurrency cannot be 100000: it takes a whole number from 1 to 2000"),
        ("contact = 5", "contact cannot be 5: it takes a text"),
        ('gap = "1"', "gap cannot be '1': it takes a number from 0 on without quotation marks"),
        ("timeout = inf", "timeout cannot be inf: it is too large; it takes a number above 0"),
        ('unique = "yes"', "unique cannot be 'yes': it takes true or false without quotation marks"),
        ("unique = 1", "unique cannot be 1: it takes true or false"),
        ("match = [1]", "match cannot be [1]: it takes a text or a list of texts"),
        ('max_body = "10X"', "max_body cannot be '10X': it takes a size, such as 500000, 500K, 10M or 1G, from 1 on"),
        ("user_agent = ''", "user_agent cannot be '': it takes a text that is not empty"),
        ("auth = 5", "auth cannot be its value: it takes a text or a list of texts"),
        ("per_host = 1979-05-27", "per_host cannot be datetime.date(1979, 5, 27): it takes a whole number from 1 to 256"),
        ("[pace]\nper_host = { a = 1 }", "per_host cannot be {'a': 1}: it takes a whole number from 1 to 256"),
        ('kinds = ["pge"]', "kinds cannot be 'pge': did you mean 'page'? known are page, image"),
        ("gap = " + "9" * 5000, "this is not TOML"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_a_file_is_not_guessed_at(tmp_path: Path, line: str, sentence: str) -> None:
    """A value of the wrong type in linkhaul.toml is refused with the file, the setting and what it takes, never converted."""
    file = tmp_path / "linkhaul.toml"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(SettingError) as refused:
        layered({}, file=file, environment={})
    assert str(refused.value).startswith(f"{file}: ")
    assert sentence in str(refused.value)


def test_what_is_meant_is_taken() -> None:
    """Whole numbers serve as numbers, sizes carry letters, a text serves as a list of one, a path as a text, None as absent."""
    config = config_from({
        "gap": 1, "max_body": "1.5M", "memory": 64_000_000, "match": "a,b", "kinds": "page, image", "columns": ["url"], "cookies": Path("jar"),
        "depth": None, "only": None,
    })  # fmt: skip
    assert (config.pace.gap, config.fetch.max_body, config.run.memory) == (1.0, 1_500_000, 64_000_000)
    assert (config.rows.match, config.rows.kinds, config.rows.columns) == (("a,b",), ("page", "image"), ("url",))
    assert (config.fetch.cookies, config.crawl.depth, config.rows.only) == ("jar", None, None)


def test_flags_and_environment_are_text() -> None:
    """There "16" is a number, "yes" a switch, and nothing an absent number."""
    config, origin = layered({"concurrency": "16"}, environment={"LINKHAUL_UNIQUE": "Yes", "LINKHAUL_DEPTH": "", "LINKHAUL_GAP": "0.5"})
    assert (config.pace.concurrency, config.rows.unique, config.crawl.depth, config.pace.gap) == (16, True, None, 0.5)
    assert (origin["concurrency"], origin["gap"], origin["retries"]) == ("call", "environment", "default")


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_says_what_it_takes(name: str) -> None:
    """The words are there for each setting, and its default is what they say."""
    setting = settings()[name]
    assert takes(setting)
    assert config_from({name: setting.default}) is not None
