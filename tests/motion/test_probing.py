"""Which addresses are made up after a visit."""

from __future__ import annotations

import pytest

from linkhaul.model.check import Seen, Signs
from linkhaul.model.records import Target, Visit
from linkhaul.model.url import host_of, url_id
from linkhaul.motion.probing import MOST_FOLDERS, Probes, made_up_beside, made_up_url

A = "https://a.example"


def visit(url: str, *, title: str = "", words: int | None = 1_000, is_missing: bool = False, ended: str | None = None) -> Visit:
    """Return a visit of a page that was found to be there."""
    seen = Seen(Signs(title=title or url, words=words), None, is_missing)
    return Visit(Target(url_id(url), url, host_of(url), purpose="check"), ended or url, "checked", 0.0, 200, seen=seen)


def asked(*visits: Visit) -> list[str]:
    """Return the addresses that are made up after visits, in order."""
    probes = Probes(lambda url: url.startswith("https://disk.example/"))
    return [made_up for each in visits for made_up in probes.wanted(each)]


def test_a_host_is_asked_once() -> None:
    """The first page that could be one of error has its host asked; no page after that."""
    assert asked(visit(f"{A}/x"), visit(f"{A}/y/z")) == [made_up_url(A)]


@pytest.mark.parametrize("url", [f"{A}/", f"{A}/index.html", "https://disk.example/x", "file:///x/y.html"])
def test_who_cannot_lie_is_not_asked(url: str) -> None:
    """A front page is there whatever its host says, and files on disk are nobody's to ask."""
    assert asked(visit(url)) == []


def test_what_is_no_text_tells_nothing() -> None:
    """A picture is no page of error."""
    assert asked(visit(f"{A}/x.png", words=None)) == []


def test_a_page_that_says_it_is_missing_has_its_folder_asked() -> None:
    """Beside it, with its ending; the folder of where the link led, not of where redirects ended at the same host."""
    found = asked(visit(f"{A}/shop/x.php?id=1", is_missing=True, ended=f"{A}/sorry"), visit(f"{A}/shop/y.php", is_missing=True))
    assert found == [made_up_url(A), made_up_beside(f"{A}/shop/z.php")]


def test_short_pages_that_look_the_same_have_their_folder_asked() -> None:
    """Two of them in one folder; not the same page twice, not long ones, not those of two folders."""
    alike = [visit(f"{A}/{path}", title="Help", words=40) for path in ("help/one", "help/one", "else/two", "help/two")]
    assert asked(*alike[:3]) == [made_up_url(A)]
    assert asked(*alike) == [made_up_url(A), made_up_beside(f"{A}/help/x")]
    assert asked(*(visit(f"{A}/help/{n}", title="Help") for n in "ab")) == [made_up_url(A)]


def test_folders_of_a_host_are_bounded() -> None:
    """However many folders a host lies in, a few are asked."""
    found = asked(*(visit(f"{A}/{n}/x", is_missing=True) for n in range(50)), visit("https://b.example/1/x", is_missing=True))
    assert len(found) == 1 + MOST_FOLDERS + 2
