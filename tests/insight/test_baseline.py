"""Known problems in a text file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.errors import SettingError
from linkhaul.insight.baseline import HEADER, Baseline, updated
from linkhaul.model.check import Checked, Place, Verdict, VerdictName

ROOT = "file:///site/"


def finding(url: str, *pages: str, name: VerdictName = "broken", code: str = "404") -> Checked:
    places = tuple(Place(page, n, url, "", "page", "a", "href") for n, page in enumerate(pages, 1))
    return Checked(url, Verdict(name, code, ""), places)


FILE = """# Ours.
# Do not edit by night.

# The museum is being rebuilt.
./a.html\thttps://museum.example/\tunreachable/connect-timeout\tuntil May
*\thttps://example.org/gone\tbroken/404
./b.html\t./c.html\tbroken/file
"""


def test_what_is_known_is_marked() -> None:
    """A finding whose page, URL and verdict stand in the file is known, whatever the code behind the slash."""
    known = Baseline.read(FILE, ROOT)
    marked = known.marked(
        [
            finding("https://museum.example/", ROOT + "a.html", name="unreachable", code="503"),
            finding("https://museum.example/", ROOT + "a.html", name="broken"),
            finding(ROOT + "c.html", ROOT + "b.html", code="file"),
            finding("https://example.org/gone", ROOT + "x.html", "https://e.example/"),
            finding("https://example.org/gone", ROOT + "x.html", name="ok", code="ok"),
        ]
    )
    assert [checked.is_known for checked in marked] == [True, False, True, True, False]


def test_a_problem_that_is_known_on_some_pages_is_split() -> None:
    """The same broken link on another page is a new problem: it comes apart, without the pages on which it is known."""
    marked = Baseline.read(FILE, ROOT).marked([finding(ROOT + "c.html", ROOT + "b.html", ROOT + "new.html")])
    assert [(checked.is_known, [place.page_url for place in checked.places]) for checked in marked] == [
        (True, [ROOT + "b.html"]),
        (False, [ROOT + "new.html"]),
    ]


def test_lines_that_are_no_longer_true_are_told() -> None:
    """A line whose problem is gone is stale."""
    found = [finding("https://example.org/gone", ROOT + "x.html"), finding(ROOT + "c.html", ROOT + "b.html")]
    assert Baseline.read(FILE, ROOT).stale(found) == ["./a.html\thttps://museum.example/\tunreachable/connect-timeout\tuntil May"]


def test_an_update_keeps_what_a_person_wrote() -> None:
    """The header, remarks and notes stay with their problems; new ones are added, mended ones are dropped, all is sorted."""
    found = [
        finding("https://museum.example/", ROOT + "a.html", name="unreachable", code="503"),
        finding("https://example.org/gone", ROOT + "x.html", ROOT + "y.html", code="410"),
        finding("https://new.example/", ROOT + "z.html", ROOT + "a.html", name="soft-404", code="made-up"),
        finding("https://fine.example/", ROOT + "z.html", name="ok", code="ok"),
        finding("https://never.example/", ROOT + "z.html", name="not-checked", code="robots"),
    ]
    text = updated(FILE, found, ROOT)
    assert text == (
        "# Ours.\n# Do not edit by night.\n\n"
        "*\thttps://example.org/gone\tbroken/410\n"
        "# The museum is being rebuilt.\n"
        "./a.html\thttps://museum.example/\tunreachable/503\tuntil May\n"
        "./a.html\thttps://new.example/\tsoft-404/made-up\n"
        "./z.html\thttps://new.example/\tsoft-404/made-up\n"
    )
    assert updated(text, found, ROOT) == text
    assert all(checked.is_known for checked in Baseline.read(text, ROOT).marked(found)[:3])


def test_a_new_file_has_a_header() -> None:
    """The first file says what it is, even without a problem."""
    assert updated("", []) == HEADER + "\n"
    assert updated(HEADER + "\n", []) == HEADER + "\n"


@pytest.mark.parametrize("line", ["./a.html https://e.example/ broken/404", "a\tb", "a\tb\tkaputt/404", "\tb\tx"])
def test_a_line_that_cannot_be_read_is_told_by_its_number(line: str) -> None:
    """A line without tabs or with an unknown verdict is an error that names the line."""
    with pytest.raises(SettingError, match="baseline: line 3 "):
        Baseline.read(f"# x\n\n{line}\n")


NAMES = st.sampled_from(["broken", "soft-404", "unreachable", "blocked"])
WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8).map(lambda text: f"https://a.example/{text}")
FINDINGS = st.lists(
    st.builds(lambda url, pages, name: finding(url, *pages, name=name, code="x"), WORDS, st.lists(WORDS, min_size=1, max_size=3), NAMES)
)


@given(FINDINGS)
def test_what_is_written_is_known(found: list[Checked]) -> None:
    """Whatever is written into a baseline is known by it the next time, nothing in it is stale, and writing again changes nothing."""
    text = updated("", found)
    known = Baseline.read(text)
    assert all(checked.is_known for checked in known.marked(found))
    assert known.stale(found) == []
    assert updated(text, found) == text
    assert Baseline.read(known.text()) == Baseline.read(text)
