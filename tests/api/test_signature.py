"""The public names, and what type checkers are told of them."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import pytest

import linkhaul
from linkhaul.api.signature import Settings
from linkhaul.config import settings

PUBLIC: list[str] = vars(linkhaul)["__all__"]


def test_every_setting_is_a_keyword() -> None:
    """The keywords of the calls are the settings, by name and in order."""
    assert list(Settings.__annotations__) == list(settings())


def test_a_keyword_takes_what_the_setting_takes() -> None:
    """A keyword's type is the setting's: text for a size too, one text or several for a list, None where it may be absent."""
    names = {bool: "bool", int: "int", float: "float", tuple: "Sequence[str] | str"}
    for name, setting in settings().items():
        expected = names.get(setting.type, "str")
        expected += " | str" if setting.is_size else ""
        expected += " | None" if setting.optional else ""
        assert str(Settings.__annotations__[name].__forward_arg__) == expected, name


def test_public_names_are_sorted_and_there() -> None:
    """Every public name can be imported, and they stand in order."""
    assert sorted(PUBLIC) == PUBLIC
    assert all(getattr(linkhaul, name) is not None for name in PUBLIC)
    assert set(PUBLIC) <= set(dir(linkhaul))
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", linkhaul.__version__)


def test_a_call_is_a_call_whatever_was_imported() -> None:
    """A public name stays what it is when a folder of the package has the same name and is imported first."""
    for folder in sorted({path.parent.name for path in (Path(str(linkhaul.__file__)).parent).glob("*/__init__.py")}):
        import_module(f"linkhaul.{folder}")
    doors = ["acrawl", "alinks", "crawl", "extract", "links", "stream"]
    assert [name for name in doors if not inspect.isfunction(getattr(linkhaul, name))] == []


def test_a_name_that_is_not_there() -> None:
    """A name that linkhaul has not is an AttributeError that says so."""
    with pytest.raises(AttributeError, match="nothing"):
        getattr(linkhaul, "nothing")  # noqa: B009 - type checkers know that it is not there


def test_the_doors_come_in_pairs() -> None:
    """The blocking call and the awaited one take the same arguments."""
    for name in ("links", "crawl"):
        blocking, awaited = inspect.signature(getattr(linkhaul, name)), inspect.signature(getattr(linkhaul, f"a{name}"))
        assert blocking.parameters.keys() == awaited.parameters.keys()
        assert [p.default for p in blocking.parameters.values()] == [p.default for p in awaited.parameters.values()]


def test_the_package_is_typed() -> None:
    """Type checkers are told that we are, and every public function says its types."""
    assert (Path(str(linkhaul.__file__)).parent / "py.typed").exists()
    for name in PUBLIC:
        found = getattr(linkhaul, name)
        if inspect.isfunction(found):
            assert "return" in get_type_hints(found), name
