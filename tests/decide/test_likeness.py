"""How alike two texts are."""

from __future__ import annotations

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from linkhaul.decide.likeness import _WORD, _words, address_words, distance, simhash

WORDS = [
    f"{first}{second}"
    for first in ("ba", "ke", "li", "mo", "ru", "shi", "ta", "vo")
    for second in ("ck", "dle", "fer", "gan", "ment", "nap", "ring", "st")
]
ARTICLE = " ".join(f"{word} {word}s" for word in WORDS)


def test_the_number_is_the_same_everywhere() -> None:
    """It does not depend on the machine or the process: another run's number is the same."""
    text = "The page that you are looking for is not here"
    assert simhash(text) == 2_864_311_850_854_586_852
    script = f"from linkhaul.decide.likeness import simhash; print(simhash({text!r}))"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "7"}
    )
    assert int(told.stdout) == simhash(text)


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_number_of_64_bits_for_any_text(one: str, other: str) -> None:
    """Any text has a number that SQLite can hold; the distance is symmetric, within 64, and nothing for the same text."""
    first, second = simhash(one), simhash(other)
    assert all(-(2**63) <= number < 2**63 for number in (first, second))
    assert distance(first, second) == distance(second, first) <= 64
    assert distance(first, simhash(one)) == 0


@given(st.permutations(WORDS[:20]))
def test_the_order_does_not_count(words: list[str]) -> None:
    """The same words in another order are the same."""
    assert simhash(" ".join(words)) == simhash(" ".join(WORDS[:20]))


def test_few_changes_move_it_little() -> None:
    """A word changed in a text of a hundred moves it by few bits; another text is far away."""
    assert distance(simhash(ARTICLE), simhash(ARTICLE.replace("kering", "quattro", 1))) <= 6
    assert distance(simhash(ARTICLE), simhash("nothing of this kind stands in the other text, not a word of it, nor will it ever do")) > 15


def test_case_space_and_numbers_do_not_count() -> None:
    """Dates, request ids, capital letters and white space leave it as it is."""
    assert simhash("Not found\n (request 7af31, 12:04)") == simhash("not FOUND request")


def test_words_of_the_address_are_left_out() -> None:
    """An error page that echoes the address that was asked for is the same for all addresses."""
    paths = ("guide/boots?size=large", "zzz/qqq")
    assert len({simhash(f"Sorry, /{path} was not found", address_words(f"https://a.example/{path}")) for path in paths}) == 1
    assert address_words("https://a.example/Guide/boots-1?x=Y#z") >= {"guide", "boots", "x", "y"}


def test_nothing_is_nothing() -> None:
    """A text without words is 0."""
    assert simhash("") == simhash("... 12 34") == 0


@given(
    st.text(max_size=100),
    st.lists(
        st.sampled_from(
            ["Boots", "a-b", "x_1", "?", " ", "\n", "\xa0", "caf\xe9", "\u4e16\u754c", "\u2013", "\u0130", "\u212a", "\u03a3."]
        ),
        max_size=15,
    ),
)
def test_words_are_found_the_short_way_too(text: str, parts: list[str]) -> None:
    """Texts of ASCII, and those with a letter beyond it here and there, have the words that the pattern finds in them."""
    for whole in (text, "".join(parts)):
        assert _words(whole) == set(_WORD.findall(whole.lower()))
