"""The image candidates of `srcset` and `imagesrcset`.

Source: https://html.spec.whatwg.org/multipage/images.html#parse-a-srcset-attribute
"""

from __future__ import annotations

import re
from functools import lru_cache

_URL = re.compile(r"[\t\n\f\r ,]*+([^\t\n\f\r ]++)")
_DESCRIPTORS = re.compile(r"((?:[^,(]|\([^)]*(?:\)|\Z))*+),?")
_DESCRIPTOR = re.compile(r"(?:[^\t\n\f\r (]|\([^)]*(?:\)|\Z))+")
_WIDTH = re.compile(r"0*[1-9][0-9]*w")
_DENSITY = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+\-]?[0-9]+)?x")
_HEIGHT = re.compile(r"0*[1-9][0-9]*h")

_LONGEST = 20
"""Characters of the longest descriptors that are remembered."""


def candidates(value: str) -> list[str]:
    """Return the URLs of the candidates a browser would choose from, in order; one with wrong descriptors is none.

    >>> candidates("a.png, b,c.png 2x, d.png 3q")
    ['a.png', 'b,c.png']
    """
    urls: list[str] = []
    position = 0
    while True:
        found = _URL.match(value, position)
        if found is None:
            return urls
        position = found.end()
        url = found[1].rstrip(",")
        if url != found[1]:
            urls.append(url)
            continue
        descriptors = _DESCRIPTORS.match(value, position)
        if descriptors is not None:
            position = descriptors.end()
            text = descriptors[1]
            if _are_known(text) if len(text) <= _LONGEST else _are_valid(text):
                urls.append(url)


def _are_valid(text: str) -> bool:
    """Tell whether descriptors make a candidate: at most one of each kind, and a density stands alone."""
    descriptors = _DESCRIPTOR.findall(text)
    widths = sum(_WIDTH.fullmatch(each) is not None for each in descriptors)
    heights = sum(_HEIGHT.fullmatch(each) is not None for each in descriptors)
    densities = sum(_DENSITY.fullmatch(each) is not None and not _is_negative(each) for each in descriptors)
    if widths + heights + densities != len(descriptors) or max(widths, heights, densities, 0) > 1:
        return False
    return not (densities and (widths or heights)) and not (heights and not widths)


_are_known = lru_cache(maxsize=256)(_are_valid)
"""The same, remembered: the pictures of a site come in the same few sizes."""


def _is_negative(density: str) -> bool:
    return density.startswith("-") and density[1:-1].strip("0.") != ""
