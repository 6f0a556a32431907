"""Image candidates: split and judged as the HTML standard says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhaul.read.srcset import candidates


@pytest.mark.parametrize(
    ("value", "urls"),
    [
        ("", []),
        (" , ,", []),
        ("a", ["a"]),
        ("a,b", ["a,b"]),
        ("a, b", ["a", "b"]),
        ("a,,, b", ["a", "b"]),
        ("a 1x,b 2x", ["a", "b"]),
        ("a 100w, b 200w 50h", ["a", "b"]),
        ("a 1.5x, b .5x, c 1e3x, d -0x", ["a", "b", "c", "d"]),
        ("a 0w, b 1q, c -1x, d 1x 2x, e 1x 2w, f 5h, g 1.w, h +1x", []),
        ("a 1x foo, b", ["b"]),
        ("a (1,2), b 2x", ["b"]),
        ("a (unclosed, b", []),
        ("data:image/png;base64,AAA= 1x, b 2x", ["data:image/png;base64,AAA=", "b"]),
        ("/i(1),2.png 1x, c", ["/i(1),2.png", "c"]),
        ("\n\ta\n1x\t,\fb\r", ["a", "b"]),
    ],
)
def test_candidates(value: str, urls: list[str]) -> None:
    """Commas within a URL belong to it, those at its end part, and wrong descriptors leave a candidate out."""
    assert candidates(value) == urls


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="a,( )1xw.\n-"))
def test_candidates_are_clean(value: str) -> None:
    """A candidate is never empty, holds no white space, and does not end with a comma."""
    assert all(url and not url.endswith(",") and " " not in url for url in candidates(value))
