"""Whether a page has what a link's fragment names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.decide.fragments import fragment_state, with_fragment
from linkhaul.model.check import VERDICTS, Verdict, VerdictName

IDS = frozenset({"intro", "Käse", "a b", "50%", "%41", "user-content-usage", "/exact", "Top10", "x:~:y"})


@pytest.mark.parametrize(
    ("fragment", "state"),
    [
        (None, "none"),  # step 2: an empty fragment is the top of the document
        ("", "none"),
        ("intro", "found"),  # step 3: as it is written
        ("Intro", "missing"),  # ids differ by case
        ("%69ntro", "found"),  # steps 5 and 6: percent-decoded
        ("K%C3%A4se", "found"),
        ("Käse", "found"),
        ("K%E4se", "missing"),  # not UTF-8
        ("a%20b", "found"),
        ("50%", "found"),  # a lonely percent sign stands for itself
        ("50%25", "found"),
        ("%41", "found"),  # as it is written goes before what it decodes to
        ("A", "missing"),
        ("top", "top"),  # step 8: ASCII case-insensitive
        ("ToP", "top"),
        ("t%6Fp", "top"),
        ("Top10", "found"),
        ("top10", "missing"),
        ("\u017ftop", "missing"),
        (":~:text=some%20words", "none"),  # a directive is for the browser
        ("intro:~:text=words", "found"),
        ("gone:~:text=words", "missing"),
        ("!", "none"),  # what scripts put where a link leads nowhere
        ("/", "none"),
        ("/users/7", "router"),
        ("!/users/7", "router"),
        ("!users", "router"),
        ("/exact", "found"),  # an id may look like a route
        ("usage", "found"),  # code hosts put user-content- before ids
        ("L10", "lines"),
        ("L10-L20", "lines"),
        ("L10C3-L12C1", "lines"),
        ("Lines", "missing"),
        ("gone", "missing"),
    ],
)  # fmt: skip
def test_it_is_looked_for_as_the_standard_says(fragment: str | None, state: str) -> None:
    """The element is found by the exact text, then by the percent-decoded text; top is the top; what is for scripts is told apart."""
    assert fragment_state(fragment, IDS) == state


def test_what_cannot_be_seen_is_not_missing() -> None:
    """A page that a script builds, that was read in part, or of which nothing is known, may have it."""
    assert fragment_state("gone", IDS, is_scripted=True) == "scripted"
    assert fragment_state("gone", IDS, is_part=True) == "part"
    assert fragment_state("gone", None) == "unread"
    assert fragment_state("gone", None, is_part=True) == "part"
    assert fragment_state("intro", IDS, is_scripted=True, is_part=True) == "found"
    assert fragment_state("top", None) == "top"


def test_the_verdict_on_a_link_with_a_fragment() -> None:
    """A missing fragment breaks a link whose page is there; one that cannot be seen makes it unverifiable."""
    ok = Verdict("ok", "ok", "it answers 200 (ok)", 200, tries=1)
    broken = with_fragment(ok, "K%C3%A4se", "missing")
    assert (broken.name, broken.code, broken.status, broken.tries) == ("broken", "fragment", 200, 1)
    assert broken.detail == 'the page is there, but nothing on it has the id "Käse"'
    assert with_fragment(ok, "gone", "found") == ok
    for state in ("router", "scripted", "part", "lines", "unread"):
        found = with_fragment(ok, "gone", state)
        assert (found.name, found.code) == ("unverifiable", state)


def test_the_address_to_write_keeps_the_fragment() -> None:
    """Where a page has moved for good, the address to write instead has the link's fragment; a missing one takes it away."""
    moved = Verdict("redirected", "permanent", "moved", 200, "https://a.example/new", "https://a.example/new")
    assert with_fragment(moved, "intro", "found").instead == "https://a.example/new#intro"
    assert with_fragment(moved, "intro", "missing").instead is None


@pytest.mark.parametrize("name", [name for name in VERDICTS if name not in ("ok", "redirected")])
def test_only_where_the_page_is_there_it_matters(name: VerdictName) -> None:
    """A page that is not there, or was not seen, keeps its verdict whatever the fragment."""
    verdict = Verdict(name, "x", "x")
    assert with_fragment(verdict, "gone", "missing") == verdict


def test_a_control_character_does_not_reach_the_terminal() -> None:
    """What a fragment decodes to is shown without characters that move a cursor."""
    assert "\x1b" not in with_fragment(Verdict("ok", "ok", ""), "%1B[31m", "missing").detail


@given(st.none() | st.text(max_size=30), st.none() | st.frozensets(st.text(max_size=5)), st.booleans(), st.booleans())
def test_any_fragment_has_a_state(fragment: str | None, anchors: frozenset[str] | None, scripted: bool, part: bool) -> None:
    """Whatever stands behind the #, something is said of it, and an id that is there is found."""
    state = fragment_state(fragment, anchors, is_scripted=scripted, is_part=part)
    if anchors and fragment in anchors and fragment not in ("", "!", "/", "!/") and ":~:" not in fragment:
        assert state == "found"
    assert state != "missing" or (anchors is not None and not scripted and not part)
