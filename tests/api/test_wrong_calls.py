"""A call that cannot be meant is one of our errors, with a sentence, before anything is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import linkhaul

URL = "http://127.0.0.1:9/"


@pytest.mark.parametrize(
    ("sources", "settings", "sentence"),
    [
        (5, {}, "5 is no source: give a URL as text, a Path, a UrlList, or an iterable of them"),
        (None, {}, "None is no source"),
        ([URL, None], {}, "None is no source"),
        (b"http://x.example/", {}, "b'http://x.example/' is no source"),
        ([], {}, "there is nothing to read"),
        (URL, {"out": 5}, "out=5: is no path; give a text, a Path, or a list of them"),
        (URL, {"pages": [None]}, "pages=[None]: is no path"),
        (URL, {"run": 5}, "run=5: is no path"),
        (URL, {"out": ["a.csv", Path("a.csv")]}, "a.csv: is named for two outputs; give each its own file"),
        (URL, {"out": "a.csv", "pages": "a.csv"}, "a.csv: is named for two outputs"),
        (URL, {"per_host": "4"}, "per_host cannot be '4': it takes a whole number from 1 to 256 without quotation marks"),
        (URL, {"concurency": 4}, "there is no setting 'concurency'; did you mean 'concurrency'?"),
    ],
)
def test_what_cannot_be_meant(sources: Any, settings: dict[str, Any], sentence: str) -> None:
    """The sentence names what was given and what to give instead; nothing is left behind."""
    with pytest.raises(linkhaul.UsageError) as refused:
        linkhaul.links(sources, **settings)
    assert str(refused.value).startswith(sentence)
    assert list(Path.cwd().iterdir()) == []


def test_a_list_file_is_told_apart_from_a_page() -> None:
    """A list that is named like a page is recognised, and how to name it in Python is said."""
    Path("urls.txt").write_text(URL)
    with pytest.raises(linkhaul.SourceError, match=r"in Python as UrlList\('urls.txt'\)"):
        linkhaul.links("urls.txt")


def test_a_document_is_text_or_bytes() -> None:
    """Anything else is said, not handed to the parser."""
    with pytest.raises(linkhaul.SettingError, match="html=None: is no document"):
        linkhaul.extract(None, URL)  # type: ignore[arg-type]


def test_an_empty_cell_is_a_fault_of_its_line() -> None:
    """What an iterable yields besides texts does not stop the run: each is told with its number. No output may be None."""
    run = linkhaul.links(iter([None, float("nan"), 5]), out=None, run="x.run")  # type: ignore[arg-type]
    assert [fault.partition(" is no source")[0] for fault in run.progress.faults] == ["source 1: None", "source 2: nan", "source 3: 5"]
